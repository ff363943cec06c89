import type { ApiObject } from '../api/cluster.ts'
import type { Node } from '../api/kinds/node.ts'
import type { PodTemplate } from '../api/kinds/pod.ts'
import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from '../api/kinds/workload.ts'
import { byText } from '../base/order.ts'
import { ageOf } from './age.ts'
import { formatLabels, formatSelector } from './labels.ts'
import type { Cells } from './networkrows.ts'

export function nodeRow(node: Node, now: number): Cells {
  const { conditions = [], addresses = [], nodeInfo = {} } = node.status ?? {}
  const ready = conditions.filter(({ type }) => type === 'Ready').at(-1)
  const status = ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown'
  const address = (type: string) => addresses.find((one) => one.type === type)?.address ?? '<none>'
  const architecture = nodeInfo['architecture'] ? ` (${nodeInfo['architecture']})` : ''
  return [
    node.metadata.name,
    node.spec?.unschedulable ? `${status},SchedulingDisabled` : status,
    rolesOf(node).join(',') || '<none>',
    ageOf(node.metadata.creationTimestamp, now),
    nodeInfo['kubeletVersion'] ?? '',
    address('InternalIP'),
    address('ExternalIP'),
    nodeInfo['osImage'] || '<unknown>',
    `${nodeInfo['kernelVersion'] || '<unknown>'}${architecture}`,
    nodeInfo['containerRuntimeVersion'] || '<unknown>',
  ]
}

/** Roles from the `node-role.kubernetes.io/…` labels and `kubernetes.io/role`, sorted, each once. */
export function rolesOf(node: Node): readonly string[] {
  const roles = Object.entries(node.metadata.labels ?? {}).flatMap(([key, value]) => {
    const role = key.startsWith('node-role.kubernetes.io/') ? key.slice('node-role.kubernetes.io/'.length) : ''
    if (role !== '') return role
    return key === 'kubernetes.io/role' && value !== '' ? value : []
  })
  return [...new Set(roles)].sort(byText)
}

export function deploymentRow(deployment: Deployment, now: number): Cells {
  const { metadata, spec, status = {} } = deployment
  return [
    metadata.name,
    `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    String(status.updatedReplicas ?? 0),
    String(status.availableReplicas ?? 0),
    ageOf(metadata.creationTimestamp, now),
    ...containerCells(spec.template),
    formatSelector(spec.selector),
  ]
}

export function replicaSetRow(replicaSet: ReplicaSet, now: number): Cells {
  const { metadata, spec, status = {} } = replicaSet
  return [
    metadata.name,
    String(spec.replicas ?? 0),
    String(status.replicas ?? 0),
    String(status.readyReplicas ?? 0),
    ageOf(metadata.creationTimestamp, now),
    ...containerCells(spec.template),
    formatSelector(spec.selector),
  ]
}

export function statefulSetRow(set: StatefulSet, now: number): Cells {
  const { metadata, spec, status = {} } = set
  return [
    metadata.name,
    `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    ageOf(metadata.creationTimestamp, now),
    ...containerCells(spec.template),
  ]
}

export function daemonSetRow(set: DaemonSet, now: number): Cells {
  const { metadata, spec, status = {} } = set
  const number = (field: string) => String(status[field] ?? 0)
  return [
    metadata.name,
    number('desiredNumberScheduled'),
    number('currentNumberScheduled'),
    number('numberReady'),
    number('updatedNumberScheduled'),
    number('numberAvailable'),
    formatLabels(spec.template.spec.nodeSelector),
    ageOf(metadata.creationTimestamp, now),
    ...containerCells(spec.template),
    formatSelector(spec.selector),
  ]
}

/** The printer columns of kinds that are kept but not computed with; `fields` are paths into the object. */
export function plainRow(object: ApiObject, now: number, fields: readonly string[]): Cells {
  return [
    object.metadata.name,
    ...fields.map((field) => (field === 'AGE' ? ageOf(object.metadata.creationTimestamp, now) : cellOf(object, field))),
  ]
}

function cellOf(object: ApiObject, path: string): string {
  if (path.startsWith('condition:')) {
    const conditions = valueAt(object, ['status', 'conditions']) as { readonly type?: string; readonly status?: string }[] | undefined
    return conditions?.find(({ type }) => type === path.slice('condition:'.length))?.status ?? ''
  }
  if (path.startsWith('count:')) return String(Object.keys(valueAt(object, path.slice('count:'.length).split('.')) ?? {}).length)
  if (path.startsWith('selector:')) return formatSelector(valueAt(object, path.slice('selector:'.length).split('.')) ?? {}) || '<none>'
  const value = valueAt<unknown>(object, path.split('.'))
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function valueAt<T>(object: unknown, path: readonly string[]): T | undefined {
  return path.reduce<unknown>(
    (value, part) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[part] : undefined),
    object,
  ) as T | undefined
}

function containerCells(template: PodTemplate | undefined): readonly [string, string] {
  const containers = template?.spec.containers ?? []
  return [containers.map(({ name }) => name).join(','), containers.map(({ image }) => image ?? '').join(',')]
}
