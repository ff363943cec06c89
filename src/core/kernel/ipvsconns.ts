import { heapPush, heapRest } from '../base/heap.ts'
import { trieDelete, trieGet, trieSet } from '../base/trie.ts'
import type { Tuple } from './conntrack.ts'
import {
  type IpvsConnection,
  type IpvsState,
  type Load,
  NO_LOAD,
  placeOf,
  type SchedulerMemory,
  type ServiceState,
  type TemplateId,
  withTables,
} from './ipvsstate.ts'

/**
 * The state with a connection as a packet has left it (`before`: as it was, undefined for a new one); its real server's counters follow,
 * and the count of its template's. `memory` is what the scheduler remembers from now on.
 */
export function putConnection(
  state: IpvsState,
  tuple: Tuple,
  before: IpvsConnection | undefined,
  after: IpvsConnection,
  memory?: SchedulerMemory,
): IpvsState {
  const soonest = before?.queuedAt
  const queued = soonest !== undefined && soonest <= after.expiresAt
  const connection = queuedFor(after, queued ? soonest : after.expiresAt)
  const ends = queued ? state.ends : heapPush(state.ends, after.expiresAt, tuple)
  const isCounted = before?.active === after.active && memory === undefined
  const services = isCounted ? state.services : counted(state.services, before, after, memory)
  const templates = before ? state.templates : controlled(state.templates, after.template, 1)
  return withTables(state, services, trieSet(state.connections, tuple, connection), templates, ends)
}

/** The state without a connection: its counters go down with it. */
export function dropConnection(state: IpvsState, tuple: Tuple, connection: IpvsConnection): IpvsState {
  const services = counted(state.services, connection, undefined)
  const templates = controlled(state.templates, connection.template, -1)
  return withTables(state, services, trieDelete(state.connections, tuple), templates, state.ends)
}

/** The state without the connections that have expired by a time. */
export function withoutEnded(state: IpvsState, now: number): IpvsState {
  let next = state
  while (next.ends && next.ends.at <= now) next = withNextEnd(next, next.ends)
  return next
}

/** The queue's first connection: it ends now, or waits on if packets have renewed it since it was put there. */
function withNextEnd(state: IpvsState, first: NonNullable<IpvsState['ends']>): IpvsState {
  const { at, value: tuple } = first
  const rest = heapRest(first)
  const { services, connections, templates } = state
  const connection = trieGet(connections, tuple)
  if (connection?.queuedAt !== at) return withTables(state, services, connections, templates, rest)
  if (connection.expiresAt <= at) return dropConnection(withTables(state, services, connections, templates, rest), tuple, connection)
  const waiting = trieSet(connections, tuple, queuedFor(connection, connection.expiresAt))
  return withTables(state, services, waiting, templates, heapPush(rest, connection.expiresAt, tuple))
}

/** The connection as the queue has it. Every connection has one layout. */
function queuedFor(connection: IpvsConnection, queuedAt: number): IpvsConnection {
  const { service, protocol, client, virtual, real, state, active, expiresAt, template } = connection
  return { service, protocol, client, virtual, real, state, active, expiresAt, template, queuedAt }
}

function counted(
  services: IpvsState['services'],
  before: IpvsConnection | undefined,
  after: IpvsConnection | undefined,
  memory?: SchedulerMemory,
): IpvsState['services'] {
  const name = (after ?? before)?.service ?? ''
  const service = trieGet(services, name)
  const place = service && placeOf(service, (after ?? before)!.real)
  if (!service || place === undefined) return services
  const { active, inactive } = service.loads[place] ?? NO_LOAD
  const load = { active: active + by(after, true) - by(before, true), inactive: inactive + by(after, false) - by(before, false) }
  return trieSet(services, name, withLoads(service, service.loads.with(place, load), memory ?? service.memory))
}

function by(connection: IpvsConnection | undefined, active: boolean): number {
  return connection?.active === active ? 1 : 0
}

function withLoads({ server, realServers, since }: ServiceState, loads: readonly Load[], memory: SchedulerMemory): ServiceState {
  return { server, realServers, loads, memory, since }
}

/** A template knows how many connections live that were made from it. */
function controlled(templates: IpvsState['templates'], id: TemplateId | undefined, by: 1 | -1): IpvsState['templates'] {
  const template = id && trieGet(templates, id.name)
  if (!template || template.serial !== id.serial) return templates
  const { service, client, real, expiresAt, assured, held, serial, queuedAt, controls } = template
  return trieSet(templates, id.name, { service, client, real, expiresAt, assured, held, serial, queuedAt, controls: controls + by })
}
