import type { ApiObject } from '../core/api/cluster.ts'
import type { Client } from '../core/api/kinds/config.ts'
import { type EndpointSlice, SERVICE_NAME_LABEL, ZONE_LABEL } from '../core/api/kinds/endpointslice.ts'
import type { Ingress } from '../core/api/kinds/ingress.ts'
import type { Node } from '../core/api/kinds/node.ts'
import { isPodReady, type Pod } from '../core/api/kinds/pod.ts'
import type { Service } from '../core/api/kinds/service.ts'
import { LISTEN_ANNOTATION } from '../core/api/listening.ts'
import { keyOf, mapSelects, type ObjectKey } from '../core/api/meta.ts'
import { clusterIpsOf } from '../core/api/service/fields.ts'
import { byText } from '../core/base/order.ts'
import type { Snapshot } from '../core/sim/session.ts'
import { nodeIpsOf, outsideIpsOf, podIpsOf } from './address.ts'

/** How much of the cluster there is, and so how it is drawn. */
export type Scale = 'cards' | 'chips' | 'grid' | 'matrix'
export type PodState = 'ready' | 'unready' | 'terminating'

export type PodBox = {
  readonly key: ObjectKey
  readonly namespace: string
  readonly name: string
  readonly ips: readonly string[]
  readonly node: string
  readonly state: PodState
  readonly ports: readonly string[]
  readonly hostNetwork: boolean
  /** Something that asks: it declares no port and no Service selects it; or an L7 proxy, which asks on behalf of others. */
  readonly asks: boolean
  readonly system: boolean
}

export type SliceBox = {
  readonly key: ObjectKey
  readonly namespace: string
  readonly name: string
  readonly family: string
  readonly endpoints: readonly { readonly address: string; readonly ready: boolean; readonly pod?: ObjectKey }[]
  readonly ready: number
  readonly ports: readonly string[]
}

export type ServiceBox = {
  readonly key: ObjectKey
  readonly namespace: string
  readonly name: string
  readonly type: Service['spec']['type']
  readonly headless: boolean
  readonly externalName?: string
  readonly vips: readonly string[]
  readonly outside: readonly string[]
  readonly ports: readonly { readonly port: number; readonly target: string; readonly nodePort: number; readonly name: string }[]
  readonly hasSelector: boolean
  /** Pods that its selector matches, whether ready or not. */
  readonly matched: readonly ObjectKey[]
  readonly slices: readonly SliceBox[]
  readonly system: boolean
}

export type EntryBox = {
  readonly key: ObjectKey
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly lines: readonly string[]
  readonly addresses: readonly string[]
  /** What it refers to: Services, or the Gateway a route hangs on. */
  readonly to: readonly ObjectKey[]
}

export type NodeBox = {
  readonly key: ObjectKey
  readonly name: string
  readonly ips: readonly string[]
  readonly zone?: string
  readonly proxy: { readonly state: 'in-sync' | 'lagging' | 'frozen' | 'broken'; readonly lagMs: number; readonly since: number }
  readonly pods: readonly PodBox[]
  /** Pods there that are not shown. */
  readonly hidden: number
}

export type ClientBox = { readonly name: string; readonly ip: string; readonly via?: string }

/** What stands on the stage, without places: derived from a snapshot alone. */
export type StageGraph = {
  readonly scale: Scale
  readonly clients: readonly ClientBox[]
  readonly balancer: boolean
  readonly internet: boolean
  readonly entries: readonly EntryBox[]
  readonly services: readonly ServiceBox[]
  readonly nodes: readonly NodeBox[]
  readonly pods: ReadonlyMap<ObjectKey, PodBox>
  /** Pods that have no node yet. */
  readonly pending: readonly PodBox[]
  readonly hiddenSystemPods: number
  readonly podCount: number
}

export type GraphOptions = {
  readonly showSystem: boolean
  /** Shown whatever the scale: the path, what is erroneous, what is selected. */
  readonly promoted: ReadonlySet<ObjectKey>
  /** Places beyond the cluster that the path visits. */
  readonly places: ReadonlySet<'internet' | 'load-balancer'>
}

