import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ApiObject, Cluster } from '../api/cluster.ts'
import { cidrContains, type Ip } from '../base/ip.ts'
import type { ModeId } from '../kernel/program.ts'
import { packetThroughNode } from '../testing/packet.ts'
import { worldCluster } from '../testing/worlds.ts'

/**
 * The three modes are three ways to write the same Services down: they must agree on where a packet can go, how likely, and whether its
 * source is hidden. Where they really differ (in the real kube-proxy too), the difference has a name here and nowhere else.
 */

type TestEndpoint = { readonly node: 'worker' | 'worker2'; readonly ready: boolean }
type TestService = {
  readonly type: 'ClusterIP' | 'NodePort' | 'LoadBalancer'
  readonly internalLocal: boolean
  readonly externalLocal: boolean
  readonly externalIp: boolean
  readonly ranges: readonly string[]
  readonly sticky: boolean
  readonly endpoints: readonly TestEndpoint[]
}
type TestWorld = { readonly services: readonly TestService[]; readonly detector: boolean; readonly masqueradeAll: boolean }
type From = 'pod' | 'remote-pod' | 'node' | 'outside' | 'local-endpoint' | 'remote-endpoint'
type Entry = 'cluster' | 'external' | 'lb' | 'nodeport' | 'nodeport-second' | 'nodeport-loopback'
type Probe = {
  readonly service: number
  readonly from: From
  readonly entry: Entry
  readonly unused: boolean
  readonly unallocated: boolean
}

const NODE = '172.18.0.3'
const SECOND = '172.16.9.3'

const worldArbitrary: fc.Arbitrary<TestWorld> = fc.record({
  detector: fc.boolean(),
  masqueradeAll: fc.boolean(),
  services: fc.array(
    fc.record({
      type: fc.constantFrom('ClusterIP', 'NodePort', 'LoadBalancer'),
      internalLocal: fc.boolean(),
      externalLocal: fc.boolean(),
      externalIp: fc.boolean(),
      ranges: fc.constantFrom([], [], ['203.0.113.0/24'], ['172.18.0.0/16'], ['10.244.0.0/16', '172.18.0.3/32']),
      sticky: fc.boolean(),
      endpoints: fc.array(fc.record({ node: fc.constantFrom('worker', 'worker2'), ready: fc.boolean() }), { maxLength: 4 }),
    }) as fc.Arbitrary<TestService>,
    { minLength: 1, maxLength: 3 },
  ),
})

const probeArbitrary: fc.Arbitrary<Probe> = fc.record({
  service: fc.nat(2),
  from: fc.constantFrom('pod', 'remote-pod', 'node', 'outside', 'local-endpoint', 'remote-endpoint'),
  entry: fc.constantFrom('cluster', 'external', 'lb', 'nodeport', 'nodeport-second', 'nodeport-loopback'),
  unused: fc.boolean(),
  unallocated: fc.boolean(),
})

const clusterIpOf = (i: number) => `10.96.0.${20 + i}`
const externalIpOf = (i: number) => `198.51.100.${20 + i}`
const lbIpOf = (i: number) => `172.19.0.${20 + i}`
const nodePortOf = (i: number) => 30080 + i
const endpointIp = (service: number, i: number, node: string) => `10.244.${node === 'worker' ? 1 : 2}.${10 + service * 10 + i}`

function objectsOf(service: TestService, i: number): readonly [ApiObject, ApiObject] {
  const spec = {
    type: service.type,
    clusterIP: clusterIpOf(i),
    ports: [
      { name: 'http', protocol: 'TCP', port: 80, targetPort: 8080, ...(service.type === 'ClusterIP' ? {} : { nodePort: nodePortOf(i) }) },
    ],
    internalTrafficPolicy: service.internalLocal ? 'Local' : 'Cluster',
    externalTrafficPolicy: service.externalLocal ? 'Local' : 'Cluster',
    sessionAffinity: service.sticky ? 'ClientIP' : 'None',
    ...(service.externalIp ? { externalIPs: [externalIpOf(i)] } : {}),
    ...(service.type === 'LoadBalancer' ? { loadBalancerSourceRanges: service.ranges } : {}),
  }
  const status = service.type === 'LoadBalancer' ? { status: { loadBalancer: { ingress: [{ ip: lbIpOf(i) }] } } } : {}
  const object = { apiVersion: 'v1', kind: 'Service', metadata: { name: `s${i}`, namespace: 'default' }, spec, ...status }
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `s${i}-1`, namespace: 'default', labels: { 'kubernetes.io/service-name': `s${i}` } },
    addressType: 'IPv4',
    ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
    endpoints: service.endpoints.map(({ node, ready }, n) => ({
      addresses: [endpointIp(i, n, node)],
      nodeName: node,
      conditions: { ready, serving: ready, terminating: false },
    })),
  }
  return [object, slice]
}

