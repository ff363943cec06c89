import type { Cluster } from '../api/cluster.ts'
import { find, list } from '../api/cluster.ts'
import { type EndpointSlice, SERVICE_NAME_LABEL } from '../api/kinds/endpointslice.ts'
import type { Service } from '../api/kinds/service.ts'
import { clusterIpsOf } from '../api/service/fields.ts'

/** A ready address of a Service's slice, as CoreDNS keeps it. */
export type ZoneEndpoint = {
  readonly service: string
  readonly namespace: string
  readonly ip: string
  /** Its name under the Service: the endpoint's hostname, else the address with dashes. */
  readonly label: string
  /** Ports of the slice; one port -1 where the slice declares none. */
  readonly ports: readonly { readonly name: string; readonly protocol: string; readonly port: number }[]
}

/** What CoreDNS' kubernetes plugin knows of a cluster: indexes over Services and ready endpoints, no record lists. */
export type Zone = {
  /** Without the final dot, lower case: `cluster.local`. */
  readonly domain: string
  readonly hasNamespace: (name: string) => boolean
  readonly service: (namespace: string, name: string) => Service | undefined
  readonly endpoints: (namespace: string, service: string) => readonly ZoneEndpoint[]
  readonly serviceAt: (ip: string) => Service | undefined
  readonly endpointsAt: (ip: string) => readonly ZoneEndpoint[]
  /** The cluster IPs of the DNS Service itself, for `ns.dns.<zone>`. */
  readonly dnsService: Service | undefined
}

type SliceIndex = { readonly byService: ReadonlyMap<string, ZoneEndpoint[]>; readonly byIp: ReadonlyMap<string, ZoneEndpoint[]> }

const sliceIndexes = new WeakMap<readonly EndpointSlice[], SliceIndex>()
const serviceIndexes = new WeakMap<readonly Service[], ReadonlyMap<string, Service>>()

/** The zone of a cluster. Indexes are remembered with the lists they were made from, so that asking again costs nothing. */
export function zoneOf(cluster: Cluster): Zone {
  const slices = () => remembered(sliceIndexes, list(cluster, 'EndpointSlice'), indexSlices)
  const services = () => remembered(serviceIndexes, list(cluster, 'Service'), indexServices)
  return {
    domain: cluster.settings.clusterDomain.toLowerCase(),
    hasNamespace: (name) => find(cluster, 'Namespace', '', name) !== undefined,
    service: (namespace, name) => find(cluster, 'Service', namespace, name),
    endpoints: (namespace, service) => slices().byService.get(`${namespace}/${service}`) ?? [],
    serviceAt: (ip) => services().get(ip),
    endpointsAt: (ip) => slices().byIp.get(ip) ?? [],
    dnsService: find(cluster, 'Service', 'kube-system', 'kube-dns'),
  }
}

function remembered<K extends object, V>(memo: WeakMap<K, V>, key: K, make: (key: K) => V): V {
  let value = memo.get(key)
  if (value === undefined) {
    value = make(key)
    memo.set(key, value)
  }
  return value
}

function indexServices(services: readonly Service[]): ReadonlyMap<string, Service> {
  const byIp = new Map<string, Service>()
  for (const service of services) {
    for (const ip of clusterIpsOf(service)) if (!byIp.has(ip)) byIp.set(ip, service)
  }
  return byIp
}

function indexSlices(slices: readonly EndpointSlice[]): SliceIndex {
  const byService = new Map<string, ZoneEndpoint[]>()
  const byIp = new Map<string, ZoneEndpoint[]>()
  for (const slice of slices) {
    for (const endpoint of endpointsOf(slice)) {
      push(byService, `${endpoint.namespace}/${endpoint.service}`, endpoint)
      push(byIp, endpoint.ip, endpoint)
    }
  }
  return { byService, byIp }
}

/** The ready addresses of a slice; FQDN slices have none. CoreDNS reads a missing `ready` as true. */
function endpointsOf(slice: EndpointSlice): ZoneEndpoint[] {
  const service = slice.metadata.labels?.[SERVICE_NAME_LABEL]
  if (service === undefined || slice.addressType === 'FQDN') return []
  const ports = (slice.ports ?? []).map((port) => ({ name: port.name ?? '', protocol: port.protocol ?? 'TCP', port: port.port ?? -1 }))
  // CoreDNS puts port -1 where a slice has no ports: addresses resolve, SRV has nothing to say.
  const known = ports.length > 0 ? ports : [{ name: '', protocol: '', port: -1 }]
  return (slice.endpoints ?? [])
    .filter((endpoint) => endpoint.conditions?.ready !== false)
    .flatMap((endpoint) =>
      endpoint.addresses.map((ip) => ({
        service,
        namespace: slice.metadata.namespace ?? 'default',
        ip,
        label: endpoint.hostname || dashed(ip),
        ports: known,
      })),
    )
}

/** `10-244-0-5`, `2001-db8--61`; a name may not end in a dash, so CoreDNS adds a zero. */
export function dashed(ip: string): string {
  if (ip.includes('.')) return ip.replaceAll('.', '-')
  const text = ip.replaceAll(':', '-')
  return text.endsWith('-') ? `${text}0` : text
}

function push<V>(map: Map<string, V[]>, key: string, value: V): void {
  const group = map.get(key)
  if (group) group.push(value)
  else map.set(key, [value])
}
