import { byText } from '../base/order.ts'
import type { Client, ClusterSettings } from './kinds/config.ts'
import type { Endpoints } from './kinds/endpoints.ts'
import type { EndpointSlice } from './kinds/endpointslice.ts'
import type { Ingress, IngressClass } from './kinds/ingress.ts'
import type { Middleware } from './kinds/middleware.ts'
import type { Namespace, Node } from './kinds/node.ts'
import type { Pod } from './kinds/pod.ts'
import type { Service } from './kinds/service.ts'
import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from './kinds/workload.ts'
import { type ApiObjectBase, keyOf, type ObjectKey } from './meta.ts'

/** The kinds that the core computes with; every other kind is kept as an `ApiObjectBase` and said to be not modelled. */
export type Kinds = {
  Namespace: Namespace
  Node: Node
  Pod: Pod
  Service: Service
  Endpoints: Endpoints
  EndpointSlice: EndpointSlice
  Deployment: Deployment
  ReplicaSet: ReplicaSet
  StatefulSet: StatefulSet
  DaemonSet: DaemonSet
  Ingress: Ingress
  IngressClass: IngressClass
  Client: Client
  Middleware: Middleware
}
export type KindName = keyof Kinds
export type ApiObject = ApiObjectBase

/**
 * What the API server stores, as one immutable value. Objects lie by kind, so that a change of one Pod copies the Pods' map only and
 * everything that looks at Services sees the very same map as before.
 */
export type Cluster = {
  readonly settings: ClusterSettings
  readonly byKind: ReadonlyMap<string, ReadonlyMap<ObjectKey, ApiObject>>
  /** What the controllers and nodes remember between two settlings; absent before the first. `store` carries it along. */
  readonly memory?: ControllerMemory
}

/** The part of the cluster that no API object shows: what a running controller or node keeps for itself. */
export type ControllerMemory = {
  /** The objects as they were when last settled: what differs now is what a controller's watch would bring. */
  readonly settled: Cluster['byKind']
  /** The settings then: other ones (a fault may empty the load balancer's pool) are a reason to look at everything. */
  readonly settings: ClusterSettings
  /** How many names each owner has given out, so that no name comes back. */
  readonly serials: ReadonlyMap<string, number>
  /** host-local's `last_reserved_ip` of each node and range: the next Pod gets the one after. */
  readonly lastIps: ReadonlyMap<string, string>
  /** Per controller, which of its keys want to be looked at again, and when (virtual ms). */
  readonly wakes: ReadonlyMap<string, ReadonlyMap<ObjectKey, number>>
  /** Pods given with a status: nothing moves them on until somebody deletes or replaces them. */
  readonly facts: ReadonlySet<ObjectKey>
  /** Per endpoints controller and Service, when each of its Pods last turned ready or not, as of the last sync. */
  readonly triggers: ReadonlyMap<string, Readonly<Record<string, number>>>
}

const sorted = new WeakMap<ReadonlyMap<ObjectKey, ApiObject>, readonly ApiObject[]>()
const NONE: ReadonlyMap<ObjectKey, ApiObject> = new Map()

/** All objects of a kind, in namespace and name order. The list is remembered with the map it was made from. */
export function list<K extends KindName>(cluster: Cluster, kind: K): readonly Kinds[K][]
export function list(cluster: Cluster, kind: string): readonly ApiObject[]
export function list(cluster: Cluster, kind: string): readonly ApiObject[] {
  const objects = cluster.byKind.get(kind) ?? NONE
  let answer = sorted.get(objects)
  if (!answer) {
    answer = [...objects.values()].sort(
      (a, b) => byText(a.metadata.namespace ?? '', b.metadata.namespace ?? '') || byText(a.metadata.name, b.metadata.name),
    )
    sorted.set(objects, answer)
  }
  return answer
}

/** One object by kind, namespace and name; namespace is empty for cluster-scoped kinds. */
export function find<K extends KindName>(cluster: Cluster, kind: K, namespace: string, name: string): Kinds[K] | undefined
export function find(cluster: Cluster, kind: string, namespace: string, name: string): ApiObject | undefined
export function find(cluster: Cluster, kind: string, namespace: string, name: string): ApiObject | undefined {
  return cluster.byKind.get(kind)?.get(`${kind}/${namespace}/${name}`)
}

/** One object by its key. */
export function at(cluster: Cluster, key: ObjectKey): ApiObject | undefined {
  return cluster.byKind.get(key.slice(0, key.indexOf('/')))?.get(key)
}

/** The cluster with these objects stored (replacing those of the same key) and these keys gone. Unchanged kinds are shared. */
export function store(cluster: Cluster, put: Iterable<ApiObject>, remove: Iterable<ObjectKey> = []): Cluster {
  const byKind = new Map(cluster.byKind)
  const open = new Map<string, Map<ObjectKey, ApiObject>>()
  const mapOf = (kind: string) => {
    let map = open.get(kind)
    if (!map) {
      map = new Map(byKind.get(kind) ?? NONE)
      open.set(kind, map)
      byKind.set(kind, map)
    }
    return map
  }
  for (const object of put) mapOf(object.kind).set(keyOf(object), object)
  for (const key of remove) mapOf(key.slice(0, key.indexOf('/'))).delete(key)
  return open.size === 0 ? cluster : { ...cluster, byKind }
}
