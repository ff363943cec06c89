import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readUpstream, UPSTREAM_NODE, type UpstreamCase, upstreamCluster, upstreamFolder } from '../../../testing/upstream.ts'
import { proxyViewsOf } from '../../view.ts'
import { nftables } from './mode.ts'

type Dump = UpstreamCase & {
  readonly test: string
  readonly generation: string
  readonly expected: readonly string[]
  readonly hasStaleChain?: boolean
}

/** Not ours to print, and why. */
const skipped: Readonly<Record<string, string>> = {
  'nft-dump-101': 'the v1.33 to v1.35 generation of rules',
  'nft-dump-102': 'the v1.33 to v1.35 generation of rules',
}

const rulesOf = (lines: readonly string[]) => lines.filter((line) => line.startsWith('add rule')).sort(byChain)
const byChain = (a: string, b: string) => (chainOf(a) < chainOf(b) ? -1 : chainOf(a) > chainOf(b) ? 1 : 0)
const chainOf = (line: string) => line.split(' ')[4] ?? ''
const othersOf = (lines: readonly string[]) => lines.filter((line) => !line.startsWith('add rule')).sort()

describe.runIf(upstreamFolder)("kube-proxy's own table dumps", () => {
  const { vectors } = upstreamFolder ? (readUpstream('nftables-dumps.json') as { readonly vectors: readonly Dump[] }) : { vectors: [] }

  test('each vector is compared or has a reason', () => {
    expect(vectors.length).toBe(15)
    expect(vectors.filter((each) => !/1\.36/.test(each.generation)).map((each) => each.id)).toEqual(Object.keys(skipped))
  })

  test.each(vectors.filter((each) => !skipped[each.id]).map((each) => [each.id, each] as const))('%s', (_id, each) => {
    const [view] = proxyViewsOf(upstreamCluster(each, 'nftables'), UPSTREAM_NODE, 'nftables')
    // The tests write the mark without its leading zeros.
    const lines = nftables.print(nftables.compile(view!)).map((line) => line.text.replaceAll('0x00004000', '0x4000'))
    expect(rulesOf(lines)).toEqual(rulesOf(each.expected))
    const expected = othersOf(each.expected)
    if (!each.hasStaleChain) return expect(othersOf(lines)).toEqual(expected)
    // A chain that went out of use is flushed at once but deleted a sync later; a first full sync never made it.
    const stale = expected.filter((line) => !lines.includes(line))
    expect(stale.every((line) => /^add chain ip kube-proxy \S+$/.test(line))).toBe(true)
    return expect(othersOf(lines)).toEqual(expected.filter((line) => lines.includes(line)))
  })
})

type Derived = {
  readonly nftables: readonly { readonly id: string; readonly ruleset: readonly string[] }[]
  readonly extraScenarios: readonly (UpstreamCase & { readonly nftables?: readonly string[] })[]
}

describe.runIf(upstreamFolder)('rule sets derived for every packet flow, all of which a kernel has loaded', () => {
  const derived = upstreamFolder
    ? (JSON.parse(readFileSync(join(upstreamFolder, 'recorded', 'kube-proxy', 'derived-rulesets.json'), 'utf8')) as Derived)
    : { nftables: [], extraScenarios: [] }
  const flows = upstreamFolder
    ? (readUpstream('nftables-packet-flows.json') as { readonly vectors: readonly UpstreamCase[] })
    : { vectors: [] }
  const inputs = new Map(flows.vectors.map((each) => [each.id, each]))
  const cases = [
    ...derived.nftables.map(({ id, ruleset }) => [id, inputs.get(id)!, ruleset] as const),
    ...derived.extraScenarios.flatMap((each) => (each.nftables ? [[each.id, each, each.nftables] as const] : [])),
  ]

  test('all are there', () => expect(cases.length).toBe(49))

  test.each(cases)('%s', (_id, each, ruleset) => {
    const family = each.proxyOptions?.ipFamily ?? 'IPv4'
    const view = proxyViewsOf(upstreamCluster(each, 'nftables'), UPSTREAM_NODE, 'nftables').find((one) => one.family === family)
    const lines = nftables.print(nftables.compile(view!)).map((line) => line.text.replaceAll('0x00004000', '0x4000'))
    expect(rulesOf(lines)).toEqual(rulesOf(ruleset))
    expect(othersOf(lines)).toEqual(othersOf(ruleset))
  })
})
