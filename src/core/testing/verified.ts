import type { ApiObject } from '../api/cluster.ts'
import { hostPort, type Ip } from '../base/ip.ts'
import { liveConnections, type Tuple } from '../kernel/conntrack.ts'
import { type HostResult, passHost } from '../kernel/host.ts'
import { freshKernel, type NodeKernel } from '../kernel/kernel.ts'
import type { Packet } from '../kernel/packet.ts'
import type { FamilyProgram, ModeId } from '../kernel/program.ts'
import { programOf } from '../proxy/program.ts'
import { readVector, worldCluster } from './worlds.ts'

/** A real TCP connection through real rulesets on two nodes, with every packet seen by tcpdump. */
export type Verified = {
  readonly id: string
  readonly mode: ModeId
  readonly config: string
  readonly from: string
  readonly to: string
  readonly ok: boolean
  readonly error?: string
  readonly clientSees?: { readonly local: string; readonly remote: string }
  readonly server?: string
  readonly conntrack?: Readonly<Record<'nA' | 'nB', readonly { readonly original: string; readonly reply: string }[]>>
  readonly hops: readonly string[]
}
type Config = {
  readonly id: string
  readonly services: readonly ApiObject[]
  readonly endpointSlices: readonly ApiObject[]
  readonly options: { readonly masqueradeAll?: boolean }
}

/** What the lab here makes of the same connection. */
export type Replayed = {
  readonly end: 'answered' | 'refused' | 'timeout' | 'left'
  readonly server?: string
  readonly clientSees?: { readonly local: string; readonly remote: string }
  readonly conntrack: Verified['conntrack']
  readonly hops: readonly string[]
}

type NodeName = 'nA' | 'nB'
const NODE_IPS: Readonly<Record<NodeName, Ip>> = { nA: '192.168.0.2', nB: '192.168.0.3' }
const PODS: Readonly<Record<string, { readonly ip: Ip; readonly node: NodeName }>> = {
  a1: { ip: '10.180.0.1', node: 'nA' },
  a2: { ip: '10.180.0.2', node: 'nA' },
  b1: { ip: '10.180.1.1', node: 'nB' },
}
const CLIENT: Ip = '203.0.113.2'
const CLIENT_PORT = 40_000

/** The recorded connections with the lab that replays each. */
export function verifiedTraces(): readonly { readonly recorded: Verified; readonly replay: () => Replayed }[] {
  const { configs, vectors } = readVector('kernel-verified-traces.json.gz') as { configs: readonly Config[]; vectors: readonly Verified[] }
  return vectors.map((recorded) => ({
    recorded,
    replay: () => new Replay(configs.find((config) => config.id === recorded.config)!, recorded).run(),
  }))
}

class Replay {
  private readonly programs: Readonly<Record<NodeName, FamilyProgram>>
  private readonly kernels: Record<NodeName, NodeKernel> = { nA: freshKernel, nB: freshKernel }
  private readonly hops: string[] = []
  private readonly recorded: Verified

  constructor(config: Config, recorded: Verified) {
    this.recorded = recorded
    const cluster = worldCluster({
      nodes: (['nA', 'nB'] as const).map((name) => ({ name, ip: NODE_IPS[name] })),
      services: config.services,
      endpointSlices: config.endpointSlices,
      options: {
        clusterCIDR: '10.0.0.0/8',
        randomFully: false,
        serviceCIDRs: ['172.30.0.0/16'],
        ...(config.options.masqueradeAll ? { masqueradeAll: true } : {}),
      },
    })
    const of = (name: NodeName) => programOf(cluster, name, recorded.mode).families[0]!
    this.programs = { nA: of('nA'), nB: of('nB') }
  }

  run(): Replayed {
    const [kind = '', name = '', ip = ''] = this.recorded.from.replace('external client', 'client cl').split(' ')
    const [dst = '', port = ''] = this.recorded.to.split(':')
    const src = kind === 'node' && dst.startsWith('127.') ? dst : ip
    const syn: Packet = { ...blank, src, sport: CLIENT_PORT, dst, dport: Number(port), flags: 'SYN' }
    const there = this.send(syn, name)
    if (!('at' in there)) return this.result(there.end)
    const server = `${there.at} ${socket(there.packet.src, there.packet.sport)} ${socket(there.packet.dst, there.packet.dport)}`
    const answer: Packet = { ...turned(there.packet), flags: 'SYN-ACK', mark: 0 }
    const back = this.send(answer, there.at)
    const expected = 'at' in back && back.packet.src === syn.dst && back.packet.sport === syn.dport && back.packet.dport === syn.sport
    if (!('at' in back) || !expected) {
      if ('at' in back) this.send({ ...turned(back.packet), flags: 'RST', mark: 0 }, back.at)
      return this.result('timeout')
    }
    const { packet } = back
    const clientSees = { local: socket(packet.dst, packet.dport), remote: socket(packet.src, packet.sport) }
    return { ...this.result('answered'), server, clientSees }
  }

