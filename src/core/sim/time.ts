import { type ApiObject, at, type Cluster, list } from '../api/cluster.ts'
import { keyOf, type ObjectKey } from '../api/meta.ts'
import { durationOf } from '../base/time.ts'
import { settle } from '../controllers/settle.ts'
import { because, type Why, type WhyCode, whyText } from '../controllers/why.ts'
import { agedIpvs, programIpvs } from '../kernel/ipvsstage.ts'
import { flushUdp } from './flush.ts'
import { withNodeReady } from './nodes.ts'
import { isRefused, nodeProgram } from './programs.ts'
import { type LaggingProxy, type RecordedEvent, seenBy, type World } from './world.ts'

/** One object that was written or removed, by whom and why: an entry of `changes` of `kubehop run`. */
export type WorldChange = {
  readonly op: 'create' | 'update' | 'delete'
  readonly reason: string
  /** The reason as a code with parameters, for words in any language. */
  readonly because: Why
  readonly component: string
  readonly object: ApiObject
}

export type Stepped = { readonly world: World; readonly changes: readonly WorldChange[] }

/**
 * The world after its cluster was written to (`cluster`, and what was written in `own`): controllers run until nothing changes, all in
 * this instant, then every kube-proxy in step programs what it sees.
 */
export function settleWorld(world: World, cluster: Cluster, own: readonly WorldChange[] = []): Stepped {
  const settled = settle(cluster, { now: world.now })
  const changes = [...own, ...changesOf(cluster, settled.changes)]
  const { wakeAt: _wakeAt, ...rest } = world
  const next: World = { ...rest, cluster: settled.cluster, ...(settled.wakeAt !== undefined && { wakeAt: settled.wakeAt }) }
  return {
    world: propagate(world, withEvents(next, eventsOf(world, changes))),
    changes,
  }
}

/** What controllers wrote, with the object of a deletion as it last was. */
export function changesOf(before: Cluster, changes: ReturnType<typeof settle>['changes']): readonly WorldChange[] {
  const latest = new Map<ObjectKey, ApiObject>()
  return changes.flatMap((change): readonly WorldChange[] => {
    const common = { op: change.change, reason: whyText(change.why), because: change.why, component: change.controller }
    if (change.change !== 'delete') {
      latest.set(keyOf(change.object), change.object)
      return [{ ...common, object: change.object }]
    }
    const object = latest.get(change.key) ?? at(before, change.key)
    return object ? [{ ...common, object }] : []
  })
}

/** An event before it has its number. */
type NewEvent = Omit<RecordedEvent, 'number'>

/** Changes as entries of the event list, each with its object as it was and as it is. */
export function eventsOf({ now, cluster }: Pick<World, 'now' | 'cluster'>, changes: readonly WorldChange[]): readonly NewEvent[] {
  const latest = new Map<ObjectKey, ApiObject | undefined>()
  return changes.map(({ op, reason, because: why, component, object }) => {
    const key = keyOf(object)
    const before = latest.has(key) ? latest.get(key) : at(cluster, key)
    const after = op === 'delete' ? undefined : object
    latest.set(key, after)
    return { at: now, component, op, object: key, why: reason, because: why, ...(before && { before }), ...(after && { after }) }
  })
}

const MAX_EVENTS = 2000

/** The world with more in its event list; the oldest go when there are too many. */
export function withEvents(world: World, events: readonly NewEvent[]): World {
  if (events.length === 0) return world
  const first = (world.events.at(-1)?.number ?? 0) + 1
  const all = [...world.events, ...events.map((event, i) => ({ ...event, number: first + i }))]
  return { ...world, events: all.length > MAX_EVENTS ? all.slice(-MAX_EVENTS) : all }
}

/** Kinds that kube-proxy watches. */
const WATCHED = ['Service', 'EndpointSlice', 'Node']

function concernsProxies(before: Cluster, after: Cluster): boolean {
  return before.settings !== after.settings || WATCHED.some((kind) => before.byKind.get(kind) !== after.byKind.get(kind))
}

/** Lets every kube-proxy hear of a changed cluster, each at its own time. */
function propagate(before: World, after: World): World {
  if (!concernsProxies(before.cluster, after.cluster)) return after
  const lagging = new Map<string, LaggingProxy>(after.lagging)
  const events: NewEvent[] = []
  const nodes = list(after.cluster, 'Node')
  let synced = after
  for (const { metadata } of nodes) {
    const state = lagging.get(metadata.name)
    const lag = durationOf(metadata.annotations?.['kubehop.dev/proxy-lag'])
    if (state?.frozen || lag > 0 || (state?.coming.length ?? 0) > 0) {
      const known = state ?? { sees: before.cluster, since: before.syncedAt, frozen: false, coming: [] }
      const coming = state?.frozen ? [] : [...known.coming, { at: after.now + lag, cluster: after.cluster }]
      lagging.set(metadata.name, { ...known, coming })
    } else if (isRefused(after.cluster, metadata.name, after.mode)) {
      // nft takes all of it or nothing; kube-proxy tries again with the next change.
      lagging.set(metadata.name, state ?? { sees: before.cluster, since: before.syncedAt, frozen: false, coming: [] })
      events.push({
        ...syncEvent(after.now, metadata.name),
        ...said('proxy-refused', { node: metadata.name }),
      })
    } else {
      lagging.delete(metadata.name)
      synced = flushed(synced, metadata.name, state?.sees ?? before.cluster, after.cluster)
      // In a big cluster one line stands for all.
      if (nodes.length <= 20) events.push(syncEvent(after.now, metadata.name))
    }
  }
  if (nodes.length > 20) events.push({ ...syncEvent(after.now, ''), ...said('proxies-sync', { count: nodes.length - lagging.size }) })
  return withEvents({ ...synced, lagging, syncedAt: after.now }, events)
}

