import { describe, expect, test } from 'vitest'
import { load } from '../../api/load.ts'
import { recordedWorlds, rulesByChain, type World, type WorldCase, worldCluster } from '../../testing/worlds.ts'
import { printProgram, programOf } from '../program.ts'

/** A world as somebody would type it: Kubernetes objects, kind's Cluster for the Service networks, and a KubeProxyConfiguration. */
function documents(world: World): string {
  const nodes = worldCluster(world).byKind.get('Node')
  const { serviceCIDRs, ...options } = world.options ?? {}
  const masquerade = {
    ...(options.masqueradeAll === undefined ? {} : { masqueradeAll: options.masqueradeAll }),
    ...(options.masqueradeBit === undefined ? {} : { masqueradeBit: options.masqueradeBit }),
  }
  const proxy = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    ...(options.clusterCIDR ? { clusterCIDR: options.clusterCIDR } : {}),
    ...(options.detectLocalMode ? { detectLocalMode: options.detectLocalMode } : {}),
    detectLocal: { bridgeInterface: options.bridgeInterface ?? '', interfaceNamePrefix: options.interfaceNamePrefix ?? '' },
    ...(options.nodePortAddresses ? { nodePortAddresses: options.nodePortAddresses } : {}),
    iptables: { ...masquerade, ...(options.localhostNodePorts === undefined ? {} : { localhostNodePorts: options.localhostNodePorts }) },
    nftables: masquerade,
    ipvs: { scheduler: options.scheduler ?? 'rr' },
    conntrack: { tcpBeLiberal: options.conntrackTCPBeLiberal ?? false },
  }
  const kind = serviceCIDRs
    ? [{ kind: 'Cluster', apiVersion: 'kind.x-k8s.io/v1alpha4', networking: { serviceSubnet: serviceCIDRs.join(',') } }]
    : []
  const all = [proxy, ...kind, ...(nodes?.values() ?? []), ...world.services, ...world.endpointSlices]
  return all.map((object) => JSON.stringify(object)).join('\n---\n')
}

/** The proxy's configuration has no field for what the iptables binary can do. */
const typed = recordedWorlds().filter(({ world }) => world.options?.randomFully !== false)

describe('recorded worlds, typed in as YAML', () => {
  test('all but those with an old iptables are there', () => expect(typed.length).toBe(72))

  test.each(typed.map((each: WorldCase) => [each.id, each] as const))('world %s', (_id, { world, expected }) => {
    const { cluster, diagnostics } = load([{ name: 'world.yaml', text: documents(world) }], { bare: true })
    expect(diagnostics.filter((diagnostic) => diagnostic.severity === 'error')).toEqual([])
    for (const { name } of world.nodes) {
      const lines = printProgram(programOf(cluster, name, 'iptables')).map((line) => line.text)
      const blocks = lines
        .join('\n')
        .split(/^# (?=IPv)/m)
        .slice(1)
      const mine = Object.fromEntries(blocks.map((block) => [block.slice(0, 4), rulesByChain(block)]))
      const recorded = Object.entries(expected[name]?.iptables ?? {}).map(([family, text]) => [family, rulesByChain(text)])
      expect(mine).toEqual(Object.fromEntries(recorded))
      for (const mode of ['nftables', 'ipvs'] as const) {
        // These modes have tests of their own; here it matters that the input says the same to them.
        const direct = printProgram(programOf(worldCluster(world), name, mode))
        expect(printProgram(programOf(cluster, name, mode)).map((line) => line.text)).toEqual(direct.map((line) => line.text))
      }
    }
  })
})
