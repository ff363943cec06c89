import { type ApiObject, at, type Cluster, list } from '../../api/cluster.ts'
import { type EndpointSlice, HEADLESS_LABEL, MANAGED_BY_LABEL, SERVICE_NAME_LABEL, ZONE_LABEL } from '../../api/kinds/endpointslice.ts'
import type { Node } from '../../api/kinds/node.ts'
import type { Pod } from '../../api/kinds/pod.ts'
import type { Service } from '../../api/kinds/service.ts'
import { keyOf, type Labels, type ObjectKey } from '../../api/meta.ts'
import { sameData } from '../../base/copy.ts'
import { type Family, familyOf } from '../../base/ip.ts'
import { byText } from '../../base/order.ts'
import type { Change, Controller, Delta, ReconcileContext } from '../controller.ts'
import { podsOnNode, podsSelected, servicesSelecting } from '../lookup.ts'
import { controllerReference } from '../pods.ts'
import { because, type Why } from '../why.ts'
import { desiredGroups } from './desired.ts'
import { closeHinted, proportional, wantsTopology } from './hints.ts'
import { type Draft, type Plan, planSlices } from './reconcile.ts'
import { createdSlice, serviceKeyOf, slicesOf } from './slices.ts'
import { cpuRatios } from './topology.ts'
import { closeness } from './trafficdist.ts'
import { TRIGGER_TIME, triggerTime } from './trigger.ts'

const NAME = 'endpointslice-controller'
export const MANAGER = 'endpointslice-controller.k8s.io'
const RESERVED = new Set([SERVICE_NAME_LABEL, MANAGED_BY_LABEL, HEADLESS_LABEL])

/** Keeps the EndpointSlices of every Service with a selector. */
export const endpointSliceController: Controller = {
  name: NAME,
  everything: (cluster) => list(cluster, 'Service').map(keyOf),
  watches: ['Service', 'Pod', 'Node', 'EndpointSlice'],
  concerns: (delta, cluster) => {
    if (delta.key.startsWith('EndpointSlice/')) return [delta.before, delta.after].flatMap((slice) => serviceKeyOf(slice, 'Service'))
    return servicesConcerned(delta, cluster)
  },
  reconcile: (cluster, keys, context) =>
    keys.flatMap((key) => {
      const service = at(cluster, key) as Service | undefined
      if (!service) context.memory.setTriggers(`${NAME} ${key}`, undefined)
      if (!service?.spec.selector || service.spec.type === 'ExternalName' || isGiven(cluster, service, context)) return []
      return sync(cluster, service, context)
    }),
}

/** Whether the Service's slices came from outside with Pods that are not there: then they are facts. */
function isGiven(cluster: Cluster, { metadata }: Service, { memory }: ReconcileContext): boolean {
  return slicesOf(cluster, MANAGER, metadata.namespace ?? '', metadata.name).some((slice) => memory.isFact(keyOf(slice)))
}

const concerned = new WeakMap<Delta, readonly ObjectKey[]>()

/**
 * Which Services an endpoints controller looks at again after a change of a Service, a Pod or a Node. There are two such controllers:
 * the second one is given the answer of the first.
 */
export function servicesConcerned(delta: Delta, cluster: Cluster): readonly ObjectKey[] {
  let keys = concerned.get(delta)
  if (!keys) {
    keys = affectedServices(delta, cluster)
    concerned.set(delta, keys)
  }
  return keys
}

function affectedServices({ key, before, after }: Delta, cluster: Cluster): readonly ObjectKey[] {
  if (key.startsWith('Service/')) return [key]
  if (key.startsWith('Pod/')) {
    const [old, now] = [before?.metadata.labels, after?.metadata.labels]
    const namespace = (after ?? before)?.metadata.namespace
    const found = (labels: Labels | undefined) => servicesSelecting(cluster, namespace, labels).map(keyOf)
    if (old === now || sameData(old, now)) return found(old)
    return [old, now].flatMap((labels) => (labels === undefined ? [] : found(labels)))
  }
  if (!key.startsWith('Node/')) return []
  const hinted = sameForTopology(before, after)
    ? []
    : list(cluster, 'Service')
        .filter((one) => wantsTopology(one.metadata.annotations))
        .map(keyOf)
  if (before && after && before.metadata.labels?.[ZONE_LABEL] === after.metadata.labels?.[ZONE_LABEL]) return hinted
  const placed = podsOnNode(cluster, key.slice('Node//'.length)).flatMap((pod) =>
    servicesSelecting(cluster, pod.metadata.namespace, pod.metadata.labels).map(keyOf),
  )
  return [...hinted, ...placed]
}

