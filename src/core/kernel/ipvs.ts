import type { Chooser } from './chance.ts'
import { type Scheduled, schedule } from './ipvsschedulers.ts'
import { type IpvsConnection, type IpvsState, loadsOf, NO_LOAD, type ServiceState, serviceName, targetName } from './ipvsstate.ts'
import { expire } from './ipvssync.ts'
import { progress } from './ipvstcp.ts'
import type { Packet } from './packet.ts'
import type { Target, VirtualServer } from './program.ts'

/** IP_VS_SVC_F_PERSISTENT */
const PERSISTENT = 0x1

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
  const key = connectionKey(packet)
  const known = state.connections.get(key)
  if (!known) return startConnection(state, packet, key, io)
  const service = state.services.get(known.service)
  const real = service?.realServers.find((candidate) => targetName(candidate) === targetName(known.real))
  if (!service || !real || mustReschedule(known, real.weight, packet)) {
    const forgotten = forget(state, key)
    return io.tracked ? { ipvs: 'drop', state: forgotten } : startConnection(forgotten, packet, key, io)
  }
  const connection = moved(known, packet, 'client', io.now)
  return { ipvs: 'forward', state: put(state, key, connection), to: known.real, server: service.server }
}

/**
 * `ip_vs_out`: an answer on its way through the host (forward, or input for the host's own). Gives the state after it and the address
 * that the client knows, or undefined if it answers no ipvs connection. `packet.dst` must be the client: conntrack has undone masquerading.
 */
export function ipvsOut(before: IpvsState, packet: Packet, now: number): { readonly state: IpvsState; readonly from: Target } | undefined {
  const state = expire(before, now)
  for (const [key, connection] of state.connections) {
    if (!answers(packet, connection)) continue
    return { state: put(state, key, moved(connection, packet, 'server', now)), from: connection.virtual }
  }
  return undefined
}

/** The virtual server that a packet is for, whether or not it has real servers. */
export function ipvsServiceOf(state: IpvsState, packet: Packet): ServiceState | undefined {
  return state.services.get(serviceName(packet.protocol, packet.dst, packet.dport))
}

/** The virtual address of the connection that a packet belongs to, in either direction: what iptables' `-m ipvs --vaddr` asks. */
export function ipvsConnectionOf(state: IpvsState, packet: Packet): IpvsConnection | undefined {
  for (const connection of state.connections.values()) {
    if (answers(packet, connection)) return connection
    const { client, virtual, real, protocol } = connection
    if (protocol !== packet.protocol || packet.src !== client.ip || packet.sport !== client.port) continue
    for (const at of [virtual, real]) if (packet.dst === at.ip && packet.dport === at.port) return connection
  }
  return undefined
}

function answers(packet: Packet, { protocol, client, real }: IpvsConnection): boolean {
  return (
    protocol === packet.protocol &&
    packet.src === real.ip &&
    packet.sport === real.port &&
    packet.dst === client.ip &&
    packet.dport === client.port
  )
}

function startConnection(state: IpvsState, packet: Packet, key: string, io: IpvsIo): IpvsVerdict {
  const service = ipvsServiceOf(state, packet)
  if (!service || !mayStart(packet)) return { ipvs: 'pass', state }
  const name = serviceName(packet.protocol, packet.dst, packet.dport)
  const persistent = (service.server.flags & PERSISTENT) !== 0
  const templateKey = `${packet.src} > ${name}`
  const remembered = persistent ? rememberedServer(state, service, templateKey) : undefined
  const chosen = remembered ?? choose(state, service, name, packet, io)
  if (!chosen) return { ipvs: 'reject', state, server: service.server }
  const { ip, port } = service.realServers[chosen.index]!
  const to = { ip, port }
  const after = progress(undefined, false, packet, 'client')
  const connection: IpvsConnection = {
    service: name,
    protocol: packet.protocol,
    client: { ip: packet.src, port: packet.sport },
    virtual: { ip: packet.dst, port: packet.dport },
    real: to,
    ...(after.tcp === undefined ? {} : { tcp: after.tcp }),
    active: after.active,
    expiresAt: io.now + after.lasts,
    ...(persistent ? { template: templateKey } : {}),
  }
  const services = new Map(state.services).set(name, { ...service, memory: chosen.memory })
  const next = put({ ...state, services }, key, connection)
  const template = { service: name, client: packet.src, real: to, expiresAt: io.now + service.server.timeout * 1000 }
  return {
    ipvs: 'forward',
    state: persistent ? { ...next, templates: new Map(next.templates).set(templateKey, template) } : next,
    to,
    server: service.server,
    choice: choiceOf(service, chosen, remembered !== undefined),
  }
}

