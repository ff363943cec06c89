import { describe, expect, test } from 'vitest'
import type { Cluster } from '../api/cluster.ts'
import { load } from '../api/load.ts'
import { recordedWorlds, type World, worldCluster } from '../testing/worlds.ts'
import { modes } from './modes/index.ts'
import { printProgram, programOf } from './program.ts'

/** A recorded world as somebody would write it: Nodes, kube-proxy's and kind's configuration, and its objects, in one file. */
function documentsOf({ nodes, services, endpointSlices, options = {} }: World): readonly unknown[] {
  const { clusterCIDR, detectLocalMode, bridgeInterface, interfaceNamePrefix, masqueradeAll, masqueradeBit } = options
  const masquerade = { masqueradeAll, masqueradeBit }
  const configuration = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clusterCIDR,
    detectLocalMode,
    detectLocal: { bridgeInterface, interfaceNamePrefix },
    nodePortAddresses: options.nodePortAddresses,
    iptables: { ...masquerade, localhostNodePorts: options.localhostNodePorts },
    nftables: masquerade,
    ipvs: { scheduler: options.scheduler },
    conntrack: { tcpBeLiberal: options.conntrackTCPBeLiberal },
    randomFully: options.randomFully,
  }
  const kind = {
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    kind: 'Cluster',
    networking: { serviceSubnet: (options.serviceCIDRs ?? []).join(',') },
  }
  return [
    kind,
    configuration,
    ...(worldCluster({ nodes, services: [], endpointSlices: [], options }).byKind.get('Node') ?? new Map()).values(),
    ...services,
    ...endpointSlices,
  ]
}

function textsOf(cluster: Cluster, node: string): unknown {
  return Object.fromEntries(modes.map(({ id }) => [id, printProgram(programOf(cluster, node, id)).map(({ text }) => text)]))
}

describe('a recorded world, read from a file', () => {
  test.each(recordedWorlds().map((each) => [each.id, each.world] as const))(
    'world %s: programs as from the objects themselves',
    (_id, world) => {
      const text = documentsOf(world)
        .map((document) => JSON.stringify(document))
        .join('\n---\n')
      const { cluster, diagnostics } = load([{ name: 'world.yaml', text }], { bare: true })
      expect(diagnostics.filter(({ severity }) => severity === 'error').map(({ message, field }) => `${field}: ${message}`)).toEqual([])
      for (const { name } of world.nodes) expect(textsOf(cluster, name)).toEqual(textsOf(worldCluster(world), name))
    },
  )
})
