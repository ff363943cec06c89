import type { Cluster } from '../api/cluster.ts'
import { list } from '../api/cluster.ts'
import { type EndpointSlice, SERVICE_NAME_LABEL } from '../api/kinds/endpointslice.ts'
import type { Gateway } from '../api/kinds/gateway.ts'
import type { Ingress } from '../api/kinds/ingress.ts'
import type { Node } from '../api/kinds/node.ts'
import { hasFinished, type Pod } from '../api/kinds/pod.ts'
import type { Service } from '../api/kinds/service.ts'
import { LISTEN_ANNOTATION, type Listener, readListeners } from '../api/listening.ts'
import { type ApiObjectBase, type FieldPath, keyOf, type ObjectKey } from '../api/meta.ts'
import { fnv1a32 } from '../base/hash.ts'
import { cidrContains, type Family, type Ip, parseIp } from '../base/ip.ts'
import { claimOf } from '../l7/classes.ts'
import { cloud } from '../l7/profiles/cloud.ts'
import { firstOf, guessedSubnet, type Interface, readInterfaces } from './address.ts'
import type { Place } from './trace.ts'

/** A machine with its own network stack, or a Pod that has one. Pods on the host's network are their node. */
export type NodeHost = {
  readonly host: 'node'
  readonly name: string
  readonly node: Node
  readonly interfaces: readonly Interface[]
  readonly ips: readonly Ip[]
  readonly podCidrs: readonly string[]
}
/** `pod` is absent for an address that a slice says is a Pod on a node, where no such Pod object was given. */
export type PodHost = {
  readonly host: 'pod'
  /** `namespace/name`. */
  readonly name: string
  readonly node: string
  readonly ips: readonly Ip[]
  readonly pod?: Pod
}
export type ClientHost = {
  readonly host: 'client'
  readonly name: string
  readonly ips: readonly Ip[]
  readonly via?: string
  /** On what it listens: nothing, unless its object says so. */
  readonly listeners?: readonly Listener[]
  /** A gateway's data plane, or a provider's load balancer that speaks HTTP: the object it belongs to. */
  readonly proxy?: ObjectKey
}
export type Host = NodeHost | PodHost | ClientHost

/** Who has which address, and what is next to what. */
export type Network = {
  readonly nodes: ReadonlyMap<string, NodeHost>
  /** Pods with a network of their own, by `namespace/name`. */
  readonly pods: ReadonlyMap<string, PodHost>
  /** Pods on their node's network, by `namespace/name` and by node. */
  readonly hostPods: ReadonlyMap<string, Pod>
  readonly hostPodsOf: ReadonlyMap<string, readonly Pod[]>
  readonly clients: ReadonlyMap<string, ClientHost>
  readonly owner: ReadonlyMap<Ip, Host>
  /** LoadBalancer addresses and the Services that have them. */
  readonly loadBalancers: ReadonlyMap<Ip, readonly Service[]>
  /** Host ports of Pods, by node, `PROTOCOL port`: the network plugin's port map leads them to the Pod. */
  readonly hostPorts: ReadonlyMap<string, ReadonlyMap<string, HostPort>>
  /** Every node's Pod CIDRs. */
  readonly podCidrs: readonly { readonly cidr: string; readonly node: NodeHost }[]
}

/** A container port that its node answers for, and where that is written. */
export type HostPort = { readonly pod: PodHost; readonly hostIp?: Ip; readonly port: number; readonly path: FieldPath }

const networks = new WeakMap<Cluster, Network>()

/** The network of a cluster, remembered with it. */
export function networkOf(cluster: Cluster): Network {
  let network = networks.get(cluster)
  if (!network) {
    network = build(cluster)
    networks.set(cluster, network)
  }
  return network
}

