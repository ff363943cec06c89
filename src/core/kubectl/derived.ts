import { type ApiObject, type Cluster, list } from '../api/cluster.ts'
import { familyOf } from '../base/ip.ts'
import { byText } from '../base/order.ts'

/**
 * Objects that the API server keeps beside what is stored here and that follow from it: the default ServiceCIDR, and one IPAddress per
 * cluster IP. Undefined for every other kind.
 */
export function derivedObjects(cluster: Cluster, kind: string): readonly ApiObject[] | undefined {
  if (kind === 'ServiceCIDR') return [...list(cluster, kind), serviceCidr(cluster)]
  if (kind === 'IPAddress') return ipAddresses(cluster)
  return undefined
}

function serviceCidr(cluster: Cluster): ApiObject {
  const since = list(cluster, 'Namespace')[0]?.metadata.creationTimestamp
  const object = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    metadata: { name: 'kubernetes', ...(since === undefined ? {} : { creationTimestamp: since }) },
    spec: { cidrs: cluster.settings.serviceCidrs },
    status: { conditions: [{ type: 'Ready', status: 'True', reason: '', message: 'Kubernetes default Service CIDR is ready' }] },
  }
  return object
}

function ipAddresses(cluster: Cluster): readonly ApiObject[] {
  return list(cluster, 'Service')
    .flatMap(({ metadata, spec }) =>
      (spec.clusterIPs ?? [])
        .filter((ip) => ip !== 'None' && ip !== '')
        .map((ip) => ({
          apiVersion: 'networking.k8s.io/v1',
          kind: 'IPAddress',
          metadata: {
            name: ip,
            labels: {
              'ipaddress.kubernetes.io/ip-family': familyOf(ip),
              'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
            },
            ...(metadata.creationTimestamp === undefined ? {} : { creationTimestamp: metadata.creationTimestamp }),
          },
          spec: { parentRef: { group: '', name: metadata.name, namespace: metadata.namespace ?? '', resource: 'services' } },
        })),
    )
    .sort((a, b) => byText(a.metadata.name, b.metadata.name))
}
