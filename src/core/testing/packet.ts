import type { Cluster } from '../api/cluster.ts'
import type { ModeId } from '../kernel/program.ts'
import { type PacketQuestion, type PacketWay, packetWays } from '../sim/packet.ts'
import { worldOf } from '../sim/world.ts'

/** One packet given to one node of a cluster as it is, by the code behind `kubehop packet`. Where there are no rules it passes. */
export function packetThroughNode(
  cluster: Cluster,
  node: string,
  mode: ModeId,
  query: Omit<PacketQuestion, 'node' | 'all'>,
  { all, seed }: { readonly all: boolean; readonly seed: number },
): { readonly ways: readonly PacketWay[] } {
  const ways = packetWays(worldOf(cluster, { seed, mode }), { ...query, node, all })
  return { ways: typeof ways === 'string' ? [{ probability: 1, end: 'passed', to: '', masquerade: false, rules: [] }] : ways }
}
