import type { Chooser } from './chance.ts'
import { type Load, NO_LOAD, placeNamed, type RealServer, type SchedulerMemory, type ServiceState, targetName } from './ipvsstate.ts'
import { bucketOf, destinationTable, maglevPlaceOf, maglevTable, sourceTable } from './ipvstables.ts'
import type { Packet } from './packet.ts'
import { HASH_PORT, type SchedulerName } from './program.ts'

const KEEP_MILLIS = 24 * 60 * 60 * 1000
/** lblc and lblcr go through their tables every half hour (30 rounds of a minute), and drop what nobody has asked for a day. */
const FULL_CHECK_MILLIS = 30 * 60_000

/** What a scheduler is asked: which real server a new connection goes to. */
export type Question = {
  readonly service: ServiceState
  /** As it arrives, still for the virtual server. */
  readonly packet: Packet
  readonly now: number
}

export type Scheduled = {
  /** The chosen real server's place in the list. */
  readonly index: number
  readonly memory: SchedulerMemory
  /** Every real server's share of new connections in the long run, in list order. */
  readonly shares: readonly number[]
}

type Scheduler = {
  /** What the kernel would take now, from its counters, tables and connection counts. */
  readonly pick: (question: Question) => { readonly index: number; readonly memory?: SchedulerMemory } | undefined
  readonly shares: (question: Question) => readonly number[]
  readonly remember?: (question: Question, index: number) => SchedulerMemory
}

/**
 * The real server for a new connection, or undefined where none is usable. The kernel's schedulers throw no dice: the answer follows
 * from the state. Only when every way is asked for (`choose.enumerates`) do counters and connection counts stand as unknown: then each
 * server comes with its long-run share, except for the hash schedulers, whose table knows the client.
 */
export function schedule(question: Question, choose: Chooser, key: string): Scheduled | undefined {
  const scheduler = schedulers[question.service.server.scheduler]
  const shares = scheduler.shares(question)
  if (shares.every((share) => share === 0)) return undefined
  if (choose.enumerates) {
    // A quiesced server's part of a hash table leads nowhere.
    const lost = 1 - shares.reduce((sum, share) => sum + share, 0)
    const index = choose(key, lost > 1e-9 ? [...shares, lost] : shares)
    if (index === shares.length) return undefined
    return { index, shares, memory: scheduler.remember?.(question, index) ?? question.service.memory }
  }
  const picked = scheduler.pick(question)
  if (!picked) return undefined
  const memory = picked.memory ?? scheduler.remember?.(question, picked.index) ?? question.service.memory
  return { index: picked.index, shares, memory }
}

const usable = ({ weight }: RealServer) => weight > 0
const nameAt = ({ service }: Question, index: number) => targetName(service.realServers[index]!)
const loadAt = ({ service }: Question, index: number) => service.loads[index] ?? NO_LOAD
/** ip_vs_dest_conn_overhead: an active connection is as dear as 256 inactive ones. */
const overhead = ({ active, inactive }: Load) => active * 256 + inactive

function only(question: Question, index: number | undefined): readonly number[] {
  return question.service.realServers.map((_, i) => (i === index ? 1 : 0))
}

const weightShares = rememberedShares((servers) => {
  const total = servers.reduce((sum, { weight }) => sum + weight, 0)
  return servers.map(({ weight }) => (total === 0 ? 0 : weight / total))
})

const evenShares = rememberedShares((servers) => {
  const count = servers.filter(usable).length
  return servers.map((server) => (usable(server) ? 1 / count : 0))
})

const byWeight = ({ service }: Question) => weightShares(service.realServers)
const evenly = ({ service }: Question) => evenShares(service.realServers)

/** Shares that depend on the list alone: lists are immutable values. */
function rememberedShares(share: (servers: readonly RealServer[]) => readonly number[]): typeof share {
  const known = new WeakMap<readonly RealServer[], readonly number[]>()
  return (servers) => {
    const shares = known.get(servers) ?? share(servers)
    known.set(servers, shares)
    return shares
  }
}

// Round robin --------------------------------------------------------------------------------------------------------------------

const rememberLast = (question: Question, index: number): SchedulerMemory => ({
  ...question.service.memory,
  last: nameAt(question, index),
})

function indexOfLast({ service }: Question): number {
  const { last } = service.memory
  return (last === undefined ? undefined : placeNamed(service.realServers, last)) ?? -1
}