function build(cluster: Cluster): Network {
  const nodes = new Map(list(cluster, 'Node').map((node) => [node.metadata.name, nodeHost(node)]))
  const owner = new Map<Ip, Host>()
  const claim = (host: Host) => {
    for (const ip of host.ips) if (!owner.has(ip)) owner.set(ip, host)
  }
  for (const node of nodes.values()) claim(node)
  const pods = new Map<string, PodHost>()
  const hostPods = new Map<string, Pod>()
  const hostPodsOf = new Map<string, Pod[]>()
  for (const pod of list(cluster, 'Pod')) {
    const name = `${pod.metadata.namespace ?? 'default'}/${pod.metadata.name}`
    const node = pod.spec.nodeName
    if (node === undefined || hasFinished(pod)) continue
    if (pod.spec.hostNetwork) {
      hostPods.set(name, pod)
      hostPodsOf.set(node, [...(hostPodsOf.get(node) ?? []), pod])
      continue
    }
    const host: PodHost = { host: 'pod', name, node, ips: podIps(pod), pod }
    if (host.ips.length === 0) continue
    pods.set(name, host)
    claim(host)
  }
  for (const host of sliceOnlyPods(cluster, nodes, pods, owner)) {
    pods.set(host.name, host)
    claim(host)
  }
  const clients = new Map(clientsOf(cluster).map((client) => [client.name, client]))
  for (const client of clients.values()) claim(client)
  for (const proxy of proxiesOf(cluster)) claim(proxy)
  const podCidrs = [...nodes.values()].flatMap((node) => node.podCidrs.map((cidr) => ({ cidr, node })))
  return {
    nodes,
    pods,
    hostPods,
    hostPodsOf,
    clients,
    owner,
    loadBalancers: loadBalancersOf(cluster),
    hostPorts: hostPortsOf(pods),
    podCidrs,
  }
}

function hostPortsOf(pods: ReadonlyMap<string, PodHost>): Network['hostPorts'] {
  const byNode = new Map<string, Map<string, HostPort>>()
  for (const host of pods.values()) {
    for (const [index, { ports }] of (host.pod?.spec.containers ?? []).entries()) {
      for (const [at, { hostPort, hostIP, containerPort, protocol }] of (ports ?? []).entries()) {
        if (!hostPort) continue
        const own = byNode.get(host.node) ?? new Map<string, HostPort>()
        const hostIp = hostIP === undefined || hostIP === '' ? undefined : parseIp(hostIP)
        const path = ['spec', 'containers', index, 'ports', at, 'hostPort']
        byNode.set(
          host.node,
          own.set(`${protocol ?? 'TCP'} ${hostPort}`, { pod: host, port: containerPort, path, ...(hostIp !== undefined && { hostIp }) }),
        )
      }
    }
  }
  return byNode
}

function nodeHost(node: Node): NodeHost {
  const addresses = (node.status?.addresses ?? [])
    .filter(({ type }) => type === 'InternalIP')
    .flatMap(({ address }) => parseIp(address) ?? [])
  const interfaces = readInterfaces(node.metadata.annotations?.['kubehop.dev/interfaces']) ?? [
    { name: 'lo', ips: ['127.0.0.1', '::1'], subnets: ['127.0.0.0/8'] },
    { name: 'eth0', ips: addresses, subnets: addresses.map(guessedSubnet) },
  ]
  const ips = [...new Set([...addresses, ...interfaces.filter(({ name }) => name !== 'lo').flatMap((entry) => entry.ips)])]
  const podCidrs = node.spec?.podCIDRs ?? (node.spec?.podCIDR ? [node.spec.podCIDR] : [])
  return { host: 'node', name: node.metadata.name, node, interfaces, ips, podCidrs }
}

/** A Pod's addresses, of whichever families it has. */
export function podIps(pod: Pod): readonly Ip[] {
  const status = pod.status
  const texts = status?.podIPs?.map(({ ip }) => ip) ?? (status?.podIP ? [status.podIP] : [])
  return texts.flatMap((text) => parseIp(text) ?? [])
}