const OUTSIDE: ClientBox = { name: 'outside', ip: '172.18.0.100' }
const ENTRY_KINDS: ReadonlySet<string> = new Set(['Ingress', 'Gateway', 'HTTPRoute', 'GRPCRoute'])

/** The boxes and relations of a snapshot. Linear in its objects. */
export function graphOf(snapshot: Snapshot, options: GraphOptions): StageGraph {
  const kinds = byKind(snapshot.objects)
  const objects = <T extends ApiObject>(kind: string) => (kinds.get(kind) ?? []) as readonly ApiObject[] as readonly T[]
  const slices = slicesByService(objects<EndpointSlice>('EndpointSlice'))
  const endpoints = new Set(
    [...slices.values()].flatMap((list) => list.flatMap((slice) => slice.endpoints.flatMap(({ pod }) => pod ?? []))),
  )
  const allPods = objects<Pod>('Pod')
    .filter(isPresent)
    .map((pod) => podBox(pod, endpoints.has(keyOf(pod))))
  const shown = allPods.filter((pod) => options.showSystem || !pod.system || options.promoted.has(pod.key))
  const pods = new Map(shown.map((pod) => [pod.key, pod]))
  const services = servicesOf(objects<Service>('Service'), objects<Pod>('Pod').filter(isPresent), slices, options)
  const entries = [...ENTRY_KINDS].flatMap((kind) => objects(kind).map(entryBox))
  return {
    scale: scaleOf(shown.length, objects('Node').length),
    clients: clientsOf(objects<Client>('Client')),
    balancer:
      options.places.has('load-balancer') || services.some((service) => service.type === 'LoadBalancer' && service.outside.length > 0),
    internet: options.places.has('internet'),
    entries,
    services,
    nodes: nodesOf(objects<Node>('Node'), shown, allPods, snapshot),
    pods,
    pending: shown.filter((pod) => pod.node === ''),
    hiddenSystemPods: allPods.length - shown.length,
    podCount: shown.length,
  }
}

function scaleOf(pods: number, nodes: number): Scale {
  if (pods <= 40 && nodes <= 12) return 'cards'
  if (pods <= 150 && nodes <= 30) return 'chips'
  return (pods <= 2500 && nodes <= 100) || (pods <= 6000 && nodes <= 12) ? 'grid' : 'matrix'
}

function byKind(objects: readonly ApiObject[]): Map<string, ApiObject[]> {
  const kinds = new Map<string, ApiObject[]>()
  for (const object of objects) {
    const list = kinds.get(object.kind)
    if (list) list.push(object)
    else kinds.set(object.kind, [object])
  }
  const name = (object: ApiObject) => `${object.metadata.namespace ?? ''}\u0000${object.metadata.name}`
  for (const list of kinds.values()) list.sort((a, b) => byText(name(a), name(b)))
  return kinds
}

/** Pods that have ended have no place on the stage. */
function isPresent(pod: Pod): boolean {
  return pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed'
}

function podBox(pod: Pod, isEndpoint: boolean): PodBox {
  const namespace = pod.metadata.namespace ?? 'default'
  const ports = pod.spec.containers.flatMap((container) => (container.ports ?? []).map((port) => `${port.containerPort}`))
  const listens = pod.metadata.annotations?.[LISTEN_ANNOTATION] !== undefined
  return {
    key: keyOf(pod),
    namespace,
    name: pod.metadata.name,
    ips: podIpsOf(pod),
    node: pod.spec.nodeName ?? '',
    state: pod.metadata.deletionTimestamp ? 'terminating' : isPodReady(pod) ? 'ready' : 'unready',
    ports,
    hostNetwork: pod.spec.hostNetwork ?? false,
    asks: pod.metadata.annotations?.['kubehop.dev/controller'] !== undefined || !(isEndpoint || ports.length > 0 || listens),
    system: namespace === 'kube-system',
  }
}

function slicesByService(slices: readonly EndpointSlice[]): Map<string, SliceBox[]> {
  const found = new Map<string, SliceBox[]>()
  for (const object of slices) {
    const service = object.metadata.labels?.[SERVICE_NAME_LABEL]
    if (service === undefined) continue
    const key = `${object.metadata.namespace ?? 'default'}/${service}`
    const box = sliceBox(object)
    const list = found.get(key)
    if (list) list.push(box)
    else found.set(key, [box])
  }
  return found
}

