import { indexOf, type ProgramIndex } from './chainindex.ts'
import type { Tracked } from './conntrack.ts'
import type { Chain, FamilyProgram, Hook, Match, Rule } from './program.ts'
import { applyKnown, NAT_AT } from './translate.ts'

/** Where ipvs hangs, and when: local packets it takes just after DNAT, received ones just before source NAT. */
export const IPVS_PRIORITY: Readonly<Partial<Record<Hook, number>>> = { output: -98, input: 99, forward: 99 }

/** A later packet of an answered connection. */
export function isKnown({ state, connection }: Tracked): boolean {
  return state === 'ESTABLISHED' && connection !== undefined && connection.serial !== 0
}

/**
 * A later packet of an answered connection at a hook where no rule can do anything to such packets: all that happens to it is conntrack's
 * own translation, or what ipvs does. Undefined where the rules have to be asked, `ipvs` where ipvs has.
 */
export function passKnown(program: FamilyProgram, hook: Hook, tracked: Tracked): Tracked | 'ipvs' | undefined {
  if (!isKnown(tracked) || !leavesKnownAlone(program, hook)) return undefined
  if (program.servers.length > 0 && IPVS_PRIORITY[hook] !== undefined) return 'ipvs'
  const manip = NAT_AT[hook]
  return manip ? applyKnown(tracked, manip) : tracked
}

const answers = new WeakMap<FamilyProgram, Partial<Record<Hook, boolean>>>()

/** Whether no rule that an ESTABLISHED packet can meet at a hook stops it, or leaves a trace in the kernel's state. */
function leavesKnownAlone(program: FamilyProgram, hook: Hook): boolean {
  let byHook = answers.get(program)
  if (!byHook) {
    byHook = {}
    answers.set(program, byHook)
  }
  const known = byHook[hook]
  if (known !== undefined) return known
  const index = indexOf(program)
  const seen = new Set<Chain>()
  const answer = index.bases[hook].every((chain) => chain.attachment?.type !== 'filter' || isHarmless(chain, index, seen))
  byHook[hook] = answer
  return answer
}

function isHarmless(chain: Chain, index: ProgramIndex, seen: Set<Chain>): boolean {
  if (seen.has(chain)) return true
  seen.add(chain)
  return chain.rules.every((rule) => !rule.matches.every(mayHold) || isHarmlessRule(rule, chain, index, seen))
}

/** Whether a match can hold for a packet of state ESTABLISHED; whether it is of a translated connection (DNAT) is left open. */
function mayHold(match: Match): boolean {
  if (match.match !== 'ct-state') return true
  return match.not ? !match.in.includes('ESTABLISHED') : match.in.includes('ESTABLISHED') || match.in.includes('DNAT')
}

function isHarmlessRule({ matches, statements, verdict }: Rule, { table }: Chain, index: ProgramIndex, seen: Set<Chain>): boolean {
  if (statements?.some(({ statement }) => statement === 'update')) return false
  if (matches.some((match) => match.match === 'recent' && match.do === 'set')) return false
  switch (verdict?.verdict) {
    case undefined:
    case 'accept':
    case 'return':
      return true
    case 'jump':
    case 'goto': {
      const target = index.chains.get(table)?.get(verdict.chain)
      return !target || isHarmless(target, index, seen)
    }
    default:
      return false
  }
}
