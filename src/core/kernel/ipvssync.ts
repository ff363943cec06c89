import { heapPush, heapRest } from '../base/heap.ts'
import { emptyTrie, trieDelete, trieEntries, trieGet, trieSet, trieSetAll } from '../base/trie.ts'
import { dropConnection, withoutEnded } from './ipvsconns.ts'
import { keptUntil, wrrRound } from './ipvsschedulers.ts'
import {
  type Check,
  emptyIpvs,
  type IpvsConnection,
  type IpvsState,
  NO_LOAD,
  placeNamed,
  placeOf,
  type RealServer,
  type SchedulerMemory,
  type ServiceState,
  serviceName,
  targetName,
  withTables,
} from './ipvsstate.ts'
import type { IpvsTimeouts } from './ipvstcp.ts'
import { checkTemplate } from './ipvstemplates.ts'
import type { VirtualServer } from './program.ts'

/** How often kube-proxy looks whether a drained real server is free of connections (`rsCheckDeleteInterval`). */
const CHECK_MILLIS = 60_000

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
  const services = new Map<string, ServiceState>()
  let drains: IpvsState['checks'] = current.checks
  for (const server of wanted) {
    const name = serviceName(server.protocol, server.address, server.port)
    const service = syncService(trieGet(current.services, name), server, now)
    services.set(name, service)
    if (service.realServers.some(({ drainedAt }) => drainedAt === now)) {
      drains = heapPush(drains, now + CHECK_MILLIS, { check: 'drained' as const, service: name, since: now })
    }
  }
  return withoutOrphans({ ...current, programmed: wanted, services: trieSetAll(emptyTrie, services), checks: drains }, current)
}

/**
 * A real server that is deleted takes its connections and templates with it at once: `expire_nodest_conn`, which kube-proxy sets, since
 * kernel 5.9 (`ip_vs_expire_nodest_conn_flush`); before, a connection went with its next packet.
 */
function withoutOrphans(state: IpvsState, before: IpvsState): IpvsState {
  if (!hasLost(state, before)) return state
  let next = state
  for (const [tuple, connection] of trieEntries(state.connections)) {
    if (isOrphan(state, connection)) next = dropConnection(next, tuple, connection)
  }
  return withoutOrphanTemplates(next)
}

function withoutOrphanTemplates(state: IpvsState): IpvsState {
  let { templates } = state
  for (const [name, template] of trieEntries(templates)) if (isOrphan(state, template)) templates = trieDelete(templates, name)
  return templates === state.templates ? state : withTables(state, state.services, state.connections, templates, state.ends)
}

function isOrphan({ services }: IpvsState, { service, real }: Pick<IpvsConnection, 'service' | 'real'>): boolean {
  const at = trieGet(services, service)
  return !at || placeOf(at, real) === undefined
}

/** Whether a real server that connections or templates may lead to is no more. */
function hasLost(state: IpvsState, before: IpvsState): boolean {
  if (before.connections.size === 0 && before.templates.size === 0) return false
  for (const [name, service] of trieEntries(before.services)) {
    const after = trieGet(state.services, name)
    if (after?.realServers === service.realServers) continue
    if (service.realServers.some((real) => !after || placeOf(after, real) === undefined)) return true
  }
  return false
}

/** Whether anything expires or is looked at by a time. */
export function isDue({ ends, checks }: IpvsState, now: number): boolean {
  return (ends !== undefined && ends.at <= now) || (checks !== undefined && checks.at <= now)
}

/** The state with one thing more to look at. */
export function queueCheck(state: IpvsState, at: number, check: Check): IpvsState {
  const { programmed, services, connections, templates, nextTemplate, timeouts, ends, checks } = state
  return { programmed, services, connections, templates, nextTemplate, timeouts, ends, checks: heapPush(checks, at, check) }
}

/** The state at a later time: expired connections and templates are gone, and drained real servers that a check has found idle. */
export function expire(state: IpvsState, now: number): IpvsState {
  let next = state
  while (next.checks && next.checks.at <= now) {
    const { at, value } = next.checks
    // Connections that end at that moment have ended.
    next = withoutEnded(next, at)
    next = checked({ ...next, checks: heapRest(next.checks!) }, value, at, now)
  }
  return withoutEnded(next, now)
}