function sliceBox(slice: EndpointSlice): SliceBox {
  const namespace = slice.metadata.namespace ?? 'default'
  const endpoints = (slice.endpoints ?? []).map((endpoint) => {
    const { targetRef } = endpoint
    const pod = targetRef?.kind === 'Pod' ? `Pod/${targetRef.namespace ?? namespace}/${targetRef.name ?? ''}` : undefined
    // No condition counts as ready, as kube-proxy reads it.
    return { address: endpoint.addresses[0] ?? '', ready: endpoint.conditions?.ready !== false, ...(pod ? { pod } : {}) }
  })
  return {
    key: keyOf(slice),
    namespace,
    name: slice.metadata.name,
    family: slice.addressType,
    endpoints,
    ready: endpoints.filter(({ ready }) => ready).length,
    ports: (slice.ports ?? []).flatMap((port) => (port.port === undefined ? [] : `${port.port}`)),
  }
}

function servicesOf(
  services: readonly Service[],
  pods: readonly Pod[],
  slices: ReadonlyMap<string, readonly SliceBox[]>,
  options: GraphOptions,
): readonly ServiceBox[] {
  const select = labelIndex(pods)
  return services
    .map((service) => serviceBox(service, slices, select))
    .filter((service) => options.showSystem || !service.system || options.promoted.has(service.key))
}

/** Pods by one label each, so that a selector looks at few of them. */
function labelIndex(pods: readonly Pod[]): (selector: Readonly<Record<string, string>>, namespace: string) => readonly ObjectKey[] {
  const index = new Map<string, Pod[]>()
  for (const pod of pods) {
    for (const [key, value] of Object.entries(pod.metadata.labels ?? {})) {
      const term = `${pod.metadata.namespace ?? 'default'}\u0000${key}\u0000${value}`
      const list = index.get(term)
      if (list) list.push(pod)
      else index.set(term, [pod])
    }
  }
  // Many Services with one selector are asked once.
  const remembered = new Map<string, readonly ObjectKey[]>()
  return (selector, namespace) => {
    const keys = Object.entries(selector).map(([key, value]) => `${namespace}\u0000${key}\u0000${value}`)
    const question = keys.join('\u0001')
    let answer = remembered.get(question)
    if (!answer) {
      const terms = keys.map((key) => index.get(key) ?? [])
      const fewest = terms.reduce<readonly Pod[] | undefined>((best, list) => (best && best.length <= list.length ? best : list), undefined)
      answer = (fewest ?? []).filter((pod) => mapSelects(selector, pod.metadata.labels)).map(keyOf)
      remembered.set(question, answer)
    }
    return answer
  }
}

function serviceBox(
  service: Service,
  slices: ReadonlyMap<string, readonly SliceBox[]>,
  select: (selector: Readonly<Record<string, string>>, namespace: string) => readonly ObjectKey[],
): ServiceBox {
  const { spec } = service
  const namespace = service.metadata.namespace ?? 'default'
  const { name } = service.metadata
  const selector = spec.selector ?? {}
  const hasSelector = Object.keys(selector).length > 0
  return {
    key: keyOf(service),
    namespace,
    name,
    type: spec.type,
    headless: spec.clusterIP === 'None',
    ...(spec.externalName ? { externalName: spec.externalName } : {}),
    vips: clusterIpsOf(service),
    outside: outsideIpsOf(service),
    ports: (spec.ports ?? []).map((port) => ({
      port: port.port,
      target: `${port.targetPort}`,
      nodePort: port.nodePort ?? 0,
      name: port.name ?? '',
    })),
    hasSelector,
    matched: hasSelector ? select(selector, namespace) : [],
    slices: slices.get(`${namespace}/${name}`) ?? [],
    system: namespace === 'kube-system' || (namespace === 'default' && name === 'kubernetes'),
  }
}

