import { type Cluster, find } from '../api/cluster.ts'
import type { FamilyProgram, ModeId, NodeProgram, Rule } from '../kernel/program.ts'
import { schedulerNamed } from '../proxy/modes/ipvs/servers.ts'
import { ruleText as printedRule, programOf } from '../proxy/program.ts'
import { hasLongNames, nftRefuses } from './longcomments.ts'

/**
 * What is in force on a node whose kube-proxy has just programmed this cluster. A family's program that nft refuses as a whole is not;
 * undefined where kube-proxy cannot run.
 */
export function nodeProgram(cluster: Cluster, node: string, mode: ModeId): NodeProgram | undefined {
  const program = writtenProgram(cluster, node, mode)
  if (!program || !isRefused(cluster, node, mode)) return program
  return { ...program, families: program.families.filter((family) => !nftRefuses(family)) }
}

/** Whether a sync fails on the node: what was programmed before stays. */
export function isRefused(cluster: Cluster, node: string, mode: ModeId): boolean {
  return mode === 'nftables' && hasLongNames(cluster) && (writtenProgram(cluster, node, mode)?.families.some(nftRefuses) ?? false)
}

/**
 * What kube-proxy writes on a node that sees this cluster; undefined where it cannot run (ipvs without the kernel's support: it exits
 * with an error, and has not fallen back to iptables since 1.26).
 */
export function writtenProgram(cluster: Cluster, node: string, mode: ModeId): NodeProgram | undefined {
  return isBroken(cluster, node, mode) ? undefined : programOf(cluster, node, mode)
}

/** What stands in the place of rules where kube-proxy does not run. */
export function notRunning(node: string): string {
  return `# kube-proxy does not run here: ${node} lacks what ipvs mode needs, and it exits (before 1.26 it fell back to iptables)`
}

/** A node marked as lacking what ipvs needs runs no kube-proxy in that mode; with a scheduler that no kernel has, none does. */
export function isBroken(cluster: Cluster, node: string, mode: ModeId): boolean {
  if (mode !== 'ipvs') return false
  if (schedulerNamed(cluster.settings.proxy.ipvs?.scheduler) === undefined) return true
  return find(cluster, 'Node', '', node)?.metadata.annotations?.['kubehop.dev/ipvs'] === 'unavailable'
}

/** One rule as its mode prints it. */
export function ruleText(mode: ModeId, program: FamilyProgram, rule: Rule): string {
  return printedRule(program, mode, rule.id)
}
