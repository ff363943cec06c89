import { at, type Cluster, find, list } from '../api/cluster.ts'
import { type Deployment, REVISION_ANNOTATION, type ReplicaSet } from '../api/kinds/workload.ts'
import { controllerOf, keyOf } from '../api/meta.ts'
import { sameData } from '../base/copy.ts'
import { byText } from '../base/order.ts'
import { rfc3339 } from '../base/time.ts'
import type { Change, Controller, ReconcileContext } from './controller.ts'
import { deploymentStatus } from './deploymentstatus.ts'
import { ownedObjects, podsOwned, podsSelected } from './lookup.ts'
import { uidOf } from './names.ts'
import { controllerReference, isActive, ownerKey, ownerKeys } from './pods.ts'
import { availableOf, desiredReplicas, isRolling, maxSurge, newReplicas, oldReplicas, sumOf } from './rollout.ts'
import { templateHash } from './templatehash.ts'
import { because } from './why.ts'

const HASH_LABEL = 'pod-template-hash'
const DESIRED = 'deployment.kubernetes.io/desired-replicas'
const MAX = 'deployment.kubernetes.io/max-replicas'

/** Deployments: one ReplicaSet per Pod template, scaled up and down against each other as the strategy permits. */
export const deploymentController: Controller = {
  name: 'deployment-controller',
  everything: (cluster) => list(cluster, 'Deployment').map(keyOf),
  watches: ['Deployment', 'ReplicaSet', 'Pod'],
  concerns: ({ key, before, after }, cluster) => {
    if (key.startsWith('Deployment/')) return [key]
    if (key.startsWith('ReplicaSet/')) return ownerKeys(before, after, 'Deployment')
    if (!key.startsWith('Pod/')) return []
    // Only Recreate waits for Pods to be gone; everything else it learns from its ReplicaSets.
    if (after) return []
    const replicaSet = ownerKey(before, 'ReplicaSet')[0]
    const owner = replicaSet === undefined ? undefined : at(cluster, replicaSet)
    return ownerKey(owner, 'Deployment')
  },
  reconcile: (cluster, keys, context) =>
    keys.flatMap((key) => {
      const deployment = at(cluster, key) as Deployment | undefined
      return deployment && deployment.metadata.deletionTimestamp === undefined ? sync(cluster, deployment, context) : []
    }),
}

type Rollout = {
  readonly deployment: Deployment
  readonly fresh: ReplicaSet | undefined
  readonly old: readonly ReplicaSet[]
  readonly changes: Change[]
}

