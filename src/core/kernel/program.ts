import type { Cidr, Family, Ip } from '../base/ip.ts'
import type { Protocol } from './packet.ts'

export type Hook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting'
/** kube-proxy's modes, in the order in which people are offered them. */
export const MODE_IDS = ['iptables', 'nftables', 'ipvs'] as const
export type ModeId = (typeof MODE_IDS)[number]

/**
 * What kube-proxy has told one node's kernel, for one mode: one typed program per IP family. All three modes compile to it, one
 * interpreter runs it, and the iptables, nft, ipvsadm and ipset texts are printed from it.
 */
export type NodeProgram = { readonly node: string; readonly mode: ModeId; readonly families: readonly FamilyProgram[] }

export type FamilyProgram = {
  readonly family: Family
  readonly chains: readonly Chain[]
  /** nftables sets and ipsets. */
  readonly sets: readonly AddressSet[]
  /** nftables verdict maps. */
  readonly maps: readonly VerdictMap[]
  /** ipvs virtual servers; empty in the other modes. */
  readonly servers: readonly VirtualServer[]
  /** `ipvsadm --set` in seconds, where kube-proxy was told to (`ipvs.tcpTimeout` …); 0: the kernel's own. */
  readonly ipvsTimeouts?: { readonly tcp: number; readonly tcpFin: number; readonly udp: number }
  /** Addresses bound to the dummy device kube-ipvs0; empty in the other modes. */
  readonly dummyAddresses: readonly Ip[]
  /** `net.ipv4.conf.all.route_localnet`: set by iptables mode for localhost nodePorts. */
  readonly routeLocalnet: boolean
}

/** On whose behalf a rule exists: the object and the field that caused it. The kernel never reads it; rules and YAML are linked by it. */
export type Origin = { readonly object: string; readonly path: readonly (string | number)[] }

export type Chain = {
  /** `nat`, `filter`, `mangle` for iptables; `kube-proxy` for nftables. */
  readonly table: string
  readonly name: string
  /** Only a base chain has one: where netfilter calls it. */
  readonly attachment?: { readonly hook: Hook; readonly priority: number; readonly type: 'nat' | 'filter' }
  readonly comment?: string
  readonly rules: readonly Rule[]
}

export type Rule = {
  /** Unique in its program and stable while the rule's reason stays: `nat/KUBE-SVC-…/3`. */
  readonly id: string
  /** In the order in which kube-proxy writes them. All must hold. */
  readonly matches: readonly Match[]
  /** Done, in order, when the matches hold, before the verdict. */
  readonly statements?: readonly Statement[]
  /** Without one the packet goes on to the next rule. */
  readonly verdict?: Verdict
  /** nftables' rule comment (in iptables a comment is a match). */
  readonly comment?: string
  readonly origin?: Origin
  /** Further fields that made it what it is: of a translation the Service's targetPort, and the endpoints. */
  readonly also?: readonly Origin[]
}

/** A part of a packet that sets and maps are keyed by. */
export type Field = 'saddr' | 'daddr' | 'l4proto' | 'sport' | 'dport'

