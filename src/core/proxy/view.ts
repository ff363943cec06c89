import { type Cluster, find } from '../api/cluster.ts'
import type { KubeProxyConfiguration } from '../api/kinds/config.ts'
import { ZONE_LABEL } from '../api/kinds/endpointslice.ts'
import type { Node } from '../api/kinds/node.ts'
import type { ObjectKey } from '../api/meta.ts'
import { type Cidr, type Family, familyOf, type Ip } from '../base/ip.ts'
import { byText } from '../base/order.ts'
import type { Protocol } from '../kernel/packet.ts'
import type { ModeId } from '../kernel/program.ts'
import { cidrsOfFamily } from './address.ts'
import { addressesOf, localDetector, nodeInterfaces, nodeIps, nodePortAddresses } from './nodenetwork.ts'
import { servicePortsAt } from './serviceports.ts'

/** One endpoint of a service port as kube-proxy sees it. */
export type ProxyEndpoint = {
  readonly ip: Ip
  readonly port: number
  /** `ip:port`, IPv6 in brackets: endpoints are sorted by this text. */
  readonly text: string
  readonly local: boolean
  readonly ready: boolean
  readonly serving: boolean
  readonly terminating: boolean
  readonly zoneHints: readonly string[]
  readonly nodeHints: readonly string[]
  /** The slice and index that gave it. */
  readonly slice: ObjectKey
  readonly index: number
  readonly pod?: ObjectKey
}

/** CategorizeEndpoints' answer (kube-proxy pkg/proxy/topology.go). */
export type EndpointCategories = {
  readonly cluster: readonly ProxyEndpoint[]
  readonly local: readonly ProxyEndpoint[]
  readonly reachable: readonly ProxyEndpoint[]
  /** Whether any endpoint anywhere could take traffic. */
  readonly any: boolean
}

/** One entry of a Service's `ports` in one IP family. */
export type ServicePortView = {
  readonly service: ObjectKey
  /** `ns/name:portName`, or `ns/name`. */
  readonly name: string
  readonly namespace: string
  readonly serviceName: string
  readonly portName: string
  /** Index in `spec.ports`. */
  readonly portIndex: number
  readonly protocol: Protocol
  readonly clusterIp: Ip
  readonly port: number
  readonly nodePort: number
  readonly externalIps: readonly Ip[]
  readonly loadBalancerVips: readonly Ip[]
  readonly sourceRanges: readonly Cidr[]
  readonly affinitySeconds?: number
  readonly internalPolicyLocal: boolean
  readonly externalPolicyLocal: boolean
  readonly healthCheckNodePort: number
  readonly externallyAccessible: boolean
  readonly usesCluster: boolean
  readonly usesLocal: boolean
  readonly endpoints: readonly ProxyEndpoint[]
  readonly categories: EndpointCategories
}

/** How a node tells that a packet comes from a Pod: netfilter's match, or no detector at all. */
export type LocalDetector =
  | { readonly detect: 'cidr'; readonly cidr: Cidr }
  | { readonly detect: 'interface'; readonly name: string; readonly prefix: boolean }
  | { readonly detect: 'none' }

/** Everything that one node's kube-proxy needs to know in one IP family; the three modes ask nothing else. */
export type ProxyView = {
  readonly node: string
  readonly family: Family
  readonly servicePorts: readonly ServicePortView[]
  readonly detector: LocalDetector
  readonly config: KubeProxyConfiguration
  readonly masqueradeBit: number
  readonly masqueradeAll: boolean
  readonly localhostNodePorts: boolean
  /** iptables MASQUERADE draws a port at random: so since iptables 1.6.2. */
  readonly randomFully: boolean
  /** `net.netfilter.nf_conntrack_tcp_be_liberal`: then nothing is dropped as INVALID. */
  readonly tcpBeLiberal: boolean
  readonly nfacct: boolean
  /** `all`, or this node's addresses on which nodePorts answer. */
  readonly nodePortAddresses: 'all' | readonly Ip[]
  /** The node's primary address in this family, if it has one. */
  readonly nodeIp?: Ip
  /** Every address on the node's interfaces in this family, loopback included. */
  readonly interfaceAddresses: readonly Ip[]
  /** Service CIDRs of this family, for nftables' rule for unallocated addresses. */
  readonly serviceCidrs: readonly Cidr[]
  /** More than 1,000 endpoints over all service ports: iptables leaves comments out. */
  readonly largeCluster: boolean
}

const views = new WeakMap<object, Map<string, { readonly inputs: readonly unknown[]; readonly views: readonly ProxyView[] }>>()

/**
 * One view per IP family that the node has an address of, IPv4 first; none for a node that is not there. Remembered per node and mode
 * while the Services, slices, settings and the Node itself are the same values; what does not depend on the node is computed once.
 */
export function proxyViewsOf(cluster: Cluster, nodeName: string, mode: ModeId): readonly ProxyView[] {
  const node = find(cluster, 'Node', '', nodeName)
  if (!node) return []
  const inputs = [cluster.byKind.get('Service'), cluster.byKind.get('EndpointSlice'), cluster.settings]
  let byMode = views.get(node)
  if (!byMode) {
    byMode = new Map()
    views.set(node, byMode)
  }
  const known = byMode.get(mode)
  if (known?.inputs.every((input, i) => input === inputs[i])) return known.views
  const families = [...new Set(nodeIps(node).map(familyOf))].sort(byText)
  const made = families.map((family) => viewOf(cluster, node, family, mode))
  byMode.set(mode, { inputs, views: made })
  return made
}

const LARGE_CLUSTER_ENDPOINTS = 1000

function viewOf(cluster: Cluster, node: Node, family: Family, mode: ModeId): ProxyView {
  const config = cluster.settings.proxy
  const own = { nodeIps: nodeIps(node), interfaceAddresses: addressesOf(nodeInterfaces(node), family) }
  const nodePorts = nodePortAddresses(config.nodePortAddresses, mode, family, own)
  const masquerading = mode === 'nftables' ? config.nftables : config.iptables
  const at = { node: node.metadata.name, zone: node.metadata.labels?.[ZONE_LABEL] ?? '' }
  const { servicePorts, endpointCount } = servicePortsAt(cluster, family, at)
  const nodeIp = own.nodeIps.find((ip) => familyOf(ip) === family)
  return {
    node: node.metadata.name,
    family,
    servicePorts,
    detector: localDetector(config, node, family),
    config,
    masqueradeBit: masquerading?.masqueradeBit ?? 14,
    masqueradeAll: masquerading?.masqueradeAll ?? false,
    localhostNodePorts: family === 'IPv4' && (config.iptables?.localhostNodePorts ?? true) && nodePorts.loopback,
    randomFully: config['randomFully'] !== false,
    tcpBeLiberal: config.conntrack?.tcpBeLiberal ?? false,
    nfacct: node.metadata.annotations?.['kubehop.dev/nfacct'] === 'true',
    nodePortAddresses: nodePorts.addresses,
    ...(nodeIp === undefined ? {} : { nodeIp }),
    interfaceAddresses: own.interfaceAddresses,
    serviceCidrs: cidrsOfFamily(cluster.settings.announcedServiceCidrs ?? cluster.settings.serviceCidrs, family),
    largeCluster: endpointCount > LARGE_CLUSTER_ENDPOINTS,
  }
}
