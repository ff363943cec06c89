import { describe, expect, test } from 'vitest'
import { MODE_IDS } from '../kernel/program.ts'
import { CLIENT, deployment, documents, send, service, worldFrom } from '../testing/scene.ts'
import { brokenPromises } from '../trace/promises.ts'
import type { RequestSpec } from './session.ts'

/** One cluster, many requests, every mode: what must happen, `code source` (source only where somebody was reached). */
const pod = (name: string, app: string, node: string, more = '', meta = '') =>
  `{apiVersion: v1, kind: Pod, metadata: {name: ${name}, labels: {app: ${app}}${meta}}, spec: {nodeName: ${node}${more}, containers: [{name: c, image: x, ports: [{containerPort: 8080}, {containerPort: 53, protocol: UDP}]}]}}`

const cluster = documents(
  CLIENT,
  pod('web', 'web', 'demo-worker2'),
  pod('self', 'self', 'demo-worker'),
  pod('quiet', 'quiet', 'demo-worker', '', ', annotations: {kubehop.dev/listen: "127.0.0.1:8080"}'),
  pod('host', 'host', 'demo-worker2', ', hostNetwork: true'),
  service(
    'web',
    'clusterIP: 10.96.200.1, selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}, {name: dns, port: 53, protocol: UDP}]',
  ),
  service('mirror', 'clusterIP: 10.96.200.2, selector: {app: self}, ports: [{port: 80, targetPort: 8080}]'),
  service('none', 'clusterIP: 10.96.200.3, selector: {app: none}, ports: [{port: 80}]'),
  service('deaf', 'clusterIP: 10.96.200.4, selector: {app: web}, ports: [{port: 80, targetPort: 9999}]'),
  service('near', 'clusterIP: 10.96.200.5, internalTrafficPolicy: Local, selector: {app: web}, ports: [{port: 80, targetPort: 8080}]'),
  service('np', 'type: NodePort, selector: {app: web}, ports: [{port: 80, targetPort: 8080, nodePort: 30080}]'),
  service(
    'np-local',
    'type: NodePort, externalTrafficPolicy: Local, selector: {app: web}, ports: [{port: 80, targetPort: 8080, nodePort: 30081}]',
  ),
  service('lb', 'type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/8], selector: {app: web}, ports: [{port: 80, targetPort: 8080}]'),
  service('heads', 'clusterIP: None, selector: {app: web}, ports: [{port: 80, targetPort: 8080}]'),
  service('out', 'type: ExternalName, externalName: www.example.com'),
  service('etcd', 'clusterIP: 10.96.200.6, ports: [{port: 2379}]'),
  '{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: etcd-1, labels: {kubernetes.io/service-name: etcd}}, addressType: IPv4, endpoints: [{addresses: [10.151.30.57]}], ports: [{port: 2379}]}',
)

type Expected = string | Readonly<Record<'iptables' | 'nftables' | 'ipvs', string>>
type Row = { readonly from: string; readonly to: string; readonly expected: Expected; readonly more?: Partial<RequestSpec> }
const A = 'pod/default/client'

