import { wrrRound } from './ipvsschedulers.ts'
import {
  type IpvsConnection,
  type IpvsState,
  type RealServer,
  type SchedulerMemory,
  type ServiceState,
  serviceName,
  targetName,
} from './ipvsstate.ts'
import type { VirtualServer } from './program.ts'

/** How often kube-proxy looks whether a drained real server is free of connections. */
const CHECK_MILLIS = 60_000

/**
 * Brings the kernel's virtual servers in line with what kube-proxy wants, by kube-proxy's own rules (pkg/proxy/ipvs): new endpoints at
 * the head of the list; an endpoint that went away is deleted, but a TCP one with open connections is only quiesced (weight 0) until a
 * check once a minute finds it idle. Also lets time pass: what has expired by `now` goes.
 */
export function syncIpvs(state: IpvsState, wanted: readonly VirtualServer[], now: number): IpvsState {
  const current = expire(state, now)
  if (current.programmed === wanted) return current
  const services = new Map<string, ServiceState>()
  for (const server of wanted) {
    const name = serviceName(server.protocol, server.address, server.port)
    services.set(name, syncService(current, current.services.get(name), server, name, now))
  }
  return { ...current, programmed: wanted, services }
}

/** The state at a later time: expired connections and templates are gone, and drained real servers that a check has found idle. */
export function expire(state: IpvsState, now: number): IpvsState {
  let { connections, templates, services } = state
  const gone = [...connections].filter(([, connection]) => connection.expiresAt <= now)
  const busyUntil = new Map<string, number>()
  for (const connection of connections.values()) {
    const key = `${connection.service} ${targetName(connection.real)}`
    busyUntil.set(key, Math.max(busyUntil.get(key) ?? 0, connection.expiresAt))
  }
  for (const [name, service] of services) {
    const left = service.realServers.filter((real) => !isIdleByNow(real, busyUntil.get(`${name} ${targetName(real)}`) ?? 0, now))
    if (left.length < service.realServers.length) services = new Map(services).set(name, withServers(service, left))
  }
  const stale = [...templates].filter(([key, { expiresAt }]) => expiresAt <= now && templateEnd(key, expiresAt, connections) <= now)
  if (gone.length > 0) connections = without(connections, gone)
  if (stale.length > 0) templates = without(templates, stale)
  const same = connections === state.connections && templates === state.templates && services === state.services
  return same ? state : { ...state, connections, templates, services }
}

/**
 * When a template really ends: while connections made from it live, its timer is set anew, a minute at a time (`ip_vs_conn_expire`).
 */
function templateEnd(key: string, expiresAt: number, connections: ReadonlyMap<string, IpvsConnection>): number {
  let last = 0
  for (const connection of connections.values()) if (connection.template === key) last = Math.max(last, connection.expiresAt)
  return last <= expiresAt ? expiresAt : expiresAt + Math.ceil((last - expiresAt) / CHECK_MILLIS) * CHECK_MILLIS
}

/** Checks come every minute from the moment of draining; the first one after the last connection's end removes the server. */
function isIdleByNow({ drainedAt }: RealServer, busyUntil: number, now: number): boolean {
  if (drainedAt === undefined) return false
  const check = drainedAt + Math.max(1, Math.ceil((busyUntil - drainedAt) / CHECK_MILLIS)) * CHECK_MILLIS
  return check <= now
}

function syncService(state: IpvsState, before: ServiceState | undefined, server: VirtualServer, name: string, now: number): ServiceState {
  const old = before?.realServers ?? []
  const wanted = new Map(server.realServers.map((real) => [targetName(real), real]))
  const kept = old.flatMap((real): readonly RealServer[] => {
    const again = wanted.get(targetName(real))
    if (again) return real.weight === again.weight ? [real] : [fresh(again)]
    if (server.protocol !== 'TCP' || !isBusy(state, name, targetName(real))) return []
    return [real.drainedAt === undefined ? { ...real, weight: 0, drainedAt: now } : real]
  })
  const known = new Set(old.map(targetName))
  const added = server.realServers.filter((real) => !known.has(targetName(real))).map(fresh)
  const changed = added.length > 0 || kept.length < old.length || kept.some((real, i) => real !== old[i])
  if (before && !changed) return { ...before, server }
  return { ...withServers(before ?? { server, realServers: [], memory: {} }, [...added, ...kept]), server }
}

function fresh({ ip, port, weight }: VirtualServer['realServers'][number]): RealServer {
  return { ip, port, weight, lastWeight: weight }
}

function isBusy(state: IpvsState, service: string, real: string): boolean {
  for (const connection of state.connections.values())
    if (connection.service === service && targetName(connection.real) === real) return true
  return false
}

/** A changed list, and what its scheduler makes of the change. */
function withServers(service: ServiceState, realServers: readonly RealServer[]): ServiceState {
  return { ...service, realServers, memory: afterChange(service, realServers) }
}

function afterChange({ server, realServers: old, memory }: ServiceState, realServers: readonly RealServer[]): SchedulerMemory {
  if (server.scheduler === 'wrr') {
    // Any change sends wrr back to the head of the list; its round goes on where it can.
    const { step, start } = wrrRound(realServers)
    const round = memory.round ?? 0
    const { last: _, ...rest } = memory
    if (round > start || round === 0) return { ...rest, round: start }
    return { ...rest, round: step > 1 ? Math.floor(round / step) * step + 1 : round }
  }
  if (memory.last === undefined) return memory
  const names = new Set(realServers.map(targetName))
  // rr steps back to the nearest one before it that is still there, else to the list's head.
  for (let index = old.findIndex((real) => targetName(real) === memory.last); index >= 0; index--) {
    const name = targetName(old[index]!)
    if (names.has(name)) return { ...memory, last: name }
  }
  const { last: _, ...rest } = memory
  return rest
}

function without<V>(map: ReadonlyMap<string, V>, gone: readonly (readonly [string, V])[]): ReadonlyMap<string, V> {
  const left = new Map(map)
  for (const [key] of gone) left.delete(key)
  return left
}
