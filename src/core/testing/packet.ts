import { type Cluster, find } from '../api/cluster.ts'
import type { Node } from '../api/kinds/node.ts'
import { draw } from '../base/chance.ts'
import { cidrContains, type Family, familyOf, hostPort, type Ip, isLoopback } from '../base/ip.ts'
import { type Chooser, everyWay, seededChooser } from '../kernel/chance.ts'
import { type HostResult, passHost } from '../kernel/host.ts'
import { freshKernel } from '../kernel/kernel.ts'
import type { Packet, Protocol } from '../kernel/packet.ts'
import type { FamilyProgram, ModeId } from '../kernel/program.ts'
import { addressesOf, localDetector, nodeInterfaces, nodeIps, nodePodCidrs } from '../proxy/nodenetwork.ts'
import { matchedLines, programOf } from '../proxy/program.ts'

/** One packet given to one node: the question of `kubehop packet`. */
export type PacketQuery = {
  readonly src: Ip
  readonly dst: Ip
  /** Ignored for ICMP. */
  readonly port: number
  readonly protocol: Protocol
  /** Prerouting, unless the source is the node's own address. */
  readonly hook?: 'prerouting' | 'output'
}

/** One way it can go: the contract's JSON. */
export type PacketWay = {
  readonly probability: number
  readonly end: 'delivered' | 'rejected' | 'dropped' | 'passed'
  /** The destination after DNAT; empty where nothing translated it. */
  readonly to: string
  readonly masquerade: boolean
  /** The printed lines of the rules matched, in order. */
  readonly rules: readonly string[]
}

const SOURCE_PORT = 40_000

/**
 * What a node's kernel, freshly programmed, does with the first packet of a connection: with `all` every way with its probability,
 * else the one that the seed picks (with probability 1). A node without addresses of the packet's family lets it pass.
 */
export function packetThroughNode(
  cluster: Cluster,
  nodeName: string,
  mode: ModeId,
  query: PacketQuery,
  options: { readonly all: boolean; readonly seed: number },
): { readonly ways: readonly PacketWay[] } {
  const node = find(cluster, 'Node', '', nodeName)
  const family = familyOf(query.dst)
  const program = programOf(cluster, nodeName, mode).families.find((each) => each.family === family)
  if (!node || !program) return { ways: [{ probability: 1, end: 'passed', to: '', masquerade: false, rules: [] }] }
  const { seed } = options
  const run = (choose: Chooser) => wayOf(pass({ cluster, node, family, program, query, seed }, choose), program, mode)
  if (options.all) return { ways: everyWay(run).map(({ probability, value }) => ({ probability, ...value })) }
  return { ways: [{ probability: 1, ...run(seededChooser(seed, 'packet', nodeName, query.src, query.dst, query.port)) }] }
}

type Pass = {
  readonly cluster: Cluster
  readonly node: Node
  readonly family: Family
  readonly program: FamilyProgram
  readonly query: PacketQuery
  readonly seed: number
}

function pass({ cluster, node, family, program, query, seed }: Pass, choose: Chooser): HostResult {
  const own = new Set([...addressesOf(nodeInterfaces(node), family), ...program.dummyAddresses])
  const isLocal = (ip: Ip) => own.has(ip) || isLoopback(ip)
  const hook = query.hook ?? (isLocal(query.src) ? 'output' : 'prerouting')
  const nodeIp = nodeIps(node).find((ip) => familyOf(ip) === family)
  const pods = nodePodCidrs(node)
  const isPod = (ip: Ip) => pods.some((cidr) => cidrContains(cidr, ip))
  const detector = localDetector(cluster.settings.proxy, node, family)
  const podInterface = detector.detect === 'interface' ? `${detector.name}${detector.prefix ? '0' : ''}` : 'veth0'
  const interfaceOf = (ip: Ip) => (isPod(ip) ? podInterface : 'eth0')
  return passHost(freshKernel, program, packetOf(query, family), {
    ...(hook === 'output' ? {} : { inInterface: interfaceOf(query.src) }),
    isLocal,
    masqueradeAs: () => nodeIp,
    routeOut: ({ dst }) => interfaceOf(dst),
    now: 0,
    choose,
    draw: (key) => draw(seed, key),
  })
}

function packetOf({ src, dst, port, protocol }: PacketQuery, family: Family): Packet {
  const packet = { family, protocol, src, sport: SOURCE_PORT, dst, dport: port, ttl: 64, mark: 0 }
  if (protocol === 'ICMP') return { ...packet, dport: 0, message: { icmp: 'echo-request' } }
  return protocol === 'UDP' ? packet : { ...packet, flags: 'SYN' }
}

function wayOf(result: HostResult, program: FamilyProgram, mode: ModeId): Omit<PacketWay, 'probability'> {
  const { connection } = result.tracked
  const translated = (connection?.dnat ?? false) || connection?.ipvs === true
  const { dst, dport } = result.packet
  return {
    end: endOf(result, translated),
    to: translated ? hostPort(dst, dport) : '',
    masquerade: connection?.snat ?? false,
    rules: matchedLines(result, program, mode),
  }
}

function endOf(result: HostResult, translated: boolean): PacketWay['end'] {
  if (result.end === 'dropped' || result.end === 'rejected') return result.end
  return translated ? 'delivered' : 'passed'
}
