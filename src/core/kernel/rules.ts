import { unreachable } from '../base/assert.ts'
import { hostPort } from '../base/ip.ts'
import { candidatesFor, type DiceRow, type MetChain, meet, targetChain, targetOf } from './chainindex.ts'
import { type Tracked, withPacket } from './conntrack.ts'
import { fieldOf, mapElement } from './fields.ts'
import type { KernelOption, KernelStep } from './kernel.ts'
import { type HookVisit, ruleMatches, type Visit } from './match.ts'
import { withMark } from './packet.ts'
import type { Chain, MapElement, Rule, Target, Verdict } from './program.ts'
import { updateElement } from './recent.ts'
import { dnat, snat } from './translate.ts'

/** How the rules of a hook ended a packet's way. */
export type RulesEnding = { readonly verdict: 'drop' | 'reject'; readonly by: Rule }
type RuleStep = Extract<KernelStep, { step: 'rule' }>
type ChainEnd = RulesEnding | { readonly verdict: 'accept' } | undefined

/** A base chain with everything it calls: undefined means that the packet passes it. */
export function runBase(chain: Chain, visit: HookVisit): RulesEnding | undefined {
  const end = runChain(meet(visit.program, chain), visit, true)
  return end && end.verdict !== 'accept' ? end : undefined
}

/** Rules in order until one ends the base chain's run; undefined means back to the caller. */
function runChain(met: MetChain, visit: HookVisit, base: boolean): ChainEnd {
  const { chain, index } = met
  const candidates = candidatesFor(index, visit.tracked.packet)
  const count = candidates ? candidates.length : chain.rules.length
  let tried = 0
  for (let at = 0; at < count; at++) {
    let i = candidates ? candidates[at]! : at
    const row = index.rows.size > 0 ? index.rows.get(i) : undefined
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
    const outcome = act(met, i, rule, from, visit)
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

function endOf(chain: Chain, { steps, hook, io }: HookVisit, from: number, to: number, base: boolean): void {
  if (io.withoutEnds) return
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
function act(met: MetChain, i: number, rule: Rule, from: number, visit: HookVisit): ChainEnd | 'continue' | 'return' | 'missed' {
  const { chain } = met
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
  const told: Told = {
    step: 'rule',
    hook: visit.hook,
    table: chain.table,
    chain: chain.name,
    index: i,
    rule,
    texts: met.texts,
    element,
    verdict: 'continue',
    missed: { from, to: i },
    packet: visit.tracked.packet,
  }
  if (!verdict) {
    visit.steps.push(told)
    return 'continue'
  }
  return carryOut(met, told, verdict, visit)
}

/** A matched rule's step while its verdict is carried out. */
type Told = { -readonly [key in keyof RuleStep]: RuleStep[key] }

function say(told: Told, text: string, visit: HookVisit): void {
  told.verdict = text
  told.packet = visit.tracked.packet
  visit.steps.push(told)
}

function carryOut(met: MetChain, told: Told, verdict: Verdict, visit: HookVisit): ChainEnd | 'continue' | 'return' {
  const { rule, index: i } = told
  switch (verdict.verdict) {
    case 'accept':
      say(told, 'accept', visit)
      return { verdict: 'accept' }
    case 'drop':
    case 'reject':
      say(told, verdict.verdict, visit)
      return { verdict: verdict.verdict, by: rule }
    case 'return':
      say(told, 'return', visit)
      return 'return'
    case 'masquerade':
      return masquerade(told, verdict.fully, visit)
    case 'jump':
    case 'goto': {
      say(told, `${verdict.verdict} ${verdict.chain}`, visit)
      return enterChain(met, i, verdict.chain, verdict.verdict, visit)
    }
    case 'dnat':
      return translate(told, verdict.to, visit)
    case 'spread': {
      const next = spread(met.chain, rule, verdict.chains, visit)
      say(told, `goto ${next}`, visit)
      return enterChain(met, i, next, 'goto', visit)
    }
    case 'dnat-spread':
      return translate(told, spreadTargets(rule, verdict.to, visit), visit)
    case 'lookup':
      throw new Error(`a map's element looks up another map: ${verdict.map}`)
    default:
      return unreachable(verdict)
  }
}

function enterChain(met: MetChain, i: number, name: string, how: 'jump' | 'goto', visit: HookVisit): ChainEnd | 'continue' | 'return' {
  const target = targetChain(visit.program, met, i, name)
  const end = target && runChain(target, visit, false)
  if (end) return end
  return how === 'goto' ? 'return' : 'continue'
}

function masquerade(told: Told, fully: boolean, visit: HookVisit): ChainEnd {
  const { tracked, io, kernel } = visit
  const before = tracked.packet
  const as = io.masqueradeAs?.(before) ?? before.src
  const random = fully ? io.draw(`masquerade ${before.src}:${before.sport} ${before.dst}:${before.dport}`) : undefined
  visit.tracked = snat(kernel.conntrack, tracked, as, random, io.now)
  say(told, 'masquerade', visit)
  rewrite(told.rule, 'masquerade', before, visit)
  return { verdict: 'accept' }
}

function translate(told: Told, to: Target, visit: HookVisit): ChainEnd {
  const before = visit.tracked.packet
  visit.tracked = dnat(visit.tracked, to)
  say(told, `dnat ${hostPort(to.ip, to.port)}`, visit)
  rewrite(told.rule, 'dnat', before, visit)
  return { verdict: 'accept' }
}

function rewrite(rule: Rule, what: 'dnat' | 'masquerade', before: Tracked['packet'], visit: HookVisit): void {
  visit.steps.push({ step: 'rewrite', hook: visit.hook, what, before, after: visit.tracked.packet, rule })
}

function spread(chain: Chain, rule: Rule, chains: readonly string[], visit: HookVisit): string {
  return chains[pickEvenly(rule, visit, () => chains.map((name) => chainOption(chain, name, 1 / chains.length, visit)))]!
}

function spreadTargets(rule: Rule, targets: readonly Target[], visit: HookVisit): Target {
  return targets[pickEvenly(rule, visit, () => targets.map((to) => ({ weight: 1 / targets.length, to })))]!
}

const evenOptions = new WeakMap<Rule, { readonly weights: readonly number[]; readonly options: readonly KernelOption[] }>()

/** One draw of n, as `numgen random mod n`. The options are made once a rule, so that a thousand ways do not hold a million of them. */
function pickEvenly(rule: Rule, visit: HookVisit, optionsOf: () => readonly KernelOption[]): number {
  let even = evenOptions.get(rule)
  if (!even) {
    const options = optionsOf()
    even = { options, weights: options.map((option) => option.weight) }
    evenOptions.set(rule, even)
  }
  const { weights, options } = even
  const picked = weights.length === 1 ? 0 : visit.io.choose(rule.id, weights)
  visit.steps.push({ step: 'choose', hook: visit.hook, by: 'numgen', options, picked, rule, packet: visit.tracked.packet })
  return picked
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
      visit.tracked = withPacket(visit.tracked, withMark(packet, mark))
    } else {
      const timeout = visit.program.sets.get(statement.set)?.timeout ?? 0
      const address = String(fieldOf(packet, statement.field))
      visit.kernel = updateElement(visit.kernel, statement.set, address, timeout, visit.io.now)
    }
  }
}