function clusterOf(world: TestWorld): Cluster {
  const objects = world.services.map(objectsOf)
  return worldCluster({
    nodes: [
      {
        name: 'worker',
        ip: NODE,
        podCIDR: '10.244.1.0/24',
        interfaces: [
          { name: 'lo', addrs: ['127.0.0.1/8'] },
          { name: 'eth0', addrs: [`${NODE}/16`] },
          { name: 'eth1', addrs: [`${SECOND}/24`] },
        ],
      },
      { name: 'worker2', ip: '172.18.0.4', podCIDR: '10.244.2.0/24' },
    ],
    services: objects.map(([service]) => service),
    endpointSlices: objects.map(([, slice]) => slice),
    options: {
      clusterCIDR: world.detector ? '10.244.0.0/16' : '',
      serviceCIDRs: ['10.96.0.0/16'],
      masqueradeAll: world.masqueradeAll,
    },
  })
}

/** What a probe comes down to: who asks whom for what, and what that Service could do for him. */
type Facts = {
  readonly world: TestWorld
  readonly from: From
  readonly entry: Entry
  readonly source: Ip
  readonly dst: Ip
  readonly port: number
  /** Nobody has this port of the address; nobody has this address of the Service network. */
  readonly unused: boolean
  readonly unallocated: boolean
  readonly any: boolean
  readonly local: boolean
  readonly policyLocal: boolean
  readonly guarded: boolean
  readonly allowed: boolean
}

function factsOf(world: TestWorld, probe: Probe): Facts | undefined {
  const i = probe.service % world.services.length
  const service = world.services[i]!
  const exists: Record<Entry, boolean> = {
    cluster: true,
    external: service.externalIp,
    lb: service.type === 'LoadBalancer',
    nodeport: service.type !== 'ClusterIP',
    'nodeport-second': service.type !== 'ClusterIP',
    'nodeport-loopback': service.type !== 'ClusterIP' && probe.from === 'node',
  }
  const source = sourceOf(world, i, probe.from)
  if (!exists[probe.entry] || source === undefined) return undefined
  const address: Record<Entry, Ip> = {
    cluster: clusterIpOf(i),
    external: externalIpOf(i),
    lb: lbIpOf(i),
    nodeport: NODE,
    'nodeport-second': SECOND,
    'nodeport-loopback': '127.0.0.1',
  }
  const onNode = probe.entry.startsWith('nodeport')
  const unallocated = probe.unallocated && probe.entry === 'cluster'
  const unused = !unallocated && probe.unused && !onNode
  const ready = service.endpoints.filter((endpoint) => endpoint.ready)
  const dst = unallocated ? '10.96.7.7' : address[probe.entry]
  return {
    world,
    from: probe.from,
    entry: probe.entry,
    source: probe.entry === 'nodeport-loopback' ? '127.0.0.1' : source,
    dst,
    port: onNode ? nodePortOf(i) : unused ? 81 : 80,
    unused,
    unallocated,
    any: ready.length > 0,
    local: ready.some(({ node }) => node === 'worker'),
    policyLocal: probe.entry === 'cluster' ? service.internalLocal : service.externalLocal,
    guarded: probe.entry === 'lb' && service.ranges.length > 0,
    allowed: service.ranges.some((range) => cidrContains(range, source)),
  }
}

function sourceOf(world: TestWorld, service: number, from: From): Ip | undefined {
  const endpointOn = (node: 'worker' | 'worker2') => {
    const n = world.services[service]!.endpoints.findIndex((endpoint) => endpoint.ready && endpoint.node === node)
    return n < 0 ? undefined : endpointIp(service, n, node)
  }
  switch (from) {
    case 'pod':
      return '10.244.1.200'
    case 'remote-pod':
      return '10.244.2.200'
    case 'node':
      return NODE
    case 'outside':
      return '172.18.0.100'
    case 'local-endpoint':
      return endpointOn('worker')
    case 'remote-endpoint':
      return endpointOn('worker2')
  }
}

/** `so`: what the mode does instead. */
type Difference = { readonly mode: ModeId; readonly name: string; readonly when: (facts: Facts) => boolean; readonly so: RegExp }

const isOwnEntry = ({ entry }: Facts) => entry === 'external' || entry === 'lb'
const fromCluster = ({ from }: Facts) => from !== 'outside'

