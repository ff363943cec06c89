import { type ApiObject, store } from '../api/cluster.ts'
import { MODE_IDS, type ModeId } from '../kernel/program.ts'
import type { Case, Group } from '../testing/bench.ts'
import { madeCluster, madeClusterIp } from '../testing/clusters.ts'
import { sendRequest } from './send.ts'
import { type World, worldOf } from './world.ts'

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

/** Every request to the next of 1,000 Services, in a world that goes on: its kernels remember every connection. */
function sending(mode: ModeId): () => World {
  let world = open(mode)
  let n = 0
  return () => {
    const sent = sendRequest(world, { from: 'pod/default/client', to: `${madeClusterIp(n++ % 1000)}:80` }, { all: false })
    if (typeof sent === 'string') throw new Error(sent)
    world = sent.world
    return world
  }
}

function tracing(mode: ModeId): Case {
  const send = sending(mode)
  // What the nodes have programmed is compiled and printed once, by the first requests.
  for (let i = 0; i < 2000; i++) send()
  const run = () => {
    for (let i = 0; i < 100; i++) send()
  }
  return { name: `${mode}: 100 requests to ClusterIPs`, run, per: { count: 100, of: 'traces' } }
}

function tenThousand(mode: ModeId): World {
  const send = sending(mode)
  let world = send()
  for (let i = 1; i < 10_000; i++) world = send()
  return world
}

/**
 * Whole requests with 1,000 Services of 5 endpoints: SYN there, SYN-ACK back, the connection opened and ended, every rule told as an event.
 * `program.bench.ts` measures one packet in one node.
 */
export const groups: readonly Group[] = MODE_IDS.map((mode) => ({
  title: `1,000 Services of 5 endpoints, ${mode}`,
  cases: () => [tracing(mode)],
  kept: { 'a world of 1,000 Services after 10,000 requests': () => tenThousand(mode) },
}))
