import { fnv1a32 } from '../base/hash.ts'
import type { Family, Ip } from '../base/ip.ts'
import { type Trie, trieDelete, trieEntries, trieGet, trieOf, trieSetAll } from '../base/trie.ts'
import { type ConntrackTimeouts, type CtProtocolState, firstState, KUBE_PROXY_TIMEOUTS, lifetimeOf, nextState } from './ctstate.ts'
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
  /** TCP and SCTP. */
  readonly tcp?: CtProtocolState | undefined
  readonly seenReply: boolean
  readonly assured: boolean
  /** Destination, source translated: IPS_DST_NAT, IPS_SRC_NAT. */
  readonly dnat: boolean
  readonly snat: boolean
  /** The destination was translated by ipvs, in its own hooks, not by nat. */
  readonly ipvs?: true | undefined
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
  readonly connection?: Connection | undefined
  readonly direction: CtDirection
  /** The nat rules have been asked for this connection's destination, source (`nf_nat_initialized`). */
  readonly boundDst?: true | undefined
  readonly boundSrc?: true | undefined
  /** ipvs has handled the packet on this host (`skb->ipvs_property`). */
  readonly ipvsDone?: true | undefined
}

/** Every tracked packet has one layout, see `packetOf`. */
function trackedOf(packet: Packet, state: CtState, connection: Connection | undefined, direction: CtDirection): Tracked {
  return { packet, state, connection, direction, boundDst: undefined, boundSrc: undefined, ipvsDone: undefined }
}

/** The same with the packet as it is now. */
export function withPacket(tracked: Tracked, packet: Packet): Tracked {
  const { state, connection, direction, boundDst, boundSrc, ipvsDone } = tracked
  return tracked.packet === packet ? tracked : { packet, state, connection, direction, boundDst, boundSrc, ipvsDone }
}

/** The same once the nat rules have been asked for one end. */
export function bound(tracked: Tracked, end: 'dst' | 'src'): Tracked {
  const { packet, state, connection, direction, boundDst, boundSrc, ipvsDone } = tracked
  return end === 'dst'
    ? { packet, state, connection, direction, boundDst: true, boundSrc, ipvsDone }
    : { packet, state, connection, direction, boundDst, boundSrc: true, ipvsDone }
}

/** The first packet of a connection after a translation: what answers will look like has changed with it. */
export function translated(tracked: Tracked, packet: Packet, reply: Tuple, end: 'dst' | 'src'): Tracked {
  const { state, connection, direction, boundDst, boundSrc, ipvsDone } = tracked
  if (!connection) return withPacket(tracked, packet)
  const { family, original, tcp, seenReply, assured, ipvs, serial, createdAt, expiresAt } = connection
  const dnat = connection.dnat || end === 'dst'
  const snat = connection.snat || end === 'src'
  const changed = { family, original, reply, tcp, seenReply, assured, dnat, snat, ipvs, serial, createdAt, expiresAt }
  return { packet, state, connection: changed, direction, boundDst, boundSrc, ipvsDone }
}

/** The same once ipvs has handled the packet; `reply`, for the first packet of a connection, is what answers will look like. */
export function takenByIpvs(tracked: Tracked, packet: Packet, reply: Tuple | undefined): Tracked {
  const { state, connection, direction, boundDst, boundSrc } = tracked
  if (!connection || !reply) return { packet, state, connection, direction, boundDst, boundSrc, ipvsDone: true }
  const { family, original, tcp, seenReply, assured, dnat, snat, serial, createdAt, expiresAt } = connection
  const taken = { family, original, reply, tcp, seenReply, assured, dnat, snat, ipvs: true as const, serial, createdAt, expiresAt }
  return { packet, state, connection: taken, direction, boundDst, boundSrc, ipvsDone: true }
}

/**
 * The entries that moved last lie in a short list, the others in a trie, each under both its tuples as in the kernel's hash table. The
 * list goes before the trie: a connection changes with every packet for a moment and then rarely again, so it is written there once.
 */
export type ConntrackTable = {
  readonly young: readonly Connection[]
  readonly byTuple: Trie<Connection, Tuple>
  readonly nextSerial: number
  readonly timeouts: ConntrackTimeouts
}

const MOST_YOUNG = 8

/** The map from tuples without entries. */
export const noTuples: Trie<never, Tuple> = trieOf({ hash: tupleHash, same: sameTuple })

