import type { Packet } from './packet.ts'
import type { AddressSet, Chain, FamilyProgram, Hook, Rule, Target, VerdictMap } from './program.ts'

/** A program prepared for packets: everything found by name, base chains by hook. Made once a program. */
export type ProgramIndex = {
  /** By table, then name: no key is built for a jump. */
  readonly chains: ReadonlyMap<string, ReadonlyMap<string, Chain>>
  readonly sets: ReadonlyMap<string, AddressSet>
  readonly maps: ReadonlyMap<string, VerdictMap>
  readonly bases: Readonly<Record<Hook, readonly Chain[]>>
  /** Chains that packets have met, with their own preparation. */
  readonly met: Map<Chain, MetChain>
}

/** A chain of a program with what its rules jump to, found once a rule. */
export type MetChain = {
  readonly chain: Chain
  readonly index: ChainIndex
  readonly targets: (MetChain | undefined)[]
  /** Whoever tells of the chain's rules keeps their texts here, by index. */
  readonly texts: (string | undefined)[]
}

const programs = new WeakMap<FamilyProgram, ProgramIndex>()

/** The prepared form of a program. */
export function indexOf(program: FamilyProgram): ProgramIndex {
  let index = programs.get(program)
  if (!index) {
    const at = (hook: Hook) =>
      program.chains
        .filter((chain) => chain.attachment?.hook === hook)
        .sort((a, b) => (a.attachment?.priority ?? 0) - (b.attachment?.priority ?? 0))
    index = {
      chains: chainsByName(program.chains),
      sets: new Map(program.sets.map((set) => [set.name, set])),
      maps: new Map(program.maps.map((map) => [map.name, map])),
      bases: {
        prerouting: at('prerouting'),
        input: at('input'),
        forward: at('forward'),
        output: at('output'),
        postrouting: at('postrouting'),
      },
      met: new Map(),
    }
    programs.set(program, index)
  }
  return index
}

function chainsByName(chains: readonly Chain[]): ReadonlyMap<string, ReadonlyMap<string, Chain>> {
  const byTable = new Map<string, Map<string, Chain>>()
  for (const chain of chains) {
    const byName = byTable.get(chain.table)
    if (byName) byName.set(chain.name, chain)
    else byTable.set(chain.table, new Map([[chain.name, chain]]))
  }
  return byTable
}

/**
 * A row of coin tosses as iptables spreads load: rules that differ from each other by a statistic match only, then one without. One draw
 * with these weights has the same outcome as the tosses, and n endpoints stay n ways.
 */
export type DiceRow = { readonly from: number; readonly weights: readonly number[]; readonly open: boolean }

/** A chain prepared for packets. */
export type ChainIndex = {
  /** Rules that any packet may match; by exact destination; by destination port. Each list ascends. Absent for short chains. */
  readonly candidates?: {
    readonly general: readonly number[]
    readonly byDst: ReadonlyMap<string, readonly number[]>
    readonly byPort: ReadonlyMap<number, readonly number[]>
  }
  readonly rows: ReadonlyMap<number, DiceRow>
}

const chainIndexes = new WeakMap<Chain, ChainIndex>()
const SHORT = 12

/** The prepared form of a chain. */
function chainIndexOf(chain: Chain): ChainIndex {
  let index = chainIndexes.get(chain)
  if (!index) {
    const rows = diceRows(chain.rules)
    index = chain.rules.length <= SHORT || rows.size > 0 ? { rows } : { rows, candidates: candidatesOf(chain.rules) }
    chainIndexes.set(chain, index)
  }
  return index
}

/** A chain as packets of its program meet it. */
export function meet(program: ProgramIndex, chain: Chain): MetChain {
  let met = program.met.get(chain)
  if (!met) {
    met = { chain, index: chainIndexOf(chain), targets: [], texts: [] }
    program.met.set(chain, met)
  }
  return met
}

/** The chain that a rule leads to by name. A chain that is not there has no rules: kube-proxy declares every chain it jumps to. */
export function targetChain(program: ProgramIndex, { chain, targets }: MetChain, rule: number, name: string): MetChain | undefined {
  const known = targets[rule]
  if (known?.chain.name === name) return known
  const target = program.chains.get(chain.table)?.get(name)
  const met = target && meet(program, target)
  targets[rule] = met
  return met
}

