import type { ApiObject, Cluster } from '../api/cluster.ts'
import type { NodeKernel } from '../kernel/kernel.ts'
import type { ModeId } from '../kernel/program.ts'
import type { OpenConnection } from '../trace/journey.ts'
import { type Faults, noFaults } from '../trace/run.ts'
import type { WorldEvent } from './session.ts'

/** A node's kube-proxy that does not see the cluster as it is now: frozen, or with changes still on their way. */
export type LaggingProxy = {
  /** The cluster as it has programmed it. */
  readonly sees: Cluster
  readonly since: number
  readonly frozen: boolean
  /** Versions on their way, in order of arrival. */
  readonly coming: readonly { readonly at: number; readonly cluster: Cluster }[]
}

/** An event with what it wrote: the object before and after. */
export type RecordedEvent = WorldEvent & { readonly before?: ApiObject; readonly after?: ApiObject }

/** Everything that can change, at one moment of virtual time. An immutable value. */
export type World = {
  /** Virtual milliseconds since 2026-01-01T00:00:00Z. */
  readonly now: number
  readonly seed: number
  readonly mode: ModeId
  readonly cluster: Cluster
  /** Nodes whose kube-proxy is not in step; all others see `cluster`. */
  readonly lagging: ReadonlyMap<string, LaggingProxy>
  /** When the kube-proxies that are in step last had something to do. */
  readonly syncedAt: number
  readonly kernels: ReadonlyMap<string, NodeKernel>
  readonly faults: Faults
  /** Nodes that are down, since when, and whether the control plane has noticed. */
  readonly downSince: ReadonlyMap<string, { readonly since: number; readonly noticed: boolean }>
  /** The load balancers' addresses while the pool is broken. */
  readonly fullPool?: readonly string[] | undefined
  /** TCP connections that clients keep open, by who and where to. */
  readonly connections: ReadonlyMap<string, OpenConnection>
  /** Requests that proxies have forwarded, by proxy and backend. */
  readonly turns: ReadonlyMap<string, number>
  /** How many requests have been sent: each has its own luck and its own source port. */
  readonly sent: number
  readonly events: readonly RecordedEvent[]
  /** When something would next change by itself. */
  readonly wakeAt?: number | undefined
}

/** A world at its beginning: every kube-proxy in step, every kernel fresh. The cluster is taken as settled. */
export function worldOf(
  cluster: Cluster,
  options: { readonly seed: number; readonly mode: ModeId; readonly now?: number; readonly wakeAt?: number },
): World {
  const now = options.now ?? 0
  return {
    now,
    seed: options.seed,
    mode: options.mode,
    cluster,
    lagging: new Map(),
    syncedAt: now,
    kernels: new Map(),
    faults: noFaults,
    downSince: new Map(),
    connections: new Map(),
    turns: new Map(),
    sent: 0,
    events: [],
    ...(options.wakeAt !== undefined && { wakeAt: options.wakeAt }),
  }
}

/** The cluster as a node's kube-proxy has programmed it. */
export function seenBy(world: World, node: string): Cluster {
  return world.lagging.get(node)?.sees ?? world.cluster
}
