import { type Cluster, list } from '../api/cluster.ts'
import type { Namespace, Node } from '../api/kinds/node.ts'
import type { Condition, Pod } from '../api/kinds/pod.ts'
import { type DaemonSet, type Deployment, REVISION_ANNOTATION, type ReplicaSet, type StatefulSet } from '../api/kinds/workload.ts'
import type { ObjectMeta } from '../api/meta.ts'
import { byText } from '../base/order.ts'
import { rfc3339 } from '../base/time.ts'
import { ageOf, printRfc1123 } from './age.ts'
import { controllerOf, writePodTemplate } from './describepod.ts'
import { formatLabels, formatSelector } from './labels.ts'
import { milliOf, quantityText } from './quantity.ts'
import { rolesOf } from './workloadrows.ts'
import { type DescriptionWriter, writeAnnotations, writeLabels } from './writer.ts'

export function describeDeployment(w: DescriptionWriter, deployment: Deployment, cluster: Cluster): void {
  const { metadata, spec, status = {} } = deployment
  w.line(0, 'Name:', metadata.name)
  w.line(0, 'Namespace:', metadata.namespace ?? '')
  w.line(0, 'CreationTimestamp:', printRfc1123(metadata.creationTimestamp))
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  w.line(0, 'Selector:', formatSelector(spec.selector))
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, unavailableReplicas = 0 } = status
  w.line(
    0,
    'Replicas:',
    `${spec.replicas ?? 1} desired | ${updatedReplicas} updated | ${replicas} total | ${availableReplicas} available | ${unavailableReplicas} unavailable`,
  )
  w.line(0, 'StrategyType:', spec.strategy?.type ?? 'RollingUpdate')
  w.line(0, 'MinReadySeconds:', spec.minReadySeconds ?? 0)
  const rolling = spec.strategy?.rollingUpdate
  if (rolling)
    w.line(0, 'RollingUpdateStrategy:', `${rolling.maxUnavailable ?? '25%'} max unavailable, ${rolling.maxSurge ?? '25%'} max surge`)
  writePodTemplate(w, spec.template)
  writeConditions(w, status.conditions)
  const { old, current } = replicaSetsOf(cluster, deployment)
  if (old.length + current.length > 0) {
    w.line(0, 'OldReplicaSets:', replicaSetsText(old))
    w.line(0, 'NewReplicaSet:', replicaSetsText(current))
  }
}

/** The Deployment's ReplicaSets: the one of its newest revision, and every other one. */
function replicaSetsOf(
  cluster: Cluster,
  deployment: Deployment,
): { readonly old: readonly ReplicaSet[]; readonly current: readonly ReplicaSet[] } {
  const owned = list(cluster, 'ReplicaSet').filter(({ metadata }) => ownedBy(metadata, 'Deployment', deployment.metadata))
  const revision = (one: { readonly metadata: ObjectMeta }) => Number(one.metadata.annotations?.[REVISION_ANNOTATION] ?? 0)
  const newest = owned.reduce<ReplicaSet | undefined>((best, one) => (!best || revision(one) > revision(best) ? one : best), undefined)
  return { old: owned.filter((one) => one !== newest), current: newest ? [newest] : [] }
}

function ownedBy(metadata: ObjectMeta, kind: string, owner: ObjectMeta): boolean {
  return (
    metadata.namespace === owner.namespace &&
    (metadata.ownerReferences ?? []).some((reference) => reference.controller && reference.kind === kind && reference.name === owner.name)
  )
}

function replicaSetsText(sets: readonly ReplicaSet[]): string {
  const texts = sets.map(
    ({ metadata, spec, status }) => `${metadata.name} (${status?.replicas ?? 0}/${spec.replicas ?? 0} replicas created)`,
  )
  return texts.join(', ') || '<none>'
}

