import { at, type Cluster, find, list } from '../../api/cluster.ts'
import type { EndpointAddress, EndpointSubset, Endpoints, EndpointsPort } from '../../api/kinds/endpoints.ts'
import { HEADLESS_LABEL } from '../../api/kinds/endpointslice.ts'
import { isPodReady, type Pod } from '../../api/kinds/pod.ts'
import type { Service, ServicePort } from '../../api/kinds/service.ts'
import { keyOf, type Labels, type ObjectKey } from '../../api/meta.ts'
import { sameData } from '../../base/copy.ts'
import { familyOf } from '../../base/ip.ts'
import { rfc3339 } from '../../base/time.ts'
import { type Change, type Controller, type ReconcileContext, update } from '../controller.ts'
import { hasClusterIp, servicesConcerned } from '../endpointslice/controller.ts'
import { belongsInEndpoints, findPort, hasHostname } from '../endpointslice/desired.ts'
import { TRIGGER_TIME, triggerTime } from '../endpointslice/trigger.ts'
import { podsSelected } from '../lookup.ts'
import { uidOf } from '../names.ts'
import { podIps } from '../pods.ts'
import { because } from '../why.ts'
import { repack } from './repack.ts'
import { addressCount, MAX_ADDRESSES, truncated } from './truncate.ts'

const NAME = 'endpoints-controller'
const ENDPOINTS_MANAGED_BY = 'endpoints.kubernetes.io/managed-by'
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity'
const MANAGED_BY = 'endpoint-controller'

/** Keeps the Endpoints object of every Service with a selector: one family, at most 1000 addresses, nothing terminating. */
export const endpointsController: Controller = {
  name: NAME,
  everything: (cluster) => list(cluster, 'Service').map(keyOf),
  watches: ['Service', 'Pod', 'Node', 'Endpoints'],
  concerns: (delta, cluster) => {
    if (!delta.key.startsWith('Endpoints/')) return servicesConcerned(delta, cluster)
    return delta.after ? [] : [`Service${delta.key.slice('Endpoints'.length)}`]
  },
  reconcile: (cluster, keys, context) =>
    keys.flatMap((key) => {
      const service = at(cluster, key) as Service | undefined
      if (!service) return orphan(cluster, key, context)
      // Given from outside with Pods that are not there: a fact.
      if (context.memory.isFact(`Endpoints${key.slice('Service'.length)}`)) return []
      return service.spec.selector && service.spec.type !== 'ExternalName' ? sync(cluster, service, context) : []
    }),
}

/** Endpoints have no owner: the controller itself deletes them with their Service. */
function orphan(cluster: Cluster, key: ObjectKey, { memory }: ReconcileContext): readonly Change[] {
  memory.setTriggers(`${NAME} ${key}`, undefined)
  const own = `Endpoints${key.slice('Service'.length)}`
  return at(cluster, own) ? [{ change: 'delete', key: own, why: because('endpoints-gone') }] : []
}

function sync(cluster: Cluster, service: Service, context: ReconcileContext): readonly Change[] {
  const { namespace = '', name } = service.metadata
  const pods = podsSelected(cluster, namespace, { matchLabels: service.spec.selector ?? {} })
  const trigger = triggerTime(`${NAME} ${keyOf(service)}`, service, pods, context.memory)
  const subsets = repack(subsetsOf(service, pods))
  const current = find(cluster, 'Endpoints', namespace, name)
  if (current && isUpToDate(current, service, subsets)) return []
  const object = written(current, service, subsets, trigger, context)
  if (!current) return [{ change: 'create', object, why: because('endpoints-new', { name }) }]
  // Over capacity the real controller writes the same again with every sync; nobody could tell the difference.
  return sameData(current, object) ? [] : [update(object, because('endpoints-changed', { name }))]
}

