import { type Cluster, list } from '../api/cluster.ts'
import type { EndpointSlice } from '../api/kinds/endpointslice.ts'
import { cidrContains, hostPort, type Ip } from '../base/ip.ts'
import { type Chooser, everyWay } from '../kernel/chance.ts'
import { type HostResult, passHost } from '../kernel/host.ts'
import { freshKernel, type KernelStep, type NodeKernel } from '../kernel/kernel.ts'
import type { Packet } from '../kernel/packet.ts'
import type { FamilyProgram, ModeId } from '../kernel/program.ts'
import { addressesOf, nodeInterfaces } from '../proxy/nodenetwork.ts'
import { programOf } from '../proxy/program.ts'
import { type FamilyName, readVectorLines, recordedWorlds, type World, worldCluster } from './worlds.ts'

/** A row of the kernel-truth vectors: real connections through a world's rules in a real kernel. */
export type TruthRow = {
  readonly world: string
  readonly mode: ModeId
  readonly family: FamilyName
  readonly probe: {
    readonly kind: string
    readonly from: { readonly kind: 'pod' | 'node' | 'outside'; readonly name: string; readonly ip: Ip; readonly node?: string }
    readonly dst: Ip
    readonly port: number
    readonly protocol: 'TCP' | 'UDP'
    readonly viaNode?: string
  }
  readonly results: {
    readonly answers?: Readonly<Record<string, number>>
    readonly escaped?: Readonly<Record<string, number>>
    readonly refused?: number
    readonly timeout?: number
    readonly 'unreachable:EPERM'?: number
  }
  readonly traceAnswer: string
  readonly trace: Readonly<Record<string, readonly string[]>>
}

/** One way a probe can go: how it ends, in the words of the vectors, and the rules its first packet meets on each node. */
export type LabWay = { readonly probability: number; readonly outcome: string; readonly trace: Readonly<Record<string, readonly string[]>> }

/** The rows of one mode with the lab that replays them. */
export function truthRows(mode: 'iptables' | 'nftables'): readonly { readonly row: TruthRow; readonly ways: () => readonly LabWay[] }[] {
  const worlds = new Map(recordedWorlds().map((each) => [each.id, each.world]))
  const labs = new Map<string, Lab>()
  return readVectorLines(`kernel-truth-${mode}.jsonl.gz`).map((value) => {
    const row = value as TruthRow
    return {
      row,
      ways: () => {
        const key = `${row.world} ${row.family}`
        const lab = labs.get(key) ?? openLab(worlds.get(row.world)!, mode, row.family)
        labs.set(key, lab)
        return waysOf(lab, row)
      },
    }
  })
}

/** What the vectors say was observed, in the words of `LabWay.outcome`. */
export function observedOutcomes({ results }: TruthRow): readonly string[] {
  return [
    ...Object.keys(results.answers ?? {}),
    ...Object.keys(results.escaped ?? {}).map((seen) => `escaped ${seen}`),
    ...(results.refused ? ['refused'] : []),
    ...(results.timeout ? ['timeout'] : []),
    ...(results['unreachable:EPERM'] ? ['unreachable:EPERM'] : []),
  ]
}

type LabNode = {
  readonly name: string
  readonly program: FamilyProgram
  readonly addresses: readonly Ip[]
  readonly nodeIp: Ip
  readonly podInterface: string
}
type Lab = {
  readonly nodes: ReadonlyMap<string, LabNode>
  readonly podNodes: ReadonlyMap<Ip, string>
  readonly podCidrs: readonly { readonly cidr: string; readonly node: string }[]
}

function openLab(world: World, mode: ModeId, family: FamilyName): Lab {
  const cluster = worldCluster(world)
  const { options } = world
  const podInterface = options?.detectLocalMode === 'BridgeInterface' ? (options.bridgeInterface ?? 'cni0') : 'veth1'
  const nodes = list(cluster, 'Node').map((node): LabNode => {
    const program = programOf(cluster, node.metadata.name, mode).families.find((each) => each.family === family)!
    const addresses = addressesOf(nodeInterfaces(node), family)
    const nodeIp = addresses.find((ip) => ip !== '::1' && !ip.startsWith('127.'))!
    return { name: node.metadata.name, program, addresses, nodeIp, podInterface }
  })
  const podCidrs = list(cluster, 'Node').flatMap((node) => (node.spec?.podCIDRs ?? []).map((cidr) => ({ cidr, node: node.metadata.name })))
  return { nodes: new Map(nodes.map((node) => [node.name, node])), podNodes: podNodesOf(cluster), podCidrs }
}

