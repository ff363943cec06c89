import type { DnsRecord } from '../dns/record.ts'
import type { SchedulerLook } from '../kernel/ipvslook.ts'
import type { Packet } from '../kernel/packet.ts'
import type { Hook, Origin } from '../kernel/program.ts'
import type { Reason } from '../l7/reasons.ts'

/** Where something happens. Pods are named `namespace/name`. */
export type Place = { readonly at: 'client' | 'node' | 'pod' | 'load-balancer' | 'internet'; readonly name: string }

/** Verdict codes of the contract: a closed list. `HTTP_nnn` stands for any answer that is not 2xx. */
export type VerdictCode =
  | 'DELIVERED'
  | 'REFUSED'
  | 'REJECTED_NO_ENDPOINTS'
  | 'REJECTED'
  | 'DROPPED_NO_LOCAL_ENDPOINTS'
  | 'DROPPED_SOURCE_RANGE'
  | 'DROPPED'
  | 'NO_ROUTE'
  | 'LEFT_CLUSTER'
  | 'TIMEOUT'
  | 'NXDOMAIN'
  | 'NO_ADDRESS'
  | 'TLS_MISMATCH'
  | 'LOOP'
  | 'NOT_MODELLED'
  | `HTTP_${number}`

/** How a request ended. `message` is one English sentence; `reason` and `params` let the page say it in any language. */
export type RequestVerdict = {
  readonly code: VerdictCode
  readonly http?: number
  readonly message: string
  /** A finer, stable reason under the code (`no-listener`, `listens-on-localhost`, `reply-bypasses-node` …). */
  readonly reason: string
  readonly params: Readonly<Record<string, string | number>>
  /** The rule, object or place that ended it. */
  readonly by?: { readonly rule?: string; readonly origin?: Origin; readonly place?: Place }
}

/** One endpoint among those a choice was made from. */
export type Choice = { readonly to: string; readonly weight: number; readonly pod?: string }

/** One thing that happens: an *event* of the contract. A union by its own name. */
export type Step =
  /** One DNS question and its answer; `step` repeats over the search list. */
  | {
      readonly step: 'resolve'
      readonly question: string
      readonly type: string
      readonly server: string
      readonly rcode: 'NOERROR' | 'NXDOMAIN' | 'NODATA'
      readonly answers: readonly DnsRecord[]
      readonly origin?: Origin
    }
  /** A socket hands a packet to its own kernel. */
  | { readonly step: 'send'; readonly packet: Packet }
  | { readonly step: 'enter'; readonly interface: string; readonly packet: Packet }
  | {
      readonly step: 'track'
      readonly state: 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID'
      readonly connection: string
      readonly packet: Packet
    }
  /** A rule that matched; `missed` are the rules of the same chain that were tried in vain before it: indices from `from` up to `to`. */
  | {
      readonly step: 'rule'
      readonly hook: Hook
      readonly table: string
      readonly chain: string
      readonly index: number
      readonly rule: string
      readonly text: string
      readonly verdict: string
      readonly missed: { readonly from: number; readonly to: number }
      readonly origin?: Origin
      readonly packet: Packet
    }
  /** An endpoint was chosen: by `statistic`, `numgen`, `recent`, `affinity`, or `ipvs rr` and its kin. */
  | {
      readonly step: 'choose'
      readonly by: string
      readonly options: readonly Choice[]
      readonly picked: number
      readonly drew?: number
      readonly packet: Packet
    }
  /** A header changed: destination (dnat), source (masquerade), or back (un-dnat, un-masquerade). */
  | {
      readonly step: 'rewrite'
      readonly what: 'dnat' | 'masquerade' | 'un-dnat' | 'un-masquerade' | 'ipvs'
      readonly before: Packet
      readonly after: Packet
      readonly rule?: string | undefined
      readonly origin?: Origin | undefined
    }
  | {
      readonly step: 'route'
      readonly destination: string
      readonly route: string
      readonly device: string
      readonly next?: Place
      readonly packet: Packet
    }
  | { readonly step: 'exit'; readonly interface: string; readonly next: Place; readonly packet: Packet }
  /** The packet reached a socket, or the place where one would be. */
  | {
      readonly step: 'receive'
      readonly packet: Packet
      readonly outcome: 'accepted' | 'refused' | 'answered' | 'ignored'
      readonly socket?: string
    }
  /** One HTTP message as this place sends or receives it. */
  | {
      readonly step: 'http'
      readonly message: 'request' | 'response'
      readonly method?: string
      readonly path?: string
      readonly host?: string
      readonly status?: number
      readonly headers: Readonly<Record<string, string>>
      /** Of a request over TLS: the server name that the client asked for (SNI); empty where it asked for none. */
      readonly serverName?: string
    }
  /** An L7 routing decision: the candidates, the winner, and why each loser lost. */
  | {
      readonly step: 'match'
      readonly by: string
      readonly candidates: readonly {
        readonly rule: string
        readonly won: boolean
        readonly why: string
        readonly reason: Reason
        readonly origin?: Origin
      }[]
    }
  /** The last step of the last hop: there is always exactly one in a request (in the reply when there is one, else in the forward path). */
  | { readonly step: 'end'; readonly verdict: RequestVerdict; readonly packet?: Packet }