/** Whether a node's part in the zones' shares of the CPUs is as before. */
function sameForTopology(before: ApiObject | undefined, after: ApiObject | undefined): boolean {
  if (!before || !after) return false
  const [old, now] = [before as Node, after as Node]
  return (
    sameData(old.metadata.labels, now.metadata.labels) &&
    sameData(old.status?.allocatable, now.status?.allocatable) &&
    sameData(old.status?.conditions, now.status?.conditions)
  )
}

function sync(cluster: Cluster, service: Service, context: ReconcileContext): readonly Change[] {
  const pods = naturally(podsSelected(cluster, service.metadata.namespace ?? '', { matchLabels: service.spec.selector ?? {} }))
  const trigger = triggerTime(`${NAME} ${keyOf(service)}`, service, pods, context.memory)
  const families = familiesOf(service)
  const existing = slicesOf(cluster, MANAGER, service.metadata.namespace ?? '', service.metadata.name)
  const strangers = existing.filter((slice) => !families.includes(slice.addressType as Family))
  const changes: Change[] = strangers.map((slice) => ({
    change: 'delete',
    key: keyOf(slice),
    why: because('family-gone', { name: service.metadata.name, family: slice.addressType }),
  }))
  const labels = sliceLabels(service)
  for (const family of families) changes.push(...syncFamily(cluster, service, { pods, family, existing, labels, trigger, context }))
  return changes
}

/** The families a Service has slices of: its own, else that of its cluster IP, else both (`getAddressTypesForService`). */
export function familiesOf({ spec: { ipFamilies, clusterIP } }: Service): readonly Family[] {
  if (ipFamilies?.length) return ipFamilies
  return clusterIP && clusterIP !== 'None' ? [familyOf(clusterIP)] : ['IPv4', 'IPv6']
}

/** Pods as a person would count them, `web-9` before `web-10`: the order in which endpoints are placed, which upstream leaves to chance. */
function naturally(pods: readonly Pod[]): readonly Pod[] {
  return pods
    .map((pod) => ({ pod, key: countable(pod.metadata.name) }))
    .sort((a, b) => byText(a.key, b.key))
    .map(({ pod }) => pod)
}

const ZEROS = '0000000000'
const isDigit = (code: number) => code >= 48 && code <= 57

/** A name with its numbers padded to ten digits, so that they compare as numbers. */
function countable(name: string): string {
  let out = ''
  let taken = 0
  for (let i = 0; i < name.length; i++) {
    if (!isDigit(name.charCodeAt(i))) continue
    const start = i
    while (isDigit(name.charCodeAt(i + 1))) i++
    out += name.slice(taken, start) + ZEROS.slice(i + 1 - start)
    taken = start
  }
  return out + name.slice(taken)
}

type FamilySync = {
  readonly pods: readonly Pod[]
  readonly family: Family
  readonly existing: readonly EndpointSlice[]
  readonly labels: Labels
  readonly trigger: string | undefined
  readonly context: ReconcileContext
}

function syncFamily(cluster: Cluster, service: Service, sync: FamilySync): readonly Change[] {
  const { family, labels } = sync
  const own = unreserved(labels)
  const plan = planSlices(
    sync.existing.filter((slice) => slice.addressType === family),
    desiredGroups(cluster, service, sync.pods, family),
    {
      family,
      max: cluster.settings.maxEndpointsPerSlice,
      isOwned: (slice) => isOwnedBy(slice, service),
      isStale: (slice) => !sameData(unreserved(slice.metadata.labels), own),
      isPlaceholder: (slice) => !slice.endpoints?.length && !slice.ports?.length && sameData(slice.metadata.labels, labels),
    },
  )
  return write(cluster, service, recycle(withHints(cluster, service, plan, family), service), sync)
}