function sync(cluster: Cluster, deployment: Deployment, context: ReconcileContext): readonly Change[] {
  const all = (ownedObjects(cluster, 'ReplicaSet', deployment.metadata.uid) as readonly ReplicaSet[])
    .filter((replicaSet) => replicaSet.metadata.namespace === deployment.metadata.namespace)
    .sort(
      (a, b) => byText(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') || byText(a.metadata.name, b.metadata.name),
    )
  const fresh = all.find((replicaSet) => sameTemplate(replicaSet, deployment))
  const old = all.filter((replicaSet) => replicaSet !== fresh)
  const rollout: Rollout = { deployment, fresh, old, changes: [] }
  if (deployment.spec.paused || isScaling(deployment, all)) scaleProportionally(rollout)
  else if (isRolling(deployment)) rollingUpdate(cluster, rollout, context)
  else recreate(cluster, rollout, context)
  return [...rollout.changes, ...deploymentStatus(deployment, fresh, all, context)]
}

function sameTemplate(replicaSet: ReplicaSet, deployment: Deployment): boolean {
  const { [HASH_LABEL]: _, ...labels } = replicaSet.spec.template.metadata?.labels ?? {}
  const { template } = deployment.spec
  return (
    sameData(labels, template.metadata?.labels ?? {}) &&
    sameData(replicaSet.spec.template.metadata?.annotations ?? {}, template.metadata?.annotations ?? {}) &&
    sameData(replicaSet.spec.template.spec, template.spec)
  )
}

/** The Deployment's replicas were changed since its ReplicaSets were last scaled. */
function isScaling(deployment: Deployment, all: readonly ReplicaSet[]): boolean {
  return all.some((replicaSet) => {
    const recorded = replicaSet.metadata.annotations?.[DESIRED]
    return desiredReplicas(replicaSet) > 0 && recorded !== undefined && Number(recorded) !== desiredReplicas(deployment)
  })
}

function rollingUpdate(cluster: Cluster, rollout: Rollout, context: ReconcileContext): void {
  const { deployment, old } = rollout
  const fresh = ensureNew(cluster, rollout, context)
  const size = desiredReplicas(fresh)
  if (size > desiredReplicas(deployment)) {
    scale(rollout, fresh, desiredReplicas(deployment))
    return
  }
  if (rollout.fresh && size < desiredReplicas(deployment)) {
    const next = newReplicas(deployment, [...old, fresh], size)
    if (next !== size) {
      scale(rollout, fresh, next)
      return
    }
  }
  for (const [replicaSet, replicas] of oldReplicas(
    deployment,
    fresh,
    old.filter((one) => desiredReplicas(one) > 0),
  )) {
    scale(rollout, replicaSet, replicas)
  }
  if (isComplete(rollout, fresh)) cleanUp(rollout)
}

function recreate(cluster: Cluster, rollout: Rollout, context: ReconcileContext): void {
  const { deployment, old } = rollout
  const running = old.filter((replicaSet) => desiredReplicas(replicaSet) > 0)
  for (const replicaSet of running) scale(rollout, replicaSet, 0)
  if (running.length > 0) return
  // The new Pods wait until the old ones are gone, not only told to go; finished Pods do not hold them up.
  const waits = old.some((replicaSet) =>
    podsOwned(cluster, replicaSet).some((pod) => isActive(pod) || (pod.status?.phase !== 'Failed' && pod.status?.phase !== 'Succeeded')),
  )
  if (waits) return
  const fresh = ensureNew(cluster, rollout, context)
  if (desiredReplicas(fresh) !== desiredReplicas(deployment)) scale(rollout, fresh, desiredReplicas(deployment))
  else if (isComplete(rollout, fresh)) cleanUp(rollout)
}

/** The template's hash; where another ReplicaSet has that name, with a collision count, as `status.collisionCount` does it. */
function freeHash(cluster: Cluster, { metadata, spec }: Deployment): string {
  for (let collisions = 0; ; collisions++) {
    const hash = templateHash(spec.template, collisions)
    if (!find(cluster, 'ReplicaSet', metadata.namespace ?? '', `${metadata.name}-${hash}`)) return hash
  }
}

/** The ReplicaSet of the present template, made if there is none. */
function ensureNew(cluster: Cluster, rollout: Rollout, context: ReconcileContext): ReplicaSet {
  const { deployment, fresh, old } = rollout
  const revision = String(Math.max(0, ...old.map(revisionOf)) + 1)
  if (fresh) {
    const behind = revisionOf(fresh) < Number(revision)
    if (!behind) return fresh
    const updated = {
      ...fresh,
      metadata: { ...fresh.metadata, annotations: { ...fresh.metadata.annotations, [REVISION_ANNOTATION]: revision } },
    }
    rollout.changes.push({ change: 'update', object: updated, why: because('revision-now', { revision }) })
    return updated
  }
  const empty = newReplicaSet(cluster, deployment, revision, context)
  const replicas = newReplicas(deployment, old, 0)
  const object = sized(deployment, empty, replicas)
  const why = old.length === 0 ? 'deployment-new' : 'template-changed'
  const scaled = because(`${why}-scaled`, { name: object.metadata.name, to: replicas })
  rollout.changes.push({ change: 'create', object, why: replicas > 0 ? scaled : because(why) })
  return object
}

const revisionOf = (replicaSet: ReplicaSet): number => Number(replicaSet.metadata.annotations?.[REVISION_ANNOTATION] ?? 0)

/**
 * The ReplicaSet that the Deployment's Pods name as their owner though it is not there: a dump without ReplicaSets. Of several the one
 * with most Pods is taken for the present one.
 */
function impliedReplicaSet(cluster: Cluster, { metadata, spec }: Deployment): { readonly hash: string; readonly uid: string } | undefined {
  const found = new Map<string, { readonly hash: string; readonly uid: string; count: number }>()
  for (const pod of podsSelected(cluster, metadata.namespace ?? '', spec.selector)) {
    const hash = pod.metadata.labels?.[HASH_LABEL]
    const owner = controllerOf(pod)
    if (hash === undefined || owner?.kind !== 'ReplicaSet' || owner.name !== `${metadata.name}-${hash}`) continue
    if (find(cluster, 'ReplicaSet', metadata.namespace ?? '', owner.name)) continue
    const known = found.get(hash)
    if (known) known.count++
    else found.set(hash, { hash, uid: owner.uid, count: 1 })
  }
  return [...found.values()].sort((a, b) => b.count - a.count)[0]
}

function newReplicaSet(cluster: Cluster, deployment: Deployment, revision: string, { now, memory }: ReconcileContext): ReplicaSet {
  const { template, selector, minReadySeconds } = deployment.spec
  const implied = impliedReplicaSet(cluster, deployment)
  const hash = implied?.hash ?? freeHash(cluster, deployment)
  const name = `${deployment.metadata.name}-${hash}`
  const { namespace } = deployment.metadata
  const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash }
  const key = `ReplicaSet/${namespace}/${name}`
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      uid: implied?.uid ?? uidOf(key, memory.serial(key)),
      generation: 1,
      creationTimestamp: rfc3339(now),
      labels,
      annotations: { ...inherited(deployment), [REVISION_ANNOTATION]: revision },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: 0,
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
    },
  }
}

