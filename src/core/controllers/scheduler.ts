import { at, type Cluster, find, list } from '../api/cluster.ts'
import type { Node, Taint } from '../api/kinds/node.ts'
import type { Pod, PodSpec } from '../api/kinds/pod.ts'
import { keyOf } from '../api/meta.ts'
import { type Requirement, requirementHolds } from '../api/selector.ts'
import { rfc3339 } from '../base/time.ts'
import { type Change, type Controller, type ReconcileContext, update } from './controller.ts'
import { podCountOnNode } from './lookup.ts'
import { isNodeReady, nodeTaints, tolerates } from './nodes.ts'
import { conditionOf } from './pods.ts'
import { because } from './why.ts'

/** Since 1.35 binding copies these labels of the node onto the Pod (PodTopologyLabelsAdmission). */
const TOPOLOGY = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region']

/**
 * Binds Pods to nodes. The real scheduler scores by many plugins and breaks ties by chance; here, as promised, the permitted node with
 * the fewest Pods wins, the first by name among equals. nodeSelector, required node affinity, taints and cordons are obeyed.
 */
export const scheduler: Controller = {
  name: 'scheduler',
  everything: (cluster) => list(cluster, 'Pod').filter(isWaiting).map(keyOf),
  watches: ['Pod', 'Node'],
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
    const rank = ranking(cluster)
    return keys.flatMap((key) => {
      const pod = at(cluster, key) as Pod | undefined
      return pod && isWaiting(pod) && !context.memory.isFact(key) ? schedule(cluster, pod, rank, context) : []
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

type Ranking = {
  /** The node for the Pod, which then counts as being there; undefined if none will do. */
  readonly take: (pod: Pod) => Node | undefined
}

/**
 * Nodes by how many Pods they have. Pods that ask for the same share one heap of the nodes that will do, so that a thousand Pods on a
 * thousand nodes are not a million questions.
 */
function ranking(cluster: Cluster): Ranking {
  const nodes = list(cluster, 'Node')
  const load = new Map<string, number>()
  const loadOf = ({ metadata: { name } }: Node) => {
    let count = load.get(name)
    if (count === undefined) {
      count = podCountOnNode(cluster, name)
      load.set(name, count)
    }
    return count
  }
  const heaps = new Map<string, Heap<Node>>()
  const bind = (node: Node | undefined) => {
    if (node) load.set(node.metadata.name, loadOf(node) + 1)
    return node
  }
  return {
    take: (pod) => {
      const pinned = pinnedNode(pod)
      if (pinned !== undefined) {
        const node = find(cluster, 'Node', '', pinned)
        return node && !obstacle(pod, node) ? bind(node) : undefined
      }
      const wants = wantsOf(pod.spec)
      let heap = heaps.get(wants)
      if (!heap) {
        heap = heapOf(
          nodes.filter((node) => !obstacle(pod, node)),
          (node) => loadOf(node) + avoided(pod, node) * AVOIDED,
        )
        heaps.set(wants, heap)
      }
      return bind(heap.least())
    },
  }
}

const wishes = new WeakMap<PodSpec, string>()

/** What a Pod asks of its node, as one text. The Pods of one template share it, and their spec. */
function wantsOf(spec: PodSpec): string {
  let wants = wishes.get(spec)
  if (wants === undefined) {
    wants = JSON.stringify([spec.nodeSelector, spec.affinity, spec.tolerations])
    wishes.set(spec, wants)
  }
  return wants
}

/** A taint that is only to be avoided weighs more than any number of Pods. */
const AVOIDED = 1e6

function avoided(pod: Pod, node: Node): number {
  return nodeTaints(node).filter((taint) => taint.effect === 'PreferNoSchedule' && !tolerates(pod, taint)).length
}

type Heap<T> = { readonly least: () => T | undefined }

/** The item of least weight, the first one among equals; weights only ever grow between two questions. */
function heapOf<T>(items: readonly T[], weightOf: (item: T) => number): Heap<T> {
  const heap = items.map((item, order) => ({ item, order, weight: weightOf(item) }))
  type Entry = (typeof heap)[number]
  const isBefore = (a: Entry, b: Entry) => a.weight < b.weight || (a.weight === b.weight && a.order < b.order)
  const sift = (start: number) => {
    for (let i = start; ; ) {
      let best = i
      for (const child of [2 * i + 1, 2 * i + 2]) {
        const entry = heap[child]
        if (entry && isBefore(entry, heap[best] as Entry)) best = child
      }
      if (best === i) return
      const swapped = heap[i] as Entry
      heap[i] = heap[best] as Entry
      heap[best] = swapped
      i = best
    }
  }
  for (let i = heap.length >> 1; i >= 0; i--) sift(i)
  return {
    least: () => {
      for (;;) {
        const top = heap[0]
        const weight = top && weightOf(top.item)
        if (!top || weight === top.weight) return top?.item
        heap[0] = { ...top, weight: weight ?? 0 }
        sift(0)
      }
    },
  }
}

function schedule(cluster: Cluster, pod: Pod, rank: Ranking, { now }: ReconcileContext): readonly Change[] {
  const best = rank.take(pod)
  if (!best) return unschedulable(pod, list(cluster, 'Node'), now)
  const { name, labels } = best.metadata
  const copied = Object.fromEntries(TOPOLOGY.flatMap((label) => (labels?.[label] === undefined ? [] : [[label, labels[label]]])))
  const metadata = Object.keys(copied).length === 0 ? pod.metadata : { ...pod.metadata, labels: { ...pod.metadata.labels, ...copied } }
  const bound = { ...pod, metadata, spec: { ...pod.spec, nodeName: name } }
  const { status: _, ...unstarted } = bound
  const why = because('scheduled', { node: name })
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
  return [update<Pod>({ ...pod, status: { phase: 'Pending', conditions: [condition] } }, because('unschedulable', { message: detail }))]
}

/** nodeSelector and the required part of node affinity: labels of the node, or its name. */
export function selectsNode(pod: Pod, node: Node): boolean {
  const labels = node.metadata.labels ?? {}
  for (const [label, value] of Object.entries(pod.spec.nodeSelector ?? {})) if (labels[label] !== value) return false
  const terms = requiredTerms(pod)
  return terms === undefined || terms.some((term) => termMatches(term, node))
}

type Term = { readonly matchExpressions?: readonly Requirement[]; readonly matchFields?: readonly Requirement[] }

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

/** A node selector's requirement: a label selector's, or a comparison of whole numbers. */
function holds(requirement: Requirement, value: string | undefined): boolean {
  const { operator, values = [] } = requirement
  if (operator === 'Gt') return value !== undefined && Number(value) > Number(values[0])
  if (operator === 'Lt') return value !== undefined && Number(value) < Number(values[0])
  return requirementHolds(requirement, value)
}