const rr: Scheduler = {
  shares: evenly,
  remember: rememberLast,
  pick: (question) => {
    const { realServers } = question.service
    const last = indexOfLast(question)
    for (let step = 1; step <= realServers.length; step++) {
      const index = (last + step) % realServers.length
      if (usable(realServers[index]!)) return { index }
    }
    return undefined
  },
}

/** The step by which wrr's round goes down, and the weight that it starts from (ip_vs_wrr.c: `di`, `mw`). */
export function wrrRound(servers: readonly RealServer[]): { readonly step: number; readonly start: number } {
  const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))
  const step = servers.reduce((sofar, { weight }) => gcd(weight, sofar), 0) || 1
  return { step, start: Math.max(0, ...servers.map(({ weight }) => weight)) - (step - 1) }
}

const wrr: Scheduler = {
  shares: byWeight,
  remember: rememberLast,
  pick: (question) => {
    const { realServers, memory } = question.service
    const { step, start } = wrrRound(realServers)
    if (start <= 0) return undefined
    let round = memory.round ?? start
    let index = indexOfLast(question)
    // Every weight is at least 1, so one full descent of the round must meet somebody.
    for (let tries = 0; tries <= (start + 1) * (realServers.length + 1); tries++) {
      index++
      if (index === realServers.length) {
        index = -1
        round = round - step <= 0 ? start : round - step
      } else if (realServers[index]!.weight >= round) return { index, memory: { ...memory, last: nameAt(question, index), round } }
    }
    return undefined
  },
}

// Least connections --------------------------------------------------------------------------------------------------------------

/** The usable server with the smallest cost; a later one must be strictly better. */
function cheapest(question: Question, among: readonly number[], isLess: IsLess): number | undefined {
  const { realServers } = question.service
  let least: number | undefined
  for (const index of among) {
    if (!usable(realServers[index]!)) continue
    if (least === undefined || isLess(index, least)) least = index
  }
  return least
}

type IsLess = (a: number, b: number) => boolean

const everyIndex = ({ service }: Question) => [...service.realServers.keys()]
const found = (index: number | undefined) => (index === undefined ? undefined : { index })

const lc: Scheduler = {
  shares: evenly,
  pick: (question) =>
    found(cheapest(question, everyIndex(question), (a, b) => overhead(loadAt(question, a)) < overhead(loadAt(question, b)))),
}

/** Cost per weight, compared crosswise as the kernel does, without fractions. */
function cheaperBy(cost: (load: Load) => number, question: Question): IsLess {
  const { realServers } = question.service
  return (a, b) => cost(loadAt(question, b)) * realServers[a]!.weight > cost(loadAt(question, a)) * realServers[b]!.weight
}

const leastConnections = (question: Question, among: readonly number[] = everyIndex(question)) =>
  cheapest(question, among, cheaperBy(overhead, question))

const wlc: Scheduler = { shares: byWeight, pick: (question) => found(leastConnections(question)) }

const expectedDelay = (load: Load) => load.active + 1

const sed: Scheduler = {
  shares: byWeight,
  pick: (question) => found(cheapest(question, everyIndex(question), cheaperBy(expectedDelay, question))),
}

const nq: Scheduler = {
  shares: byWeight,
  pick: (question) => {
    const idle = question.service.realServers.findIndex((server, index) => usable(server) && loadAt(question, index).active === 0)
    return idle >= 0 ? { index: idle } : sed.pick(question)
  },
}

// Locality -----------------------------------------------------------------------------------------------------------------------

/** Busier than it weighs while another one is less than half as busy. */
function isOverloaded(question: Question, index: number): boolean {
  const { realServers } = question.service
  if (loadAt(question, index).active <= realServers[index]!.weight) return false
  return realServers.some(({ weight }, other) => loadAt(question, other).active * 2 < weight)
}

function keptIndices(question: Question): readonly number[] {
  const names = question.service.memory.kept?.get(question.packet.dst)?.servers ?? []
  return names.flatMap((name) => placeNamed(question.service.realServers, name) ?? [])
}

function keep(question: Question, servers: readonly string[], changedAt: number): SchedulerMemory {
  const kept = new Map(question.service.memory.kept ?? [])
  return { ...question.service.memory, kept: kept.set(question.packet.dst, { servers, changedAt, usedAt: question.now }) }
}

/**
 * When the first entry of what is kept goes, as `ip_vs_lblc_full_check` does it: the first full check that finds it a day old; until
 * then even an older one is used.
 */