export type Hop = { readonly place: Place; readonly steps: readonly Step[] }

export type Backend = {
  readonly namespace?: string
  readonly pod?: string
  readonly node?: string
  readonly ip: string
  readonly port: number
  readonly request?: {
    readonly method: string
    readonly path: string
    readonly host: string
    readonly headers: Readonly<Record<string, string>>
  }
}

/** Why each endpoint of the Service could or could not be chosen: the "why this endpoint" table. */
export type EndpointRow = {
  readonly endpoint: string
  readonly pod?: string
  readonly node?: string
  readonly ready: boolean
  readonly serving: boolean
  readonly terminating: boolean
  readonly local: boolean
  readonly zone?: string
  readonly zoneHints: readonly string[]
  /** Share of new connections from here, 0 to 1. */
  readonly probability: number
  readonly chosen: boolean
  /** Why it could not be chosen; absent when it could. */
  readonly excluded?: 'not-ready' | 'terminating' | 'not-local' | 'other-zone' | 'other-node' | 'port-missing' | 'affinity'
}

/** One cause of a verdict in the objects' words: a stable key for translations, and the field that a person would change. */
export type Cause = {
  readonly cause: string
  readonly params: Readonly<Record<string, string | number>>
  readonly message: string
  readonly origin?: Origin
}

export type Way = {
  readonly probability: number
  readonly verdict: RequestVerdict
  readonly backend?: Backend | undefined
  readonly seenSource?: string | undefined
}

/** One request, out and back: the JSON of `kubehop trace`, of `window.kubehop.trace()` and of the page. */
export type RequestTrace = {
  readonly name: string
  readonly from: string
  readonly to: string
  readonly seed: number
  readonly mode: string
  readonly verdict: RequestVerdict
  readonly backend?: Backend | undefined
  readonly seenSource?: string | undefined
  /** The request's way; with an L7 stage, both connections in order. */
  readonly hops: readonly Hop[]
  /** The answer's way, from where it starts; absent where nothing came back. */
  readonly reply?: { readonly hops: readonly Hop[] } | undefined
  readonly response?: { readonly status: number; readonly headers: Readonly<Record<string, string>> } | undefined
  readonly endpoints?: readonly EndpointRow[] | undefined
  /** What ipvs' scheduler went by when it chose: connection counts, counters, its place in a hash table. */
  readonly scheduler?: SchedulerLook | undefined
  readonly ways?: readonly Way[] | undefined
  /** Why it ended so, nearest cause first; absent where the verdict says it all. */
  readonly causes?: readonly Cause[] | undefined
}

/** Every step of a request in order, request then reply, with its hop: events are numbered from 1 in this order. */
export function eventsOf(
  trace: RequestTrace,
): readonly { readonly hop: number; readonly place: Place; readonly step: Step; readonly reply: boolean }[] {
  const forward = trace.hops.map((hop) => ({ hop, reply: false }))
  const back = (trace.reply?.hops ?? []).map((hop) => ({ hop, reply: true }))
  return [...forward, ...back].flatMap(({ hop, reply }, index) => hop.steps.map((step) => ({ hop: index, place: hop.place, step, reply })))
}
