import { describe, expect, test } from 'vitest'
import { recordedWorlds, rulesByChain, worldCluster } from '../../../testing/worlds.ts'
import { serviceHealths } from '../../health.ts'
import { proxyViewsOf } from '../../view.ts'
import { iptables } from './mode.ts'

const cases = [...recordedWorlds('worlds'), ...recordedWorlds('large-cluster')]

describe('kube-proxy itself, recorded', () => {
  test('all worlds are there', () => expect(cases.length).toBe(77))

  test.each(cases.map((each) => [each.id, each] as const))('world %s: every rule of every node', (_id, { world, expected }) => {
    const cluster = worldCluster(world)
    for (const { name } of world.nodes) {
      const families = Object.fromEntries(
        proxyViewsOf(cluster, name, 'iptables').map((view) => [
          view.family,
          rulesByChain(
            iptables
              .print(iptables.compile(view))
              .map((line) => line.text)
              .join('\n'),
          ),
        ]),
      )
      const recorded = Object.entries(expected[name]?.iptables ?? {}).map(([family, text]) => [family, rulesByChain(text)])
      expect(families).toEqual(Object.fromEntries(recorded))
    }
  })

  test('health checks of every node, both families together', () => {
    let checks = 0
    for (const { world, expected } of cases) {
      const cluster = worldCluster(world)
      for (const { name } of world.nodes) {
        const healths = serviceHealths(proxyViewsOf(cluster, name, 'iptables'))
        const served = Object.fromEntries(healths.map(({ namespace, name: service, ...rest }) => [`${namespace}/${service}`, rest]))
        expect(served).toEqual(expected[name]?.healthCheckNodePorts ?? {})
        checks += healths.length
      }
    }
    expect(checks).toBeGreaterThan(20)
  })
})