function writeConditions(w: DescriptionWriter, conditions: readonly Condition[] | undefined): void {
  if (!conditions || conditions.length === 0) return
  w.line(0, 'Conditions:')
  w.line(1, 'Type', 'Status', 'Reason')
  w.line(1, '----', '------', '------')
  for (const { type, status, reason } of conditions) w.line(1, `${type} `, status, reason ?? '')
}

export function describeReplicaSet(w: DescriptionWriter, set: ReplicaSet, cluster: Cluster): void {
  const { metadata, spec, status = {} } = set
  w.line(0, 'Name:', metadata.name)
  w.line(0, 'Namespace:', metadata.namespace ?? '')
  w.line(0, 'Selector:', formatSelector(spec.selector))
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  const owner = controllerOf(metadata)
  if (owner !== undefined) w.line(0, 'Controlled By:', owner)
  w.line(0, 'Replicas:', `${status.replicas ?? 0} current / ${spec.replicas ?? 0} desired`)
  w.line(0, 'Pods Status:', podsStatus(cluster, 'ReplicaSet', metadata))
  writePodTemplate(w, spec.template)
  writeConditions(w, status.conditions)
}

export function describeStatefulSet(w: DescriptionWriter, set: StatefulSet, cluster: Cluster): void {
  const { metadata, spec, status = {} } = set
  const strategy = (spec.updateStrategy ?? {}) as {
    readonly type?: string
    readonly rollingUpdate?: { readonly partition?: number; readonly maxUnavailable?: string | number }
  }
  w.line(0, 'Name:', metadata.name)
  w.line(0, 'Namespace:', metadata.namespace ?? '')
  w.line(0, 'CreationTimestamp:', printRfc1123(metadata.creationTimestamp))
  w.line(0, 'Selector:', formatSelector(spec.selector))
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  w.line(0, 'Replicas:', `${spec.replicas ?? 1} desired | ${status.replicas ?? 0} total`)
  w.line(0, 'Update Strategy:', strategy.type ?? 'RollingUpdate')
  if (strategy.rollingUpdate?.partition !== undefined) w.line(1, 'Partition:', strategy.rollingUpdate.partition)
  w.line(0, 'Pods Status:', podsStatus(cluster, 'StatefulSet', metadata))
  writePodTemplate(w, spec.template)
  w.line(0, 'Volume Claims:', '<none>')
}

export function describeDaemonSet(w: DescriptionWriter, set: DaemonSet, cluster: Cluster): void {
  const { metadata, spec, status = {} } = set
  const number = (field: string) => Number(status[field] ?? 0)
  w.line(0, 'Name:', metadata.name)
  w.line(0, 'Namespace:', metadata.namespace ?? '')
  w.line(0, 'Selector:', formatSelector(spec.selector))
  w.line(0, 'Node-Selector:', formatLabels(spec.template.spec.nodeSelector))
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  w.line(0, `Desired Number of Nodes Scheduled: ${number('desiredNumberScheduled')}`)
  w.line(0, `Current Number of Nodes Scheduled: ${number('currentNumberScheduled')}`)
  w.line(0, `Number of Nodes Scheduled with Up-to-date Pods: ${number('updatedNumberScheduled')}`)
  w.line(0, `Number of Nodes Scheduled with Available Pods: ${number('numberAvailable')}`)
  w.line(0, `Number of Nodes Misscheduled: ${number('numberMisscheduled')}`)
  w.line(0, 'Pods Status:', podsStatus(cluster, 'DaemonSet', metadata))
  writePodTemplate(w, spec.template)
}

function podsStatus(cluster: Cluster, kind: string, owner: ObjectMeta): string {
  const pods = list(cluster, 'Pod').filter(({ metadata }) => ownedBy(metadata, kind, owner))
  const count = (phase: string) => pods.filter(({ status }) => (status?.phase ?? 'Pending') === phase).length
  return `${count('Running')} Running / ${count('Pending')} Waiting / ${count('Succeeded')} Succeeded / ${count('Failed')} Failed`
}

