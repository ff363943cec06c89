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

/** Every request to the next of 1,000 Services: in a world that goes on, whose kernels remember every connection, or each in the same. */
function sending(mode: ModeId, goesOn: boolean): () => World {
  let world = open(mode)
  let n = 0
  return () => {
    const sent = sendRequest(world, { from: 'pod/default/client', to: `${madeClusterIp(n++ % 1000)}:80` }, { all: false })
    if (typeof sent === 'string') throw new Error(sent)
    if (goesOn) world = sent.world
    return sent.world
  }
}

function tracing(mode: ModeId, goesOn: boolean): Case {
  const send = sending(mode, goesOn)
  // What the nodes have programmed is compiled and printed once, by the first requests.
  for (let i = 0; i < 2000; i++) send()
  const run = () => {
    for (let i = 0; i < 100; i++) send()
  }
  const name = `${mode}: 100 requests to ClusterIPs, ${goesOn ? 'one after the other' : 'each the first'}`
  return { name, run, per: { count: 100, of: 'traces' } }
}

function tenThousand(mode: ModeId): World {
  const send = sending(mode, true)
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
  cases: () => [tracing(mode, false), tracing(mode, true)],
  kept: { 'a world of 1,000 Services after 10,000 requests': () => tenThousand(mode) },
}))
