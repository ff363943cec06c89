import type { Family, Ip } from '../base/ip.ts'

export type Protocol = 'TCP' | 'UDP' | 'SCTP' | 'ICMP'

/** What the ICMP (or ICMPv6) message says. An error carries the start of the packet that caused it. */
export type IcmpMessage =
  | { readonly icmp: 'echo-request' | 'echo-reply' }
  | { readonly icmp: 'port-unreachable' | 'host-unreachable' | 'time-exceeded'; readonly about: Packet }

/** One packet on the wire, or on its way through a node. */
export type Packet = {
  readonly family: Family
  readonly protocol: Protocol
  readonly src: Ip
  readonly dst: Ip
  /** ICMP echo: the identifier. */
  readonly sport: number
  /** ICMP: 0. */
  readonly dport: number
  /** TCP and SCTP: what this packet does for the connection. */
  readonly flags?: 'SYN' | 'SYN-ACK' | 'ACK' | 'DATA' | 'FIN' | 'RST' | undefined
  readonly message?: IcmpMessage | undefined
  readonly ttl: number
  /** The kernel's mark: it never leaves the host that set it. */
  readonly mark: number
}

/**
 * A packet of these parts. A host handles packets by the thousand: written out, all of them have one layout, and the engine copies and
 * reads them many times faster than what a spread of objects of several layouts gives.
 */
function packetOf(
  { family, protocol, message }: Packet,
  src: Ip,
  sport: number,
  dst: Ip,
  dport: number,
  flags: Packet['flags'],
  ttl: number,
  mark: number,
): Packet {
  return { family, protocol, src, dst, sport, dport, flags, message, ttl, mark }
}

/** The packet with another mark. */
export function withMark(packet: Packet, mark: number): Packet {
  const { src, sport, dst, dport, flags, ttl } = packet
  return packet.mark === mark ? packet : packetOf(packet, src, sport, dst, dport, flags, ttl, mark)
}

/** The packet with another time to live. */
export function withTtl(packet: Packet, ttl: number): Packet {
  const { src, sport, dst, dport, flags, mark } = packet
  return packetOf(packet, src, sport, dst, dport, flags, ttl, mark)
}

/** The packet with other TCP flags, as its sender's next one. */
export function withFlags(packet: Packet, flags: Packet['flags']): Packet {
  const { src, sport, dst, dport, ttl, mark } = packet
  return packetOf(packet, src, sport, dst, dport, flags, ttl, mark)
}

/** The packet to another destination. */
export function towards(packet: Packet, dst: Ip, dport: number): Packet {
  const { src, sport, flags, ttl, mark } = packet
  return packetOf(packet, src, sport, dst, dport, flags, ttl, mark)
}

/** The packet from another source. */
export function comingFrom(packet: Packet, src: Ip, sport: number): Packet {
  const { dst, dport, flags, ttl, mark } = packet
  return packetOf(packet, src, sport, dst, dport, flags, ttl, mark)
}

/** A packet as a socket sends it: no mark, a full time to live. */
export function fresh(packet: Packet, ttl: number): Packet {
  const { src, sport, dst, dport, flags } = packet
  return packetOf(packet, src, sport, dst, dport, flags, ttl, 0)
}