function syncEvent(now: number, node: string): NewEvent {
  return { at: now, component: 'kube-proxy', op: 'sync', object: `Node//${node}`, ...said('proxy-syncs', { node }) }
}

function said(code: WhyCode, params: Why['params']): Pick<NewEvent, 'why' | 'because'> {
  const why = because(code, params)
  return { why: whyText(why), because: why }
}

/** A sync reprograms ipvs, whose connections outlive it, and then deletes stale UDP entries of the node's conntrack. */
function flushed(world: World, node: string, before: Cluster, after: Cluster): World {
  const kernel = world.kernels.get(node)
  if (!kernel) return world
  const program = world.mode === 'ipvs' ? nodeProgram(after, node, 'ipvs') : undefined
  const programmed = program ? programIpvs(kernel, program, world.now) : kernel
  const slicesChanged = before.byKind.get('EndpointSlice') !== after.byKind.get('EndpointSlice')
  const conntrack = slicesChanged ? flushUdp(programmed.conntrack, after, node, world.mode, world.now) : programmed.conntrack
  if (programmed === kernel && conntrack === kernel.conntrack) return world
  return { ...world, kernels: new Map(world.kernels).set(node, { ...programmed, conntrack }) }
}

/** Moves the clock on by `ms`, stopping at everything that happens by itself on the way, in order. */
export function pass(world: World, ms: number): Stepped {
  const end = world.now + ms
  const changes: WorldChange[] = []
  let current = world
  for (let rounds = 0; rounds < 100_000; rounds++) {
    const next = nextMoment(current)
    if (next === undefined || next > end) break
    const stepped = moment({ ...current, now: Math.max(next, current.now) })
    changes.push(...stepped.changes)
    current = stepped.world
  }
  return { world: withAgedIpvs({ ...current, now: end }), changes }
}

/** ipvs' connections expire by themselves, and take their conntrack entries along. */
function withAgedIpvs(world: World): World {
  let { kernels } = world
  for (const [node, kernel] of world.kernels) {
    const aged = agedIpvs(kernel, world.now)
    if (aged !== kernel) kernels = new Map(kernels).set(node, aged)
  }
  return kernels === world.kernels ? world : { ...world, kernels }
}

function nextMoment(world: World): number | undefined {
  const times = [...world.lagging.values()].filter(({ frozen }) => !frozen).flatMap(({ coming }) => coming[0]?.at ?? [])
  if (world.wakeAt !== undefined) times.push(world.wakeAt)
  for (const down of world.downSince.values()) if (!down.noticed) times.push(down.since + NODE_GRACE)
  return times.length === 0 ? undefined : Math.min(...times)
}

/** How long the control plane waits for a silent node (`--node-monitor-grace-period`; 50 s since 1.32). */
const NODE_GRACE = 50_000

function moment(world: World): Stepped {
  const arrived = arrivals(world)
  const noticed = noticeDown(arrived)
  if (noticed) return noticed
  if (arrived.wakeAt === undefined || arrived.wakeAt > arrived.now) return { world: arrived, changes: [] }
  const { wakeAt: _wakeAt, ...rest } = arrived
  return settleWorld(rest, arrived.cluster)
}

/** Versions of the cluster that reach a lagging kube-proxy now. */
function arrivals(world: World): World {
  let next = world
  for (const [node, state] of world.lagging) {
    const due = state.coming.filter(({ at: time }) => time <= world.now)
    const last = due.at(-1)
    if (state.frozen || !last) continue
    const coming = state.coming.slice(due.length)
    const lagging = new Map(next.lagging)
    if (coming.length === 0 && last.cluster === next.cluster) lagging.delete(node)
    else lagging.set(node, { ...state, sees: last.cluster, since: world.now, coming })
    next = withEvents(flushed({ ...next, lagging }, node, state.sees, last.cluster), [syncEvent(world.now, node)])
  }
  return next
}

/** The node lifecycle controller gives up on a node: it is no longer Ready, and so are none of its Pods. */
function noticeDown(world: World): Stepped | undefined {
  for (const [node, down] of world.downSince) {
    if (down.noticed || down.since + NODE_GRACE > world.now) continue
    const downSince = new Map(world.downSince).set(node, { ...down, noticed: true })
    return setNodeReady({ ...world, downSince }, node, false)
  }
  return undefined
}

/** Freezes or thaws a node's kube-proxy. Thawed, it programs at once what it has missed. */
export function setFrozen(world: World, node: string, frozen: boolean): World {
  const state = world.lagging.get(node)
  const lagging = new Map(world.lagging)
  if (frozen) {
    lagging.set(node, { sees: seenBy(world, node), since: state?.since ?? world.syncedAt, frozen: true, coming: [] })
    return { ...world, lagging }
  }
  if (!state?.frozen) return world
  lagging.delete(node)
  return withEvents(flushed({ ...world, lagging }, node, state.sees, world.cluster), [syncEvent(world.now, node)])
}

/** What the control plane makes of a node that it no longer hears of, or hears of again. */
export function setNodeReady(world: World, node: string, ready: boolean): Stepped {
  const { cluster, changed } = withNodeReady(world.cluster, node, ready, world.now)
  const why = ready ? because('node-returned', { node }) : because('node-silent', { node, seconds: NODE_GRACE / 1000 })
  const common = { op: 'update', reason: whyText(why), because: why, component: 'node-lifecycle' } as const
  const own = changed.map((object): WorldChange => ({ ...common, object }))
  return settleWorld(world, cluster, own)
}
