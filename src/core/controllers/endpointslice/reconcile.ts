import type { Endpoint, EndpointPort, EndpointSlice } from '../../api/kinds/endpointslice.ts'
import { sameData } from '../../base/copy.ts'
import type { Family } from '../../base/ip.ts'
import { type PortGroup, portKey } from './desired.ts'

/** A slice to be: what a name and the metadata are still to be given to. */
export type Draft = { readonly family: Family; readonly ports: readonly EndpointPort[]; readonly endpoints: readonly Endpoint[] }

/** A slice's new contents; its name stays. A slice that is only filled up or given hints keeps its labels, as upstream. */
export type SliceUpdate = { readonly slice: EndpointSlice; readonly draft: Draft; readonly relabel: boolean }

/** What is to be done with the slices of one family. */
export type Plan = {
  readonly create: readonly Draft[]
  readonly update: readonly SliceUpdate[]
  readonly remove: readonly EndpointSlice[]
  readonly unchanged: readonly EndpointSlice[]
}

export type SliceRules = {
  readonly family: Family
  readonly max: number
  readonly isOwned: (slice: EndpointSlice) => boolean
  /** The slice's labels are not what the Service's labels make them. */
  readonly isStale: (slice: EndpointSlice) => boolean
  readonly isPlaceholder: (slice: EndpointSlice) => boolean
}

/**
 * The EndpointSlice controller's way to write as little as possible (`Reconciler.reconcileByAddressType`): endpoints stay where they
 * are, slices that change anyway are filled up, and nothing is ever rebalanced.
 */
export function planSlices(existing: readonly EndpointSlice[], groups: ReadonlyMap<string, PortGroup>, rules: SliceRules): Plan {
  const create: Draft[] = []
  const update: SliceUpdate[] = []
  const remove: EndpointSlice[] = existing.filter((slice) => !rules.isOwned(slice))
  const byPorts = new Map<string, EndpointSlice[]>()
  for (const slice of existing) {
    if (!rules.isOwned(slice)) continue
    const key = portKey(slice.ports)
    byPorts.set(key, [...(byPorts.get(key) ?? []), slice])
  }
  for (const [key, group] of groups) {
    const plan = planGroup(byPorts.get(key) ?? [], group, rules)
    create.push(...plan.create)
    update.push(...plan.update)
    remove.push(...plan.remove)
  }
  for (const [key, slices] of byPorts) if (!groups.has(key)) remove.push(...slices)
  if (existing.length === remove.length && create.length === 0) {
    const [only] = remove
    // The one empty slice that is there already serves as the placeholder.
    if (only && remove.length === 1 && rules.isPlaceholder(only)) remove.pop()
    else create.push({ family: rules.family, ports: [], endpoints: [] })
  }
  const touched = new Set([...update.map(({ slice }) => slice), ...remove])
  return { create, update, remove, unchanged: existing.filter((slice) => !touched.has(slice)) }
}

type Filling = { readonly slice: EndpointSlice | undefined; readonly endpoints: Endpoint[]; readonly relabel: boolean }

function planGroup(existing: readonly EndpointSlice[], group: PortGroup, rules: SliceRules): Omit<Plan, 'unchanged'> {
  const wanted = new Map(group.endpoints.map((endpoint) => [identity(endpoint), endpoint] as const))
  const remove: EndpointSlice[] = []
  const changing: Filling[] = []
  const still = new Set<EndpointSlice>()
  for (const slice of existing) {
    const { kept, isChanged } = keep(slice, wanted)
    if (isChanged && kept.length === 0) remove.push(slice)
    else if (isChanged || rules.isStale(slice)) changing.push({ slice, endpoints: kept, relabel: true })
    else still.add(slice)
  }
  const waiting = [...wanted.values()]
  fillUp(changing, waiting, rules.max)
  while (waiting.length > 0) {
    const target = waiting.length < rules.max ? roomiest(still, waiting.length, rules.max) : undefined
    if (target) still.delete(target)
    changing.push({
      slice: target,
      relabel: false,
      endpoints: [...(target?.endpoints ?? []), ...waiting.splice(0, rules.max - (target?.endpoints?.length ?? 0))],
    })
  }
  const draft = (endpoints: readonly Endpoint[]): Draft => ({ family: rules.family, ports: group.ports, endpoints })
  return {
    create: changing.flatMap(({ slice, endpoints }) => (slice ? [] : [draft(endpoints)])),
    update: changing.flatMap(({ slice, endpoints, relabel }) => (slice ? [{ slice, draft: draft(endpoints), relabel }] : [])),
    remove,
  }
}

/** The endpoints of a slice that are still wanted, in their new version and old place; they are taken out of `wanted`. */
function keep(slice: EndpointSlice, wanted: Map<string, Endpoint>): { readonly kept: Endpoint[]; readonly isChanged: boolean } {
  const old = slice.endpoints ?? []
  const kept: Endpoint[] = []
  let isChanged = false
  for (const endpoint of old) {
    const id = identity(endpoint)
    const current = wanted.get(id)
    if (!current) continue
    wanted.delete(id)
    kept.push(current)
    if (!equalBeyondIdentity(current, endpoint)) isChanged = true
  }
  return { kept, isChanged: isChanged || kept.length !== old.length }
}

/** The fullest of the slices that change anyway are topped up first. */
function fillUp(changing: readonly Filling[], waiting: Endpoint[], max: number): void {
  for (const { endpoints } of [...changing].sort((a, b) => b.endpoints.length - a.endpoints.length)) {
    if (waiting.length === 0) return
    if (endpoints.length < max) endpoints.push(...waiting.splice(0, max - endpoints.length))
  }
}

/** Of the slices that can take all the rest, the one that it fills most: `getSliceToFill`. */
function roomiest(slices: Iterable<EndpointSlice>, count: number, max: number): EndpointSlice | undefined {
  let best: EndpointSlice | undefined
  let leftOver = max
  for (const slice of slices) {
    const room = max - (count + (slice.endpoints?.length ?? 0))
    if (room < 0 || room >= leftOver) continue
    leftOver = room
    best = slice
    if (room === 0) break
  }
  return best
}

/** What makes an endpoint the same endpoint: its addresses, hostname, and the Pod's name, not its UID (`endpointHashObj`). */
export function identity({ addresses, hostname, targetRef }: Endpoint): string {
  const all = addresses.length === 1 ? addresses[0] : [...addresses].sort().join(',')
  return `${all}\u0000${hostname ?? ''}\u0000${targetRef?.namespace ?? ''}\u0000${targetRef?.name ?? ''}`
}

/** `EndpointsEqualBeyondHash`: hints do not count. */
export function equalBeyondIdentity(a: Endpoint, b: Endpoint): boolean {
  return (
    a.nodeName === b.nodeName &&
    a.zone === b.zone &&
    a.conditions?.ready === b.conditions?.ready &&
    a.conditions?.serving === b.conditions?.serving &&
    a.conditions?.terminating === b.conditions?.terminating &&
    sameData(a.targetRef && { ...a.targetRef, resourceVersion: undefined }, b.targetRef && { ...b.targetRef, resourceVersion: undefined })
  )
}