/** A table that has seen nothing. */
export const emptyConntrack: ConntrackTable = {
  young: [],
  byTuple: noTuples,
  nextSerial: 1,
  timeouts: KUBE_PROXY_TIMEOUTS,
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

/** Whether two tuples are the same. */
export function sameTuple(a: Tuple, b: Tuple): boolean {
  return a.sport === b.sport && a.dport === b.dport && a.src === b.src && a.dst === b.dst && a.protocol === b.protocol
}

const hashes = new Map<Ip, number>()

/** An address' hash, remembered: there are few addresses and many packets. */
function hashOfIp(ip: Ip): number {
  let hash = hashes.get(ip)
  if (hash === undefined) {
    if (hashes.size > 100_000) hashes.clear()
    hash = fnv1a32(ip)
    hashes.set(ip, hash)
  }
  return hash
}

function tupleHash({ protocol, src, sport, dst, dport }: Tuple): number {
  let hash = Math.imul(hashOfIp(src) ^ sport, 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 15) ^ hashOfIp(dst), 0xc2b2ae35)
  hash = Math.imul(hash ^ (hash >>> 13) ^ dport ^ (protocol.length << 16), 0x27d4eb2f)
  return hash ^ (hash >>> 16)
}

/** The live connection that a tuple belongs to, and in which direction. */
export function lookUp(
  table: ConntrackTable,
  tuple: Tuple,
  now: number,
): { readonly connection: Connection; readonly direction: CtDirection } | undefined {
  const { young } = table
  // A tuple is one live connection's alone (`get_unique_tuple`), and most packets belong to the youngest.
  for (let i = young.length - 1; i >= 0; i--) {
    const connection = young[i]!
    if (connection.expiresAt <= now) continue
    if (sameTuple(connection.original, tuple)) return { connection, direction: 'original' }
    if (sameTuple(connection.reply, tuple)) return { connection, direction: 'reply' }
  }
  const old = trieGet(table.byTuple, tuple)
  if (!old || old.expiresAt <= now || youngWith(table, old.original)) return undefined
  if (sameTuple(old.original, tuple)) return { connection: old, direction: 'original' }
  // A socket that started over may be answered from elsewhere by now: the original's entry is the one that counts.
  const present = trieGet(table.byTuple, old.original)
  return present?.serial === old.serial ? { connection: present, direction: 'reply' } : undefined
}

/** The entry whose original direction a tuple is, expired or not. */
export function entryOf(table: ConntrackTable, tuple: Tuple): Connection | undefined {
  const old = trieGet(table.byTuple, tuple)
  return youngWith(table, tuple) ?? (old && sameTuple(old.original, tuple) ? old : undefined)
}

function youngWith({ young }: ConntrackTable, original: Tuple): Connection | undefined {
  for (const connection of young) if (sameTuple(connection.original, original)) return connection
  return undefined
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
    return trackedOf(packet, answered ? 'ESTABLISHED' : 'NEW', connection, direction)
  }
  const tcp = packet.protocol === 'TCP' || packet.protocol === 'SCTP' ? firstState(packet.protocol, packet.flags) : undefined
  if (tcp === 'invalid' || packet.message?.icmp === 'echo-reply') return trackedOf(packet, 'INVALID', undefined, 'original')
  const original = tupleOf(packet)
  const { family } = packet
  const reply = inverse(original)
  const [seenReply, assured, dnat, snat, ipvs, serial] = [false, false, false, false, undefined, 0]
  const connection = { family, original, reply, tcp, seenReply, assured, dnat, snat, ipvs, serial, createdAt: now, expiresAt: now }
  return trackedOf(packet, 'NEW', connection, 'original')
}

function reopens(connection: Connection, packet: Packet): boolean {
  return packet.flags === 'SYN' && (connection.tcp === 'TIME_WAIT' || connection.tcp === 'CLOSE')
}

/** An ICMP error belongs to the connection of the packet it quotes, in the direction against it. */
function trackError(table: ConntrackTable, packet: Packet, about: Packet, now: number): Tracked {
  const found = lookUp(table, inverse(tupleOf(about)), now)
  return found ? trackedOf(packet, 'RELATED', found.connection, found.direction) : trackedOf(packet, 'INVALID', undefined, 'original')
}

/**
 * A packet leaves the host (end of postrouting) or reaches a socket (end of input): a NEW connection is stored, the state of a known one
 * moves on and its timer is renewed. INVALID and RELATED packets change nothing. What counts as answered or assured is what was known
 * before the packet (nf_conntrack_proto_tcp.c, _udp.c, _sctp.c).
 */
