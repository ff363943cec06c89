import type { Loaded } from '../api/load.ts'
import { settle } from '../controllers/settle.ts'
import type { ModeId } from '../kernel/program.ts'
import { changesOf, eventsOf, withEvents } from './time.ts'
import { type World, worldOf } from './world.ts'

/** The world that a loaded input becomes when its controllers have run: every kube-proxy in step, nothing sent yet. */
export function openWorld(loaded: Pick<Loaded, 'cluster'>, options: { readonly seed: number; readonly mode?: ModeId }): World {
  const mode = options.mode ?? loaded.cluster.settings.mode
  const { settings } = loaded.cluster
  const cluster = mode === settings.mode ? loaded.cluster : { ...loaded.cluster, settings: { ...settings, mode } }
  const settled = settle(cluster, { now: 0 })
  const wake = settled.wakeAt !== undefined ? { wakeAt: settled.wakeAt } : {}
  const world = worldOf(settled.cluster, { seed: options.seed, mode, ...wake })
  return withEvents(world, eventsOf({ now: 0, cluster }, changesOf(cluster, settled.changes)))
}
