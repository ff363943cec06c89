import { type EndpointSlice, SERVICE_NAME_LABEL } from '../api/kinds/endpointslice.ts'
import { keyOf } from '../api/meta.ts'
import { type Family, hostPort } from '../base/ip.ts'
import { byKey } from '../base/order.ts'
import { sloppyIp } from './address.ts'
import type { ProxyEndpoint } from './view.ts'
import { isWatched } from './watched.ts'

/** An endpoint before anybody asked whose it is: `local` is false, the node stands beside it. */
export type PlacedEndpoint = ProxyEndpoint & { readonly node: string | undefined }

/** The key under which a slice's ports and a Service's ports meet: by port name and protocol, never by targetPort. */
export function portKey(name: string | undefined, protocol: string | undefined): string {
  return `${name ?? ''}/${protocol ?? 'TCP'}`
}

/** The slices that kube-proxy hears of, by `namespace/service`. */
export function slicesByService(slices: readonly EndpointSlice[]): ReadonlyMap<string, readonly EndpointSlice[]> {
  const groups = new Map<string, EndpointSlice[]>()
  for (const slice of slices) {
    const service = slice.metadata.labels?.[SERVICE_NAME_LABEL]
    if (!service || !isWatched(slice)) continue
    const key = `${slice.metadata.namespace ?? ''}/${service}`
    const group = groups.get(key)
    if (group) group.push(slice)
    else groups.set(key, [slice])
  }
  return groups
}

/**
 * The endpoints of one Service in one family by `portKey`, each list sorted by the text `ip:port`. Of two that share it the first stays
 * unless the later one is not terminating (kube-proxy pkg/proxy/endpointslicecache.go, v1.36).
 */
export function endpointsByPort(slices: readonly EndpointSlice[], family: Family): ReadonlyMap<string, readonly PlacedEndpoint[]> {
  const ports = new Map<string, Map<string, PlacedEndpoint>>()
  for (const slice of slices) {
    if (slice.addressType !== family) continue
    for (const port of slice.ports ?? []) {
      if (!port.port) continue
      const key = portKey(port.name, port.protocol)
      let found = ports.get(key)
      if (!found) {
        found = new Map()
        ports.set(key, found)
      }
      addEndpoints(found, slice, port.port)
    }
  }
  return new Map([...ports].map(([key, found]) => [key, [...found.values()].sort(byKey((endpoint) => endpoint.text))]))
}

function addEndpoints(found: Map<string, PlacedEndpoint>, slice: EndpointSlice, port: number): void {
  for (const [index, endpoint] of (slice.endpoints ?? []).entries()) {
    const ip = sloppyIp(endpoint.addresses[0] ?? '')
    if (ip === undefined) continue
    const text = hostPort(ip, port)
    const terminating = endpoint.conditions?.terminating ?? false
    if (found.has(text) && terminating) continue
    const ref = endpoint.targetRef
    found.set(text, {
      ip,
      port,
      text,
      local: false,
      ready: endpoint.conditions?.ready ?? true,
      serving: endpoint.conditions?.serving ?? true,
      terminating,
      zoneHints: (endpoint.hints?.forZones ?? []).map((zone) => zone.name),
      nodeHints: (endpoint.hints?.forNodes ?? []).map((node) => node.name),
      slice: keyOf(slice),
      index,
      ...(ref?.kind === 'Pod' && ref.name ? { pod: `Pod/${ref.namespace ?? slice.metadata.namespace ?? ''}/${ref.name}` } : {}),
      node: endpoint.nodeName,
    })
  }
}
