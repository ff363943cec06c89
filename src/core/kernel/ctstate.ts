import type { Packet, Protocol } from './packet.ts'

export type TcpState = 'SYN_SENT' | 'SYN_RECV' | 'ESTABLISHED' | 'FIN_WAIT' | 'CLOSE_WAIT' | 'LAST_ACK' | 'TIME_WAIT' | 'CLOSE'

/** Seconds. Linux's defaults, but for the two that kube-proxy sets: established 24 h, close wait 1 h. */
const TCP_SECONDS: Readonly<Record<TcpState, number>> = {
  SYN_SENT: 120,
  SYN_RECV: 60,
  ESTABLISHED: 86_400,
  FIN_WAIT: 120,
  CLOSE_WAIT: 3600,
  LAST_ACK: 30,
  TIME_WAIT: 120,
  CLOSE: 10,
}
/** SCTP's association goes through the same steps here; its times are Linux 6's. */
const SCTP_SECONDS: Readonly<Record<TcpState, number>> = {
  SYN_SENT: 10,
  SYN_RECV: 10,
  ESTABLISHED: 210,
  FIN_WAIT: 3,
  CLOSE_WAIT: 3,
  LAST_ACK: 3,
  TIME_WAIT: 3,
  CLOSE: 10,
}
const UDP_SECONDS = 30
const UDP_STREAM_SECONDS = 120
const ICMP_SECONDS = 30

/** How long an entry lives after a packet, in milliseconds. */
export function lifetimeOf(protocol: Protocol, tcp: TcpState | undefined, assured: boolean): number {
  if (protocol === 'UDP') return 1000 * (assured ? UDP_STREAM_SECONDS : UDP_SECONDS)
  if (protocol === 'ICMP') return 1000 * ICMP_SECONDS
  return 1000 * (protocol === 'SCTP' ? SCTP_SECONDS : TCP_SECONDS)[tcp ?? 'SYN_SENT']
}

/**
 * The state a first packet starts a connection in. A bare ACK or data picks up a connection in its middle (`nf_conntrack_tcp_loose`);
 * an answer, a reset or a FIN that belongs to nothing is invalid (`tcp_conntracks`, row sNO).
 */
export function firstTcpState(flags: Packet['flags']): TcpState | 'invalid' {
  switch (flags) {
    case 'SYN':
    case undefined:
      return 'SYN_SENT'
    case 'ACK':
    case 'DATA':
      return 'ESTABLISHED'
    default:
      return 'invalid'
  }
}

/** The next state of a known connection (`tcp_conntracks`, for the packets that are simulated). */
export function nextTcpState(state: TcpState | undefined, flags: Packet['flags'], direction: 'original' | 'reply'): TcpState | undefined {
  if (state === undefined || flags === undefined) return state
  switch (flags) {
    case 'RST':
      return 'CLOSE'
    case 'SYN':
      return state
    case 'SYN-ACK':
      return direction === 'reply' && state === 'SYN_SENT' ? 'SYN_RECV' : state
    case 'FIN':
      return state === 'FIN_WAIT' || state === 'CLOSE_WAIT' ? 'LAST_ACK' : 'FIN_WAIT'
    case 'ACK':
    case 'DATA':
      if (state === 'SYN_RECV' && direction === 'original') return 'ESTABLISHED'
      if (state === 'FIN_WAIT') return 'CLOSE_WAIT'
      return state === 'LAST_ACK' ? 'TIME_WAIT' : state
  }
}
