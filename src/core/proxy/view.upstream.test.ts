import { describe, expect, test } from 'vitest'
import type { ApiObject } from '../api/cluster.ts'
import { type Family, familyOf, hostPort } from '../base/ip.ts'
import type { Connection } from '../kernel/conntrack.ts'
import type { Protocol } from '../kernel/packet.ts'
import { readUpstream, UPSTREAM_NODE, upstreamCluster, upstreamFolder } from '../testing/upstream.ts'
import { cidrsOfFamily } from './address.ts'
import { categorize } from './categorize.ts'
import { staleUdpConnections } from './cleanup.ts'
import { healthResponse, withoutLocalEndpoints } from './health.ts'
import { endpointChainName, serviceChainName } from './modes/iptables/names.ts'
import { nodePortAddresses } from './nodenetwork.ts'
import { type ProxyEndpoint, proxyViewsOf } from './view.ts'

type Topology = {
  readonly id: string
  readonly name: string
  readonly nodeName: string
  readonly zone: string
  readonly preferSameTrafficDistributionGate: boolean
  readonly service: { readonly internalPolicyLocal: boolean; readonly externalPolicyLocal: boolean; readonly nodePort: number }
  readonly endpoints: readonly {
    readonly endpoint: string
    readonly ready: boolean
    readonly serving: boolean
    readonly terminating: boolean
    readonly local: boolean
    readonly zoneHints: readonly string[]
    readonly nodeHints: readonly string[]
  }[]
  readonly expect: {
    readonly clusterEndpoints: readonly string[] | null
    readonly localEndpoints: readonly string[] | null
    readonly allReachableEndpoints: readonly string[]
    readonly hasAnyEndpoints: boolean
  }
}

type Misc = {
  readonly iptablesChainNames: readonly {
    readonly servicePortName: string
    readonly protocol: string
    readonly endpoint: string | null
    readonly chains: readonly string[]
  }[]
  readonly statisticProbability: readonly { readonly n: number; readonly expected: string }[]
  readonly nodePortAddresses: readonly {
    readonly case: string
    readonly nodePortAddresses: readonly string[]
    readonly interfaceAddresses: readonly string[]
    readonly expected: Readonly<Record<Family, { readonly matchAll: boolean; readonly ips: readonly string[] }>>
  }[]
  readonly containsIPv4Loopback: readonly {
    readonly case: string
    readonly nodePortAddresses: readonly string[]
    readonly IPv4: boolean
    readonly IPv6: boolean
  }[]
  readonly serviceCIDRs: readonly { readonly family: Family; readonly input: readonly string[]; readonly expected: string }[]
  readonly loadBalancerIPMode: readonly {
    readonly case: string
    readonly ingress: { readonly ip: string; readonly ipMode?: string }
    readonly expectLoadBalancerRules: boolean
  }[]
  readonly noLocalEndpointsMetric: readonly {
    readonly case: string
    readonly services: readonly ApiObject[]
    readonly endpointSlices: readonly ApiObject[]
    readonly expected: Readonly<Record<string, number>>
  }[]
  readonly healthCheckNodePortResponses: readonly {
    readonly service: string
    readonly localReadyEndpoints: number
    readonly kubeProxyHealthy: boolean
    readonly expect: unknown
  }[]
  readonly conntrackCleanup: readonly {
    readonly service: ApiObject
    readonly endpointSlice: ApiObject
    readonly conntrackEntries: readonly {
      readonly proto: Protocol
      readonly origDst: string
      readonly origPort: number
      readonly replySrc: string
      readonly replyPort: number
      readonly deleted: boolean
    }[]
  }[]
}

