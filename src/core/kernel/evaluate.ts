import { unreachable } from '../base/assert.ts'
import { hostPort } from '../base/ip.ts'
import { candidatesFor, chainIndexOf, type DiceRow, indexOf, targetOf } from './chainindex.ts'
import type { Tracked } from './conntrack.ts'
import { fieldOf, mapElement } from './fields.ts'
import { type IpvsEnding, ipvsStage } from './ipvsstage.ts'
import type { HookIo, HookResult, KernelOption, KernelStep, NodeKernel } from './kernel.ts'
import { ruleMatches, type Visit } from './match.ts'
import type { Chain, FamilyProgram, Hook, MapElement, Rule, Target, Verdict } from './program.ts'
import { updateElement } from './recent.ts'
import { applyKnown, dnat, type Manip, settleSource, snat } from './translate.ts'

/** Netfilter calls conntrack's translation at these priorities: destinations before routing, sources after it. */
const NAT_AT: Readonly<Partial<Record<Hook, Manip>>> = { prerouting: 'dst', output: 'dst', input: 'src', postrouting: 'src' }
const NAT_PRIORITY: Readonly<Record<Manip, number>> = { dst: -100, src: 100 }
/** ipvs takes local packets just after DNAT and received ones just before source NAT. */
const IPVS_PRIORITY: Readonly<Partial<Record<Hook, number>>> = { output: -98, input: 99, forward: 99 }

type Stage = { readonly priority: number; readonly run: (hook: HookVisit) => Ending | undefined }
type HookVisit = Visit & { readonly hook: Hook; readonly steps: KernelStep[]; readonly family: FamilyProgram }
type Ending = { readonly verdict: 'drop' | 'reject'; readonly by?: Rule } | IpvsEnding

/**
 * One packet through one netfilter hook of a host: every base chain attached there in order of priority, ipvs, and conntrack's own
 * translation of known connections at the nat priorities. Rules are read from `program`, state from and into `kernel`.
 */
export function runHook(kernel: NodeKernel, program: FamilyProgram, hook: Hook, tracked: Tracked, io: HookIo): HookResult {
  const visit: HookVisit = { kernel, tracked, program: indexOf(program), io, hook, steps: [], family: program }
  let ending: Ending | undefined
  for (const stage of stagesOf(program, hook)) {
    ending = stage.run(visit)
    if (ending) break
  }
  const result = { kernel: visit.kernel, tracked: visit.tracked, steps: visit.steps }
  if (!ending) return { ...result, verdict: 'accept' }
  if (ending.verdict === 'reroute') return { ...result, verdict: 'accept', reroute: true }
  const by = 'by' in ending && ending.by ? { by: ending.by } : {}
  const byServer = 'server' in ending && ending.server ? { byServer: ending.server } : {}
  return { ...result, verdict: ending.verdict, ...by, ...byServer }
}

const stages = new WeakMap<FamilyProgram, Map<Hook, readonly Stage[]>>()

function stagesOf(program: FamilyProgram, hook: Hook): readonly Stage[] {
  let byHook = stages.get(program)
  if (!byHook) {
    byHook = new Map()
    stages.set(program, byHook)
  }
  let list = byHook.get(hook)
  if (!list) {
    list = makeStages(program, hook)
    byHook.set(hook, list)
  }
  return list
}

function makeStages(program: FamilyProgram, hook: Hook): readonly Stage[] {
  const bases = indexOf(program).bases[hook]
  const list: Stage[] = bases
    .filter((chain) => chain.attachment?.type === 'filter')
    .map((chain) => ({ priority: chain.attachment?.priority ?? 0, run: (visit) => runBase(chain, visit) }))
  const manip = NAT_AT[hook]
  if (manip) {
    const chains = bases.filter((chain) => chain.attachment?.type === 'nat')
    list.push({ priority: NAT_PRIORITY[manip], run: (visit) => runNat(chains, manip, visit) })
  }
  const ipvs = IPVS_PRIORITY[hook]
  if (ipvs !== undefined && program.servers.length > 0) list.push({ priority: ipvs, run: ipvsStage })
  return list.sort((a, b) => a.priority - b.priority)
}

