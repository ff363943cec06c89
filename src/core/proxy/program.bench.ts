import { bench, describe } from 'vitest'
import { store } from '../api/cluster.ts'
import { seededChooser } from '../kernel/chance.ts'
import { passHost } from '../kernel/host.ts'
import { freshKernel } from '../kernel/kernel.ts'
import { madeCluster, madeClusterIp } from '../testing/clusters.ts'
import { programOf } from './program.ts'

/** A cluster that shares no memory of earlier compilations: its objects are new values. */
function anew(services: number) {
  return madeCluster(services, 5, 20)
}

describe.each([100, 1000, 10_000])('%i Services of 5 endpoints', (services) => {
  for (const mode of ['iptables', 'nftables'] as const) {
    bench(`${mode}: a node's program from nothing`, () => {
      programOf(anew(services), 'node-0', mode)
    })
  }

  const base = anew(services)
  for (let i = 0; i < 20; i++) programOf(base, `node-${i}`, 'iptables')
  let round = 0
  bench('iptables: one Service has changed', () => {
    const changed = {
      ...base.byKind.get('Service')!.get('Service/default/svc-7')!,
      metadata: { namespace: 'default', name: 'svc-7', generation: round++ },
    }
    programOf(store(base, [changed]), 'node-0', 'iptables')
  })

  for (const mode of ['iptables', 'nftables'] as const) {
    const program = programOf(base, 'node-0', mode).families[0]!
    let n = 0
    bench(`${mode}: a request to a ClusterIP`, () => {
      n++
      passHost(
        freshKernel,
        program,
        {
          family: 'IPv4',
          protocol: 'TCP',
          src: '10.64.0.9',
          sport: 40_000,
          dst: madeClusterIp(n % services),
          dport: 80,
          flags: 'SYN',
          ttl: 64,
          mark: 0,
        },
        {
          inInterface: 'veth0',
          isLocal: (ip) => ip === '172.18.0.0',
          routeOut: () => 'eth0',
          now: 0,
          choose: seededChooser(42, n),
          draw: () => 0.5,
        },
      )
    })
  }
})
