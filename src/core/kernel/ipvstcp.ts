import { type IpvsSctpState, sctpAfter } from './ipvssctp.ts'
import type { Packet } from './packet.ts'

const STATES = [
  'NONE',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'SYNACK',
] as const
export type IpvsTcpState = (typeof STATES)[number]

const [NO, ES, SS, SR, FW, TW, CL, CW, LA, LI, SA] = STATES

/** ip_vs_proto_tcp.c `tcp_states`: what a flag does to each state, in the order of STATES; from the client, and from the server. */
const TRANSITIONS: Record<'client' | 'server', Record<'syn' | 'fin' | 'ack' | 'rst', readonly IpvsTcpState[]>> = {
  client: {
    syn: [SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SR],
    fin: [CL, CW, SS, TW, TW, TW, CL, CW, LA, LI, TW],
    ack: [ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES],
    rst: [CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, SR],
  },
  server: {
    syn: [SS, ES, SS, SR, SS, SS, SS, SS, SS, LI, SR],
    fin: [TW, FW, SS, TW, FW, TW, CL, TW, LA, LI, TW],
    ack: [ES, ES, SS, ES, FW, TW, CL, CW, LA, ES, ES],
    rst: [CL, CL, CL, CL, CL, TW, CL, CL, CL, CL, CL],
  },
}

const SECONDS: Record<IpvsTcpState, number> = {
  [NO]: 2,
  [ES]: 15 * 60,
  [SS]: 2 * 60,
  [SR]: 60,
  [FW]: 2 * 60,
  [TW]: 2 * 60,
  [CL]: 10,
  [CW]: 60,
  [LA]: 30,
  [LI]: 2 * 60,
  [SA]: 2 * 60,
}

const ACTIVE: ReadonlySet<IpvsTcpState> = new Set([ES, SS, SR, SA])

const UDP_SECONDS = 5 * 60

/**
 * `ipvsadm --set`, in seconds: how long an idle connection stays that is established (TCP), in FIN_WAIT (TCP), or any (UDP). Absent or
 * 0: the kernel's own.
 */
export type IpvsTimeouts = { readonly tcp?: number; readonly tcpFin?: number; readonly udp?: number }

/** The three timeouts in force: `ipvsadm -L --timeout`. */
export function timeoutsInForce({ tcp, tcpFin, udp }: IpvsTimeouts): Required<IpvsTimeouts> {
  return { tcp: tcp || SECONDS[ES], tcpFin: tcpFin || SECONDS[FW], udp: udp || UDP_SECONDS }
}

/** A connection's state: none in UDP. */
export type IpvsConnectionState = IpvsTcpState | IpvsSctpState

/** What a packet makes of a connection: its state, whether it counts as active, and how long it stays (milliseconds). */
export type Progress = { readonly state?: IpvsConnectionState; readonly active: boolean; readonly lasts: number }

/**
 * A connection after one more packet from the client or the server. UDP has no states: its connections are always counted as inactive.
 * Timeouts that change hold for a connection from its next packet on.
 */
export function progress(
  before: IpvsConnectionState | undefined,
  packet: Packet,
  from: 'client' | 'server',
  timeouts: IpvsTimeouts,
): Progress {
  if (packet.protocol === 'SCTP') {
    const { state, seconds } = sctpAfter((before ?? 'NONE') as IpvsSctpState, packet, from)
    return { state, active: state === 'ESTABLISHED', lasts: seconds * 1000 }
  }
  const { tcp, tcpFin, udp } = timeoutsInForce(timeouts)
  if (packet.protocol !== 'TCP') return { active: false, lasts: udp * 1000 }
  const event = before === undefined && packet.flags === undefined ? 'syn' : flagOf(packet)
  const state = TRANSITIONS[from][event][STATES.indexOf((before ?? 'NONE') as IpvsTcpState)] ?? 'NONE'
  const seconds = state === ES ? tcp : state === FW ? tcpFin : SECONDS[state]
  return { state, active: ACTIVE.has(state), lasts: seconds * 1000 }
}

function flagOf({ flags }: Packet): 'syn' | 'fin' | 'ack' | 'rst' {
  switch (flags) {
    case 'RST':
      return 'rst'
    case 'SYN':
    case 'SYN-ACK':
      return 'syn'
    case 'FIN':
      return 'fin'
    default:
      return 'ack'
  }
}
