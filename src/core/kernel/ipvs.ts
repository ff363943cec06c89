import { trieDelete, trieGet, trieSet } from '../base/trie.ts'
import type { Chooser } from './chance.ts'
import { tupleKey, tupleOf } from './conntrack.ts'
import { type Scheduled, schedule } from './ipvsschedulers.ts'
import {
  type IpvsConnection,
  type IpvsState,
  type Load,
  loadsOf,
  type ServiceState,
  serviceName,
  type Template,
  targetName,
} from './ipvsstate.ts'
import { expire, HELD_MILLIS } from './ipvssync.ts'
import { progress } from './ipvstcp.ts'
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
  const key = tupleKey(tupleOf(packet))
  const known = trieGet(state.connections, key)
  if (!known) return startConnection(state, packet, key, io)
  const service = state.services.get(known.service)
  const real = service?.realServers.find((candidate) => targetName(candidate) === targetName(known.real))
  if (!service || !real || mustReschedule(known, real.weight, packet)) {
    const forgotten = { ...state, connections: trieDelete(state.connections, key) }
    return io.tracked ? { ipvs: 'drop', state: forgotten } : startConnection(forgotten, packet, key, io)
  }
  return { ipvs: 'forward', state: moved(state, key, known, packet, 'client', io.now), to: known.real, server: service.server }
}

/**
 * `ip_vs_out`: an answer on its way through the host (forward, input for a client here, output for a server here). `key` is the
 * connection's original tuple. Gives the state after it and the address that the client dialled; undefined if ipvs has forgotten the
 * connection, and the answer passes as it is.
 */
export function ipvsOut(
  before: IpvsState,
  key: string,
  packet: Packet,
  now: number,
): { readonly state: IpvsState; readonly from: Target; readonly server?: VirtualServer } | undefined {
  const state = expire(before, now)
  const connection = trieGet(state.connections, key)
  if (!connection) return undefined
  const server = state.services.get(connection.service)?.server
  const after = moved(state, key, connection, packet, 'server', now)
  return { state: after, from: connection.virtual, ...(server ? { server } : {}) }
}

function startConnection(state: IpvsState, packet: Packet, key: string, io: IpvsIo): IpvsVerdict {
  const name = serviceName(packet.protocol, packet.dst, packet.dport)
  const service = state.services.get(name)
  if (!service || !mayStart(packet)) return { ipvs: 'pass', state }
  const { server } = service
  const sticky = (server.flags & PERSISTENT) !== 0
  const template = `${packet.src} > ${name}`
  const remembered = sticky ? rememberedServer(state, service, template) : undefined
  const chosen = remembered ?? choose(state, service, name, packet, io)
  if (!chosen) return { ipvs: 'reject', state, server }
  const { ip, port } = service.realServers[chosen.index]!
  const to = { ip, port }
  const after = progress(undefined, packet, 'client', state.timeouts)
  const connection: IpvsConnection = {
    service: name,
    protocol: packet.protocol,
    client: { ip: packet.src, port: packet.sport },
    virtual: { ip: packet.dst, port: packet.dport },
    real: to,
    ...(after.state === undefined ? {} : { state: after.state }),
    active: after.active,
    expiresAt: io.now + after.lasts,
    ...(sticky ? { template } : {}),
  }
  const services = new Map(state.services).set(name, { ...service, memory: chosen.memory })
  const next = put({ ...state, services }, key, connection)
  return {
    ipvs: 'forward',
    state: sticky
      ? withTemplate(next, template, renewed(remembered && state.templates.get(template), connection, server.timeout, io.now))
      : next,
    to,
    server,
    choice: choiceOf(service, chosen, remembered !== undefined),
  }
}

function choose(state: IpvsState, service: ServiceState, name: string, packet: Packet, io: IpvsIo): Scheduled | undefined {
  let counted: ReadonlyMap<string, Load> | undefined
  const loads = () => {
    counted ??= loadsOf(state, name, io.now)
    return counted
  }
  return schedule({ service, loads, packet, now: io.now }, io.choose, `ipvs ${name}`)
}

/** TCP connections start with a SYN only; later packets of one that ipvs does not know are the host's own affair. */
function mayStart({ protocol, flags }: Packet): boolean {
  return protocol !== 'ICMP' && (flags === undefined || flags === 'SYN' || protocol === 'UDP')
}

/** A template counts only while its real server is there and not quiesced. */
function rememberedServer(state: IpvsState, service: ServiceState, key: string): Scheduled | undefined {
  const template = state.templates.get(key)
  if (!template) return undefined
  const index = service.realServers.findIndex((real) => real.weight > 0 && targetName(real) === targetName(template.real))
  if (index < 0) return undefined
  return { index, memory: service.memory, shares: service.realServers.map((_, i) => (i === index ? 1 : 0)) }
}

function choiceOf(service: ServiceState, { index, shares }: Scheduled, remembered: boolean): IpvsChoice {
  const all = service.realServers.map(({ ip, port }, i) => ({ i, to: { ip, port }, weight: shares[i] ?? 0 }))
  const open = all.filter(({ i, weight }) => weight > 0 || i === index)
  return {
    by: remembered ? 'ipvs persistence' : `ipvs ${service.server.scheduler}`,
    options: open.map(({ to, weight }) => ({ to, weight })),
    picked: open.findIndex(({ i }) => i === index),
  }
}

/**
 * A template is made for the affinity's timeout, and each connection made from it sets that timer again. If the timer ran out while
 * connections lived on, the kernel has shortened it to a minute for good (`ip_vs_conn_expire`, `expire_later`).
 */
function renewed(before: Template | undefined, { service, client, real }: IpvsConnection, seconds: number, now: number): Template {
  const held = before !== undefined && (before.held === true || before.expiresAt <= now)
  const expiresAt = now + (held ? HELD_MILLIS : seconds * 1000)
  return { service, client: client.ip, real, expiresAt, assured: before?.assured ?? false, ...(held ? { held: true } : {}) }
}

/** A client that uses the same port again: its old connection is over, or its real server takes no new ones. */
function mustReschedule({ state, template }: IpvsConnection, weight: number, { flags }: Packet): boolean {
  if (flags !== 'SYN') return false
  return weight === 0 || (template === undefined && (state === 'TIME_WAIT' || state === 'CLOSE' || state === 'CLOSED'))
}

/** The state after one more packet of a known connection. */
function moved(
  ipvs: IpvsState,
  key: string,
  connection: IpvsConnection,
  packet: Packet,
  from: 'client' | 'server',
  now: number,
): IpvsState {
  const { state, active, lasts } = progress(connection.state, packet, from, ipvs.timeouts)
  const next = put(ipvs, key, { ...connection, ...(state === undefined ? {} : { state }), active, expiresAt: now + lasts })
  const assures = state === undefined ? from === 'server' : state === 'ESTABLISHED'
  const template = assures && connection.template !== undefined ? next.templates.get(connection.template) : undefined
  if (!template || template.assured) return next
  return { ...next, templates: new Map(next.templates).set(connection.template!, { ...template, assured: true }) }
}

function put(state: IpvsState, key: string, connection: IpvsConnection): IpvsState {
  const connections = trieSet(state.connections, key, connection)
  return { ...state, connections, nextCheck: Math.min(state.nextCheck, connection.expiresAt) }
}

function withTemplate(state: IpvsState, key: string, template: Template): IpvsState {
  const templates = new Map(state.templates).set(key, template)
  return { ...state, templates, nextCheck: Math.min(state.nextCheck, template.expiresAt) }
}