const NOT_INHERITED = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION_ANNOTATION,
  DESIRED,
  MAX,
  'deprecated.deployment.rollback.to',
])

function inherited(deployment: Deployment): Record<string, string> {
  return Object.fromEntries(Object.entries(deployment.metadata.annotations ?? {}).filter(([name]) => !NOT_INHERITED.has(name)))
}

function scale(rollout: Rollout, replicaSet: ReplicaSet, replicas: number): void {
  const from = desiredReplicas(replicaSet)
  const direction = from < replicas ? 'up' : 'down'
  rollout.changes.push({
    change: 'update',
    object: sized(rollout.deployment, replicaSet, replicas),
    why: because(`scaled-${direction}`, { name: replicaSet.metadata.name, from, to: replicas }),
  })
}

function sized(deployment: Deployment, replicaSet: ReplicaSet, replicas: number): ReplicaSet {
  const desired = desiredReplicas(deployment)
  const annotations = { ...replicaSet.metadata.annotations, [DESIRED]: String(desired), [MAX]: String(desired + maxSurge(deployment)) }
  const changed = replicas !== desiredReplicas(replicaSet)
  const generation = (replicaSet.metadata.generation ?? 1) + (changed && replicaSet.metadata.generation !== undefined ? 1 : 0)
  return { ...replicaSet, metadata: { ...replicaSet.metadata, annotations, generation }, spec: { ...replicaSet.spec, replicas } }
}

/** `deploymentutil.DeploymentComplete`, asked of the ReplicaSets instead of the Deployment's status, which lags one sync behind. */
function isComplete({ deployment, old }: Rollout, fresh: ReplicaSet): boolean {
  const desired = desiredReplicas(deployment)
  return (
    desiredReplicas(fresh) === desired &&
    availableOf(fresh) === desired &&
    old.every((replicaSet) => desiredReplicas(replicaSet) === 0 && (replicaSet.status?.replicas ?? 0) === 0)
  )
}

