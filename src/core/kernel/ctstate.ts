import type { Packet, Protocol } from './packet.ts'

const TCP_STATES = ['SYN_SENT', 'SYN_RECV', 'ESTABLISHED', 'FIN_WAIT', 'CLOSE_WAIT', 'LAST_ACK', 'TIME_WAIT', 'CLOSE', 'SYN_SENT2'] as const
export type TcpState = (typeof TCP_STATES)[number]
export type SctpState =
  | 'CLOSED'
  | 'COOKIE_WAIT'
  | 'COOKIE_ECHOED'
  | 'ESTABLISHED'
  | 'SHUTDOWN_SENT'
  | 'SHUTDOWN_RECD'
  | 'SHUTDOWN_ACK_SENT'
  | 'HEARTBEAT_SENT'
/** A connection's state by the name that `conntrack -L` gives it; UDP and ICMP have none. */
export type CtProtocolState = TcpState | SctpState

/** The timeouts that kube-proxy can set (`nf_conntrack_tcp_timeout_established` and its kin), in seconds. */
export type ConntrackTimeouts = {
  readonly tcpEstablished: number
  readonly tcpCloseWait: number
  readonly udp: number
  readonly udpStream: number
}
/** Linux's own. */
export const LINUX_TIMEOUTS: ConntrackTimeouts = { tcpEstablished: 432_000, tcpCloseWait: 60, udp: 30, udpStream: 120 }
/** As kube-proxy sets them where its configuration says nothing: established 24 h, close wait 1 h. */
export const KUBE_PROXY_TIMEOUTS: ConntrackTimeouts = { ...LINUX_TIMEOUTS, tcpEstablished: 86_400, tcpCloseWait: 3600 }

const TCP_SECONDS: Readonly<Record<Exclude<TcpState, 'ESTABLISHED' | 'CLOSE_WAIT'>, number>> = {
  SYN_SENT: 120,
  SYN_RECV: 60,
  FIN_WAIT: 120,
  LAST_ACK: 30,
  TIME_WAIT: 120,
  CLOSE: 10,
  SYN_SENT2: 120,
}
/** A connection that was picked up in its middle and has not been answered. */
const UNACKNOWLEDGED_SECONDS = 300
const SCTP_SECONDS: Readonly<Record<SctpState, number>> = {
  CLOSED: 10,
  COOKIE_WAIT: 3,
  COOKIE_ECHOED: 3,
  ESTABLISHED: 210,
  SHUTDOWN_SENT: 3,
  SHUTDOWN_RECD: 3,
  SHUTDOWN_ACK_SENT: 3,
  HEARTBEAT_SENT: 30,
}
const ICMP_SECONDS = 30

/** How long an entry lives after a packet, in milliseconds. `answered`: the other side had spoken before it. */
export function lifetimeOf(
  protocol: Protocol,
  state: CtProtocolState | undefined,
  assured: boolean,
  answered: boolean,
  timeouts: ConntrackTimeouts,
): number {
  switch (protocol) {
    case 'UDP':
      return 1000 * (assured ? timeouts.udpStream : timeouts.udp)
    case 'ICMP':
      return 1000 * ICMP_SECONDS
    case 'SCTP':
      return 1000 * SCTP_SECONDS[(state ?? 'CLOSED') as SctpState]
    case 'TCP':
      return 1000 * tcpSeconds((state ?? 'SYN_SENT') as TcpState, answered, timeouts)
  }
}

function tcpSeconds(state: TcpState, answered: boolean, { tcpEstablished, tcpCloseWait }: ConntrackTimeouts): number {
  if (state === 'ESTABLISHED') return answered ? tcpEstablished : Math.min(tcpEstablished, UNACKNOWLEDGED_SECONDS)
  return state === 'CLOSE_WAIT' ? tcpCloseWait : TCP_SECONDS[state]
}

