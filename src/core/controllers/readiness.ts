import type { Container, Pod, Probe } from '../api/kinds/pod.ts'
import { listens } from '../api/listening.ts'
import { durationOf } from '../base/time.ts'

/** `"false"`: the Pod's readiness probe fails; `"true"`: it succeeds from the start. */
export const READY_ANNOTATION = 'kubehop.dev/ready'

/**
 * How long after its start (ms) a Pod's containers are ready, or undefined for never.
 *
 * A container without readinessProbe is ready when it runs. A probe first runs `initialDelaySeconds` after the start (after the
 * startup probe has succeeded, if there is one) and then every `periodSeconds`; it succeeds every time, so the container is ready with
 * its `successThreshold`-th run. It fails for ever where it asks a port that the Pod does not listen on or that has no such name.
 * The annotation `kubehop.dev/ready` overrides all that.
 */
export function readinessDelay(pod: Pod): number | undefined {
  const said = pod.metadata.annotations?.[READY_ANNOTATION]
  if (said === 'false') return undefined
  if (said === 'true') return 0
  const sidecars = (pod.spec.initContainers ?? []).filter((container) => container.restartPolicy === 'Always')
  let delay = 0
  for (const container of [...pod.spec.containers, ...sidecars]) {
    const own = containerDelay(pod, container)
    if (own === undefined) return undefined
    delay = Math.max(delay, own)
  }
  return delay
}

function containerDelay(pod: Pod, container: Container): number | undefined {
  const { startupProbe, readinessProbe } = container
  const started = startupProbe ? probeDelay(pod, container, startupProbe) : 0
  if (started === undefined || !readinessProbe) return started
  const first = probeDelay(pod, container, readinessProbe)
  if (first === undefined) return undefined
  const repeats = (readinessProbe.successThreshold ?? 1) - 1
  return Math.max(started, first) + repeats * (readinessProbe.periodSeconds ?? 10) * 1000
}

function probeDelay(pod: Pod, container: Container, probe: Probe): number | undefined {
  const handler = probe.httpGet ?? probe.tcpSocket ?? probe.grpc
  if (handler) {
    const port = typeof handler.port === 'number' ? handler.port : container.ports?.find((one) => one.name === handler.port)?.containerPort
    // A probe of another host asks somebody else, of whom we know nothing.
    const elsewhere = 'host' in handler && handler.host
    if (!elsewhere && (port === undefined || !listens(pod, 'TCP', pod.status?.podIP ?? '', port))) return undefined
  }
  return (probe.initialDelaySeconds ?? 0) * 1000
}

/** How long the containers take to end after SIGTERM: `kubehop.dev/stop-after: 5s`. Without it they end at once. */
export const STOP_ANNOTATION = 'kubehop.dev/stop-after'

/**
 * How long (ms) a Pod lives on after it was told to go: its longest preStop hook, then SIGTERM, upon which containers end at once
 * unless `kubehop.dev/stop-after` says otherwise. At the end of the grace period they are killed; a hook that used it all up
 * leaves them 2 more seconds, as the kubelet does.
 */
export function stopDelay(pod: Pod): number {
  const grace = (pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30) * 1000
  const hook = Math.min(grace, Math.max(0, ...pod.spec.containers.map(preStop)))
  const stop = durationOf(pod.metadata.annotations?.[STOP_ANNOTATION])
  return hook + Math.min(stop, Math.max(grace - hook, 2000))
}

/** `sleep` as the hook's own action, or as the command it runs; of other commands we know nothing and take them to be quick. */
function preStop({ lifecycle }: Container): number {
  const { sleep, exec } = lifecycle?.preStop ?? {}
  if (sleep) return sleep.seconds * 1000
  const match = /(?:^|\s|\/)sleep\s+(\d+(?:\.\d+)?[smh]?)/.exec(exec?.command?.join(' ') ?? '')
  return match ? durationOf(match[1]) : 0
}
