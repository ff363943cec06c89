/**
 * Fields that are pointers in Go: a zero value that was written is kept. Of all other fields the API server forgets it (`name: ""` is as
 * good as no name). By Go struct and field; `Discovery` marks a struct whose name is doubled.
 */
export const POINTERS: ReadonlySet<string> = new Set(
  `ObjectMeta.deletionGracePeriodSeconds OwnerReference.controller OwnerReference.blockOwnerDeletion
  ServicePort.appProtocol ServiceSpec.ipFamilyPolicy ServiceSpec.allocateLoadBalancerNodePorts ServiceSpec.loadBalancerClass
  ServiceSpec.internalTrafficPolicy ServiceSpec.trafficDistribution ClientIPConfig.timeoutSeconds LoadBalancerIngress.ipMode PortStatus.error
  Discovery.name Discovery.protocol Discovery.port Discovery.appProtocol EndpointPort.appProtocol EndpointAddress.nodeName
  Endpoint.hostname Endpoint.nodeName Endpoint.zone EndpointConditions.ready EndpointConditions.serving EndpointConditions.terminating
  IngressSpec.ingressClassName HTTPIngressPath.pathType IngressPortStatus.error TypedLocalObjectReference.apiGroup
  IngressClassParametersReference.apiGroup IngressClassParametersReference.scope IngressClassParametersReference.namespace
  DeploymentSpec.replicas DeploymentSpec.revisionHistoryLimit DeploymentSpec.progressDeadlineSeconds
  RollingUpdateDeployment.maxSurge RollingUpdateDeployment.maxUnavailable ReplicaSetSpec.replicas
  StatefulSetSpec.replicas StatefulSetSpec.revisionHistoryLimit RollingUpdateStatefulSetStrategy.partition
  RollingUpdateStatefulSetStrategy.maxUnavailable DaemonSetSpec.revisionHistoryLimit RollingUpdateDaemonSet.maxSurge
  RollingUpdateDaemonSet.maxUnavailable PodSpec.terminationGracePeriodSeconds PodSpec.activeDeadlineSeconds
  PodSpec.automountServiceAccountToken PodSpec.shareProcessNamespace PodSpec.priority PodSpec.runtimeClassName PodSpec.enableServiceLinks
  PodSpec.preemptionPolicy PodSpec.setHostnameAsFQDN PodSpec.hostUsers PodSpec.hostnameOverride Probe.terminationGracePeriodSeconds
  PodDNSConfigOption.value Container.restartPolicy Toleration.tolerationSeconds GRPCAction.service NodeSpec.externalID
  SecurityContext.privileged SecurityContext.runAsUser SecurityContext.runAsGroup SecurityContext.runAsNonRoot
  SecurityContext.readOnlyRootFilesystem SecurityContext.allowPrivilegeEscalation SecurityContext.procMount
  PodSecurityContext.runAsUser PodSecurityContext.runAsGroup PodSecurityContext.runAsNonRoot PodSecurityContext.fsGroup
  ConfigMapVolumeSource.defaultMode SecretVolumeSource.defaultMode DownwardAPIVolumeSource.defaultMode ProjectedVolumeSource.defaultMode
  ConfigMapVolumeSource.optional SecretVolumeSource.optional HostPathVolumeSource.type EmptyDirVolumeSource.sizeLimit
  ServiceAccountTokenProjection.expirationSeconds ConfigMap.immutable Secret.immutable NetworkPolicyPort.port NetworkPolicyPort.endPort
  NetworkPolicyPort.protocol ForZone.name ForNode.name`.split(/\s+/),
)

/** Structs that are kept as written: statuses are facts, and custom resources have no zero values. */
export function keepsZeros(struct: string): boolean {
  return struct.startsWith('Gw') || /Status$|Condition$|State/.test(struct) || struct === 'ConfigMap' || struct === 'Secret'
}
