import { type ApiObject, type Cluster, find, list } from '../api/cluster.ts'
import type { Endpoints } from '../api/kinds/endpoints.ts'
import type { EndpointSlice } from '../api/kinds/endpointslice.ts'
import type { Ingress, IngressClass } from '../api/kinds/ingress.ts'
import type { Namespace, Node } from '../api/kinds/node.ts'
import type { Pod } from '../api/kinds/pod.ts'
import type { Service } from '../api/kinds/service.ts'
import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from '../api/kinds/workload.ts'
import { describeGeneric } from './describegeneric.ts'
import { describeEndpointSlice, describeEndpoints, describeIngress, describeIngressClass, describeService } from './describenetwork.ts'
import { describePod } from './describepod.ts'
import {
  describeDaemonSet,
  describeDeployment,
  describeNamespace,
  describeNode,
  describeReplicaSet,
  describeStatefulSet,
} from './describeworkload.ts'
import { ENDPOINTS_WARNING, type GetOptions, notFound, type Printed, targetsOf } from './get.ts'
import { meets, parseSelector } from './labels.ts'
import type { Resource } from './resource.ts'
import { type DescribedEvent, DescriptionWriter, writeEvents } from './writer.ts'

/** The Events of an object, oldest first. */
export type EventsOf = (object: ApiObject) => readonly DescribedEvent[]

type Describer = (w: DescriptionWriter, object: ApiObject, cluster: Cluster, now: number) => void

const describers: Readonly<Record<string, Describer>> = {
  Service: (w, object, cluster) => describeService(w, object as Service, cluster),
  Ingress: (w, object, cluster) => describeIngress(w, object as Ingress, cluster),
  IngressClass: (w, object) => describeIngressClass(w, object as IngressClass),
  EndpointSlice: (w, object) => describeEndpointSlice(w, object as EndpointSlice),
  Endpoints: (w, object) => describeEndpoints(w, object as Endpoints),
  Pod: (w, object, _, now) => describePod(w, object as Pod, now),
  Node: (w, object, cluster, now) => describeNode(w, object as Node, cluster, now),
  Namespace: (w, object) => describeNamespace(w, object as Namespace),
  Deployment: (w, object, cluster) => describeDeployment(w, object as Deployment, cluster),
  ReplicaSet: (w, object, cluster) => describeReplicaSet(w, object as ReplicaSet, cluster),
  StatefulSet: (w, object, cluster) => describeStatefulSet(w, object as StatefulSet, cluster),
  DaemonSet: (w, object, cluster) => describeDaemonSet(w, object as DaemonSet, cluster),
}

/** Kinds whose description ends without a list of Events. */
const WITHOUT_EVENTS = new Set(['Namespace'])

/** `kubectl describe WORDS` over a cluster: a kind and names (a name may be the beginning of several), or all objects of a kind. */
export function describe(
  cluster: Cluster,
  words: readonly string[],
  options: Pick<GetOptions, 'namespace' | 'allNamespaces' | 'selector'>,
  now: number,
  eventsOf: EventsOf = () => [],
): Printed {
  const targets = targetsOf(words)
  if (typeof targets === 'string') return { out: '', err: `${targets}\n`, code: 2 }
  const requirements = options.selector === undefined ? [] : parseSelector(options.selector)
  if (!requirements) return { out: '', err: `error: unable to parse requirement: ${options.selector}\n`, code: 2 }
  const objects: ApiObject[] = []
  let errors = ''
  for (const { resource, names } of targets) {
    const all = list(cluster, resource.kind).filter(
      (object) => inScope(object, resource, options) && meets(object.metadata.labels, requirements),
    )
    if (names.length === 0) objects.push(...all)
    for (const name of names) {
      const found = named(cluster, resource, name, options, all)
      objects.push(...found)
      if (found.length === 0) errors += `${notFound(resource, name)}\n`
    }
  }
  const warning = targets.some(({ resource }) => resource.kind === 'Endpoints') ? ENDPOINTS_WARNING : ''
  if (objects.length === 0 && errors === '') errors = `No resources found in ${options.namespace ?? 'default'} namespace.\n`
  const texts = objects.map((object) => describeObject(cluster, object, now, eventsOf))
  return { out: texts.join('\n\n'), err: warning + errors, code: errors.startsWith('Error') ? 1 : 0 }
}

function inScope(object: ApiObject, resource: Resource, options: Pick<GetOptions, 'namespace' | 'allNamespaces'>): boolean {
  return !resource.namespaced || options.allNamespaces === true || object.metadata.namespace === (options.namespace ?? 'default')
}

/** The object of that name, else every one whose name begins so, as kubectl describes them. */
function named(
  cluster: Cluster,
  resource: Resource,
  name: string,
  options: Pick<GetOptions, 'namespace'>,
  all: readonly ApiObject[],
): readonly ApiObject[] {
  const exact = find(cluster, resource.kind, resource.namespaced ? (options.namespace ?? 'default') : '', name)
  return exact ? [exact] : all.filter((object) => object.metadata.name.startsWith(name))
}

/** One object's description. */
export function describeObject(cluster: Cluster, object: ApiObject, now: number, eventsOf: EventsOf = () => []): string {
  const w = new DescriptionWriter()
  const describer = describers[object.kind]
  if (describer) describer(w, object, cluster, now)
  else describeGeneric(w, object)
  return WITHOUT_EVENTS.has(object.kind) ? w.print() : writeEvents(w, eventsOf(object), now)
}
