import type { Deployment, ReplicaSet } from '../api/kinds/workload.ts'

/** An absolute number or a percentage of `total`, as `intstr.GetScaledValueFromIntOrPercent` reads it. */
export function scaled(value: number | string | undefined, total: number, round: 'up' | 'down'): number {
  if (typeof value === 'number') return value
  const match = /^(\d+)%$/.exec(value ?? '')
  if (!match) return 0
  const exact = (Number(match[1]) * total) / 100
  return round === 'up' ? Math.ceil(exact) : Math.floor(exact)
}

/** maxSurge and maxUnavailable as numbers of Pods: surge rounds up, unavailable down, and they are never both 0. */
export function fenceposts(
  maxSurge: number | string | undefined,
  maxUnavailable: number | string | undefined,
  desired: number,
): { readonly surge: number; readonly unavailable: number } {
  const surge = scaled(maxSurge ?? 0, desired, 'up')
  const unavailable = scaled(maxUnavailable ?? 0, desired, 'down')
  // Both may come to 0 by rounding; then a rollout could never move.
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable }
}

/** Whether the strategy is RollingUpdate, the default. */
export const isRolling = (deployment: Deployment): boolean => deployment.spec.strategy?.type !== 'Recreate'

/** How many Pods a ReplicaSet is asked for; one where it does not say. */
export function desiredReplicas(object: Deployment | ReplicaSet): number {
  return object.spec.replicas ?? 1
}

/** What the API server fills in where a Deployment does not say. */
const DEFAULT = '25%'

function fencepostsOf(deployment: Deployment): { readonly surge: number; readonly unavailable: number } {
  const { maxSurge = DEFAULT, maxUnavailable = DEFAULT } = deployment.spec.strategy?.rollingUpdate ?? {}
  return fenceposts(maxSurge, maxUnavailable, desiredReplicas(deployment))
}

/** How many Pods may be unavailable during a rollout. */
export function maxUnavailable(deployment: Deployment): number {
  const desired = desiredReplicas(deployment)
  if (!isRolling(deployment) || desired === 0) return 0
  return Math.min(fencepostsOf(deployment).unavailable, desired)
}

/** How many Pods above the desired number may exist during a rollout. */
export function maxSurge(deployment: Deployment): number {
  return isRolling(deployment) ? fencepostsOf(deployment).surge : 0
}

/** A value summed over items. */
export const sumOf = <T>(items: readonly T[], value: (item: T) => number): number => items.reduce((sum, item) => sum + value(item), 0)
/** How many of a ReplicaSet's Pods are available. */
export const availableOf = (replicaSet: ReplicaSet): number => replicaSet.status?.availableReplicas ?? 0

/** What the new ReplicaSet should be scaled to next: `deploymentutil.NewRSNewReplicas`. Terminating Pods do not count. */
export function newReplicas(deployment: Deployment, all: readonly ReplicaSet[], current: number): number {
  const desired = desiredReplicas(deployment)
  if (!isRolling(deployment)) return desired
  const total = sumOf(all, desiredReplicas)
  const limit = desired + maxSurge(deployment)
  if (total >= limit) return current
  return current + Math.min(limit - total, desired - current)
}

/**
 * What the old ReplicaSets (oldest first) should be scaled to next: `reconcileOldReplicaSets`. Unhealthy Pods go first, then ready ones
 * as far as enough stay available.
 */
export function oldReplicas(deployment: Deployment, fresh: ReplicaSet, old: readonly ReplicaSet[]): ReadonlyMap<ReplicaSet, number> {
  const scale = new Map<ReplicaSet, number>()
  const minAvailable = desiredReplicas(deployment) - maxUnavailable(deployment)
  const all = sumOf(old, desiredReplicas) + desiredReplicas(fresh)
  const limit = all - minAvailable - (desiredReplicas(fresh) - availableOf(fresh))
  if (limit <= 0) return scale
  let unhealthy = 0
  for (const replicaSet of old) {
    const sick = desiredReplicas(replicaSet) - availableOf(replicaSet)
    const down = Math.min(limit - unhealthy, sick)
    if (down <= 0) continue
    unhealthy += down
    scale.set(replicaSet, desiredReplicas(replicaSet) - down)
  }
  let spare = sumOf([...old, fresh], availableOf) - minAvailable
  for (const replicaSet of old) {
    const current = scale.get(replicaSet) ?? desiredReplicas(replicaSet)
    const down = Math.min(spare, current)
    if (down <= 0) continue
    spare -= down
    scale.set(replicaSet, current - down)
  }
  return scale
}
