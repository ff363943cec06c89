import type { ApiObject } from '../api/cluster.ts'
import type { ClusterSettings } from '../api/kinds/config.ts'
import type { Loaded } from '../api/load.ts'
import { type ObjectKey, printPath } from '../api/meta.ts'
import type { DiffLine } from '../base/linediff.ts'
import type { Why } from '../controllers/why.ts'
import type { ModeId, Origin } from '../kernel/program.ts'
import type { ComparedRequest, Comparison } from '../l7/compare/compared.ts'
import type { ConversionNote } from '../l7/convert.ts'
import type { Diagnostic, SourceFile, SourceRange } from '../source/diagnostic.ts'
import type { RequestTrace } from '../trace/trace.ts'
import type { NodeReadout } from './readout.ts'
import type { World } from './world.ts'
import type { LineSource, WrittenLine } from './writtenby.ts'

/** The key of an origin in `ranges`: object and field, as Kubernetes prints the path. */
export function originKey(origin: Origin): string {
  return `${origin.object}#${printPath(origin.path)}`
}

/** What a person asks to be sent: the request bar. */
export type RequestSpec = {
  readonly name?: string
  readonly from: string
  readonly to: string
  readonly via?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly protocol?: 'tcp' | 'udp' | 'sctp' | 'icmp'
  readonly connection?: 'new' | 'keep-alive'
  readonly count?: number
  /** Cookies that the client holds from earlier answers; those that come with the answers of this send join them. */
  readonly cookies?: Readonly<Record<string, string>>
}

/** One change of the control plane, with its cause: an entry of the event list. */
export type WorldEvent = {
  /** Its number in the world's history, from 1: what it changed is asked for by it. */
  readonly number: number
  readonly at: number
  readonly component: string
  readonly op: 'create' | 'update' | 'delete' | 'sync' | 'warning'
  readonly object: ObjectKey
  readonly why: string
  /** The same as a code with parameters, for words in any language. */
  readonly because: Why
}

/** What the page draws: the objects as stored, and each node's kube-proxy. Plain data. */
export type Snapshot = {
  readonly now: number
  readonly settings: ClusterSettings
  readonly mode: ModeId
  readonly objects: readonly ApiObject[]
  readonly proxies: readonly {
    readonly node: string
    readonly state: 'in-sync' | 'lagging' | 'frozen' | 'broken'
    readonly mode: ModeId
    readonly since: number
    readonly lagMs: number
  }[]
  /** Where each object was written, for every click; derived objects have none. */
  readonly sources: Readonly<Record<ObjectKey, SourceRange>>
  readonly events: readonly WorldEvent[]
  /** `scenario` document of the input, if any, as decoded. */
  readonly scenario?: ScenarioView
}

export type ScenarioView = {
  readonly name: string
  readonly title: Readonly<Record<string, string>>
  readonly lesson?: Readonly<Record<string, string>>
  readonly requests: readonly RequestSpec[]
  readonly steps: readonly unknown[]
}

/** Ingresses as Gateway API objects, and how one request fares through either. */
export type ConversionView = {
  readonly yaml: string
  readonly objects: readonly ObjectKey[]
  /** All of the objects are in the cluster already. */
  readonly applied: boolean
  readonly notes: readonly (
    | ConversionNote
    | { readonly code: 'class-added' | 'address-chosen'; readonly params: Readonly<Record<string, string>> }
  )[]
  readonly both?: { readonly ingress?: RequestTrace; readonly gateway?: RequestTrace; readonly to: string; readonly error?: string }
}

