import type { ApiObject, Cluster } from '../api/cluster.ts'
import type { ObjectKey } from '../api/meta.ts'
import type { Memory } from './memory.ts'
import type { Why } from './why.ts'

/** One write of a controller: what it would ask the API server to do, and why. */
export type Change =
  | { readonly change: 'create' | 'update'; readonly object: ApiObject; readonly why: Why }
  | { readonly change: 'delete'; readonly key: ObjectKey; readonly why: Why }

/** One object that came (no `before`), changed, or went (no `after`): what a watch delivers. */
export type Delta = { readonly key: ObjectKey; readonly before?: ApiObject; readonly after?: ApiObject }

export type ReconcileContext = {
  /** Virtual milliseconds since 2026-01-01T00:00:00Z. */
  readonly now: number
  readonly memory: Memory
}

/**
 * A controller as Kubernetes builds them: a queue of keys and a sync that reads what is stored and says what to write. It must answer
 * nothing once there is nothing to do. All syncs of one run see the same cluster; their changes are stored together.
 */
export type Controller = {
  readonly name: string
  /** Every key it looks after: what the first settling looks at. */
  readonly everything: (cluster: Cluster) => Iterable<ObjectKey>
  /** The kinds whose changes it watches. */
  readonly watches: readonly string[]
  /** The keys to look at again because of one change. */
  readonly concerns: (delta: Delta, cluster: Cluster) => Iterable<ObjectKey>
  /** The keys come in namespace and name order, each once. */
  readonly reconcile: (cluster: Cluster, keys: readonly ObjectKey[], context: ReconcileContext) => readonly Change[]
}

/** The change that stores a new version of an object. */
export function update<T extends ApiObject>(object: T, why: Why): Change {
  return { change: 'update', object, why }
}
