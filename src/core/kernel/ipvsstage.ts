import type { Family } from '../base/ip.ts'
import type { Tracked } from './conntrack.ts'
import { ipvsIn, ipvsOut } from './ipvs.ts'
import { emptyIpvs, type IpvsState } from './ipvsstate.ts'
import { syncIpvs } from './ipvssync.ts'
import type { KernelStep } from './kernel.ts'
import type { Visit } from './match.ts'
import type { Packet } from './packet.ts'
import type { FamilyProgram, Hook, Target, VirtualServer } from './program.ts'
import { applyIpvsError } from './translate.ts'

type IpvsVisit = Visit & { readonly hook: Hook; readonly steps: KernelStep[]; readonly family: FamilyProgram }
export type IpvsEnding = { readonly verdict: 'drop' | 'reject'; readonly server?: VirtualServer } | { readonly verdict: 'reroute' }

/**
 * ipvs's hooks (net/netfilter/ipvs/ip_vs_core.c). At input and output a packet for a virtual server gets a real server's address and goes
 * out again; in forward, and at input for the host's own, an answer gets the virtual address back. Conntrack learns of it
 * (`net.ipv4.vs.conntrack`), so the connection's replies are recognised.
 */
export function ipvsStage(visit: IpvsVisit): IpvsEnding | undefined {
  const { tracked, hook } = visit
  if (tracked.ipvsDone) return undefined
  if (tracked.state === 'RELATED') {
    take(visit, applyIpvsError(tracked))
    return undefined
  }
  if (tracked.packet.message) return undefined
  if (hook !== 'output' && tracked.direction === 'reply') {
    answer(visit)
    return undefined
  }
  return hook === 'forward' ? undefined : serve(visit)
}

function answer(visit: IpvsVisit): void {
  const { tracked, io } = visit
  const out = ipvsOut(stateOf(visit), tracked.packet, io.now)
  if (!out) return
  setState(visit, out.state)
  const { ip, port } = out.from
  take(visit, { ...tracked, packet: { ...tracked.packet, src: ip, sport: port } })
}

function serve(visit: IpvsVisit): IpvsEnding | undefined {
  const { tracked, io, hook, steps } = visit
  const verdict = ipvsIn(stateOf(visit), tracked.packet, {
    now: io.now,
    choose: io.choose,
    tracked: tracked.connection !== undefined && tracked.connection.serial !== 0,
  })
  setState(visit, verdict.state)
  switch (verdict.ipvs) {
    case 'pass':
      return undefined
    case 'drop':
      return { verdict: 'drop' }
    case 'reject':
      return { verdict: 'reject', server: verdict.server }
    case 'forward': {
      if (verdict.choice) steps.push({ step: 'choose', hook, ...verdict.choice, packet: tracked.packet })
      take(visit, served(tracked, verdict.to), verdict.server)
      return hook === 'input' ? { verdict: 'reroute' } : undefined
    }
  }
}

function served(tracked: Tracked, to: Target): Tracked {
  const { connection } = tracked
  const packet: Packet = { ...tracked.packet, dst: to.ip, dport: to.port }
  if (connection?.serial !== 0) return { ...tracked, packet, ipvsDone: true }
  const reply = { ...connection.reply, src: to.ip, sport: to.port }
  return { ...tracked, packet, connection: { ...connection, reply, ipvs: true }, ipvsDone: true }
}

function take(visit: IpvsVisit, after: Tracked, server?: VirtualServer): void {
  const before = visit.tracked.packet
  visit.tracked = after
  if (before === after.packet) return
  const what = after.direction === 'original' ? 'ipvs' : 'un-dnat'
  visit.steps.push({ step: 'rewrite', hook: visit.hook, what, before, after: after.packet, ...(server ? { server } : {}) })
}

function stateOf(visit: IpvsVisit): IpvsState {
  const { family, servers } = visit.family
  return syncIpvs(visit.kernel.ipvs[family] ?? emptyIpvs, servers, visit.io.now)
}

function setState(visit: IpvsVisit, state: IpvsState): void {
  const family: Family = visit.family.family
  if (visit.kernel.ipvs[family] !== state) visit.kernel = { ...visit.kernel, ipvs: { ...visit.kernel.ipvs, [family]: state } }
}
