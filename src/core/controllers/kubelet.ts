import { at, type Cluster, find, list } from '../api/cluster.ts'
import type { Node } from '../api/kinds/node.ts'
import { type Condition, type ContainerStatus, hasFinished, type Pod, type PodStatus } from '../api/kinds/pod.ts'
import { keyOf } from '../api/meta.ts'
import { familyOf } from '../base/ip.ts'
import { millisOf, rfc3339 } from '../base/time.ts'
import { type Change, type Controller, type ReconcileContext, update } from './controller.ts'
import { nextIp, rangeOf } from './hostlocal.ts'
import { isIpTaken, podsOnNode } from './lookup.ts'
import { isNodeReady, nodeIps } from './nodes.ts'
import { conditionOf, podIps } from './pods.ts'
import { READY_ANNOTATION, readinessDelay } from './readiness.ts'
import { because } from './why.ts'

const NAME = 'kubelet'

/**
 * What the nodes' kubelets do to Pods: give a bound Pod its addresses, run it, and report whether it is ready. Pods that were given
 * with a status are left as they are.
 */
export const kubelet: Controller = {
  name: NAME,
  everything: (cluster) => list(cluster, 'Pod').map(keyOf),
  watches: ['Pod', 'Node'],
  concerns: ({ key, after }, cluster) => {
    if (key.startsWith('Pod/')) return after ? [key] : []
    return key.startsWith('Node/') ? podsOnNode(cluster, key.slice('Node//'.length)).map(keyOf) : []
  },
  reconcile: (cluster, keys, context) => {
    const given = new Set<string>()
    return keys.flatMap((key) => {
      const pod = at(cluster, key) as Pod | undefined
      if (!pod) return []
      const node = pod.spec.nodeName ? find(cluster, 'Node', '', pod.spec.nodeName) : undefined
      // A node that is down reports nothing.
      if (node && !isNodeReady(node)) return []
      if (context.memory.isFact(key) || pod.metadata.deletionTimestamp !== undefined) return obey(pod, context.now)
      if (!node) return []
      if (pod.status?.phase === undefined || pod.status.podIP === undefined) return start(cluster, pod, node, given, context)
      return probe(pod, context)
    })
  },
}

function start(cluster: Cluster, pod: Pod, node: Node, given: Set<string>, context: ReconcileContext): readonly Change[] {
  const ips = pod.spec.hostNetwork ? nodeIps(node) : allocate(cluster, node, given, context)
  if (ips.length === 0) return []
  const time = rfc3339(context.now)
  const hostIps = nodeIps(node)
  const status: PodStatus = {
    phase: 'Running',
    ...(hostIps[0] === undefined ? {} : { hostIP: hostIps[0], hostIPs: hostIps.map((ip) => ({ ip })) }),
    ...(ips[0] === undefined ? {} : { podIP: ips[0] }),
    podIPs: ips.map((ip) => ({ ip })),
    startTime: time,
  }
  const running = { ...pod, status } satisfies Pod
  const delay = readinessDelay(running)
  context.memory.wake(NAME, keyOf(pod), delay === undefined || delay === 0 ? undefined : context.now + delay)
  const object = { ...running, status: { ...status, ...reported(running, delay === 0, context.now) } }
  const started = pod.spec.hostNetwork ? 'started-on-host' : 'started'
  return [{ change: 'update', object, why: because(started, { node: node.metadata.name, ips: ips.join(', ') }) }]
}

/** One address of each of the node's Pod CIDRs. */
function allocate(cluster: Cluster, node: Node, given: Set<string>, { memory }: ReconcileContext): readonly string[] {
  const cidrs = node.spec?.podCIDRs ?? (node.spec?.podCIDR ? [node.spec.podCIDR] : [])
  const ips: string[] = []
  for (const cidr of cidrs) {
    const range = rangeOf(cidr)
    const key = `${node.metadata.name} ${cidr}`
    const ip = range && nextIp([range], memory.lastIp(key), (candidate) => given.has(candidate) || isIpTaken(cluster, candidate))
    // A node whose range is used up starts no Pod with half its addresses.
    if (ip === undefined) return []
    given.add(ip)
    memory.reserve(key, ip)
    ips.push(ip)
  }
  return inNodeOrder(ips)
}

const inNodeOrder = (ips: readonly string[]): readonly string[] => (new Set(ips.map(familyOf)).size === ips.length ? ips : ips.slice(0, 1))

