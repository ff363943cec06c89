import type { ApiObject } from '../api/cluster.ts'
import type { ClusterSettings } from '../api/kinds/config.ts'
import { type ObjectKey, printPath } from '../api/meta.ts'
import type { ModeId, Origin } from '../kernel/program.ts'
import type { PrintedLine } from '../proxy/mode.ts'
import type { Diagnostic, SourceFile, SourceRange } from '../source/diagnostic.ts'
import type { RequestTrace } from '../trace/trace.ts'

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
}

/** One change of the control plane, with its cause: an entry of the event list. */
export type WorldEvent = {
  readonly at: number
  readonly component: string
  readonly op: 'create' | 'update' | 'delete' | 'sync' | 'warning'
  readonly object: ObjectKey
  readonly why: string
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
  | { readonly ask: 'rules'; readonly node: string; readonly mode: ModeId }
  /** A control-plane step in scenario words: `{ready: 'default/web-…', value: false}`, `{wait: '1s'}`, `{delete: 'Pod/default/…'}` … */
  | { readonly ask: 'act'; readonly step: Readonly<Record<string, unknown>> }
  /** What a node's kernel remembers: `conntrack -L`, and in ipvs mode `ipvsadm -Ln` and `-Lnc`. */
  | { readonly ask: 'conntrack'; readonly node: string }

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
  | { readonly answer: 'rules'; readonly lines: readonly PrintedLine[] }
  | { readonly answer: 'act'; readonly snapshot: Snapshot; readonly refused?: string }
  | { readonly answer: 'conntrack'; readonly lines: readonly string[] }
  | { readonly answer: 'crash'; readonly message: string; readonly stack: string }

/** Questions carry a number; the answer repeats it, so that a late answer to an earlier question is dropped. */
export type ToWorker = { readonly id: number; readonly question: Question }
export type FromWorker =
  | { readonly id: number; readonly answer: Answer }
  | { readonly id: number; readonly progress: { readonly done: number; readonly of: number; readonly what: string } }
