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
  readonly flags?: 'SYN' | 'SYN-ACK' | 'ACK' | 'DATA' | 'FIN' | 'RST'
  readonly message?: IcmpMessage
  readonly ttl: number
  /** The kernel's mark: it never leaves the host that set it. */
  readonly mark: number
}
