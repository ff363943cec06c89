import { type Cluster, find } from '../api/cluster.ts'
import type { FamilyProgram, ModeId, NodeProgram, Rule } from '../kernel/program.ts'
import { modeOf } from '../proxy/modes/index.ts'
import type { ProxyView } from '../proxy/view.ts'
import { proxyViewsOf } from '../proxy/view.ts'

const compiled = new WeakMap<ProxyView, Map<ModeId, FamilyProgram>>()

/**
 * What kube-proxy programs on a node that sees this cluster; undefined where it cannot run (ipvs without the kernel's support: it exits
 * with an error, and has not fallen back to iptables since 1.26). Compiled when first asked for and kept with the view it came from.
 */
export function nodeProgram(cluster: Cluster, node: string, mode: ModeId): NodeProgram | undefined {
  if (isBroken(cluster, node, mode)) return undefined
  const { compile } = modeOf(mode)
  const families = proxyViewsOf(cluster, node, mode).map((view) => {
    let byMode = compiled.get(view)
    if (!byMode) {
      byMode = new Map()
      compiled.set(view, byMode)
    }
    const known = byMode.get(mode) ?? compile(view)
    byMode.set(mode, known)
    return known
  })
  return { node, mode, families }
}

/** A node marked as lacking what ipvs needs runs no kube-proxy in that mode. */
export function isBroken(cluster: Cluster, node: string, mode: ModeId): boolean {
  return mode === 'ipvs' && find(cluster, 'Node', '', node)?.metadata.annotations?.['kubehop.dev/ipvs'] === 'unavailable'
}

const texts = new WeakMap<FamilyProgram, ReadonlyMap<string, string>>()

/** One rule as its mode prints it. */
export function ruleText(mode: ModeId, program: FamilyProgram, rule: Rule): string {
  let lines = texts.get(program)
  if (!lines) {
    const map = new Map<string, string>()
    // A rule may be printed as several lines (a set, a map, a rule): the last one is the rule itself.
    for (const line of modeOf(mode).print(program)) if (line.rule !== undefined) map.set(line.rule, line.text)
    lines = map
    texts.set(program, lines)
  }
  return lines.get(rule.id) ?? ''
}
