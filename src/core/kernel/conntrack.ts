import type { Family, Ip } from '../base/ip.ts'
import { emptyTrie, type Trie, trieDelete, trieEntries, trieGet, trieSet } from '../base/trie.ts'
import { firstTcpState, lifetimeOf, nextTcpState, type TcpState } from './ctstate.ts'
import type { Packet, Protocol } from './packet.ts'

/** One direction of a connection. ICMP echo: `sport` and `dport` are the identifier. */
export type Tuple = {
  readonly protocol: Protocol
  readonly src: Ip
  readonly sport: number
  readonly dst: Ip
  readonly dport: number
}

type CtState = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID'
export type CtDirection = 'original' | 'reply'

/** One conntrack entry (`nf_conn`). `reply` is what an answer will look like, so it holds both translations. */
export type Connection = {
  readonly family: Family
  readonly original: Tuple
  readonly reply: Tuple
  readonly tcp?: TcpState
  readonly seenReply: boolean
  readonly assured: boolean
  /** Destination, source translated: IPS_DST_NAT, IPS_SRC_NAT. */
  readonly dnat: boolean
  readonly snat: boolean
  /** The destination was translated by ipvs, in its own hooks, not by nat. */
  readonly ipvs?: true
  /** Order of creation on this host; 0 until it is stored. */
  readonly serial: number
  /** Virtual milliseconds. */
  readonly createdAt: number
  readonly expiresAt: number
}

/** A packet on its way through one host with what conntrack knows of it (`skb->_nfct`). */
export type Tracked = {
  readonly packet: Packet
  readonly state: CtState
  /** Absent for INVALID packets. Not yet in the table while `state` is NEW: see `confirm`. */
  readonly connection?: Connection
  readonly direction: CtDirection
  /** The nat rules have been asked for this connection's destination, source (`nf_nat_initialized`). */
  readonly boundDst?: true
  readonly boundSrc?: true
  /** ipvs has handled the packet on this host (`skb->ipvs_property`). */
  readonly ipvsDone?: true
}

export type ConntrackTable = {
  readonly connections: Trie<Connection>
  /** Reply tuple → key of the connection. */
  readonly replies: Trie<string>
  readonly nextSerial: number
}

/** A table that has seen nothing. */
export const emptyConntrack: ConntrackTable = { connections: emptyTrie, replies: emptyTrie, nextSerial: 1 }

/** A tuple as text: the key of a connection is its original tuple's. */
export function tupleKey(tuple: Tuple): string {
  return `${tuple.protocol} ${tuple.src} ${tuple.sport} ${tuple.dst} ${tuple.dport}`
}

/** The tuple of an answer. */
export function inverse(tuple: Tuple): Tuple {
  return { protocol: tuple.protocol, src: tuple.dst, sport: tuple.dport, dst: tuple.src, dport: tuple.sport }
}

/** A packet's tuple. */
export function tupleOf(packet: Packet): Tuple {
  // An echo and its answer carry the same identifier, so it stands in both places.
  const dport = packet.protocol === 'ICMP' ? packet.sport : packet.dport
  return { protocol: packet.protocol, src: packet.src, sport: packet.sport, dst: packet.dst, dport }
}

/** The live connection that a tuple belongs to, and in which direction. */
export function lookUp(
  table: ConntrackTable,
  tuple: Tuple,
  now: number,
): { readonly connection: Connection; readonly direction: CtDirection } | undefined {
  const key = tupleKey(tuple)
  const own = trieGet(table.connections, key)
  if (own && own.expiresAt > now) return { connection: own, direction: 'original' }
  const origin = trieGet(table.replies, key)
  const other = origin === undefined ? undefined : trieGet(table.connections, origin)
  return other && other.expiresAt > now ? { connection: other, direction: 'reply' } : undefined
}

/**
 * Conntrack's look at a packet that enters a host's netfilter (prerouting, or output for its own packets), before any other hook:
 * which connection it belongs to and in which direction. A NEW connection is put into the table by `confirm`.
 */
export function track(table: ConntrackTable, packet: Packet, now: number): Tracked {
  if (packet.message && 'about' in packet.message) return trackError(table, packet, packet.message.about, now)
  const found = lookUp(table, tupleOf(packet), now)
  // A new SYN on a connection that is closing starts over with the same tuple (`nf_conntrack_tcp`: sTW, sCL → new entry).
  if (found && !reopens(found.connection, packet)) {
    const { connection, direction } = found
    const answered = direction === 'reply' || connection.seenReply
    return { packet, state: answered ? 'ESTABLISHED' : 'NEW', connection, direction }
  }
  const tcp = packet.protocol === 'TCP' || packet.protocol === 'SCTP' ? firstTcpState(packet.flags) : undefined
  if (tcp === 'invalid' || packet.message?.icmp === 'echo-reply') return { packet, state: 'INVALID', direction: 'original' }
  const original = tupleOf(packet)
  const { family } = packet
  const reply = inverse(original)
  const [seenReply, assured, dnat, snat, serial] = [false, false, false, false, 0]
  const connection: Connection =
    tcp === undefined
      ? { family, original, reply, seenReply, assured, dnat, snat, serial, createdAt: now, expiresAt: now }
      : { family, original, reply, tcp, seenReply, assured, dnat, snat, serial, createdAt: now, expiresAt: now }
  return { packet, state: 'NEW', connection, direction: 'original' }
}

