import { isPodReady, type Pod } from '../api/kinds/pod.ts'
import { byText } from '../base/order.ts'
import { millisOf } from '../base/time.ts'
import { conditionOf, isActive } from './pods.ts'

const PHASES = ['Pending', 'Unknown', 'Running']
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost'

/**
 * Which Pods a ReplicaSet gives up first (`controller.ActivePodsWithRanks`): unassigned, Pending before Running, not ready, cheap to
 * delete, crowded with siblings on their node, ready for a shorter time, restarted more often, younger. Where Kubernetes leaves the
 * order to chance, the last name goes first.
 */
export function firstToGo(pods: readonly Pod[], related: readonly Pod[], count: number, now: number): readonly Pod[] {
  const crowd = new Map<string, number>()
  for (const pod of related) if (isActive(pod)) crowd.set(pod.spec.nodeName ?? '', (crowd.get(pod.spec.nodeName ?? '') ?? 0) + 1)
  const crowdOf = (pod: Pod) => crowd.get(pod.spec.nodeName ?? '') ?? 0
  const phase = (pod: Pod) => PHASES.indexOf(pod.status?.phase ?? 'Pending')
  const order = (a: Pod, b: Pod) =>
    Number(Boolean(a.spec.nodeName)) - Number(Boolean(b.spec.nodeName)) ||
    phase(a) - phase(b) ||
    Number(isPodReady(a)) - Number(isPodReady(b)) ||
    deletionCost(a) - deletionCost(b) ||
    crowdOf(b) - crowdOf(a) ||
    byAge(a, b, readySince, now) ||
    restarts(b) - restarts(a) ||
    byAge(a, b, (pod) => millisOf(pod.metadata.creationTimestamp), now) ||
    byText(b.metadata.name, a.metadata.name)
  return [...pods].sort(order).slice(0, count)
}

function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[DELETION_COST] ?? ''
  return /^(0|-?[1-9]\d*)$/.test(text) ? Number(text) : 0
}

const readySince = (pod: Pod) => (isPodReady(pod) ? millisOf(conditionOf(pod, 'Ready')?.lastTransitionTime) : undefined)

/** The younger first, but ages count on a scale of powers of two (of nanoseconds); within one power the UID decides. */
function byAge(a: Pod, b: Pod, timeOf: (pod: Pod) => number | undefined, now: number): number {
  const left = timeOf(a)
  const right = timeOf(b)
  if (left === right) return 0
  // No time at all counts as the youngest.
  if (left === undefined) return -1
  if (right === undefined) return 1
  const difference = power(now - left) - power(now - right)
  return difference || byText(a.metadata.uid ?? '', b.metadata.uid ?? '')
}

function power(age: number): number {
  return age <= 0 ? -1 : Math.floor(Math.log2(age * 1e6))
}

function restarts(pod: Pod): number {
  return Math.max(0, ...(pod.status?.containerStatuses ?? []).map((container) => container.restartCount ?? 0))
}
