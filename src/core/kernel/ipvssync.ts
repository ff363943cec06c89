import { trieDelete, trieEntries } from '../base/trie.ts'
import { wrrRound } from './ipvsschedulers.ts'
import {
  emptyIpvs,
  type IpvsState,
  type RealServer,
  type SchedulerMemory,
  type ServiceState,
  serviceName,
  targetName,
} from './ipvsstate.ts'
import type { VirtualServer } from './program.ts'

/** How often kube-proxy looks whether a drained real server is free of connections, and the kernel whether a template is. */
const CHECK_MILLIS = 60_000

/**
 * Brings the kernel's virtual servers in line with what kube-proxy wants, by kube-proxy's own rules (pkg/proxy/ipvs): new endpoints at
 * the head of the list; an endpoint that went away is deleted, but a TCP one with open connections is only quiesced (weight 0) until a
 * check once a minute finds it idle. Also lets time pass: what has expired by `now` goes.
 */
export function syncIpvs(state: IpvsState, wanted: readonly VirtualServer[], now: number): IpvsState {
  if (state === emptyIpvs) return freshIpvs(wanted)
  const current = expire(state, now)
  return current.programmed === wanted ? current : reprogrammed(current, wanted, now)
}

const fresh = new WeakMap<readonly VirtualServer[], IpvsState>()

/** A first sync is the same whenever it happens, and one packet's ways all start from it. */
function freshIpvs(wanted: readonly VirtualServer[]): IpvsState {
  let state = fresh.get(wanted)
  if (!state) {
    state = reprogrammed(emptyIpvs, wanted, 0)
    fresh.set(wanted, state)
  }
  return state
}

function reprogrammed(current: IpvsState, wanted: readonly VirtualServer[], now: number): IpvsState {
  const busy = new Set(busyUntil(current).keys())
  const services = new Map<string, ServiceState>()
  for (const server of wanted) {
    const name = serviceName(server.protocol, server.address, server.port)
    services.set(
      name,
      syncService(current.services.get(name), server, (real) => busy.has(`${name} ${targetName(real)}`), now),
    )
  }
  const next = { ...current, programmed: wanted, services }
  return { ...next, nextCheck: nextCheckOf(next, now) }
}

/** The state at a later time: expired connections and templates are gone, and drained real servers that a check has found idle. */
export function expire(state: IpvsState, now: number): IpvsState {
  if (now < state.nextCheck) return state
  let { connections, services } = state
  for (const [key, { expiresAt }] of trieEntries(state.connections)) if (expiresAt <= now) connections = trieDelete(connections, key)
  const ends = templateEnds(state)
  const templates = new Map([...state.templates].filter(([key, { expiresAt }]) => (ends.get(key) ?? expiresAt) > now))
  const busy = busyUntil(state)
  for (const [name, service] of services) {
    const left = service.realServers.filter((real) => idleAt(real, busy.get(`${name} ${targetName(real)}`) ?? 0) > now)
    if (left.length < service.realServers.length) services = new Map(services).set(name, withServers(service, left))
  }
  const next = { ...state, connections, templates, services }
  return { ...next, nextCheck: nextCheckOf(next, now) }
}

/** When the last connection of each real server ends. */
function busyUntil(state: IpvsState): ReadonlyMap<string, number> {
  const ends = new Map<string, number>()
  for (const [, { service, real, expiresAt }] of trieEntries(state.connections)) {
    const key = `${service} ${targetName(real)}`
    ends.set(key, Math.max(ends.get(key) ?? 0, expiresAt))
  }
  return ends
}

/** When each template ends: while connections made from it live, its timer is set anew, a minute at a time (`ip_vs_conn_expire`). */
function templateEnds(state: IpvsState): ReadonlyMap<string, number> {
  const ends = new Map<string, number>()
  for (const [, { template, expiresAt }] of trieEntries(state.connections)) {
    if (template !== undefined) ends.set(template, Math.max(ends.get(template) ?? 0, expiresAt))
  }
  for (const [key, last] of ends) {
    const { expiresAt } = state.templates.get(key) ?? { expiresAt: last }
    ends.set(key, last <= expiresAt ? expiresAt : expiresAt + Math.ceil((last - expiresAt) / CHECK_MILLIS) * CHECK_MILLIS)
  }
  return ends
}

/** Checks come every minute from the moment of draining; the first one after the last connection's end removes the server. */
function idleAt({ drainedAt }: RealServer, busyUntil: number): number {
  if (drainedAt === undefined) return Number.POSITIVE_INFINITY
  return drainedAt + Math.max(1, Math.ceil((busyUntil - drainedAt) / CHECK_MILLIS)) * CHECK_MILLIS
}

function nextCheckOf(state: IpvsState, now: number): number {
  let next = Number.POSITIVE_INFINITY
  for (const [, { expiresAt }] of trieEntries(state.connections)) next = Math.min(next, expiresAt)
  const ends = templateEnds(state)
  for (const [key, { expiresAt }] of state.templates) next = Math.min(next, ends.get(key) ?? expiresAt)
  // A drained server may become idle by a connection that closes early, so it is looked at every time.
  for (const { realServers } of state.services.values()) if (realServers.some((real) => real.drainedAt !== undefined)) return now
  return next
}

function syncService(
  before: ServiceState | undefined,
  server: VirtualServer,
  isBusy: (real: RealServer) => boolean,
  now: number,
): ServiceState {
  const old = before?.realServers ?? []
  const wanted = new Map(server.realServers.map((real) => [targetName(real), real]))
  const kept = old.flatMap((real): readonly RealServer[] => {
    const again = wanted.get(targetName(real))
    // One that was being drained is deleted and added again; the kernel gives it its connections back.
    if (again && real.drainedAt !== undefined) return []
    if (again) return real.weight === again.weight ? [real] : [added(again)]
    if (server.protocol !== 'TCP' || !isBusy(real)) return []
    return [real.drainedAt === undefined ? { ...real, weight: 0, drainedAt: now } : real]
  })
  const known = new Set(old.filter(({ drainedAt }) => drainedAt === undefined).map(targetName))
  const newcomers = server.realServers.filter((real) => !known.has(targetName(real))).map(added)
  const changed = newcomers.length > 0 || kept.length < old.length || kept.some((real, i) => real !== old[i])
  if (before && !changed) return { ...before, server }
  return { ...withServers(before ?? { server, realServers: [], memory: {} }, [...newcomers, ...kept]), server }
}

function added({ ip, port, weight }: VirtualServer['realServers'][number]): RealServer {
  return { ip, port, weight, lastWeight: weight }
}

/** A changed list, and what its scheduler makes of the change. */
function withServers(service: ServiceState, realServers: readonly RealServer[]): ServiceState {
  return { ...service, realServers, memory: afterChange(service, realServers) }
}

function afterChange({ server, realServers: old, memory }: ServiceState, realServers: readonly RealServer[]): SchedulerMemory {
  const { last, ...rest } = memory
  if (server.scheduler === 'wrr') {
    // Any change sends wrr back to the head of the list; its round goes on where it can.
    const { step, start } = wrrRound(realServers)
    const round = memory.round ?? 0
    if (round > start || round === 0) return { ...rest, round: start }
    return { ...rest, round: step > 1 ? Math.floor(round / step) * step + 1 : round }
  }
  if (last === undefined) return memory
  const names = new Set(realServers.map(targetName))
  // rr steps back to the nearest one before it that is still there, else to the list's head.
  for (let index = old.findIndex((real) => targetName(real) === last); index >= 0; index--) {
    const name = targetName(old[index]!)
    if (names.has(name)) return { ...memory, last: name }
  }
  return rest
}