/** Deletes the oldest emptied ReplicaSets beyond `revisionHistoryLimit`. */
function cleanUp({ deployment, old, changes }: Rollout): void {
  const limit = deployment.spec.revisionHistoryLimit ?? 10
  const byRevision = [...old].sort((a, b) => revisionOf(a) - revisionOf(b))
  for (const replicaSet of byRevision.slice(0, Math.max(0, old.length - limit))) {
    changes.push({
      change: 'delete',
      key: keyOf(replicaSet),
      why: because('history-limit', { limit }),
    })
  }
}

/**
 * Scaling in the middle of a rollout (and while paused): the difference is spread over the ReplicaSets in proportion to their sizes,
 * larger ones first: `dc.scale`.
 */
function scaleProportionally(rollout: Rollout): void {
  const { deployment, fresh, old } = rollout
  const desired = desiredReplicas(deployment)
  const active = [...old, ...(fresh ? [fresh] : [])].filter((replicaSet) => desiredReplicas(replicaSet) > 0)
  const only = active.length === 1 ? active[0] : active.length === 0 ? fresh : undefined
  if (only || active.length === 0) {
    if (only && needsSize(deployment, only, desired)) scale(rollout, only, desired)
    return
  }
  if (fresh && isSaturated(deployment, fresh)) {
    for (const replicaSet of old) if (desiredReplicas(replicaSet) > 0) scale(rollout, replicaSet, 0)
    return
  }
  if (!isRolling(deployment)) return
  const total = sumOf(active, desiredReplicas)
  const allowed = desired > 0 ? desired + maxSurge(deployment) : 0
  const toAdd = allowed - total
  const newest = (a: ReplicaSet, b: ReplicaSet) => byText(b.metadata.creationTimestamp ?? '', a.metadata.creationTimestamp ?? '')
  const oldest = (a: ReplicaSet, b: ReplicaSet) => -newest(a, b)
  const bySize = [...active].sort((a, b) => desiredReplicas(b) - desiredReplicas(a) || (toAdd >= 0 ? newest(a, b) : oldest(a, b)))
  const sizes = new Map<ReplicaSet, number>()
  let added = 0
  for (const replicaSet of bySize) {
    const part = toAdd === 0 ? 0 : share(deployment, replicaSet, toAdd, added, allowed)
    sizes.set(replicaSet, desiredReplicas(replicaSet) + part)
    added += part
  }
  const first = bySize[0]
  // Whatever rounding left over goes to the largest.
  if (first && toAdd !== 0) sizes.set(first, Math.max(0, (sizes.get(first) ?? 0) + toAdd - added))
  for (const [replicaSet, size] of sizes) if (needsSize(deployment, replicaSet, size)) scale(rollout, replicaSet, size)
}

function share(deployment: Deployment, replicaSet: ReplicaSet, toAdd: number, added: number, allowed: number): number {
  const size = desiredReplicas(replicaSet)
  const max = Number(replicaSet.metadata.annotations?.[MAX] ?? 0) || (deployment.status?.replicas ?? 0)
  const fraction = max === 0 ? 0 : Math.round((size * (allowed === 0 ? 0 : allowed)) / max) - size
  const part = allowed === 0 ? -size : fraction
  return toAdd > 0 ? Math.min(part, toAdd - added) : Math.max(part, toAdd - added)
}

function needsSize(deployment: Deployment, replicaSet: ReplicaSet, size: number): boolean {
  const { annotations } = replicaSet.metadata
  const desired = desiredReplicas(deployment)
  return (
    size !== desiredReplicas(replicaSet) ||
    annotations?.[DESIRED] !== String(desired) ||
    annotations?.[MAX] !== String(desired + maxSurge(deployment))
  )
}

function isSaturated(deployment: Deployment, replicaSet: ReplicaSet): boolean {
  const desired = desiredReplicas(deployment)
  return (
    desiredReplicas(replicaSet) === desired &&
    Number(replicaSet.metadata.annotations?.[DESIRED]) === desired &&
    availableOf(replicaSet) === desired
  )
}
