import type { KubeProxyConfiguration } from '../api/kinds/config.ts'
import type { Node } from '../api/kinds/node.ts'
import { cidrContains, type Family, familyOf, type Ip, parseCidr } from '../base/ip.ts'
import type { ModeId } from '../kernel/program.ts'
import { cidrsOfFamily, ipsOfFamily, sloppyIp } from './address.ts'
import type { LocalDetector } from './view.ts'

/** One network interface of a node with its addresses in order; the first of a family is its primary one. */
export type NodeInterface = { readonly name: string; readonly addresses: readonly { readonly ip: Ip; readonly prefix: number }[] }

const INTERFACES_ANNOTATION = 'kubehop.dev/interfaces'

/** A node's own addresses as kube-proxy takes them (`GetNodeHostIPs`): InternalIPs, then ExternalIPs, in order. */
export function nodeIps(node: Node): readonly Ip[] {
  const of = (type: string) =>
    (node.status?.addresses ?? []).flatMap((address) => (address.type === type ? [sloppyIp(address.address)] : [])).filter(isIp)
  return [...of('InternalIP'), ...of('ExternalIP')]
}

const isIp = (ip: Ip | undefined): ip is Ip => ip !== undefined

/** A node's interfaces: as its annotation says, else `lo` and `eth0` with the node's InternalIPs (an ExternalIP is usually on no interface). */
export function nodeInterfaces(node: Node): readonly NodeInterface[] {
  const written = annotatedInterfaces(node.metadata.annotations?.[INTERFACES_ANNOTATION])
  if (written) return written
  const all = nodeIps(node)
  const internal = (node.status?.addresses ?? []).filter((address) => address.type === 'InternalIP').length
  const own = all.slice(0, internal || 1)
  return [
    {
      name: 'lo',
      addresses: [
        { ip: '127.0.0.1', prefix: 8 },
        { ip: '::1', prefix: 128 },
      ],
    },
    { name: 'eth0', addresses: own.map((ip) => ({ ip, prefix: familyOf(ip) === 'IPv4' ? 24 : 64 })) },
  ]
}

function annotatedInterfaces(text: string | undefined): readonly NodeInterface[] | undefined {
  if (text === undefined) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!Array.isArray(value)) return undefined
  return value.flatMap((entry: { name?: unknown; addrs?: unknown } | null) => {
    if (typeof entry?.name !== 'string' || !Array.isArray(entry.addrs)) return []
    const addresses = entry.addrs.flatMap((address: unknown) => {
      const [host = '', prefix] = String(address).split('/')
      const ip = sloppyIp(host)
      return ip === undefined ? [] : [{ ip, prefix: Number(prefix ?? (familyOf(ip) === 'IPv4' ? 32 : 128)) }]
    })
    return [{ name: entry.name, addresses }]
  })
}

/**
 * How kube-proxy tells Pod traffic on this node (cmd/kube-proxy `getLocalDetectors`). Without a CIDR of the family, or without an
 * interface name, there is no detection.
 */
export function localDetector(config: KubeProxyConfiguration, node: Node, family: Family): LocalDetector {
  switch (config.detectLocalMode ?? 'ClusterCIDR') {
    case 'NodeCIDR':
      return byCidr(nodePodCidrs(node), family)
    case 'BridgeInterface':
      return byInterface(config.detectLocal?.bridgeInterface, false)
    case 'InterfaceNamePrefix':
      return byInterface(config.detectLocal?.interfaceNamePrefix, true)
    default:
      return byCidr(config.detectLocal?.clusterCIDRs ?? (config.clusterCIDR ?? '').split(','), family)
  }
}

/** The networks a node's Pods get their addresses from. */
export function nodePodCidrs(node: Node): readonly string[] {
  return node.spec?.podCIDRs ?? (node.spec?.podCIDR ? [node.spec.podCIDR] : [])
}

function byCidr(cidrs: readonly string[], family: Family): LocalDetector {
  const cidr = cidrsOfFamily(cidrs, family)[0]
  return cidr === undefined ? { detect: 'none' } : { detect: 'cidr', cidr }
}

function byInterface(name: string | undefined, prefix: boolean): LocalDetector {
  return name ? { detect: 'interface', name, prefix } : { detect: 'none' }
}

export type NodePortAddresses = {
  /** `all`, or the interface addresses inside the chosen networks. */
  readonly addresses: 'all' | readonly Ip[]
  /** Whether 127/8 is among them: otherwise localhost nodePorts are off. */
  readonly loopback: boolean
}

/**
 * On which of its addresses a node answers nodePorts (pkg/proxy/util/nodeport_addresses.go): networks of this family, none of them means
 * all, a /0 means all; `primary` stands for the node's own addresses and is the default of nftables mode.
 */
export function nodePortAddresses(
  configured: readonly string[] | undefined,
  mode: ModeId,
  family: Family,
  own: { readonly nodeIps: readonly Ip[]; readonly interfaceAddresses: readonly Ip[] },
): NodePortAddresses {
  const written = configured && configured.length > 0 ? configured : mode === 'nftables' ? ['primary'] : []
  const texts = written.includes('primary') ? primaryNetworks(own.nodeIps) : written
  const networks = cidrsOfFamily(texts, family)
  const zero = networks.findIndex((cidr) => parseCidr(cidr)?.prefix === 0)
  const all = networks.length === 0 || zero >= 0
  const seen = zero >= 0 ? networks.slice(0, zero + 1) : networks
  const loopback = family === 'IPv4' && (all || seen.some((cidr) => cidr.startsWith('127.') || cidrContains(cidr, '127.0.0.0')))
  if (all) return { addresses: 'all', loopback }
  return { addresses: own.interfaceAddresses.filter((ip) => networks.some((cidr) => cidrContains(cidr, ip))), loopback }
}

function primaryNetworks(ips: readonly Ip[]): readonly string[] {
  const first = (family: Family) => ips.find((ip) => familyOf(ip) === family)
  return [first('IPv4'), first('IPv6')].flatMap((ip) => (ip === undefined ? [] : [`${ip}/${familyOf(ip) === 'IPv4' ? 32 : 128}`]))
}

/** The addresses of one family among some interfaces, each once, in order. */
export function addressesOf(interfaces: readonly NodeInterface[], family: Family): readonly Ip[] {
  const all = interfaces.flatMap((face) => face.addresses.map((address) => address.ip))
  return [...new Set(ipsOfFamily(all, family))]
}