  private result(end: Replayed['end']): Replayed {
    const entries = (name: NodeName) =>
      liveConnections(this.kernels[name].conntrack, 0).map(({ original, reply }) => ({ original: arrow(original), reply: arrow(reply) }))
    return { end, conntrack: { nA: entries('nA'), nB: entries('nB') }, hops: this.hops }
  }

  /** From a Pod, the client or a node to wherever it ends. */
  private send(
    first: Packet,
    from: string,
  ): { readonly packet: Packet; readonly at: string } | { readonly end: 'refused' | 'timeout' | 'left' } {
    let packet = first
    let node: NodeName
    let face: string | undefined
    if (from === 'nA' || from === 'nB') node = from
    else {
      this.hop(from, 'eth0', 'Out', packet)
      node = PODS[from]?.node ?? (packet.dst === NODE_IPS.nB ? 'nB' : 'nA')
      face = PODS[from] ? `v-${from}` : 'eth0'
      this.hop(node, face, 'In', packet)
    }
    for (let i = 0; i < 8; i++) {
      const before = packet
      const result = this.pass(node, packet, face)
      packet = { ...result.packet, mark: 0 }
      if (result.end === 'local') return { packet, at: node }
      if (result.end === 'rejected') {
        if (face === undefined && result.hook === 'input') this.hop(node, 'lo', 'In', before)
        this.refuse(node, before, face, from)
        return { end: 'refused' }
      }
      if (result.end !== 'out') return { end: 'timeout' }
      const { dst } = packet
      if (result.interface === 'none') return { end: 'left' }
      this.hop(node, result.interface, 'Out', packet)
      const pod = Object.keys(PODS).find((name) => PODS[name]!.ip === dst && PODS[name]!.node === node)
      if (pod ?? dst === CLIENT) {
        const at = pod ?? 'cl'
        this.hop(at, 'eth0', 'In', packet)
        return { packet, at }
      }
      node = node === 'nA' ? 'nB' : 'nA'
      face = 'eth0'
      this.hop(node, face, 'In', packet)
    }
    return { end: 'timeout' }
  }

  private pass(node: NodeName, packet: Packet, face: string | undefined): HostResult {
    const result = passHost(this.kernels[node], this.programs[node], packet, {
      ...(face === undefined ? {} : { inInterface: face }),
      isLocal: (ip) => ip.startsWith('127.') || ip === NODE_IPS[node],
      masqueradeAs: () => NODE_IPS[node],
      routeOut: ({ dst }) => device(node, dst),
      now: 0,
      choose: () => 0,
      draw: () => 0.5,
    })
    // What is not confirmed is forgotten: the table here is the one after the packet.
    this.kernels[node] = result.kernel
    return result
  }

  private refuse(node: NodeName, packet: Packet, face: string | undefined, from: string): void {
    const text = `${NODE_IPS[node]} > ${packet.src} ICMP ${packet.dst} tcp port ${packet.dport} unreachable`
    if (face === undefined) {
      this.hops.push(`${node} lo In ${text}`)
      return
    }
    this.hops.push(`${node} ${face} Out ${text}`, `${from} eth0 In ${text}`)
  }

  private hop(place: string, face: string, way: 'In' | 'Out', packet: Packet): void {
    this.hops.push(`${place} ${face} ${way} ${socket(packet.src, packet.sport)} > ${socket(packet.dst, packet.dport)}`)
  }
}

const blank = { family: 'IPv4', protocol: 'TCP', ttl: 64, mark: 0 } as const

function turned(packet: Packet): Packet {
  return { ...packet, src: packet.dst, sport: packet.dport, dst: packet.src, dport: packet.sport }
}

function device(node: NodeName, dst: Ip): string {
  const pod = Object.entries(PODS).find(([, each]) => each.ip === dst)
  if (pod) return pod[1].node === node ? `v-${pod[0]}` : 'eth0'
  return dst === CLIENT || Object.values(NODE_IPS).includes(dst) ? 'eth0' : 'none'
}

/** Ports as the vectors spell them: the client's own, and one that translation picked. */
function socket(ip: Ip, port: number): string {
  return port === CLIENT_PORT ? `${ip}:CPORT` : port > 32_767 ? `${ip}:RPORT` : hostPort(ip, port)
}

function arrow(tuple: Tuple): string {
  return `${socket(tuple.src, tuple.sport)} -> ${socket(tuple.dst, tuple.dport)}`
}
