import type { ApiObject } from '../api/cluster.ts'
import type { Pod } from '../api/kinds/pod.ts'
import type { ReplicaSet } from '../api/kinds/workload.ts'
import { controllerOf, keyOf, type ObjectKey } from '../api/meta.ts'
import { rfc3339 } from '../base/time.ts'
import type { EventsOf } from './describe.ts'
import type { DescribedEvent } from './writer.ts'

/** A write of a controller, as settling reports it. */
type Written = { readonly change: 'create' | 'update'; readonly object: ApiObject } | { readonly change: 'delete'; readonly key: ObjectKey }

const FROM: Readonly<Record<string, string>> = {
  ReplicaSet: 'replicaset-controller',
  DaemonSet: 'daemonset-controller',
  StatefulSet: 'statefulset-controller',
}

/**
 * The Events that controllers would have recorded with these writes: scaling of ReplicaSets, making and deleting of Pods, scheduling. What
 * kubelets report of images and containers is not modelled.
 */
export function eventsFrom(changes: readonly Written[], now: number): EventsOf {
  const events = new Map<ObjectKey, DescribedEvent[]>()
  const seen = new Map<ObjectKey, ApiObject>()
  const record = (key: ObjectKey, from: string, reason: string, message: string) =>
    events.set(key, [...(events.get(key) ?? []), { type: 'Normal', reason, at: rfc3339(now), from, message }])
  for (const change of changes) {
    const key = change.change === 'delete' ? change.key : keyOf(change.object)
    const before = seen.get(key)
    const object = change.change === 'delete' ? before : change.object
    if (change.change !== 'delete') seen.set(key, change.object)
    if (!object) continue
    if (object.kind === 'ReplicaSet' && change.change !== 'delete') scaled(record, object as ReplicaSet, before as ReplicaSet | undefined)
    if (object.kind === 'Pod') podEvents(record, change.change, object as Pod, before as Pod | undefined)
  }
  return (object) => events.get(keyOf(object)) ?? []
}

type Recorder = (key: ObjectKey, from: string, reason: string, message: string) => void

function scaled(record: Recorder, set: ReplicaSet, before: ReplicaSet | undefined): void {
  const owner = ownerKey(set)
  const from = before?.spec.replicas ?? 0
  const to = set.spec.replicas ?? 1
  if (owner?.kind !== 'Deployment' || from === to) return
  const way = to > from ? 'Scaled up' : 'Scaled down'
  record(owner.key, 'deployment-controller', 'ScalingReplicaSet', `${way} replica set ${set.metadata.name} from ${from} to ${to}`)
}

function podEvents(record: Recorder, change: Written['change'], pod: Pod, before: Pod | undefined): void {
  const owner = ownerKey(pod)
  const { name, namespace } = pod.metadata
  const from = owner && FROM[owner.kind]
  if (owner && from && change === 'create') record(owner.key, from, 'SuccessfulCreate', createdText(owner.kind, owner.name, name))
  const leaves = change === 'update' && pod.metadata.deletionTimestamp !== undefined && before?.metadata.deletionTimestamp === undefined
  if (owner && from && leaves) record(owner.key, from, 'SuccessfulDelete', `Deleted pod: ${name}`)
  const bound = change === 'update' && pod.spec.nodeName && !before?.spec.nodeName
  if (bound) record(keyOf(pod), 'default-scheduler', 'Scheduled', `Successfully assigned ${namespace}/${name} to ${pod.spec.nodeName}`)
}

function createdText(kind: string, owner: string, pod: string): string {
  return kind === 'StatefulSet' ? `create Pod ${pod} in StatefulSet ${owner} successful` : `Created pod: ${pod}`
}

function ownerKey(object: ApiObject): { readonly kind: string; readonly name: string; readonly key: ObjectKey } | undefined {
  const owner = controllerOf(object)
  return owner && { kind: owner.kind, name: owner.name, key: `${owner.kind}/${object.metadata.namespace ?? ''}/${owner.name}` }
}
