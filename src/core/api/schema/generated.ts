/** Made by .ci/api-schema.mjs from Kubernetes' own type declarations (Apache-2.0); do not edit: see there for the notation. */
export const generatedKinds = `
apps/v1 Deployment AppsV1Deployment
discovery.k8s.io/v1 EndpointSlice DiscoveryV1EndpointSlice
gateway.networking.k8s.io/v1 GRPCRoute GwV1GRPCRoute
gateway.networking.k8s.io/v1 Gateway GwV1Gateway
gateway.networking.k8s.io/v1 GatewayClass GwV1GatewayClass
gateway.networking.k8s.io/v1 HTTPRoute GwV1HTTPRoute
gateway.networking.k8s.io/v1 ReferenceGrant GwV1ReferenceGrant
networking.k8s.io/v1 Ingress NetworkingV1Ingress
networking.k8s.io/v1 IngressClass NetworkingV1IngressClass
networking.k8s.io/v1 NetworkPolicy NetworkingV1NetworkPolicy
v1 Endpoints CoreV1Endpoints
v1 Namespace CoreV1Namespace
v1 Node CoreV1Node
v1 Pod CoreV1Pod
v1 Service CoreV1Service`

export const generatedStructs = `
AppsV1Deployment Deployment apiVersion:s kind:s metadata:#MetaV1ObjectMeta spec:#AppsV1DeploymentSpec status:#AppsV1DeploymentStatus
AppsV1DeploymentCondition DeploymentCondition lastTransitionTime:t lastUpdateTime:t message:s reason:s status:s/ConditionStatus type:s/DeploymentConditionType
AppsV1DeploymentSpec DeploymentSpec minReadySeconds:i paused:b progressDeadlineSeconds:i replicas:i revisionHistoryLimit:i selector:#MetaV1LabelSelector strategy:#AppsV1DeploymentStrategy template:#CoreV1PodTemplateSpec
AppsV1DeploymentStatus DeploymentStatus availableReplicas:i collisionCount:i conditions:[]#AppsV1DeploymentCondition observedGeneration:l readyReplicas:i replicas:i terminatingReplicas:i unavailableReplicas:i updatedReplicas:i
AppsV1DeploymentStrategy DeploymentStrategy rollingUpdate:#AppsV1RollingUpdateDeployment type:s/DeploymentStrategyType
AppsV1RollingUpdateDeployment RollingUpdateDeployment maxSurge:o maxUnavailable:o
CoreV1AWSElasticBlockStoreVolumeSource AWSElasticBlockStoreVolumeSource fsType:s partition:i readOnly:b volumeID:s
CoreV1Affinity Affinity nodeAffinity:#CoreV1NodeAffinity podAffinity:#CoreV1PodAffinity podAntiAffinity:#CoreV1PodAntiAffinity
CoreV1AppArmorProfile AppArmorProfile localhostProfile:s type:s
CoreV1AttachedVolume AttachedVolume devicePath:s name:s
CoreV1AzureDiskVolumeSource AzureDiskVolumeSource cachingMode:s diskName:s diskURI:s fsType:s kind:s readOnly:b
CoreV1AzureFileVolumeSource AzureFileVolumeSource readOnly:b secretName:s shareName:s
CoreV1CSIVolumeSource CSIVolumeSource driver:s fsType:s nodePublishSecretRef:#CoreV1LocalObjectReference readOnly:b volumeAttributes:{}s
CoreV1Capabilities Capabilities add:[]s drop:[]s
CoreV1CephFSVolumeSource CephFSVolumeSource monitors:[]s path:s readOnly:b secretFile:s secretRef:#CoreV1LocalObjectReference user:s
CoreV1CinderVolumeSource CinderVolumeSource fsType:s readOnly:b secretRef:#CoreV1LocalObjectReference volumeID:s
CoreV1ClientIPConfig ClientIPConfig timeoutSeconds:i
CoreV1ClusterTrustBundleProjection ClusterTrustBundleProjection labelSelector:#MetaV1LabelSelector name:s optional:b path:s signerName:s
CoreV1ConfigMapEnvSource ConfigMapEnvSource name:s<LocalObjectReference optional:b
CoreV1ConfigMapKeySelector ConfigMapKeySelector key:s name:s<LocalObjectReference optional:b
CoreV1ConfigMapNodeConfigSource ConfigMapNodeConfigSource kubeletConfigKey:s name:s namespace:s resourceVersion:s uid:s
CoreV1ConfigMapProjection ConfigMapProjection items:[]#CoreV1KeyToPath name:s<LocalObjectReference optional:b
CoreV1ConfigMapVolumeSource ConfigMapVolumeSource defaultMode:i items:[]#CoreV1KeyToPath name:s<LocalObjectReference optional:b
CoreV1Container Container args:[]s command:[]s env:[]#CoreV1EnvVar envFrom:[]#CoreV1EnvFromSource image:s imagePullPolicy:s/PullPolicy lifecycle:#CoreV1Lifecycle livenessProbe:#CoreV1Probe name:s ports:[]#CoreV1ContainerPort readinessProbe:#CoreV1Probe resizePolicy:[]#CoreV1ContainerResizePolicy resources:#CoreV1ResourceRequirements restartPolicy:s/ContainerRestartPolicy restartPolicyRules:[]#CoreV1ContainerRestartRule securityContext:#CoreV1SecurityContext startupProbe:#CoreV1Probe stdin:b stdinOnce:b terminationMessagePath:s terminationMessagePolicy:s/TerminationMessagePolicy tty:b volumeDevices:[]#CoreV1VolumeDevice volumeMounts:[]#CoreV1VolumeMount workingDir:s
CoreV1ContainerExtendedResourceRequest ContainerExtendedResourceRequest containerName:s requestName:s resourceName:s
CoreV1ContainerImage ContainerImage names:[]s sizeBytes:l
CoreV1ContainerPort ContainerPort containerPort:i hostIP:s hostPort:i name:s protocol:s/Protocol
CoreV1ContainerResizePolicy ContainerResizePolicy resourceName:s restartPolicy:s
CoreV1ContainerRestartRule ContainerRestartRule action:s exitCodes:#CoreV1ContainerRestartRuleOnExitCodes
CoreV1ContainerRestartRuleOnExitCodes ContainerRestartRuleOnExitCodes operator:s values:[]i
CoreV1ContainerState ContainerState running:#CoreV1ContainerStateRunning terminated:#CoreV1ContainerStateTerminated waiting:#CoreV1ContainerStateWaiting
CoreV1ContainerStateRunning ContainerStateRunning startedAt:t
CoreV1ContainerStateTerminated ContainerStateTerminated containerID:s exitCode:i finishedAt:t message:s reason:s signal:i startedAt:t
CoreV1ContainerStateWaiting ContainerStateWaiting message:s reason:s
CoreV1ContainerStatus ContainerStatus allocatedResources:{}q allocatedResourcesStatus:[]#CoreV1ResourceStatus containerID:s image:s imageID:s lastState:#CoreV1ContainerState name:s ready:b resources:#CoreV1ResourceRequirements restartCount:i started:b state:#CoreV1ContainerState stopSignal:s user:#CoreV1ContainerUser volumeMounts:[]#CoreV1VolumeMountStatus
CoreV1ContainerUser ContainerUser linux:#CoreV1LinuxContainerUser
CoreV1DaemonEndpoint DaemonEndpoint Port:i
CoreV1DownwardAPIProjection DownwardAPIProjection items:[]#CoreV1DownwardAPIVolumeFile
CoreV1DownwardAPIVolumeFile DownwardAPIVolumeFile fieldRef:#CoreV1ObjectFieldSelector mode:i path:s resourceFieldRef:#CoreV1ResourceFieldSelector
CoreV1DownwardAPIVolumeSource DownwardAPIVolumeSource defaultMode:i items:[]#CoreV1DownwardAPIVolumeFile
CoreV1EmptyDirVolumeSource EmptyDirVolumeSource medium:s/StorageMedium sizeLimit:q
CoreV1EndpointAddress EndpointAddress hostname:s ip:s nodeName:s targetRef:#CoreV1ObjectReference
CoreV1EndpointPort EndpointPort appProtocol:s name:s port:i protocol:s/Protocol
CoreV1EndpointSubset EndpointSubset addresses:[]#CoreV1EndpointAddress notReadyAddresses:[]#CoreV1EndpointAddress ports:[]#CoreV1EndpointPort
CoreV1Endpoints Endpoints apiVersion:s kind:s metadata:#MetaV1ObjectMeta subsets:[]#CoreV1EndpointSubset
CoreV1EnvFromSource EnvFromSource configMapRef:#CoreV1ConfigMapEnvSource prefix:s secretRef:#CoreV1SecretEnvSource
CoreV1EnvVar EnvVar name:s value:s valueFrom:#CoreV1EnvVarSource
CoreV1EnvVarSource EnvVarSource configMapKeyRef:#CoreV1ConfigMapKeySelector fieldRef:#CoreV1ObjectFieldSelector fileKeyRef:#CoreV1FileKeySelector resourceFieldRef:#CoreV1ResourceFieldSelector secretKeyRef:#CoreV1SecretKeySelector
CoreV1EphemeralContainer EphemeralContainer args:[]s<EphemeralContainerCommon command:[]s<EphemeralContainerCommon env:[]#CoreV1EnvVar<EphemeralContainerCommon envFrom:[]#CoreV1EnvFromSource<EphemeralContainerCommon image:s<EphemeralContainerCommon imagePullPolicy:s<EphemeralContainerCommon lifecycle:#CoreV1Lifecycle<EphemeralContainerCommon livenessProbe:#CoreV1Probe<EphemeralContainerCommon name:s<EphemeralContainerCommon ports:[]#CoreV1ContainerPort<EphemeralContainerCommon readinessProbe:#CoreV1Probe<EphemeralContainerCommon resizePolicy:[]#CoreV1ContainerResizePolicy<EphemeralContainerCommon resources:#CoreV1ResourceRequirements<EphemeralContainerCommon restartPolicy:s<EphemeralContainerCommon restartPolicyRules:[]#CoreV1ContainerRestartRule<EphemeralContainerCommon securityContext:#CoreV1SecurityContext<EphemeralContainerCommon startupProbe:#CoreV1Probe<EphemeralContainerCommon stdin:b<EphemeralContainerCommon stdinOnce:b<EphemeralContainerCommon targetContainerName:s terminationMessagePath:s<EphemeralContainerCommon terminationMessagePolicy:s<EphemeralContainerCommon tty:b<EphemeralContainerCommon volumeDevices:[]#CoreV1VolumeDevice<EphemeralContainerCommon volumeMounts:[]#CoreV1VolumeMount<EphemeralContainerCommon workingDir:s<EphemeralContainerCommon
CoreV1EphemeralVolumeSource EphemeralVolumeSource volumeClaimTemplate:#CoreV1PersistentVolumeClaimTemplate
CoreV1ExecAction ExecAction command:[]s
CoreV1FCVolumeSource FCVolumeSource fsType:s lun:i readOnly:b targetWWNs:[]s wwids:[]s
CoreV1FileKeySelector FileKeySelector key:s optional:b path:s volumeName:s
CoreV1FlexVolumeSource FlexVolumeSource driver:s fsType:s options:{}s readOnly:b secretRef:#CoreV1LocalObjectReference
CoreV1FlockerVolumeSource FlockerVolumeSource datasetName:s datasetUUID:s
CoreV1GCEPersistentDiskVolumeSource GCEPersistentDiskVolumeSource fsType:s partition:i pdName:s readOnly:b
CoreV1GRPCAction GRPCAction port:i service:s
CoreV1GitRepoVolumeSource GitRepoVolumeSource directory:s repository:s revision:s
CoreV1GlusterfsVolumeSource GlusterfsVolumeSource endpoints:s path:s readOnly:b
CoreV1HTTPGetAction HTTPGetAction host:s httpHeaders:[]#CoreV1HTTPHeader path:s port:o scheme:s/URIScheme
CoreV1HTTPHeader HTTPHeader name:s value:s
CoreV1HostAlias HostAlias hostnames:[]s ip:s
CoreV1HostIP HostIP ip:s
CoreV1HostPathVolumeSource HostPathVolumeSource path:s type:s
CoreV1ISCSIVolumeSource ISCSIVolumeSource chapAuthDiscovery:b chapAuthSession:b fsType:s initiatorName:s iqn:s iscsiInterface:s lun:i portals:[]s readOnly:b secretRef:#CoreV1LocalObjectReference targetPortal:s
CoreV1ImageVolumeSource ImageVolumeSource pullPolicy:s reference:s
CoreV1ImageVolumeStatus ImageVolumeStatus imageRef:s
CoreV1KeyToPath KeyToPath key:s mode:i path:s
CoreV1Lifecycle Lifecycle postStart:#CoreV1LifecycleHandler preStop:#CoreV1LifecycleHandler stopSignal:s
CoreV1LifecycleHandler LifecycleHandler exec:#CoreV1ExecAction httpGet:#CoreV1HTTPGetAction sleep:#CoreV1SleepAction tcpSocket:#CoreV1TCPSocketAction
CoreV1LinuxContainerUser LinuxContainerUser gid:l supplementalGroups:[]l uid:l
CoreV1LoadBalancerIngress LoadBalancerIngress hostname:s ip:s ipMode:s/LoadBalancerIPMode ports:[]#CoreV1PortStatus
CoreV1LoadBalancerStatus LoadBalancerStatus ingress:[]#CoreV1LoadBalancerIngress
CoreV1LocalObjectReference LocalObjectReference name:s
CoreV1NFSVolumeSource NFSVolumeSource path:s readOnly:b server:s
CoreV1Namespace Namespace apiVersion:s kind:s metadata:#MetaV1ObjectMeta spec:#CoreV1NamespaceSpec status:#CoreV1NamespaceStatus
CoreV1NamespaceCondition NamespaceCondition lastTransitionTime:t message:s reason:s status:s type:s
CoreV1NamespaceSpec NamespaceSpec finalizers:[]s/FinalizerName
CoreV1NamespaceStatus NamespaceStatus conditions:[]#CoreV1NamespaceCondition phase:s/NamespacePhase
CoreV1Node Node apiVersion:s kind:s metadata:#MetaV1ObjectMeta spec:#CoreV1NodeSpec status:#CoreV1NodeStatus
CoreV1NodeAddress NodeAddress address:s type:s/NodeAddressType
CoreV1NodeAffinity NodeAffinity preferredDuringSchedulingIgnoredDuringExecution:[]#CoreV1PreferredSchedulingTerm requiredDuringSchedulingIgnoredDuringExecution:#CoreV1NodeSelector
CoreV1NodeAllocatableResourceClaimStatus NodeAllocatableResourceClaimStatus containers:[]s resourceClaimName:s resources:{}q
CoreV1NodeCondition NodeCondition lastHeartbeatTime:t lastTransitionTime:t message:s reason:s status:s/ConditionStatus type:s/NodeConditionType
CoreV1NodeConfigSource NodeConfigSource configMap:#CoreV1ConfigMapNodeConfigSource
CoreV1NodeConfigStatus NodeConfigStatus active:#CoreV1NodeConfigSource assigned:#CoreV1NodeConfigSource error:s lastKnownGood:#CoreV1NodeConfigSource
CoreV1NodeDaemonEndpoints NodeDaemonEndpoints kubeletEndpoint:#CoreV1DaemonEndpoint
CoreV1NodeFeatures NodeFeatures supplementalGroupsPolicy:b
CoreV1NodeRuntimeHandler NodeRuntimeHandler features:#CoreV1NodeRuntimeHandlerFeatures name:s
CoreV1NodeRuntimeHandlerFeatures NodeRuntimeHandlerFeatures recursiveReadOnlyMounts:b userNamespaces:b
CoreV1NodeSelector NodeSelector nodeSelectorTerms:[]#CoreV1NodeSelectorTerm
CoreV1NodeSelectorRequirement NodeSelectorRequirement key:s operator:s/NodeSelectorOperator values:[]s
CoreV1NodeSelectorTerm NodeSelectorTerm matchExpressions:[]#CoreV1NodeSelectorRequirement matchFields:[]#CoreV1NodeSelectorRequirement
CoreV1NodeSpec NodeSpec configSource:#CoreV1NodeConfigSource externalID:s podCIDR:s podCIDRs:[]s providerID:s taints:[]#CoreV1Taint unschedulable:b
CoreV1NodeStatus NodeStatus addresses:[]#CoreV1NodeAddress allocatable:{}q capacity:{}q conditions:[]#CoreV1NodeCondition config:#CoreV1NodeConfigStatus daemonEndpoints:#CoreV1NodeDaemonEndpoints declaredFeatures:[]s features:#CoreV1NodeFeatures images:[]#CoreV1ContainerImage nodeInfo:#CoreV1NodeSystemInfo phase:s/NodePhase runtimeHandlers:[]#CoreV1NodeRuntimeHandler volumesAttached:[]#CoreV1AttachedVolume volumesInUse:[]s
CoreV1NodeSwapStatus NodeSwapStatus capacity:l
CoreV1NodeSystemInfo NodeSystemInfo architecture:s bootID:s containerRuntimeVersion:s kernelVersion:s kubeProxyVersion:s kubeletVersion:s machineID:s operatingSystem:s osImage:s swap:#CoreV1NodeSwapStatus systemUUID:s
CoreV1ObjectFieldSelector ObjectFieldSelector apiVersion:s fieldPath:s
CoreV1ObjectReference ObjectReference apiVersion:s fieldPath:s kind:s name:s namespace:s resourceVersion:s uid:s/UID
CoreV1PersistentVolumeClaimSpec PersistentVolumeClaimSpec accessModes:[]s dataSource:#CoreV1TypedLocalObjectReference dataSourceRef:#CoreV1TypedObjectReference resources:#CoreV1VolumeResourceRequirements selector:#MetaV1LabelSelector storageClassName:s volumeAttributesClassName:s volumeMode:s volumeName:s
CoreV1PersistentVolumeClaimTemplate PersistentVolumeClaimTemplate metadata:#MetaV1ObjectMeta spec:#CoreV1PersistentVolumeClaimSpec
CoreV1PersistentVolumeClaimVolumeSource PersistentVolumeClaimVolumeSource claimName:s readOnly:b
CoreV1PhotonPersistentDiskVolumeSource PhotonPersistentDiskVolumeSource fsType:s pdID:s
CoreV1Pod Pod apiVersion:s kind:s metadata:#MetaV1ObjectMeta spec:#CoreV1PodSpec status:#CoreV1PodStatus
CoreV1PodAffinity PodAffinity preferredDuringSchedulingIgnoredDuringExecution:[]#CoreV1WeightedPodAffinityTerm requiredDuringSchedulingIgnoredDuringExecution:[]#CoreV1PodAffinityTerm
CoreV1PodAffinityTerm PodAffinityTerm labelSelector:#MetaV1LabelSelector matchLabelKeys:[]s mismatchLabelKeys:[]s namespaceSelector:#MetaV1LabelSelector namespaces:[]s topologyKey:s
CoreV1PodAntiAffinity PodAntiAffinity preferredDuringSchedulingIgnoredDuringExecution:[]#CoreV1WeightedPodAffinityTerm requiredDuringSchedulingIgnoredDuringExecution:[]#CoreV1PodAffinityTerm
CoreV1PodCertificateProjection PodCertificateProjection certificateChainPath:s credentialBundlePath:s keyPath:s keyType:s maxExpirationSeconds:i signerName:s userAnnotations:{}s
CoreV1PodCondition PodCondition lastProbeTime:t lastTransitionTime:t message:s observedGeneration:l reason:s status:s/ConditionStatus type:s/PodConditionType
CoreV1PodDNSConfig PodDNSConfig nameservers:[]s options:[]#CoreV1PodDNSConfigOption searches:[]s
CoreV1PodDNSConfigOption PodDNSConfigOption name:s value:s
CoreV1PodExtendedResourceClaimStatus PodExtendedResourceClaimStatus requestMappings:[]#CoreV1ContainerExtendedResourceRequest resourceClaimName:s
CoreV1PodIP PodIP ip:s
CoreV1PodOS PodOS name:s
CoreV1PodReadinessGate PodReadinessGate conditionType:s/PodConditionType
CoreV1PodResourceClaim PodResourceClaim name:s resourceClaimName:s resourceClaimTemplateName:s
CoreV1PodResourceClaimStatus PodResourceClaimStatus name:s resourceClaimName:s
CoreV1PodSchedulingGate PodSchedulingGate name:s
CoreV1PodSchedulingGroup PodSchedulingGroup podGroupName:s
CoreV1PodSecurityContext PodSecurityContext appArmorProfile:#CoreV1AppArmorProfile fsGroup:l fsGroupChangePolicy:s runAsGroup:l runAsNonRoot:b runAsUser:l seLinuxChangePolicy:s seLinuxOptions:#CoreV1SELinuxOptions seccompProfile:#CoreV1SeccompProfile supplementalGroups:[]l supplementalGroupsPolicy:s sysctls:[]#CoreV1Sysctl windowsOptions:#CoreV1WindowsSecurityContextOptions
CoreV1PodSpec PodSpec activeDeadlineSeconds:l affinity:#CoreV1Affinity automountServiceAccountToken:b containers:[]#CoreV1Container dnsConfig:#CoreV1PodDNSConfig dnsPolicy:s/DNSPolicy enableServiceLinks:b ephemeralContainers:[]#CoreV1EphemeralContainer hostAliases:[]#CoreV1HostAlias hostIPC:b hostNetwork:b hostPID:b hostUsers:b hostname:s hostnameOverride:s imagePullSecrets:[]#CoreV1LocalObjectReference initContainers:[]#CoreV1Container nodeName:s nodeSelector:{}s os:#CoreV1PodOS overhead:{}q preemptionPolicy:s/PreemptionPolicy priority:i priorityClassName:s readinessGates:[]#CoreV1PodReadinessGate resourceClaims:[]#CoreV1PodResourceClaim resources:#CoreV1ResourceRequirements restartPolicy:s/RestartPolicy runtimeClassName:s schedulerName:s schedulingGates:[]#CoreV1PodSchedulingGate schedulingGroup:#CoreV1PodSchedulingGroup securityContext:#CoreV1PodSecurityContext serviceAccount:s serviceAccountName:s setHostnameAsFQDN:b shareProcessNamespace:b subdomain:s terminationGracePeriodSeconds:l tolerations:[]#CoreV1Toleration topologySpreadConstraints:[]#CoreV1TopologySpreadConstraint volumes:[]#CoreV1Volume
CoreV1PodStatus PodStatus allocatedResources:{}q conditions:[]#CoreV1PodCondition containerStatuses:[]#CoreV1ContainerStatus ephemeralContainerStatuses:[]#CoreV1ContainerStatus extendedResourceClaimStatus:#CoreV1PodExtendedResourceClaimStatus hostIP:s hostIPs:[]#CoreV1HostIP initContainerStatuses:[]#CoreV1ContainerStatus message:s nodeAllocatableResourceClaimStatuses:[]#CoreV1NodeAllocatableResourceClaimStatus nominatedNodeName:s observedGeneration:l phase:s/PodPhase podIP:s podIPs:[]#CoreV1PodIP qosClass:s/PodQOSClass reason:s resize:s resourceClaimStatuses:[]#CoreV1PodResourceClaimStatus resources:#CoreV1ResourceRequirements startTime:t
CoreV1PodTemplateSpec PodTemplateSpec metadata:#MetaV1ObjectMeta spec:#CoreV1PodSpec
CoreV1PortStatus PortStatus error:s port:i protocol:s/Protocol
CoreV1PortworxVolumeSource PortworxVolumeSource fsType:s readOnly:b volumeID:s
CoreV1PreferredSchedulingTerm PreferredSchedulingTerm preference:#CoreV1NodeSelectorTerm weight:i
CoreV1Probe Probe exec:#CoreV1ExecAction<ProbeHandler failureThreshold:i grpc:#CoreV1GRPCAction<ProbeHandler httpGet:#CoreV1HTTPGetAction<ProbeHandler initialDelaySeconds:i periodSeconds:i successThreshold:i tcpSocket:#CoreV1TCPSocketAction<ProbeHandler terminationGracePeriodSeconds:l timeoutSeconds:i
CoreV1ProjectedVolumeSource ProjectedVolumeSource defaultMode:i sources:[]#CoreV1VolumeProjection
CoreV1QuobyteVolumeSource QuobyteVolumeSource group:s readOnly:b registry:s tenant:s user:s volume:s
CoreV1RBDVolumeSource RBDVolumeSource fsType:s image:s keyring:s monitors:[]s pool:s readOnly:b secretRef:#CoreV1LocalObjectReference user:s
CoreV1ResourceClaim ResourceClaim name:s request:s
CoreV1ResourceFieldSelector ResourceFieldSelector containerName:s divisor:q resource:s
CoreV1ResourceHealth ResourceHealth health:s message:s resourceID:s
CoreV1ResourceRequirements ResourceRequirements claims:[]#CoreV1ResourceClaim limits:{}q requests:{}q
CoreV1ResourceStatus ResourceStatus name:s resources:[]#CoreV1ResourceHealth
CoreV1SELinuxOptions SELinuxOptions level:s role:s type:s user:s
CoreV1ScaleIOVolumeSource ScaleIOVolumeSource fsType:s gateway:s protectionDomain:s readOnly:b secretRef:#CoreV1LocalObjectReference sslEnabled:b storageMode:s storagePool:s system:s volumeName:s
CoreV1SeccompProfile SeccompProfile localhostProfile:s type:s
CoreV1SecretEnvSource SecretEnvSource name:s<LocalObjectReference optional:b
CoreV1SecretKeySelector SecretKeySelector key:s name:s<LocalObjectReference optional:b
CoreV1SecretProjection SecretProjection items:[]#CoreV1KeyToPath name:s<LocalObjectReference optional:b
CoreV1SecretVolumeSource SecretVolumeSource defaultMode:i items:[]#CoreV1KeyToPath optional:b secretName:s
CoreV1SecurityContext SecurityContext allowPrivilegeEscalation:b appArmorProfile:#CoreV1AppArmorProfile capabilities:#CoreV1Capabilities privileged:b procMount:s readOnlyRootFilesystem:b runAsGroup:l runAsNonRoot:b runAsUser:l seLinuxOptions:#CoreV1SELinuxOptions seccompProfile:#CoreV1SeccompProfile windowsOptions:#CoreV1WindowsSecurityContextOptions
CoreV1Service Service apiVersion:s kind:s metadata:#MetaV1ObjectMeta spec:#CoreV1ServiceSpec status:#CoreV1ServiceStatus
CoreV1ServiceAccountTokenProjection ServiceAccountTokenProjection audience:s expirationSeconds:l path:s
CoreV1ServicePort ServicePort appProtocol:s name:s nodePort:i port:i protocol:s/Protocol targetPort:o
CoreV1ServiceSpec ServiceSpec allocateLoadBalancerNodePorts:b clusterIP:s clusterIPs:[]s externalIPs:[]s externalName:s externalTrafficPolicy:s/ServiceExternalTrafficPolicy healthCheckNodePort:i internalTrafficPolicy:s/ServiceInternalTrafficPolicy ipFamilies:[]s/IPFamily ipFamilyPolicy:s/IPFamilyPolicy loadBalancerClass:s loadBalancerIP:s loadBalancerSourceRanges:[]s ports:[]#CoreV1ServicePort publishNotReadyAddresses:b selector:{}s sessionAffinity:s/ServiceAffinity sessionAffinityConfig:#CoreV1SessionAffinityConfig trafficDistribution:s type:s/ServiceType
CoreV1ServiceStatus ServiceStatus conditions:[]#MetaV1Condition loadBalancer:#CoreV1LoadBalancerStatus
CoreV1SessionAffinityConfig SessionAffinityConfig clientIP:#CoreV1ClientIPConfig
CoreV1SleepAction SleepAction seconds:l
CoreV1StorageOSVolumeSource StorageOSVolumeSource fsType:s readOnly:b secretRef:#CoreV1LocalObjectReference volumeName:s volumeNamespace:s
CoreV1Sysctl Sysctl name:s value:s
CoreV1TCPSocketAction TCPSocketAction host:s port:o
CoreV1Taint Taint effect:s/TaintEffect key:s timeAdded:t value:s
CoreV1Toleration Toleration effect:s/TaintEffect key:s operator:s/TolerationOperator tolerationSeconds:l value:s
CoreV1TopologySpreadConstraint TopologySpreadConstraint labelSelector:#MetaV1LabelSelector matchLabelKeys:[]s maxSkew:i minDomains:i nodeAffinityPolicy:s nodeTaintsPolicy:s topologyKey:s whenUnsatisfiable:s/UnsatisfiableConstraintAction
CoreV1TypedLocalObjectReference TypedLocalObjectReference apiGroup:s kind:s name:s
CoreV1TypedObjectReference TypedObjectReference apiGroup:s kind:s name:s namespace:s
CoreV1Volume Volume awsElasticBlockStore:#CoreV1AWSElasticBlockStoreVolumeSource<VolumeSource azureDisk:#CoreV1AzureDiskVolumeSource<VolumeSource azureFile:#CoreV1AzureFileVolumeSource<VolumeSource cephfs:#CoreV1CephFSVolumeSource<VolumeSource cinder:#CoreV1CinderVolumeSource<VolumeSource configMap:#CoreV1ConfigMapVolumeSource<VolumeSource csi:#CoreV1CSIVolumeSource<VolumeSource downwardAPI:#CoreV1DownwardAPIVolumeSource<VolumeSource emptyDir:#CoreV1EmptyDirVolumeSource<VolumeSource ephemeral:#CoreV1EphemeralVolumeSource<VolumeSource fc:#CoreV1FCVolumeSource<VolumeSource flexVolume:#CoreV1FlexVolumeSource<VolumeSource flocker:#CoreV1FlockerVolumeSource<VolumeSource gcePersistentDisk:#CoreV1GCEPersistentDiskVolumeSource<VolumeSource gitRepo:#CoreV1GitRepoVolumeSource<VolumeSource glusterfs:#CoreV1GlusterfsVolumeSource<VolumeSource hostPath:#CoreV1HostPathVolumeSource<VolumeSource image:#CoreV1ImageVolumeSource<VolumeSource iscsi:#CoreV1ISCSIVolumeSource<VolumeSource name:s nfs:#CoreV1NFSVolumeSource<VolumeSource persistentVolumeClaim:#CoreV1PersistentVolumeClaimVolumeSource<VolumeSource photonPersistentDisk:#CoreV1PhotonPersistentDiskVolumeSource<VolumeSource portworxVolume:#CoreV1PortworxVolumeSource<VolumeSource projected:#CoreV1ProjectedVolumeSource<VolumeSource quobyte:#CoreV1QuobyteVolumeSource<VolumeSource rbd:#CoreV1RBDVolumeSource<VolumeSource scaleIO:#CoreV1ScaleIOVolumeSource<VolumeSource secret:#CoreV1SecretVolumeSource<VolumeSource storageos:#CoreV1StorageOSVolumeSource<VolumeSource vsphereVolume:#CoreV1VsphereVirtualDiskVolumeSource<VolumeSource
CoreV1VolumeDevice VolumeDevice devicePath:s name:s
CoreV1VolumeMount VolumeMount mountPath:s mountPropagation:s/MountPropagationMode name:s readOnly:b recursiveReadOnly:s subPath:s subPathExpr:s
CoreV1VolumeMountStatus VolumeMountStatus mountPath:s name:s readOnly:b recursiveReadOnly:s volumeStatus:#CoreV1VolumeStatus
CoreV1VolumeProjection VolumeProjection clusterTrustBundle:#CoreV1ClusterTrustBundleProjection configMap:#CoreV1ConfigMapProjection downwardAPI:#CoreV1DownwardAPIProjection podCertificate:#CoreV1PodCertificateProjection secret:#CoreV1SecretProjection serviceAccountToken:#CoreV1ServiceAccountTokenProjection
CoreV1VolumeResourceRequirements VolumeResourceRequirements limits:{}q requests:{}q
CoreV1VolumeStatus VolumeStatus image:#CoreV1ImageVolumeStatus
CoreV1VsphereVirtualDiskVolumeSource VsphereVirtualDiskVolumeSource fsType:s storagePolicyID:s storagePolicyName:s volumePath:s
CoreV1WeightedPodAffinityTerm WeightedPodAffinityTerm podAffinityTerm:#CoreV1PodAffinityTerm weight:i
CoreV1WindowsSecurityContextOptions WindowsSecurityContextOptions gmsaCredentialSpec:s gmsaCredentialSpecName:s hostProcess:b runAsUserName:s
DiscoveryV1Endpoint Endpoint addresses:[]s conditions:#DiscoveryV1EndpointConditions deprecatedTopology:{}s hints:#DiscoveryV1EndpointHints hostname:s nodeName:s targetRef:#CoreV1ObjectReference zone:s
DiscoveryV1EndpointConditions EndpointConditions ready:b serving:b terminating:b
DiscoveryV1EndpointHints EndpointHints forNodes:[]#DiscoveryV1ForNode forZones:[]#DiscoveryV1ForZone
DiscoveryV1EndpointPort EndpointPort appProtocol:s name:s port:i protocol:s/Protocol
DiscoveryV1EndpointSlice EndpointSlice addressType:s/AddressType apiVersion:s endpoints:[]#DiscoveryV1Endpoint kind:s metadata:#MetaV1ObjectMeta ports:[]#DiscoveryV1EndpointPort
DiscoveryV1ForNode ForNode name:s
DiscoveryV1ForZone ForZone name:s
GwV1AllowedListeners AllowedListeners namespaces:#GwV1ListenerNamespaces
GwV1AllowedRoutes AllowedRoutes kinds:[]#GwV1RouteGroupKind namespaces:#GwV1RouteNamespaces
GwV1BackendObjectReference BackendObjectReference group:s kind:s name:s! namespace:s port:i
GwV1CookieConfig CookieConfig lifetimeType:s
GwV1ForwardBodyConfig ForwardBodyConfig maxSize:i
GwV1Fraction Fraction denominator:i numerator:i!
GwV1FrontendTLSConfig FrontendTLSConfig default:#GwV1TLSConfig! perPort:[]#GwV1TLSPortConfig
GwV1FrontendTLSValidation FrontendTLSValidation caCertificateRefs:[]#GwV1ObjectReference! mode:s
GwV1GRPCAuthConfig GRPCAuthConfig allowedHeaders:[]s
GwV1GRPCBackendRef GRPCBackendRef group:s kind:s name:s! namespace:s port:i weight:i filters:[]#GwV1GRPCRouteFilter
GwV1GRPCHeaderMatch GRPCHeaderMatch name:s! type:s value:s!
GwV1GRPCMethodMatch GRPCMethodMatch method:s service:s type:s
GwV1GRPCRoute GRPCRoute apiVersion:s kind:s metadata:#MetaV1ObjectMeta spec:#GwV1GRPCRouteSpec! status:#GwV1GRPCRouteStatus
GwV1GRPCRouteFilter GRPCRouteFilter extensionRef:#GwV1LocalObjectReference requestHeaderModifier:#GwV1HTTPHeaderFilter requestMirror:#GwV1HTTPRequestMirrorFilter responseHeaderModifier:#GwV1HTTPHeaderFilter type:s!
GwV1GRPCRouteMatch GRPCRouteMatch headers:[]#GwV1GRPCHeaderMatch method:#GwV1GRPCMethodMatch
GwV1GRPCRouteRule GRPCRouteRule backendRefs:[]#GwV1GRPCBackendRef filters:[]#GwV1GRPCRouteFilter matches:[]#GwV1GRPCRouteMatch name:s sessionPersistence:#GwV1SessionPersistence
GwV1GRPCRouteSpec GRPCRouteSpec parentRefs:[]#GwV1ParentReference useDefaultGateways:s hostnames:[]s rules:[]#GwV1GRPCRouteRule
GwV1GRPCRouteStatus GRPCRouteStatus parents:[]#GwV1RouteParentStatus!
GwV1Gateway Gateway apiVersion:s kind:s metadata:#MetaV1ObjectMeta spec:#GwV1GatewaySpec! status:#GwV1GatewayStatus
GwV1GatewayBackendTLS GatewayBackendTLS clientCertificateRef:#GwV1SecretObjectReference
GwV1GatewayClass GatewayClass apiVersion:s kind:s metadata:#MetaV1ObjectMeta spec:#GwV1GatewayClassSpec! status:#GwV1GatewayClassStatus
GwV1GatewayClassSpec GatewayClassSpec controllerName:s! description:s parametersRef:#GwV1ParametersReference
GwV1GatewayClassStatus GatewayClassStatus conditions:[]#MetaV1Condition supportedFeatures:[]#GwV1SupportedFeature
GwV1GatewayInfrastructure GatewayInfrastructure annotations:{}s labels:{}s parametersRef:#GwV1LocalParametersReference
GwV1GatewaySpec GatewaySpec addresses:[]#GwV1GatewaySpecAddress allowedListeners:#GwV1AllowedListeners defaultScope:s gatewayClassName:s! infrastructure:#GwV1GatewayInfrastructure listeners:[]#GwV1Listener! tls:#GwV1GatewayTLSConfig
GwV1GatewaySpecAddress GatewaySpecAddress type:s value:s
GwV1GatewayStatus GatewayStatus addresses:[]#GwV1GatewayStatusAddress attachedListenerSets:i conditions:[]#MetaV1Condition listeners:[]#GwV1ListenerStatus
GwV1GatewayStatusAddress GatewayStatusAddress type:s value:s!
GwV1GatewayTLSConfig GatewayTLSConfig backend:#GwV1GatewayBackendTLS frontend:#GwV1FrontendTLSConfig
GwV1HTTPAuthConfig HTTPAuthConfig allowedHeaders:[]s allowedResponseHeaders:[]s path:s
GwV1HTTPBackendRef HTTPBackendRef group:s kind:s name:s! namespace:s port:i weight:i filters:[]#GwV1HTTPRouteFilter
GwV1HTTPCORSFilter HTTPCORSFilter allowCredentials:b allowHeaders:[]s allowMethods:[]s allowOrigins:[]s exposeHeaders:[]s maxAge:i
GwV1HTTPExternalAuthFilter HTTPExternalAuthFilter backendRef:#GwV1BackendObjectReference! forwardBody:#GwV1ForwardBodyConfig grpc:#GwV1GRPCAuthConfig http:#GwV1HTTPAuthConfig protocol:s!
GwV1HTTPHeader HTTPHeader name:s! value:s!
GwV1HTTPHeaderFilter HTTPHeaderFilter add:[]#GwV1HTTPHeader remove:[]s set:[]#GwV1HTTPHeader
GwV1HTTPHeaderMatch HTTPHeaderMatch name:s! type:s value:s!
GwV1HTTPPathMatch HTTPPathMatch type:s value:s
GwV1HTTPPathModifier HTTPPathModifier replaceFullPath:s replacePrefixMatch:s type:s!
GwV1HTTPQueryParamMatch HTTPQueryParamMatch name:s! type:s value:s!
GwV1HTTPRequestMirrorFilter HTTPRequestMirrorFilter backendRef:#GwV1BackendObjectReference! fraction:#GwV1Fraction percent:i
GwV1HTTPRequestRedirectFilter HTTPRequestRedirectFilter hostname:s path:#GwV1HTTPPathModifier port:i scheme:s statusCode:i
GwV1HTTPRoute HTTPRoute apiVersion:s kind:s metadata:#MetaV1ObjectMeta spec:#GwV1HTTPRouteSpec! status:#GwV1HTTPRouteStatus
GwV1HTTPRouteFilter HTTPRouteFilter cors:#GwV1HTTPCORSFilter extensionRef:#GwV1LocalObjectReference externalAuth:#GwV1HTTPExternalAuthFilter requestHeaderModifier:#GwV1HTTPHeaderFilter requestMirror:#GwV1HTTPRequestMirrorFilter requestRedirect:#GwV1HTTPRequestRedirectFilter responseHeaderModifier:#GwV1HTTPHeaderFilter type:s! urlRewrite:#GwV1HTTPURLRewriteFilter
GwV1HTTPRouteMatch HTTPRouteMatch headers:[]#GwV1HTTPHeaderMatch method:s path:#GwV1HTTPPathMatch queryParams:[]#GwV1HTTPQueryParamMatch
GwV1HTTPRouteRetry HTTPRouteRetry attempts:i backoff:s codes:[]i
GwV1HTTPRouteRule HTTPRouteRule backendRefs:[]#GwV1HTTPBackendRef filters:[]#GwV1HTTPRouteFilter matches:[]#GwV1HTTPRouteMatch name:s retry:#GwV1HTTPRouteRetry sessionPersistence:#GwV1SessionPersistence timeouts:#GwV1HTTPRouteTimeouts
GwV1HTTPRouteSpec HTTPRouteSpec parentRefs:[]#GwV1ParentReference useDefaultGateways:s hostnames:[]s rules:[]#GwV1HTTPRouteRule
GwV1HTTPRouteStatus HTTPRouteStatus parents:[]#GwV1RouteParentStatus!
GwV1HTTPRouteTimeouts HTTPRouteTimeouts backendRequest:s request:s
GwV1HTTPURLRewriteFilter HTTPURLRewriteFilter hostname:s path:#GwV1HTTPPathModifier
GwV1Listener Listener allowedRoutes:#GwV1AllowedRoutes hostname:s name:s! port:i! protocol:s! tls:#GwV1ListenerTLSConfig
GwV1ListenerNamespaces ListenerNamespaces from:s selector:#MetaV1LabelSelector
GwV1ListenerStatus ListenerStatus attachedRoutes:i! conditions:[]#MetaV1Condition! name:s! supportedKinds:[]#GwV1RouteGroupKind
GwV1ListenerTLSConfig ListenerTLSConfig certificateRefs:[]#GwV1SecretObjectReference mode:s options:{}s
GwV1LocalObjectReference LocalObjectReference group:s! kind:s name:s!
GwV1LocalParametersReference LocalParametersReference group:s! kind:s name:s!
GwV1ObjectReference ObjectReference group:s! kind:s name:s! namespace:s
GwV1ParametersReference ParametersReference group:s! kind:s name:s! namespace:s
GwV1ParentReference ParentReference group:s kind:s name:s! namespace:s port:i sectionName:s
GwV1ReferenceGrant ReferenceGrant apiVersion:s kind:s metadata:#MetaV1ObjectMeta spec:#GwV1ReferenceGrantSpec
GwV1ReferenceGrantFrom ReferenceGrantFrom group:s! kind:s namespace:s!
GwV1ReferenceGrantSpec ReferenceGrantSpec from:[]#GwV1ReferenceGrantFrom! to:[]#GwV1ReferenceGrantTo!
GwV1ReferenceGrantTo ReferenceGrantTo group:s! kind:s name:s
GwV1RouteGroupKind RouteGroupKind group:s kind:s
GwV1RouteNamespaces RouteNamespaces from:s selector:#MetaV1LabelSelector
GwV1RouteParentStatus RouteParentStatus conditions:[]#MetaV1Condition! controllerName:s! parentRef:#GwV1ParentReference!
GwV1SecretObjectReference SecretObjectReference group:s kind:s name:s! namespace:s
GwV1SessionPersistence SessionPersistence absoluteTimeout:s cookieConfig:#GwV1CookieConfig idleTimeout:s sessionName:s type:s
GwV1SupportedFeature SupportedFeature name:s!
GwV1TLSConfig TLSConfig validation:#GwV1FrontendTLSValidation
GwV1TLSPortConfig TLSPortConfig port:i! tls:#GwV1TLSConfig!
MetaV1Condition Condition lastTransitionTime:t message:s observedGeneration:l reason:s status:s/ConditionStatus type:s
MetaV1LabelSelector LabelSelector matchExpressions:[]#MetaV1LabelSelectorRequirement matchLabels:{}s
MetaV1LabelSelectorRequirement LabelSelectorRequirement key:s operator:s/LabelSelectorOperator values:[]s
MetaV1ObjectMeta ObjectMeta annotations:{}s creationTimestamp:t deletionGracePeriodSeconds:l deletionTimestamp:t finalizers:[]s generateName:s generation:l labels:{}s managedFields:[]a name:s namespace:s ownerReferences:[]#MetaV1OwnerReference resourceVersion:s selfLink:s uid:s/UID
MetaV1OwnerReference OwnerReference apiVersion:s blockOwnerDeletion:b controller:b kind:s name:s uid:s/UID
NetworkingV1HTTPIngressPath HTTPIngressPath backend:#NetworkingV1IngressBackend path:s pathType:s/PathType
NetworkingV1HTTPIngressRuleValue HTTPIngressRuleValue paths:[]#NetworkingV1HTTPIngressPath
NetworkingV1IPBlock IPBlock cidr:s except:[]s
NetworkingV1Ingress Ingress apiVersion:s kind:s metadata:#MetaV1ObjectMeta spec:#NetworkingV1IngressSpec status:#NetworkingV1IngressStatus
NetworkingV1IngressBackend IngressBackend resource:#CoreV1TypedLocalObjectReference service:#NetworkingV1IngressServiceBackend
NetworkingV1IngressClass IngressClass apiVersion:s kind:s metadata:#MetaV1ObjectMeta spec:#NetworkingV1IngressClassSpec
NetworkingV1IngressClassParametersReference IngressClassParametersReference apiGroup:s kind:s name:s namespace:s scope:s
NetworkingV1IngressClassSpec IngressClassSpec controller:s parameters:#NetworkingV1IngressClassParametersReference
NetworkingV1IngressLoadBalancerIngress IngressLoadBalancerIngress hostname:s ip:s ports:[]#NetworkingV1IngressPortStatus
NetworkingV1IngressLoadBalancerStatus IngressLoadBalancerStatus ingress:[]#NetworkingV1IngressLoadBalancerIngress
NetworkingV1IngressPortStatus IngressPortStatus error:s port:i protocol:s/Protocol
NetworkingV1IngressRule IngressRule host:s http:#NetworkingV1HTTPIngressRuleValue<IngressRuleValue
NetworkingV1IngressServiceBackend IngressServiceBackend name:s port:#NetworkingV1ServiceBackendPort
NetworkingV1IngressSpec IngressSpec defaultBackend:#NetworkingV1IngressBackend ingressClassName:s rules:[]#NetworkingV1IngressRule tls:[]#NetworkingV1IngressTLS
NetworkingV1IngressStatus IngressStatus loadBalancer:#NetworkingV1IngressLoadBalancerStatus
NetworkingV1IngressTLS IngressTLS hosts:[]s secretName:s
NetworkingV1NetworkPolicy NetworkPolicy apiVersion:s kind:s metadata:#MetaV1ObjectMeta spec:#NetworkingV1NetworkPolicySpec
NetworkingV1NetworkPolicyEgressRule NetworkPolicyEgressRule ports:[]#NetworkingV1NetworkPolicyPort to:[]#NetworkingV1NetworkPolicyPeer
NetworkingV1NetworkPolicyIngressRule NetworkPolicyIngressRule from:[]#NetworkingV1NetworkPolicyPeer ports:[]#NetworkingV1NetworkPolicyPort
NetworkingV1NetworkPolicyPeer NetworkPolicyPeer ipBlock:#NetworkingV1IPBlock namespaceSelector:#MetaV1LabelSelector podSelector:#MetaV1LabelSelector
NetworkingV1NetworkPolicyPort NetworkPolicyPort endPort:i port:o protocol:s/Protocol
NetworkingV1NetworkPolicySpec NetworkPolicySpec egress:[]#NetworkingV1NetworkPolicyEgressRule ingress:[]#NetworkingV1NetworkPolicyIngressRule podSelector:#MetaV1LabelSelector policyTypes:[]s/PolicyType
NetworkingV1ServiceBackendPort ServiceBackendPort name:s number:i`
