import type { ApiObject } from '../core/api/cluster.ts'
import type { Packet } from '../core/kernel/packet.ts'
import type { Snapshot } from '../core/sim/session.ts'
import type { EndpointRow, Hop, RequestTrace, Step } from '../core/trace/trace.ts'

/** Small clusters and traces for tests of the view. */
export type PodSpec = {
  readonly name: string
  readonly node: string
  readonly ip: string
  readonly ready?: boolean
  readonly asks?: boolean
  readonly namespace?: string
}
export type ServiceSpec = { readonly name: string; readonly ip: string; readonly pods: readonly string[]; readonly nodePort?: number }

export function snapshotOf(spec: {
  readonly nodes: readonly string[]
  readonly pods: readonly PodSpec[]
  readonly services: readonly ServiceSpec[]
}): Snapshot {
  const objects = [
    ...spec.nodes.map((name, i) =>
      object('v1', 'Node', name, '', { status: { addresses: [{ type: 'InternalIP', address: `172.18.0.${i + 2}` }] } }),
    ),
    ...spec.pods.map(podObject),
    ...spec.services.flatMap((service) => [serviceObject(service), sliceObject(service, spec.pods)]),
  ]
  return {
    now: 0,
    mode: 'iptables',
    settings: {
      kubernetesVersion: '1.36',
      mode: 'iptables',
      ipFamilies: ['IPv4'],
      podCidrs: ['10.244.0.0/16'],
      serviceCidrs: ['10.96.0.0/16'],
      nodePortRange: { from: 30000, to: 32767 },
      maxEndpointsPerSlice: 100,
      proxy: {},
      clusterDomain: 'cluster.local',
      dnsServiceIps: ['10.96.0.10'],
      loadBalancerPool: [],
    },
    objects,
    proxies: spec.nodes.map((node) => ({ node, state: 'in-sync', mode: 'iptables', since: 0, lagMs: 0 })),
    sources: {},
    events: [],
  }
}

function object(
  apiVersion: string,
  kind: string,
  name: string,
  namespace: string,
  rest: object,
  labels: Record<string, string> = {},
): ApiObject {
  return { apiVersion, kind, metadata: { name, ...(namespace ? { namespace } : {}), labels }, ...rest } as ApiObject
}

function podObject({ name, node, ip, ready = true, asks = false, namespace = 'default' }: PodSpec): ApiObject {
  const containers = [{ name: 'main', ...(asks ? {} : { ports: [{ containerPort: 80 }] }) }]
  const status = { podIP: ip, podIPs: [{ ip }], phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] }
  return object('v1', 'Pod', name, namespace, { spec: { nodeName: node, containers }, status }, asks ? {} : { app: 'web' })
}

function serviceObject({ name, ip, nodePort }: ServiceSpec): ApiObject {
  const port = { port: 80, targetPort: 80, protocol: 'TCP', ...(nodePort ? { nodePort } : {}) }
  const spec = { type: nodePort ? 'NodePort' : 'ClusterIP', clusterIP: ip, clusterIPs: [ip], ports: [port], selector: { app: 'web' } }
  return object('v1', 'Service', name, 'default', { spec })
}

function sliceObject({ name, pods }: ServiceSpec, all: readonly PodSpec[]): ApiObject {
  const endpoints = all
    .filter((pod) => pods.includes(pod.name))
    .map((pod) => ({
      addresses: [pod.ip],
      conditions: { ready: pod.ready ?? true, serving: pod.ready ?? true, terminating: false },
      nodeName: pod.node,
      targetRef: { kind: 'Pod', namespace: pod.namespace ?? 'default', name: pod.name },
    }))
  const rest = { addressType: 'IPv4', endpoints, ports: [{ name: '', port: 80, protocol: 'TCP' }] }
  return object('discovery.k8s.io/v1', 'EndpointSlice', `${name}-8hts5`, 'default', rest, { 'kubernetes.io/service-name': name })
}

/** A cluster of three nodes: `client` asks on the first worker, `web` has Pods on both. */
export function smallCluster(): Snapshot {
  return snapshotOf({
    nodes: ['demo-control-plane', 'demo-worker', 'demo-worker2'],
    pods: [
      { name: 'client', node: 'demo-worker', ip: '10.244.1.5', asks: true },
      { name: 'web-7c9d8f6b5-fsftf', node: 'demo-worker', ip: '10.244.1.7' },
      { name: 'web-7c9d8f6b5-9v9x2', node: 'demo-worker', ip: '10.244.1.8' },
      { name: 'web-7c9d8f6b5-vvx2c', node: 'demo-worker2', ip: '10.244.2.7' },
    ],
    services: [{ name: 'web', ip: '10.96.158.93', pods: ['web-7c9d8f6b5-fsftf', 'web-7c9d8f6b5-9v9x2', 'web-7c9d8f6b5-vvx2c'] }],
  })
}

const at = (src: string, sport: number, dst: string, dport: number): Packet => ({
  family: 'IPv4',
  protocol: 'TCP',
  src,
  sport,
  dst,
  dport,
  ttl: 64,
  mark: 0,
})

const hop = (where: Hop['place']['at'], name: string, ...steps: readonly Step[]): Hop => ({ place: { at: where, name }, steps })

