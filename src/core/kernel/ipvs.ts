import { trieGet } from '../base/trie.ts'
import type { Chooser } from './chance.ts'
import { type Tuple, tupleOf } from './conntrack.ts'
import { dropConnection, putConnection } from './ipvsconns.ts'
import { keptUntil, type Scheduled, schedule } from './ipvsschedulers.ts'
import { type IpvsConnection, type IpvsState, placeOf, type ServiceState, serviceName, type TemplateId } from './ipvsstate.ts'
import { expire, queueCheck } from './ipvssync.ts'
import { type Progress, progress } from './ipvstcp.ts'
import { assureTemplate, renewTemplate } from './ipvstemplates.ts'
import type { Packet } from './packet.ts'
import { PERSISTENT, type Target, type VirtualServer } from './program.ts'

/** How a real server was found. */
export type IpvsChoice = {
  /** `ipvs rr`, or `ipvs persistence` where a template remembered the client. */
  readonly by: string
  readonly options: readonly { readonly to: Target; readonly weight: number }[]
  readonly picked: number
}

/** What ipvs does with a packet for this host. */
export type IpvsVerdict =
  /** No virtual server, or nothing to start a connection from: the packet is for the host itself. */
  | { readonly ipvs: 'pass'; readonly state: IpvsState }
  /** Its destination becomes the real server, and it goes out again. `choice` only for a new connection. */
  | {
      readonly ipvs: 'forward'
      readonly state: IpvsState
      readonly to: Target
      readonly server: VirtualServer
      readonly choice?: IpvsChoice
    }
  /** No usable real server: the client gets ICMP port unreachable, for TCP too. */
  | { readonly ipvs: 'reject'; readonly state: IpvsState; readonly server: VirtualServer }
  /** The connection's real server is gone: this packet is dropped in silence, and the entry with it. */
  | { readonly ipvs: 'drop'; readonly state: IpvsState }

export type IpvsIo = {
  readonly now: number
  readonly choose: Chooser
  /** Whether conntrack knew the connection before this packet (`ip_vs_conn_uses_old_conntrack`). */
  readonly tracked: boolean
}

/**
 * `ip_vs_in` (net/netfilter/ipvs/ip_vs_core.c): a packet that is for this host, at the input hook after the filter table, or at the
 * output hook after nat for the host's own. The sysctls are kube-proxy's: conntrack=1, expire_nodest_conn=1,
 * expire_quiescent_template=1, conn_reuse_mode=1 (kernel 5.9 and later), sloppy_tcp=0.
 */
export function ipvsIn(before: IpvsState, packet: Packet, io: IpvsIo): IpvsVerdict {
  const state = expire(before, io.now)
  const tuple = tupleOf(packet)
  const known = trieGet(state.connections, tuple)
  if (!known) return startConnection(state, packet, tuple, io)
  const service = trieGet(state.services, known.service)
  const place = service && placeOf(service, known.real)
  if (!service || place === undefined || mustReschedule(known, service.realServers[place]!.weight, packet)) {
    const forgotten = dropConnection(state, tuple, known)
    return io.tracked ? { ipvs: 'drop', state: forgotten } : startConnection(forgotten, packet, tuple, io)
  }
  return { ipvs: 'forward', state: moved(state, tuple, known, packet, 'client', io.now), to: known.real, server: service.server }
}

/**
 * `ip_vs_out`: an answer on its way through the host (forward, input for a client here, output for a server here). `original` is
 * the connection's tuple as the client sent it. Gives the state after it and the address that the client dialled; undefined if ipvs has forgotten the
 * connection, and the answer passes as it is.
 */
export function ipvsOut(
  before: IpvsState,
  original: Tuple,
  packet: Packet,
  now: number,
): { readonly state: IpvsState; readonly from: Target; readonly server?: VirtualServer } | undefined {
  const state = expire(before, now)
  const connection = trieGet(state.connections, original)
  if (!connection) return undefined
  const server = trieGet(state.services, connection.service)?.server
  const after = moved(state, original, connection, packet, 'server', now)
  return server ? { state: after, from: connection.virtual, server } : { state: after, from: connection.virtual }
}