/** Rules see the first packet of a connection only, once for each end; every later one takes what was decided then. */
function runNat(chains: readonly Chain[], manip: Manip, visit: HookVisit): Ending | undefined {
  const { tracked, io } = visit
  const bound = manip === 'dst' ? tracked.boundDst : tracked.boundSrc
  if (bound || tracked.connection?.serial !== 0 || tracked.state === 'RELATED') {
    note(visit, manip, applyKnown(tracked, manip))
    return undefined
  }
  for (const chain of chains) {
    const ending = runBase(chain, visit)
    if (ending) return ending
  }
  if (manip === 'dst') {
    visit.tracked = { ...visit.tracked, boundDst: true }
    return undefined
  }
  if (!visit.tracked.connection?.snat) note(visit, manip, settleSource(visit.kernel.conntrack, visit.tracked, io.now))
  visit.tracked = { ...visit.tracked, boundSrc: true }
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

type ChainEnd = Ending | { readonly verdict: 'accept' } | undefined

function runBase(chain: Chain, visit: HookVisit): Ending | undefined {
  const end = runChain(chain, visit, true)
  return end && end.verdict !== 'accept' ? end : undefined
}

/** Rules in order until one ends the base chain's run; undefined means back to the caller. */
function runChain(chain: Chain, visit: HookVisit, base: boolean): ChainEnd {
  const index = chainIndexOf(chain)
  const candidates = candidatesFor(index, visit.tracked.packet)
  const count = candidates ? candidates.length : chain.rules.length
  let tried = 0
  for (let at = 0; at < count; at++) {
    let i = candidates ? candidates[at]! : at
    const row = index.rows.get(i)
    if (row) {
      const picked = throwDice(chain, row, visit)
      at += picked
      i += picked
      // Nobody's share: the row has no last rule that takes the rest.
      if (row.open && picked === row.weights.length - 1) {
        at--
        continue
      }
    } else if (!ruleMatches(chain.rules[i]!, visit)) continue
    const rule = chain.rules[i]!
    const from = tried
    const outcome = act(chain, i, rule, from, visit)
    if (outcome === 'missed') continue
    tried = i + 1
    if (outcome === 'return') {
      // RETURN in a base chain is its policy.
      if (base) endOf(chain, visit, tried, tried, true)
      return undefined
    }
    if (outcome !== 'continue') return outcome
  }
  endOf(chain, visit, tried, chain.rules.length, base)
  return undefined
}

function endOf(chain: Chain, { steps, hook }: HookVisit, from: number, to: number, base: boolean): void {
  const { table, name } = chain
  steps.push({ step: 'chain-end', hook, table, chain: name, missed: { from, to }, ...(base ? { policy: 'accept' as const } : {}) })
}

function throwDice(chain: Chain, row: DiceRow, visit: HookVisit): number {
  const picked = visit.io.choose(`${chain.table}/${chain.name}`, row.weights)
  visit.steps.push({
    step: 'choose',
    hook: visit.hook,
    by: 'statistic',
    options: rowOptions(chain, row, visit),
    picked,
    packet: visit.tracked.packet,
  })
  return picked
}

const optionsOfRows = new WeakMap<DiceRow, readonly KernelOption[]>()

/** A row belongs to one chain value, and the name of an endpoint's chain says where it leads: the options hold in every program. */
function rowOptions(chain: Chain, row: DiceRow, visit: Visit): readonly KernelOption[] {
  let options = optionsOfRows.get(row)
  if (!options) {
    options = row.weights.map((weight, i) => optionOf(chain, chain.rules[row.from + i], weight, visit))
    optionsOfRows.set(row, options)
  }
  return options
}

function optionOf(chain: Chain, rule: Rule | undefined, weight: number, visit: Visit): KernelOption {
  const verdict = rule?.verdict
  if (verdict?.verdict !== 'jump' && verdict?.verdict !== 'goto') return { weight }
  return chainOption(chain, verdict.chain, weight, visit)
}

function chainOption(chain: Chain, name: string, weight: number, visit: Visit): KernelOption {
  const to = targetOf(visit.program, chain.table, name)
  return { weight, chain: name, ...(to ? { to } : {}) }
}

/** A matched rule's statements and verdict. `missed`: its map knows nothing of the packet, so it did not match after all. */
function act(chain: Chain, i: number, rule: Rule, from: number, visit: HookVisit): ChainEnd | 'continue' | 'return' | 'missed' {
  let verdict = rule.verdict
  let element: MapElement | undefined
  if (verdict?.verdict === 'lookup') {
    const map = visit.program.maps.get(verdict.map)
    element = map && mapElement(map, visit.tracked.packet, verdict.fields)
    if (!element) return 'missed'
    verdict = element.verdict
  }
  remembered(chain, rule, visit)
  applyStatements(rule, visit)
  const say = (text: string, packet = visit.tracked.packet) =>
    visit.steps.push({
      step: 'rule',
      hook: visit.hook,
      table: chain.table,
      chain: chain.name,
      index: i,
      rule,
      ...(element ? { element } : {}),
      verdict: text,
      missed: { from, to: i },
      packet,
    })
  if (!verdict) {
    say('continue')
    return 'continue'
  }
  return carryOut(chain, rule, verdict, visit, say)
}

type Say = (text: string, packet?: Tracked['packet']) => void

function carryOut(chain: Chain, rule: Rule, verdict: Verdict, visit: HookVisit, say: Say): ChainEnd | 'continue' | 'return' {
  switch (verdict.verdict) {
    case 'accept':
      say('accept')
      return { verdict: 'accept' }
    case 'drop':
    case 'reject':
      say(verdict.verdict)
      return { verdict: verdict.verdict, by: rule }
    case 'return':
      say('return')
      return 'return'
    case 'masquerade':
      return masquerade(rule, verdict.fully, visit, say)
    case 'jump':
    case 'goto': {
      say(`${verdict.verdict} ${verdict.chain}`)
      return enterChain(chain, verdict, visit)
    }
    case 'dnat':
      return translate(rule, verdict.to, visit, say)
    case 'spread': {
      const next = spread(chain, rule, verdict.chains, visit)
      say(`goto ${next}`)
      return enterChain(chain, { verdict: 'goto', chain: next }, visit)
    }
    case 'dnat-spread':
      return translate(rule, spreadTargets(rule, verdict.to, visit), visit, say)
    case 'lookup':
      throw new Error(`a map's element looks up another map: ${verdict.map}`)
    default:
      return unreachable(verdict)
  }
}

function enterChain(
  chain: Chain,
  { verdict, chain: name }: { readonly verdict: 'jump' | 'goto'; readonly chain: string },
  visit: HookVisit,
): ChainEnd | 'continue' | 'return' {
  const target = visit.program.chains.get(`${chain.table}/${name}`)
  // A chain that is not there has no rules: kube-proxy declares every chain it jumps to.
  const end = target && runChain(target, visit, false)
  if (end) return end
  return verdict === 'goto' ? 'return' : 'continue'
}

function masquerade(rule: Rule, fully: boolean, visit: HookVisit, say: Say): ChainEnd {
  const { tracked, io, kernel } = visit
  const before = tracked.packet
  const as = io.masqueradeAs?.(before) ?? before.src
  const random = fully ? io.draw(`masquerade ${before.src}:${before.sport} ${before.dst}:${before.dport}`) : undefined
  visit.tracked = snat(kernel.conntrack, tracked, as, random, io.now)
  say('masquerade')
  rewrite(rule, 'masquerade', before, visit)
  return { verdict: 'accept' }
}

function translate(rule: Rule, to: Target, visit: HookVisit, say: Say): ChainEnd {
  const before = visit.tracked.packet
  visit.tracked = dnat(visit.tracked, to)
  say(`dnat ${hostPort(to.ip, to.port)}`)
  rewrite(rule, 'dnat', before, visit)
  return { verdict: 'accept' }
}

function rewrite(rule: Rule, what: 'dnat' | 'masquerade', before: Tracked['packet'], visit: HookVisit): void {
  visit.steps.push({ step: 'rewrite', hook: visit.hook, what, before, after: visit.tracked.packet, rule })
}

function spread(chain: Chain, rule: Rule, chains: readonly string[], visit: HookVisit): string {
  const weight = 1 / chains.length
  const picked = evenly(rule, chains.length, visit)
  const options = chains.map((name) => chainOption(chain, name, weight, visit))
  visit.steps.push({ step: 'choose', hook: visit.hook, by: 'numgen', options, picked, rule, packet: visit.tracked.packet })
  return chains[picked]!
}

function spreadTargets(rule: Rule, targets: readonly Target[], visit: HookVisit): Target {
  const weight = 1 / targets.length
  const picked = evenly(rule, targets.length, visit)
  const options = targets.map((to) => ({ weight, to }))
  visit.steps.push({ step: 'choose', hook: visit.hook, by: 'numgen', options, picked, rule, packet: visit.tracked.packet })
  return targets[picked]!
}

function evenly(rule: Rule, n: number, visit: Visit): number {
  return n === 1 ? 0 : visit.io.choose(rule.id, Array<number>(n).fill(1 / n))
}

/** A matched rule that found the client in an endpoint's list has chosen that endpoint. */
function remembered(chain: Chain, rule: Rule, visit: HookVisit): void {
  const { verdict } = rule
  if (verdict?.verdict !== 'jump' && verdict?.verdict !== 'goto') return
  for (const match of rule.matches) {
    const recent = match.match === 'recent' && match.do === 'rcheck'
    const affinity = match.match === 'set' && visit.program.sets.get(match.set)?.timeout !== undefined
    if (!recent && !affinity) continue
    const options = [chainOption(chain, verdict.chain, 1, visit)]
    const by = recent ? 'recent' : 'affinity'
    visit.steps.push({ step: 'choose', hook: visit.hook, by, options, picked: 0, rule, packet: visit.tracked.packet })
    return
  }
}

function applyStatements(rule: Rule, visit: HookVisit): void {
  for (const statement of rule.statements ?? []) {
    const { packet } = visit.tracked
    if (statement.statement === 'mark') {
      const mark = (statement.op === 'or' ? packet.mark | statement.value : packet.mark ^ statement.value) >>> 0
      visit.tracked = { ...visit.tracked, packet: { ...packet, mark } }
    } else {
      const timeout = visit.program.sets.get(statement.set)?.timeout ?? 0
      const address = String(fieldOf(packet, statement.field))
      visit.kernel = updateElement(visit.kernel, statement.set, address, timeout, visit.io.now)
    }
  }
}
