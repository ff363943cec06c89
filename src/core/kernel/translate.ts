import type { Ip } from '../base/ip.ts'
import {
  type Connection,
  type ConntrackTable,
  inverse,
  lookUp,
  sameTuple,
  type Tracked,
  type Tuple,
  translated,
  withPacket,
} from './conntrack.ts'
import { comingFrom, type Packet, towards } from './packet.ts'
import type { Hook, Target } from './program.ts'

/** Which end of a packet a nat hook may change: the destination in prerouting and output, the source in postrouting and input. */
export type Manip = 'dst' | 'src'

/** Where netfilter calls conntrack's translation: destinations before routing, sources after it. */
export const NAT_AT: Readonly<Partial<Record<Hook, Manip>>> = { prerouting: 'dst', output: 'dst', input: 'src', postrouting: 'src' }

/** A packet of a known connection takes the translation that was decided for its first packet, back for answers. */
export function applyKnown(tracked: Tracked, manip: Manip): Tracked {
  const { connection, direction, packet } = tracked
  if (!connection) return tracked
  if (connection.ipvs && (manip === 'dst') === (direction === 'original')) return tracked
  const target = direction === 'original' ? inverse(connection.reply) : inverse(connection.original)
  if (tracked.state === 'RELATED') return withPacket(tracked, translateError(packet, target, manip))
  return withPacket(tracked, rewritten(packet, target, manip))
}

/** An ICMP error about an ipvs connection, in ipvs's own hooks: the end that nat leaves to it. */
export function applyIpvsError(tracked: Tracked): Tracked {
  const { connection, direction, packet } = tracked
  if (!connection?.ipvs) return tracked
  const target = direction === 'original' ? inverse(connection.reply) : inverse(connection.original)
  return withPacket(tracked, translateError(packet, target, direction === 'original' ? 'dst' : 'src'))
}

function rewritten(packet: Packet, target: Tuple, manip: Manip): Packet {
  const icmp = packet.protocol === 'ICMP'
  if (manip === 'dst') {
    const dport = icmp ? packet.dport : target.dport
    return packet.dst === target.dst && packet.dport === dport ? packet : towards(packet, target.dst, dport)
  }
  const sport = icmp ? packet.sport : target.sport
  return packet.src === target.src && packet.sport === sport ? packet : comingFrom(packet, target.src, sport)
}

/** An ICMP error is translated outside as any packet of its direction, and inside, where it quotes one going the other way, at the other end. */
function translateError(packet: Packet, target: Tuple, manip: Manip): Packet {
  const { message } = packet
  if (!message || !('about' in message)) return packet
  const { about } = message
  const quoted = inverse(target)
  const inside = rewritten(about, quoted, manip === 'dst' ? 'src' : 'dst')
  if (inside === about) return packet
  const outside = manip === 'dst' ? { dst: target.dst } : { src: target.src }
  return { ...packet, ...outside, message: { ...message, about: inside } }
}

/** DNAT: the first packet of a connection gets a new destination; answers will come from there. */
export function dnat(tracked: Tracked, to: Target): Tracked {
  const { packet, connection } = tracked
  const icmp = packet.protocol === 'ICMP'
  const after = towards(packet, to.ip, icmp ? packet.dport : to.port)
  if (!connection) return withPacket(tracked, after)
  const { protocol, sport, dst, dport } = connection.reply
  return translated(tracked, after, { protocol, src: to.ip, sport: icmp ? sport : to.port, dst, dport }, 'dst')
}

/**
 * Source NAT: the first packet of a connection gets the source `as`. `random` (--random-fully) is a number in [0, 1) for the port; without it
 * the port stays if no other connection has it (`nf_nat_core.c` get_unique_tuple).
 */
export function snat(table: ConntrackTable, tracked: Tracked, as: Ip, random: number | undefined, now: number): Tracked {
  const { connection, packet } = tracked
  if (!connection) return tracked
  const { protocol, src, sport, dport } = connection.reply
  const wanted: Tuple = { protocol, src, sport, dst: as, dport }
  const isFree = freeFor(table, connection, now)
  const reply = random === undefined && isFree(wanted) ? wanted : freePort(wanted, random ?? 0, isFree)
  return withReply(tracked, packet, reply)
}

/**
 * The null binding of a connection that no rule gave a source: it keeps its own unless another connection's answers would look the same,
 * as when one socket dials a ClusterIP and a nodePort of one endpoint.
 */
export function settleSource(table: ConntrackTable, tracked: Tracked, now: number): Tracked {
  const { connection, packet } = tracked
  if (!connection) return tracked
  const isFree = freeFor(table, connection, now)
  return isFree(connection.reply) ? tracked : withReply(tracked, packet, freePort(connection.reply, 0, isFree))
}

function withReply(tracked: Tracked, packet: Packet, reply: Tuple): Tracked {
  const sport = packet.protocol === 'ICMP' ? packet.sport : reply.dport
  return translated(tracked, comingFrom(packet, reply.dst, sport), reply, 'src')
}

/** Whether answers of this look belong to nobody else. */
function freeFor(table: ConntrackTable, own: Connection, now: number): (reply: Tuple) => boolean {
  return (reply) => {
    const found = lookUp(table, reply, now)
    return !found || sameTuple(found.connection.original, own.original)
  }
}

/** The first free port of the original's range from a starting point on: 1–511, 600–1023 or 1024–65535. */
function freePort(wanted: Tuple, random: number, isFree: (reply: Tuple) => boolean): Tuple {
  if (wanted.protocol === 'ICMP') return wanted
  const [first, last] = wanted.dport < 512 ? [1, 511] : wanted.dport < 1024 ? [600, 1023] : [1024, 65_535]
  const size = last - first + 1
  const start = Math.floor(random * size)
  for (let i = 0; i < size; i++) {
    const candidate = { ...wanted, dport: first + ((start + i) % size) }
    if (isFree(candidate)) return candidate
  }
  return wanted
}