describe.runIf(upstreamFolder)("kube-proxy's own unit tests", () => {
  const topology = upstreamFolder ? (readUpstream('topology-categorize.json') as { vectors: readonly Topology[] }).vectors : []
  const misc = (upstreamFolder ? readUpstream('names-and-misc.json') : {}) as Misc

  test('all topology vectors are there', () => expect(topology.length).toBe(40))

  test.each(topology.map((vector) => [`${vector.id} ${vector.name}`, vector] as const))('%s', (_name, vector) => {
    const { internalPolicyLocal, externalPolicyLocal, nodePort } = vector.service
    const accessible = nodePort !== 0
    const endpoints = vector.endpoints.map(({ endpoint, ...rest }, index): ProxyEndpoint => {
      const [ip = '', port] = endpoint.split(':')
      return { ...rest, ip, port: Number(port), text: endpoint, slice: '', index }
    })
    const use = {
      usesCluster: !internalPolicyLocal || accessible,
      usesLocal: internalPolicyLocal || (externalPolicyLocal && accessible),
    }
    // Without the gate, which is on since v1.35, node hints do not count.
    const seen = vector.preferSameTrafficDistributionGate ? endpoints : endpoints.map((endpoint) => ({ ...endpoint, nodeHints: [] }))
    const { cluster, local, reachable, any } = categorize(seen, use, { node: vector.nodeName, zone: vector.zone })
    const texts = (list: readonly ProxyEndpoint[]) => list.map((endpoint) => endpoint.text).sort()
    // An absent list there is an empty one here.
    expect(texts(cluster)).toEqual([...(vector.expect.clusterEndpoints ?? [])].sort())
    expect(texts(local)).toEqual([...(vector.expect.localEndpoints ?? [])].sort())
    expect(texts(reachable)).toEqual([...(vector.expect.allReachableEndpoints ?? [])].sort())
    expect(any).toBe(vector.expect.hasAnyEndpoints)
  })

  test('chain names', () => {
    expect(misc.iptablesChainNames.length).toBe(16)
    for (const { servicePortName, protocol, endpoint, chains } of misc.iptablesChainNames) {
      const upper = protocol.toUpperCase() as Protocol
      const own = endpoint
        ? [endpointChainName(servicePortName, upper, endpoint)]
        : (['SVC', 'SVL', 'EXT', 'FW'] as const).map((chain) => serviceChainName(chain, servicePortName, upper))
      expect(own).toEqual(expect.arrayContaining([...chains]))
    }
  })

  test('probability text', () => {
    expect(misc.statisticProbability.length).toBe(8)
    for (const { n, expected } of misc.statisticProbability) expect((1 / n).toFixed(10)).toBe(expected)
  })

  test('nodePortAddresses', () => {
    expect(misc.nodePortAddresses.length).toBe(13)
    for (const vector of misc.nodePortAddresses) {
      for (const family of ['IPv4', 'IPv6'] as const) {
        const interfaceAddresses = vector.interfaceAddresses.filter((ip) => familyOf(ip) === family)
        const answer = nodePortAddresses(vector.nodePortAddresses, 'iptables', family, { nodeIps: [], interfaceAddresses })
        const { matchAll, ips } = vector.expected[family]
        expect(answer.addresses === 'all', vector.case).toBe(matchAll)
        expect(answer.addresses === 'all' ? interfaceAddresses : answer.addresses, vector.case).toEqual(ips)
      }
    }
    expect(misc.containsIPv4Loopback.length).toBe(8)
    for (const vector of misc.containsIPv4Loopback) {
      for (const family of ['IPv4', 'IPv6'] as const) {
        const own = { nodeIps: [], interfaceAddresses: [] }
        expect(nodePortAddresses(vector.nodePortAddresses, 'iptables', family, own).loopback, vector.case).toBe(vector[family])
      }
    }
  })

  test('service CIDRs by family', () => {
    for (const { family, input, expected } of misc.serviceCIDRs) expect(cidrsOfFamily(input, family).join(',')).toBe(expected)
  })

  test('ipMode', () => {
    expect(misc.loadBalancerIPMode.length).toBe(3)
    for (const { ingress, expectLoadBalancerRules } of misc.loadBalancerIPMode) {
      const service = {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { namespace: 'ns', name: 'svc' },
        spec: { type: 'LoadBalancer', clusterIP: '172.30.0.41', ports: [{ name: 'p80', port: 80, protocol: 'TCP' }] },
        status: { loadBalancer: { ingress: [ingress] } },
      }
      const [view] = proxyViewsOf(upstreamCluster({ services: [service] }, 'iptables'), UPSTREAM_NODE, 'iptables')
      expect(view?.servicePorts[0]?.loadBalancerVips).toEqual(expectLoadBalancerRules ? [ingress.ip] : [])
    }
  })

  test('metric of Services without local endpoints', () => {
    expect(misc.noLocalEndpointsMetric.length).toBe(7)
    for (const vector of misc.noLocalEndpointsMetric) {
      const [view] = proxyViewsOf(upstreamCluster(vector, 'iptables'), UPSTREAM_NODE, 'iptables')
      const [internal, external] = Object.values(vector.expected)
      expect(withoutLocalEndpoints(view!), vector.case).toEqual({ internal, external })
    }
  })

  test('health check answers', () => {
    expect(misc.healthCheckNodePortResponses.length).toBe(5)
    for (const { service, localReadyEndpoints, kubeProxyHealthy, expect: answer } of misc.healthCheckNodePortResponses) {
      const [namespace = '', name = ''] = service.split('/')
      expect(healthResponse({ namespace, name, localEndpoints: localReadyEndpoints }, kubeProxyHealthy)).toEqual(answer)
    }
  })

  test('conntrack clean-up', () => {
    const [vector] = misc.conntrackCleanup
    const [view] = proxyViewsOf(
      upstreamCluster({ services: [vector!.service], endpointSlices: [vector!.endpointSlice] }, 'iptables'),
      UPSTREAM_NODE,
      'iptables',
    )
    const entries = vector!.conntrackEntries.map((entry): Connection => {
      const dst = entry.origDst.startsWith('(') ? '192.168.0.2' : entry.origDst
      return {
        family: 'IPv4',
        original: { protocol: entry.proto, src: '203.0.113.2', sport: 4000, dst, dport: entry.origPort },
        reply: { protocol: entry.proto, src: entry.replySrc, sport: entry.replyPort, dst: '203.0.113.2', dport: 4000 },
        seenReply: true,
        assured: false,
        dnat: true,
        snat: false,
        serial: 1,
        createdAt: 0,
        expiresAt: 1,
      }
    })
    const stale = new Set(staleUdpConnections(entries, view!))
    for (const [i, entry] of entries.entries()) {
      const vectorEntry = vector!.conntrackEntries[i]!
      expect(stale.has(entry), `${vectorEntry.proto} ${hostPort(vectorEntry.origDst, vectorEntry.origPort)}`).toBe(vectorEntry.deleted)
    }
    expect(stale.size).toBeGreaterThan(5)
  })
})
