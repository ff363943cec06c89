import { type ApiObject, at, type Cluster } from '../api/cluster.ts'
import type { Pod } from '../api/kinds/pod.ts'
import type { Service } from '../api/kinds/service.ts'
import { type LabelSelector, type Labels, mapSelects, type ObjectKey } from '../api/meta.ts'
import { labelSelects } from '../api/selector.ts'
import type { Delta } from './controller.ts'
import { controllerOf, podIps } from './pods.ts'

/**
 * Indexes over what is stored, so that nothing is quadratic. The Pods' index follows the Pods' map through its changes: it moves from
 * one map to the next (`carryIndex`) and is made anew only for a map that nobody led it to.
 */
type PodIndex = {
  readonly byLabel: Map<string, Set<ObjectKey>>
  readonly byOwner: Map<string, Set<ObjectKey>>
  readonly byNode: Map<string, Set<ObjectKey>>
  readonly byNamespace: Map<string, Set<ObjectKey>>
  readonly byIp: Map<string, Set<ObjectKey>>
}

type Objects = ReadonlyMap<ObjectKey, ApiObject>
const indexes = new WeakMap<Objects, PodIndex>()
const NONE: Objects = new Map()
const NO_KEYS: ReadonlySet<ObjectKey> = new Set()

const labelKey = (namespace: string | undefined, label: string, value: string) => `${namespace}\u0000${label}\u0000${value}`

/** Moves the index of an old map of Pods to the one that came out of it by these changes. */
export function carryIndex(from: Objects | undefined, to: Objects | undefined, deltas: readonly Delta[]): void {
  if (!from || !to || from === to || indexes.has(to)) return
  const index = indexes.get(from)
  if (!index) return
  for (const { key, before, after } of deltas) {
    if (!key.startsWith('Pod/')) continue
    if (before) forEachPosting(index, before as Pod, (map, value) => map.get(value)?.delete(key))
    if (after) forEachPosting(index, after as Pod, (map, value) => addTo(map, value, key))
  }
  indexes.delete(from)
  indexes.set(to, index)
}

function podIndex(cluster: Cluster): PodIndex {
  const pods = cluster.byKind.get('Pod') ?? NONE
  let index = indexes.get(pods)
  if (!index) {
    index = { byLabel: new Map(), byOwner: new Map(), byNode: new Map(), byNamespace: new Map(), byIp: new Map() }
    for (const [key, pod] of pods) forEachPosting(index, pod as Pod, (map, value) => addTo(map, value, key))
    indexes.set(pods, index)
  }
  return index
}

function forEachPosting(index: PodIndex, pod: Pod, visit: (map: Map<string, Set<ObjectKey>>, value: string) => void): void {
  const { namespace, labels, ownerReferences } = pod.metadata
  visit(index.byNamespace, namespace ?? '')
  for (const label in labels) visit(index.byLabel, labelKey(namespace, label, labels[label] ?? ''))
  for (const owner of ownerReferences ?? []) visit(index.byOwner, owner.uid)
  if (pod.spec.nodeName) visit(index.byNode, pod.spec.nodeName)
  for (const ip of podIps(pod)) visit(index.byIp, ip)
}

function addTo(map: Map<string, Set<ObjectKey>>, value: string, key: ObjectKey): void {
  const set = map.get(value)
  if (set) set.add(key)
  else map.set(value, new Set([key]))
}

/** The Pods of a namespace that a selector takes, in name order. */
export function podsSelected(cluster: Cluster, namespace: string, selector: LabelSelector): readonly Pod[] {
  const index = podIndex(cluster)
  let smallest = index.byNamespace.get(namespace) ?? NO_KEYS
  for (const label in selector.matchLabels) {
    const posting = index.byLabel.get(labelKey(namespace, label, selector.matchLabels[label] ?? '')) ?? NO_KEYS
    if (posting.size < smallest.size) smallest = posting
  }
  return podsOf(cluster, smallest).filter((pod) => labelSelects(selector, pod.metadata.labels))
}

/** The Pods whose controller is the object with this uid, in name order. */
export function podsOwned(cluster: Cluster, uid: string | undefined): readonly Pod[] {
  if (uid === undefined) return []
  return podsOf(cluster, podIndex(cluster).byOwner.get(uid) ?? NO_KEYS).filter((pod) => controllerOf(pod)?.uid === uid)
}