const table: readonly (readonly [from: string, to: string, expected: Expected, more?: Partial<RequestSpec>])[] = [
  [A, 'http://web/', 'DELIVERED 10.244.1.2'],
  [A, 'web:53', 'DELIVERED 10.244.1.2', { protocol: 'udp' }],
  [A, 'http://web.default.svc.cluster.local./', 'DELIVERED 10.244.1.2'],
  [A, 'http://nope/', 'NXDOMAIN'],
  [A, 'http://none/', 'REJECTED_NO_ENDPOINTS'],
  [A, 'http://deaf/', 'REFUSED 10.244.1.2'],
  [A, 'http://near/', { iptables: 'DROPPED_NO_LOCAL_ENDPOINTS', nftables: 'DROPPED_NO_LOCAL_ENDPOINTS', ipvs: 'REJECTED_NO_ENDPOINTS' }],
  [A, '10.96.200.1:81', { iptables: 'LEFT_CLUSTER 10.244.1.2', nftables: 'REJECTED', ipvs: 'REJECTED' }],
  [A, '10.96.7.7:80', { iptables: 'LEFT_CLUSTER 10.244.1.2', nftables: 'DROPPED', ipvs: 'LEFT_CLUSTER 10.244.1.2' }],
  [A, 'ping web', { iptables: 'LEFT_CLUSTER 10.244.1.2', nftables: 'REJECTED', ipvs: 'REJECTED' }],
  [A, 'ping 172.18.0.4', 'DELIVERED 10.244.1.2'],
  [A, 'nslookup web', 'DELIVERED'],
  [A, 'nslookup -type=SRV _http._tcp.web.default.svc.cluster.local.', 'DELIVERED'],
  [A, '10.244.1.99:80', 'NO_ROUTE'],
  [A, '172.18.0.99:80', 'NO_ROUTE'],
  [A, '1.2.3.4:443', 'LEFT_CLUSTER 10.244.1.2'],
  [A, 'http://out/', 'LEFT_CLUSTER 10.244.1.2'],
  [A, 'etcd:2379', 'LEFT_CLUSTER 10.244.1.2'],
  [A, 'http://heads:8080/', 'DELIVERED 10.244.1.2'],
  [A, 'http://heads/', 'REFUSED 10.244.1.2'],
  [A, '127.0.0.1:80', 'DELIVERED 127.0.0.1'],
  ['pod/default/self', 'http://mirror/', 'DELIVERED 172.18.0.3'],
  // A Pod's own name stands in its /etc/hosts.
  ['pod/default/self', 'http://self:8080/', 'DELIVERED 10.244.1.4'],
  ['pod/default/quiet', 'localhost:8080', 'DELIVERED 127.0.0.1'],
  ['pod/default/host', 'http://web/', 'NXDOMAIN'],
  ['pod/default/host', 'http://10.96.200.1/', 'DELIVERED 172.18.0.4'],
  ['node/demo-worker', 'http://10.96.200.1/', 'DELIVERED 172.18.0.3'],
  ['node/demo-worker', 'http://web/', 'NXDOMAIN'],
  ['node/demo-worker', '127.0.0.1:30080', { iptables: 'DELIVERED 172.18.0.3', nftables: 'REFUSED 127.0.0.1', ipvs: 'REFUSED 127.0.0.1' }],
  ['outside', 'http://172.18.0.3:30080/', 'DELIVERED 172.18.0.3'],
  ['outside', 'http://172.18.0.4:30081/', 'DELIVERED 172.18.0.100'],
  [
    'outside',
    'http://172.18.0.3:30081/',
    { iptables: 'DROPPED_NO_LOCAL_ENDPOINTS', nftables: 'DROPPED_NO_LOCAL_ENDPOINTS', ipvs: 'TIMEOUT 172.18.0.100' },
  ],
  ['outside', 'http://172.18.255.200/', 'DROPPED_SOURCE_RANGE'],
  ['outside', 'http://10.96.200.1/', 'NO_ROUTE'],
  ['outside', 'http://10.96.200.1/', 'DELIVERED 172.18.0.3', { via: 'demo-worker' }],
  ['outside', '172.18.0.3:12345', 'REFUSED 172.18.0.100'],
  ['outside', 'http://web/', 'NXDOMAIN'],
  [A, 'http://172.18.0.2:30081/', 'TIMEOUT 10.244.1.2'],
  ['pod/default/web', '172.18.0.4:8080', 'DELIVERED 10.244.2.2'],
]

const rows: readonly Row[] = table.map(([from, to, expected, more]) => ({ from, to, expected, ...(more && { more }) }))

describe.each(MODE_IDS)('%s', (mode) => {
  const world = worldFrom(cluster, mode)
  test.each(rows)('$from to $to', ({ from, to, expected, more }) => {
    const { trace } = send(world, { from, to, ...more })
    const got = `${trace.verdict.code}${trace.seenSource === undefined ? '' : ` ${trace.seenSource}`}`
    expect(got).toBe(typeof expected === 'string' ? expected : expected[mode])
  })
})

test('a request names who was reached, and why those others were not', () => {
  const world = worldFrom(
    documents(CLIENT, deployment('web', 3, 8080), service('web', 'selector: {app: web}, ports: [{port: 80, targetPort: 8080}]')),
  )
  const { trace } = send(world, { from: A, to: 'http://web/' }, true)
  expect(trace.verdict.http).toBe(200)
  expect(trace.endpoints?.map(({ probability }) => probability)).toEqual([1 / 3, 1 / 3, 1 / 3])
  expect(trace.endpoints?.filter(({ chosen }) => chosen).map(({ pod: name }) => name)).toEqual([`default/${trace.backend?.pod}`])
  expect(trace.ways?.map(({ probability }) => probability.toFixed(9))).toEqual(['0.333333333', '0.333333333', '0.333333333'])
})