function podNodesOf(cluster: Cluster): ReadonlyMap<Ip, string> {
  const placed = new Map<Ip, string>()
  for (const slice of list(cluster, 'EndpointSlice') as readonly EndpointSlice[]) {
    for (const endpoint of slice.endpoints ?? []) if (endpoint.nodeName) placed.set(endpoint.addresses[0]!, endpoint.nodeName)
  }
  return placed
}

function waysOf(lab: Lab, row: TruthRow): readonly LabWay[] {
  return everyWay((choose) => new Probe(lab, row, choose).run()).map(({ probability, value }) => ({ probability, ...value }))
}

/** One connection attempt in the lab: the first packet there, the first answer back. */
class Probe {
  private readonly kernels = new Map<string, NodeKernel>()
  private readonly trace: Record<string, string[]> = {}
  private readonly lab: Lab
  private readonly row: TruthRow
  private readonly choose: Chooser

  constructor(lab: Lab, row: TruthRow, choose: Chooser) {
    this.lab = lab
    this.row = row
    this.choose = choose
  }

  run(): { readonly outcome: string; readonly trace: Readonly<Record<string, readonly string[]>> } {
    return { outcome: this.outcome(), trace: this.trace }
  }

  private outcome(): string {
    const { probe, family } = this.row
    const sent: Packet = {
      family,
      protocol: probe.protocol,
      src: this.sourceAddress(),
      sport: 40_000,
      dst: probe.dst,
      dport: probe.port,
      ...(probe.protocol === 'TCP' ? { flags: 'SYN' as const } : {}),
      ttl: 64,
      mark: 0,
    }
    const start = probe.from.kind === 'outside' ? (probe.viaNode ?? this.nextNode(probe.dst)!) : (probe.from.node ?? probe.from.name)
    const there = this.travel(sent, start, probe.from.kind, true)
    if (there.end !== 'arrived') return there.end
    const { packet, at } = there
    const answer: Packet = {
      ...packet,
      src: packet.dst,
      sport: packet.dport,
      dst: packet.src,
      dport: packet.sport,
      ...(probe.protocol === 'TCP' ? { flags: 'SYN-ACK' as const } : {}),
      mark: 0,
    }
    const back = this.travel(answer, at.node, at.kind, false)
    const reached =
      back.end === 'arrived' && back.packet.src === sent.dst && back.packet.sport === sent.dport && back.packet.dst === sent.src
    if (!reached || back.packet.dport !== sent.sport) return 'timeout'
    return at.kind === 'outside' ? `escaped seen ${packet.src}` : `${hostPort(packet.dst, packet.dport)}|seen ${packet.src}`
  }

  /** A host sends from the address it is asked at, if that is its own; else from its primary one. */
  private sourceAddress(): Ip {
    const { from, dst } = this.row.probe
    if (from.kind !== 'node') return from.ip
    if (dst.startsWith('127.') || dst === '::1') return dst
    const own = this.lab.nodes.get(from.name)!.addresses
    if (own.includes(dst)) return dst
    const second = own.find((ip) => ip.startsWith('172.16.9.'))
    return dst.startsWith('172.16.9.') && second ? second : from.ip
  }

