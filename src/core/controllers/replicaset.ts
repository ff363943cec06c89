import { at, type Cluster, list } from '../api/cluster.ts'
import { isPodReady, type Pod } from '../api/kinds/pod.ts'
import { MOST_REPLICAS, type ReplicaSet } from '../api/kinds/workload.ts'
import { controllerOf, keyOf, type ObjectKey } from '../api/meta.ts'
import { labelSelects } from '../api/selector.ts'
import { sameData } from '../base/copy.ts'
import { type Change, type Controller, type ReconcileContext, update } from './controller.ts'
import { writtenCounts } from './deploymentstatus.ts'
import { orphans, ownedObjects, podsOwned } from './lookup.ts'
import { generatedName } from './names.ts'
import { firstToGo } from './podrank.ts'
import { availableAt, controllerReference, deletePod, isActive, ownerKeys, podFrom } from './pods.ts'
import { because } from './why.ts'

const NAME = 'replicaset-controller'

/** ReplicaSets: as many Pods of the template as the spec says. */
export const replicaSetController: Controller = {
  name: NAME,
  everything: (cluster) => list(cluster, 'ReplicaSet').map(keyOf),
  watches: ['ReplicaSet', 'Pod'],
  concerns: ({ key, before, after }, cluster) => {
    if (key.startsWith('ReplicaSet/')) return [key]
    if (!key.startsWith('Pod/')) return []
    const owners = ownerKeys(before, after, 'ReplicaSet')
    return after && !controllerOf(after) ? [...owners, ...adopters(cluster, after as Pod)] : owners
  },
  reconcile: (cluster, keys, context) =>
    keys.flatMap((key) => {
      const replicaSet = at(cluster, key) as ReplicaSet | undefined
      return replicaSet && replicaSet.metadata.deletionTimestamp === undefined ? sync(cluster, replicaSet, context) : []
    }),
}

/** An orphan Pod is offered to every ReplicaSet of its namespace that selects it. */
function adopters(cluster: Cluster, pod: Pod): readonly ObjectKey[] {
  return list(cluster, 'ReplicaSet')
    .filter(({ metadata, spec }) => metadata.namespace === pod.metadata.namespace && labelSelects(spec.selector, pod.metadata.labels))
    .map(keyOf)
}

function sync(cluster: Cluster, replicaSet: ReplicaSet, context: ReconcileContext): readonly Change[] {
  const pods = podsOwned(cluster, replicaSet)
  const claims = claim(cluster, replicaSet, pods)
  if (claims.length > 0) return claims
  const active = pods.filter(isActive)
  const desired = Math.min(replicaSet.spec.replicas ?? 1, MOST_REPLICAS)
  const changes: Change[] = []
  for (let missing = desired - active.length; missing > 0; missing--) changes.push(newPod(cluster, replicaSet, desired, context))
  const doomed = active.length > desired ? firstToGo(active, siblings(cluster, replicaSet), active.length - desired, context.now) : []
  for (const pod of doomed) {
    const why = because('replicaset-too-many', { name: replicaSet.metadata.name, have: active.length, want: desired })
    changes.push(...deletePod(pod, why, context))
  }
  const kept = active.filter((pod) => !doomed.includes(pod))
  return [...changes, ...status(replicaSet, kept, pods.filter((pod) => pod.metadata.deletionTimestamp !== undefined).length, context)]
}

/** Takes orphans that the selector takes, and lets go Pods that it no longer takes: `PodControllerRefManager.ClaimPods`. */
function claim(cluster: Cluster, replicaSet: ReplicaSet, own: readonly Pod[]): readonly Change[] {
  const { namespace, name, uid } = replicaSet.metadata
  const { selector } = replicaSet.spec
  const found = orphans(cluster, namespace).filter((pod) => isActive(pod) && labelSelects(selector, pod.metadata.labels))
  const strangers = own.filter((pod) => pod.metadata.deletionTimestamp === undefined && !labelSelects(selector, pod.metadata.labels))
  return [
    ...found.map((pod) => {
      const ownerReferences = [...(pod.metadata.ownerReferences ?? []), controllerReference(replicaSet)]
      const why = because('replicaset-adopts', { name })
      return { change: 'update', object: { ...pod, metadata: { ...pod.metadata, ownerReferences } }, why } as const
    }),
    ...strangers.map((pod) => {
      const ownerReferences = (pod.metadata.ownerReferences ?? []).filter((reference) => reference.uid !== uid)
      const why = because('replicaset-releases', { name })
      return { change: 'update', object: { ...pod, metadata: { ...pod.metadata, ownerReferences } }, why } as const
    }),
  ]
}

function newPod(cluster: Cluster, replicaSet: ReplicaSet, desired: number, { now, memory }: ReconcileContext): Change {
  const { namespace, name } = replicaSet.metadata
  const generateName = `${name}-`
  const owner = `ReplicaSet/${namespace}/${name}`
  let serial = memory.serial(owner)
  let podName = generatedName(generateName, owner, serial)
  while (at(cluster, `Pod/${namespace ?? ''}/${podName}`)) {
    serial = memory.serial(owner)
    podName = generatedName(generateName, owner, serial)
  }
  const object = podFrom(replicaSet.spec.template, replicaSet, { name: podName, generateName, serial }, now)
  return { change: 'create', object, why: because('replicaset-too-few', { name, want: desired }) }
}

/** The Pods of all ReplicaSets of the same Deployment: those that share a node with many of them go first. */
function siblings(cluster: Cluster, replicaSet: ReplicaSet): readonly Pod[] {
  const owner = controllerOf(replicaSet)
  if (!owner) return podsOwned(cluster, replicaSet)
  return ownedObjects(cluster, 'ReplicaSet', owner.uid).flatMap((sibling) => podsOwned(cluster, sibling))
}

function status(replicaSet: ReplicaSet, pods: readonly Pod[], terminating: number, { now, memory }: ReconcileContext): readonly Change[] {
  const { minReadySeconds = 0, template } = replicaSet.spec
  let available = 0
  let next: number | undefined
  for (const pod of pods) {
    const from = availableAt(pod, minReadySeconds)
    if (from === undefined) continue
    if (from <= now) available++
    else if (next === undefined || from < next) next = from
  }
  memory.wake(NAME, keyOf(replicaSet), next)
  const labelled = pods.filter((pod) => labelSelects({ matchLabels: template.metadata?.labels ?? {} }, pod.metadata.labels)).length
  const generation = replicaSet.metadata.generation
  const counts = {
    replicas: pods.length,
    ...writtenCounts({
      fullyLabeledReplicas: labelled,
      readyReplicas: pods.filter(isPodReady).length,
      availableReplicas: available,
      terminatingReplicas: terminating,
    }),
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  }
  if (sameData(counts, replicaSet.status)) return []
  return [update<ReplicaSet>({ ...replicaSet, status: counts }, because('pods-changed'))]
}
