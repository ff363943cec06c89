import { describe, expect, test } from 'vitest'
import type { Node } from '../../../api/kinds/node.ts'
import { familyOf, ipIn, parseCidr } from '../../../base/ip.ts'
import type { Protocol } from '../../../kernel/packet.ts'
import { packetThroughNode } from '../../../testing/packet.ts'
import { recordedWorlds, worldCluster } from '../../../testing/worlds.ts'

/** `10.0.0.1:80` or `[fd00::1]:80` taken apart. */
function split(address: string): readonly [string, number] {
  const colon = address.lastIndexOf(':')
  return [address.slice(0, colon).replace(/[[\]]/g, ''), Number(address.slice(colon + 1))]
}

/** An address of the node's Pod network that no recorded endpoint has. */
function clientOn(node: Node, family: 'IPv4' | 'IPv6'): string | undefined {
  const cidr = node.spec?.podCIDRs?.find((each) => familyOf(each) === family)
  const network = cidr === undefined ? undefined : parseCidr(cidr)
  return network && ipIn(network, 250n)
}

const cases = recordedWorlds().map((each) => [each.id, each] as const)

describe('what the recorded virtual servers mean to a packet', () => {
  test.each(cases)('world %s: every server leads to its real servers, and none rejects', (_id, { world, expected }) => {
    const cluster = worldCluster(world)
    const nodes = cluster.byKind.get('Node') ?? new Map()
    for (const node of nodes.values() as Iterable<Node>) {
      for (const [family, recorded] of Object.entries(expected[node.metadata.name]?.ipvs ?? {})) {
        const src = clientOn(node, family as 'IPv4' | 'IPv6')
        if (src === undefined) continue
        const guarded = new Set(Object.values(recorded.ipsets).length > 0 ? recorded.ipsets[setOf(family)] : [])
        for (const server of recorded.virtualServers) {
          const [dst, port] = split(server.address)
          const query = { src, dst, port, protocol: server.protocol as Protocol }
          const { ways } = packetThroughNode(cluster, node.metadata.name, 'ipvs', query, { all: true, seed: 1 })
          const name = `${node.metadata.name} ${server.protocol} ${server.address}`
          expect(
            ways.reduce((sum, way) => sum + way.probability, 0),
            name,
          ).toBeCloseTo(1, 9)
          const ends = new Set(ways.map(({ end }) => end))
          const isGuarded = guarded.has(`${dst},${server.protocol.toLowerCase()}:${port}`)
          if (isGuarded && ends.has('dropped')) continue
          if (server.realServers.length === 0) expect([...ends], name).toEqual(['rejected'])
          else reaches(name, server, ways)
        }
      }
    }
  })
})

function setOf(family: string): string {
  return family === 'IPv6' ? 'KUBE-6-LOAD-BALANCER-FW' : 'KUBE-LOAD-BALANCER-FW'
}

function reaches(
  name: string,
  server: { readonly scheduler: string; readonly realServers: readonly { readonly address: string }[] },
  ways: readonly { readonly end: string; readonly to: string; readonly probability: number }[],
): void {
  const all = server.realServers.map(({ address }) => address).sort()
  const reached = ways.map(({ to }) => to).sort()
  expect([...new Set(ways.map(({ end }) => end))], name).toEqual(['delivered'])
  if (server.scheduler === 'sh') {
    expect(reached.length, name).toBe(1)
    expect(all, name).toContain(reached[0])
    return
  }
  expect(reached, name).toEqual(all)
  for (const { probability } of ways) expect(Math.abs(probability - 1 / all.length), name).toBeLessThan(0.001)
}
