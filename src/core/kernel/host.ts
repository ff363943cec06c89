import { confirm, type Tracked, track } from './conntrack.ts'
import { runHook } from './evaluate.ts'
import type { HookIo, HookResult, KernelStep, NodeKernel } from './kernel.ts'
import type { Packet } from './packet.ts'
import type { FamilyProgram, Hook, Rule, VirtualServer } from './program.ts'

/** What a host needs beside a hook's surroundings to pass a packet on. */
export type HostIo = Omit<HookIo, 'inInterface' | 'outInterface'> & {
  /** The interface the packet came in by; absent for the host's own packets. */
  readonly inInterface?: string
  /** The interface a packet leaves by for its destination; undefined without a route. */
  readonly routeOut: (packet: Packet) => string | undefined
}

/** How a packet's way through one host ended: in a local socket, out of an interface, or by whose hand it did not go on. */
type HostEnd =
  | { readonly end: 'local' }
  | { readonly end: 'out'; readonly interface: string }
  | { readonly end: 'dropped' | 'rejected'; readonly hook: Hook; readonly by?: Rule; readonly byServer?: VirtualServer }
  | { readonly end: 'unroutable' }

export type HostResult = HostEnd & {
  readonly kernel: NodeKernel
  readonly packet: Packet
  readonly tracked: Tracked
  readonly steps: readonly KernelStep[]
}

/**
 * A packet's whole way through one host: prerouting or output, the routing decision with the destination it has then, input or forward,
 * postrouting. A packet that the host sends to itself passes output and postrouting, comes in again by `lo` through prerouting, where nat
 * has nothing left to ask, and input.
 */
export function passHost(kernel: NodeKernel, program: FamilyProgram, packet: Packet, host: HostIo): HostResult {
  const own = host.inInterface === undefined
  const pass = new HostPass(kernel, program, packet, host)
  if (!pass.hook(own ? 'output' : 'prerouting')) return pass.result()
  if (host.isLocal(pass.tracked.packet.dst)) return own ? pass.toSelf() : pass.toSocket()
  if (!own && !pass.hook('forward', pass.route())) return pass.result()
  return pass.toInterface()
}

/** The state of one packet's way; a class because every step both reads and replaces all of it. */
class HostPass {
  tracked: Tracked
  private kernel: NodeKernel
  private readonly steps: KernelStep[] = []
  private end: HostEnd = { end: 'unroutable' }
  private rerouted = false
  private readonly program: FamilyProgram
  private readonly host: HostIo

  constructor(kernel: NodeKernel, program: FamilyProgram, packet: Packet, host: HostIo) {
    this.kernel = kernel
    this.program = program
    this.host = host
    this.tracked = track(kernel.conntrack, packet, host.now)
  }

  /** Runs a hook; false if the packet ends there. */
  hook(hook: Hook, outInterface?: string): boolean {
    const io = outInterface === undefined ? this.host : { ...this.host, outInterface }
    const result: HookResult = runHook(this.kernel, this.program, hook, this.tracked, io)
    this.kernel = result.kernel
    this.tracked = result.tracked
    for (const step of result.steps) this.steps.push(step)
    this.rerouted = result.reroute ?? false
    if (result.verdict === 'accept') return true
    const end = result.verdict === 'drop' ? 'dropped' : 'rejected'
    this.end = { end, hook, ...(result.by ? { by: result.by } : {}), ...(result.byServer ? { byServer: result.byServer } : {}) }
    return false
  }

  route(): string | undefined {
    return this.host.routeOut(this.tracked.packet)
  }

  toSocket(): HostResult {
    if (!this.hook('input')) return this.result()
    // ipvs has sent it on: its new destination decides again.
    if (this.rerouted) return this.hook('output') ? this.toInterface() : this.result()
    return this.settle({ end: 'local' })
  }

  toSelf(): HostResult {
    if (!this.hook('postrouting', 'lo')) return this.result()
    // It has left: what input does to it takes nothing back.
    this.confirm()
    return this.hook('prerouting') ? this.toSocket() : this.result()
  }

  toInterface(): HostResult {
    const out = this.route()
    if (out === undefined) return this.result()
    if (!this.hook('postrouting', out)) return this.result()
    return this.settle({ end: 'out', interface: out })
  }

  private settle(end: HostEnd): HostResult {
    this.confirm()
    this.end = end
    return this.result()
  }

  private confirm(): void {
    this.kernel = { ...this.kernel, conntrack: confirm(this.kernel.conntrack, this.tracked, this.host.now) }
  }

  result(): HostResult {
    const { kernel, tracked, steps } = this
    return { ...this.end, kernel, tracked, packet: tracked.packet, steps }
  }
}
