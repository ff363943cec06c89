import type { Ip } from '../base/ip.ts'
import type { Chooser } from './chance.ts'
import { type ConntrackTable, emptyConntrack, type Tracked } from './conntrack.ts'
import type { IpvsStates } from './ipvsstate.ts'
import type { Packet } from './packet.ts'
import type { Hook, MapElement, Rule, Target, VirtualServer } from './program.ts'

/** The state that one host's kernel keeps between packets: an immutable value, like everything else. Times are virtual milliseconds. */
export type NodeKernel = {
  readonly conntrack: ConntrackTable
  /** xt_recent lists: list → source → when it was last seen; in the order of last use. */
  readonly recent: ReadonlyMap<string, ReadonlyMap<Ip, number>>
  /** nftables sets that packets fill: set → address → when the element expires. */
  readonly dynamicSets: ReadonlyMap<string, ReadonlyMap<Ip, number>>
  /** ipvs connections, templates and scheduler positions, per family. */
  readonly ipvs: IpvsStates
}

/** A host that has just booted. */
export const freshKernel: NodeKernel = { conntrack: emptyConntrack, recent: new Map(), dynamicSets: new Map(), ipvs: {} }

/** What a hook needs to know of the host around it. */
export type HookIo = {
  readonly inInterface?: string | undefined
  readonly outInterface?: string | undefined
  /** Whether the host itself owns the address (addrtype and fib LOCAL): all of 127/8 and ::1, interface and kube-ipvs0 addresses. */
  readonly isLocal: (ip: Ip) => boolean
  /** The address MASQUERADE takes: the primary one of the interface the packet leaves by. Asked only in postrouting. */
  readonly masqueradeAs?: ((packet: Packet) => Ip | undefined) | undefined
  readonly now: number
  readonly choose: Chooser
  /** Nobody wants to hear of chains that ended without a verdict. */
  readonly withoutEnds?: boolean
  /** A number in [0, 1) for what changes no outcome (a source port): drawn, never enumerated. */
  readonly draw: (key: string) => number
}

/** Rules of one chain that were tried in a row and did not match: indices `from` up to but not including `to`. */
type MissedRules = { readonly from: number; readonly to: number }

/** One thing the kernel did with a packet at a hook. */
export type KernelStep =
  /** A rule matched. `packet` is the packet after its statements and verdict. */
  | {
      readonly step: 'rule'
      readonly hook: Hook
      readonly table: string
      readonly chain: string
      readonly index: number
      readonly rule: Rule
      /** The chain's rules as texts, as far as somebody has asked for them. */
      readonly texts: (string | undefined)[]
      /** The map element that gave the verdict, for `vmap` rules. */
      readonly element?: MapElement | undefined
      /** `accept`, `drop`, `reject`, `return`, `continue` (matched, nothing final), `masquerade`, `dnat …`, `jump CHAIN`, `goto CHAIN`. */
      readonly verdict: string
      /** Of the same chain, since it was entered or last matched. */
      readonly missed: MissedRules
      readonly packet: Packet
    }
  /** A chain ended without a final verdict: back to the caller, or (`policy`) a base chain's policy. */
  | {
      readonly step: 'chain-end'
      readonly hook: Hook
      readonly table: string
      readonly chain: string
      readonly missed: MissedRules
      readonly policy?: 'accept'
    }
  /** One of several endpoints was chosen, or remembered (`recent`, `affinity`: then there is one option). */
  | {
      readonly step: 'choose'
      readonly hook: Hook
      readonly by: string
      readonly options: readonly KernelOption[]
      readonly picked: number
      readonly rule?: Rule
      /** The virtual server, where ipvs chose. */
      readonly server?: VirtualServer
      readonly packet: Packet
    }
  | {
      readonly step: 'rewrite'
      readonly hook: Hook
      readonly what: 'dnat' | 'masquerade' | 'un-dnat' | 'un-masquerade' | 'ipvs'
      readonly before: Packet
      readonly after: Packet
      readonly rule?: Rule
      /** The virtual server, where ipvs did it. */
      readonly server?: VirtualServer
    }

/** `to` is where the option leads if that can be told: the address its chain translates to. */
export type KernelOption = { readonly weight: number; readonly chain?: string; readonly to?: Target }

export type HookResult = {
  readonly kernel: NodeKernel
  readonly tracked: Tracked
  readonly verdict: 'accept' | 'drop' | 'reject'
  readonly steps: readonly KernelStep[]
  /** The rule that dropped or rejected. */
  readonly by?: Rule
  /** The virtual server without a usable real server that rejected. */
  readonly byServer?: VirtualServer
  /** ipvs took the packet at input: it goes on by output routing (postrouting), not to a socket. */
  readonly reroute?: true
}
