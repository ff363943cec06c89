import { type Cluster, find } from '../../api/cluster.ts'
import { type Endpoint, type EndpointPort, ZONE_LABEL } from '../../api/kinds/endpointslice.ts'
import { type Container, isPodReady, type Pod } from '../../api/kinds/pod.ts'
import type { Service, ServicePort } from '../../api/kinds/service.ts'
import { type Family, familyOf, parseIp } from '../../base/ip.ts'
import { byText } from '../../base/order.ts'
import { podIps } from '../pods.ts'
import { fnv1a128, slicePortText } from './goprint.ts'

/** The endpoints that belong together because their Pods resolve the Service's ports alike. */
export type PortGroup = { readonly ports: readonly EndpointPort[]; readonly endpoints: readonly Endpoint[] }

/**
 * What the slices of one address family should hold, by port list (`Reconciler.reconcileByAddressType`, first half). A Pod whose node
 * does not exist is left out, unless the Service publishes addresses that are not ready.
 */
export function desiredGroups(cluster: Cluster, service: Service, pods: readonly Pod[], family: Family): ReadonlyMap<string, PortGroup> {
  const groups = new Map<string, { readonly ports: readonly EndpointPort[]; readonly endpoints: Endpoint[] }>()
  const portsOf = portResolver(service)
  for (const pod of pods) {
    if (!belongsInEndpoints(pod)) continue
    const { key, ports } = portsOf(pod)
    let group = groups.get(key)
    if (!group) {
      group = { ports, endpoints: [] }
      groups.set(key, group)
    }
    const node = pod.spec.nodeName ? find(cluster, 'Node', '', pod.spec.nodeName) : undefined
    if (pod.spec.nodeName && !node && !service.spec.publishNotReadyAddresses) continue
    const endpoint = endpointOf(pod, service, node?.metadata.labels?.[ZONE_LABEL], family)
    if (endpoint.addresses.length > 0) group.endpoints.push(endpoint)
  }
  return groups.size < 2 ? groups : new Map([...groups].sort(([, a], [, b]) => byText(groupText(a.ports), groupText(b.ports))))
}

/** Which group comes first is chance upstream; here it follows from the ports. */
function groupText(ports: readonly EndpointPort[]): string {
  return ports
    .map(({ name, protocol, port }) => `${name}|${protocol}|${String(port).padStart(5, '0')}`)
    .sort()
    .join(',')
}

/** `endpointsliceutil.ShouldPodBeInEndpoints` with terminating Pods included: not finished, and with an address. */
export function belongsInEndpoints(pod: Pod): boolean {
  return pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed' && Boolean(pod.status?.podIPs?.length || pod.status?.podIP)
}

/** `podToEndpoint`. */
export function endpointOf(pod: Pod, service: Service, zone: string | undefined, family: Family): Endpoint {
  const serving = isPodReady(pod)
  const terminating = pod.metadata.deletionTimestamp !== undefined
  const ready = Boolean(service.spec.publishNotReadyAddresses) || (serving && !terminating)
  const { namespace, name, uid } = pod.metadata
  return {
    // Go prints an address that is none as <nil>. The API server lets no Pod have one.
    addresses: podIps(pod).flatMap((ip) => (familyOf(ip) === family ? (parseIp(ip) ?? '<nil>') : [])),
    conditions: { ready, serving, terminating },
    targetRef: { kind: 'Pod', ...(namespace === undefined ? {} : { namespace }), name, ...(uid === undefined ? {} : { uid }) },
    ...(hasHostname(pod, service) ? { hostname: pod.spec.hostname ?? '' } : {}),
    ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    ...(zone ? { zone } : {}),
  }
}

/** A Pod is known by its hostname only under the Service that its `subdomain` names: `ShouldSetHostname`. */
export function hasHostname(pod: Pod, service: Service): boolean {
  return Boolean(pod.spec.hostname) && pod.spec.subdomain === service.metadata.name && pod.metadata.namespace === service.metadata.namespace
}

/** Resolves a Service's ports for Pods; Pods that resolve alike share one list. */
export function portResolver(service: Service): (pod: Pod) => { readonly key: string; readonly ports: readonly EndpointPort[] } {
  const made = new Map<string, { readonly key: string; readonly ports: readonly EndpointPort[] }>()
  const ports = service.spec.ports ?? []
  return (pod) => {
    const numbers = ports.map((port) => findPort(pod, port))
    const id = numbers.join(',')
    let answer = made.get(id)
    if (!answer) {
      const list = inHashOrder(ports.flatMap((port, i) => (numbers[i] === undefined ? [] : [endpointPort(port, numbers[i])])))
      answer = { key: portKey(list), ports: list }
      made.set(id, answer)
    }
    return answer
  }
}

function endpointPort({ name, protocol, appProtocol }: ServicePort, port: number): EndpointPort {
  return { name: name ?? '', port, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }
}

/**
 * The port of a Pod that a Service port means, or undefined if the Pod has none: a number stands for itself, a name for the first
 * container port of that name and protocol, sidecars after the containers (`podutil.FindPort`).
 */
export function findPort(pod: Pod, { targetPort, protocol }: ServicePort): number | undefined {
  if (typeof targetPort === 'number') return targetPort
  const isSidecar = (container: Container) => container.restartPolicy === 'Always'
  for (const container of [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter(isSidecar)]) {
    for (const port of container.ports ?? []) {
      if (port.name === targetPort && (port.protocol ?? 'TCP') === (protocol ?? 'TCP')) return port.containerPort
    }
  }
  return undefined
}

/** Ports in the controller's order: by a hash of their text, which carries no meaning (`NewPortMapKey`). */
export function inHashOrder(ports: readonly EndpointPort[]): readonly EndpointPort[] {
  if (ports.length < 2) return ports
  return ports
    .map((port) => ({ port, hash: fnv1a128(slicePortText(port)) }))
    .sort((a, b) => (a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0))
    .map(({ port }) => port)
}

/** One text for a port list, whatever the order it is written in. */
export function portKey(ports: readonly EndpointPort[] | undefined): string {
  return inHashOrder(ports ?? [])
    .map(slicePortText)
    .join(' ')
}