/** The parts of Gateway API objects that are drawn; the core decodes them fully. */
type Loose = {
  readonly spec?: {
    readonly parentRefs?: readonly { readonly name: string; readonly namespace?: string }[]
    readonly hostnames?: readonly string[]
    readonly listeners?: readonly {
      readonly name?: string
      readonly port?: number
      readonly protocol?: string
      readonly hostname?: string
    }[]
    readonly addresses?: readonly { readonly value?: string }[]
    readonly rules?: readonly {
      readonly backendRefs?: readonly {
        readonly kind?: string
        readonly name: string
        readonly namespace?: string
        readonly port?: number
      }[]
    }[]
  }
  readonly status?: { readonly addresses?: readonly { readonly value?: string }[] }
}

function entryBox(object: ApiObject): EntryBox {
  const namespace = object.metadata.namespace ?? 'default'
  const box = { key: keyOf(object), kind: object.kind, namespace, name: object.metadata.name }
  if (object.kind === 'Ingress') return { ...box, ...ingressParts(object as Ingress, namespace) }
  const { spec = {}, status } = object as ApiObject & Loose
  const addresses = [...(status?.addresses ?? []), ...(spec.addresses ?? [])].flatMap(({ value }) => value ?? [])
  const parents = (spec.parentRefs ?? []).map((ref) => `Gateway/${ref.namespace ?? namespace}/${ref.name}`)
  const backends = (spec.rules ?? []).flatMap((rule) =>
    (rule.backendRefs ?? []).map((ref) => `Service/${ref.namespace ?? namespace}/${ref.name}`),
  )
  const listeners = (spec.listeners ?? []).map(
    (listener) => `${listener.protocol ?? 'HTTP'} :${listener.port ?? ''} ${listener.hostname ?? '*'}`,
  )
  return {
    ...box,
    lines: [...listeners, ...(spec.hostnames ?? [])],
    addresses: [...new Set(addresses)],
    to: [...new Set([...parents, ...backends])],
  }
}

function ingressParts(ingress: Ingress, namespace: string): Pick<EntryBox, 'lines' | 'addresses' | 'to'> {
  const paths = (ingress.spec.rules ?? []).flatMap((rule) => (rule.http?.paths ?? []).map((path) => ({ host: rule.host ?? '*', path })))
  const backends = [...paths.map(({ path }) => path.backend), ...(ingress.spec.defaultBackend ? [ingress.spec.defaultBackend] : [])]
  return {
    lines: paths.map(({ host, path }) => `${host}${path.path ?? '/'}`),
    addresses: (ingress.status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip ?? hostname ?? []),
    to: [...new Set(backends.flatMap((backend) => (backend.service ? `Service/${namespace}/${backend.service.name}` : [])))],
  }
}

function nodesOf(nodes: readonly Node[], shown: readonly PodBox[], all: readonly PodBox[], snapshot: Snapshot): readonly NodeBox[] {
  const proxies = new Map(snapshot.proxies.map((proxy) => [proxy.node, proxy]))
  const count = new Map<string, number>()
  for (const pod of all) count.set(pod.node, (count.get(pod.node) ?? 0) + 1)
  const there = new Map<string, PodBox[]>()
  for (const pod of shown) {
    const list = there.get(pod.node)
    if (list) list.push(pod)
    else there.set(pod.node, [pod])
  }
  return nodes.map((node) => {
    const { name } = node.metadata
    const pods = there.get(name) ?? []
    const { state = 'in-sync', lagMs = 0, since = 0 } = proxies.get(name) ?? {}
    const zone = node.metadata.labels?.[ZONE_LABEL]
    return {
      key: keyOf(node),
      name,
      ips: nodeIpsOf(node),
      ...(zone ? { zone } : {}),
      proxy: { state, lagMs, since },
      pods,
      hidden: (count.get(name) ?? 0) - pods.length,
    }
  })
}

function clientsOf(clients: readonly Client[]): readonly ClientBox[] {
  const boxes = clients.map(({ metadata, spec }) => ({ name: metadata.name, ip: spec?.ip ?? '', ...(spec?.via ? { via: spec.via } : {}) }))
  return boxes.length > 0 ? boxes : [OUTSIDE]
}
