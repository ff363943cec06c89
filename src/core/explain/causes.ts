import { type Cluster, find, list } from '../api/cluster.ts'
import { isPodReady, type Pod } from '../api/kinds/pod.ts'
import { LISTEN_ANNOTATION } from '../api/listening.ts'
import { type FieldPath, mapSelects } from '../api/meta.ts'
import { socketsOf } from '../trace/sockets.ts'
import type { Cause, RequestTrace } from '../trace/trace.ts'
import { type Destination, type Dialled, dialledService } from './dialled.ts'

/**
 * Why a request ended as it did, in the words of the objects: the nearest cause first, each with the field that a person would change.
 * Empty where nothing failed, or where the verdict already says all there is. `cluster` is the cluster as the deciding node saw it.
 */
export function causesOf(
  trace: Pick<RequestTrace, 'verdict' | 'backend'>,
  sent: Destination | undefined,
  cluster: Cluster,
): readonly Cause[] {
  const { code, reason } = trace.verdict
  if (code === 'DELIVERED') return []
  const dialled = sent && dialledService(cluster, sent)
  if (!dialled) return reason === 'no-listener' || reason === 'listens-elsewhere' ? deafPod(trace, cluster) : []
  switch (code) {
    case 'REJECTED_NO_ENDPOINTS':
      return whyEmpty(dialled, cluster)
    case 'DROPPED_NO_LOCAL_ENDPOINTS':
      return [localPolicy(dialled)]
    case 'DROPPED_SOURCE_RANGE':
      return [
        causeAt(
          'source-ranges',
          dialled,
          ['spec', 'loadBalancerSourceRanges'],
          { ranges: (dialled.service.spec.loadBalancerSourceRanges ?? []).join(', ') },
          `${dialled.name} takes packets only from ${(dialled.service.spec.loadBalancerSourceRanges ?? []).join(', ')}.`,
        ),
      ]
    case 'REFUSED':
      return wrongTarget(trace, dialled, cluster)
    case 'TIMEOUT':
      return reason === 'reply-bypasses-node' && dialled.service.spec.externalTrafficPolicy === 'Local' ? [localPolicy(dialled)] : []
    case 'REJECTED':
    case 'LEFT_CLUSTER':
      return dialled.port ? whyUncaptured(dialled, cluster) : [unusedPort(dialled)]
    default:
      return []
  }
}

function causeAt(cause: string, { service, name }: Dialled, path: FieldPath, params: Cause['params'], message: string): Cause {
  const object = `Service/${service.metadata.namespace ?? 'default'}/${service.metadata.name}`
  return { cause, params: { service: name, ...params }, origin: { object, path }, message }
}

function unusedPort(dialled: Dialled): Cause {
  const ports = (dialled.service.spec.ports ?? []).map(({ port, protocol }) => `${port}/${protocol}`).join(', ')
  return causeAt(
    'unused-service-port',
    dialled,
    ['spec', 'ports'],
    { ports },
    `${dialled.name} has the ports ${ports}, not the one that was dialled.`,
  )
}

function localPolicy(dialled: Dialled): Cause {
  const internal = dialled.door === 'cluster-ip'
  const field = internal ? 'internalTrafficPolicy' : 'externalTrafficPolicy'
  const message = `${field} of ${dialled.name} is Local: only endpoints of the node that the packet comes to are used.`
  return causeAt(internal ? 'internal-policy-local' : 'external-policy-local', dialled, ['spec', field], { field }, message)
}

/** A LoadBalancer or external address is not looked at on every way out of a node: with no endpoint, the packet just leaves. */
function whyUncaptured(dialled: Dialled, cluster: Cluster): readonly Cause[] {
  return whyEmpty(dialled, cluster)
}

function selectedPods({ service }: Dialled, cluster: Cluster): readonly Pod[] {
  const { selector } = service.spec
  if (!selector || Object.keys(selector).length === 0) return []
  return list(cluster, 'Pod').filter(
    ({ metadata }) => metadata.namespace === service.metadata.namespace && mapSelects(selector, metadata.labels),
  )
}

