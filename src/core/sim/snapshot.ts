import { list } from '../api/cluster.ts'
import type { Loaded } from '../api/load.ts'
import { durationOf } from '../base/time.ts'
import { isBroken, isRefused } from './programs.ts'
import type { ScenarioView, Snapshot } from './session.ts'
import { seenBy, type World } from './world.ts'

/** What the page draws of a world: plain data that crosses to it. */
export function snapshotOf(world: World, loaded: Pick<Loaded, 'sources' | 'scenario' | 'unknown'>): Snapshot {
  const { cluster, mode, now, events } = world
  const objects = [...cluster.byKind.keys()].sort().flatMap((kind) => list(cluster, kind))
  const scenario = loaded.scenario && viewOf(loaded.scenario)
  return {
    now,
    settings: cluster.settings,
    mode,
    objects: [...objects, ...loaded.unknown],
    proxies: list(cluster, 'Node').map(({ metadata }) =>
      proxyOf(world, metadata.name, durationOf(metadata.annotations?.['kubehop.dev/proxy-lag'])),
    ),
    sources: Object.fromEntries(loaded.sources),
    events: events.map(({ before: _before, after: _after, ...event }) => event),
    ...(scenario && { scenario }),
  }
}

function proxyOf(world: World, node: string, lagMs: number): Snapshot['proxies'][number] {
  const state = world.lagging.get(node)
  const since = state?.since ?? world.syncedAt
  const base = { node, mode: world.mode, since, lagMs }
  if (isBroken(world.cluster, node, world.mode) || isRefused(seenBy(world, node), node, world.mode)) return { ...base, state: 'broken' }
  if (!state) return { ...base, state: 'in-sync' }
  return { ...base, state: state.frozen ? 'frozen' : 'lagging' }
}

function viewOf({ name, title, lesson, requests, steps }: NonNullable<Loaded['scenario']>): ScenarioView {
  return { name, title, requests, steps, ...(lesson && { lesson }) }
}