/** The Pods bound to a node, in namespace and name order. */
export function podsOnNode(cluster: Cluster, node: string): readonly Pod[] {
  return podsOf(cluster, podIndex(cluster).byNode.get(node) ?? NO_KEYS)
}

/** Whether a Pod that has not finished holds the address. */
export function isIpTaken(cluster: Cluster, ip: string): boolean {
  for (const key of podIndex(cluster).byIp.get(ip) ?? NO_KEYS) {
    const { status } = at(cluster, key) as Pod
    if (status?.phase !== 'Succeeded' && status?.phase !== 'Failed') return true
  }
  return false
}

/** The keys of the Pods bound to a node, in no order. */
export function podKeysOnNode(cluster: Cluster, node: string): ReadonlySet<ObjectKey> {
  return podIndex(cluster).byNode.get(node) ?? NO_KEYS
}

function podsOf(cluster: Cluster, keys: Iterable<ObjectKey>): readonly Pod[] {
  return inOrder(keys).map((key) => at(cluster, key) as Pod)
}

/** Keys in namespace and name order. A plain sort of the texts would put `a-b/x` before `a/x`. */
export function inOrder(keys: Iterable<ObjectKey>): readonly ObjectKey[] {
  return [...keys]
    .map((key) => key.replaceAll('/', '\u0000'))
    .sort()
    .map((key) => key.replaceAll('\u0000', '/'))
}

type ServiceIndex = { readonly byLabel: ReadonlyMap<string, readonly Service[]>; readonly ofAll: ReadonlyMap<string, readonly Service[]> }
const serviceIndexes = new WeakMap<Objects, ServiceIndex>()

/** The Services whose selector takes these labels. A Service without selector takes none, one with an empty selector all. */
export function servicesSelecting(cluster: Cluster, namespace: string | undefined, labels: Labels | undefined): readonly Service[] {
  const { byLabel, ofAll } = serviceIndex(cluster)
  const found = [...(ofAll.get(namespace ?? '') ?? [])]
  for (const label in labels) {
    for (const service of byLabel.get(labelKey(namespace, label, labels[label] ?? '')) ?? []) {
      if (mapSelects(service.spec.selector ?? {}, labels)) found.push(service)
    }
  }
  return found
}

function serviceIndex(cluster: Cluster): ServiceIndex {
  const services = cluster.byKind.get('Service') ?? NONE
  let index = serviceIndexes.get(services)
  if (!index) {
    const byLabel = new Map<string, Service[]>()
    const ofAll = new Map<string, Service[]>()
    for (const object of services.values()) {
      const service = object as Service
      const { selector } = service.spec
      if (!selector) continue
      // One pair stands for the whole selector; the others are checked when it hits.
      const label = Object.keys(selector).sort()[0]
      const [map, key] =
        label === undefined
          ? [ofAll, service.metadata.namespace ?? '']
          : [byLabel, labelKey(service.metadata.namespace, label, selector[label] ?? '')]
      const group = map.get(key)
      if (group) group.push(service)
      else map.set(key, [service])
    }
    index = { byLabel, ofAll }
    serviceIndexes.set(services, index)
  }
  return index
}

/** The keys of everything that names this object among its owners. */
export function dependants(cluster: Cluster, { metadata: { uid } }: ApiObject): readonly ObjectKey[] {
  if (uid === undefined) return []
  const found: ObjectKey[] = [...(podIndex(cluster).byOwner.get(uid) ?? NO_KEYS)]
  for (const [kind, objects] of cluster.byKind) {
    if (kind === 'Pod') continue
    for (const [key, { metadata }] of objects) if (metadata.ownerReferences?.some((owner) => owner.uid === uid)) found.push(key)
  }
  return found
}

const owned = new WeakMap<Objects, ReadonlyMap<string, readonly ApiObject[]>>()

/** The objects of a kind whose controller is the object with this uid. For kinds with few objects; Pods have their own index. */
export function ownedObjects(cluster: Cluster, kind: string, uid: string | undefined): readonly ApiObject[] {
  const objects = cluster.byKind.get(kind) ?? NONE
  let groups = owned.get(objects)
  if (!groups) {
    const made = new Map<string, ApiObject[]>()
    for (const object of objects.values()) {
      const owner = object.metadata.ownerReferences?.find((reference) => reference.controller)?.uid
      if (owner === undefined) continue
      const group = made.get(owner)
      if (group) group.push(object)
      else made.set(owner, [object])
    }
    groups = made
    owned.set(objects, groups)
  }
  return (uid === undefined ? undefined : groups.get(uid)) ?? []
}
