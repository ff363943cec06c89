import { describe, expect, test } from 'vitest'
import type { ApiObject } from '../../../api/cluster.ts'
import { packetThroughNode } from '../../../testing/packet.ts'
import { readUpstream, UPSTREAM_NODE, type UpstreamOptions, upstreamCluster, upstreamFolder } from '../../../testing/upstream.ts'

type Flow = {
  readonly name: string
  readonly sourceIP: string
  readonly protocol: 'TCP' | 'UDP' | 'SCTP'
  readonly destIP: string
  readonly destPort: number
  readonly verdict: 'DNAT' | 'DROP' | 'REJECT' | 'ACCEPT' | 'none'
  readonly endpoints: readonly string[]
  readonly masq: boolean
}
type Vector = {
  readonly id: string
  readonly test: string
  readonly proxyOptions: UpstreamOptions
  readonly services: readonly ApiObject[]
  readonly endpointSlices: readonly ApiObject[]
  readonly flows: readonly Flow[]
  readonly rulesInput?: unknown
}

const ends = { DNAT: 'delivered', DROP: 'dropped', REJECT: 'rejected', ACCEPT: 'passed', none: 'passed' } as const

describe.runIf(upstreamFolder)("kube-proxy's own packet flows", () => {
  const all = upstreamFolder ? (readUpstream('iptables-packet-flows.json') as { vectors: readonly Vector[] }).vectors : []
  // The last one hands its tracer the rule text of TestOverallIPTablesRules: here it gets that test's objects.
  const dumps = upstreamFolder ? (readUpstream('iptables-dumps.json') as { vectors: readonly Vector[] }).vectors : []
  const overall = dumps.find((vector) => vector.test === 'TestOverallIPTablesRules')
  const vectors = all.map((vector) =>
    vector.rulesInput && overall ? { ...overall, id: vector.id, test: vector.test, flows: vector.flows } : vector,
  )

  test('all vectors are there', () => {
    expect(all.length).toBe(43)
    expect(all.filter((vector) => vector.rulesInput).map((vector) => vector.id)).toEqual(['ipt-flow-043'])
    expect(vectors.flatMap((vector) => vector.flows).length).toBe(246)
  })

  const flows = vectors.flatMap((vector) =>
    vector.flows.map((flow) => [`${vector.id} ${vector.test}: ${flow.name}`, vector, flow] as const),
  )
  test.each(flows)('%s', (_name, vector, flow) => {
    const cluster = upstreamCluster(vector, 'iptables')
    const query = { src: flow.sourceIP, dst: flow.destIP, port: flow.destPort, protocol: flow.protocol }
    const { ways } = packetThroughNode(cluster, UPSTREAM_NODE, 'iptables', query, { all: true, seed: 42 })
    expect(ways.reduce((sum, way) => sum + way.probability, 0)).toBeCloseTo(1, 9)
    expect([...new Set(ways.map((way) => way.end))]).toEqual([ends[flow.verdict]])
    expect(ways.flatMap((way) => (way.end === 'delivered' ? [way.to] : [])).sort()).toEqual([...flow.endpoints].sort())
    expect(ways.some((way) => way.masquerade)).toBe(flow.masq)
  })
})