function checked(state: IpvsState, check: Check, at: number, now: number): IpvsState {
  // Until the next connection ends, and until `now`, whatever looks again every so often would find the same.
  const again = (period: number) => {
    const toEnd = Math.ceil(((state.ends?.at ?? Number.POSITIVE_INFINITY) - at) / period)
    return at + Math.max(1, Math.min(toEnd, Math.floor((now - at) / period) + 1)) * period
  }
  switch (check.check) {
    case 'template':
      return checkTemplate(state, check.template, at, again)
    case 'drained':
      return checkDrained(state, check, again(CHECK_MILLIS))
    case 'kept':
      return checkKept(state, check, at)
  }
}

/** Checks come every minute from the moment of draining; the first one after the last connection's end removes the server. */
function checkDrained(state: IpvsState, check: Extract<Check, { check: 'drained' }>, again: number): IpvsState {
  const service = trieGet(state.services, check.service)
  if (!service) return state
  const isDrained = ({ drainedAt }: RealServer) => drainedAt === check.since
  const left = service.realServers.filter((real, place) => !isDrained(real) || isBusy(service, place))
  const isRemoving = left.length < service.realServers.length
  const next = isRemoving ? withoutOrphanTemplates(withService(state, check.service, withServers(service, left))) : state
  return left.some(isDrained) ? queueCheck(next, again, check) : next
}

/** The service without what lblc or lblcr has kept too long. */
function checkKept(state: IpvsState, check: Extract<Check, { check: 'kept' }>, at: number): IpvsState {
  const service = trieGet(state.services, check.service)
  if (!service?.memory.kept) return state
  const left = new Map([...service.memory.kept].filter((entry) => keptUntil(service, new Map([entry])) > at))
  const memory = { ...service.memory, kept: left }
  const next = left.size === service.memory.kept.size ? state : withService(state, check.service, { ...service, memory })
  return left.size === 0 ? next : queueCheck(next, keptUntil(service, left), check)
}

function withService(state: IpvsState, name: string, service: ServiceState): IpvsState {
  return withTables(state, trieSet(state.services, name, service), state.connections, state.templates, state.ends)
}

function isBusy({ loads }: ServiceState, place: number): boolean {
  const { active, inactive } = loads[place] ?? NO_LOAD
  return active + inactive > 0
}

function syncService(before: ServiceState | undefined, server: VirtualServer, now: number): ServiceState {
  const old = before?.realServers ?? []
  const wanted = new Map(server.realServers.map((real) => [targetName(real), real]))
  const kept = old.flatMap((real, place): readonly RealServer[] => {
    const again = wanted.get(targetName(real))
    // One that was being drained is deleted and added again; the kernel gives it its connections back.
    if (again && real.drainedAt !== undefined) return []
    if (again) return real.weight === again.weight ? [real] : [added(again)]
    if (server.protocol !== 'TCP' || !before || !isBusy(before, place)) return []
    return [real.drainedAt === undefined ? { ...real, weight: 0, drainedAt: now } : real]
  })
  const known = new Set(old.filter(({ drainedAt }) => drainedAt === undefined).map(targetName))
  const newcomers = server.realServers.filter((real) => !known.has(targetName(real))).map(added)
  const changed = newcomers.length > 0 || kept.length < old.length || kept.some((real, i) => real !== old[i])
  const synced = before && !changed ? before : withServers(before ?? emptyService(server, now), [...newcomers, ...kept])
  const { realServers, loads, memory, since } = synced
  return { server, realServers, loads, memory, since }
}

function emptyService(server: VirtualServer, now: number): ServiceState {
  return { server, realServers: [], loads: [], memory: {}, since: now }
}

function added({ ip, port, weight }: VirtualServer['realServers'][number]): RealServer {
  return { ip, port, weight, lastWeight: weight }
}

/** A changed list, the counts of those that stay, and what the scheduler makes of the change. */
function withServers(service: ServiceState, realServers: readonly RealServer[]): ServiceState {
  const loads = realServers.map((real) => service.loads[placeOf(service, real) ?? -1] ?? NO_LOAD)
  const { server, since } = service
  return { server, realServers, loads, memory: afterChange(service, realServers), since }
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
  // rr steps back to the nearest one before it that is still there, else to the list's head.
  for (let index = placeNamed(old, last) ?? -1; index >= 0; index--) {
    const name = targetName(old[index]!)
    if (placeNamed(realServers, name) !== undefined) return { ...memory, last: name }
  }
  return rest
}
