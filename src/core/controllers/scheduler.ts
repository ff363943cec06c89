import { at, type Cluster, list } from '../api/cluster.ts'
import type { Node, Taint } from '../api/kinds/node.ts'
import type { Pod } from '../api/kinds/pod.ts'
import { keyOf } from '../api/meta.ts'
import { rfc3339 } from '../base/time.ts'
import { type Change, type Controller, type ReconcileContext, update } from './controller.ts'
import { podKeysOnNode } from './lookup.ts'
import { isNodeReady, nodeTaints, tolerates } from './nodes.ts'
import { conditionOf } from './pods.ts'

/** Since 1.35 binding copies these labels of the node onto the Pod (PodTopologyLabelsAdmission). */
const TOPOLOGY = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region']

/**
 * Binds Pods to nodes. The real scheduler scores by many plugins and breaks ties by chance; here, as promised, the permitted node with
 * the fewest Pods wins, the first by name among equals. nodeSelector, required node affinity, taints and cordons are obeyed.
 */
export const scheduler: Controller = {
  name: 'scheduler',
  everything: (cluster) => list(cluster, 'Pod').filter(isWaiting).map(keyOf),
  concerns: ({ key, before, after }, cluster) => {
    if (key.startsWith('Pod/')) return after && isWaiting(after as Pod) ? [key] : []
    if (
      !key.startsWith('Node/') ||
      ((before as Node | undefined)?.spec === (after as Node | undefined)?.spec &&
        before?.metadata === after?.metadata &&
        ready(before) === ready(after))
    )
      return []
    return list(cluster, 'Pod').filter(isWaiting).map(keyOf)
  },
  reconcile: (cluster, keys, context) => {
    const nodes = list(cluster, 'Node')
    const load = new Map(nodes.map((node) => [node.metadata.name, podCount(cluster, node.metadata.name)] as const))
    return keys.flatMap((key) => {
      const pod = at(cluster, key) as Pod | undefined
      return pod && isWaiting(pod) && !context.memory.isFact(key) ? schedule(pod, nodes, load, context) : []
    })
  },
}

const ready = (node: unknown) => node !== undefined && isNodeReady(node as Node)

function isWaiting(pod: Pod): boolean {
  return (
    !pod.spec.nodeName &&
    pod.metadata.deletionTimestamp === undefined &&
    pod.status?.phase !== 'Succeeded' &&
    pod.status?.phase !== 'Failed'
  )
}

function podCount(cluster: Cluster, node: string): number {
  let count = 0
  for (const key of podKeysOnNode(cluster, node)) {
    const { status } = at(cluster, key) as Pod
    if (status?.phase !== 'Succeeded' && status?.phase !== 'Failed') count++
  }
  return count
}

function schedule(pod: Pod, nodes: readonly Node[], load: Map<string, number>, { now }: ReconcileContext): readonly Change[] {
  let best: Node | undefined
  let bestScore = Number.POSITIVE_INFINITY
  const pinned = pinnedNode(pod)
  for (const node of pinned === undefined ? nodes : nodes.filter((one) => one.metadata.name === pinned)) {
    if (obstacle(pod, node)) continue
    // A taint that is only to be avoided weighs more than any number of Pods.
    const avoided = nodeTaints(node).filter((taint) => taint.effect === 'PreferNoSchedule' && !tolerates(pod, taint)).length
    const score = avoided * 1e6 + (load.get(node.metadata.name) ?? 0)
    if (score < bestScore) {
      best = node
      bestScore = score
    }
  }
  if (!best) return unschedulable(pod, nodes, now)
  const { name, labels } = best.metadata
  load.set(name, (load.get(name) ?? 0) + 1)
  const copied = Object.fromEntries(TOPOLOGY.flatMap((label) => (labels?.[label] === undefined ? [] : [[label, labels[label]]])))
  const metadata = Object.keys(copied).length === 0 ? pod.metadata : { ...pod.metadata, labels: { ...pod.metadata.labels, ...copied } }
  const bound = { ...pod, metadata, spec: { ...pod.spec, nodeName: name } }
  const { status: _, ...unstarted } = bound
  const why = `${name} has the fewest Pods of the nodes it may run on.`
  return [{ change: 'update', object: pod.status ? unstarted : bound, why }]
}

/** Why the Pod may not run on the node, in the scheduler's words, or undefined if it may. */
export function obstacle(pod: Pod, node: Node): string | undefined {
  if (!selectsNode(pod, node)) return "node(s) didn't match Pod's node affinity/selector"
  if (node.spec?.unschedulable && !tolerates(pod, UNSCHEDULABLE)) return 'node(s) were unschedulable'
  const taint = nodeTaints(node).find((one) => one.effect !== 'PreferNoSchedule' && !tolerates(pod, one))
  return taint && 'node(s) had untolerated taint(s)'
}

const UNSCHEDULABLE: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }

function unschedulable(pod: Pod, nodes: readonly Node[], now: number): readonly Change[] {
  const reasons = new Map<string, number>()
  for (const node of nodes) {
    const reason = obstacle(pod, node) ?? ''
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  }
  const parts = [...reasons].map(([reason, count]) => `${count} ${reason}`).sort()
  const detail = nodes.length === 0 ? 'no nodes available to schedule pods' : `0/${nodes.length} nodes are available: ${parts.join(', ')}.`
  const old = conditionOf(pod, 'PodScheduled')
  if (old?.message === detail) return []
  const condition = {
    type: 'PodScheduled',
    status: 'False' as const,
    lastTransitionTime: old?.lastTransitionTime ?? rfc3339(now),
    reason: 'Unschedulable',
    message: detail,
  }
  return [update<Pod>({ ...pod, status: { phase: 'Pending', conditions: [condition] } }, detail)]
}

/** nodeSelector and the required part of node affinity: labels of the node, or its name. */
export function selectsNode(pod: Pod, node: Node): boolean {
  const labels = node.metadata.labels ?? {}
  for (const [label, value] of Object.entries(pod.spec.nodeSelector ?? {})) if (labels[label] !== value) return false
  const terms = requiredTerms(pod)
  return terms === undefined || terms.some((term) => termMatches(term, node))
}

type Expression = { readonly key: string; readonly operator: string; readonly values?: readonly string[] }
type Term = { readonly matchExpressions?: readonly Expression[]; readonly matchFields?: readonly Expression[] }

/** The only node that a daemon's Pod may run on: no need to look at a thousand others. */
function pinnedNode(pod: Pod): string | undefined {
  const terms = requiredTerms(pod)
  const [field] = terms?.length === 1 ? (terms[0]?.matchFields ?? []) : []
  return field?.key === 'metadata.name' && field.operator === 'In' && field.values?.length === 1 ? field.values[0] : undefined
}

function requiredTerms(pod: Pod): readonly Term[] | undefined {
  const affinity = pod.spec.affinity as
    | { nodeAffinity?: { requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms?: readonly Term[] } } }
    | undefined
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return required && (required.nodeSelectorTerms ?? [])
}

function termMatches({ matchExpressions = [], matchFields = [] }: Term, node: Node): boolean {
  // A term that asks nothing selects nothing.
  if (matchExpressions.length + matchFields.length === 0) return false
  return (
    matchExpressions.every((expression) => holds(expression, node.metadata.labels?.[expression.key])) &&
    matchFields.every((field) => holds(field, field.key === 'metadata.name' ? node.metadata.name : undefined))
  )
}

function holds({ operator, values = [] }: Expression, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0])
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0])
    default:
      return false
  }
}
