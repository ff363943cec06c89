import { bench, describe } from 'vitest'
import { type ApiObject, store } from '../api/cluster.ts'
import type { ModeId } from '../kernel/program.ts'
import { madeCluster, madeClusterIp } from '../testing/clusters.ts'
import { sendRequest } from './send.ts'
import { type World, worldOf } from './world.ts'

/**
 * Whole requests with 1,000 Services of 5 endpoints: SYN there, SYN-ACK back, the connection opened and ended, every rule told as an event.
 * `program.bench.ts` measures one packet in one node.
 */
const client: ApiObject & { readonly spec: unknown; readonly status: unknown } = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'client', namespace: 'default' },
  spec: { nodeName: 'node-0', containers: [{ name: 'c' }] },
  status: { phase: 'Running', podIP: '10.64.0.250', podIPs: [{ ip: '10.64.0.250' }] },
}

function open(mode: ModeId): World {
  return worldOf(store(madeCluster(1000, 5, 2), [client]), { seed: 42, mode })
}

describe('1000 Services of 5 endpoints', () => {
  for (const mode of ['iptables', 'nftables', 'ipvs'] as const) {
    let world = open(mode)
    let n = 0
    const send = () => {
      const sent = sendRequest(world, { from: 'pod/default/client', to: `${madeClusterIp(n++ % 1000)}:80` }, { all: false })
      if (typeof sent === 'string') throw new Error(sent)
      world = sent.world
    }
    // What the nodes have programmed is compiled and printed once, by the first requests.
    for (let i = 0; i < 30; i++) send()
    bench(`${mode}: a whole request to a ClusterIP`, send)
  }
})
