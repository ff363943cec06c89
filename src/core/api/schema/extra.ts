/** Kinds that the generated table lacks, in the same notation (see `.ci/api-schema.mjs`). */
export const extraKinds = `
apps/v1 ReplicaSet ReplicaSet
apps/v1 StatefulSet StatefulSet
apps/v1 DaemonSet DaemonSet
v1 ConfigMap ConfigMap
v1 Secret Secret
networking.k8s.io/v1 ServiceCIDR ServiceCIDR
traefik.io/v1alpha1 Middleware Middleware
kubehop.dev/v1 Client Client
`

export const extraStructs = `
ReplicaSet ReplicaSet apiVersion:s kind:s metadata:#MetaV1ObjectMeta spec:#ReplicaSetSpec status:#ReplicaSetStatus
ReplicaSetSpec ReplicaSetSpec minReadySeconds:i replicas:i selector:#MetaV1LabelSelector template:#CoreV1PodTemplateSpec
ReplicaSetStatus ReplicaSetStatus availableReplicas:i conditions:[]#AppsV1DeploymentCondition fullyLabeledReplicas:i observedGeneration:l readyReplicas:i replicas:i terminatingReplicas:i
StatefulSet StatefulSet apiVersion:s kind:s metadata:#MetaV1ObjectMeta spec:#StatefulSetSpec status:#StatefulSetStatus
StatefulSetSpec StatefulSetSpec minReadySeconds:i ordinals:#StatefulSetOrdinals persistentVolumeClaimRetentionPolicy:#StatefulSetPersistentVolumeClaimRetentionPolicy podManagementPolicy:s/PodManagementPolicyType replicas:i revisionHistoryLimit:i selector:#MetaV1LabelSelector serviceName:s template:#CoreV1PodTemplateSpec updateStrategy:#StatefulSetUpdateStrategy volumeClaimTemplates:[]a
StatefulSetOrdinals StatefulSetOrdinals start:i
StatefulSetPersistentVolumeClaimRetentionPolicy StatefulSetPersistentVolumeClaimRetentionPolicy whenDeleted:s/PersistentVolumeClaimRetentionPolicyType whenScaled:s/PersistentVolumeClaimRetentionPolicyType
StatefulSetUpdateStrategy StatefulSetUpdateStrategy rollingUpdate:#RollingUpdateStatefulSetStrategy type:s/StatefulSetUpdateStrategyType
RollingUpdateStatefulSetStrategy RollingUpdateStatefulSetStrategy maxUnavailable:o partition:i
StatefulSetStatus StatefulSetStatus availableReplicas:i collisionCount:i conditions:[]#AppsV1DeploymentCondition currentReplicas:i currentRevision:s observedGeneration:l readyReplicas:i replicas:i updateRevision:s updatedReplicas:i
DaemonSet DaemonSet apiVersion:s kind:s metadata:#MetaV1ObjectMeta spec:#DaemonSetSpec status:#DaemonSetStatus
DaemonSetSpec DaemonSetSpec minReadySeconds:i revisionHistoryLimit:i selector:#MetaV1LabelSelector template:#CoreV1PodTemplateSpec updateStrategy:#DaemonSetUpdateStrategy
DaemonSetUpdateStrategy DaemonSetUpdateStrategy rollingUpdate:#RollingUpdateDaemonSet type:s/DaemonSetUpdateStrategyType
RollingUpdateDaemonSet RollingUpdateDaemonSet maxSurge:o maxUnavailable:o
DaemonSetStatus DaemonSetStatus collisionCount:i conditions:[]#AppsV1DeploymentCondition currentNumberScheduled:i desiredNumberScheduled:i numberAvailable:i numberMisscheduled:i numberReady:i numberUnavailable:i observedGeneration:l updatedNumberScheduled:i
ConfigMap ConfigMap apiVersion:s kind:s metadata:#MetaV1ObjectMeta data:{}s binaryData:{}s immutable:b
Secret Secret apiVersion:s kind:s metadata:#MetaV1ObjectMeta data:{}s stringData:{}s immutable:b type:s/SecretType
ServiceCIDR ServiceCIDR apiVersion:s kind:s metadata:#MetaV1ObjectMeta spec:#ServiceCIDRSpec status:a
ServiceCIDRSpec ServiceCIDRSpec cidrs:[]s
Middleware Middleware apiVersion:s kind:s metadata:#MetaV1ObjectMeta spec:a
Client Client apiVersion:s kind:s metadata:#MetaV1ObjectMeta spec:#ClientSpec
ClientSpec ClientSpec ip:s via:s
`
