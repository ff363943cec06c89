import fc from 'fast-check'

/** Documents of every kind that is read; mutations put nonsense at any place of them. */
export const documents: readonly unknown[] = [
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { selector: { app: 'web' }, type: 'NodePort', ports: [{ port: 80, targetPort: 'http', nodePort: 30080 }] },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'db', namespace: 'x' },
    spec: { clusterIP: 'None', clusterIPs: ['None'], ipFamilies: ['IPv4'], externalIPs: ['1.2.3.4'] },
    status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } },
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', labels: { app: 'web' } },
    spec: {
      containers: [{ name: 'c', image: 'nginx', ports: [{ containerPort: 80 }], readinessProbe: { httpGet: { port: 'http' } } }],
      tolerations: [{ key: 'a' }],
    },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd' },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'web' } },
      strategy: { rollingUpdate: { maxSurge: '25%' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
    },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 's' },
    spec: {
      serviceName: 'db',
      selector: { matchLabels: { app: 'db' } },
      template: { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'c', image: 'db' }] } },
    },
  },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'e', labels: { 'kubernetes.io/service-name': 'db' } },
    addressType: 'IPv4',
    endpoints: [
      { addresses: ['10.0.0.1'], conditions: { ready: true }, targetRef: { kind: 'Pod', name: 'x' }, hints: { forZones: [{ name: 'a' }] } },
    ],
    ports: [{ name: 'a', port: 1 }],
  },
  { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'db' }, subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 1 }] }] },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'i' },
    spec: {
      ingressClassName: 'a',
      defaultBackend: { service: { name: 'web', port: { number: 80 } } },
      rules: [
        { host: 'a.b', http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { name: 'x' } } } }] } },
      ],
      tls: [{ hosts: ['a.b'], secretName: 's' }],
    },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'a' },
    spec: { controller: 'a.b/c', parameters: { kind: 'X', name: 'y' } },
  },
  {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n', labels: { a: 'b' } },
    spec: { podCIDR: '10.244.9.0/24', taints: [{ key: 'a', effect: 'NoSchedule' }] },
    status: { addresses: [{ type: 'InternalIP', address: '1.2.3.4' }] },
  },
  {
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    kind: 'Cluster',
    name: 'k',
    nodes: [{ role: 'worker', labels: { a: 'b' } }],
    networking: { ipFamily: 'dual', podSubnet: '10.0.0.0/8', serviceSubnet: '10.96.0.0/16', kubeProxyMode: 'ipvs' },
  },
  {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    clusterCIDR: '10.0.0.0/8',
    nodePortAddresses: ['primary'],
    iptables: { masqueradeBit: 14 },
  },
  {
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kind: 'ClusterConfiguration',
    networking: { podSubnet: '10.0.0.0/8' },
    controllerManager: { extraArgs: [{ name: 'max-endpoints-per-slice', value: '5' }] },
    apiServer: { extraArgs: { 'service-node-port-range': '1-2' } },
  },
  {
    apiVersion: 'kubecontrollermanager.config.k8s.io/v1alpha1',
    kind: 'KubeControllerManagerConfiguration',
    endpointSliceController: { maxEndpointsPerSlice: 2 },
  },
  {
    apiVersion: 'kubehop.dev/v1',
    kind: 'Scenario',
    metadata: { name: 's' },
    spec: {
      title: { en: 'a' },
      requests: [{ name: 'r', to: 'http://web', headers: { a: 'b' }, count: 2 }],
      steps: [{ send: 'r' }, { wait: '1s' }, { fault: 'link', nodes: ['a', 'b'] }],
    },
  },
  { apiVersion: 'kubehop.dev/v1', kind: 'Client', metadata: { name: 'c' }, spec: { ip: '1.2.3.4', via: 'n' } },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kube-proxy', namespace: 'kube-system' },
    data: { 'config.conf': 'kind: KubeProxyConfiguration' },
  },
  {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's' },
    data: { 'tls.crt': 'LS0t' },
    stringData: { 'tls.crt': '-----BEGIN CERTIFICATE-----MIIB-----END CERTIFICATE-----' },
  },
  {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: 'g' },
    spec: { gatewayClassName: 'x', listeners: [{ name: 'a', port: 80, protocol: 'HTTP' }] },
  },
  { apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name: 'kubernetes' }, spec: { cidrs: ['10.0.0.0/16'] } },
  { apiVersion: 'v1', kind: 'List', items: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'x' } }] },
]

/** Values that stand nowhere in a sensible document. */
export const nonsense = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    0,
    -1,
    1e30,
    0.5,
    true,
    [],
    {},
    [null],
    { '': null },
    '__proto__',
    'None',
    '::',
    '1.2.3',
    '🦊',
    '\u0000',
    ['a', 1, {}],
    '300',
    'a/b/c',
  ),
  fc.string(),
  fc.integer(),
)

/** The document with something else at one place of it. */
function mutated(document: unknown, picks: readonly number[], value: unknown): unknown {
  const [pick = 0, ...rest] = picks
  if (typeof document !== 'object' || document === null || rest.length === 0) return value
  const keys = Object.keys(document)
  if (keys.length === 0) return value
  const key = keys[pick % keys.length] ?? ''
  const member = mutated((document as Record<string, unknown>)[key], rest, value)
  if (Array.isArray(document)) return document.map((item, index) => (String(index) === key ? member : item))
  return Object.fromEntries(Object.entries(document).map(([name, old]) => [name, name === key ? member : old]))
}

/** Places in the documents, and what to put there. */
export const mutations = fc.array(
  fc.record({ document: fc.nat(), picks: fc.array(fc.nat(7), { minLength: 1, maxLength: 9 }), value: nonsense }),
  {
    minLength: 1,
    maxLength: 4,
  },
)

/** The documents with the mutations in them, as one file. */
export function mutatedFiles(changes: readonly { document: number; picks: readonly number[]; value: unknown }[]) {
  const all = [...documents]
  for (const { document, picks, value } of changes) {
    const index = document % all.length
    all[index] = mutated(all[index], picks, value)
  }
  // Of some documents others hide what is in them: a few are left out.
  const kept = all.filter((_, index) => !changes.some(({ picks }) => (picks[0] ?? 0) === 7 && (picks[1] ?? 0) + 8 === index))
  return [{ name: 'f', text: kept.map((document) => JSON.stringify(document) ?? 'null').join('\n---\n') }]
}
