import { describe, expect, test } from 'vitest'
import { hostPort } from '../../../base/ip.ts'
import { byKey } from '../../../base/order.ts'
import type { FamilyProgram } from '../../../kernel/program.ts'
import { type IpvsExpectation, recordedWorlds, rulesByChain, worldCluster } from '../../../testing/worlds.ts'
import { proxyViewsOf } from '../../view.ts'
import { print as printIptables } from '../iptables/print.ts'
import { compileIpvs } from './compile.ts'
import { memberText } from './sets.ts'

const cases = recordedWorlds('worlds')

function asRecorded(program: FamilyProgram): unknown {
  return {
    virtualServers: program.servers
      .map((server) => ({
        address: hostPort(server.address, server.port),
        protocol: server.protocol,
        scheduler: server.scheduler,
        flags: server.flags,
        timeout: server.timeout,
        realServers: server.realServers
          .map(({ ip, port, weight }) => ({ address: hostPort(ip, port), weight }))
          .sort(byKey(({ address }) => address)),
      }))
      .sort(byKey(({ address, protocol }) => `${address} ${protocol}`)),
    ipsets: Object.fromEntries(program.sets.map((set) => [set.name, set.elements.map(({ key }) => memberText(key)).sort()])),
    ipsetTypes: Object.fromEntries(program.sets.map((set) => [set.name, set.type])),
    kubeIpvs0: program.dummyAddresses,
    iptables: rulesByChain(
      printIptables(program)
        .map((line) => line.text)
        .join('\n'),
    ),
  }
}

function sorted(recorded: IpvsExpectation): unknown {
  return {
    ...recorded,
    virtualServers: [...recorded.virtualServers].sort(byKey(({ address, protocol }) => `${address} ${protocol}`)),
    ipsets: Object.fromEntries(Object.entries(recorded.ipsets).map(([name, members]) => [name, [...members].sort()])),
    iptables: rulesByChain(recorded.iptables),
  }
}

describe('kube-proxy itself, recorded', () => {
  test('all worlds are there', () => expect(cases.length).toBe(75))

  test.each(cases.map((each) => [each.id, each] as const))('world %s: servers, sets, addresses and rules', (_id, { world, expected }) => {
    const cluster = worldCluster(world)
    for (const { name } of world.nodes) {
      const families = proxyViewsOf(cluster, name, 'ipvs').map((view) => [view.family, asRecorded(compileIpvs(view))])
      const recorded = Object.entries(expected[name]?.ipvs ?? {}).map(([family, value]) => [family, sorted(value)])
      expect(Object.fromEntries(families)).toEqual(Object.fromEntries(recorded))
    }
  })
})
