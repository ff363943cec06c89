import { type ApiObject, type Cluster, store } from '../api/cluster.ts'
import { worldCluster } from './worlds.ts'

/** A made-up cluster for measurements: so many Services of so many endpoints each, over so many nodes `node-0` …. */
export function madeCluster(services: number, endpointsEach: number, nodes: number): Cluster {
  const world = worldCluster({
    nodes: Array.from({ length: nodes }, (_, i) => ({
      name: `node-${i}`,
      ip: `172.18.${i >> 8}.${(i & 255) + 0}`,
      podCIDR: `10.${64 + (i >> 8)}.${i & 255}.0/24`,
    })),
    services: [],
    endpointSlices: [],
    options: { clusterCIDR: '10.64.0.0/10' },
  })
  const objects = Array.from({ length: services }, (_, i) => [service(i), slice(i, endpointsEach, nodes)]).flat()
  return store(world, objects)
}

/** The address of the i-th Service of a made cluster. */
export function madeClusterIp(i: number): string {
  return `10.96.${i >> 8}.${i & 255}`
}

function service(i: number): ApiObject & { readonly spec: unknown } {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: 'default', name: `svc-${i}` },
    spec: { type: 'ClusterIP', clusterIP: madeClusterIp(i), ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 8080 }] },
  }
}

function slice(i: number, count: number, nodes: number): ApiObject & Record<string, unknown> {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace: 'default', name: `svc-${i}-1`, labels: { 'kubernetes.io/service-name': `svc-${i}` } },
    addressType: 'IPv4',
    ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
    endpoints: Array.from({ length: count }, (_, k) => {
      const n = i * count + k
      const node = n % nodes
      const pod = Math.floor(n / nodes)
      return {
        addresses: [`10.${64 + (node >> 8) + (pod >> 8)}.${node & 255}.${pod & 255}`],
        conditions: { ready: true, serving: true, terminating: false },
        nodeName: `node-${node}`,
      }
    }),
  }
}
