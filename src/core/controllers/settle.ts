import { type ApiObject, at, type Cluster, list, store } from '../api/cluster.ts'
import { keyOf, type ObjectKey } from '../api/meta.ts'
import { invariant } from '../base/assert.ts'
import type { Change, Controller, Delta } from './controller.ts'
import { controllers } from './index.ts'
import { carryIndex, inOrder } from './lookup.ts'
import { type Memory, openMemory } from './memory.ts'

export type SettledChange = Change & { readonly controller: string }

export type SettleOptions = {
  /** Virtual milliseconds since 2026-01-01T00:00:00Z. */
  readonly now: number
  /** Hears each change as it is stored, in order. */
  readonly onChange?: (change: SettledChange) => void
  /** Which controllers run; all of them unless a test says otherwise. */
  readonly controllers?: readonly Controller[]
}

export type Settled = {
  readonly cluster: Cluster
  readonly changes: readonly SettledChange[]
  /** The earliest time at which something would change by itself (a readiness delay, the end of a grace period …). */
  readonly wakeAt?: number
}

/**
 * No honest cluster needs so many: a rollout of five thousand Pods one by one takes thirty thousand. Two controllers that undo each
 * other would go on for ever.
 */
const MAX_RUNS = 60_000

/**
 * Runs the controllers in order until none has anything to write, all in one instant of virtual time. What is looked at is what differs
 * from the last settling (kept in `cluster.memory`) and what has come due. Never fails on any input; endless rounds are our mistake
 * and throw.
 */
export function settle(given: Cluster, options: SettleOptions): Settled {
  const cluster = given.memory ? given : inNameOrder(given)
  const running = options.controllers ?? controllers
  const deltas = differences(cluster.memory?.settled, cluster)
  const memory = openMemory(cluster.memory, deltas, cluster)
  const queues = new Map(running.map((controller) => [controller, new Set<ObjectKey>()] as const))
  forgetGone(memory, deltas)
  carryIndex(cluster.memory?.settled.get('Pod'), cluster.byKind.get('Pod'), deltas)
  if (cluster.memory) deliver(queues, deltas, cluster)
  if (cluster.memory?.settings !== cluster.settings)
    for (const [controller, queue] of queues) for (const key of controller.everything(cluster)) queue.add(key)
  for (const [controller, queue] of queues) wakeUp(controller, queue, memory, options.now)

  const all: SettledChange[] = []
  let now = cluster
  let runs = 0
  while ([...queues.values()].some((queue) => queue.size > 0)) {
    for (const [controller, queue] of queues) {
      if (queue.size === 0) continue
      invariant(++runs < MAX_RUNS, `${controller.name} and others do not come to rest`)
      const keys = inOrder(queue)
      queue.clear()
      const changes = controller.reconcile(now, keys, { now: options.now, memory })
      if (changes.length === 0) continue
      const applied = apply(now, changes)
      now = applied.cluster
      forgetGone(memory, applied.deltas)
      for (const change of changes) report(all, { ...change, controller: controller.name }, options)
      deliver(queues, applied.deltas, now)
    }
  }
  const wakeAt = memory.nextWake()
  return {
    cluster: { ...now, memory: memory.close(now) },
    changes: all,
    ...(wakeAt === undefined ? {} : { wakeAt }),
  }
}

/** Slices are filled in the order of their making. Of those that the input brings, nothing but their names may decide. */
function inNameOrder(cluster: Cluster): Cluster {
  const slices = cluster.byKind.get('EndpointSlice')
  if (!slices) return cluster
  const sorted = new Map(list(cluster, 'EndpointSlice').map((slice) => [keyOf(slice), slice] as const))
  return { ...cluster, byKind: new Map([...cluster.byKind, ['EndpointSlice', sorted]]) }
}

function forgetGone(memory: Memory, deltas: readonly Delta[]): void {
  for (const { key, after } of deltas) if (!after) memory.forget(key)
}

function report(all: SettledChange[], change: SettledChange, options: SettleOptions): void {
  all.push(change)
  options.onChange?.(change)
}

type Queues = ReadonlyMap<Controller, Set<ObjectKey>>

function wakeUp(controller: Controller, queue: Set<ObjectKey>, memory: Memory, now: number): void {
  for (const [key, time] of [...memory.wakesOf(controller.name)]) {
    if (time > now) continue
    memory.wake(controller.name, key, undefined)
    queue.add(key)
  }
}

function deliver(queues: Queues, deltas: readonly Delta[], cluster: Cluster): void {
  const watching = new Map<string, (readonly [Controller, Set<ObjectKey>])[]>()
  for (const delta of deltas) {
    const { kind } = (delta.after ?? delta.before) as ApiObject
    let watchers = watching.get(kind)
    if (!watchers) {
      watchers = [...queues].filter(([controller]) => controller.watches.includes(kind))
      watching.set(kind, watchers)
    }
    for (const [controller, queue] of watchers) for (const key of controller.concerns(delta, cluster)) queue.add(key)
  }
}

function apply(cluster: Cluster, changes: readonly Change[]): { readonly cluster: Cluster; readonly deltas: readonly Delta[] } {
  const deltas: Delta[] = []
  const put: ApiObject[] = []
  const remove: ObjectKey[] = []
  for (const change of changes) {
    const key = change.change === 'delete' ? change.key : keyOf(change.object)
    const before = at(cluster, key)
    if (change.change === 'delete') remove.push(key)
    else put.push(change.object)
    if (change.change === 'delete') deltas.push(before ? { key, before } : { key })
    else deltas.push(before ? { key, before, after: change.object } : { key, after: change.object })
  }
  const next = store(cluster, put, remove)
  carryIndex(cluster.byKind.get('Pod'), next.byKind.get('Pod'), deltas)
  return { cluster: next, deltas }
}

/** What differs between two sets of objects, by identity: unchanged kinds are the same map and cost nothing. */
function differences(before: Cluster['byKind'] | undefined, { byKind }: Cluster): readonly Delta[] {
  const deltas: Delta[] = []
  for (const kind of new Set([...(before?.keys() ?? []), ...byKind.keys()])) {
    const old = before?.get(kind)
    const current = byKind.get(kind)
    if (old === current) continue
    for (const [key, after] of current ?? []) {
      const was = old?.get(key)
      if (was !== after) deltas.push(was ? { key, before: was, after } : { key, after })
    }
    for (const [key, was] of old ?? []) if (!current?.has(key)) deltas.push({ key, before: was })
  }
  return deltas
}