/** A request of `client` to `web`, chosen on the other worker, and its answer. */
export function smallTrace(): RequestTrace {
  const out = at('10.244.1.5', 41822, '10.96.158.93', 80)
  const translated = at('10.244.1.5', 41822, '10.244.2.7', 80)
  const answer = at('10.244.2.7', 80, '10.244.1.5', 41822)
  const back = at('10.96.158.93', 80, '10.244.1.5', 41822)
  const client = { at: 'pod', name: 'default/client' } as const
  const pod = { at: 'pod', name: 'default/web-7c9d8f6b5-vvx2c' } as const
  const [one, two] = [{ at: 'node', name: 'demo-worker' } as const, { at: 'node', name: 'demo-worker2' } as const]
  const rule = (chain: string, index: number, verdict: string): Step => ({
    step: 'rule',
    hook: 'prerouting',
    table: 'nat',
    chain,
    index,
    rule: `nat/${chain}/${index}`,
    text: '',
    verdict,
    missed: { from: 0, to: index },
    origin: { object: 'Service/default/web', path: ['spec', 'ports', 0] },
    packet: out,
  })
  const row = (name: string, ip: string, chosen: boolean): EndpointRow => ({
    endpoint: `${ip}:80`,
    pod: `default/${name}`,
    ready: true,
    serving: true,
    terminating: false,
    local: false,
    zoneHints: [],
    probability: 1 / 3,
    chosen,
  })
  const verdict = { code: 'DELIVERED', http: 200, message: 'delivered', reason: 'delivered', params: {} } as const
  return {
    name: '',
    from: 'pod/default/client',
    to: 'http://web/',
    seed: 42,
    mode: 'iptables',
    verdict,
    backend: { namespace: 'default', pod: 'web-7c9d8f6b5-vvx2c', node: 'demo-worker2', ip: '10.244.2.7', port: 80 },
    seenSource: '10.244.1.5',
    hops: [
      hop('pod', client.name, { step: 'send', packet: out }, { step: 'exit', interface: 'eth0', next: one, packet: out }),
      hop(
        'node',
        one.name,
        { step: 'enter', interface: 'veth', packet: out },
        { step: 'track', state: 'NEW', connection: '', packet: out },
        rule('KUBE-SERVICES', 3, 'jump KUBE-SVC-FREKB6WNWYJLKTHC'),
        {
          step: 'choose',
          by: 'statistic',
          options: ['10.244.1.7:80', '10.244.1.8:80', '10.244.2.7:80'].map((to) => ({ to, weight: 1 / 3 })),
          picked: 2,
          drew: 0.83,
          packet: out,
        },
        rule('KUBE-SVC-FREKB6WNWYJLKTHC', 3, 'jump KUBE-SEP-7RJ2DTNOWQ5VKX4B'),
        rule('KUBE-SEP-7RJ2DTNOWQ5VKX4B', 2, 'dnat'),
        { step: 'rewrite', what: 'dnat', before: out, after: translated },
        { step: 'route', destination: '10.244.2.7', route: '10.244.2.0/24 via 172.18.0.4', device: 'eth0', next: two, packet: translated },
        { step: 'exit', interface: 'eth0', next: two, packet: translated },
      ),
      hop(
        'node',
        two.name,
        { step: 'enter', interface: 'eth0', packet: translated },
        { step: 'track', state: 'NEW', connection: '', packet: translated },
        { step: 'route', destination: '10.244.2.7', route: '10.244.2.7 dev veth', device: 'veth', next: pod, packet: translated },
        { step: 'exit', interface: 'veth', next: pod, packet: translated },
      ),
      hop(
        'pod',
        pod.name,
        { step: 'enter', interface: 'eth0', packet: translated },
        { step: 'receive', packet: translated, outcome: 'accepted' },
      ),
    ],
    reply: {
      hops: [
        hop('pod', pod.name, { step: 'send', packet: answer }, { step: 'exit', interface: 'eth0', next: two, packet: answer }),
        hop(
          'node',
          two.name,
          { step: 'enter', interface: 'veth', packet: answer },
          { step: 'exit', interface: 'eth0', next: one, packet: answer },
        ),
        hop(
          'node',
          one.name,
          { step: 'enter', interface: 'eth0', packet: answer },
          { step: 'rewrite', what: 'un-dnat', before: answer, after: back },
          { step: 'exit', interface: 'veth', next: client, packet: back },
        ),
        hop('pod', client.name, { step: 'enter', interface: 'eth0', packet: back }, { step: 'end', verdict }),
      ],
    },
    response: { status: 200, headers: {} },
    endpoints: [
      row('web-7c9d8f6b5-fsftf', '10.244.1.7', false),
      row('web-7c9d8f6b5-9v9x2', '10.244.1.8', false),
      row('web-7c9d8f6b5-vvx2c', '10.244.2.7', true),
    ],
  }
}

/** From outside to a nodePort of a node without a local endpoint: dropped there. */
export function droppedTrace(node = 'demo-worker2'): RequestTrace {
  const out = at('172.18.0.100', 50123, '172.18.0.4', 30080)
  const place = { at: 'node', name: node } as const
  const verdict = { code: 'DROPPED_NO_LOCAL_ENDPOINTS', message: 'dropped', reason: 'no-local', params: {}, by: { place } } as const
  return {
    name: '',
    from: 'outside',
    to: 'http://172.18.0.4:30080',
    seed: 42,
    mode: 'iptables',
    verdict,
    hops: [
      hop('client', 'outside', { step: 'send', packet: out }, { step: 'exit', interface: 'eth0', next: place, packet: out }),
      hop(
        'node',
        node,
        { step: 'enter', interface: 'eth0', packet: out },
        { step: 'track', state: 'NEW', connection: '', packet: out },
        { step: 'end', verdict },
      ),
    ],
  }
}
