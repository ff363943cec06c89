import { trieGet } from '../base/trie.ts'
import { withoutEnded } from './ipvsconns.ts'
import { type IpvsState, NO_LOAD, serviceName, targetName } from './ipvsstate.ts'
import { bucketOf, destinationTable, maglevPlaceOf, maglevTable, sourceTable } from './ipvstables.ts'
import type { Packet } from './packet.ts'
import { HASH_PORT, type SchedulerName } from './program.ts'

/** What a virtual server's scheduler goes by for one client, at one moment. Real servers are named `ip:port`. */
export type SchedulerLook = {
  readonly scheduler: SchedulerName
  readonly servers: Readonly<Record<string, { readonly weight: number; readonly active: number; readonly inactive: number }>>
  /** rr, wrr: the one chosen last. */
  readonly last?: string
  /** lblc, lblcr: where the address is kept. */
  readonly kept?: readonly string[]
  /** sh, dh, mh: the client's place in the table, the table's size, and whom it holds there. */
  readonly place?: { readonly at: number; readonly of: number; readonly holds?: string }
}

/** The scheduler of the virtual server that a packet is for, before it is asked; undefined where there is none. */
export function lookAtScheduler(state: IpvsState, packet: Packet, now: number): SchedulerLook | undefined {
  const name = serviceName(packet.protocol, packet.dst, packet.dport)
  const service = trieGet(withoutEnded(state, now).services, name)
  if (!service) return undefined
  const { server, realServers, loads, memory } = service
  const kept = memory.kept?.get(packet.dst)?.servers
  const seat = seatOf(server.scheduler, packet, server.flags & HASH_PORT ? packet.sport : 0)
  const table = seat?.table(realServers)
  const held = table && realServers[table[seat?.at ?? 0] ?? -1]
  const servers: Record<string, SchedulerLook['servers'][string]> = {}
  for (const [place, real] of realServers.entries()) {
    const { active, inactive } = loads[place] ?? NO_LOAD
    servers[targetName(real)] = { weight: real.weight, active, inactive }
  }
  return {
    scheduler: server.scheduler,
    servers,
    ...(memory.last !== undefined && { last: memory.last }),
    ...(kept && { kept }),
    ...(seat && table && { place: { at: seat.at, of: table.length, ...(held && { holds: targetName(held) }) } }),
  }
}

function seatOf(scheduler: SchedulerName, { src, dst }: Packet, port: number) {
  switch (scheduler) {
    case 'sh':
      return { at: bucketOf(src, port), table: sourceTable }
    case 'dh':
      return { at: bucketOf(dst, 0), table: destinationTable }
    case 'mh':
      return { at: maglevPlaceOf(src, port), table: maglevTable }
    default:
      return undefined
  }
}
