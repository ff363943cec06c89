import { familyOf, type Ip, parseIp } from '../core/base/ip.ts'
import type { Protocol } from '../core/kernel/packet.ts'
import type { Printed } from '../core/kubectl/get.ts'
import { type PacketQuestion, type PacketWay, packetWays } from '../core/sim/packet.ts'
import type { World } from '../core/sim/world.ts'
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

function questionOf(options: Readonly<Record<string, unknown>>, where: string): PacketQuestion {
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

function waysOf(world: World, question: PacketQuestion): readonly PacketWay[] {
  const ways = packetWays(world, question)
  return typeof ways === 'string' ? bad(`error: ${ways}`) : ways
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
