/**
 * Go's types of a Pod template as Kubernetes 1.36 declares them (k8s.io/api/core/v1): `GoField jsonField type [= default]`, in order.
 * The order and the names of all fields, set or not, go into the `pod-template-hash`.
 */
const SOURCE: Readonly<Record<string, string>> = {
  'v1.PodTemplateSpec': 'ObjectMeta metadata v1.ObjectMeta; Spec spec v1.PodSpec',
  'v1.ObjectMeta':
    'Name name string; GenerateName generateName string; Namespace namespace string; SelfLink - string; UID - types.UID; ResourceVersion - string; Generation - int64; CreationTimestamp - v1.Time; DeletionTimestamp - *v1.Time; DeletionGracePeriodSeconds - *int64; Labels labels map[string]string; Annotations annotations map[string]string; OwnerReferences - []v1.OwnerReference; Finalizers - []string; ManagedFields - []v1.ManagedFieldsEntry',
  'v1.Time': 'Time - time.Time',
  'time.Time': 'wall - uint64; ext - int64; loc - *time.Location',
  'v1.PodSpec':
    'Volumes volumes []v1.Volume; InitContainers initContainers []v1.Container; Containers containers []v1.Container; EphemeralContainers ephemeralContainers []v1.EphemeralContainer; RestartPolicy restartPolicy v1.RestartPolicy = Always; TerminationGracePeriodSeconds terminationGracePeriodSeconds *int64 = 30; ActiveDeadlineSeconds activeDeadlineSeconds *int64; DNSPolicy dnsPolicy v1.DNSPolicy = ClusterFirst; NodeSelector nodeSelector map[string]string; ServiceAccountName serviceAccountName string; DeprecatedServiceAccount serviceAccount string; AutomountServiceAccountToken automountServiceAccountToken *bool; NodeName nodeName string; HostNetwork hostNetwork bool; HostPID hostPID bool; HostIPC hostIPC bool; ShareProcessNamespace shareProcessNamespace *bool; SecurityContext securityContext *v1.PodSecurityContext = {}; ImagePullSecrets imagePullSecrets []v1.LocalObjectReference; Hostname hostname string; Subdomain subdomain string; Affinity affinity *v1.Affinity; SchedulerName schedulerName string = default-scheduler; Tolerations tolerations []v1.Toleration; HostAliases hostAliases []v1.HostAlias; PriorityClassName priorityClassName string; Priority priority *int32; DNSConfig dnsConfig *v1.PodDNSConfig; ReadinessGates readinessGates []v1.PodReadinessGate; RuntimeClassName runtimeClassName *string; EnableServiceLinks - *bool; PreemptionPolicy preemptionPolicy *v1.PreemptionPolicy; Overhead overhead v1.ResourceList; TopologySpreadConstraints topologySpreadConstraints []v1.TopologySpreadConstraint; SetHostnameAsFQDN setHostnameAsFQDN *bool; OS os *v1.PodOS; HostUsers hostUsers *bool; SchedulingGates schedulingGates []v1.PodSchedulingGate; ResourceClaims resourceClaims []v1.PodResourceClaim; Resources resources *v1.ResourceRequirements; HostnameOverride hostnameOverride *string; SchedulingGroup schedulingGroup *v1.PodSchedulingGroup',
  'v1.PodSecurityContext':
    'SELinuxOptions seLinuxOptions *v1.SELinuxOptions; WindowsOptions windowsOptions *v1.WindowsSecurityContextOptions; RunAsUser runAsUser *int64; RunAsGroup runAsGroup *int64; RunAsNonRoot runAsNonRoot *bool; SupplementalGroups supplementalGroups []int64; SupplementalGroupsPolicy supplementalGroupsPolicy *v1.SupplementalGroupsPolicy; FSGroup fsGroup *int64; Sysctls sysctls []v1.Sysctl; FSGroupChangePolicy fsGroupChangePolicy *v1.PodFSGroupChangePolicy; SeccompProfile seccompProfile *v1.SeccompProfile; AppArmorProfile appArmorProfile *v1.AppArmorProfile; SELinuxChangePolicy seLinuxChangePolicy *v1.PodSELinuxChangePolicy',
  'v1.Container':
    'Name name string; Image image string; Command command []string; Args args []string; WorkingDir workingDir string; Ports ports []v1.ContainerPort; EnvFrom envFrom []v1.EnvFromSource; Env env []v1.EnvVar; Resources resources v1.ResourceRequirements; ResizePolicy resizePolicy []v1.ContainerResizePolicy; RestartPolicy restartPolicy *v1.ContainerRestartPolicy; RestartPolicyRules restartPolicyRules []v1.ContainerRestartRule; VolumeMounts volumeMounts []v1.VolumeMount; VolumeDevices volumeDevices []v1.VolumeDevice; LivenessProbe livenessProbe *v1.Probe; ReadinessProbe readinessProbe *v1.Probe; StartupProbe startupProbe *v1.Probe; Lifecycle lifecycle *v1.Lifecycle; TerminationMessagePath terminationMessagePath string = /dev/termination-log; TerminationMessagePolicy terminationMessagePolicy v1.TerminationMessagePolicy = File; ImagePullPolicy imagePullPolicy v1.PullPolicy; SecurityContext securityContext *v1.SecurityContext; Stdin stdin bool; StdinOnce stdinOnce bool; TTY tty bool',
  'v1.ContainerPort':
    'Name name string; HostPort hostPort int32; ContainerPort containerPort int32; Protocol protocol v1.Protocol = TCP; HostIP hostIP string',
  'v1.EnvVar': 'Name name string; Value value string; ValueFrom valueFrom *v1.EnvVarSource',
  'v1.ResourceRequirements': 'Limits limits v1.ResourceList; Requests requests v1.ResourceList; Claims claims []v1.ResourceClaim',
  'v1.Probe':
    'ProbeHandler . v1.ProbeHandler; InitialDelaySeconds initialDelaySeconds int32; TimeoutSeconds timeoutSeconds int32 = 1; PeriodSeconds periodSeconds int32 = 10; SuccessThreshold successThreshold int32 = 1; FailureThreshold failureThreshold int32 = 3; TerminationGracePeriodSeconds terminationGracePeriodSeconds *int64',
  'v1.ProbeHandler':
    'Exec exec *v1.ExecAction; HTTPGet httpGet *v1.HTTPGetAction; TCPSocket tcpSocket *v1.TCPSocketAction; GRPC grpc *v1.GRPCAction',
  'v1.ExecAction': 'Command command []string',
  'v1.HTTPGetAction':
    'Path path string = /; Port port intstr.IntOrString; Host host string; Scheme scheme v1.URIScheme = HTTP; HTTPHeaders httpHeaders []v1.HTTPHeader',
  'v1.HTTPHeader': 'Name name string; Value value string',
  'v1.TCPSocketAction': 'Port port intstr.IntOrString; Host host string',
  'v1.GRPCAction': 'Port port int32; Service service *string',
  'v1.Lifecycle': 'PostStart postStart *v1.LifecycleHandler; PreStop preStop *v1.LifecycleHandler; StopSignal stopSignal *v1.Signal',
  'v1.LifecycleHandler':
    'Exec exec *v1.ExecAction; HTTPGet httpGet *v1.HTTPGetAction; TCPSocket tcpSocket *v1.TCPSocketAction; Sleep sleep *v1.SleepAction',
  'v1.SleepAction': 'Seconds seconds int64',
  'v1.LocalObjectReference': 'Name name string',
  'v1.Toleration':
    'Key key string; Operator operator v1.TolerationOperator; Value value string; Effect effect v1.TaintEffect; TolerationSeconds tolerationSeconds *int64',
  'v1.HostAlias': 'IP ip string; Hostnames hostnames []string',
  'v1.PodDNSConfig': 'Nameservers nameservers []string; Searches searches []string; Options options []v1.PodDNSConfigOption',
  'v1.PodDNSConfigOption': 'Name name string; Value value *string',
  'v1.PodReadinessGate': 'ConditionType conditionType v1.PodConditionType',
  'v1.VolumeMount':
    'Name name string; ReadOnly readOnly bool; RecursiveReadOnly recursiveReadOnly *v1.RecursiveReadOnlyMode; MountPath mountPath string; SubPath subPath string; MountPropagation mountPropagation *v1.MountPropagationMode; SubPathExpr subPathExpr string',
}

export type GoField = { readonly name: string; readonly json: string; readonly type: string; readonly preset: string | undefined }

/** The fields of the Go structs that are known, by type. */
export const goStructs: ReadonlyMap<string, readonly GoField[]> = new Map(
  Object.entries(SOURCE).map(([type, text]) => [type, text.split('; ').map(readField)]),
)

function readField(text: string): GoField {
  const [declared = '', preset] = text.split(' = ')
  const [name = '', json = '', type = ''] = declared.split(' ')
  return { name, json, type, preset }
}
