import { describe, expect, test } from 'vitest'
import { recordedWorlds, worldCluster } from '../../../testing/worlds.ts'
import { proxyViewsOf } from '../../view.ts'
import { nftables } from './mode.ts'

const cases = recordedWorlds('worlds')

/** Rules keep their order inside a chain; everything else is a set of lines. */
function canonical(lines: readonly string[]): unknown {
  const rules: Record<string, string[]> = {}
  const others: string[] = []
  for (const line of lines) {
    const chain = /^add rule (\S+ \S+ \S+)/.exec(line)?.[1]
    if (chain === undefined) others.push(line)
    else {
      rules[chain] ??= []
      rules[chain].push(line)
    }
  }
  return { rules, others: others.sort() }
}

describe('kube-proxy itself, recorded', () => {
  test('all worlds are there', () => expect(cases.length).toBe(75))

  test.each(cases.map((each) => [each.id, each] as const))('world %s: every line of every node', (_id, { world, expected }) => {
    const cluster = worldCluster(world)
    for (const { name } of world.nodes) {
      const families = proxyViewsOf(cluster, name, 'nftables').map((view) => [
        view.family,
        canonical(nftables.print(nftables.compile(view)).map((line) => line.text)),
      ])
      const recorded = Object.entries(expected[name]?.nftables ?? {}).map(([family, text]) => [
        family,
        canonical(text.split('\n').filter((line) => line !== '')),
      ])
      expect(Object.fromEntries(families)).toEqual(Object.fromEntries(recorded))
    }
  })
})
