import type { Endpoint } from '../../api/kinds/endpointslice.ts'
import { ZONE_LABEL } from '../../api/kinds/endpointslice.ts'
import type { Node } from '../../api/kinds/node.ts'
import { hinted, isReady } from './trafficdist.ts'

/** How far a zone's endpoints may be loaded beyond their fair share. */
const OVERLOAD = 0.2

export type Allocation = { readonly minimum: number; readonly maximum: number; readonly desired: number }
export type Zones<T> = ReadonlyMap<string, T>

export const INSUFFICIENT_NODES = 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes'
export const NO_ZONE = 'One or more endpoints do not have a zone specified'
export const NO_HINTS = 'No hints allocated for zones'

/**
 * Each zone's share of the cluster's allocatable CPU (`TopologyCache.SetNodes`), or undefined where one ready node states no zone or
 * no CPU, or where there is only one zone. Control planes do not count.
 */
export function cpuRatios(nodes: readonly Node[]): Zones<number> | undefined {
  const byZone = new Map<string, number>()
  let total = 0
  for (const node of nodes) {
    const { labels } = node.metadata
    if (labels?.['node-role.kubernetes.io/control-plane'] !== undefined || labels?.['node-role.kubernetes.io/master'] !== undefined)
      continue
    if (!statesReady(node)) continue
    const zone = labels?.[ZONE_LABEL]
    const cpu = milliCpu(node.status?.allocatable?.['cpu'])
    if (!zone || cpu === 0) return undefined
    byZone.set(zone, (byZone.get(zone) ?? 0) + cpu)
    total += cpu
  }
  if (byZone.size < 2) return undefined
  return new Map(inZoneOrder(byZone.keys()).map((zone) => [zone, (byZone.get(zone) ?? 0) / total]))
}

/** As upstream asks it; only a hand-written node that has no conditions at all gets the benefit of the doubt. */
function statesReady(node: Node): boolean {
  const conditions = node.status?.conditions
  return conditions === undefined || conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
}

function milliCpu(quantity: string | number | undefined): number {
  const match = /^([0-9.]+)(m|k)?$/.exec(String(quantity ?? ''))
  if (!match) return 0
  return Math.ceil(Number(match[1]) * (match[2] === 'm' ? 1 : match[2] === 'k' ? 1e6 : 1000))
}

/** Where Go takes the zones of a map in any order, this one: shorter names first, then by name. */
export function inZoneOrder(zones: Iterable<string>): readonly string[] {
  return [...zones].sort((a, b) => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0))
}

/** How many endpoints each zone should be given, or why that cannot be (`getAllocations`). */
export function allocations(ratios: Zones<number> | undefined, count: number): Zones<Allocation> | string {
  if (!ratios) return INSUFFICIENT_NODES
  if (ratios.size < 2) return 'Nodes only ready in one zone'
  const size = `(${count} endpoints, ${ratios.size} zones)`
  if (ratios.size > count) return `Insufficient number of endpoints ${size}`
  const needs = [...ratios].map(([zone, ratio]) => {
    const desired = ratio * count
    const minimum = Math.ceil(desired * (1 / (1 + OVERLOAD)))
    return { zone, minimum, desired: Math.max(desired, minimum) }
  })
  const least = needs.reduce((sum, { minimum }) => sum + minimum, 0)
  if (least > count) return `Unable to allocate minimum required endpoints to each zone without exceeding overload threshold ${size}`
  return new Map(needs.map(({ zone, minimum, desired }) => [zone, { minimum, maximum: minimum + count - least, desired }]))
}

/**
 * The hints that a slice gives away already, by zone, or undefined if they cannot stay: a ready endpoint without, a zone that wants
 * none, or a zone that would get too many (`getHintsByZone`).
 */
export function hintsByZone(endpoints: readonly Endpoint[], given: Zones<number>, wanted: Zones<Allocation>): Zones<number> | undefined {
  const counts = new Map<string, number>()
  for (const endpoint of endpoints) {
    if (!isReady(endpoint)) continue
    const zones = endpoint.hints?.forZones ?? []
    if (zones.length === 0) return undefined
    for (const { name } of zones) {
      if (!wanted.has(name)) return undefined
      counts.set(name, (counts.get(name) ?? 0) + 1)
    }
  }
  for (const [zone, count] of counts) if (count + (given.get(zone) ?? 0) > (wanted.get(zone)?.maximum ?? 0)) return undefined
  return counts
}

/** How many endpoints zones should give away and get (`getGivingAndReceivingZones`): the richest gives to the neediest, one at a time. */
export function transfers(
  wanted: Zones<Allocation>,
  given: Zones<number>,
): { readonly giving: Map<string, number>; readonly receiving: Map<string, number> } {
  const spare = new Map<string, number>()
  const lacking = new Map<string, number>()
  for (const zone of inZoneOrder(wanted.keys())) {
    const difference = (given.get(zone) ?? 0) - (wanted.get(zone)?.desired ?? 0)
    if (difference > 0) spare.set(zone, difference)
    else if (difference < 0) lacking.set(zone, -difference)
  }
  const giving = new Map<string, number>()
  const receiving = new Map<string, number>()
  for (;;) {
    const [giver, toGive] = most(spare)
    const [receiver, toGet] = most(lacking)
    if (giver === '' || receiver === '' || (toGive < 1 && toGet < 1) || toGive < 0.5 || toGet < 0.5) return { giving, receiving }
    giving.set(giver, (giving.get(giver) ?? 0) + 1)
    spare.set(giver, toGive - 1)
    receiving.set(receiver, (receiving.get(receiver) ?? 0) + 1)
    lacking.set(receiver, toGet - 1)
  }
}

function most(zones: Zones<number>): readonly [zone: string, amount: number] {
  let best: readonly [string, number] = ['', 0]
  for (const [zone, amount] of zones) if (amount > best[1]) best = [zone, amount]
  return best
}

/** Hands endpoints of giving zones to receiving zones, in order, until one side has enough (`redistributeHints`). */
export function redistribute(slices: readonly Endpoint[][], giving: Map<string, number>, receiving: Map<string, number>): Zones<number> {
  const moved = new Map<string, number>()
  for (const endpoints of slices) {
    for (const [i, endpoint] of endpoints.entries()) {
      if (!isReady(endpoint)) continue
      if (giving.size === 0 || receiving.size === 0) return moved
      if (!endpoint.zone || !giving.get(endpoint.zone)) continue
      const [receiver] = inZoneOrder(receiving.keys())
      if (receiver === undefined) return moved
      endpoints[i] = hinted(endpoint, { forZones: [{ name: receiver }] })
      takeOne(giving, endpoint.zone)
      takeOne(receiving, receiver)
      moved.set(receiver, (moved.get(receiver) ?? 0) + 1)
      moved.set(endpoint.zone, (moved.get(endpoint.zone) ?? 0) - 1)
    }
  }
  return moved
}

function takeOne(zones: Map<string, number>, zone: string): void {
  const left = (zones.get(zone) ?? 0) - 1
  if (left > 0) zones.set(zone, left)
  else zones.delete(zone)
}