describe('beside kube-proxy', () => {
  const world = worldFrom(
    documents(
      CLIENT,
      '{apiVersion: v1, kind: Pod, metadata: {name: web, labels: {app: web}}, spec: {nodeName: demo-worker, containers: [{name: c, image: x, ports: [{containerPort: 8080, hostPort: 8088}]}]}}',
      '{apiVersion: v1, kind: Service, metadata: {name: lb}, spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}, status: {loadBalancer: {ingress: [{ip: 203.0.113.11, ipMode: Proxy}]}}}',
    ),
  )

  test.each([
    ['outside', 'http://172.18.0.3:8088/', 'DELIVERED 172.18.0.100'],
    ['outside', 'http://172.18.0.4:8088/', 'REFUSED 172.18.0.100'],
    ['pod/default/client', 'http://172.18.0.3:8088/', 'DELIVERED 10.244.1.2'],
    ['node/demo-worker', '172.18.0.3:8088', 'DELIVERED 172.18.0.3'],
    // A balancer that ends connections: kube-proxy leaves its address alone, and it comes back by a node port.
    ['outside', 'http://203.0.113.11/', 'DELIVERED NODE'],
    ['pod/default/client', 'http://203.0.113.11/', 'LEFT_CLUSTER 10.244.1.2'],
    ['outside', '203.0.113.11:81', 'REFUSED 172.18.0.100'],
  ])('%s to %s: %s', (from, to, expected) => {
    const { trace } = send(world, { from, to }, true)
    const source = trace.seenSource === undefined ? '' : ` ${trace.seenSource}`
    expect(`${trace.verdict.code}${expected.endsWith('NODE') ? source.replace(/172\.18\.0\.[34]$/, 'NODE') : source}`).toBe(expected)
    expect(brokenPromises(trace)).toEqual([])
  })
})

test("a client's own route takes cluster addresses only: nodes and balancers it reaches as everybody does", () => {
  const world = worldFrom(
    documents(
      cluster,
      '{apiVersion: kubehop.dev/v1, kind: Client, metadata: {name: routed}, spec: {ip: 172.18.0.101, via: demo-control-plane}}',
    ),
  )
  const places = (to: string) => send(world, { from: 'client/routed', to }).trace.hops.map(({ place }) => place.name)
  expect(places('10.96.200.1:80')[1]).toBe('demo-control-plane')
  expect(places('10.244.2.2:8080')[1]).toBe('demo-control-plane')
  expect(places('172.18.0.4:30080')[1]).toBe('demo-worker2')
  expect(places('172.18.255.200:80')[1]).toBe('default/lb')
})

describe('a system outside that a hand-written slice names', () => {
  const legacy = (annotations: string, spec: string) =>
    `{apiVersion: kubehop.dev/v1, kind: Client, metadata: {name: legacy, annotations: ${annotations}}, spec: ${spec}}`
  const etcd = documents(
    CLIENT,
    service('etcd', 'clusterIP: 10.96.200.6, ports: [{port: 2379}]'),
    '{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: etcd-1, labels: {kubernetes.io/service-name: etcd}}, addressType: IPv4, endpoints: [{addresses: [10.151.30.57]}], ports: [{port: 2379}]}',
  )
  const LISTENS = '{kubehop.dev/listen: "2379"}'
  const end = (...more: readonly string[]) => {
    const { trace } = send(worldFrom(documents(etcd, ...more)), { from: A, to: 'http://etcd:2379/' })
    return `${trace.verdict.code} ${trace.verdict.reason}`
  }

  test.each([
    ['nobody has its address', [], 'LEFT_CLUSTER endpoint-outside'],
    ['it listens, and its answers find the way', [legacy(LISTENS, '{ip: 10.151.30.57, via: demo-worker}')], 'DELIVERED delivered'],
    ['its answers have no way into the cluster', [legacy(LISTENS, '{ip: 10.151.30.57}')], 'TIMEOUT reply-lost'],
    ['it does not listen there', [legacy('{}', '{ip: 10.151.30.57, via: demo-worker}')], 'REFUSED no-listener'],
  ])('%s', (_, more, expected) => {
    expect(end(...more)).toBe(expected)
  })
})
