import type { Endpoint, EndpointSlice } from '../../api/kinds/endpointslice.ts'
import type { Labels } from '../../api/meta.ts'
import { sameData } from '../../base/copy.ts'
import type { Family } from '../../base/ip.ts'
import type { Draft, Plan } from './reconcile.ts'
import { type Allocation, allocations, hintsByZone, NO_HINTS, NO_ZONE, redistribute, transfers, type Zones } from './topology.ts'
import { type Closeness, closeHints, hinted, isReady } from './trafficdist.ts'

export const TOPOLOGY_MODE = 'service.kubernetes.io/topology-mode'
const OLD_TOPOLOGY_MODE = 'service.kubernetes.io/topology-aware-hints'

/** A plan with its hints, and why there are none where somebody asked for them. */
export type Hinted = { readonly plan: Plan; readonly disabled?: string }

/** Whether the Service asks for proportional topology hints; the old annotation wins over the new one. */
export function wantsTopology(annotations: Labels | undefined): boolean {
  const mode = annotations?.[OLD_TOPOLOGY_MODE] ?? annotations?.[TOPOLOGY_MODE]
  return mode === 'Auto' || mode === 'auto'
}

/** Hints after `trafficDistribution`, each endpoint for itself: `trafficdist.ReconcileHints`. */
export function closeHinted(plan: Plan, close: Closeness): Plan {
  const isRight = (endpoint: Endpoint) =>
    close === undefined
      ? endpoint.hints === undefined
      : !isReady(endpoint) || sameData(lists(endpoint.hints), lists(closeHints(endpoint, close)))
  const set = (draft: Draft): Draft => ({ ...draft, endpoints: draft.endpoints.map((one) => hinted(one, closeHints(one, close))) })
  return mapDrafts(
    reopen(plan, (slice) => !(slice.endpoints ?? []).every(isRight)),
    set,
  )
}

/** No list of hints and an empty one say the same. */
function lists(hints: Endpoint['hints']): Endpoint['hints'] {
  return { forZones: hints?.forZones ?? [], forNodes: hints?.forNodes ?? [] }
}

/** Hints so that each zone's share of the endpoints is that of its CPUs: `TopologyCache.AddHints`. */
export function proportional(plan: Plan, ratios: Zones<number> | undefined, family: Family): Hinted {
  const none = (reason: string): Hinted => ({ plan: closeHinted(plan, undefined), disabled: `${reason}, addressType: ${family}` })
  const all = [...plan.create, ...plan.update.map(({ draft }) => draft), ...plan.unchanged].flatMap(({ endpoints }) => endpoints ?? [])
  const wanted = allocations(ratios, all.filter(isReady).length)
  if (typeof wanted === 'string') return none(wanted)
  const { open, given } = keepHints(plan, wanted)
  const drafts = [...open.create, ...open.update.map(({ draft }) => draft)]
  const lists: Endpoint[][] = []
  for (const { endpoints } of drafts) {
    const list: Endpoint[] = []
    for (const endpoint of endpoints) {
      if (isReady(endpoint) && !endpoint.zone) return none(NO_ZONE)
      if (isReady(endpoint) && endpoint.zone) given.set(endpoint.zone, (given.get(endpoint.zone) ?? 0) + 1)
      list.push(isReady(endpoint) ? hinted(endpoint, { forZones: [{ name: endpoint.zone ?? '' }] }) : endpoint)
    }
    lists.push(list)
  }
  const { giving, receiving } = transfers(wanted, given)
  redistribute(lists, giving, receiving)
  if (given.size === 0) return none(NO_HINTS)
  return { plan: withEndpoints(open, lists) }
}

/** Which unchanged slices may keep their hints, and what those give to each zone. The others are rewritten. */
function keepHints(plan: Plan, wanted: Zones<Allocation>): { readonly open: Plan; readonly given: Map<string, number> } {
  const given = new Map<string, number>()
  const open = reopen(plan, (slice) => {
    const counts = hintsByZone(slice.endpoints ?? [], given, wanted)
    for (const [zone, count] of counts ?? []) given.set(zone, (given.get(zone) ?? 0) + count)
    return counts === undefined
  })
  return { open, given }
}

/** Moves unchanged slices that need it to those that are updated. */
function reopen(plan: Plan, needsUpdate: (slice: EndpointSlice) => boolean): Plan {
  const update = [...plan.update]
  const unchanged = plan.unchanged.filter((slice) => {
    if (!needsUpdate(slice)) return true
    update.push({
      slice,
      relabel: false,
      draft: { family: slice.addressType as Family, ports: slice.ports ?? [], endpoints: slice.endpoints ?? [] },
    })
    return false
  })
  return { ...plan, update, unchanged }
}

function mapDrafts(plan: Plan, change: (draft: Draft) => Draft): Plan {
  return {
    ...plan,
    create: plan.create.map(change),
    update: plan.update.map((one) => ({ ...one, draft: change(one.draft) })),
  }
}

function withEndpoints(plan: Plan, lists: readonly (readonly Endpoint[])[]): Plan {
  let i = 0
  return mapDrafts(plan, (draft) => ({ ...draft, endpoints: lists[i++] ?? draft.endpoints }))
}
