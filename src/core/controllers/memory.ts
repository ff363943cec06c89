import type { ApiObject, Cluster, ControllerMemory } from '../api/cluster.ts'
import type { Endpoints } from '../api/kinds/endpoints.ts'
import { type EndpointSlice, SERVICE_NAME_LABEL } from '../api/kinds/endpointslice.ts'
import type { Pod, PodStatus } from '../api/kinds/pod.ts'
import type { Service } from '../api/kinds/service.ts'
import type { ObjectKey } from '../api/meta.ts'
import { sameData } from '../base/copy.ts'
import type { Delta } from './controller.ts'

/** The controllers' memory, open for writing during one settling. Maps are copied on the first write only. */
export type Memory = {
  /** How many names this owner has given out before; counts one more. */
  readonly serial: (owner: string) => number
  readonly lastIp: (range: string) => string | undefined
  readonly reserve: (range: string, ip: string) => void
  readonly isFact: (pod: ObjectKey) => boolean
  /** Something acts on this Pod: from now on it lives as any other. */
  readonly release: (pod: ObjectKey) => void
  /** The Ready times of a Service's Pods as its last sync saw them; undefined before the first sync. */
  readonly triggersOf: (key: string) => Triggers | undefined
  readonly setTriggers: (key: string, triggers: Triggers | undefined) => void
  /** Asks to look at the key again at that time; undefined takes the wish back. */
  readonly wake: (controller: string, key: ObjectKey, at: number | undefined) => void
  /** An object is gone: nobody has to look at it at any time. */
  readonly forget: (key: ObjectKey) => void
  readonly wakesOf: (controller: string) => ReadonlyMap<ObjectKey, number>
  readonly nextWake: () => number | undefined
  readonly close: (cluster: Cluster) => ControllerMemory
}

export type Triggers = Readonly<Record<string, number>>

const EMPTY: Omit<ControllerMemory, 'settled' | 'settings'> = {
  serials: new Map(),
  lastIps: new Map(),
  wakes: new Map(),
  facts: new Set(),
  triggers: new Map(),
}

/** Opens what a cluster remembers, taking in what happened to it since it was settled last. */
export function openMemory(saved: ControllerMemory | undefined, deltas: Iterable<Delta>, cluster: Cluster): Memory {
  const { serials: oldSerials, lastIps: oldIps, wakes: oldWakes, facts: oldFacts, triggers: oldTriggers } = saved ?? EMPTY
  const serials = copyOnWrite(oldSerials, (map) => new Map(map))
  const lastIps = copyOnWrite(oldIps, (map) => new Map(map))
  const facts = copyOnWrite(oldFacts, (set) => new Set(set))
  const wakes = copyOnWrite(oldWakes, (map) => new Map([...map].map(([name, keys]) => [name, new Map(keys)] as const)))
  const triggers = copyOnWrite(oldTriggers, (map) => new Map(map))
  for (const delta of deltas) {
    noticeFact(facts, delta)
    noticeGivenEndpoints(facts, delta, cluster)
  }
  return {
    serial: (owner) => {
      const given = serials.read().get(owner) ?? 0
      serials.write().set(owner, given + 1)
      return given
    },
    lastIp: (range) => lastIps.read().get(range),
    reserve: (range, ip) => void lastIps.write().set(range, ip),
    isFact: (pod) => facts.read().has(pod),
    release: (pod) => {
      if (facts.read().has(pod)) facts.write().delete(pod)
    },
    triggersOf: (key) => triggers.read().get(key),
    setTriggers: (key, value) => {
      if (value) triggers.write().set(key, value)
      else if (triggers.read().has(key)) triggers.write().delete(key)
    },
    wake: (controller, key, at) => setWake(wakes, controller, key, at),
    forget: (key) => {
      for (const controller of wakes.read().keys()) setWake(wakes, controller, key, undefined)
      if (facts.read().has(key)) facts.write().delete(key)
    },
    wakesOf: (controller) => wakes.read().get(controller) ?? new Map(),
    nextWake: () => {
      let first: number | undefined
      for (const keys of wakes.read().values()) for (const at of keys.values()) if (first === undefined || at < first) first = at
      return first
    },
    close: ({ byKind, settings }) => ({
      settled: byKind,
      settings,
      serials: serials.read(),
      lastIps: lastIps.read(),
      wakes: wakes.read(),
      facts: facts.read(),
      triggers: triggers.read(),
    }),
  }
}

type Box<R, W extends R> = { readonly read: () => R; readonly write: () => W }