export function describeNamespace(w: DescriptionWriter, namespace: Namespace): void {
  w.line(0, 'Name:', namespace.metadata.name)
  writeLabels(w, 'Labels', namespace.metadata.labels)
  writeAnnotations(w, 'Annotations', namespace.metadata.annotations)
  w.line(0, 'Status:', namespace.status?.phase ?? 'Active')
  w.line(0, '')
  w.line(0, 'No resource quota.')
  w.line(0, '')
  w.line(0, 'No LimitRange resource.')
}

export function describeNode(w: DescriptionWriter, node: Node, cluster: Cluster, now: number): void {
  const { metadata, spec = {}, status = {} } = node
  w.line(0, 'Name:', metadata.name)
  w.line(0, 'Roles:', rolesOf(node).join(',') || '<none>')
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  w.line(0, 'CreationTimestamp:', printRfc1123(metadata.creationTimestamp))
  writeTaints(w, node)
  w.line(0, 'Unschedulable:', String(spec.unschedulable ?? false))
  writeLease(w, node, now)
  writeNodeConditions(w, status.conditions)
  w.line(0, 'Addresses:')
  for (const { type, address } of status.addresses ?? []) w.line(1, `${type}:`, address)
  writeAmounts(w, 'Capacity:', status.capacity)
  writeAmounts(w, 'Allocatable:', status.allocatable)
  writeSystemInfo(w, status.nodeInfo ?? {})
  if (spec.podCIDR) w.line(0, 'PodCIDR:', spec.podCIDR)
  if ((spec.podCIDRs?.length ?? 0) > 0) w.line(0, 'PodCIDRs:', (spec.podCIDRs ?? []).join(','))
  if (spec.providerID) w.line(0, 'ProviderID:', spec.providerID)
  writeNodePods(w, node, cluster, now)
}

/** The kubelet of a node that is up renews its Lease every ten seconds; Leases are no stored objects here. */
function writeLease(w: DescriptionWriter, { metadata }: Node, now: number): void {
  const renewed = Math.floor(now / LEASE_PERIOD) * LEASE_PERIOD
  w.line(0, 'Lease:')
  w.line(1, 'HolderIdentity:', metadata.name)
  w.line(1, 'AcquireTime:', '<unset>')
  w.line(1, 'RenewTime:', printRfc1123(rfc3339(renewed)))
}

const LEASE_PERIOD = 10_000

function writeTaints(w: DescriptionWriter, node: Node): void {
  const taints = [...(node.spec?.taints ?? [])].sort((a, b) => byText(a.effect, b.effect) || byText(a.key, b.key))
  if (taints.length === 0) w.line(0, 'Taints:', '<none>')
  for (const [index, { key, value, effect }] of taints.entries()) {
    w.line(0, index === 0 ? 'Taints:' : '', `${key}${value ? `=${value}` : ''}:${effect}`)
  }
}

function writeNodeConditions(
  w: DescriptionWriter,
  conditions: readonly (Condition & { readonly lastHeartbeatTime?: string })[] | undefined,
): void {
  if (!conditions || conditions.length === 0) return
  w.line(0, 'Conditions:')
  w.line(1, 'Type', 'Status', 'LastHeartbeatTime', 'LastTransitionTime', 'Reason', 'Message')
  w.line(1, '----', '------', '-----------------', '------------------', '------', '-------')
  for (const one of conditions) {
    const times = [`${printRfc1123(one.lastHeartbeatTime)} `, `${printRfc1123(one.lastTransitionTime)} `]
    w.line(1, `${one.type} `, `${one.status} `, ...times, `${one.reason ?? ''} `, one.message ?? '')
  }
}

function writeAmounts(w: DescriptionWriter, title: string, amounts: Readonly<Record<string, string>> | undefined): void {
  const names = Object.keys(amounts ?? {}).sort(byText)
  if (names.length > 0) w.line(0, title)
  for (const name of names) w.line(1, `${name}:`, amounts?.[name] ?? '')
}

