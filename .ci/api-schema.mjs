/**
 * Derives the field table src/core/api/schema/generated.ts from a JSON Schema of Kubernetes' kinds (definitions named
 * GroupVersionKind, `title` = the Go struct's name).
 *
 *   node .ci/api-schema.mjs kubernetes-1.36.schema.json
 *
 * One line a struct: `Definition GoName field:type …`. Types: s text, i int32, l int64, b bool, f float64, q Quantity, t Time,
 * o IntOrString, a anything; `[]T` list, `{}T` map, `#Definition` struct; `s/Name` is a text of the Go type v1.Name;
 * `field:type<Embedded` stands in the embedded struct of that name; a trailing `!` says that a CRD requires the field.
 */
import { readFileSync, writeFileSync } from 'node:fs'

const [, , input] = process.argv
const { definitions } = JSON.parse(readFileSync(input, 'utf8'))

const INT64 = new Set(
  `ObjectMeta.generation ObjectMeta.deletionGracePeriodSeconds DeploymentStatus.observedGeneration Condition.observedGeneration
  PodSpec.terminationGracePeriodSeconds PodSpec.activeDeadlineSeconds Probe.terminationGracePeriodSeconds Toleration.tolerationSeconds
  SleepAction.seconds SecurityContext.runAsUser SecurityContext.runAsGroup PodSecurityContext.runAsUser PodSecurityContext.runAsGroup
  PodSecurityContext.fsGroup PodSecurityContext.supplementalGroups ServiceAccountTokenProjection.expirationSeconds
  ContainerImage.sizeBytes NodeSwapStatus.capacity LinuxContainerUser.uid LinuxContainerUser.gid LinuxContainerUser.supplementalGroups
  PodStatus.observedGeneration PodCondition.observedGeneration`.split(/\s+/),
)
const NAMED = Object.fromEntries(
  `ServicePort.protocol=Protocol ServiceSpec.type=ServiceType ServiceSpec.sessionAffinity=ServiceAffinity
  ServiceSpec.externalTrafficPolicy=ServiceExternalTrafficPolicy ServiceSpec.internalTrafficPolicy=ServiceInternalTrafficPolicy
  ServiceSpec.ipFamilies=IPFamily ServiceSpec.ipFamilyPolicy=IPFamilyPolicy LoadBalancerIngress.ipMode=LoadBalancerIPMode
  PortStatus.protocol=Protocol ContainerPort.protocol=Protocol EndpointPort.protocol=Protocol Container.imagePullPolicy=PullPolicy
  Container.terminationMessagePolicy=TerminationMessagePolicy Container.restartPolicy=ContainerRestartPolicy
  PodSpec.restartPolicy=RestartPolicy PodSpec.dnsPolicy=DNSPolicy PodSpec.preemptionPolicy=PreemptionPolicy
  HTTPGetAction.scheme=URIScheme Toleration.operator=TolerationOperator Toleration.effect=TaintEffect Taint.effect=TaintEffect
  NodeSelectorRequirement.operator=NodeSelectorOperator LabelSelectorRequirement.operator=LabelSelectorOperator
  DeploymentStrategy.type=DeploymentStrategyType HTTPIngressPath.pathType=PathType EndpointSlice.addressType=AddressType
  PodStatus.phase=PodPhase PodStatus.qosClass=PodQOSClass PodCondition.type=PodConditionType PodCondition.status=ConditionStatus
  PodReadinessGate.conditionType=PodConditionType NodeAddress.type=NodeAddressType NodeCondition.type=NodeConditionType
  NodeCondition.status=ConditionStatus NodeStatus.phase=NodePhase NamespaceStatus.phase=NamespacePhase
  NamespaceSpec.finalizers=FinalizerName Condition.status=ConditionStatus DeploymentCondition.type=DeploymentConditionType
  DeploymentCondition.status=ConditionStatus OwnerReference.uid=UID ObjectMeta.uid=UID ObjectReference.uid=UID
  EmptyDirVolumeSource.medium=StorageMedium VolumeMount.mountPropagation=MountPropagationMode IngressPortStatus.protocol=Protocol
  NetworkPolicyPort.protocol=Protocol NetworkPolicySpec.policyTypes=PolicyType TopologySpreadConstraint.whenUnsatisfiable=UnsatisfiableConstraintAction`
    .split(/\s+/)
    .map((pair) => pair.split('=')),
)
const EMBEDDED = {
  IngressRule: { IngressRuleValue: ['http'] },
  Probe: { ProbeHandler: ['exec', 'httpGet', 'tcpSocket', 'grpc'] },
  ConfigMapKeySelector: { LocalObjectReference: ['name'] },
  SecretKeySelector: { LocalObjectReference: ['name'] },
  ConfigMapEnvSource: { LocalObjectReference: ['name'] },
  SecretEnvSource: { LocalObjectReference: ['name'] },
  ConfigMapVolumeSource: { LocalObjectReference: ['name'] },
  ConfigMapProjection: { LocalObjectReference: ['name'] },
  SecretProjection: { LocalObjectReference: ['name'] },
  Volume: { VolumeSource: '*name' },
  EphemeralContainer: { EphemeralContainerCommon: '*targetContainerName' },
}
const SPECIAL = { MetaV1Time: 't', UtilIntstrIntOrString: 'o', ApiResourceQuantity: 'q', MetaV1ManagedFieldsEntry: 'a' }

