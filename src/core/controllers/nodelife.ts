import { at, type Cluster, find, list } from '../api/cluster.ts'
import type { Node } from '../api/kinds/node.ts'
import type { Condition, Pod } from '../api/kinds/pod.ts'
import { keyOf, type ObjectKey } from '../api/meta.ts'
import { millisOf, rfc3339 } from '../base/time.ts'
import { type Change, type Controller, type ReconcileContext, update } from './controller.ts'
import { podsOnNode } from './lookup.ts'
import { isNodeReady, nodeTaints } from './nodes.ts'
import { conditionOf, deletePod } from './pods.ts'
import { because, type Why } from './why.ts'

/**
 * The node lifecycle controller: the Pods of a node that stopped being ready are not ready either, whatever their containers do; when
 * it is back, its kubelet says again what it knows. Pods given with a status stay as given.
 */
export const nodeLifecycle: Controller = {
  name: 'node-lifecycle-controller',
  everything: () => [],
  watches: ['Node'],
  concerns: ({ key, before, after }, cluster) => {
    if (!key.startsWith('Node/') || !before || !after || isNodeReady(before as Node) === isNodeReady(after as Node)) return []
    return podsOnNode(cluster, after.metadata.name).map(keyOf)
  },
  reconcile: (cluster, keys, { now, memory }) =>
    keys.flatMap((key) => {
      if (memory.isFact(key)) return []
      const pod = at(cluster, key) as Pod | undefined
      const node = pod && find(cluster, 'Node', '', pod.spec.nodeName ?? '')
      return node && pod.status?.phase === 'Running' ? follow(pod, isNodeReady(node), now) : []
    }),
}

function follow(pod: Pod, nodeReady: boolean, now: number): readonly Change[] {
  const ready = conditionOf(pod, 'Ready')
  const containers = conditionOf(pod, 'ContainersReady')
  if (!ready) return []
  if (!nodeReady && ready.status === 'True') {
    // What the containers are is remembered where the Pod's status does not say it, for the day the node is back.
    const known: Condition[] = containers ? [] : [{ type: 'ContainersReady', status: 'True' }]
    return [update(withReady(pod, 'False', now, known), because('node-not-ready', { node: pod.spec.nodeName ?? '' }))]
  }
  const isOpen = (pod.spec.readinessGates ?? []).every(({ conditionType }) => conditionOf(pod, conditionType)?.status === 'True')
  if (nodeReady && ready.status !== 'True' && containers?.status === 'True' && isOpen) {
    return [update(withReady(pod, 'True', now, []), because('node-back', { node: pod.spec.nodeName ?? '' }))]
  }
  return []
}

function withReady(pod: Pod, status: 'True' | 'False', now: number, more: readonly Condition[]): Pod {
  const change = (one: Condition): Condition => (one.type === 'Ready' ? { type: 'Ready', status, lastTransitionTime: rfc3339(now) } : one)
  return { ...pod, status: { ...pod.status, conditions: [...(pod.status?.conditions ?? []).map(change), ...more] } }
}

const EVICTION = 'taint-eviction-controller'
/** What the admission plugin DefaultTolerationSeconds gives every Pod that says nothing of nodes that are not ready. */
const DEFAULT_SECONDS = 300
const NOT_READY = new Set(['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'])

/** Deletes Pods from nodes with a NoExecute taint that they do not tolerate, or no longer. */
export const taintEviction: Controller = {
  name: EVICTION,
  everything: (cluster) =>
    list(cluster, 'Node')
      .filter(evicts)
      .flatMap((node) => podsOnNode(cluster, node.metadata.name).map(keyOf)),
  watches: ['Node', 'Pod'],
  concerns: ({ key, before, after }, cluster) => {
    if (key.startsWith('Node/')) {
      const changed = [before, after].some((node) => node && evicts(node as Node))
      return changed ? podsOnNode(cluster, key.slice('Node//'.length)).map(keyOf) : []
    }
    if (!key.startsWith('Pod/') || !after) return []
    const node = find(cluster, 'Node', '', (after as Pod).spec.nodeName ?? '')
    return node && evicts(node) ? [key] : []
  },
  reconcile: (cluster, keys, context) => keys.flatMap((key) => (context.memory.isFact(key) ? [] : evict(cluster, key, context))),
}

const evicts = (node: Node): boolean => nodeTaints(node).some(({ effect }) => effect === 'NoExecute')

function evict(cluster: Cluster, key: ObjectKey, context: ReconcileContext): readonly Change[] {
  const pod = at(cluster, key) as Pod | undefined
  const node = pod && find(cluster, 'Node', '', pod.spec.nodeName ?? '')
  const known = context.memory.triggersOf(`${EVICTION} ${key}`) ?? {}
  const isOver = !node || pod.metadata.deletionTimestamp !== undefined || !evicts(node)
  context.memory.setTriggers(`${EVICTION} ${key}`, isOver ? undefined : sinceWhen(node, known, context.now))
  if (isOver) {
    context.memory.wake(EVICTION, key, undefined)
    return []
  }
  let at_: number | undefined
  let why: Why | undefined
  for (const taint of nodeTaints(node)) {
    if (taint.effect !== 'NoExecute') continue
    const seconds = toleratedFor(pod, taint)
    if (seconds === undefined) continue
    const since = context.memory.triggersOf(`${EVICTION} ${key}`)?.[taint.key] ?? context.now
    const time = since + seconds * 1000
    if (at_ !== undefined && time >= at_) continue
    at_ = time
    const params = { node: node.metadata.name, taint: taint.key, seconds }
    why = because(seconds > 0 ? 'taint-after' : 'taint-at-once', params)
  }
  const isDue = at_ !== undefined && at_ <= context.now
  context.memory.wake(EVICTION, key, isDue ? undefined : at_)
  return isDue && why ? deletePod(pod, why, context) : []
}

/** Since when the node has each of its taints: as its Ready condition says, or since they were first seen. */
function sinceWhen(node: Node, known: Readonly<Record<string, number>>, now: number): Readonly<Record<string, number>> {
  const taints = nodeTaints(node).filter(({ effect }) => effect === 'NoExecute')
  const since = (key: string) => (NOT_READY.has(key) ? millisOf(readyCondition(node)?.lastTransitionTime) : undefined) ?? known[key] ?? now
  return Object.fromEntries(taints.map(({ key }) => [key, since(key)]))
}

const readyCondition = (node: Node) => node.status?.conditions?.find(({ type }) => type === 'Ready')

/** For how many seconds a Pod bears a taint: 0 not at all, undefined for ever. */
function toleratedFor(pod: Pod, taint: { readonly key: string; readonly value?: string; readonly effect: string }): number | undefined {
  const tolerations = (pod.spec.tolerations ?? []).filter(
    ({ key, operator, value, effect }) =>
      (!effect || effect === taint.effect) &&
      (!key || key === taint.key) &&
      (operator === 'Exists' || (value ?? '') === (taint.value ?? '')),
  )
  if (tolerations.length === 0) return NOT_READY.has(taint.key) ? DEFAULT_SECONDS : 0
  const limits = tolerations.flatMap(({ tolerationSeconds }) => tolerationSeconds ?? [])
  return limits.length === 0 ? undefined : Math.max(0, Math.min(...limits))
}
