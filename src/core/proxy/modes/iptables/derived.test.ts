import { describe, expect, test } from 'vitest'
import type { ApiObject } from '../../../api/cluster.ts'
import {
  readUpstream,
  UPSTREAM_NODE,
  type UpstreamCase,
  type UpstreamOptions,
  upstreamCluster,
  upstreamFolder,
} from '../../../testing/upstream.ts'
import { readVector, rulesByChain } from '../../../testing/worlds.ts'
import { proxyViewsOf } from '../../view.ts'
import { iptables } from './mode.ts'

type Scenario = {
  readonly id: string
  readonly description: string
  readonly proxyOptions: UpstreamOptions
  readonly services: readonly ApiObject[]
  readonly endpointSlices: readonly ApiObject[]
  readonly iptables: readonly string[]
}
const derived = readVector('derived-rulesets.json.gz') as {
  readonly iptables: readonly { readonly id: string; readonly ruleset: readonly string[] }[]
  readonly extraScenarios: readonly Scenario[]
}

/**
 * Chains as the reference writes them: without the built-in ones, marks short; rules of shared chains in free order. An empty KUBE-FIREWALL
 * is made by the jumps to it, not by the restore input.
 */
function comparable(chains: Readonly<Record<string, readonly string[]>>): Readonly<Record<string, readonly string[]>> {
  const shared = /KUBE-(EXTERNAL-)?SERVICES|KUBE-NODEPORTS|KUBE-PROXY-FIREWALL/
  const own = Object.entries(chains).filter(
    ([name, rules]) => name.includes('/KUBE-') && !(name.endsWith('/KUBE-FIREWALL') && rules.length === 0),
  )
  return Object.fromEntries(own.map(([name, rules]) => [name, shared.test(name) ? [...rules].sort() : rules]))
}

function programmed(each: UpstreamCase): Readonly<Record<string, readonly string[]>> {
  const family = each.proxyOptions?.ipFamily ?? 'IPv4'
  const view = proxyViewsOf(upstreamCluster(each, 'iptables'), UPSTREAM_NODE, 'iptables').find((view) => view.family === family)!
  const text = iptables.print(iptables.compile(view)).map((line) => line.text)
  return comparable(rulesByChain(text.join('\n').replaceAll('0x00004000', '0x4000')))
}

describe('rulesets of an independent re-implementation of kube-proxy', () => {
  test('all are there', () => expect([derived.extraScenarios.length, derived.iptables.length]).toEqual([12, 42]))

  test.each(derived.extraScenarios.map((each) => [`${each.id} ${each.description}`, each] as const))('%s', (_name, each) => {
    expect(programmed(each)).toEqual(comparable(rulesByChain(each.iptables.join('\n'))))
  })

  test.runIf(upstreamFolder)("those for the objects of kube-proxy's packet flows", () => {
    const { vectors } = readUpstream('iptables-packet-flows.json') as { readonly vectors: readonly UpstreamCase[] }
    for (const { id, ruleset } of derived.iptables) {
      const objects = vectors.find((vector) => vector.id === id)!
      expect({ id, rules: programmed(objects) }).toEqual({ id, rules: comparable(rulesByChain(ruleset.join('\n'))) })
    }
  })
})