function choose(state: IpvsState, service: ServiceState, name: string, packet: Packet, io: IpvsIo): Scheduled | undefined {
  return schedule({ service, loads: loadsOf(state, name, io.now), packet, now: io.now }, io.choose, `ipvs ${name}`)
}

/** TCP connections start with a SYN only; later packets of one that ipvs does not know are the host's own affair. */
function mayStart({ protocol, flags }: Packet): boolean {
  return protocol === 'ICMP' ? false : flags === undefined || flags === 'SYN' || protocol === 'UDP'
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
  if (remembered) {
    const { ip, port } = service.realServers[index]!
    return { by: 'ipvs persistence', options: [{ to: { ip, port }, weight: 1 }], picked: 0 }
  }
  const open = service.realServers.map((real, i) => ({ i, to: { ip: real.ip, port: real.port }, weight: shares[i] ?? 0 }))
  const options = open.filter(({ i, weight }) => weight > 0 || i === index)
  return {
    by: `ipvs ${service.server.scheduler}`,
    options: options.map(({ to, weight }) => ({ to, weight })),
    picked: options.findIndex(({ i }) => i === index),
  }
}

/** A client that uses the same port again: its old connection is over, or its real server takes no new ones. */
function mustReschedule({ tcp, template }: IpvsConnection, weight: number, { flags }: Packet): boolean {
  if (flags !== 'SYN') return false
  return weight === 0 || (template === undefined && (tcp === 'TIME_WAIT' || tcp === 'CLOSE'))
}

function moved(connection: IpvsConnection, packet: Packet, from: 'client' | 'server', now: number): IpvsConnection {
  const after = progress(connection.tcp, connection.active, packet, from)
  return { ...connection, ...(after.tcp === undefined ? {} : { tcp: after.tcp }), active: after.active, expiresAt: now + after.lasts }
}

function connectionKey({ protocol, src, sport, dst, dport }: Packet): string {
  return `${protocol} ${targetName({ ip: src, port: sport })} > ${targetName({ ip: dst, port: dport })}`
}

function put(state: IpvsState, key: string, connection: IpvsConnection): IpvsState {
  return { ...state, connections: new Map(state.connections).set(key, connection) }
}

function forget(state: IpvsState, key: string): IpvsState {
  const connections = new Map(state.connections)
  connections.delete(key)
  return { ...state, connections }
}

/** `ipvsadm -Ln`: the table of virtual servers with weights and open connections. */
export function printIpvsTable(state: IpvsState, now: number): readonly string[] {
  const lines = ['Prot LocalAddress:Port Scheduler Flags', '  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn']
  for (const [name, { server, realServers }] of state.services) {
    const loads = loadsOf(state, name, now)
    lines.push(`${name.replace(' ', '  ')} ${server.scheduler}${server.flags & PERSISTENT ? ` persistent ${server.timeout}` : ''}`)
    for (const real of realServers) {
      const { active, inactive } = loads.get(targetName(real)) ?? NO_LOAD
      const counts = `${String(real.weight).padEnd(6)} ${String(active).padEnd(10)} ${String(inactive).padEnd(10)}`
      lines.push(`  -> ${targetName(real).padEnd(28)} Masq    ${counts}`.trimEnd())
    }
  }
  return lines
}