/** Endpoints that name a Pod on a known node where the input holds no such Pod (a dump of slices alone): they stand for it. */
function sliceOnlyPods(
  cluster: Cluster,
  nodes: ReadonlyMap<string, NodeHost>,
  pods: ReadonlyMap<string, PodHost>,
  owner: ReadonlyMap<Ip, Host>,
): readonly PodHost[] {
  const found = new Map<string, PodHost>()
  for (const slice of list(cluster, 'EndpointSlice')) {
    for (const [index, endpoint] of (slice.endpoints ?? []).entries()) {
      const ip = parseIp(endpoint.addresses[0] ?? '')
      const node = endpoint.nodeName ?? (ip !== undefined && endpoint.targetRef?.kind === 'Pod' ? homeOf(nodes, ip) : undefined)
      if (ip === undefined || node === undefined || !nodes.has(node) || owner.has(ip)) continue
      const name = `${slice.metadata.namespace ?? 'default'}/${endpoint.targetRef?.name ?? sliceName(slice, index)}`
      if (endpoint.targetRef?.kind === 'Pod' && pods.has(name)) continue
      const known = found.get(name)
      // One name on two nodes cannot be one Pod.
      const own = known && known.node !== node ? `${name}-${ip}` : name
      found.set(own, { host: 'pod', name: own, node, ips: [...new Set([...(found.get(own)?.ips ?? []), ip])] })
    }
  }
  return [...found.values()]
}

/** The node whose Pod CIDR an address lies in. */
function homeOf(nodes: ReadonlyMap<string, NodeHost>, ip: Ip): string | undefined {
  return [...nodes.values()].find(({ podCidrs }) => podCidrs.some((cidr) => cidrContains(cidr, ip)))?.name
}

function sliceName(slice: EndpointSlice, index: number): string {
  return `${slice.metadata.labels?.[SERVICE_NAME_LABEL] ?? slice.metadata.name}-endpoint-${index}`
}

/** Gateways at the addresses they ask for, and Ingresses of a provider's own load balancer at the addresses in their status. */
function proxiesOf(cluster: Cluster): readonly ClientHost[] {
  const gateways = (list(cluster, 'Gateway') as readonly Gateway[]).map((gateway) => {
    const texts = [...(gateway.spec.addresses ?? []).map(({ value }) => value), ...statusAddresses(gateway)]
    return proxyHost(gateway, texts)
  })
  // Other controllers' Ingresses say in their status which Service or node they are reached by: no host of their own.
  const provided = list(cluster, 'Ingress').filter((ingress: Ingress) => claimOf(cluster, ingress, cloud.classes({})).claimed)
  const ingresses = provided.map((ingress) =>
    proxyHost(
      ingress,
      (ingress.status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip),
    ),
  )
  // A load balancer that says `ipMode: Proxy` ends connections itself and dials a node port; kube-proxy leaves its address alone.
  const balancers = list(cluster, 'Service').map((service) =>
    proxyHost(service, service.spec.type === 'LoadBalancer' ? loadBalancerIps(service, 'Proxy') : []),
  )
  return [...gateways, ...ingresses, ...balancers].filter(({ ips }) => ips.length > 0)
}

function loadBalancerIps(service: Service, mode: 'VIP' | 'Proxy'): readonly (string | undefined)[] {
  const entries = service.status?.loadBalancer?.ingress ?? []
  return entries.filter(({ ipMode = 'VIP' }) => ipMode === mode).map(({ ip }) => ip)
}

function statusAddresses(gateway: Gateway): readonly (string | undefined)[] {
  const { status } = gateway as { readonly status?: { readonly addresses?: readonly { readonly value?: string }[] } }
  return (status?.addresses ?? []).map(({ value }) => value)
}

function proxyHost(object: ApiObjectBase, texts: readonly (string | undefined)[]): ClientHost {
  const ips = [...new Set(texts.flatMap((text) => (text === undefined ? [] : (parseIp(text) ?? []))))]
  return { host: 'client', name: `${object.metadata.namespace ?? 'default'}/${object.metadata.name}`, ips, proxy: keyOf(object) }
}