const used = new Set()
const refOf = (schema) => schema.$ref ?? schema.allOf?.find((part) => part.$ref)?.$ref

function typeOf(schema, owner) {
  const ref = refOf(schema)
  if (ref) {
    const name = ref.replace('#/definitions/', '')
    if (SPECIAL[name]) return SPECIAL[name]
    const target = definitions[name]
    if (target.properties) {
      used.add(name)
      return `#${name}`
    }
    return typeOf(target, owner)
  }
  const text = NAMED[owner] ? `s/${NAMED[owner]}` : 's'
  const isText = schema.enum ? schema.enum.some((value) => typeof value === 'string') : schema.type === 'string'
  if (isText) return text
  if (schema.type === 'array') return `[]${typeOf(schema.items ?? {}, owner)}`
  if (schema.type === 'object') return schema.additionalProperties ? `{}${typeOf(schema.additionalProperties, owner)}` : 'a'
  if (schema.type === 'integer' || schema.enum) return INT64.has(owner) ? 'l' : 'i'
  if (schema.type === 'boolean') return 'b'
  if (schema.type === 'number') return 'f'
  return 'a'
}

function lineOf(name) {
  const definition = definitions[name]
  const go = definition.title
  const crd = name.startsWith('Gw')
  const fields = Object.entries(definition.properties).map(([field, schema]) => {
    const into = Object.entries(EMBEDDED[go] ?? {}).find(([, fields]) =>
      typeof fields === 'string' ? fields.slice(1) !== field : fields.includes(field),
    )
    const required = crd && definition.required?.includes(field) && field !== 'apiVersion' && field !== 'kind'
    return `${field}:${typeOf(schema, `${go}.${field}`)}${into ? `<${into[0]}` : ''}${required ? '!' : ''}`
  })
  return `${name} ${go} ${fields.join(' ')}`
}

const kinds = Object.entries(definitions).filter(([, definition]) => definition['x-kubernetes-group-version-kind'])
for (const [name] of kinds) used.add(name)
const lines = new Map()
// Every line may name further structs.
for (const name of used) lines.set(name, lineOf(name))
const gvk = kinds.map(([name, definition]) => {
  const [{ group, version, kind }] = definition['x-kubernetes-group-version-kind']
  return `${group ? `${group}/` : ''}${version} ${kind} ${name}`
})
const body = [...lines.values()].sort().join('\n')
const text = `/** Made by .ci/api-schema.mjs from Kubernetes' own type declarations (Apache-2.0); do not edit: see there for the notation. */
export const generatedKinds = \`
${gvk.sort().join('\n')}\`

export const generatedStructs = \`
${body}\`
`
writeFileSync(new URL('../src/core/api/schema/generated.ts', import.meta.url), text)
console.log(`${lines.size} structs, ${kinds.length} kinds, ${text.length} bytes`)
