import { describe, expect, test } from 'vitest'
import { store } from '../../api/cluster.ts'
import { pickByShare } from '../../kernel/chance.ts'
import { passHost } from '../../kernel/host.ts'
import { freshKernel, type NodeKernel } from '../../kernel/kernel.ts'
import { readVector, worldCluster } from '../../testing/worlds.ts'
import { programOf } from '../program.ts'

const recorded = (readVector('kernel-verified-traces.json.gz') as { affinityAndBalance: Readonly<Record<string, readonly string[]>> })
  .affinityAndBalance

const cluster = store(
  worldCluster({
    nodes: [{ name: 'n1', ip: '192.168.0.2' }],
    services: [],
    endpointSlices: [],
    options: { clusterCIDR: '10.0.0.0/8' },
  }),
  [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace: 'ns1', name: 'svc1' },
      spec: {
        type: 'NodePort',
        clusterIP: '172.30.0.41',
        ports: [{ port: 80, protocol: 'TCP', nodePort: 30080 }],
        sessionAffinity: 'ClientIP',
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 2 } },
      },
    } as never,
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { namespace: 'ns1', name: 'svc1-1', labels: { 'kubernetes.io/service-name': 'svc1' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.180.0.1'] }, { addresses: ['10.180.1.1'] }],
      ports: [{ name: '', port: 80, protocol: 'TCP' }],
    } as never,
  ],
)

/** Connections of one client, so many milliseconds apart: which endpoint each got. The dice fall on one side, then on the other. */
function connections(
  mode: 'iptables' | 'nftables',
  count: number,
  apart: number,
  dst = () => ({ dst: '172.30.0.41', dport: 80 }),
): readonly string[] {
  const program = programOf(cluster, 'n1', mode).families[0]!
  let kernel: NodeKernel = freshKernel
  let dice = 0
  return Array.from({ length: count }, (_, i) => {
    const result = passHost(
      kernel,
      program,
      { family: 'IPv4', protocol: 'TCP', src: '10.180.0.9', sport: 40_000 + i, ...dst(), flags: 'SYN', ttl: 64, mark: 0 },
      {
        inInterface: 'veth0',
        isLocal: (ip) => ip === '192.168.0.2',
        masqueradeAs: () => '192.168.0.2',
        routeOut: () => 'eth0',
        now: i * apart,
        choose: (_key, weights) => pickByShare(dice++ % 2 === 0 ? 0.1 : 0.9, weights),
        draw: () => 0.5,
      },
    )
    kernel = result.kernel
    return result.packet.dst
  })
}

describe.each(['iptables', 'nftables'] as const)('ClientIP affinity of 2 s in %s, as a real kernel showed it', (mode) => {
  test.each([
    ['12 quick connections', 12, 5],
    ['connections 1.2 s apart', 6, 1200],
    ['connections 2.3 s apart', 8, 2300],
  ] as const)('%s', (what, count, apart) => {
    const seen = recorded[`${mode} affinity 2 s, ${what}`]!
    expect(seen).toHaveLength(count)
    // One endpoint there, one here; both there, both here: the timeout is idle time since the last new connection.
    expect(new Set(connections(mode, count, apart)).size).toBe(new Set(seen).size)
  })

  test('ClusterIP and nodePort of one service port share it', () => {
    let turn = 0
    const either = () => (turn++ % 2 === 0 ? { dst: '172.30.0.41', dport: 80 } : { dst: '192.168.0.2', dport: 30_080 })
    expect(new Set(connections(mode, 10, 100, either)).size).toBe(1)
  })
})
