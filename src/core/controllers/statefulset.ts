import { at, type Cluster, list } from '../api/cluster.ts'
import { hasFinished, isPodReady, type Pod } from '../api/kinds/pod.ts'
import { MOST_REPLICAS, type StatefulSet } from '../api/kinds/workload.ts'
import { keyOf } from '../api/meta.ts'
import { sameData } from '../base/copy.ts'
import { type Change, type Controller, type ReconcileContext, update } from './controller.ts'
import { podsOwned } from './lookup.ts'
import { availableAt, deletePod, ownerKeys, podFrom } from './pods.ts'
import { templateHash } from './templatehash.ts'
import { because } from './why.ts'

const NAME = 'statefulset-controller'
const REVISION_LABEL = 'controller-revision-hash'

/** StatefulSets: Pods with a number and a name of their own, made and removed one after the other unless `Parallel`. */
export const statefulSetController: Controller = {
  name: NAME,
  everything: (cluster) => list(cluster, 'StatefulSet').map(keyOf),
  watches: ['StatefulSet', 'Pod'],
  concerns: ({ key, before, after }, cluster) => {
    if (key.startsWith('StatefulSet/')) return [key]
    if (!key.startsWith('Pod/')) return []
    const owners = ownerKeys(before, after, 'StatefulSet')
    // A Pod that stands where one of the set's is to be: the set waits for it to go.
    if (after) return owners
    return [
      ...owners,
      ...list(cluster, 'StatefulSet')
        .filter((set) => nameOrdinal(set, before?.metadata.name ?? '') !== undefined)
        .map(keyOf),
    ]
  },
  reconcile: (cluster, keys, context) =>
    keys.flatMap((key) => {
      const set = at(cluster, key) as StatefulSet | undefined
      return set && set.metadata.deletionTimestamp === undefined ? sync(cluster, set, context) : []
    }),
}

type SetSpec = {
  readonly ordinals?: { readonly start?: number }
  readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: { readonly partition?: number } }
}

function sync(cluster: Cluster, set: StatefulSet, context: ReconcileContext): readonly Change[] {
  const spec = set.spec as StatefulSet['spec'] & SetSpec
  const replicas = Math.min(spec.replicas ?? 1, MOST_REPLICAS)
  const start = spec.ordinals?.start ?? 0
  const pods = podsOwned(cluster, set)
  const byOrdinal = new Map(pods.flatMap((pod) => ordinalOf(set, pod).map((ordinal) => [ordinal, pod] as const)))
  const revision = `${set.metadata.name}-${templateHash(spec.template)}`
  const changes = move(cluster, set, { byOrdinal, start, end: start + replicas, revision }, context)
  return [...changes, ...status(set, pods, revision, context)]
}

type Plan = { readonly byOrdinal: ReadonlyMap<number, Pod>; readonly start: number; readonly end: number; readonly revision: string }

/** The next step of `defaultStatefulSetControl.updateStatefulSet`: create, then scale down, then update, each in its order. */
function move(cluster: Cluster, set: StatefulSet, plan: Plan, context: ReconcileContext): readonly Change[] {
  const isParallel = set.spec.podManagementPolicy === 'Parallel'
  const changes: Change[] = []
  for (let ordinal = plan.start; ordinal < plan.end; ordinal++) {
    const pod = plan.byOrdinal.get(ordinal)
    if (!pod) changes.push(...create(cluster, set, ordinal, plan.revision, context))
    else if (hasFinished(pod)) changes.push(...deletePod(pod, because('statefulset-ended'), context))
    else if (isParallel || isHealthy(pod, set, context)) continue
    if (!isParallel) return changes
  }
  if (changes.length > 0) return changes
  const surplus = [...plan.byOrdinal].filter(([ordinal]) => ordinal < plan.start || ordinal >= plan.end).sort(([a], [b]) => b - a)
  for (const [, pod] of surplus) {
    changes.push(...deletePod(pod, because('statefulset-too-many', { name: set.metadata.name, want: plan.end - plan.start }), context))
    // One after the other: the next goes when this one is gone.
    if (!isParallel) return changes
  }
  return changes.length > 0 ? changes : updateOne(set, plan, context)
}

