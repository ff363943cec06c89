import type { Family, Ip } from '../base/ip.ts'
import type { Packet, Protocol } from './packet.ts'

/** One direction of a connection. ICMP echo: `sport` and `dport` are the identifier. */
export type Tuple = {
  readonly protocol: Protocol
  readonly src: Ip
  readonly sport: number
  readonly dst: Ip
  readonly dport: number
}

export type TcpState = 'SYN_SENT' | 'SYN_RECV' | 'ESTABLISHED' | 'FIN_WAIT' | 'CLOSE_WAIT' | 'LAST_ACK' | 'TIME_WAIT' | 'CLOSE'
export type CtState = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID'

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
  /** Virtual milliseconds. */
  readonly expiresAt: number
}

/** A packet on its way through one host with what conntrack knows of it (`skb->_nfct`). */
export type Tracked = {
  readonly packet: Packet
  readonly state: CtState
  /** Absent for INVALID packets. Not yet in the table while `state` is NEW: see `confirm`. */
  readonly connection?: Connection
  readonly direction: 'original' | 'reply'
}

export type ConntrackTable = {
  readonly connections: ReadonlyMap<string, Connection>
}

export const emptyConntrack: ConntrackTable = { connections: new Map() }

/**
 * Conntrack's look at a packet that enters a host's netfilter (prerouting, or output for its own packets), before any other hook:
 * which connection it belongs to and in which direction. A NEW connection is put into the table by `confirm`.
 */
export function track(_table: ConntrackTable, packet: Packet, _now: number): Tracked {
  return { packet, state: 'NEW', direction: 'original' }
}

/** A packet leaves the host (end of postrouting) or reaches a socket (end of input): its connection is stored and its timers renewed. */
export function confirm(table: ConntrackTable, _tracked: Tracked, _now: number): ConntrackTable {
  return table
}

/** `conntrack -L`: one line an entry that has not expired. */
export function printConntrack(_table: ConntrackTable, _now: number): readonly string[] {
  return []
}
