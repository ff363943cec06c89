import { type ApiObject, at, type Cluster } from '../../api/cluster.ts'
import { type EndpointSlice, MANAGED_BY_LABEL, SERVICE_NAME_LABEL } from '../../api/kinds/endpointslice.ts'
import type { ObjectKey, ObjectMeta } from '../../api/meta.ts'
import { byText } from '../../base/order.ts'
import { rfc3339 } from '../../base/time.ts'
import type { ReconcileContext } from '../controller.ts'
import { generatedName, uidOf } from '../names.ts'
import type { Draft } from './reconcile.ts'

type Groups = ReadonlyMap<string, readonly EndpointSlice[]>
const groups = new WeakMap<ReadonlyMap<ObjectKey, ApiObject>, Groups>()

/** The slices that one manager keeps for a Service, oldest first; those on their way out do not count. */
export function slicesOf(cluster: Cluster, manager: string, namespace: string, service: string): readonly EndpointSlice[] {
  const slices = cluster.byKind.get('EndpointSlice')
  if (!slices) return []
  let known = groups.get(slices)
  if (!known) {
    known = grouped(slices.values() as Iterable<EndpointSlice>)
    groups.set(slices, known)
  }
  return known.get(`${manager}\u0000${namespace}\u0000${service}`) ?? []
}

function grouped(slices: Iterable<EndpointSlice>): Groups {
  const made = new Map<string, EndpointSlice[]>()
  for (const slice of slices) {
    const { labels, namespace, deletionTimestamp } = slice.metadata
    if (labels?.[MANAGED_BY_LABEL] === undefined || deletionTimestamp !== undefined) continue
    const key = `${labels[MANAGED_BY_LABEL]}\u0000${namespace}\u0000${labels[SERVICE_NAME_LABEL]}`
    const group = made.get(key)
    if (group) group.push(slice)
    else made.set(key, [slice])
  }
  for (const group of made.values()) group.sort(oldestFirst)
  return made
}

/** Within one second the order in which they were stored decides; `settle` has put the first ones in name order. */
function oldestFirst(a: EndpointSlice, b: EndpointSlice): number {
  return byText(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '')
}

/** The Service that a slice belongs to, by its label, as a key of that kind. */
export function serviceKeyOf(slice: ApiObject | undefined, kind: string): readonly ObjectKey[] {
  const name = slice?.metadata.labels?.[SERVICE_NAME_LABEL]
  return name === undefined ? [] : [`${kind}/${slice?.metadata.namespace ?? ''}/${name}`]
}

/** A slice as it is created; labels, annotations and owners are the manager's business. */
export function createdSlice(
  cluster: Cluster,
  of: ObjectMeta,
  { family, endpoints, ports }: Draft,
  { now, memory }: ReconcileContext,
  more: Pick<ObjectMeta, 'labels' | 'annotations' | 'ownerReferences'>,
): EndpointSlice {
  const { namespace, name: service } = of
  const owner = `EndpointSlice of ${namespace}/${service}`
  const generateName = slicePrefix(service)
  let serial = memory.serial(owner)
  let name = generatedName(generateName, owner, serial)
  while (at(cluster, `EndpointSlice/${namespace ?? ''}/${name}`)) {
    serial = memory.serial(owner)
    name = generatedName(generateName, owner, serial)
  }
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name,
      generateName,
      ...(namespace === undefined ? {} : { namespace }),
      uid: uidOf(`EndpointSlice/${namespace}/${name}`, serial),
      generation: 1,
      creationTimestamp: rfc3339(now),
      ...more,
    },
    addressType: family,
    endpoints,
    ports,
  }
}

/** `getEndpointSlicePrefix`: with a dash, unless that would make no valid name. */
function slicePrefix(service: string): string {
  return service.length > 252 ? service : `${service}-`
}