export function keptUntil({ since }: Pick<ServiceState, 'since'>, kept: NonNullable<SchedulerMemory['kept']>): number {
  const ends = [...kept.values()].map(({ usedAt }) => Math.max(1, Math.ceil((usedAt + KEEP_MILLIS - since) / FULL_CHECK_MILLIS)))
  return since + Math.min(...ends) * FULL_CHECK_MILLIS
}

/** The server that the destination is kept on, if it may still be used. */
function locality(question: Question): number | undefined {
  const least = leastConnections(question, keptIndices(question))
  return least !== undefined && !isOverloaded(question, least) ? least : undefined
}

const lblc: Scheduler = {
  shares: (question) => {
    const kept = locality(question)
    return kept === undefined ? byWeight(question) : only(question, kept)
  },
  pick: (question) => found(locality(question) ?? leastConnections(question)),
  remember: (question, index) => {
    const { servers, changedAt } = question.service.memory.kept?.get(question.packet.dst) ?? { servers: [], changedAt: question.now }
    const chosen = nameAt(question, index)
    return servers[0] === chosen ? keep(question, servers, changedAt) : keep(question, [chosen], question.now)
  },
}

const lblcr: Scheduler = {
  shares: lblc.shares,
  pick: lblc.pick,
  remember: (question, index) => {
    const { service, packet, now } = question
    const before = service.memory.kept?.get(packet.dst)
    if (!before) return keep(question, [nameAt(question, index)], now)
    let servers: readonly string[] = before.servers
    let { changedAt } = before
    if (servers.length > 1 && now > changedAt + KEEP_MILLIS) {
      const busiest = mostConnections(question)
      servers = servers.filter((name) => name !== busiest)
      changedAt = now
    }
    const chosen = nameAt(question, index)
    if (index !== locality(question) && !servers.includes(chosen)) {
      servers = [chosen, ...servers]
      changedAt = now
    }
    return keep(question, servers, changedAt)
  },
}

function mostConnections(question: Question): string | undefined {
  const { realServers } = question.service
  const among = keptIndices(question).filter((index) => usable(realServers[index]!))
  const isLess = cheaperBy(overhead, question)
  const most = among.reduce<number | undefined>((sofar, index) => {
    if (sofar === undefined) return index
    return isLess(sofar, index) ? index : sofar
  }, undefined)
  return most === undefined ? undefined : nameAt(question, most)
}

// Hashing ------------------------------------------------------------------------------------------------------------------------

const dh: Scheduler = hashing(
  ({ service }) => destinationTable(service.realServers),
  ({ packet }) => bucketOf(packet.dst, 0),
  () => false,
)

const sh: Scheduler = hashing(
  ({ service }) => sourceTable(service.realServers),
  ({ packet, service }, port) => bucketOf(packet.src, service.server.flags & HASH_PORT ? port : 0),
  ({ service }) => (service.server.flags & HASH_PORT) !== 0,
)

const mh: Scheduler = hashing(
  ({ service }) => maglevTable(service.realServers),
  ({ packet, service }, port) => maglevPlaceOf(packet.src, service.server.flags & HASH_PORT ? port : 0),
  ({ service }) => (service.server.flags & HASH_PORT) !== 0,
)

/**
 * A scheduler that looks its answer up in a table. A quiesced server fails the connection. Where the client's port is hashed, its next
 * connection falls anywhere in the table, so the long-run shares are the table's.
 */
function hashing(
  tableOf: (question: Question) => readonly number[],
  placeOf: (question: Question, port: number) => number,
  byPort: (question: Question) => boolean,
): Scheduler {
  const pick = (question: Question) => {
    const index = tableOf(question)[placeOf(question, question.packet.sport)]
    const server = index === undefined ? undefined : question.service.realServers[index]
    return index !== undefined && server && usable(server) ? { index } : undefined
  }
  return {
    pick,
    shares: (question) => {
      if (!byPort(question)) return only(question, pick(question)?.index)
      const table = tableOf(question)
      const { realServers } = question.service
      const seats = realServers.map(() => 0)
      for (const index of table) if (usable(realServers[index]!)) seats[index]!++
      return seats.map((count) => (table.length === 0 ? 0 : count / table.length))
    },
  }
}

const schedulers: Record<SchedulerName, Scheduler> = { rr, wrr, lc, wlc, lblc, lblcr, sh, dh, sed, nq, mh }
