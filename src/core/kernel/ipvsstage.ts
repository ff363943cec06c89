import type { Family } from '../base/ip.ts'
import { trieGet, trieLost } from '../base/trie.ts'
import { entryOf, forget, type Tuple, takenByIpvs, track } from './conntrack.ts'
import { type IpvsChoice, ipvsIn, ipvsOut } from './ipvs.ts'
import { emptyIpvs, type IpvsState } from './ipvsstate.ts'
import { expire, isDue, syncIpvs } from './ipvssync.ts'
import type { NodeKernel } from './kernel.ts'
import type { HookVisit } from './match.ts'
import { comingFrom, type Packet, towards } from './packet.ts'
import type { NodeProgram, Target, VirtualServer } from './program.ts'
import { applyIpvsError } from './translate.ts'

export type IpvsEnding = { readonly verdict: 'drop' | 'reject'; readonly server?: VirtualServer } | { readonly verdict: 'reroute' }

/**
 * ipvs in its hooks. A virtual address is an address of this host, so what comes for it passes input, and ipvs takes it there after the
 * filter table; the host's own packets it takes in output, after nat. It writes the real server's address in and sends the packet out
 * again. Answers pass forward (or input, or output, where client or server is on this host), and get the virtual address back.
 */
export function ipvsStage(visit: HookVisit): IpvsEnding | undefined {
  const { tracked, hook } = visit
  if (tracked.ipvsDone) return undefined
  if (tracked.direction === 'reply') return undone(visit)
  if (hook === 'forward') return undefined
  return tracked.state === 'RELATED' ? related(visit) : scheduled(visit)
}

/** kube-proxy has reprogrammed a node: its kernel's virtual servers follow, each connection as kube-proxy treats it. */
export function programIpvs(kernel: NodeKernel, program: NodeProgram, now: number): NodeKernel {
  let next = kernel
  for (const { family, servers, ipvsTimeouts } of program.families) {
    const before = kernel.ipvs[family]
    if (!before && servers.length === 0) continue
    next = withIpvs(next, family, syncIpvs(before ?? emptyIpvs, servers, now, ipvsTimeouts))
  }
  return next
}

/** The kernel at a later time, without what ipvs has let expire by then. */
export function agedIpvs(kernel: NodeKernel, now: number): NodeKernel {
  let next = kernel
  for (const family of ['IPv4', 'IPv6'] as const) {
    const state = kernel.ipvs[family]
    if (state && isDue(state, now)) next = withIpvs(next, family, expire(state, now))
  }
  return next
}

/** An ipvs connection that is gone has taken its conntrack entry with it (`ip_vs_conn_drop_conntrack`). */
function withIpvs(kernel: NodeKernel, family: Family, after: IpvsState): NodeKernel {
  const before = kernel.ipvs[family]
  if (before === after) return kernel
  const next = withState(kernel, family, after)
  if (!before || before.connections === after.connections) return next
  const gone = trieLost(before.connections, after.connections).flatMap((tuple) => {
    const connection = entryOf(kernel.conntrack, tuple)
    return connection?.ipvs ? [connection] : []
  })
  return gone.length === 0 ? next : withConntrack(next, forget(kernel.conntrack, gone))
}

function withState({ conntrack, recent, dynamicSets, ipvs }: NodeKernel, family: Family, state: IpvsState): NodeKernel {
  const states = family === 'IPv4' ? { IPv4: state, IPv6: ipvs.IPv6 } : { IPv4: ipvs.IPv4, IPv6: state }
  return { conntrack, recent, dynamicSets, ipvs: states }
}

function withConntrack({ recent, dynamicSets, ipvs }: NodeKernel, conntrack: NodeKernel['conntrack']): NodeKernel {
  return { conntrack, recent, dynamicSets, ipvs }
}