function updateOne(set: StatefulSet, plan: Plan, context: ReconcileContext): readonly Change[] {
  const { updateStrategy } = set.spec as SetSpec
  if (updateStrategy?.type === 'OnDelete') return []
  const lowest = plan.start + (updateStrategy?.rollingUpdate?.partition ?? 0)
  for (let ordinal = plan.end - 1; ordinal >= lowest; ordinal--) {
    const pod = plan.byOrdinal.get(ordinal)
    if (!pod) return []
    const isOld = pod.metadata.labels?.[REVISION_LABEL] !== undefined && pod.metadata.labels[REVISION_LABEL] !== plan.revision
    if (isOld && pod.metadata.deletionTimestamp === undefined) {
      return deletePod(pod, because('statefulset-replaces', { name: set.metadata.name, revision: plan.revision }), context)
    }
    if (!isHealthy(pod, set, context)) return []
  }
  return []
}

function create(
  cluster: Cluster,
  set: StatefulSet,
  ordinal: number,
  revision: string,
  { now, memory }: ReconcileContext,
): readonly Change[] {
  const name = `${set.metadata.name}-${ordinal}`
  const key = `Pod/${set.metadata.namespace ?? ''}/${name}`
  // Somebody else's Pod of that name is in the way until it is gone.
  if (at(cluster, key)) return []
  const { template, serviceName } = set.spec
  const labels = {
    'apps.kubernetes.io/pod-index': String(ordinal),
    [REVISION_LABEL]: revision,
    'statefulset.kubernetes.io/pod-name': name,
  }
  const pod = podFrom(template, set, { name, labels, generateName: `${set.metadata.name}-`, serial: memory.serial(key) }, now)
  const spec = { ...pod.spec, hostname: name, ...(serviceName ? { subdomain: serviceName } : {}) }
  return [{ change: 'create', object: { ...pod, spec } as Pod, why: because('statefulset-wants', { name: set.metadata.name, ordinal }) }]
}

/** Running and ready, for `minReadySeconds`, and not on its way out: only then is it the next one's turn. */
function isHealthy(pod: Pod, set: StatefulSet, { now, memory }: ReconcileContext): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return false
  const from = availableAt(pod, set.spec.minReadySeconds ?? 0)
  if (from !== undefined && from > now) memory.wake(NAME, keyOf(set), from)
  return from !== undefined && from <= now
}

function ordinalOf(set: StatefulSet, pod: Pod): readonly number[] {
  const ordinal = nameOrdinal(set, pod.metadata.name)
  return ordinal === undefined ? [] : [ordinal]
}

function nameOrdinal(set: StatefulSet, name: string): number | undefined {
  const prefix = `${set.metadata.name}-`
  const number = name.startsWith(prefix) ? name.slice(prefix.length) : ''
  return /^\d+$/.test(number) ? Number(number) : undefined
}

function status(set: StatefulSet, pods: readonly Pod[], revision: string, { now }: ReconcileContext): readonly Change[] {
  const living = pods.filter((pod) => !hasFinished(pod))
  const current = living.filter((pod) => pod.metadata.labels?.[REVISION_LABEL] === revision && pod.metadata.deletionTimestamp === undefined)
  const available = living.filter((pod) => (availableAt(pod, set.spec.minReadySeconds ?? 0) ?? Number.POSITIVE_INFINITY) <= now)
  const isRolledOut = current.length === living.length
  const counts = {
    ...(set.metadata.generation === undefined ? {} : { observedGeneration: set.metadata.generation }),
    replicas: living.length,
    readyReplicas: living.filter(isPodReady).length,
    availableReplicas: available.length,
    currentReplicas: isRolledOut ? living.length : living.length - current.length,
    updatedReplicas: current.length,
    currentRevision: isRolledOut ? revision : ((set.status?.['currentRevision'] as string | undefined) ?? revision),
    updateRevision: revision,
    collisionCount: 0,
  }
  return sameData(counts, set.status) ? [] : [update<StatefulSet>({ ...set, status: counts }, because('pods-changed'))]
}
