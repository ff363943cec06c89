import { cidrContains, familyOf, hostPort, type Ip, isLoopback } from '../base/ip.ts'
import { type Chooser, everyWay, seededChooser } from '../kernel/chance.ts'
import { type HostIo, type HostResult, passHost } from '../kernel/host.ts'
import { freshKernel } from '../kernel/kernel.ts'
import type { Packet, Protocol } from '../kernel/packet.ts'
import type { FamilyProgram } from '../kernel/program.ts'
import { matchedLines } from '../proxy/program.ts'
import { linkTo, type NodeHost, networkOf, type PodHost, primaryIp } from '../trace/network.ts'
import { dummyAddresses } from '../trace/run.ts'
import { groundOf } from './ground.ts'
import { nodeProgram } from './programs.ts'
import type { World } from './world.ts'

/** One packet at one node: the question of `kubehop packet`. */
export type PacketQuestion = {
  readonly node: string
  readonly src: Ip
  readonly dst: Ip
  readonly port: number
  readonly protocol: Protocol
  /** Prerouting, unless the source is the node's own address. */
  readonly hook?: 'prerouting' | 'output'
  readonly all: boolean
}

/** One way a packet can go on one node: how it ends there, where to, and the printed lines of the rules it matched, in order. */
export type PacketWay = {
  readonly probability: number
  readonly end: 'delivered' | 'rejected' | 'dropped' | 'passed'
  /** Where it goes after DNAT; where nothing translated it, its own destination. */
  readonly to: string
  readonly masquerade: boolean
  readonly rules: readonly string[]
}

/**
 * What one node's kernel, freshly programmed, does with the first packet of a connection: every way with its probability, or the one
 * that the seed picks. A text says why there is no answer: no such node, or no rules of the packet's family on it.
 */
export function packetWays(world: World, question: PacketQuestion): readonly PacketWay[] | string {
  const node = networkOf(world.cluster).nodes.get(question.node)
  if (!node) return `nodes "${question.node}" not found`
  const program = programFor(world, node, question)
  if (!program) return `kube-proxy has no ${familyOf(question.src)} rules on node ${question.node}`
  const pass = (choose: Chooser) =>
    wayOf(world, program, question, passHost(freshKernel, program, packetOf(question), ioOf(world, node, program, question, choose)))
  if (!question.all) {
    const { src, dst, port } = question
    return [{ probability: 1, ...pass(seededChooser(world.seed, 'packet', question.node, src, dst, port)) }]
  }
  return merged(everyWay(pass).map(({ probability, value }) => ({ probability, ...value })))
}

function merged(ways: readonly PacketWay[]): readonly PacketWay[] {
  const known = new Map<string, PacketWay>()
  for (const way of ways) {
    const key = JSON.stringify({ ...way, probability: 0 })
    known.set(key, { ...way, probability: (known.get(key)?.probability ?? 0) + way.probability })
  }
  return [...known.values()]
}

/** The node's program of the packet's family, if kube-proxy runs there and has one. */
function programFor(world: World, node: NodeHost, { src }: PacketQuestion): FamilyProgram | undefined {
  const families = nodeProgram(world.cluster, node.name, world.mode)?.families ?? []
  return families.find(({ family }) => family === familyOf(src))
}

function packetOf({ src, dst, port, protocol }: PacketQuestion): Packet {
  return {
    family: familyOf(src),
    protocol,
    src,
    dst,
    sport: 40_000,
    dport: port,
    ...(protocol === 'TCP' || protocol === 'SCTP' ? { flags: 'SYN' as const } : {}),
    ...(protocol === 'ICMP' ? { message: { icmp: 'echo-request' as const } } : {}),
    ttl: 64,
    mark: 0,
  }
}

function ioOf(world: World, node: NodeHost, program: FamilyProgram, question: PacketQuestion, choose: Chooser): HostIo {
  const dummies = dummyAddresses(program)
  const own = (ip: Ip) => node.ips.includes(ip) || isLoopback(ip)
  const output = question.hook === undefined ? own(question.src) || dummies.has(question.src) : question.hook === 'output'
  return {
    ...(output ? {} : { inInterface: interfaceTowards(world, node, question.src) }),
    isLocal: (ip) => own(ip) || dummies.has(ip),
    masqueradeAs: () => primaryIp(node, program.family),
    routeOut: ({ dst }) => interfaceTowards(world, node, dst),
    now: world.now,
    choose,
    draw: () => 0.5,
  }
}

/** The node's interface on whose side an address lies: its Pod's veth, else a link. */
function interfaceTowards(world: World, node: NodeHost, ip: Ip): string {
  const network = networkOf(world.cluster)
  const owner = network.owner.get(ip)
  if (owner?.host === 'pod' && owner.node === node.name) return groundOf(world).podInterface(owner)
  const guest: PodHost = { host: 'pod', name: 'packet/source', node: node.name, ips: [ip] }
  if (!owner && node.podCidrs.some((cidr) => cidrContains(cidr, ip))) return groundOf(world).podInterface(guest)
  return linkTo(node, ip, familyOf(ip)).name
}

function wayOf(world: World, program: FamilyProgram, question: PacketQuestion, result: HostResult): Omit<PacketWay, 'probability'> {
  const rules = matchedLines(result, program, world.mode)
  const masquerade = result.steps.some((step) => step.step === 'rewrite' && step.what === 'masquerade')
  if (result.end === 'rejected' || result.end === 'dropped') return { end: result.end, to: '', masquerade: false, rules }
  const { dst, dport } = result.packet
  const moved = dst !== question.dst || dport !== question.port
  const to = question.protocol === 'ICMP' ? dst : hostPort(dst, dport)
  return { end: moved ? 'delivered' : 'passed', to, masquerade, rules }
}