function scheduled(visit: HookVisit): IpvsEnding | undefined {
  const { io, family } = visit
  const state = syncIpvs(visit.kernel.ipvs[family.family] ?? emptyIpvs, family.servers, io.now, family.ipvsTimeouts)
  if (isForgotten(visit, state)) forgetTracked(visit)
  const known = (visit.tracked.connection?.serial ?? 0) !== 0
  const answer = ipvsIn(state, visit.tracked.packet, { now: io.now, choose: io.choose, tracked: known })
  remember(visit, family.family, answer.state)
  switch (answer.ipvs) {
    case 'pass':
      return undefined
    case 'drop':
      forgetTracked(visit)
      return { verdict: 'drop' }
    case 'reject':
      return { verdict: 'reject', server: answer.server }
    case 'forward':
      return forward(visit, answer.to, answer.server, answer.choice)
  }
}

/** Conntrack still has a connection that ipvs has let expire. */
function isForgotten({ tracked: { connection } }: HookVisit, state: IpvsState): boolean {
  return connection?.ipvs === true && connection.serial !== 0 && !trieGet(state.connections, connection.original)
}

/** An ipvs connection takes its conntrack entry with it (`ip_vs_conn_drop_conntrack`): the packet starts anew. */
function forgetTracked(visit: HookVisit): void {
  const { tracked, kernel, io } = visit
  if (!tracked.connection) return
  const conntrack = forget(kernel.conntrack, [tracked.connection])
  visit.kernel = withConntrack(kernel, conntrack)
  visit.tracked = track(conntrack, tracked.packet, io.now)
}

function forward(visit: HookVisit, to: Target, server: VirtualServer, choice: IpvsChoice | undefined): IpvsEnding | undefined {
  const { hook, tracked, io, steps } = visit
  const { packet, connection } = tracked
  if (choice) {
    const { by, options, picked } = choice
    steps.push({ step: 'choose', hook, by, options, picked, server, packet })
  }
  const after = towards(packet, to.ip, to.port)
  const isNew = connection?.serial === 0
  take(visit, after, server, isNew ? answeredFrom(connection.reply, to) : undefined)
  // A real server on this very host is reached where the packet already is.
  return hook === 'input' && !io.isLocal(to.ip) ? { verdict: 'reroute' } : undefined
}

function answeredFrom({ protocol, dst, dport }: Tuple, { ip, port }: Target): Tuple {
  return { protocol, src: ip, sport: port, dst, dport }
}

function undone(visit: HookVisit): undefined {
  const { tracked, io, family } = visit
  const { connection } = tracked
  const state = visit.kernel.ipvs[family.family]
  if (!connection?.ipvs || !state) return
  if (tracked.state === 'RELATED') return take(visit, applyIpvsError(tracked).packet)
  const answer = ipvsOut(state, connection.original, tracked.packet, io.now)
  if (!answer) return
  remember(visit, family.family, answer.state)
  const { ip, port } = answer.from
  take(visit, comingFrom(tracked.packet, ip, port), answer.server)
}

/** An ICMP error about an answer goes where the answer came from. */
function related(visit: HookVisit): IpvsEnding | undefined {
  if (!visit.tracked.connection?.ipvs) return undefined
  take(visit, applyIpvsError(visit.tracked).packet)
  return visit.hook === 'input' && !visit.io.isLocal(visit.tracked.packet.dst) ? { verdict: 'reroute' } : undefined
}

/** ipvs has handled the packet; `reply`: its answers will look like that. */
function take(visit: HookVisit, after: Packet, server?: VirtualServer, reply?: Tuple): undefined {
  const { hook, tracked, steps } = visit
  const before = tracked.packet
  visit.tracked = takenByIpvs(tracked, after, reply)
  if (before === after) return
  const what = tracked.direction === 'original' ? 'ipvs' : 'un-dnat'
  steps.push(server ? { step: 'rewrite', hook, what, before, after, server } : { step: 'rewrite', hook, what, before, after })
}

function remember(visit: HookVisit, family: Family, state: IpvsState): void {
  if (visit.kernel.ipvs[family] !== state) visit.kernel = withState(visit.kernel, family, state)
}
