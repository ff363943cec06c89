import { type ApiObject, at, type Cluster, list } from '../api/cluster.ts'
import { hasFinished, type Pod } from '../api/kinds/pod.ts'
import type { Service } from '../api/kinds/service.ts'
import { controllerOf, type LabelSelector, type Labels, mapSelects, type ObjectKey } from '../api/meta.ts'
import { labelSelects } from '../api/selector.ts'
import type { Delta } from './controller.ts'
import { podIps } from './pods.ts'

/**
 * Indexes over what is stored, so that nothing is quadratic. The Pods' index follows the Pods' map through its changes: it moves from
 * one map to the next (`carryIndex`) and is made anew only for a map that nobody led it to.
 */
type PodIndex = {
  readonly byLabel: Map<string, Set<ObjectKey>>
  readonly byOwner: Map<string, Set<ObjectKey>>
  readonly byNode: Map<string, Set<ObjectKey>>
  /** Nearly always one Pod: a host-network Pod shares its node's address with others. */
  readonly byIp: Map<string, ObjectKey | Set<ObjectKey>>
}

type Objects = ReadonlyMap<ObjectKey, ApiObject>
const indexes = new WeakMap<Objects, PodIndex>()
const NONE: Objects = new Map()
const NO_KEYS: ReadonlySet<ObjectKey> = new Set()

const labelKey = (namespace: string | undefined, label: string, value: string) => `${namespace}\u0000${label}\u0000${value}`

/** Where the Pods of a namespace that nobody controls are listed, among the owners. */
const orphansOf = (namespace: string | undefined) => `no controller in ${namespace ?? ''}`

/** Moves the index of an old map of Pods to the one that came out of it by these changes. */
export function carryIndex(from: Objects | undefined, to: Objects | undefined, deltas: readonly Delta[]): void {
  if (!from || !to || from === to || indexes.has(to)) return
  const index = indexes.get(from)
  if (!index) return
  for (const { key, before, after } of deltas) {
    if (key.startsWith('Pod/')) reindex(index, key, before as Pod | undefined, after as Pod | undefined)
  }
  indexes.delete(from)
  indexes.set(to, index)
}

function podIndex(cluster: Cluster): PodIndex {
  const pods = cluster.byKind.get('Pod') ?? NONE
  let index = indexes.get(pods)
  if (!index) {
    index = { byLabel: new Map(), byOwner: new Map(), byNode: new Map(), byIp: new Map() }
    for (const [key, pod] of pods) reindex(index, key, undefined, pod as Pod)
    indexes.set(pods, index)
  }
  return index
}

/** Puts a Pod's postings right. Parts that are the same objects as before cost nothing. */
function reindex(index: PodIndex, key: ObjectKey, before: Pod | undefined, after: Pod | undefined): void {
  const [old, now] = [before?.metadata, after?.metadata]
  if (old?.labels !== now?.labels) {
    for (const label in old?.labels) index.byLabel.get(labelKey(old?.namespace, label, old?.labels?.[label] ?? ''))?.delete(key)
    for (const label in now?.labels) addTo(index.byLabel, labelKey(now?.namespace, label, now?.labels?.[label] ?? ''), key)
  }
  if (old?.ownerReferences !== now?.ownerReferences) {
    for (const owner of old?.ownerReferences ?? []) index.byOwner.get(owner.uid)?.delete(key)
    for (const owner of now?.ownerReferences ?? []) addTo(index.byOwner, owner.uid, key)
  }
  if (before && !controllerOf(before)) index.byOwner.get(orphansOf(old?.namespace))?.delete(key)
  if (after && !controllerOf(after)) addTo(index.byOwner, orphansOf(now?.namespace), key)
  if (before?.spec.nodeName !== after?.spec.nodeName) {
    if (before?.spec.nodeName) index.byNode.get(before.spec.nodeName)?.delete(key)
    if (after?.spec.nodeName) addTo(index.byNode, after.spec.nodeName, key)
  }
  if (before?.status?.podIPs === after?.status?.podIPs && before?.status?.podIP === after?.status?.podIP) return
  for (const ip of before ? podIps(before) : []) removeIp(index, ip, key)
  for (const ip of after ? podIps(after) : []) addIp(index, ip, key)
}

function addTo(map: Map<string, Set<ObjectKey>>, value: string, key: ObjectKey): void {
  const set = map.get(value)
  if (set) set.add(key)
  else map.set(value, new Set([key]))
}

function addIp({ byIp }: PodIndex, ip: string, key: ObjectKey): void {
  const held = byIp.get(ip)
  if (held === undefined || held === key) byIp.set(ip, key)
  else byIp.set(ip, typeof held === 'string' ? new Set([held, key]) : held.add(key))
}

function removeIp({ byIp }: PodIndex, ip: string, key: ObjectKey): void {
  const held = byIp.get(ip)
  if (held === key) byIp.delete(ip)
  else if (held instanceof Set) held.delete(key)
}

/** The Pods of a namespace that a selector takes, in name order. */
export function podsSelected(cluster: Cluster, namespace: string, selector: LabelSelector): readonly Pod[] {
  const index = podIndex(cluster)
  let smallest: ReadonlySet<ObjectKey> | undefined
  for (const label in selector.matchLabels) {
    const posting = index.byLabel.get(labelKey(namespace, label, selector.matchLabels[label] ?? '')) ?? NO_KEYS
    if (smallest === undefined || posting.size < smallest.size) smallest = posting
  }
  const candidates = smallest ? podsOf(cluster, smallest) : list(cluster, 'Pod').filter((pod) => pod.metadata.namespace === namespace)
  return candidates.filter((pod) => labelSelects(selector, pod.metadata.labels))
}

