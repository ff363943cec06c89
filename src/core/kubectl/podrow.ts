import type { Container, ContainerStatus, Pod } from '../api/kinds/pod.ts'
import { millisOf } from '../base/time.ts'
import { ageOf } from './age.ts'
import type { Cells } from './networkrows.ts'

type Waiting = { readonly reason?: string }
type Terminated = { readonly reason?: string; readonly exitCode?: number; readonly signal?: number; readonly finishedAt?: string }
type State = { readonly running?: unknown; readonly waiting?: Waiting; readonly terminated?: Terminated }
/** What the loops over the container statuses find out. */
type Tally = { ready: number; restarts: number; lastRestart: string | undefined; reason: string }

/** A Pod's row as the API server's printPod makes it (pkg/printers/internalversion). */
export function podRow(pod: Pod, now: number): Cells {
  const status = pod.status ?? {}
  const tally: Tally = { ready: 0, restarts: 0, lastRestart: undefined, reason: status.reason || status.phase || '' }
  if (status.conditions?.some(({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated'))
    tally.reason = 'SchedulingGated'
  const sidecars: Tally = { ready: 0, restarts: 0, lastRestart: undefined, reason: '' }
  const initializing = tallyInit(pod, tally, sidecars)
  if (!initializing || hasTrue(pod, 'Initialized')) {
    tally.restarts = sidecars.restarts
    tally.lastRestart = sidecars.lastRestart
    tallyContainers(pod, tally)
  }
  const total = (pod.spec.containers?.length ?? 0) + (pod.spec.initContainers ?? []).filter(isSidecar).length
  const ago = tally.restarts !== 0 && tally.lastRestart !== undefined ? ` (${ageOf(tally.lastRestart, now)} ago)` : ''
  return [
    pod.metadata.name,
    `${tally.ready}/${total}`,
    deletionReason(pod) ?? tally.reason,
    `${tally.restarts}${ago}`,
    ageOf(pod.metadata.creationTimestamp, now),
    status.podIPs?.[0]?.ip || status.podIP || '<none>',
    pod.spec.nodeName || '<none>',
    (status as { readonly nominatedNodeName?: string }).nominatedNodeName || '<none>',
    gatesText(pod),
  ]
}

/** Whether the Pod still initialises; the first init container that is not done decides the reason. */
function tallyInit(pod: Pod, tally: Tally, sidecars: Tally): boolean {
  const specs = new Map((pod.spec.initContainers ?? []).map((container) => [container.name, container]))
  const statuses = pod.status?.initContainerStatuses ?? []
  for (const [index, status] of statuses.entries()) {
    const sidecar = isSidecar(specs.get(status.name))
    countRestarts(status, tally)
    if (sidecar) countRestarts(status, sidecars)
    const { terminated, waiting } = stateOf(status)
    if (terminated && (terminated.exitCode ?? 0) === 0) continue
    if (sidecar && status.started) {
      if (status.ready) tally.ready++
      continue
    }
    if (terminated) tally.reason = `Init:${terminatedReason(terminated)}`
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') tally.reason = `Init:${waiting.reason}`
    else tally.reason = `Init:${index}/${pod.spec.initContainers?.length ?? 0}`
    return true
  }
  return false
}

function tallyContainers(pod: Pod, tally: Tally): void {
  let anyRuns = false
  for (const status of [...(pod.status?.containerStatuses ?? [])].reverse()) {
    countRestarts(status, tally)
    const { running, terminated, waiting } = stateOf(status)
    if (waiting?.reason) tally.reason = waiting.reason
    else if (terminated) tally.reason = terminatedReason(terminated)
    else if (status.ready && running !== undefined) {
      anyRuns = true
      tally.ready++
    }
  }
  // Back to "Running" while at least one container still runs.
  if (tally.reason === 'Completed' && anyRuns) tally.reason = hasTrue(pod, 'Ready') ? 'Running' : 'NotReady'
}

function countRestarts(status: ContainerStatus, tally: Tally): void {
  tally.restarts += status.restartCount ?? 0
  const finished = ((status.lastState ?? {}) as State).terminated?.finishedAt
  if (finished !== undefined && (millisOf(finished) ?? 0) > (millisOf(tally.lastRestart) ?? Number.NEGATIVE_INFINITY))
    tally.lastRestart = finished
}

function terminatedReason({ reason, signal, exitCode }: Terminated): string {
  if (reason) return reason
  return signal ? `Signal:${signal}` : `ExitCode:${exitCode ?? 0}`
}

function deletionReason(pod: Pod): string | undefined {
  if (pod.metadata.deletionTimestamp === undefined) return undefined
  if (pod.status?.reason === 'NodeLost') return 'Unknown'
  return pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded' ? undefined : 'Terminating'
}

function gatesText(pod: Pod): string {
  const gates = pod.spec.readinessGates ?? []
  if (gates.length === 0) return '<none>'
  return `${gates.filter(({ conditionType }) => hasTrue(pod, conditionType)).length}/${gates.length}`
}

function hasTrue(pod: Pod, type: string): boolean {
  return pod.status?.conditions?.find((condition) => condition.type === type)?.status === 'True'
}

function isSidecar(container: Container | undefined): boolean {
  return container?.restartPolicy === 'Always'
}

function stateOf(status: ContainerStatus): State {
  return (status.state ?? {}) as State
}