function copyOnWrite<R, W extends R>(original: R, copy: (original: R) => W): Box<R, W> {
  let copied: W | undefined
  return {
    read: () => copied ?? original,
    write: () => {
      copied ??= copy(original)
      return copied
    },
  }
}

type Wakes = Box<ControllerMemory['wakes'], Map<string, Map<ObjectKey, number>>>

function setWake(wakes: Wakes, controller: string, key: ObjectKey, at: number | undefined): void {
  if (wakes.read().get(controller)?.get(key) === at) return
  const all = wakes.write()
  const keys = all.get(controller) ?? new Map<ObjectKey, number>()
  if (at === undefined) keys.delete(key)
  else keys.set(key, at)
  all.set(controller, keys)
}

/**
 * A status that came from outside makes a Pod a fact: it stays as given, also with a deletion timestamp that is written to it. Deleting
 * it is an act upon it, so it then ends as any other Pod does; storing it anew without status makes it live.
 */
function noticeFact(facts: Box<ReadonlySet<ObjectKey>, Set<ObjectKey>>, { key, before, after }: Delta): void {
  if (!key.startsWith('Pod/')) return
  if (!after) {
    if (facts.read().has(key)) facts.write().delete(key)
    return
  }
  const old = before as Pod | undefined
  const pod = after as Pod
  const deletedNow = old?.metadata.deletionTimestamp === undefined && pod.metadata.deletionTimestamp !== undefined
  // A deletion leaves the status untouched; a write of the whole Pod brings one of its own or a copy of the stored one.
  if (old && sameData(old.status, pod.status)) {
    const deletedByStep = old.status === pod.status
    if (deletedNow && deletedByStep && facts.read().has(key)) facts.write().delete(key)
    if (deletedNow && !deletedByStep) facts.write().add(key)
    return
  }
  // A live Pod to which only some other condition was added (a readiness gate, say) goes on living.
  if (old && !facts.read().has(key) && old.status && isGateUpdate(old, pod)) return
  const given = saysSomething(pod) || (!old && deletedNow)
  if (given !== facts.read().has(key)) {
    if (given) facts.write().add(key)
    else facts.write().delete(key)
  }
}

/**
 * A slice or Endpoints that comes from outside and names Pods that are not there (a dump without its Pods) is a fact as well: its
 * Service is left alone, until the Service itself is changed.
 */
function noticeGivenEndpoints(facts: Box<ReadonlySet<ObjectKey>, Set<ObjectKey>>, { key, before, after }: Delta, cluster: Cluster): void {
  const drop = (fact: ObjectKey) => {
    if (facts.read().has(fact)) facts.write().delete(fact)
  }
  if (key.startsWith('EndpointSlice/') || key.startsWith('Endpoints/')) {
    if (after && namesMissingPod(after, cluster)) facts.write().add(key)
    else drop(key)
  } else if (key.startsWith('Service/') && before && (before as Service).spec !== (after as Service | undefined)?.spec) {
    const [, namespace = '', name = ''] = key.split('/')
    drop(`Endpoints/${namespace}/${name}`)
    for (const [slice, object] of cluster.byKind.get('EndpointSlice') ?? []) {
      if (object.metadata.namespace === namespace && object.metadata.labels?.[SERVICE_NAME_LABEL] === name) drop(slice)
    }
  }
}

function namesMissingPod(object: ApiObject, { byKind }: Cluster): boolean {
  const references =
    object.kind === 'Endpoints'
      ? ((object as Endpoints).subsets ?? []).flatMap(({ addresses = [], notReadyAddresses = [] }) => [...addresses, ...notReadyAddresses])
      : ((object as EndpointSlice).endpoints ?? [])
  const pods = byKind.get('Pod')
  return references.some(({ targetRef }) => {
    const { kind, namespace = object.metadata.namespace ?? '', name = '' } = targetRef ?? {}
    return kind !== 'Pod' || !pods?.has(`Pod/${namespace}/${name}`)
  })
}

function saysSomething({ status }: Pod): boolean {
  if (!status) return false
  return Boolean(status.podIP || status.podIPs?.length || status.phase || status.conditions?.length)
}

function isGateUpdate(old: Pod, { status }: Pod): boolean {
  const ready = (conditions: PodStatus['conditions']) => conditions?.find((condition) => condition.type === 'Ready')?.status
  return (
    status !== undefined &&
    old.status?.phase === status.phase &&
    old.status?.podIP === status.podIP &&
    ready(old.status?.conditions) === ready(status.conditions)
  )
}
