import { at, type Cluster, list } from '../api/cluster.ts'
import type { Gateway } from '../api/kinds/gateway.ts'
import type { LoadBalancerIngress, Service } from '../api/kinds/service.ts'
import { keyOf } from '../api/meta.ts'
import { familyOf } from '../base/ip.ts'
import { type Change, type Controller, update } from './controller.ts'
import { because } from './why.ts'

/**
 * The cluster's load balancer: gives every Service of type LoadBalancer the first free address of the pool, one for each of its
 * families. A Service of another `loadBalancerClass` is somebody else's and stays pending, as all do once the pool is empty.
 */
export const loadBalancerController: Controller = {
  name: 'service-lb-controller',
  everything: (cluster) => list(cluster, 'Service').filter(concerned).map(keyOf),
  watches: ['Service'],
  concerns: ({ key, before, after }, cluster) => {
    if (!key.startsWith('Service/')) return []
    // An address that comes free may be what a pending Service waits for.
    if (before && addresses(before as Service).length > 0 && addresses(after as Service | undefined).length === 0) {
      return list(cluster, 'Service').filter(concerned).map(keyOf)
    }
    return after && concerned(after as Service) ? [key] : []
  },
  reconcile: (cluster, keys) => {
    const services = keys.flatMap((key) => (at(cluster, key) as Service | undefined) ?? [])
    if (services.length === 0) return []
    // The pool also serves Ingresses of a provider's balancer and Gateways.
    const taken = new Set([...list(cluster, 'Service').flatMap(addresses), ...proxyAddresses(cluster)])
    return services.flatMap((service) => sync(cluster, service, taken))
  },
}

const concerned = (service: Service) => service.spec.type === 'LoadBalancer' || addresses(service).length > 0

function addresses(service: Service | undefined): readonly string[] {
  return (service?.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? [])
}

function proxyAddresses(cluster: Cluster): readonly string[] {
  const ingresses = list(cluster, 'Ingress').flatMap(({ status }) => (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []))
  const gateways = (list(cluster, 'Gateway') as readonly Gateway[]).flatMap((gateway) => {
    const { status } = gateway as { readonly status?: { readonly addresses?: NonNullable<Gateway['spec']['addresses']> } }
    return [...(gateway.spec.addresses ?? []), ...(status?.addresses ?? [])].flatMap(({ value }) => value ?? [])
  })
  return [...ingresses, ...gateways]
}

function sync(cluster: Cluster, service: Service, taken: Set<string>): readonly Change[] {
  const { type, loadBalancerClass, ipFamilies = ['IPv4'] } = service.spec
  const given = service.status?.loadBalancer?.ingress ?? []
  if (type !== 'LoadBalancer') {
    return given.length > 0 ? [update(withIngress(service, []), because('balancer-no-more'))] : []
  }
  if (loadBalancerClass !== undefined || given.length > 0) return []
  const ips = ipFamilies.flatMap((family) => {
    const free = cluster.settings.loadBalancerPool.filter((ip) => familyOf(ip) === family && !taken.has(ip))
    const wanted = service.spec.loadBalancerIP
    return (wanted !== undefined && free.includes(wanted) ? wanted : free[0]) ?? []
  })
  if (ips.length === 0) return []
  for (const ip of ips) taken.add(ip)
  return [
    update(
      withIngress(
        service,
        ips.map((ip) => ({ ip, ipMode: 'VIP' })),
      ),
      because('balancer-gives', { addresses: ips.join(' and ') }),
    ),
  ]
}

function withIngress(service: Service, ingress: readonly LoadBalancerIngress[]): Service {
  return { ...service, status: { ...service.status, loadBalancer: ingress.length > 0 ? { ingress } : {} } }
}