function reopens(connection: Connection, packet: Packet): boolean {
  return packet.flags === 'SYN' && (connection.tcp === 'TIME_WAIT' || connection.tcp === 'CLOSE')
}

/** An ICMP error belongs to the connection of the packet it quotes, in the direction against it. */
function trackError(table: ConntrackTable, packet: Packet, about: Packet, now: number): Tracked {
  const found = lookUp(table, inverse(tupleOf(about)), now)
  if (!found) return { packet, state: 'INVALID', direction: 'original' }
  return { packet, state: 'RELATED', connection: found.connection, direction: found.direction }
}

/**
 * A packet leaves the host (end of postrouting) or reaches a socket (end of input): a NEW connection is stored, the state of a known one
 * moves on and its timer is renewed. INVALID and RELATED packets change nothing.
 */
export function confirm(table: ConntrackTable, tracked: Tracked, now: number): ConntrackTable {
  const { connection, packet, direction, state } = tracked
  if (!connection || state === 'RELATED' || state === 'INVALID') return table
  const key = tupleKey(connection.original)
  // A packet to an own address passes postrouting and input: it is stored once.
  if (connection.serial === 0 && (trieGet(table.connections, key)?.expiresAt ?? 0) > now) return table
  const tcp = connection.serial === 0 ? connection.tcp : nextTcpState(connection.tcp, packet.flags, direction)
  const seenReply = connection.seenReply || direction === 'reply'
  const streams = packet.protocol === 'UDP' && seenReply && now - connection.createdAt > 2000
  const assured = connection.assured || streams || (tcp === 'ESTABLISHED' && seenReply)
  const serial = connection.serial || table.nextSerial
  const expiresAt = now + lifetimeOf(packet.protocol, tcp, assured)
  const moved: Connection =
    tcp === undefined
      ? { ...connection, seenReply, assured, serial, expiresAt }
      : { ...connection, tcp, seenReply, assured, serial, expiresAt }
  const connections = trieSet(table.connections, key, moved)
  if (connection.serial !== 0) return { ...table, connections }
  return { connections, replies: trieSet(table.replies, tupleKey(connection.reply), key), nextSerial: table.nextSerial + 1 }
}

/** Every live entry, oldest first. */
export function liveConnections(table: ConntrackTable, now: number): readonly Connection[] {
  return [...trieEntries(table.connections)]
    .map(([, connection]) => connection)
    .filter((connection) => connection.expiresAt > now)
    .sort((a, b) => a.serial - b.serial)
}

/** The table without some connections. */
export function forget(table: ConntrackTable, gone: Iterable<Connection>): ConntrackTable {
  let { connections, replies } = table
  for (const connection of gone) {
    connections = trieDelete(connections, tupleKey(connection.original))
    replies = trieDelete(replies, tupleKey(connection.reply))
  }
  return { ...table, connections, replies }
}

/** The table without what has expired. Expired entries are never found anyhow: this only gives their room back. */
export function sweep(table: ConntrackTable, now: number): ConntrackTable {
  const dead = [...trieEntries(table.connections)].map(([, connection]) => connection).filter((connection) => connection.expiresAt <= now)
  return dead.length === 0 ? table : forget(table, dead)
}

/** `conntrack -L`: one line an entry that has not expired, oldest first. */
export function printConntrack(table: ConntrackTable, now: number): readonly string[] {
  return liveConnections(table, now).map((connection) => printConnection(connection, now))
}

const PROTOCOL_NUMBERS: Readonly<Record<Protocol, number>> = { ICMP: 1, TCP: 6, UDP: 17, SCTP: 132 }

function printConnection(connection: Connection, now: number): string {
  const { original, reply, family } = connection
  const v6Icmp = original.protocol === 'ICMP' && family === 'IPv6'
  const name = v6Icmp ? 'icmpv6' : original.protocol.toLowerCase()
  const number = v6Icmp ? 58 : PROTOCOL_NUMBERS[original.protocol]
  const seconds = Math.max(0, Math.ceil((connection.expiresAt - now) / 1000))
  const parts = [name.padEnd(8), String(number), String(seconds)]
  if (connection.tcp) parts.push(connection.tcp)
  parts.push(printTuple(original, v6Icmp, false))
  if (!connection.seenReply) parts.push('[UNREPLIED]')
  parts.push(printTuple(reply, v6Icmp, true))
  if (connection.assured) parts.push('[ASSURED]')
  return [...parts, 'mark=0', 'use=1'].join(' ')
}

function printTuple(tuple: Tuple, v6Icmp: boolean, answer: boolean): string {
  const addresses = `src=${tuple.src} dst=${tuple.dst}`
  if (tuple.protocol !== 'ICMP') return `${addresses} sport=${tuple.sport} dport=${tuple.dport}`
  const type = v6Icmp ? (answer ? 129 : 128) : answer ? 0 : 8
  return `${addresses} type=${type} code=0 id=${tuple.sport}`
}