function candidatesOf(rules: readonly Rule[]): NonNullable<ChainIndex['candidates']> {
  const general: number[] = []
  const byDst = new Map<string, number[]>()
  const byPort = new Map<number, number[]>()
  for (const [i, rule] of rules.entries()) {
    const dst = exactDestination(rule)
    const port = dst === undefined ? destinationPort(rule) : undefined
    if (dst !== undefined) put(byDst, dst, i)
    else if (port !== undefined) put(byPort, port, i)
    else general.push(i)
  }
  return { general, byDst, byPort }
}

function put<K>(map: Map<K, number[]>, key: K, i: number): void {
  const list = map.get(key)
  if (list) list.push(i)
  else map.set(key, [i])
}

function exactDestination(rule: Rule): string | undefined {
  for (const match of rule.matches) {
    if (match.match !== 'dst' || match.not) continue
    const only = match.in[0]
    if (match.in.length === 1 && only !== undefined && !only.includes('/')) return only
  }
  return undefined
}

function destinationPort(rule: Rule): number | undefined {
  for (const match of rule.matches) if (match.match === 'dst-port') return match.is
  return undefined
}

const NONE: readonly number[] = []

/** The rules of a chain that a packet can possibly match, ascending; undefined means all. Leaving the others out changes no outcome. */
export function candidatesFor(index: ChainIndex, packet: Packet): readonly number[] | undefined {
  const { candidates } = index
  if (!candidates) return undefined
  const byDst = candidates.byDst.get(packet.dst) ?? NONE
  const byPort = candidates.byPort.get(packet.dport) ?? NONE
  return merged(merged(byDst, byPort), candidates.general)
}

/** Two ascending lists as one. */
function merged(a: readonly number[], b: readonly number[]): readonly number[] {
  if (b.length === 0) return a
  if (a.length === 0) return b
  const both: number[] = []
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const takesA = j >= b.length || (i < a.length && a[i]! < b[j]!)
    both.push(takesA ? a[i++]! : b[j++]!)
  }
  return both
}

function diceRows(rules: readonly Rule[]): ReadonlyMap<number, DiceRow> {
  const rows = new Map<number, DiceRow>()
  for (let from = 0; from < rules.length; from++) {
    const tosses: number[] = []
    for (let oneIn = tossOf(rules[from]); oneIn !== undefined; oneIn = tossOf(rules[from + tosses.length])) tosses.push(oneIn)
    if (tosses.length === 0) continue
    const open = !isPlainJump(rules[from + tosses.length])
    rows.set(from, { from, weights: sharesOf(tosses), open })
    from += tosses.length
  }
  return rows
}

/** What a row of coin tosses gives each, and what is left in the end. 1 in n, 1 in n-1, … 1 in 2 are fair shares, said without rounding. */
function sharesOf(tosses: readonly number[]): readonly number[] {
  const n = tosses.length + 1
  if (tosses.every((oneIn, i) => oneIn === n - i)) return Array<number>(n).fill(1 / n)
  let left = 1
  const shares = tosses.map((oneIn) => {
    const share = left / oneIn
    left -= share
    return share
  })
  return [...shares, left]
}

/** n of a rule whose only real match is a statistic of 1 in n. */
function tossOf(rule: Rule | undefined): number | undefined {
  let oneIn: number | undefined
  for (const match of rule?.matches ?? []) {
    if (match.match === 'statistic') oneIn = match.oneIn
    else if (match.match !== 'comment') return undefined
  }
  return oneIn
}

function isPlainJump(rule: Rule | undefined): boolean {
  return rule !== undefined && rule.verdict !== undefined && rule.matches.every((match) => match.match === 'comment')
}

/** Where a chain leads in the end, if it translates to one address: an endpoint's chain does. */
export function targetOf(program: ProgramIndex, table: string, name: string): Target | undefined {
  const rules = program.chains.get(table)?.get(name)?.rules ?? []
  for (const rule of rules) if (rule.verdict?.verdict === 'dnat') return rule.verdict.to
  return undefined
}