export type Question =
  | {
      readonly ask: 'load'
      readonly files: readonly SourceFile[]
      readonly mode?: ModeId
      readonly seed: number
      readonly bare: boolean
      /**
       * Whether the text is an edit of the one before (default): then anything that is refused leaves the last good world standing. Of a
       * whole new `text` what is accepted is taken, unless it does not even parse; of a new `scene` always.
       */
      readonly fresh?: 'text' | 'scene'
    }
  /** Sends in the world as it is now; `all` adds every way. */
  | { readonly ask: 'send'; readonly request: RequestSpec; readonly all: boolean }
  /** The same for very many requests: they are counted, and one trace is given of each outcome that is not `known` yet. */
  | { readonly ask: 'tally'; readonly request: RequestSpec; readonly all: boolean; readonly known: readonly string[] }
  | { readonly ask: 'rules'; readonly node: string; readonly mode: ModeId }
  /** A control-plane step in scenario words: `{ready: 'default/web-…', value: false}`, `{wait: '1s'}`, `{delete: 'Pod/default/…'}` … */
  | { readonly ask: 'act'; readonly step: Readonly<Record<string, unknown>> }
  /** What a node's kernel remembers: `conntrack -L`, and in ipvs mode `ipvsadm -Ln` and `-Lnc`. */
  | { readonly ask: 'conntrack'; readonly node: string }
  /** What the tools on a node print: `conntrack -L`, `ip addr`, `ip route`, sets and maps. */
  | { readonly ask: 'node'; readonly node: string }
  /** The object of an entry of the event list before and after it. */
  | { readonly ask: 'diff'; readonly event: number }
  /** The Gateways and HTTPRoutes that stand for the cluster's Ingresses; with a request, that request through both. Nothing is kept. */
  | { readonly ask: 'convert'; readonly request?: RequestSpec }
  /** One Ingress and one request under several controllers' profiles. Without an Ingress: the one that names the request's host. */
  | {
      readonly ask: 'profiles'
      readonly ingress?: ObjectKey
      readonly request?: ComparedRequest
      readonly profiles: readonly string[]
    }

/** The questions that few ask. */
export type RareQuestion = Extract<Question, { ask: 'convert' | 'profiles' | 'node' | 'diff' }>
export type RareViews = (question: RareQuestion, world: World, loaded: Loaded) => Answer

/** Whether a question is one of those. */
export function isRare(question: Question): question is RareQuestion {
  return ['convert', 'profiles', 'node', 'diff'].includes(question.ask)
}

export type Answer =
  | { readonly answer: 'load'; readonly diagnostics: readonly Diagnostic[]; readonly snapshot?: Snapshot }
  | {
      readonly answer: 'send'
      readonly traces: readonly RequestTrace[]
      /** Where the origins in the traces are written, by `originKey`; derived objects' fields have none. */
      readonly ranges: Readonly<Record<string, SourceRange>>
      readonly snapshot: Snapshot
      /** What is wrong with the request itself; then nothing was sent and `traces` is empty. */
      readonly error?: string
    }
  | {
      readonly answer: 'tally'
      readonly traces: readonly RequestTrace[]
      readonly ranges: Readonly<Record<string, SourceRange>>
      /** How many requests came to each outcome. */
      readonly counts: Readonly<Record<string, number>>
      /** What the client's cookie jar holds now. */
      readonly cookies: Readonly<Record<string, string>>
      readonly error?: string
    }
  /** `sources`: the places in the text that lines come from, which they name by number. */
  | { readonly answer: 'rules'; readonly lines: readonly WrittenLine[]; readonly sources: readonly LineSource[] }
  | { readonly answer: 'act'; readonly snapshot: Snapshot; readonly refused?: string }
  | { readonly answer: 'conntrack'; readonly lines: readonly string[] }
  | {
      readonly answer: 'node'
      readonly readout?: NodeReadout
      readonly from?: { readonly [view in keyof NodeReadout]: readonly (readonly number[])[] }
      readonly sources?: readonly LineSource[]
    }
  /** Absent where the event wrote no object or is too long ago. */
  | { readonly answer: 'diff'; readonly lines?: readonly DiffLine[] }
  | { readonly answer: 'convert'; readonly conversion?: ConversionView }
  /** Absent without an Ingress. The `ranges` are where its routes are written, by `originKey`. */
  | { readonly answer: 'profiles'; readonly comparison?: Comparison; readonly ranges: Readonly<Record<string, SourceRange>> }
  | { readonly answer: 'crash'; readonly message: string; readonly stack: string }

/** Questions carry a number; the answer repeats it, so that a late answer to an earlier question is dropped. */
export type ToWorker = { readonly id: number; readonly question: Question }
export type FromWorker =
  | { readonly id: number; readonly answer: Answer }
  | { readonly id: number; readonly progress: { readonly done: number; readonly of: number; readonly what: string } }
