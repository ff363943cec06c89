import type { Cluster } from '../api/cluster.ts'
import type { ModeId, NodeProgram } from '../kernel/program.ts'
import type { PrintedLine } from './mode.ts'
import { modeOf } from './modes/index.ts'
import { proxyViewsOf } from './view.ts'

/** What kube-proxy programs on a node, remembered as long as the cluster's Services, slices, Nodes and settings are the same values. */
export function programOf(cluster: Cluster, node: string, mode: ModeId): NodeProgram {
  const { compile } = modeOf(mode)
  return { node, mode, families: proxyViewsOf(cluster, node, mode).map(compile) }
}

/** A node's program in the form of `kubehop rules`: each family headed by `# IPv4` or `# IPv6`, then the mode's native words. */
export function printProgram(program: NodeProgram): readonly PrintedLine[] {
  const { print } = modeOf(program.mode)
  return program.families.flatMap((family) => [{ text: `# ${family.family}` }, ...print(family)])
}