  private travel(
    first: Packet,
    start: string,
    kind: 'pod' | 'node' | 'outside',
    forward: boolean,
  ):
    | {
        readonly end: 'arrived'
        readonly packet: Packet
        readonly at: { readonly kind: 'pod' | 'node' | 'outside'; readonly node: string }
      }
    | { readonly end: 'refused' | 'timeout' | 'unreachable:EPERM' } {
    let packet: Packet = first
    let node = this.lab.nodes.get(start)!
    let face = kind === 'node' ? undefined : kind === 'pod' ? node.podInterface : 'eth0'
    for (let hops = 0; hops < 8; hops++) {
      const result = this.pass(node, packet, face, forward)
      const local = packet
      packet = { ...result.packet, mark: 0 }
      switch (result.end) {
        case 'unroutable':
          return { end: 'timeout' }
        case 'rejected':
          return { end: 'refused' }
        case 'dropped':
          return { end: result.hook === 'output' && local.protocol === 'UDP' ? 'unreachable:EPERM' : 'timeout' }
        case 'local':
          if (!forward) return { end: 'arrived', packet, at: { kind: 'node', node: node.name } }
          return { end: 'refused' }
        case 'out': {
          const next = this.nextNode(packet.dst)
          if (next === undefined) return { end: 'arrived', packet, at: { kind: 'outside', node: node.name } }
          if (next === node.name) return { end: 'arrived', packet, at: { kind: 'pod', node: node.name } }
          node = this.lab.nodes.get(next)!
          face = 'eth0'
        }
      }
    }
    return { end: 'timeout' }
  }

  /** The node that owns an address or the Pod behind it; undefined: the gateway or the client outside. */
  private nextNode(dst: Ip): string | undefined {
    for (const node of this.lab.nodes.values())
      if (node.addresses.includes(dst) && dst !== '::1' && !dst.startsWith('127.')) return node.name
    return this.lab.podNodes.get(dst) ?? this.lab.podCidrs.find(({ cidr }) => cidrContains(cidr, dst))?.node
  }

  private pass(node: LabNode, packet: Packet, face: string | undefined, forward: boolean): HostResult {
    const result = passHost(this.kernels.get(node.name) ?? freshKernel, node.program, packet, {
      ...(face === undefined ? {} : { inInterface: face }),
      isLocal: (ip) => ip.startsWith('127.') || ip === '::1' || node.addresses.includes(ip),
      masqueradeAs: () => node.nodeIp,
      routeOut: ({ dst }) => (this.nextNode(dst) === node.name ? node.podInterface : 'eth0'),
      now: 0,
      choose: this.choose,
      draw: () => 0.5,
    })
    this.kernels.set(node.name, result.kernel)
    if (forward) this.record(node.name, packet, result.steps, face === undefined)
    return result
  }

  /** A packet that a node sends to itself is written as two visits. */
  private record(name: string, packet: Packet, steps: readonly KernelStep[], own: boolean): void {
    const inbound = own ? steps.findIndex((step) => step.hook === 'prerouting' || step.hook === 'input') : -1
    const first = inbound < 0 ? steps : steps.slice(0, inbound)
    const after = this.write(this.visitName(name), packet, first)
    if (inbound >= 0) this.write(this.visitName(name), after, steps.slice(inbound))
  }

  private visitName(name: string): string {
    const visits = Object.keys(this.trace).filter((key) => key.split('#')[0] === name).length
    return visits === 0 ? name : `${name}#${visits + 1}`
  }

  private write(key: string, packet: Packet, steps: readonly KernelStep[]): Packet {
    const lines = [header(packet)]
    let now = packet
    for (const step of steps) {
      const said = header(now)
      if (step.step === 'rewrite') {
        now = step.after
        continue
      }
      if (lines.findLast((line) => line.startsWith('=')) !== said) lines.push(said)
      lines.push(...sayStep(step))
    }
    this.trace[key] = lines
    return now
  }
}

function header(packet: Packet): string {
  return `= ${packet.src} > ${hostPort(packet.dst, packet.dport)}`
}

function sayStep(step: KernelStep): readonly string[] {
  if (step.step === 'chain-end') {
    const chain = `${step.table} ${step.chain}`
    return step.policy ? [`${chain} end`, `${chain} policy ${step.policy}`] : [`${chain} end`]
  }
  if (step.step !== 'rule') return []
  const word =
    step.verdict.startsWith('dnat') || step.verdict === 'masquerade' ? 'accept' : step.verdict === 'reject' ? 'drop' : step.verdict
  return [`${step.table} ${step.chain} #${step.index} ${word}`]
}
