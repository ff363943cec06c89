import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { load } from '../api/load.ts'
import type { ModeId } from '../kernel/program.ts'
import { openWorld } from './open.ts'
import { sendRequest } from './send.ts'
import type { World } from './world.ts'

/**
 * Whole journeys, out and back over two nodes, in the three modes: the same Pod can answer, as likely, and sees the same source. Where a
 * mode really differs, the difference has a name here; `core/proxy/agree.test.ts` does the same for one packet in one node.
 */

type TestService = {
  readonly type: 'ClusterIP' | 'NodePort' | 'LoadBalancer'
  readonly internalLocal: boolean
  readonly externalLocal: boolean
  readonly sticky: boolean
  /** Pods by node; not ready where negative. */
  readonly pods: readonly (1 | 2 | -1 | -2)[]
}
type From = 'pod/default/client-1' | 'pod/default/client-2' | 'node/worker-1' | 'outside' | 'own'
type Entry = 'cluster' | 'nodeport-1' | 'nodeport-2' | 'lb'
type Probe = { readonly from: From; readonly entry: Entry; readonly unused: boolean }

const serviceArbitrary = fc.record({
  type: fc.constantFrom('ClusterIP', 'NodePort', 'LoadBalancer'),
  internalLocal: fc.boolean(),
  externalLocal: fc.boolean(),
  sticky: fc.boolean(),
  pods: fc.array(fc.constantFrom(1, 2, -1, -2), { maxLength: 3 }),
}) as fc.Arbitrary<TestService>

const probeArbitrary = fc.record({
  from: fc.constantFrom('pod/default/client-1', 'pod/default/client-2', 'node/worker-1', 'outside', 'own'),
  entry: fc.constantFrom('cluster', 'nodeport-1', 'nodeport-2', 'lb'),
  unused: fc.boolean(),
}) as fc.Arbitrary<Probe>

const LB = '203.0.113.50'

function documentsOf(service: TestService): readonly unknown[] {
  const node = (n: number) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: `worker-${n}` },
    spec: { podCIDR: `10.244.${n}.0/24`, podCIDRs: [`10.244.${n}.0/24`] },
    status: { addresses: [{ type: 'InternalIP', address: `172.18.0.${n + 2}` }], conditions: [{ type: 'Ready', status: 'True' }] },
  })
  const pod = (name: string, n: number, ip: string, labels: Record<string, string>, ready: boolean) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels },
    spec: { nodeName: `worker-${n}`, containers: [{ name: 'c', image: 'nginx', ports: [{ containerPort: 8080 }] }] },
    status: { phase: 'Running', podIP: ip, podIPs: [{ ip }], conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  })
  return [
    node(1),
    node(2),
    {
      apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
      kind: 'KubeProxyConfiguration',
      clusterCIDR: '10.244.0.0/16',
    },
    pod('client-1', 1, '10.244.1.200', {}, true),
    pod('client-2', 2, '10.244.2.200', {}, true),
    ...service.pods.map((where, i) => {
      const n = Math.abs(where)
      return pod(`web-${i}`, n, `10.244.${n}.${10 + i}`, { app: 'web' }, where > 0)
    }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: {
        type: service.type,
        clusterIP: '10.96.0.50',
        selector: { app: 'web' },
        ports: [{ port: 80, targetPort: 8080, ...(service.type === 'ClusterIP' ? {} : { nodePort: 30080 }) }],
        internalTrafficPolicy: service.internalLocal ? 'Local' : 'Cluster',
        ...(service.type === 'ClusterIP' ? {} : { externalTrafficPolicy: service.externalLocal ? 'Local' : 'Cluster' }),
        ...(service.sticky ? { sessionAffinity: 'ClientIP' } : {}),
      },
      ...(service.type === 'LoadBalancer' ? { status: { loadBalancer: { ingress: [{ ip: LB }] } } } : {}),
    },
  ]
}

function urlOf({ entry, unused }: Probe): string {
  const port = unused ? 81 : 80
  const urls: Record<Entry, string> = {
    cluster: `10.96.0.50:${port}`,
    lb: `${LB}:${port}`,
    'nodeport-1': '172.18.0.3:30080',
    'nodeport-2': '172.18.0.4:30080',
  }
  return urls[entry]
}