/** Each Pod's addresses and ports, not yet put together. */
function subsetsOf(service: Service, pods: readonly Pod[]): readonly EndpointSubset[] {
  const { ports = [], publishNotReadyAddresses = false, clusterIP } = service.spec
  const subsets: EndpointSubset[] = []
  for (const pod of pods) {
    if (!belongsInEndpoints(pod) || (pod.metadata.deletionTimestamp !== undefined && !publishNotReadyAddresses)) continue
    const address = addressOf(service, pod)
    if (!address) continue
    const addresses = isPodReady(pod) || publishNotReadyAddresses ? { addresses: [address] } : { notReadyAddresses: [address] }
    if (ports.length === 0) {
      if (clusterIP === 'None') subsets.push(addresses)
      continue
    }
    for (const port of ports) {
      const number = findPort(pod, port)
      if (number !== undefined) subsets.push({ ...addresses, ports: [endpointsPort(port, number)] })
    }
  }
  return subsets
}

/** The Pod's address of the Service's first family, or undefined if it has none. */
export function addressOf(service: Service, pod: Pod): EndpointAddress | undefined {
  const { ipFamilies, clusterIP } = service.spec
  const family = ipFamilies?.[0] ?? (clusterIP && clusterIP !== 'None' ? familyOf(clusterIP) : undefined)
  const ip = podIps(pod).find((one) => family === undefined || familyOf(one) === family)
  if (ip === undefined) return undefined
  const { namespace, name, uid } = pod.metadata
  return {
    ip,
    ...(hasHostname(pod, service) ? { hostname: pod.spec.hostname ?? '' } : {}),
    nodeName: pod.spec.nodeName ?? '',
    targetRef: { kind: 'Pod', ...(namespace === undefined ? {} : { namespace }), name, ...(uid === undefined ? {} : { uid }) },
  }
}

/** `endpointPortFromServicePort`. */
export function endpointsPort({ name, protocol, appProtocol }: ServicePort, port: number): EndpointsPort {
  return { ...(name ? { name } : {}), port, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }
}

function isUpToDate(current: Endpoints, service: Service, subsets: readonly EndpointSubset[]): boolean {
  const stored = current.subsets ?? []
  return (
    sameData(withoutVersions(repack(stored)), subsets) &&
    sameData(withoutHeadless(current.metadata.labels), withoutHeadless(endpointsLabels(service))) &&
    addressCount(stored) <= MAX_ADDRESSES &&
    current.metadata.annotations?.[OVER_CAPACITY] === undefined
  )
}

function withoutVersions(subsets: readonly EndpointSubset[]): unknown {
  const strip = (address: EndpointAddress) => ({
    ...address,
    ...(address.targetRef ? { targetRef: { ...address.targetRef, resourceVersion: undefined } } : {}),
  })
  return subsets.map(({ addresses, notReadyAddresses, ports }) => ({
    addresses: addresses?.map(strip),
    notReadyAddresses: notReadyAddresses?.map(strip),
    ports,
  }))
}

/** Whether the headless label is right is no reason to write. */
function withoutHeadless(labels: Labels | undefined): Labels {
  const { [HEADLESS_LABEL]: _, ...others } = labels ?? {}
  return others
}

export function endpointsLabels(service: Service): Labels {
  const { [HEADLESS_LABEL]: _, ...labels } = service.metadata.labels ?? {}
  return { ...labels, ...(hasClusterIp(service) ? {} : { [HEADLESS_LABEL]: '' }), [ENDPOINTS_MANAGED_BY]: MANAGED_BY }
}

function written(
  current: Endpoints | undefined,
  service: Service,
  subsets: readonly EndpointSubset[],
  trigger: string | undefined,
  { now, memory }: ReconcileContext,
): Endpoints {
  const { [TRIGGER_TIME]: _, [OVER_CAPACITY]: __, ...kept } = current?.metadata.annotations ?? {}
  const cut = truncated(subsets)
  const annotations = {
    ...kept,
    ...(trigger === undefined ? {} : { [TRIGGER_TIME]: trigger }),
    ...(cut ? { [OVER_CAPACITY]: 'truncated' } : {}),
  }
  const { annotations: ___, ...metadata } = current?.metadata ?? born(service, now, memory.serial)
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { ...metadata, labels: endpointsLabels(service), ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
    subsets: cut ?? subsets,
  }
}

function born({ metadata: { namespace, name } }: Service, now: number, serial: (owner: string) => number): Endpoints['metadata'] {
  const key = `Endpoints/${namespace ?? ''}/${name}`
  return { name, ...(namespace === undefined ? {} : { namespace }), uid: uidOf(key, serial(key)), creationTimestamp: rfc3339(now) }
}