export function confirm(table: ConntrackTable, tracked: Tracked, now: number): ConntrackTable {
  const { connection, packet, direction, state } = tracked
  if (!connection || state === 'RELATED' || state === 'INVALID') return table
  if (connection.serial === 0 && isJustStored(table, tracked, now)) return table
  const answered = connection.seenReply
  // Where the only answer is a reset, nothing was established: the entry goes at once.
  if (packet.flags === 'RST' && packet.protocol === 'TCP' && !answered && connection.serial !== 0) return forget(table, [connection])
  const tcp = connection.serial === 0 ? connection.tcp : nextState(packet.protocol, connection.tcp, packet.flags, direction)
  const seenReply = answered || direction === 'reply'
  const assured = connection.assured || (connection.serial !== 0 && becomesAssured(connection, tcp, packet, now))
  const serial = connection.serial || table.nextSerial
  const expiresAt = now + lifetimeOf(packet.protocol, tcp, assured, answered, table.timeouts)
  const { family, original, reply, dnat, snat, ipvs, createdAt } = connection
  return store(table, { family, original, reply, tcp, seenReply, assured, dnat, snat, ipvs, serial, createdAt, expiresAt })
}

/** A packet to an own address passes postrouting and input: it is stored once. What an older entry of the same socket says is past. */
function isJustStored(table: ConntrackTable, { connection, packet }: Tracked, now: number): boolean {
  const held = connection && youngWith(table, connection.original)
  return held !== undefined && held.expiresAt > now && !reopens(held, packet)
}

/** IPS_ASSURED: TCP and SCTP with their handshake behind them, UDP that goes both ways for more than two seconds. */
function becomesAssured(before: Connection, tcp: CtProtocolState | undefined, { protocol }: Packet, now: number): boolean {
  if (protocol === 'UDP') return before.seenReply && now - before.createdAt > 2000
  if (tcp !== 'ESTABLISHED') return false
  if (protocol === 'SCTP') return before.tcp !== 'ESTABLISHED'
  return before.seenReply && (before.tcp === 'SYN_RECV' || before.tcp === 'ESTABLISHED')
}

function store(table: ConntrackTable, moved: Connection): ConntrackTable {
  const { byTuple, timeouts } = table
  const nextSerial = Math.max(table.nextSerial, moved.serial + 1)
  const young = table.young.slice()
  const at = young.findIndex(({ original }) => sameTuple(original, moved.original))
  if (at >= 0) young[at] = moved
  else young.push(moved)
  const next = { young, byTuple, nextSerial, timeouts }
  return young.length > MOST_YOUNG ? withoutYoung(next, 1) : next
}

/** The same table with its list written into the trie, but for the youngest ones. */
function withoutYoung(table: ConntrackTable, but = 0): ConntrackTable {
  const { nextSerial, timeouts } = table
  const young = table.young.slice(0, table.young.length - but)
  if (young.length === 0) return table
  const entries: [Tuple, Connection][] = []
  for (const connection of young) entries.push([connection.original, connection], [connection.reply, connection])
  return { young: table.young.slice(young.length), byTuple: trieSetAll(table.byTuple, entries), nextSerial, timeouts }
}

/** Every live entry, oldest first. */
export function liveConnections(table: ConntrackTable, now: number): readonly Connection[] {
  return allConnections(table)
    .filter((connection) => connection.expiresAt > now)
    .sort((a, b) => a.serial - b.serial)
}

/** Every entry, expired or not, in no order. */
export function allConnections(table: ConntrackTable): readonly Connection[] {
  const all: Connection[] = []
  for (const [tuple, connection] of trieEntries(withoutYoung(table).byTuple))
    if (sameTuple(tuple, connection.original)) all.push(connection)
  return all
}

/** The table without some connections. */
export function forget(table: ConntrackTable, gone: Iterable<Connection>): ConntrackTable {
  const whole = withoutYoung(table)
  let { byTuple } = whole
  for (const { original, reply, serial } of gone) {
    byTuple = trieDelete(byTuple, original)
    // The answer may belong to a younger connection by now.
    if (trieGet(byTuple, reply)?.serial === serial) byTuple = trieDelete(byTuple, reply)
  }
  return { ...whole, byTuple }
}

/** The table without what has expired. Expired entries are never found anyhow: this only gives their room back. */
export function sweep(table: ConntrackTable, now: number): ConntrackTable {
  const dead = allConnections(table).filter((connection) => connection.expiresAt <= now)
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
