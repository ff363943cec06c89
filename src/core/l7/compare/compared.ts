import type { ObjectKey } from '../../api/meta.ts'
import type { Reason } from '../reasons.ts'
import type { RouteOrigin } from '../routes.ts'

/** A request as it is put to every profile: the same bytes, whoever reads them. */
export type ComparedRequest = {
  readonly method: string
  readonly scheme: 'http' | 'https'
  /** The Host header; empty where the client sends none. */
  readonly host: string
  /** The path, with the query string if there is one. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

/** One rule of a profile's table as a request met it. */
export type ComparedRoute = {
  readonly rule: string
  readonly won: boolean
  readonly why: Reason
  readonly origin: RouteOrigin
}

/** What the client or the backend gets. */
export type ComparedOutcome =
  | { readonly do: 'respond'; readonly status: number; readonly why: string; readonly location?: string }
  /** Nobody here knows: it depends on this. */
  | { readonly do: 'unknown'; readonly what: string }
  | {
      readonly do: 'forward'
      readonly service: ObjectKey
      /** Whom the proxy may dial: Pods, or the one address of a backend that is dialled by address. */
      readonly endpoints: readonly { readonly to: string; readonly pod?: string }[]
      /** Endpoints beyond those listed. */
      readonly more: number
      readonly byAddress: boolean
      readonly path: string
      readonly host: string
      /** Names of headers that the proxy adds. */
      readonly headers: readonly string[]
      readonly cookie?: string
      /** A canary's Service and its share of such requests. */
      readonly canary?: { readonly service: ObjectKey; readonly share: number }
    }

/** What the client and the backend can tell of an outcome: where these are equal, two profiles answer alike. */
export function answerKey(outcome: ComparedOutcome): string {
  if (outcome.do === 'respond') return JSON.stringify([outcome.status, outcome.location])
  if (outcome.do === 'unknown') return JSON.stringify(['unknown', outcome.what])
  return JSON.stringify([outcome.service, outcome.path, outcome.host, outcome.canary])
}

/** One profile's way with the request. */
export type ComparedProfile = {
  readonly profile: string
  /** It runs in this cluster, and is compared with the flags and the ConfigMap that it runs with. */
  readonly running: boolean
  /** It is the one that serves this Ingress now. */
  readonly serves: boolean
  /** The server, host or entry point that took the request; absent where none did. */
  readonly server?: string
  /** Rules that could concern the host, in the order in which they are asked. */
  readonly routes: readonly ComparedRoute[]
  /** Rules beyond those listed. */
  readonly more: number
  readonly outcome: ComparedOutcome
}

/**
 * A difference by name, with the profiles that behave so. The yardstick is the documentation of Ingress: each code names one way to part
 * from it. What all compared profiles do alike is no difference.
 */
export type Difference = {
  readonly code: DifferenceCode
  readonly params: Readonly<Record<string, string>>
  /** Why a route was missed or outranked, where the code is about that. */
  readonly reason?: Reason
  readonly profiles: readonly string[]
  readonly others: readonly string[]
}

/** What a difference can be called. */
export const DIFFERENCE_CODES = [
  /** A path is compared as text: the rule takes what only begins with the same letters. */
  'text-prefix',
  /** A path is compared as text: a rule that ends in a slash does not take the path without it. */
  'slash-counts',
  'slash-redirect',
  /** The rule is a regular expression here, and takes more, or less, than it says. */
  'regex',
  'regex-miss',
  /** Another of the rules that match goes first. */
  'rank',
  /** Two rules rank alike, and which wins is not defined. */
  'tie',
  /** What the host's own rules do not take goes on to the rules of other hosts. */
  'fall-through',
  /** The rule is not in the table at all. */
  'not-made',
  'https-only',
  'match',
  'path-read',
  'bad-path',
  'redirect',
  'status',
  /** It forwards where the documentation's reading has nobody to forward to. */
  'serves',
  'no-rule',
  'rewrite',
  'vhost',
  'server-alias',
  'canary',
  'by-address',
  'endpoints',
  'cookie',
  'headers',
  'annotation',
  'not-modelled',
  'other',
] as const

export type DifferenceCode = (typeof DIFFERENCE_CODES)[number]

/** Differences that leave the answer to the client and the request at the backend as they are. */
const DETAILS: ReadonlySet<DifferenceCode> = new Set(['by-address', 'endpoints', 'cookie', 'headers'])

/** Whether a difference is one of the way only: how the backend is dialled, what it is told on the side. */
export function isDetail({ code }: Pick<Difference, 'code'>): boolean {
  return DETAILS.has(code)
}

/** Why a request is asked as a probe. */
export const PROBE_KINDS = [
  'as-written',
  'slash-added',
  'slash-removed',
  'below',
  'longer',
  'upper-path',
  'double-slash',
  'other-path',
  'upper-host',
  'two-labels',
  'no-label',
  'other-host',
  'https',
] as const

export type ProbeKind = (typeof PROBE_KINDS)[number]

export type Probe = { readonly kind: ProbeKind; readonly request: ComparedRequest }

/** A probe under every profile. */
export type ProbedRow = Probe & {
  readonly outcomes: readonly { readonly profile: string; readonly outcome: ComparedOutcome }[]
  /** All answer alike. */
  readonly same: boolean
  readonly differences: readonly Difference[]
}

/** One Ingress under several profiles. */
export type Comparison = {
  readonly ingress: ObjectKey
  /** The Ingresses that one controller has together with it, itself included: their rules count as well. */
  readonly together: readonly ObjectKey[]
  readonly request: ComparedRequest
  /** Of an https request: whether a certificate of these Ingresses is for its host. Without one, no client that checks it gets this far. */
  readonly certified?: boolean
  readonly profiles: readonly ComparedProfile[]
  readonly same: boolean
  readonly differences: readonly Difference[]
  readonly probes: readonly ProbedRow[]
  /** Probes that were left out. */
  readonly moreProbes: number
  /** What of the Ingress itself only some of the profiles read. */
  readonly ingressDifferences: readonly Difference[]
}
