import { type Cluster, list } from '../api/cluster.ts'
import type { EndpointSlice } from '../api/kinds/endpointslice.ts'
import type { Service, ServicePort } from '../api/kinds/service.ts'
import { keyOf } from '../api/meta.ts'
import { type Cidr, type Family, familyOf, type Ip, parseCidr } from '../base/ip.ts'
import { byKey } from '../base/order.ts'
import { cidrsOfFamily, ipsOfFamily, sloppyIp } from './address.ts'
import { categorize, type NodeTopology } from './categorize.ts'
import { endpointsByPort, type PlacedEndpoint, portKey, slicesByService } from './endpoints.ts'
import type { ProxyEndpoint, ServicePortView } from './view.ts'
import { isWatched } from './watched.ts'

/** A service port with everything that does not depend on a node. */
type BasePort = {
  readonly fields: Omit<ServicePortView, 'endpoints' | 'categories'>
  readonly endpoints: readonly PlacedEndpoint[]
  /** The nodes that hold or are hinted one of the endpoints: they see it as nobody else does. */
  readonly special: ReadonlySet<string>
  /** Whether zones matter: any endpoint has a hint. */
  readonly hinted: boolean
  /** The views made so far: one for each special node, and one (with hints: one a zone) for all others. */
  readonly views: Map<string, ServicePortView>
}

type FamilyPorts = { readonly ports: readonly BasePort[]; readonly endpointCount: number }

const byCluster = new WeakMap<object, { slices: object | undefined; readonly families: Map<Family, FamilyPorts> }>()
const byService = new WeakMap<Service, Map<Family, { readonly slices: readonly EndpointSlice[]; readonly ports: readonly BasePort[] }>>()
const NO_SLICES: readonly EndpointSlice[] = []

/**
 * The service ports of one family as one node sees them, sorted by name, and how many endpoints they have together. Nodes share every view
 * that is the same for them, and a changed Service or slice renews only its own Service's views.
 */
export function servicePortsAt(
  cluster: Cluster,
  family: Family,
  at: NodeTopology,
): { readonly servicePorts: readonly ServicePortView[]; readonly endpointCount: number } {
  const { ports, endpointCount } = familyPorts(cluster, family)
  return { servicePorts: ports.map((port) => viewAt(port, at)), endpointCount }
}

function viewAt(port: BasePort, at: NodeTopology): ServicePortView {
  const key = port.special.has(at.node) ? `${at.node} ${at.zone}` : port.hinted ? ` ${at.zone}` : ''
  let view = port.views.get(key)
  if (!view) {
    const isLocal = (endpoint: PlacedEndpoint) => endpoint.node === at.node
    view = withEndpoints(
      port,
      port.endpoints.map((endpoint) => (isLocal(endpoint) ? { ...endpoint, local: true } : endpoint)),
      at,
    )
    port.views.set(key, view)
  }
  return view
}

function withEndpoints({ fields }: BasePort, endpoints: readonly ProxyEndpoint[], at: NodeTopology): ServicePortView {
  return { ...fields, endpoints, categories: categorize(endpoints, fields, at) }
}

function familyPorts(cluster: Cluster, family: Family): FamilyPorts {
  const services = cluster.byKind.get('Service')
  if (!services) return { ports: [], endpointCount: 0 }
  const slices = cluster.byKind.get('EndpointSlice')
  let memo = byCluster.get(services)
  if (!memo || memo.slices !== slices) {
    memo = { slices, families: new Map() }
    byCluster.set(services, memo)
  }
  let answer = memo.families.get(family)
  if (!answer) {
    const grouped = slicesByService(list(cluster, 'EndpointSlice'))
    const ports = list(cluster, 'Service')
      .flatMap((service) => {
        const { namespace = '', name } = service.metadata
        return portsOf(service, grouped.get(`${namespace}/${name}`) ?? NO_SLICES, family)
      })
      .sort(byKey((port) => port.fields.name))
    answer = { ports, endpointCount: ports.reduce((sum, port) => sum + port.endpoints.length, 0) }
    memo.families.set(family, answer)
  }
  return answer
}