/**
 * The state a first packet starts a connection in. TCP: a bare ACK or data picks up a connection in its middle
 * (`nf_conntrack_tcp_loose`); an answer, a reset or a FIN that belongs to nothing is invalid (`tcp_conntracks`, row sNO). SCTP: anything
 * but an ABORT starts one (`sctp_conntracks`).
 */
export function firstState(protocol: 'TCP' | 'SCTP', flags: Packet['flags']): CtProtocolState | 'invalid' {
  if (protocol === 'SCTP') return flags === 'RST' ? 'invalid' : flags === 'DATA' ? 'HEARTBEAT_SENT' : 'CLOSED'
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

const [SS, SR, ES, FW, CW, LA, TW, CL, S2] = TCP_STATES

/** nf_conntrack_proto_tcp.c `tcp_conntracks`, in the order of TCP_STATES; a packet that is ignored or invalid there changes nothing. */
const TCP_TRANSITIONS: Record<'original' | 'reply', Record<'syn' | 'synack' | 'fin' | 'ack', readonly TcpState[]>> = {
  original: {
    syn: [SS, SR, ES, FW, CW, LA, SS, SS, S2],
    synack: [SS, SR, ES, FW, CW, LA, TW, CL, SR],
    fin: [SS, FW, FW, LA, LA, LA, TW, CL, S2],
    ack: [SS, ES, ES, CW, CW, TW, TW, CL, S2],
  },
  reply: {
    syn: [S2, SR, ES, FW, CW, LA, SS, CL, S2],
    synack: [SR, SR, ES, FW, CW, LA, TW, CL, SR],
    fin: [SS, FW, FW, LA, LA, LA, TW, CL, S2],
    ack: [SS, SR, ES, CW, CW, TW, TW, CL, S2],
  },
}

/** The next state of a known connection. */
export function nextState(
  protocol: Protocol,
  state: CtProtocolState | undefined,
  flags: Packet['flags'],
  direction: 'original' | 'reply',
): CtProtocolState | undefined {
  if (state === undefined || flags === undefined) return state
  if (protocol === 'SCTP') return nextSctpState(state as SctpState, flags, direction)
  if (flags === 'RST') return 'CLOSE'
  const event = flags === 'SYN' ? 'syn' : flags === 'SYN-ACK' ? 'synack' : flags === 'FIN' ? 'fin' : 'ack'
  return TCP_TRANSITIONS[direction][event][TCP_STATES.indexOf(state as TcpState)]
}

/**
 * `sctp_conntracks` for the packets that are simulated, which carry TCP's words for what they do: ACK is COOKIE-ECHO, COOKIE-ACK and
 * SHUTDOWN-COMPLETE, FIN is SHUTDOWN and SHUTDOWN-ACK, each in its turn.
 */
function nextSctpState(state: SctpState, flags: NonNullable<Packet['flags']>, direction: 'original' | 'reply'): SctpState {
  switch (flags) {
    case 'RST':
      return 'CLOSED'
    case 'SYN':
      return state === 'HEARTBEAT_SENT' && direction === 'original' ? 'COOKIE_WAIT' : state
    case 'SYN-ACK':
      return state === 'CLOSED' && direction === 'reply' ? 'COOKIE_WAIT' : state
    case 'FIN':
      if (state === 'ESTABLISHED') return direction === 'original' ? 'SHUTDOWN_SENT' : 'SHUTDOWN_RECD'
      return state === (direction === 'original' ? 'SHUTDOWN_RECD' : 'SHUTDOWN_SENT') ? 'SHUTDOWN_ACK_SENT' : state
    case 'ACK':
      if (state === 'COOKIE_WAIT' && direction === 'original') return 'COOKIE_ECHOED'
      if (state === 'COOKIE_ECHOED' && direction === 'reply') return 'ESTABLISHED'
      return state === 'SHUTDOWN_ACK_SENT' ? 'CLOSED' : state
    case 'DATA':
      return state === 'HEARTBEAT_SENT' && direction === 'reply' ? 'ESTABLISHED' : state
  }
}
