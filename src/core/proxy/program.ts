import type { Cluster } from '../api/cluster.ts'
import { hostPort } from '../base/ip.ts'
import type { HostResult } from '../kernel/host.ts'
import type { FamilyProgram, ModeId, NodeProgram } from '../kernel/program.ts'
import type { PrintedLine } from './mode.ts'
import { modeOf } from './modes/index.ts'
import { serverName } from './modes/ipvs/servers.ts'
import { type ProxyView, proxyViewsOf } from './view.ts'

const programs = new WeakMap<readonly ProxyView[], NodeProgram>()

/**
 * What kube-proxy programs on a node. Remembered with the node's views, so as long as the cluster's Services, slices, settings and that
 * Node are the same values; a node that is not there has an empty program.
 */
export function programOf(cluster: Cluster, node: string, mode: ModeId): NodeProgram {
  const views = proxyViewsOf(cluster, node, mode)
  let program = programs.get(views)
  if (!program) {
    program = { node, mode, families: views.map(modeOf(mode).compile) }
    programs.set(views, program)
  }
  return program
}

/** A node's program in the form of `kubehop rules`: each family headed by `# IPv4` or `# IPv6`, then the mode's native words. */
export function printProgram(program: NodeProgram): readonly PrintedLine[] {
  return program.families.flatMap((family) => [{ text: `# ${family.family}` }, ...printFamily(family, program.mode)])
}

const printed = new WeakMap<FamilyProgram, readonly PrintedLine[]>()

function printFamily(family: FamilyProgram, mode: ModeId): readonly PrintedLine[] {
  let lines = printed.get(family)
  if (!lines) {
    lines = modeOf(mode).print(family)
    printed.set(family, lines)
  }
  return lines
}

const texts = new WeakMap<FamilyProgram, ReadonlyMap<string, string>>()

/** The printed line of a rule; empty if the program has no such rule. */
export function ruleText(family: FamilyProgram, mode: ModeId, rule: string): string {
  let byRule = texts.get(family)
  if (!byRule) {
    byRule = new Map(printFamily(family, mode).flatMap((line) => (line.rule === undefined ? [] : [[line.rule, line.text] as const])))
    texts.set(family, byRule)
  }
  return byRule.get(rule) ?? ''
}

/** What a packet met on its way through a host, as printed lines: rules, and in ipvs mode the virtual server with the real one it gave. */
export function matchedLines(result: HostResult, family: FamilyProgram, mode: ModeId): readonly string[] {
  const ids = result.steps.flatMap((step) => {
    if (step.step === 'rule') return [step.rule.id]
    if (step.step !== 'rewrite' || step.what !== 'ipvs' || !step.server) return []
    const name = serverName(step.server)
    return [name, `${name} ${hostPort(step.after.dst, step.after.dport)}`]
  })
  if ('byServer' in result && result.byServer) ids.push(serverName(result.byServer))
  return ids.map((id) => ruleText(family, mode, id)).filter((text) => text !== '')
}
