import type { Ip } from '../base/ip.ts'
import { foldAddress, hash32, hsiphash1u32 } from './ipvshash.ts'
import type { RealServer } from './ipvsstate.ts'

/** A hash scheduler's table: per bucket, the index of a real server in the service's list. */
export type BucketTable = readonly number[]

const BUCKETS = 256
/** Maglev's table size: the prime that CONFIG_IP_VS_MH_TAB_INDEX=12 (every common kernel) chooses. */
const MAGLEV_SIZE = 4093
const MAGLEV_BITS = 6
const MAGLEV_OFFSET_KEY: readonly [bigint, bigint] = [2654435761n, 2654435761n]
const MAGLEV_SKIP_KEY: readonly [bigint, bigint] = [2654446892n, 2654446892n]

/** `dh`'s 256 buckets: the list again and again, weights ignored (net/netfilter/ipvs/ip_vs_dh.c). */
export const destinationTable = remembered((servers) =>
  servers.length === 0 ? [] : Array.from({ length: BUCKETS }, (_, bucket) => bucket % servers.length),
)

/** `sh`'s 256 buckets: the list again and again, each server as often as it weighs, but at least once (ip_vs_sh.c). */
export const sourceTable = remembered((servers) => {
  if (servers.length === 0) return []
  const table: number[] = []
  for (let index = 0, given = 0; table.length < BUCKETS; ) {
    table.push(index)
    given++
    if (given < (servers[index]?.weight ?? 0)) continue
    given = 0
    index = (index + 1) % servers.length
  }
  return table
})

/** `mh`'s Maglev table: servers take turns to claim the next free place of their own permutation (ip_vs_mh.c). */
export const maglevTable = remembered((servers) => {
  const divisor = servers.reduce((sofar, { lastWeight }) => gcd(lastWeight, sofar), 0)
  if (divisor < 1) return []
  const heaviest = Math.max(...servers.map(({ lastWeight }) => lastWeight)) / divisor
  const shift = Math.max(0, 32 - Math.clz32(heaviest) - MAGLEV_BITS)
  const seats = servers.map(({ ip, port, lastWeight }) => ({
    place: maglevHash(ip, port, MAGLEV_OFFSET_KEY) % MAGLEV_SIZE,
    skip: (maglevHash(ip, port, MAGLEV_SKIP_KEY) % (MAGLEV_SIZE - 1)) + 1,
    turns: Math.floor(lastWeight / divisor) >> shift || (lastWeight === 0 ? 0 : 1),
  }))
  const table = new Array<number>(MAGLEV_SIZE).fill(-1)
  for (let filled = 0; filled < MAGLEV_SIZE; ) {
    for (const [index, seat] of seats.entries()) {
      for (let turn = 0; turn < seat.turns && filled < MAGLEV_SIZE; turn++) {
        while (table[seat.place] !== -1) seat.place = (seat.place + seat.skip) % MAGLEV_SIZE
        table[seat.place] = index
        filled++
      }
    }
  }
  return table
})

/** The bucket of `dh` for a destination, `sh` for a client (its port only with the sh-port flag), in a table of 256. */
export function bucketOf(ip: Ip, port: number): number {
  return hash32((port + foldAddress(ip)) >>> 0, 8)
}

/** The place in Maglev's table for a client; `port` is 0 without the mh-port flag. */
export function maglevPlaceOf(ip: Ip, port: number): number {
  return maglevHash(ip, port, MAGLEV_OFFSET_KEY) % MAGLEV_SIZE
}

function maglevHash(ip: Ip, port: number, key: readonly [bigint, bigint]): number {
  return hsiphash1u32((port + foldAddress(ip)) >>> 0, key)
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b)
}

/** A table depends on the list alone, and lists are immutable values: each is filled once. */
function remembered(fill: (servers: readonly RealServer[]) => BucketTable): (servers: readonly RealServer[]) => BucketTable {
  const known = new WeakMap<readonly RealServer[], BucketTable>()
  return (servers) => {
    let table = known.get(servers)
    if (!table) {
      table = fill(servers)
      known.set(servers, table)
    }
    return table
  }
}
