import { describe, expect, test } from 'vitest'
import type { ApiObject } from '../../../api/cluster.ts'
import { readUpstream, UPSTREAM_NODE, type UpstreamOptions, upstreamCluster, upstreamFolder } from '../../../testing/upstream.ts'
import { rulesByChain } from '../../../testing/worlds.ts'
import { proxyViewsOf } from '../../view.ts'
import { iptables } from './mode.ts'

type Objects = { readonly services: readonly ApiObject[]; readonly endpointSlices: readonly ApiObject[] }
type Vector = Objects & {
  readonly id: string
  readonly kind: string
  readonly test: string
  readonly step?: number
  readonly sync?: string
  readonly expected: readonly string[]
  readonly cases: readonly {
    readonly chain: string
    readonly tcpBeLiberal?: boolean
    readonly nfacctCounters?: boolean
    readonly randomFully?: boolean
    readonly firstRule?: string | null
    readonly rules?: readonly string[]
  }[]
}
type Chains = Record<string, readonly string[]>

/** Our program without the built-in chains, whose jumps are no part of a restore input; marks as that fixture writes them. */
function chainsOf(objects: Objects, options: UpstreamOptions = {}): Chains {
  const view = proxyViewsOf(upstreamCluster({ ...objects, proxyOptions: options }, 'iptables'), UPSTREAM_NODE, 'iptables')[0]!
  const text = iptables.print(iptables.compile(view)).map((line) => line.text)
  const chains = rulesByChain(text.join('\n').replaceAll('0x00004000', '0x4000'))
  return Object.fromEntries(Object.entries(chains).filter(([name]) => name.includes('/KUBE-')))
}

/** What a kernel's chains are after a restore input without flush: a chain line empties its chain, `-X` deletes it. */
function restore(chains: Chains, input: readonly string[]): Chains {
  const given = rulesByChain(input.join('\n'))
  const after: Chains = { ...chains, ...given }
  let table = ''
  for (const line of input) {
    if (line.startsWith('*')) table = line.slice(1)
    if (line.startsWith('-X ')) delete after[`${table}/${line.slice(3)}`]
  }
  return after
}

/** The fixture visits Services in the order of their names, as we do, but for the filter rules of nodePorts and the like. */
const sortShared = (chains: Chains): Chains =>
  Object.fromEntries(
    Object.entries(chains).map(([name, rules]) => [
      name,
      /KUBE-(EXTERNAL-)?SERVICES|KUBE-NODEPORTS|FIREWALL/.test(name) ? [...rules].sort() : rules,
    ]),
  )

describe.runIf(upstreamFolder)("kube-proxy's own rule dumps", () => {
  const { vectors } = upstreamFolder ? (readUpstream('iptables-dumps.json') as { vectors: readonly Vector[] }) : { vectors: [] }

  test('all vectors are there', () => expect(vectors.map((vector) => vector.kind)).toHaveLength(14))

  test.each(vectors.filter((vector) => vector.kind === 'full').map((vector) => [vector.id, vector] as const))(
    '%s: a full sync',
    (_id, vector) => {
      expect(sortShared(chainsOf(vector))).toEqual(sortShared(rulesByChain(vector.expected.join('\n'))))
    },
  )

  test('after each restore input of TestSyncProxyRulesRepeated the kernel holds our program', () => {
    const steps = vectors.filter((vector) => vector.kind === 'restore-input')
    expect(steps.length).toBe(9)
    let chains: Chains = {}
    for (const step of steps) {
      chains = restore(chains, step.expected)
      expect(sortShared(chainsOf(step))).toEqual(sortShared(chains))
    }
  })

  const cases = vectors
    .filter((vector) => vector.kind === 'chain')
    .flatMap((vector) => vector.cases.map((each) => [vector.test, each] as const))
  test.each(cases)('%s: $1', (_name, each) => {
    const options: UpstreamOptions = {
      ...(each.tcpBeLiberal === undefined ? {} : { tcpBeLiberal: each.tcpBeLiberal }),
      ...(each.nfacctCounters === undefined ? {} : { nfacct: each.nfacctCounters }),
      ...(each.randomFully === undefined ? {} : { randomFully: each.randomFully }),
    }
    const chains = chainsOf({ services: [], endpointSlices: [] }, options)
    if (each.rules) expect(chains[`nat/${each.chain}`]).toEqual(each.rules)
    else {
      const rules = chains[`filter/${each.chain}`]!
      expect(rules).toHaveLength(each.firstRule ? 3 : 2)
      if (each.firstRule) expect(rules[0]).toBe(each.firstRule)
    }
  })

  test('ipt-dump-014: beyond 1,000 endpoints the comments of service and endpoint rules vanish', () => {
    const vector = vectors.find((each) => each.kind === 'large-cluster')!
    const slice = (service: string, port: string, n: number, addresses: readonly string[]): ApiObject & Record<string, unknown> => ({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        namespace: service.split('/')[0]!,
        name: `${service.split('/')[1]}-1`,
        labels: { 'kubernetes.io/service-name': service.split('/')[1]! },
      },
      addressType: 'IPv4',
      endpoints: addresses.map((address) => ({ addresses: [address] })),
      ports: [{ name: port, port: n, protocol: 'TCP' }],
    })
    const many = (net: string) => Array.from({ length: 499 }, (_, i) => `${net}.${i % 256}.${Math.floor(i / 256)}`)
    const small = [slice('ns1/svc1', 'p80', 80, many('10.0')), slice('ns2/svc2', 'p8080', 8080, many('10.1'))]
    const large = [...small, slice('ns3/svc3', 'p8081', 8081, ['203.0.113.4', '203.0.113.8', '203.0.113.12'])]
    const dnats = (slices: readonly ApiObject[]) =>
      Object.values(chainsOf({ services: vector.services, endpointSlices: slices }, { masqueradeAll: true }))
        .flat()
        .filter((rule) => rule.includes('-j DNAT'))
    const before = dnats(small)
    expect(before).toHaveLength(998)
    expect(before).toContain(
      '-A KUBE-SEP-DKGQUZGBKLTPAR56 -m comment --comment ns1/svc1:p80 -m tcp -p tcp -j DNAT --to-destination 10.0.0.0:80',
    )
    const after = dnats(large)
    expect(after).toHaveLength(1001)
    expect(after.filter((rule) => rule.includes('--comment'))).toEqual([])
    expect(after).toContain('-A KUBE-SEP-DKGQUZGBKLTPAR56 -m tcp -p tcp -j DNAT --to-destination 10.0.0.0:80')
    expect(after).toContain('-A KUBE-SEP-RUVVH7YV3PHQBDOS -m tcp -p tcp -j DNAT --to-destination 203.0.113.4:8081')
  })
})
