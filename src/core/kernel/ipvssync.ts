import { trieDelete, trieEntries } from '../base/trie.ts'
import { wrrRound } from './ipvsschedulers.ts'
import {
  emptyIpvs,
  type IpvsConnection,
  type IpvsState,
  type RealServer,
  type SchedulerMemory,
  type ServiceState,
  serviceName,
  targetName,
} from './ipvsstate.ts'
import type { IpvsTimeouts } from './ipvstcp.ts'
import type { VirtualServer } from './program.ts'

/** How often kube-proxy looks whether a drained real server is free of connections (`rsCheckDeleteInterval`). */
const CHECK_MILLIS = 60_000
/** How long a template whose time is up goes on while connections made from it live, until the kernel looks again. */
export const HELD_MILLIS = 60_000
/** lblc and lblcr go through their tables every half hour (30 rounds of a minute), and drop what nobody has asked for a day. */
const FULL_CHECK_MILLIS = 30 * 60_000
const KEPT_MILLIS = 24 * 60 * 60_000

/**
 * Brings the kernel's virtual servers in line with what kube-proxy wants, by kube-proxy's own rules (pkg/proxy/ipvs): new endpoints at
 * the head of the list; an endpoint that went away is deleted, but a TCP one with open connections is only quiesced (weight 0) until a
 * check once a minute finds it idle. Also lets time pass: what has expired by `now` goes.
 */
export function syncIpvs(state: IpvsState, wanted: readonly VirtualServer[], now: number, timeouts: IpvsTimeouts = {}): IpvsState {
  if (state === emptyIpvs) return freshIpvs(wanted, now, timeouts)
  const current = expire(state, now)
  return current.programmed === wanted ? current : reprogrammed({ ...current, timeouts }, wanted, now)
}

const fresh = new WeakMap<readonly VirtualServer[], { readonly now: number; readonly state: IpvsState }>()

/** One packet's ways all start from the same first sync. */
function freshIpvs(wanted: readonly VirtualServer[], now: number, timeouts: IpvsTimeouts): IpvsState {
  const known = fresh.get(wanted)
  if (known?.now === now) return known.state
  const state = reprogrammed({ ...emptyIpvs, timeouts }, wanted, now)
  fresh.set(wanted, { now, state })
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
  const next = withoutOrphans({ ...current, programmed: wanted, services })
  return { ...next, nextCheck: nextCheckOf(next, now) }
}

/**
 * A real server that is deleted takes its connections and templates with it at once: `expire_nodest_conn`, which kube-proxy sets, since
 * kernel 5.9 (`ip_vs_expire_nodest_conn_flush`); before, a connection went with its next packet.
 */
function withoutOrphans(state: IpvsState): IpvsState {
  const names = new Set<string>()
  for (const [name, { realServers }] of state.services) for (const real of realServers) names.add(`${name} ${targetName(real)}`)
  const isOrphan = ({ service, real }: Pick<IpvsConnection, 'service' | 'real'>) => !names.has(`${service} ${targetName(real)}`)
  let { connections } = state
  for (const [key, connection] of trieEntries(state.connections)) if (isOrphan(connection)) connections = trieDelete(connections, key)
  const templates = new Map([...state.templates].filter(([, template]) => !isOrphan(template)))
  return { ...state, connections, templates }
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
    const tidy = withoutStale(left.length < service.realServers.length ? withServers(service, left) : service, now)
    if (tidy !== service) services = new Map(services).set(name, tidy)
  }
  const next = { ...state, connections, templates, services }
  return { ...next, nextCheck: nextCheckOf(next, now) }
}

/** The service without what lblc or lblcr has kept too long, as `ip_vs_lblc_full_check` leaves it. */
function withoutStale(service: ServiceState, now: number): ServiceState {
  const { kept } = service.memory
  if (!kept) return service
  const left = [...kept].filter(([, { usedAt }]) => keptUntil(service, usedAt) > now)
  return left.length === kept.size ? service : { ...service, memory: { ...service.memory, kept: new Map(left) } }
}

/** The first full check that finds an entry a day old; until then even an older one is used. */
function keptUntil({ since }: ServiceState, usedAt: number): number {
  return since + Math.max(1, Math.ceil((usedAt + KEPT_MILLIS - since) / FULL_CHECK_MILLIS)) * FULL_CHECK_MILLIS
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
    ends.set(key, last <= expiresAt ? expiresAt : expiresAt + Math.ceil((last - expiresAt) / HELD_MILLIS) * HELD_MILLIS)
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
  for (const service of state.services.values()) {
    for (const { usedAt } of service.memory.kept?.values() ?? []) next = Math.min(next, keptUntil(service, usedAt))
  }
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
  return { ...withServers(before ?? { server, realServers: [], memory: {}, since: now }, [...newcomers, ...kept]), server }
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