function whyEmpty(dialled: Dialled, cluster: Cluster): readonly Cause[] {
  const { service, name, port, portIndex = 0 } = dialled
  const { selector } = service.spec
  if (!selector || Object.keys(selector).length === 0) {
    return [causeAt('no-selector', dialled, ['spec'], {}, `${name} has no selector, and nobody has written endpoints for it.`)]
  }
  const pods = selectedPods(dialled, cluster)
  const text = Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
  if (pods.length === 0) {
    return [
      causeAt(
        'selector-matches-nothing',
        dialled,
        ['spec', 'selector'],
        { selector: text },
        `The selector ${text} of ${name} matches no Pod in its namespace.`,
      ),
    ]
  }
  const ready = pods.filter((pod) => isPodReady(pod) && pod.metadata.deletionTimestamp === undefined)
  const target = port?.targetPort
  const named = typeof target === 'string' && !pods.some((pod) => hasPortName(pod, target))
  if (named) {
    const message = `No Pod that ${name} selects has a port called ${target}.`
    return [causeAt('target-port-unknown', dialled, ['spec', 'ports', portIndex, 'targetPort'], { targetPort: target }, message)]
  }
  if (ready.length > 0) return []
  const going = pods.every(({ metadata }) => metadata.deletionTimestamp !== undefined)
  const first = pods[0]
  const cause = going ? 'pods-terminating' : 'no-pod-ready'
  const message = `${name} selects ${pods.length} Pods, and none of them is ${going ? 'staying' : 'ready'}.`
  const origin = first && { object: `Pod/${first.metadata.namespace}/${first.metadata.name}`, path: readinessPath(first) }
  return [{ cause, params: { service: name, count: pods.length }, message, ...(origin && { origin }) }]
}

function hasPortName(pod: Pod, name: string): boolean {
  return pod.spec.containers.some(({ ports }) => ports?.some((port) => port.name === name))
}

/** The readiness probe that keeps a Pod out, else its conditions' nearest field. */
function readinessPath(pod: Pod): FieldPath {
  const index = pod.spec.containers.findIndex(({ readinessProbe }) => readinessProbe !== undefined)
  return index >= 0 ? ['spec', 'containers', index, 'readinessProbe'] : ['spec', 'containers']
}

/** The Service sends to a port on which its Pod does not listen. */
function wrongTarget(trace: Pick<RequestTrace, 'backend' | 'verdict'>, dialled: Dialled, cluster: Cluster): readonly Cause[] {
  const { backend } = trace
  const pod = backend?.pod === undefined ? undefined : find(cluster, 'Pod', backend.namespace ?? '', backend.pod)
  if (!pod || dialled.portIndex === undefined) return []
  const target = String(dialled.port?.targetPort ?? '')
  const listens = listened(pod)
  const message = `targetPort of ${dialled.name} is ${target}, but its Pod listens on ${listens || 'nothing'}.`
  const cause = causeAt(
    'target-port-deaf',
    dialled,
    ['spec', 'ports', dialled.portIndex, 'targetPort'],
    { targetPort: target, listens },
    message,
  )
  return [cause, ...deafPod(trace, cluster)]
}

function deafPod({ backend }: Pick<RequestTrace, 'backend'>, cluster: Cluster): readonly Cause[] {
  const pod = backend?.pod === undefined ? undefined : find(cluster, 'Pod', backend.namespace ?? '', backend.pod)
  if (!pod) return []
  const name = `${backend?.namespace}/${backend?.pod}`
  const listens = listened(pod)
  const said = pod.metadata.annotations?.[LISTEN_ANNOTATION] !== undefined
  const path: FieldPath = said ? ['metadata', 'annotations', LISTEN_ANNOTATION] : ['spec', 'containers', 0, 'ports']
  const message = `${name} listens on ${listens || 'nothing'}.`
  return [{ cause: 'pod-listens', params: { pod: name, listens }, origin: { object: `Pod/${name}`, path }, message }]
}

function listened(pod: Pod): string {
  return socketsOf(pod)
    .map(
      ({ address, port, protocol }) =>
        `${address === undefined ? '' : `${address}:`}${port === 0 ? 'every port' : port}/${protocol ?? 'any'}`,
    )
    .join(', ')
}