/** From iptables mode, which stands for what everybody knows. */
const differences: readonly Difference[] = [
  {
    mode: 'nftables',
    name: 'a port of a ClusterIP that no Service has is rejected; iptables lets the packet pass',
    when: ({ unused, entry }) => unused && entry === 'cluster',
    so: /^rejected 1/,
  },
  {
    mode: 'nftables',
    name: 'an address of the Service network that no Service has is dropped; iptables lets the packet pass',
    when: ({ unallocated }) => unallocated,
    so: /^dropped 1/,
  },
  {
    mode: 'nftables',
    name: 'nodePorts answer on the primary address only',
    when: ({ entry }) => entry === 'nodeport-second',
    so: /^passed 1/,
  },
  { mode: 'nftables', name: 'nodePorts never answer on loopback', when: ({ entry }) => entry === 'nodeport-loopback', so: /^passed 1/ },
  {
    mode: 'nftables',
    name: "an external address without endpoints is rejected for the node itself too; iptables' reject is not in OUTPUT",
    when: (facts) => isOwnEntry(facts) && facts.from === 'node' && !facts.any,
    so: /^rejected 1/,
  },
  {
    mode: 'nftables',
    name: 'source ranges come before everything: a forbidden client of a Service without endpoints is dropped, not rejected',
    when: ({ guarded, allowed, any }) => guarded && !allowed && !any,
    so: /^dropped 1/,
  },
  {
    mode: 'nftables',
    name: 'hairpin is masqueraded for endpoints of this node only',
    when: ({ from }) => from === 'remote-endpoint',
    so: /^delivered/,
  },
  {
    mode: 'ipvs',
    name: 'a port of any virtual address that no Service has is rejected',
    when: ({ unused }) => unused,
    so: /^rejected 1/,
  },
  {
    mode: 'ipvs',
    name: 'a Local policy without local endpoints falls back to the cluster',
    when: ({ policyLocal, local }) => policyLocal && !local,
    so: /^(delivered|rejected)/,
  },
  {
    mode: 'ipvs',
    name: 'the external Local policy binds Pods and the node too, and nothing of it is masqueraded but hairpin',
    when: (facts) => facts.policyLocal && facts.entry !== 'cluster' && fromCluster(facts),
    so: /^delivered/,
  },
  { mode: 'ipvs', name: 'nodePorts never answer on loopback', when: ({ entry }) => entry === 'nodeport-loopback', so: /^passed 1/ },
  {
    mode: 'ipvs',
    name: "an external address without endpoints is rejected for the node itself too; iptables' reject is not in OUTPUT",
    when: (facts) => isOwnEntry(facts) && facts.from === 'node' && !facts.any,
    so: /^rejected 1/,
  },
  {
    mode: 'ipvs',
    name: 'source ranges come before everything: a forbidden client of a Service without endpoints is dropped, not rejected',
    when: ({ guarded, allowed, any }) => guarded && !allowed && !any,
    so: /^dropped 1/,
  },
  {
    mode: 'ipvs',
    name: 'hairpin is masqueraded for endpoints of this node only',
    when: ({ from }) => from === 'remote-endpoint',
    so: /^delivered/,
  },
  {
    mode: 'ipvs',
    name: 'without a local detector, the node (which dials a ClusterIP from that very address) is masqueraded',
    when: ({ world, from, entry }) => !world.detector && from === 'node' && entry === 'cluster',
    so: /masqueraded/,
  },
]

/** Every way of a packet as a sorted list: end, destination, masquerade, share. */
function outcomes(cluster: Cluster, mode: ModeId, facts: Facts): readonly string[] {
  // In ipvs mode the virtual addresses are the node's own, and Linux dials its own address from itself.
  const bound = mode === 'ipvs' && facts.from === 'node' && !facts.entry.startsWith('nodeport') && !facts.unallocated
  const src = bound ? facts.dst : facts.source
  const hook = facts.from === 'node' ? 'output' : 'prerouting'
  const query = { src, dst: facts.dst, port: facts.port, protocol: 'TCP', hook } as const
  const { ways } = packetThroughNode(cluster, 'worker', mode, query, { all: true, seed: 1 })
  const shares = new Map<string, number>()
  for (const { end, to, masquerade, probability } of ways) {
    const key = end === 'delivered' ? `delivered ${to}${masquerade ? ' masqueraded' : ''}` : end
    shares.set(key, (shares.get(key) ?? 0) + probability)
  }
  return [...shares].map(([key, share]) => `${key} ${share.toFixed(6)}`).sort()
}

const runs = { seed: 42, numRuns: 400 } as const

describe.each(['nftables', 'ipvs'] as const)('%s and iptables', (mode) => {
  const named = differences.filter((each) => each.mode === mode)
  const seen = new Set<string>()

  test('agree on where a packet can go and whether its source is hidden, but for the differences with a name', () => {
    fc.assert(
      fc.property(worldArbitrary, fc.array(probeArbitrary, { minLength: 12, maxLength: 12 }), (world, probes) => {
        const cluster = clusterOf(world)
        for (const facts of probes.flatMap((probe) => factsOf(world, probe) ?? [])) {
          const [mine, theirs] = [outcomes(cluster, mode, facts), outcomes(cluster, 'iptables', facts)]
          if (JSON.stringify(mine) === JSON.stringify(theirs)) continue
          const reasons = named.filter(({ when, so }) => when(facts) && so.test(mine.join(', ')))
          for (const { name } of reasons) seen.add(name)
          if (reasons.length === 0) expect(mine).toEqual(theirs)
        }
      }),
      runs,
    )
  })

  test('and every named difference has been met', () => {
    expect(named.map(({ name }) => name).filter((name) => !seen.has(name))).toEqual([])
  })
})