/** Every way as `CODE backend source share`, or why it could not be sent. */
function outcomes(world: World, service: TestService, probe: Probe): readonly string[] | undefined {
  const own = service.pods.findIndex((where) => where > 0)
  if (probe.from === 'own' && own < 0) return undefined
  if (probe.entry.startsWith('nodeport') && service.type === 'ClusterIP') return undefined
  if (probe.entry === 'lb' && service.type !== 'LoadBalancer') return undefined
  const from = probe.from === 'own' ? `pod/default/web-${own}` : probe.from
  const sent = sendRequest(world, { from, to: urlOf(probe) }, { all: true })
  if (typeof sent === 'string') throw new Error(sent)
  const shares = new Map<string, number>()
  for (const { verdict, backend, seenSource, probability } of sent.traces[0]?.ways ?? []) {
    const key = verdict.code === 'DELIVERED' ? `DELIVERED ${backend?.ip} from ${seenSource}` : verdict.code
    shares.set(key, (shares.get(key) ?? 0) + probability)
  }
  return [...shares].map(([key, share]) => `${key} ${share.toFixed(6)}`).sort()
}

type Difference = {
  readonly mode: ModeId
  readonly name: string
  readonly when: (service: TestService, probe: Probe) => boolean
}

const isOpen = ({ pods }: TestService) => pods.some((where) => where > 0)
const isExternal = ({ entry }: Probe) => entry !== 'cluster'

const differences: readonly Difference[] = [
  {
    mode: 'nftables',
    name: 'a port of a ClusterIP that no Service has is rejected; iptables lets the packet leave',
    when: (_service, { entry, unused }) => entry === 'cluster' && unused,
  },
  {
    mode: 'nftables',
    name: "a load balancer's address without endpoints is rejected for the node itself too",
    when: (service, { from, entry }) => from === 'node/worker-1' && entry === 'lb' && !isOpen(service),
  },
  {
    mode: 'nftables',
    name: "a Pod that another node's nodePort leads back to itself is not masqueraded there, so it meets its own address",
    when: ({ externalLocal }, { from, entry }) => externalLocal && from === 'own' && entry.startsWith('nodeport'),
  },
  {
    mode: 'ipvs',
    name: 'a port of any virtual address that no Service has is rejected',
    when: (_service, { entry, unused }) => unused && (entry === 'cluster' || entry === 'lb'),
  },
  {
    mode: 'ipvs',
    name: "a load balancer's address without endpoints is rejected for the node itself too",
    when: (service, { from, entry }) => from === 'node/worker-1' && entry === 'lb' && !isOpen(service),
  },
  {
    mode: 'ipvs',
    name: 'a Local policy without local endpoints falls back to the cluster; with some it binds Pods and nodes too, and masquerades none',
    when: (service, probe) => (isExternal(probe) ? service.externalLocal : service.internalLocal),
  },
]

describe.each(['nftables', 'ipvs'] as const)('%s and iptables', (mode) => {
  const named = differences.filter((each) => each.mode === mode)
  const seen = new Set<string>()

  test('the same Pods answer and see the same source, but for the differences with a name', () => {
    fc.assert(
      fc.property(serviceArbitrary, fc.array(probeArbitrary, { minLength: 8, maxLength: 8 }), (service, probes) => {
        const text = documentsOf(service).map((document) => JSON.stringify(document))
        const loaded = load([{ name: 'world.yaml', text: text.join('\n---\n') }], { bare: true })
        const [ours, theirs] = [openWorld(loaded, { seed: 42, mode }), openWorld(loaded, { seed: 42, mode: 'iptables' })]
        for (const probe of probes) {
          const [mine, other] = [outcomes(ours, service, probe), outcomes(theirs, service, probe)]
          if (JSON.stringify(mine) === JSON.stringify(other)) continue
          const reasons = named.filter(({ when }) => when(service, probe))
          for (const { name } of reasons) seen.add(name)
          if (reasons.length === 0) expect({ probe, ways: mine }).toEqual({ probe, ways: other })
        }
      }),
      { seed: 42, numRuns: 100 },
    )
  })

  test('and every named difference has been met', () => {
    expect(named.map(({ name }) => name).filter((name) => !seen.has(name))).toEqual([])
  })
})