/** Looks again at a running Pod: are its containers ready now, and its gates open? */
function probe(pod: Pod, { now, memory }: ReconcileContext): readonly Change[] {
  const key = keyOf(pod)
  const due = memory.wakesOf(NAME).get(key)
  const delay = readinessDelay(pod)
  const started = millisOf(pod.status?.startTime) ?? now
  const isDue = due === undefined ? started + (delay ?? 0) <= now : due <= now
  const isReady = delay === 0 || (delay !== undefined && isDue)
  if (!isReady && delay !== undefined && due === undefined) memory.wake(NAME, key, started + delay)
  const next = reported(pod, isReady, now)
  if (next.conditions === pod.status?.conditions) return []
  const why = because(isReady ? 'containers-ready' : 'containers-not-ready')
  return [update<Pod>({ ...pod, status: { ...pod.status, ...next } }, why)]
}

/** A Pod that does not live by itself (given as a fact, or on its way out) still does what `kubehop.dev/ready` says. */
function obey(pod: Pod, now: number): readonly Change[] {
  const said = pod.metadata.annotations?.[READY_ANNOTATION]
  if (podIps(pod).length === 0 || hasFinished(pod) || (said !== 'true' && said !== 'false')) return []
  const next = readiness(pod, said === 'true', now)
  const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== 'Ready' && type !== 'ContainersReady')
  if (next.every((one) => pod.status?.conditions?.includes(one))) return []
  const status = { ...pod.status, conditions: [...others, ...next], containerStatuses: containerStatuses(pod, said === 'true', now) }
  return [update<Pod>({ ...pod, status }, because(said === 'true' ? 'containers-ready' : 'containers-not-ready'))]
}

type Reported = Pick<PodStatus, 'conditions' | 'containerStatuses'>

/** The conditions and container statuses of a Pod whose containers are (not) ready; the same object where nothing changes. */
function reported(pod: Pod, containersReady: boolean, now: number): Reported {
  const [ready, containers] = readiness(pod, containersReady, now)
  const conditions = [
    condition(pod, 'PodReadyToStartContainers', true, now),
    condition(pod, 'Initialized', true, now),
    ready,
    containers,
    condition(pod, 'PodScheduled', true, now),
    ...(pod.status?.conditions ?? []).filter(({ type }) => !OWN.has(type)),
  ]
  const old = pod.status?.conditions
  const isSame = old && old.length === conditions.length && conditions.every((one) => old.includes(one))
  return { conditions: isSame ? old : conditions, containerStatuses: containerStatuses(pod, containersReady, now) }
}

function readiness(pod: Pod, containersReady: boolean, now: number): readonly [ready: Condition, containers: Condition] {
  const waiting = containersReady ? undefined : unready(pod)
  const closed = closedGate(pod)
  return [
    condition(pod, 'Ready', containersReady && !closed, now, containersReady ? closed : waiting),
    condition(pod, 'ContainersReady', containersReady, now, waiting),
  ]
}

function unready({ spec }: Pod): Reason {
  const names = spec.containers.map(({ name }) => name).join(' ')
  return { reason: 'ContainersNotReady', message: `containers with unready status: [${names}]` }
}

const OWN = new Set(['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'])

type Reason = { readonly reason: string; readonly message: string }

function condition(pod: Pod, type: string, holds: boolean, now: number, unless?: Reason): Condition {
  const status = holds ? 'True' : 'False'
  const reason = holds ? undefined : unless
  const old = conditionOf(pod, type)
  if (old && old.status === status && old.message === reason?.message) return old
  const lastTransitionTime = old?.status === status && old.lastTransitionTime !== undefined ? old.lastTransitionTime : rfc3339(now)
  return { type, status, ...reason, lastTransitionTime }
}

/** The first readiness gate that does not hold, in the kubelet's words. */
function closedGate(pod: Pod): Reason | undefined {
  for (const { conditionType } of pod.spec.readinessGates ?? []) {
    const gate = conditionOf(pod, conditionType)
    if (gate?.status === 'True') continue
    const message = gate
      ? `the status of pod readiness gate "${conditionType}" is not "True", but ${gate.status}`
      : `corresponding condition of pod readiness gate "${conditionType}" does not exist.`
    return { reason: 'ReadinessGatesNotReady', message }
  }
  return undefined
}

function containerStatuses(pod: Pod, ready: boolean, now: number): readonly ContainerStatus[] {
  const startedAt = pod.status?.startTime ?? rfc3339(now)
  return pod.spec.containers.map(({ name, image }) => {
    const old = pod.status?.containerStatuses?.find((one) => one.name === name)
    if (old) return old.ready === ready ? old : { ...old, ready }
    return { name, ready, restartCount: 0, started: true, ...(image === undefined ? {} : { image }), state: { running: { startedAt } } }
  })
}
