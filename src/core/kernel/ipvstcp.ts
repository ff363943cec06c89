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
const SCTP_SECONDS = { ESTABLISHED: 15 * 60, CLOSED: 10, OTHER: 60 } as const

/** What a packet makes of a connection: its TCP state, whether it counts as active, and how long it stays (milliseconds). */
export type Progress = { readonly tcp?: IpvsTcpState; readonly active: boolean; readonly lasts: number }

/**
 * The state of a connection after one more packet from the client or the server. UDP has no states: its connections are always counted
 * as inactive and stay five minutes. SCTP's many hand-shake states are told apart by established or not, which is all that counting asks.
 */
export function progress(before: IpvsTcpState | undefined, active: boolean, packet: Packet, from: 'client' | 'server'): Progress {
  if (packet.protocol === 'SCTP') return sctpProgress(active, packet)
  if (packet.protocol !== 'TCP') return { active: false, lasts: UDP_SECONDS * 1000 }
  const tcp =
    TRANSITIONS[from][before === undefined && packet.flags === undefined ? 'syn' : flagOf(packet)][STATES.indexOf(before ?? 'NONE')] ??
    'NONE'
  return { tcp, active: ACTIVE.has(tcp), lasts: SECONDS[tcp] * 1000 }
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

function sctpProgress(active: boolean, { flags }: Packet): Progress {
  if (flags === 'RST') return { active: false, lasts: SCTP_SECONDS.CLOSED * 1000 }
  if (flags === 'FIN' || flags === 'SYN' || flags === 'SYN-ACK') return { active: false, lasts: SCTP_SECONDS.OTHER * 1000 }
  return { active: active || flags === 'ACK' || flags === 'DATA', lasts: SCTP_SECONDS.ESTABLISHED * 1000 }
}
