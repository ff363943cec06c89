import { at, type Cluster, find, list } from '../api/cluster.ts'
import type { Ingress } from '../api/kinds/ingress.ts'
import type { Node } from '../api/kinds/node.ts'
import type { Pod } from '../api/kinds/pod.ts'
import type { Service } from '../api/kinds/service.ts'
import { keyOf } from '../api/meta.ts'
import { sameData } from '../base/copy.ts'
import { familyOf } from '../base/ip.ts'
import { claimOf } from '../l7/classes.ts'
import { ingressControllerOf, type RunningController, runningControllers, servicesOf } from '../l7/controllers.ts'
import { cloud } from '../l7/profiles/cloud.ts'
import { type Change, type Controller, type Delta, update } from './controller.ts'
import { because } from './why.ts'

type Address = { readonly ip?: string; readonly hostname?: string }

/**
 * What ingress controllers write into `status.loadBalancer`: the address of the Service they publish, or of the nodes they run on. The
 * provider's own load balancer gives each of its Ingresses an address of the pool. An Ingress that nobody claims is left alone.
 */
export const ingressStatus: Controller = {
  name: 'ingress-status',
  everything: (cluster) => list(cluster, 'Ingress').map(keyOf),
  watches: ['Ingress', 'IngressClass', 'Pod', 'Service', 'Node'],
  concerns: (delta, cluster) => {
    if (delta.key.startsWith('Ingress/')) return delta.after ? [delta.key] : []
    return concernsAll(delta) ? list(cluster, 'Ingress').map(keyOf) : []
  },
  reconcile: (cluster, keys) => {
    const ingresses = keys.flatMap((key) => (at(cluster, key) as Ingress | undefined) ?? [])
    if (ingresses.length === 0) return []
    const controllers = runningControllers(cluster)
      .filter(({ pod }) => pod.status?.phase === 'Running' && pod.metadata.deletionTimestamp === undefined)
      .map((running) => ({
        classes: running.profile.classes(running.config),
        name: running.profile.name,
        addresses: addressesOf(cluster, running),
      }))
    const taken = new Set([...list(cluster, 'Service'), ...list(cluster, 'Ingress')].flatMap(ipsOf))
    return ingresses.flatMap((ingress) => {
      if (claimOf(cluster, ingress, cloud.classes({})).claimed) return fromPool(cluster, ingress, taken)
      const own = controllers.filter(({ classes }) => claimOf(cluster, ingress, classes).claimed)
      return written(ingress, merged(own.flatMap(({ addresses }) => addresses)), own[0]?.name ?? '')
    })
  },
}

/** A Pod matters if it is a controller; a Service if it may be published; a Node only as the host of controllers. */
function concernsAll({ key, before, after }: Delta): boolean {
  if (key.startsWith('Pod/')) return isController(before) || isController(after)
  if (key.startsWith('Service/'))
    return [before, after].some((service) => (service as Service | undefined)?.spec.type === 'LoadBalancer') || !before || !after
  return true
}

const isController = (pod: Delta['after']) => pod !== undefined && ingressControllerOf(pod as Pod) !== undefined

const ipsOf = ({ status }: Service | Ingress): readonly string[] => (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? [])

/** What one controller publishes. */
function addressesOf(cluster: Cluster, running: RunningController): readonly Address[] {
  const { pod, profile, config } = running
  const { flags = {} } = config
  if (profile.controller === 'traefik.io/ingress-controller') {
    const endpoint = 'providers.kubernetesingress.ingressendpoint.'
    const [ip, hostname, service] = [flags[`${endpoint}ip`], flags[`${endpoint}hostname`], flags[`${endpoint}publishedservice`]]
    if (ip || hostname) return [{ ...(ip && { ip }), ...(hostname && { hostname }) }]
    return service ? publishedBy(cluster, service) : []
  }
  const fixed = flags['publish-status-address']
  if (fixed) return fixed.split(',').map((ip) => (familyOf(ip.trim()) ? { ip: ip.trim() } : { hostname: ip.trim() }))
  const service = flags['publish-service']
  if (service) return publishedBy(cluster, service)
  // Every published manifest names its Service by that flag; one that was cut short is read as if it did.
  const balanced = servicesOf(cluster, pod).filter((one) => ipsOf(one).length > 0)
  if (balanced.length > 0) return balanced.flatMap(({ status }) => status?.loadBalancer?.ingress ?? []).map(bare)
  return profile.controller === 'k8s.io/ingress-nginx' || pod.spec.hostNetwork ? nodeAddress(cluster, pod) : []
}

const bare = ({ ip, hostname }: Address): Address => ({ ...(ip !== undefined && { ip }), ...(hostname !== undefined && { hostname }) })

/** ingress-nginx' statusAddressFromService: a balancer's addresses and external IPs, else the ClusterIP. */
function publishedBy(cluster: Cluster, name: string): readonly Address[] {
  const [namespace = '', own = ''] = name.split('/')
  const service = find(cluster, 'Service', namespace, own)
  if (!service) return []
  const { type, externalIPs = [], clusterIP, externalName } = service.spec
  const external = externalIPs.map((ip) => ({ ip }))
  if (type === 'ExternalName') return externalName ? [{ hostname: externalName }] : []
  if (type === 'LoadBalancer') return [...(service.status?.loadBalancer?.ingress ?? []).map(bare), ...external]
  return external.length > 0 ? external : clusterIP && clusterIP !== 'None' ? [{ ip: clusterIP }] : []
}

/** The node that a controller runs on: by its external address where it has one. */
function nodeAddress(cluster: Cluster, pod: Pod): readonly Address[] {
  const node: Node | undefined = find(cluster, 'Node', '', pod.spec.nodeName ?? '')
  const by = (type: string) => node?.status?.addresses?.find((address) => address.type === type)?.address
  const ip = by('ExternalIP') ?? by('InternalIP')
  return ip === undefined ? [] : [{ ip }]
}

/** In order, each once. */
function merged(addresses: readonly Address[]): readonly Address[] {
  const text = ({ ip, hostname }: Address) => ip ?? hostname ?? ''
  const once = new Map(addresses.map((address) => [text(address), address]))
  return [...once].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, address]) => address)
}

function fromPool(cluster: Cluster, ingress: Ingress, taken: Set<string>): readonly Change[] {
  if (ipsOf(ingress).length > 0) return []
  const ip = cluster.settings.loadBalancerPool.find((one) => !taken.has(one))
  if (ip === undefined) return []
  taken.add(ip)
  return written(ingress, [{ ip }])
}

function written(ingress: Ingress, addresses: readonly Address[], by?: string): readonly Change[] {
  const known = ingress.status?.loadBalancer?.ingress ?? []
  if (addresses.length === 0 || sameData(known.map(bare), addresses)) return []
  const texts = addresses.map(({ ip, hostname }) => ip ?? hostname).join(' and ')
  return [
    update<Ingress>(
      { ...ingress, status: { ...ingress.status, loadBalancer: { ingress: addresses } } },
      by === undefined ? because('ingress-provided', { addresses: texts }) : because('ingress-address', { by, addresses: texts }),
    ),
  ]
}
