import type { Family } from '../base/ip.ts'
import { trieGet } from '../base/trie.ts'
import { allConnections, forget, type Tracked, track, tupleKey } from './conntrack.ts'
import { type IpvsChoice, ipvsIn, ipvsOut } from './ipvs.ts'
import { emptyIpvs, type IpvsState } from './ipvsstate.ts'
import { expire, syncIpvs } from './ipvssync.ts'
import type { NodeKernel } from './kernel.ts'
import type { HookVisit } from './match.ts'
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
    if (state && now >= state.nextCheck) next = withIpvs(next, family, expire(state, now))
  }
  return next
}

/** An ipvs connection that is gone has taken its conntrack entry with it (`ip_vs_conn_drop_conntrack`). */
function withIpvs(kernel: NodeKernel, family: Family, after: IpvsState): NodeKernel {
  const before = kernel.ipvs[family]
  if (before === after) return kernel
  const ipvs = { ...kernel.ipvs, [family]: after }
  if (!before || before.connections === after.connections) return { ...kernel, ipvs }
  const isGone = (key: string) => trieGet(before.connections, key) !== undefined && trieGet(after.connections, key) === undefined
  const gone = allConnections(kernel.conntrack).filter(({ ipvs: own, original }) => own && isGone(tupleKey(original)))
  return { ...kernel, ipvs, conntrack: gone.length === 0 ? kernel.conntrack : forget(kernel.conntrack, gone) }
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
  return connection?.ipvs === true && connection.serial !== 0 && !trieGet(state.connections, tupleKey(connection.original))
}

/** An ipvs connection takes its conntrack entry with it (`ip_vs_conn_drop_conntrack`): the packet starts anew. */
function forgetTracked(visit: HookVisit): void {
  const { tracked, kernel, io } = visit
  if (!tracked.connection) return
  const conntrack = forget(kernel.conntrack, [tracked.connection])
  visit.kernel = { ...kernel, conntrack }
  visit.tracked = { ...tracked, ...track(conntrack, tracked.packet, io.now) }
}

function forward(visit: HookVisit, to: Target, server: VirtualServer, choice: IpvsChoice | undefined): IpvsEnding | undefined {
  const { hook, tracked, io, steps } = visit
  if (choice) steps.push({ step: 'choose', hook, ...choice, server, packet: tracked.packet })
  const { connection } = tracked
  const packet = { ...tracked.packet, dst: to.ip, dport: to.port }
  const reply = connection && { ...connection.reply, src: to.ip, sport: to.port }
  const isNew = connection?.serial === 0 && reply
  take(visit, { ...tracked, packet, ...(isNew ? { connection: { ...connection, reply, ipvs: true } } : {}) }, server)
  // A real server on this very host is reached where the packet already is.
  return hook === 'input' && !io.isLocal(to.ip) ? { verdict: 'reroute' } : undefined
}

function undone(visit: HookVisit): undefined {
  const { tracked, io, family } = visit
  const { connection } = tracked
  const state = visit.kernel.ipvs[family.family]
  if (!connection?.ipvs || !state) return
  if (tracked.state === 'RELATED') return take(visit, applyIpvsError(tracked))
  const answer = ipvsOut(state, tupleKey(connection.original), tracked.packet, io.now)
  if (!answer) return
  remember(visit, family.family, answer.state)
  const { ip, port } = answer.from
  take(visit, { ...tracked, packet: { ...tracked.packet, src: ip, sport: port } }, answer.server)
}

/** An ICMP error about an answer goes where the answer came from. */
function related(visit: HookVisit): IpvsEnding | undefined {
  if (!visit.tracked.connection?.ipvs) return undefined
  take(visit, applyIpvsError(visit.tracked))
  return visit.hook === 'input' && !visit.io.isLocal(visit.tracked.packet.dst) ? { verdict: 'reroute' } : undefined
}

function take(visit: HookVisit, after: Tracked, server?: VirtualServer): undefined {
  const before = visit.tracked.packet
  visit.tracked = { ...after, ipvsDone: true }
  if (before === after.packet) return
  const what = after.direction === 'original' ? 'ipvs' : 'un-dnat'
  visit.steps.push({ step: 'rewrite', hook: visit.hook, what, before, after: after.packet, ...(server ? { server } : {}) })
}

function remember(visit: HookVisit, family: Family, state: IpvsState): void {
  if (visit.kernel.ipvs[family] !== state) visit.kernel = { ...visit.kernel, ipvs: { ...visit.kernel.ipvs, [family]: state } }
}