function portsOf(service: Service, slices: readonly EndpointSlice[], family: Family): readonly BasePort[] {
  let families = byService.get(service)
  if (!families) {
    families = new Map()
    byService.set(service, families)
  }
  const known = families.get(family)
  if (known && known.slices.length === slices.length && known.slices.every((slice, i) => slice === slices[i])) return known.ports
  const ports = readPorts(service, slices, family)
  families.set(family, { slices, ports })
  return ports
}

function readPorts(service: Service, slices: readonly EndpointSlice[], family: Family): readonly BasePort[] {
  if (!isWatched(service) || service.spec.type === 'ExternalName') return []
  const clusterIp = clusterIpOf(service, family)
  if (clusterIp === undefined) return []
  const endpoints = endpointsByPort(slices, family)
  return (service.spec.ports ?? []).map((port, index) => {
    const own = endpoints.get(portKey(port.name, port.protocol)) ?? []
    return {
      fields: fieldsOf(service, port, index, family, clusterIp),
      endpoints: own,
      special: new Set(own.flatMap((endpoint) => [...(endpoint.node === undefined ? [] : [endpoint.node]), ...endpoint.nodeHints])),
      hinted: own.some((endpoint) => endpoint.zoneHints.length > 0),
      views: new Map(),
    }
  })
}

function clusterIpOf({ spec }: Service, family: Family): Ip | undefined {
  if (!spec.clusterIP && !spec.clusterIPs?.length) return undefined
  const texts = spec.clusterIPs?.length ? spec.clusterIPs : [spec.clusterIP ?? '']
  return texts.map(sloppyIp).find((ip) => ip !== undefined && familyOf(ip) === family)
}

function fieldsOf(service: Service, port: ServicePort, portIndex: number, family: Family, clusterIp: Ip): BasePort['fields'] {
  const { spec, metadata } = service
  const namespace = metadata.namespace ?? ''
  const portName = port.name ?? ''
  const externalIps = ipsOfFamily(spec.externalIPs, family)
  const loadBalancerVips = vipsOf(service, family)
  const nodePort = port.nodePort ?? 0
  const reachesOut = spec.type === 'LoadBalancer' || spec.type === 'NodePort' || (spec.externalIPs?.length ?? 0) > 0
  const externalPolicyLocal = reachesOut && spec.externalTrafficPolicy === 'Local'
  const internalPolicyLocal = spec.internalTrafficPolicy === 'Local'
  const externallyAccessible = nodePort !== 0 || loadBalancerVips.length > 0 || externalIps.length > 0
  const health = spec.type === 'LoadBalancer' && externalPolicyLocal ? (spec.healthCheckNodePort ?? 0) : 0
  return {
    service: keyOf(service),
    name: `${namespace}/${metadata.name}${portName === '' ? '' : `:${portName}`}`,
    namespace,
    serviceName: metadata.name,
    portName,
    portIndex,
    protocol: port.protocol ?? 'TCP',
    clusterIp,
    port: port.port,
    nodePort,
    externalIps,
    loadBalancerVips,
    sourceRanges: sourceRangesOf(service, family),
    ...(spec.sessionAffinity === 'ClientIP' ? { affinitySeconds: spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10800 } : {}),
    internalPolicyLocal,
    externalPolicyLocal,
    healthCheckNodePort: health,
    externallyAccessible,
    usesCluster: !internalPolicyLocal || externallyAccessible,
    usesLocal: internalPolicyLocal || (externalPolicyLocal && externallyAccessible),
  }
}

/** Ingress addresses that the cluster itself must answer: ipMode Proxy and hostnames are somebody else's. */
function vipsOf(service: Service, family: Family): readonly Ip[] {
  const ingress = service.status?.loadBalancer?.ingress ?? []
  return ipsOfFamily(
    ingress.flatMap((entry) => (entry.ip && (entry.ipMode ?? 'VIP') === 'VIP' ? [entry.ip] : [])),
    family,
  )
}

/** Since v1.34 a range of length 0 allows everybody, so the list restricts nobody. */
function sourceRangesOf(service: Service, family: Family): readonly Cidr[] {
  const ranges = cidrsOfFamily(service.spec.loadBalancerSourceRanges, family)
  return ranges.some((cidr) => parseCidr(cidr)?.prefix === 0) ? [] : ranges
}
