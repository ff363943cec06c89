import type { ApiObject, Cluster } from '../api/cluster.ts'
import type { ObjectKey } from '../api/meta.ts'

/** One write of a controller: what it would ask the API server to do, and why, in one sentence. */
export type Change =
  | { readonly change: 'create' | 'update'; readonly object: ApiObject; readonly why: string }
  | { readonly change: 'delete'; readonly key: ObjectKey; readonly why: string }

export type ReconcileContext = {
  /** Virtual milliseconds since 2026-01-01T00:00:00Z. */
  readonly now: number
  /** Keys changed since this controller last ran; absent means look at everything. */
  readonly dirty?: ReadonlySet<ObjectKey>
}

/** A controller is a pure function from what is stored to what it would write. It must answer nothing once there is nothing to do. */
export type Controller = {
  readonly name: string
  readonly reconcile: (cluster: Cluster, context: ReconcileContext) => readonly Change[]
}
