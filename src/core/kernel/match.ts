import { unreachable } from '../base/assert.ts'
import type { Cidr, Ip } from '../base/ip.ts'
import type { ProgramIndex } from './chainindex.ts'
import type { Tracked } from './conntrack.ts'
import { fieldOf, inNetwork, setContains } from './fields.ts'
import type { HookIo, KernelStep, NodeKernel } from './kernel.ts'
import type { Packet } from './packet.ts'
import type { FamilyProgram, Hook, Match, Rule } from './program.ts'
import { rememberSource, seenWithin } from './recent.ts'

/** A packet's visit to a hook while it lasts: the only thing here that changes. */
export type Visit = { kernel: NodeKernel; tracked: Tracked; readonly program: ProgramIndex; readonly io: HookIo }

/** The same, with what the hook tells of it. */
export type HookVisit = Visit & { readonly hook: Hook; readonly steps: KernelStep[]; readonly family: FamilyProgram }

/** Whether all matches of a rule hold. They are asked in order, as some (recent --set) leave a trace. Dice are thrown by `evaluate`. */
export function ruleMatches(rule: Rule, visit: Visit): boolean {
  for (const match of rule.matches) if (!holds(match, visit)) return false
  return true
}

function holds(match: Match, visit: Visit): boolean {
  const { packet } = visit.tracked
  switch (match.match) {
    case 'comment':
    case 'nfacct':
      return true
    case 'statistic':
      return visit.io.choose('statistic', [1 / match.oneIn, 1 - 1 / match.oneIn]) === 0
    case 'protocol':
      return packet.protocol === match.is
    case 'src':
      return inAny(match.in, packet.src) !== (match.not ?? false)
    case 'dst':
      return inAny(match.in, packet.dst) !== (match.not ?? false)
    case 'dst-port':
      return packet.protocol !== 'ICMP' && packet.dport === match.is
    case 'in-interface':
      return isInterface(match.name, visit.io.inInterface) !== (match.not ?? false)
    case 'ct-state':
      return hasAny(visit.tracked, match.in) !== (match.not ?? false)
    case 'mark':
      // Unsigned: bit 31 may be the mark.
      return ((packet.mark & match.mask) >>> 0 === match.value) !== (match.not ?? false)
    case 'src-local':
      return visit.io.isLocal(packet.src) !== (match.not ?? false)
    case 'dst-local':
      return visit.io.isLocal(packet.dst) !== (match.not ?? false)
    case 'recent':
      return holdsRecent(match, visit)
    case 'set':
      return inSet(match.set, match.fields, visit) !== (match.not ?? false)
    case 'physdev-is-in':
      // Pods hang on routed veths: no packet ever comes in over a bridge port.
      return match.not ?? false
    case 'ipvs': {
      const { connection } = visit.tracked
      const { original } = connection ?? {}
      return (
        connection?.ipvs === true &&
        original?.dst === match.address &&
        original.dport === match.port &&
        original.protocol === match.protocol
      )
    }
    default:
      return unreachable(match)
  }
}

function inAny(networks: readonly (Cidr | Ip)[], ip: Ip): boolean {
  for (const network of networks) if (network === ip || inNetwork(network)(ip)) return true
  return false
}

function hasAny(tracked: Tracked, states: Extract<Match, { match: 'ct-state' }>['in']): boolean {
  for (const state of states) if (hasState(tracked, state)) return true
  return false
}

function isInterface(pattern: string, name: string | undefined): boolean {
  if (name === undefined) return false
  return /[+*]$/.test(pattern) ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}

function hasState({ state, connection }: Tracked, wanted: 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'DNAT'): boolean {
  return wanted === 'DNAT' ? (connection?.dnat ?? false) : state === wanted
}

function holdsRecent(match: Extract<Match, { match: 'recent' }>, visit: Visit): boolean {
  const { src } = visit.tracked.packet
  const { now } = visit.io
  if (match.do === 'rcheck') return seenWithin(visit.kernel, match.list, src, match.seconds, now)
  visit.kernel = rememberSource(visit.kernel, match.list, src, now)
  return true
}

function inSet(name: string, fields: Extract<Match, { match: 'set' }>['fields'], visit: Visit): boolean {
  const set = visit.program.sets.get(name)
  if (!set || (set.type === 'bitmap:port' && !hasBitmapPort(visit.tracked.packet))) return false
  if (set.timeout === undefined) return setContains(set, visit.tracked.packet, fields)
  const address = String(fieldOf(visit.tracked.packet, fields[0] ?? 'saddr'))
  return (visit.kernel.dynamicSets.get(name)?.get(address) ?? 0) > visit.io.now
}

/** A bitmap of ports knows no protocol, and the kernel looks up in it the ports of TCP and UDP only: no packet of SCTP is in one. */
function hasBitmapPort({ protocol }: Packet): boolean {
  return protocol === 'TCP' || protocol === 'UDP'
}