/** The Pods whose controller is this object, in name order. */
export function podsOwned(cluster: Cluster, { metadata: { uid = '', name } }: ApiObject): readonly Pod[] {
  return podsOf(cluster, podIndex(cluster).byOwner.get(uid) ?? NO_KEYS).filter((pod) => {
    const owner = controllerOf(pod)
    return owner?.uid === uid && owner.name === name
  })
}

/** The Pods of a namespace that nobody controls, in name order. */
export function orphans(cluster: Cluster, namespace: string | undefined): readonly Pod[] {
  return podsOf(cluster, podIndex(cluster).byOwner.get(orphansOf(namespace)) ?? NO_KEYS)
}

/** The Pods bound to a node, in namespace and name order. */
export function podsOnNode(cluster: Cluster, node: string): readonly Pod[] {
  const pods = cluster.byKind.get('Pod') ?? NONE
  return inOrder(podIndex(cluster).byNode.get(node) ?? NO_KEYS).map((key) => pods.get(key) as Pod)
}

/** How many Pods that have not finished are bound to a node. */
export function podCountOnNode(cluster: Cluster, node: string): number {
  let count = 0
  for (const key of podIndex(cluster).byNode.get(node) ?? NO_KEYS) if (!isFinishedPod(cluster, key) && !isGuest(cluster, key)) count++
  return count
}

/** The cluster's own DNS where there is no control plane: it lives on a node's network, so that it shifts nobody. */
function isGuest(cluster: Cluster, key: ObjectKey): boolean {
  return key.startsWith('Pod/kube-system/coredns-') && (at(cluster, key) as Pod).spec.hostNetwork === true
}

/** Whether a Pod that has not finished holds the address. */
export function isIpTaken(cluster: Cluster, ip: string): boolean {
  const held = podIndex(cluster).byIp.get(ip)
  if (held === undefined) return false
  if (typeof held === 'string') return !isFinishedPod(cluster, held)
  for (const key of held) if (!isFinishedPod(cluster, key)) return true
  return false
}

function isFinishedPod(cluster: Cluster, key: ObjectKey): boolean {
  const pod = cluster.byKind.get('Pod')?.get(key) as Pod | undefined
  return pod !== undefined && hasFinished(pod)
}

/** Pods of one namespace in name order: there the keys' own order is that of the names. */
function podsOf(cluster: Cluster, keys: ReadonlySet<ObjectKey>): readonly Pod[] {
  const pods = cluster.byKind.get('Pod') ?? NONE
  return [...keys].sort().map((key) => pods.get(key) as Pod)
}

/** Keys in namespace and name order. A plain sort of the texts would put `a-b/x` before `a/x`. */
export function inOrder(keys: ReadonlySet<ObjectKey>): readonly ObjectKey[] {
  const given = [...keys]
  const [first = ''] = given
  const prefix = first.slice(0, first.lastIndexOf('/') + 1)
  // Within one namespace the names decide.
  if (given.every((key) => key.startsWith(prefix) && key.indexOf('/', prefix.length) < 0)) return given.sort()
  return given
    .map((key) => key.replaceAll('/', '\u0000'))
    .sort()
    .map((key) => key.replaceAll('\u0000', '/'))
}

type ServiceIndex = { readonly byLabel: ReadonlyMap<string, readonly Service[]>; readonly ofAll: ReadonlyMap<string, readonly Service[]> }
const serviceIndexes = new WeakMap<Objects, ServiceIndex>()

let lastAsked: {
  readonly services?: Objects
  readonly namespace?: string | undefined
  readonly labels?: Labels
  answer: readonly Service[]
} = {
  answer: [],
}

/**
 * The Services whose selector takes these labels. A Service without selector takes none, one with an empty selector all. The Pods of
 * one template share their labels and come one after the other, so the last answer is kept.
 */
export function servicesSelecting(cluster: Cluster, namespace: string | undefined, labels: Labels | undefined): readonly Service[] {
  const services = cluster.byKind.get('Service') ?? NONE
  if (labels === undefined) return servicesTaking(cluster, namespace, labels)
  if (lastAsked.services !== services || lastAsked.namespace !== namespace || lastAsked.labels !== labels)
    lastAsked = { services, namespace, labels, answer: servicesTaking(cluster, namespace, labels) }
  return lastAsked.answer
}

function servicesTaking(cluster: Cluster, namespace: string | undefined, labels: Labels | undefined): readonly Service[] {
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
export function ownedObjects(cluster: Cluster, kind: string, uid = ''): readonly ApiObject[] {
  const objects = cluster.byKind.get(kind) ?? NONE
  let groups = owned.get(objects)
  if (!groups) {
    const made = new Map<string, ApiObject[]>()
    for (const object of objects.values()) {
      const owner = controllerOf(object)?.uid
      if (owner === undefined) continue
      const group = made.get(owner)
      if (group) group.push(object)
      else made.set(owner, [object])
    }
    groups = made
    owned.set(objects, groups)
  }
  return groups.get(uid) ?? []
}
