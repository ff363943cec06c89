import type { Packet } from './packet.ts'

const STATES = [
  'NONE',
  'INIT1',
  'INIT',
  'C-SENT',
  'C-REPLIED',
  'C-WAIT',
  'COOKIE',
  'C-ECHOED',
  'ESTABLISHED',
  'S-SENT',
  'S-RECEIVED',
  'S-ACK-SENT',
  'REJECTED',
  'CLOSED',
] as const
/** An SCTP association's state in ipvs, by the name that `ipvsadm -Lnc` gives it. */
export type IpvsSctpState = (typeof STATES)[number]

type Chunk = 'data' | 'init' | 'init-ack' | 'cookie-echo' | 'cookie-ack' | 'shutdown' | 'shutdown-ack' | 'shutdown-complete' | 'abort'

const [NO, I1, IN, CS, CR, CW, CO, CE, ES, SS, SR, SA, RJ, CL] = STATES
/** Nothing changes. */
const same = STATES

/** ip_vs_proto_sctp.c `sctp_states`: what a chunk does to each state, in the order of STATES; from the client, and from the server. */
const TRANSITIONS: Record<'client' | 'server', Record<Chunk, readonly IpvsSctpState[]>> = {
  client: {
    data: [ES, ...same.slice(1)],
    init: [I1, IN, IN, CS, CR, CW, CO, CE, ES, SS, SR, SA, IN, IN],
    'init-ack': [CW, CW, CW, CS, CR, CO, CO, CE, ES, SS, SR, SA, RJ, CL],
    'cookie-echo': [CR, IN, IN, CR, CR, CW, CO, CE, ES, SS, SR, SA, RJ, CL],
    'cookie-ack': [ES, I1, IN, CS, CR, CW, CO, ES, ES, SS, SR, SA, RJ, CL],
    shutdown: [SR, I1, IN, CS, CR, CW, CO, CE, SR, SS, SR, SA, RJ, CL],
    'shutdown-ack': [CL, IN, IN, CS, CR, CW, CO, CE, ES, CL, SR, CL, RJ, CL],
    'shutdown-complete': [CL, CL, CL, CS, CR, CW, CO, CE, ES, SS, SR, CL, RJ, CL],
    abort: [CL, CL, CL, CL, CL, RJ, CL, CL, CL, CL, CL, CL, CL, CL],
  },
  server: {
    data: [ES, ...same.slice(1)],
    init: [CW, CW, CW, CW, CW, CW, CW, CW, ES, CW, CW, CW, CW, CW],
    'init-ack': [CS, CS, CS, CS, CR, CW, CO, CE, ES, SS, SR, SA, RJ, CL],
    'cookie-echo': [CE, CE, CE, CE, CE, CE, CE, CE, ES, SS, SR, SA, RJ, CL],
    'cookie-ack': [ES, ES, ES, ES, ES, ES, ES, ES, ES, SS, SR, SA, RJ, CL],
    shutdown: [SS, SS, SS, SS, SS, SS, SS, SS, SS, SS, SR, SA, RJ, CL],
    'shutdown-ack': [SA, SA, SA, SA, SA, CW, CO, CE, ES, SA, SA, SA, RJ, CL],
    'shutdown-complete': [CL, ...same.slice(1)],
    abort: [CL, RJ, CL, CL, CL, CL, CL, CL, CL, CL, CL, CL, CL, CL],
  },
}

/** The longest retransmission timeout, and a second more. */
const MAX_RTO = 61
const SECONDS: Readonly<Partial<Record<IpvsSctpState, number>>> = { [NO]: 2, [I1]: 4, [ES]: 15 * 60, [RJ]: 4 }

/** An association after one more packet, and how long it stays then (seconds). Only an established one counts as active. */
export function sctpAfter(
  before: IpvsSctpState,
  packet: Packet,
  from: 'client' | 'server',
): { readonly state: IpvsSctpState; readonly seconds: number } {
  const state = TRANSITIONS[from][chunkOf(packet, before, from)][STATES.indexOf(before)] ?? CL
  return { state, seconds: SECONDS[state] ?? MAX_RTO }
}

/** Packets carry TCP's words for what they do; which chunk that is follows from how far the association has come. */
function chunkOf({ flags }: Packet, before: IpvsSctpState, from: 'client' | 'server'): Chunk {
  switch (flags) {
    case undefined:
    case 'SYN':
      return 'init'
    case 'SYN-ACK':
      return 'init-ack'
    case 'RST':
      return 'abort'
    case 'FIN':
      return before === (from === 'client' ? SS : SR) ? 'shutdown-ack' : 'shutdown'
    case 'ACK':
      if (from === 'client' && before === CS) return 'cookie-echo'
      if (from === 'server' && before === CR) return 'cookie-ack'
      return before === SA ? 'shutdown-complete' : 'data'
    default:
      return 'data'
  }
}
