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