/** Those outside. Where the input has none there is `outside`, on the default cluster's node network. */
function clientsOf(cluster: Cluster): readonly ClientHost[] {
  const written = list(cluster, 'Client').map((client): ClientHost => {
    const ips = (client.spec?.ip ?? '').split(',').flatMap((text) => parseIp(text.trim()) ?? [])
    const listen = client.metadata.annotations?.[LISTEN_ANNOTATION]
    return {
      host: 'client',
      name: client.metadata.name,
      ips,
      ...(client.spec?.via !== undefined && { via: client.spec.via }),
      ...(listen !== undefined && { listeners: readListeners(listen) }),
    }
  })
  return written.length > 0 ? written : [{ host: 'client', name: 'outside', ips: ['172.18.0.100', 'fc00:f853:ccd:e793::100'] }]
}

function loadBalancersOf(cluster: Cluster): ReadonlyMap<Ip, readonly Service[]> {
  const byIp = new Map<Ip, Service[]>()
  for (const service of list(cluster, 'Service')) {
    if (service.spec.type !== 'LoadBalancer') continue
    for (const text of loadBalancerIps(service, 'VIP')) {
      const ip = text === undefined ? undefined : parseIp(text)
      if (ip !== undefined) byIp.set(ip, [...(byIp.get(ip) ?? []), service])
    }
  }
  return byIp
}

/** The node's end of a Pod's veth: a name that stays while the Pod does. */
export function vethOf(pod: string): string {
  return `veth${fnv1a32(pod).toString(16).padStart(8, '0')}`
}

type PodBlock = Network['podCidrs'][number]
const MAX_REMEMBERED = 10_000
const blocks = new WeakMap<Network, Map<Ip, PodBlock | undefined>>()

/** The Pod CIDR that an address lies in, and its node. Remembered: every packet's route asks, and there may be a thousand nodes. */
export function blockOf(network: Network, ip: Ip): PodBlock | undefined {
  const known = memoOf(blocks, network)
  if (known.has(ip)) return known.get(ip)
  const block = network.podCidrs.find(({ cidr }) => cidrContains(cidr, ip))
  known.set(ip, block)
  return block
}

function memoOf<K extends object, V>(memos: WeakMap<K, Map<Ip, V>>, key: K): Map<Ip, V> {
  let memo = memos.get(key)
  if (!memo || memo.size > MAX_REMEMBERED) {
    memo = new Map()
    memos.set(key, memo)
  }
  return memo
}

type Link = { readonly name: string; readonly source: Ip | undefined; readonly onLink: boolean }
const linksV4 = new WeakMap<NodeHost, Map<Ip, Link>>()
const linksV6 = new WeakMap<NodeHost, Map<Ip, Link>>()

/** The interface by which a node reaches an address on one of its links, else its first real one; and the node's address there. */
export function linkTo(node: NodeHost, ip: Ip, family: Family): Link {
  const known = memoOf(family === 'IPv4' ? linksV4 : linksV6, node)
  const link = known.get(ip) ?? findLink(node, ip, family)
  known.set(ip, link)
  return link
}

function findLink(node: NodeHost, ip: Ip, family: Family): Link {
  const real = node.interfaces.filter(({ name }) => name !== 'lo')
  const onLink = real.find(({ subnets }) => subnets.some((subnet) => cidrContains(subnet, ip)))
  const chosen = onLink ?? real.find(({ ips }) => firstOf(ips, family) !== undefined) ?? real[0]
  return { name: chosen?.name ?? 'eth0', source: chosen && firstOf(chosen.ips, family), onLink: onLink !== undefined }
}

/** The name of the interface of a node that holds an address. */
export function interfaceWith(node: NodeHost, ip: Ip): string {
  return node.interfaces.find(({ ips }) => ips.includes(ip))?.name ?? node.interfaces.find(({ name }) => name !== 'lo')?.name ?? 'eth0'
}

/** A node's own (primary) address in a family. */
export function primaryIp(node: NodeHost, family: Family): Ip | undefined {
  return firstOf(node.ips, family)
}

/** Where a host stands, in a trace's words. */
export function placeOf(host: Host): Place {
  if (host.host === 'client' && host.proxy !== undefined) return { at: 'load-balancer', name: host.name }
  return { at: host.host, name: host.name }
}