function writeSystemInfo(w: DescriptionWriter, info: Readonly<Record<string, string>>): void {
  w.line(0, 'System Info:')
  const rows = [
    ['Machine ID:', 'machineID'],
    ['System UUID:', 'systemUUID'],
    ['Boot ID:', 'bootID'],
    ['Kernel Version:', 'kernelVersion'],
    ['OS Image:', 'osImage'],
    ['Operating System:', 'operatingSystem'],
    ['Architecture:', 'architecture'],
    ['Container Runtime Version:', 'containerRuntimeVersion'],
    ['Kubelet Version:', 'kubeletVersion'],
  ] as const
  for (const [title, field] of rows) w.line(1, title, info[field] ?? '')
}

type Amounts = { readonly cpu: number; readonly memory: number }
type Needs = { readonly requests: Amounts; readonly limits: Amounts }

function writeNodePods(w: DescriptionWriter, node: Node, cluster: Cluster, now: number): void {
  const pods = list(cluster, 'Pod').filter(
    ({ spec, status }) => spec.nodeName === node.metadata.name && status?.phase !== 'Succeeded' && status?.phase !== 'Failed',
  )
  const allocatable = node.status?.allocatable ?? node.status?.capacity ?? {}
  const share = (amount: number, name: 'cpu' | 'memory') => {
    const whole = milliOf(allocatable[name] ?? '0')
    return `${quantityText(amount, name)} (${whole === 0 ? 0 : Math.trunc((amount / whole) * 100)}%)`
  }
  w.line(0, 'Non-terminated Pods:', `(${pods.length} in total)`)
  w.line(1, 'Namespace', 'Name', '', 'CPU Requests', 'CPU Limits', 'Memory Requests', 'Memory Limits', 'Age')
  w.line(1, '---------', '----', '', '------------', '----------', '---------------', '-------------', '---')
  let total: Needs = { requests: { cpu: 0, memory: 0 }, limits: { cpu: 0, memory: 0 } }
  for (const pod of pods) {
    const needs = needsOf(pod)
    total = { requests: sum(total.requests, needs.requests), limits: sum(total.limits, needs.limits) }
    const cells = [
      share(needs.requests.cpu, 'cpu'),
      share(needs.limits.cpu, 'cpu'),
      share(needs.requests.memory, 'memory'),
      share(needs.limits.memory, 'memory'),
    ]
    w.line(1, pod.metadata.namespace ?? '', pod.metadata.name, '', ...cells, ageOf(pod.metadata.creationTimestamp, now))
  }
  w.line(0, 'Allocated resources:')
  w.line(1, '(Total limits may be over 100 percent, i.e., overcommitted.)')
  w.line(1, 'Resource', 'Requests', 'Limits')
  w.line(1, '--------', '--------', '------')
  w.line(1, 'cpu', share(total.requests.cpu, 'cpu'), share(total.limits.cpu, 'cpu'))
  w.line(1, 'memory', share(total.requests.memory, 'memory'), share(total.limits.memory, 'memory'))
  w.line(1, 'ephemeral-storage', '0 (0%)', '0 (0%)')
}

function needsOf(pod: Pod): Needs {
  const of = (field: 'requests' | 'limits'): Amounts =>
    pod.spec.containers.reduce<Amounts>(
      (amounts, { resources }) => {
        const stated = (resources as Readonly<Record<string, Readonly<Record<string, string | number>>>> | undefined)?.[field]
        return sum(amounts, { cpu: milliOf(stated?.['cpu'] ?? '0'), memory: milliOf(stated?.['memory'] ?? '0') })
      },
      { cpu: 0, memory: 0 },
    )
  return { requests: of('requests'), limits: of('limits') }
}

function sum(a: Amounts, b: Amounts): Amounts {
  return { cpu: a.cpu + b.cpu, memory: a.memory + b.memory }
}
