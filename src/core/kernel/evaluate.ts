import { indexOf, type ProgramIndex } from './chainindex.ts'
import { bound, type Tracked } from './conntrack.ts'
import { type IpvsEnding, ipvsStage } from './ipvsstage.ts'
import type { HookIo, HookResult, NodeKernel } from './kernel.ts'
import { IPVS_PRIORITY, isKnown } from './known.ts'
import type { HookVisit } from './match.ts'
import type { Chain, FamilyProgram, Hook } from './program.ts'
import { type RulesEnding, runBase } from './rules.ts'
import { applyKnown, type Manip, NAT_AT, settleSource } from './translate.ts'

/** The priorities at which netfilter calls conntrack's translation. */
const NAT_PRIORITY: Readonly<Record<Manip, number>> = { dst: -100, src: 100 }

type Stage = { readonly priority: number; readonly filters: boolean; readonly run: (hook: HookVisit) => Ending | undefined }
type Ending = RulesEnding | IpvsEnding

/**
 * One packet through one netfilter hook of a host: every base chain attached there in order of priority, ipvs, and conntrack's own
 * translation of known connections at the nat priorities. Rules are read from `program`, state from and into `kernel`. `harmless`: filter
 * rules do nothing to packets of known connections here (see `passKnown`), and need not be asked.
 */
export function runHook(
  kernel: NodeKernel,
  program: FamilyProgram,
  hook: Hook,
  tracked: Tracked,
  io: HookIo,
  harmless = false,
): HookResult {
  const { index, stages } = preparedOf(program)
  const visit: HookVisit = { kernel, tracked, program: index, io, hook, steps: [], family: program }
  stages[hook] ??= makeStages(program, hook)
  let ending: Ending | undefined
  for (const stage of stages[hook]) {
    if (harmless && stage.filters && isKnown(visit.tracked)) continue
    ending = stage.run(visit)
    if (ending) break
  }
  const { kernel: after, tracked: passed, steps } = visit
  if (!ending) return { kernel: after, tracked: passed, steps, verdict: 'accept' }
  if (ending.verdict === 'reroute') return { kernel: after, tracked: passed, steps, verdict: 'accept', reroute: true }
  const by = 'by' in ending && ending.by ? { by: ending.by } : {}
  const byServer = 'server' in ending && ending.server ? { byServer: ending.server } : {}
  return { kernel: after, tracked: passed, steps, verdict: ending.verdict, ...by, ...byServer }
}

type Prepared = { readonly index: ProgramIndex; readonly stages: Partial<Record<Hook, readonly Stage[]>> }
const programs = new WeakMap<FamilyProgram, Prepared>()

function preparedOf(program: FamilyProgram): Prepared {
  let prepared = programs.get(program)
  if (!prepared) {
    prepared = { index: indexOf(program), stages: {} }
    programs.set(program, prepared)
  }
  return prepared
}

function makeStages(program: FamilyProgram, hook: Hook): readonly Stage[] {
  const bases = indexOf(program).bases[hook]
  const list: Stage[] = bases
    .filter((chain) => chain.attachment?.type === 'filter')
    .map((chain) => ({ priority: chain.attachment?.priority ?? 0, filters: true, run: (visit) => runBase(chain, visit) }))
  const manip = NAT_AT[hook]
  if (manip) {
    const chains = bases.filter((chain) => chain.attachment?.type === 'nat')
    list.push({ priority: NAT_PRIORITY[manip], filters: false, run: (visit) => runNat(chains, manip, visit) })
  }
  const ipvs = IPVS_PRIORITY[hook]
  if (ipvs !== undefined && program.servers.length > 0) list.push({ priority: ipvs, filters: false, run: ipvsStage })
  return list.sort((a, b) => a.priority - b.priority)
}

/** Rules see the first packet of a connection only, once for each end; every later one takes what was decided then. */
function runNat(chains: readonly Chain[], manip: Manip, visit: HookVisit): Ending | undefined {
  const { tracked, io } = visit
  const asked = manip === 'dst' ? tracked.boundDst : tracked.boundSrc
  if (asked || tracked.connection?.serial !== 0 || tracked.state === 'RELATED') {
    note(visit, manip, applyKnown(tracked, manip))
    return undefined
  }
  for (const chain of chains) {
    const ending = runBase(chain, visit)
    if (ending) return ending
  }
  if (manip === 'dst') {
    visit.tracked = bound(visit.tracked, 'dst')
    return undefined
  }
  if (!visit.tracked.connection?.snat) note(visit, manip, settleSource(visit.kernel.conntrack, visit.tracked, io.now))
  visit.tracked = bound(visit.tracked, 'src')
  return undefined
}

/** Takes a translated packet over and says so if anything changed. */
function note(visit: HookVisit, manip: Manip, after: Tracked): void {
  const before = visit.tracked
  visit.tracked = after
  if (before.packet === after.packet) return
  const original = after.direction === 'original'
  // The destination of an answer is where masquerading was undone, its source where DNAT was.
  const what = original ? (manip === 'dst' ? 'dnat' : 'masquerade') : manip === 'dst' ? 'un-masquerade' : 'un-dnat'
  visit.steps.push({ step: 'rewrite', hook: visit.hook, what, before: before.packet, after: after.packet })
}
