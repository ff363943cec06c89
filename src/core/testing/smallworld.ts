import type { ApiObject } from '../api/cluster.ts'
import type { World } from './worlds.ts'

type Spec = Readonly<Record<string, unknown>>

function service(name: string, spec: Spec, status?: Spec): ApiObject {
  const object = { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec, ...(status ? { status } : {}) }
  return object
}

/** A slice of one port named `http`: `10.244.1.5@worker` per endpoint, `!` after it for one that is not ready. */
function slice(name: string, port: number, endpoints: readonly string[]): ApiObject {
  const object = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${name}-1`, namespace: 'default', labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: 'http', protocol: 'TCP', port }],
    endpoints: endpoints.map((text) => {
      const [address = '', nodeName = ''] = text.replace('!', '').split('@')
      return { addresses: [address], nodeName, conditions: { ready: !text.endsWith('!') } }
    }),
  }
  return object
}

const port = (number: number, nodePort?: number) => [
  { name: 'http', protocol: 'TCP', port: number, targetPort: 8080, ...(nodePort ? { nodePort } : {}) },
]

/**
 * Two nodes and one Service of each sort: plain, sticky, on nodePorts with local traffic only, behind a guarded load balancer, and one
 * that nobody answers. Small enough to be read as a golden text.
 */
export const smallWorld: World = {
  nodes: [
    { name: 'worker', ip: '172.18.0.3', podCIDR: '10.244.1.0/24' },
    { name: 'worker2', ip: '172.18.0.4', podCIDR: '10.244.2.0/24' },
  ],
  services: [
    service('web', { type: 'ClusterIP', clusterIP: '10.96.0.20', ports: port(80) }),
    service('cart', {
      type: 'ClusterIP',
      clusterIP: '10.96.0.21',
      ports: port(80),
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 600 } },
    }),
    service('shop', { type: 'NodePort', clusterIP: '10.96.0.22', ports: port(80, 30080), externalTrafficPolicy: 'Local' }),
    service(
      'api',
      {
        type: 'LoadBalancer',
        clusterIP: '10.96.0.23',
        ports: port(443, 30443),
        externalTrafficPolicy: 'Cluster',
        loadBalancerSourceRanges: ['203.0.113.0/24'],
      },
      { loadBalancer: { ingress: [{ ip: '172.18.255.1' }] } },
    ),
    service('empty', { type: 'NodePort', clusterIP: '10.96.0.24', ports: port(80, 30081) }),
  ],
  endpointSlices: [
    slice('web', 8080, ['10.244.1.5@worker', '10.244.2.5@worker2', '10.244.2.6@worker2!']),
    slice('cart', 8080, ['10.244.1.6@worker', '10.244.2.7@worker2']),
    slice('shop', 8080, ['10.244.2.8@worker2']),
    slice('api', 8443, ['10.244.1.7@worker', '10.244.2.9@worker2']),
    slice('empty', 8080, ['10.244.1.8@worker!']),
  ],
  options: { clusterCIDR: '10.244.0.0/16', serviceCIDRs: ['10.96.0.0/16'] },
}
