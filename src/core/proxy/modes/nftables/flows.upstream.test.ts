import { describe, expect, test } from 'vitest'
import type { Protocol } from '../../../kernel/packet.ts'
import { packetThroughNode } from '../../../testing/packet.ts'
import { readUpstream, UPSTREAM_NODE, type UpstreamCase, upstreamCluster, upstreamFolder } from '../../../testing/upstream.ts'

type Flow = {
  readonly name: string
  readonly sourceIP: string
  readonly protocol?: Protocol
  readonly destIP: string
  readonly destPort: number
  readonly verdict: 'DNAT' | 'DROP' | 'REJECT' | 'ACCEPT' | 'none'
  readonly endpoints: readonly string[]
  readonly masq: boolean
}
type FlowCase = UpstreamCase & { readonly flows: readonly Flow[] }

const ENDS = { delivered: 'DNAT', dropped: 'DROP', rejected: 'REJECT', passed: 'none' } as const

describe.runIf(upstreamFolder)("kube-proxy's own packet flows", () => {
  const { vectors } = upstreamFolder
    ? (readUpstream('nftables-packet-flows.json') as { readonly vectors: readonly FlowCase[] })
    : { vectors: [] }
  const flows = vectors.flatMap((each) => each.flows.map((flow, i) => [`${each.id}/${i} ${flow.name}`, each, flow] as const))

  test('all flows are there', () => expect(flows.length).toBe(207))

  test.each(flows)('%s', (_name, each, flow) => {
    const query = { src: flow.sourceIP, dst: flow.destIP, port: flow.destPort, protocol: flow.protocol ?? 'TCP' }
    const { ways } = packetThroughNode(upstreamCluster(each, 'nftables'), UPSTREAM_NODE, 'nftables', query, { all: true, seed: 1 })
    const ends = new Set(ways.map((way) => ENDS[way.end]))
    const endpoints = ways.flatMap((way) => (way.end === 'delivered' ? [way.to] : []))
    expect({ verdict: [...ends], endpoints: [...new Set(endpoints)].sort() }).toEqual({
      verdict: [flow.verdict],
      endpoints: [...flow.endpoints].sort(),
    })
    // The tests' tracer marks every packet that *some* way would masquerade.
    expect(ways.some((way) => way.masquerade)).toBe(flow.masq)
    expect(ways.reduce((sum, way) => sum + way.probability, 0)).toBeCloseTo(1, 12)
  })
})