function startConnection(state: IpvsState, packet: Packet, tuple: Tuple, io: IpvsIo): IpvsVerdict {
  const name = serviceName(packet.protocol, packet.dst, packet.dport)
  const service = trieGet(state.services, name)
  if (!service || !mayStart(packet)) return { ipvs: 'pass', state }
  const { server } = service
  const sticky = (server.flags & PERSISTENT) !== 0 ? `${packet.src} > ${name}` : undefined
  const remembered = sticky === undefined ? undefined : rememberedServer(state, service, sticky)
  const chosen = remembered ?? schedule({ service, packet, now: io.now }, io.choose, `ipvs ${name}`)
  if (!chosen) return { ipvs: 'reject', state, server }
  const { ip, port } = service.realServers[chosen.index]!
  const to = { ip, port }
  const ready = withKeptChecked(state, service, name, chosen)
  const template = remembered && trieGet(state.templates, sticky ?? '')
  const made = { service: name, client: packet.src, real: to }
  const { state: next, id } =
    sticky === undefined ? { state: ready, id: undefined } : renewTemplate(ready, sticky, template, made, server.timeout, io.now)
  const after = progress(undefined, packet, 'client', state.timeouts)
  const connection = connectionOf(name, packet, to, id, after, io.now)
  return {
    ipvs: 'forward',
    state: putConnection(next, tuple, undefined, connection, chosen.memory),
    to,
    server,
    choice: choiceOf(service, chosen, remembered !== undefined),
  }
}

function connectionOf(
  service: string,
  { protocol, src, sport, dst, dport }: Packet,
  real: Target,
  template: TemplateId | undefined,
  { state, active, lasts }: Progress,
  now: number,
): IpvsConnection {
  const client = { ip: src, port: sport }
  const virtual = { ip: dst, port: dport }
  return { service, protocol, client, virtual, real, state, active, expiresAt: now + lasts, template, queuedAt: undefined }
}

/** What lblc and lblcr keep is looked at from the first on. */
function withKeptChecked(state: IpvsState, service: ServiceState, name: string, { memory }: Scheduled): IpvsState {
  if (!memory.kept || (service.memory.kept?.size ?? 0) > 0) return state
  return queueCheck(state, keptUntil(service, memory.kept), { check: 'kept', service: name })
}

/** TCP connections start with a SYN only; later packets of one that ipvs does not know are the host's own affair. */
function mayStart({ protocol, flags }: Packet): boolean {
  return protocol !== 'ICMP' && (flags === undefined || flags === 'SYN' || protocol === 'UDP')
}

/** A template counts only while its real server is there and not quiesced. */
function rememberedServer(state: IpvsState, service: ServiceState, template: string): Scheduled | undefined {
  const { real } = trieGet(state.templates, template) ?? {}
  const index = real && placeOf(service, real)
  if (index === undefined || service.realServers[index]!.weight <= 0) return undefined
  return { index, memory: service.memory, shares: service.realServers.map((_, i) => (i === index ? 1 : 0)) }
}

type Options = Pick<IpvsChoice, 'options'> & { readonly places: readonly number[] }
const options = new WeakMap<Scheduled['shares'], Options>()

/** Most schedulers' shares are the same for every connection, and so are the options told. */
function optionsOf({ realServers }: ServiceState, { index, shares }: Scheduled): Options {
  const known = options.get(shares)
  if (known?.places.includes(index)) return known
  const places = [...realServers.keys()].filter((place) => (shares[place] ?? 0) > 0 || place === index)
  const made = {
    options: places.map((place) => ({ to: { ip: realServers[place]!.ip, port: realServers[place]!.port }, weight: shares[place] ?? 0 })),
    places,
  }
  options.set(shares, made)
  return made
}

function choiceOf(service: ServiceState, scheduled: Scheduled, remembered: boolean): IpvsChoice {
  const { options, places } = optionsOf(service, scheduled)
  return {
    by: remembered ? 'ipvs persistence' : `ipvs ${service.server.scheduler}`,
    options,
    picked: places.indexOf(scheduled.index),
  }
}

/** A client that uses the same port again: its old connection is over, or its real server takes no new ones. */
function mustReschedule({ state, template }: IpvsConnection, weight: number, { flags }: Packet): boolean {
  if (flags !== 'SYN') return false
  return weight === 0 || (template === undefined && (state === 'TIME_WAIT' || state === 'CLOSE' || state === 'CLOSED'))
}

/** The state after one more packet of a known connection. */
function moved(
  ipvs: IpvsState,
  tuple: Tuple,
  connection: IpvsConnection,
  packet: Packet,
  from: 'client' | 'server',
  now: number,
): IpvsState {
  const { service, protocol, client, virtual, real, template, queuedAt } = connection
  const { state, active, lasts } = progress(connection.state, packet, from, ipvs.timeouts)
  const after = { service, protocol, client, virtual, real, state, active, expiresAt: now + lasts, template, queuedAt }
  const next = putConnection(ipvs, tuple, connection, after)
  const assures = template !== undefined && (state === undefined ? from === 'server' : state === 'ESTABLISHED')
  return assures ? assureTemplate(next, after) : next
}