/** Topology hints, where asked for, come before `trafficDistribution`; without either there are no hints. */
function withHints(cluster: Cluster, service: Service, plan: Plan, family: Family): Plan {
  if (!wantsTopology(service.metadata.annotations)) return closeHinted(plan, closeness(service.spec.trafficDistribution))
  return proportional(plan, cpuRatios(list(cluster, 'Node')), family).plan
}

/** A slice due for deletion takes the last of the slices to be created instead: `Reconciler.finalize`. */
function recycle(plan: Plan, service: Service): Plan {
  const create = [...plan.create]
  const update = [...plan.update]
  const remove = plan.remove.filter((slice) => {
    if (!isOwnedBy(slice, service)) return true
    const draft = create.pop()
    if (!draft) return true
    update.push({ slice, draft, relabel: true })
    return false
  })
  return { ...plan, create, update, remove }
}

function write(cluster: Cluster, service: Service, plan: Plan, { labels, trigger, context }: FamilySync): readonly Change[] {
  const name = service.metadata.name
  const creates = service.metadata.deletionTimestamp === undefined ? plan.create : []
  return [
    ...creates.map((draft): Change => {
      const object = newSlice(cluster, service, draft, labels, trigger, context)
      return { change: 'create', object, why: holds(name, draft) }
    }),
    ...plan.update.map(({ slice, draft, relabel }): Change => {
      const object = updated(slice, draft, relabel ? labels : (slice.metadata.labels ?? {}), trigger)
      return { change: 'update', object, why: holds(name, draft, slice) }
    }),
    ...plan.remove.map((slice): Change => ({ change: 'delete', key: keyOf(slice), why: because('slice-unneeded', { name }) })),
  ]
}

function holds(name: string, { endpoints }: Draft, slice?: EndpointSlice): Why {
  const were = slice?.endpoints?.length ?? 0
  const count = endpoints.length
  if (count === 0) return because(slice ? 'slice-emptied' : 'slice-placeholder', { name })
  if (!slice) return because('slice-new', { name, count })
  return were === count ? because('slice-changed', { name, count }) : because('slice-count', { name, count, were })
}

function newSlice(
  cluster: Cluster,
  service: Service,
  draft: Draft,
  labels: Labels,
  trigger: string | undefined,
  context: ReconcileContext,
): EndpointSlice {
  return createdSlice(cluster, service.metadata, draft, context, {
    labels,
    ...(trigger === undefined ? {} : { annotations: { [TRIGGER_TIME]: trigger } }),
    ownerReferences: [controllerReference({ ...service, apiVersion: 'v1' } as ApiObject)],
  })
}

function updated(slice: EndpointSlice, draft: Draft, labels: Labels, trigger: string | undefined): EndpointSlice {
  const { annotations: old, generation = 1, ...metadata } = slice.metadata
  const { [TRIGGER_TIME]: _, ...others } = old ?? {}
  const annotations = trigger === undefined ? others : { ...others, [TRIGGER_TIME]: trigger }
  const isChanged = !sameData(slice.endpoints ?? [], draft.endpoints) || !sameData(slice.ports ?? [], draft.ports)
  return {
    ...slice,
    metadata: {
      ...metadata,
      generation: isChanged ? generation + 1 : generation,
      labels,
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
    endpoints: draft.endpoints,
    ports: draft.ports,
  }
}

/** The labels of a Service's slices: the Service's own but for the reserved ones, which say whose slice it is. */
export function sliceLabels(service: Service): Labels {
  return {
    ...unreserved(service.metadata.labels),
    ...(hasClusterIp(service) ? {} : { [HEADLESS_LABEL]: '' }),
    [SERVICE_NAME_LABEL]: service.metadata.name,
    [MANAGED_BY_LABEL]: MANAGER,
  }
}

/** `helper.IsServiceIPSet`. */
export function hasClusterIp({ spec }: Service): boolean {
  return spec.clusterIP !== undefined && spec.clusterIP !== '' && spec.clusterIP !== 'None'
}

function unreserved(labels: Labels | undefined): Labels {
  return Object.fromEntries(Object.entries(labels ?? {}).filter(([label]) => !RESERVED.has(label)))
}

function isOwnedBy(slice: EndpointSlice, service: Service): boolean {
  return slice.metadata.ownerReferences?.some(({ kind, uid }) => kind === 'Service' && uid === (service.metadata.uid ?? '')) ?? false
}