export type Match =
  | { readonly match: 'comment'; readonly text: string }
  /** `module`: whether iptables writes `-m tcp` before `-p tcp`. */
  | { readonly match: 'protocol'; readonly is: Protocol; readonly module: boolean }
  /** `braces`: nftables writes an anonymous set, `{ … }`. */
  | { readonly match: 'src' | 'dst'; readonly in: readonly (Cidr | Ip)[]; readonly not?: true; readonly braces?: true }
  | { readonly match: 'dst-port'; readonly is: number }
  /** `name` may end in `+` (iptables) or `*` (nftables) for a prefix. */
  | { readonly match: 'in-interface'; readonly name: string; readonly not?: true }
  | { readonly match: 'ct-state'; readonly in: readonly ('NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'DNAT')[]; readonly not?: true }
  | { readonly match: 'mark'; readonly value: number; readonly mask: number; readonly not?: true }
  /** iptables addrtype, nftables fib. */
  | { readonly match: 'src-local' | 'dst-local'; readonly not?: true }
  | { readonly match: 'recent'; readonly do: 'rcheck'; readonly list: string; readonly seconds: number }
  | { readonly match: 'recent'; readonly do: 'set'; readonly list: string }
  /** True once in n: written as `--probability 1/n` with ten digits. */
  | { readonly match: 'statistic'; readonly oneIn: number }
  | { readonly match: 'nfacct'; readonly name: string }
  | { readonly match: 'set'; readonly set: string; readonly fields: readonly Field[]; readonly not?: true }
  | { readonly match: 'physdev-is-in'; readonly not?: true }
  | { readonly match: 'ipvs'; readonly address: Ip; readonly protocol: Protocol; readonly port: number }

export type Statement =
  | { readonly statement: 'mark'; readonly op: 'or' | 'xor'; readonly value: number }
  /** nftables `update @set { ip saddr }`. */
  | { readonly statement: 'update'; readonly set: string; readonly field: Field }

export type Target = { readonly ip: Ip; readonly port: number }

export type Verdict =
  | { readonly verdict: 'accept' | 'drop' | 'reject' | 'return' }
  | { readonly verdict: 'masquerade'; readonly fully: boolean }
  | { readonly verdict: 'jump' | 'goto'; readonly chain: string }
  | { readonly verdict: 'dnat'; readonly to: Target }
  /** nftables `vmap @map`: the element's verdict, or on to the next rule. */
  | { readonly verdict: 'lookup'; readonly map: string; readonly fields: readonly Field[] }
  /** nftables `numgen random mod n vmap { … : goto chain }`. */
  | { readonly verdict: 'spread'; readonly chains: readonly string[] }
  /** nftables `dnat ip addr . port to numgen random mod n map { … }`. */
  | { readonly verdict: 'dnat-spread'; readonly to: readonly Target[] }

export type AddressSet = {
  readonly name: string
  /** As the native tool writes it: `ipv4_addr . inet_service`, `hash:ip,port`, `bitmap:port`. */
  readonly type: string
  readonly comment?: string
  readonly elements: readonly SetElement[]
  /** nftables affinity sets: filled by packets, seconds until an element goes. */
  readonly timeout?: number
  readonly origin?: Origin
}
/** One element: the values of the set's fields in order; a value may be a CIDR in `…net` sets. */
export type SetElement = { readonly key: readonly (string | number)[]; readonly origin?: Origin }

export type VerdictMap = {
  readonly name: string
  readonly type: string
  readonly comment?: string
  readonly elements: readonly MapElement[]
}
export type MapElement = {
  readonly key: readonly (string | number)[]
  readonly verdict: Verdict
  readonly comment?: string
  readonly origin?: Origin
}

export type SchedulerName = 'rr' | 'wrr' | 'lc' | 'wlc' | 'lblc' | 'lblcr' | 'sh' | 'dh' | 'sed' | 'nq' | 'mh'

/** IP_VS_SVC_F_PERSISTENT: a client stays with its real server. */
export const PERSISTENT = 0x1
/** IP_VS_SVC_F_SCHED2: sh and mh hash the client's port too. kube-proxy sets it for mh. */
export const HASH_PORT = 0x10

export type VirtualServer = {
  readonly address: Ip
  readonly port: number
  readonly protocol: Protocol
  readonly scheduler: SchedulerName
  /** IP_VS_SVC_F_*: 1 persistent, 2 hashed, 0x10 source hash includes the port. */
  readonly flags: number
  /** Persistence in seconds; 0 without the persistent flag. */
  readonly timeout: number
  /** In the kernel's list order. */
  readonly realServers: readonly {
    readonly ip: Ip
    readonly port: number
    readonly weight: number
    readonly origin?: Origin
    readonly also?: readonly Origin[]
  }[]
  readonly origin?: Origin
}
