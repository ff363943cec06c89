import { cidrContains, familyOf, hostPort, type Ip, isLoopback, parseIp } from '../core/base/ip.ts'
import { type Chooser, everyWay, seededChooser } from '../core/kernel/chance.ts'
import { type HostIo, type HostResult, passHost } from '../core/kernel/host.ts'
import { freshKernel } from '../core/kernel/kernel.ts'
import type { Packet, Protocol } from '../core/kernel/packet.ts'
import type { FamilyProgram } from '../core/kernel/program.ts'
import type { Printed } from '../core/kubectl/get.ts'
import { matchedLines } from '../core/proxy/program.ts'
import { groundOf } from '../core/sim/ground.ts'
import { nodeProgram } from '../core/sim/programs.ts'
import type { World } from '../core/sim/world.ts'
import { linkTo, type NodeHost, networkOf, type PodHost, primaryIp } from '../core/trace/network.ts'
import { dummyAddresses } from '../core/trace/run.ts'
import { bad } from './fail.ts'
import { type CommonOptions, settledWorld } from './input.ts'
import { readJsonLines } from './jsonlines.ts'

export type PacketOptions = CommonOptions & {
  readonly node?: string
  readonly src?: string
  readonly dst?: string
  readonly proto?: string
  readonly hook?: string
  readonly all?: boolean
  readonly requests?: string
}

/** One way a packet can go on one node: how it ends there, where to, and the printed lines of the rules it matched, in order. */
export type PacketWay = {
  readonly probability: number
  readonly end: 'delivered' | 'rejected' | 'dropped' | 'passed'
  readonly to: string
  readonly masquerade: boolean
  readonly rules: readonly string[]
}

/** `kubehop packet`: what one node's kernel does with the first packet of a connection, as if it had just booted. */
export function runPacket(options: PacketOptions): Printed {
  const world = settledWorld(options)
  if (options.requests !== undefined) {
    const answers = readJsonLines(options.requests).map(({ where, value }) =>
      JSON.stringify({ ways: waysOf(world, questionOf(value, `${where}: error`)) }),
    )
    return { out: answers.map((line) => `${line}\n`).join(''), err: '', code: 0 }
  }
  const ways = waysOf(world, questionOf(options, 'error'))
  if (options.output === 'json') return { out: `${JSON.stringify({ ways }, undefined, 2)}\n`, err: '', code: 0 }
  return { out: ways.map(printWay).join('\n'), err: '', code: 0 }
}

type Question = {
  readonly node: string
  readonly src: Ip
  readonly dst: Ip
  readonly port: number
  readonly protocol: Protocol
  readonly hook?: 'prerouting' | 'output'
  readonly all: boolean
}

function questionOf(options: Readonly<Record<string, unknown>>, where: string): Question {
  const text = (key: string) => {
    const value = options[key]
    return typeof value === 'string' ? value : bad(`${where}: --${key} is missing`)
  }
  const protocol = (options['proto'] === undefined ? 'tcp' : text('proto')).toUpperCase()
  if (protocol !== 'TCP' && protocol !== 'UDP' && protocol !== 'SCTP' && protocol !== 'ICMP')
    bad(`${where}: ${protocol} is no protocol: tcp, udp, sctp or icmp`)
  const src = parseIp(text('src')) ?? bad(`${where}: --src ${text('src')} is no IP address`)
  const { ip: dst, port } = destinationOf(text('dst'), protocol, where)
  if (familyOf(src) !== familyOf(dst)) bad(`${where}: --src and --dst are of different families`)
  const hook = options['hook']
  if (hook !== undefined && hook !== 'prerouting' && hook !== 'output') bad(`${where}: --hook is prerouting or output`)
  return { node: text('node'), src, dst, port, protocol, all: options['all'] === true, ...(hook === undefined ? {} : { hook }) }
}

function destinationOf(text: string, protocol: Protocol, where: string): { readonly ip: Ip; readonly port: number } {
  const bare = parseIp(text.replace(/^\[(.*)\]$/, '$1'))
  if (bare !== undefined) return protocol === 'ICMP' ? { ip: bare, port: 0 } : bad(`${where}: --dst ${text} has no port: IP:PORT is wanted`)
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text)
  const ip = parseIp(match?.[1] ?? match?.[2] ?? '')
  const port = Number(match?.[3])
  if (ip === undefined || !(port >= 0 && port <= 65_535)) bad(`${where}: --dst ${text} is no IP:PORT`)
  return { ip, port: protocol === 'ICMP' ? 0 : port }
}

function waysOf(world: World, question: Question): readonly PacketWay[] {
  const node = networkOf(world.cluster).nodes.get(question.node) ?? bad(`error: nodes "${question.node}" not found`)
  const program = programFor(world, node, question)
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

/** The node's program of the packet's family; an empty one where kube-proxy does not run or has none. */
function programFor(world: World, node: NodeHost, { src }: Question): FamilyProgram {
  const families = nodeProgram(world.cluster, node.name, world.mode)?.families ?? []
  const program = families.find(({ family }) => family === familyOf(src))
  return program ?? bad(`error: kube-proxy has no ${familyOf(src)} rules on node ${node.name}`)
}

function packetOf({ src, dst, port, protocol }: Question): Packet {
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

function ioOf(world: World, node: NodeHost, program: FamilyProgram, question: Question, choose: Chooser): HostIo {
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

function wayOf(world: World, program: FamilyProgram, question: Question, result: HostResult): Omit<PacketWay, 'probability'> {
  const rules = matchedLines(result, program, world.mode)
  const masquerade = result.steps.some((step) => step.step === 'rewrite' && step.what === 'masquerade')
  if (result.end === 'rejected' || result.end === 'dropped') return { end: result.end, to: '', masquerade: false, rules }
  const { dst, dport } = result.packet
  const moved = dst !== question.dst || dport !== question.port
  const to = question.protocol === 'ICMP' ? dst : hostPort(dst, dport)
  return { end: moved ? 'delivered' : 'passed', to, masquerade, rules }
}

function printWay({ probability, end, to, masquerade, rules }: PacketWay): string {
  const ending =
    end === 'delivered'
      ? `delivered to ${to}${masquerade ? ', masqueraded' : ''}`
      : end === 'passed'
        ? `passed: no rule took it${masquerade ? ', masqueraded' : ''}`
        : end
  return [`${ending}  (probability ${Number(probability.toFixed(10))})`, ...rules.map((rule) => `  ${rule}`), ''].join('\n')
}
