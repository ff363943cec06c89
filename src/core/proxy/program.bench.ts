import { type Cluster, store } from '../api/cluster.ts'
import { seededChooser } from '../kernel/chance.ts'
import { passHost } from '../kernel/host.ts'
import { freshKernel } from '../kernel/kernel.ts'
import type { Packet } from '../kernel/packet.ts'
import type { NodeProgram } from '../kernel/program.ts'
import type { Case, Group } from '../testing/bench.ts'
import { madeCluster, madeClusterIp } from '../testing/clusters.ts'
import { programOf } from './program.ts'

/** A cluster that shares no memory of earlier compilations: its objects are new values. */
function anew(services: number): Cluster {
  return madeCluster(services, 5, 20)
}

function rulesIn({ families }: NodeProgram): number {
  return families.reduce((sum, { chains }) => sum + chains.reduce((rules, chain) => rules + chain.rules.length, 0), 0)
}

function compiling(services: number, mode: 'iptables' | 'nftables'): Case {
  const count = rulesIn(programOf(anew(services), 'node-0', mode))
  return {
    name: `${mode}: a node's program from nothing`,
    run: () => programOf(anew(services), 'node-0', mode),
    per: { count, of: 'rules' },
  }
}

function changing(base: Cluster): Case {
  let round = 0
  const service = base.byKind.get('Service')?.get('Service/default/svc-7')
  return {
    name: 'iptables: one Service has changed',
    run: () => {
      const changed = { ...service!, metadata: { namespace: 'default', name: 'svc-7', generation: round++ } }
      return programOf(store(base, [changed]), 'node-0', 'iptables')
    },
  }
}

function passing(base: Cluster, services: number, mode: 'iptables' | 'nftables'): Case {
  const program = programOf(base, 'node-0', mode).families[0]!
  let n = 0
  const from = { family: 'IPv4', protocol: 'TCP', src: '10.64.0.9', sport: 40_000, dport: 80, flags: 'SYN', ttl: 64, mark: 0 } as const
  const host = { inInterface: 'veth0', isLocal: (ip: string) => ip === '172.18.0.0', routeOut: () => 'eth0', now: 0, draw: () => 0.5 }
  const run = () => {
    n++
    const packet: Packet = { ...from, dst: madeClusterIp(n % services) }
    return passHost(freshKernel, program, packet, { ...host, choose: seededChooser(42, n) })
  }
  return { name: `${mode}: a first packet to a ClusterIP, one node`, run, per: { count: 1, of: 'packets' } }
}

/** From nothing (all objects new), after one change, and one packet through one node. Compiling must grow with the Services, not faster. */
export const groups: readonly Group[] = [100, 1000, 10_000].map((services) => ({
  title: `${services.toLocaleString('en')} Services of 5 endpoints`,
  cases: () => {
    const base = anew(services)
    for (let i = 0; i < 20; i++) programOf(base, `node-${i}`, 'iptables')
    return [
      compiling(services, 'iptables'),
      compiling(services, 'nftables'),
      changing(base),
      passing(base, services, 'iptables'),
      passing(base, services, 'nftables'),
    ]
  },
  kept: {
    "a node's iptables program with its cluster": () => programOf(anew(services), 'node-0', 'iptables'),
    "a node's nftables program with its cluster": () => programOf(anew(services), 'node-0', 'nftables'),
  },
}))
