import type { ObjectKey } from '../core/api/meta.ts'
import type { ModeId } from '../core/kernel/program.ts'
import type { RequestSpec, Snapshot } from '../core/sim/session.ts'
import type { LineSource, WrittenLine } from '../core/sim/writtenby.ts'
import type { Diagnostic, SourceFile, SourceRange } from '../core/source/diagnostic.ts'
import type { RequestTrace } from '../core/trace/trace.ts'
import type { Language, Messages } from '../text/messages.ts'

export type Theme = 'light' | 'dark' | 'projector'
export type DrawerTab = 'rules' | 'slices' | 'events' | 'compare' | 'profiles' | 'convert' | 'history'

/** What was sent once, and everything needed to look at it again later: the world it was sent in included. */
export type Run = {
  readonly id: number
  readonly request: RequestSpec
  readonly traces: readonly RequestTrace[]
  /** Of very many requests: how many came to each outcome. `traces` holds one of each. */
  readonly counts?: Readonly<Record<string, number>>
  /** Where origins lie in the YAML, by `originKey`. */
  readonly ranges: Readonly<Record<string, SourceRange>>
  readonly snapshot: Snapshot
  readonly mode: ModeId
  readonly seed: number
}

/** A message to the person: `alert` interrupts, `status` does not. */
export type Notice = { readonly id: number; readonly role: 'status' | 'alert'; readonly text: (messages: Messages) => string }

/** Asks the editor to show a range; `count` makes the same range askable twice. */
export type Reveal = { readonly range: SourceRange; readonly count: number }

/** One step back or forward in what was typed. */
export type Edit = { readonly files: readonly SourceFile[] }

/** How the page was opened: the URL's knobs that never change while it is open. */
export type Knobs = {
  readonly bare: boolean
  readonly embed: boolean
  /** Time passes only when told so by `window.kubehop`. */
  readonly manualClock: boolean
  /** The URL says `motion=off`. */
  readonly motionOff: boolean
  /** The event to show first. */
  readonly at?: number
}

/** Everything that can change on the page. What follows from it is in `select.ts`. */
export type WorkbenchState = {
  readonly knobs: Knobs
  /** The scenes there are, once the gallery has come. */
  readonly gallery: readonly { readonly name: string; readonly group: string; readonly title: Readonly<Record<string, string>> }[]
  // Input
  readonly scene: string
  readonly files: readonly SourceFile[]
  /** The scene's own text, for Reset. */
  readonly pristine: readonly SourceFile[]
  readonly undo: readonly Edit[]
  readonly redo: readonly Edit[]
  /** Counts every change of what the worker must know. */
  readonly revision: number
  /** What the person chose; without a choice the YAML's own mode holds. */
  readonly chosenMode: ModeId | undefined
  readonly seed: number
  readonly request: RequestSpec
  /** Cookies that the client holds, by host. */
  readonly cookies: Readonly<Record<string, Readonly<Record<string, string>>>>
  // Settings
  readonly language: Language
  readonly messages: Messages
  readonly theme: Theme
  readonly present: boolean
  readonly reducedMotion: boolean
  // The worker's answers
  /** False while an edit or a request is on its way through the worker. */
  readonly settled: boolean
  readonly progress: { readonly done: number; readonly of: number } | undefined
  /** Very many requests are being sent; `stopped`: a person has had enough. */
  readonly sending?: { readonly done: number; readonly of: number; readonly stopped?: true } | undefined
  readonly diagnostics: readonly Diagnostic[]
  /** What is drawn: the live cluster, or the one of a run from the history. */
  readonly snapshot: Snapshot | undefined
  readonly live: Snapshot | undefined
  /** The text does not load: what is drawn is older than what is typed. */
  readonly stale: boolean
  readonly run: Run | undefined
  /** Which of the run's traces (count > 1) is shown. */
  readonly shown: number
  readonly history: readonly Run[]
  /** The run before the last edit, drawn as a dotted ghost until dismissed. */
  readonly ghost: Run | undefined
  /** Printed rules by `rulesKey(node, mode)`; emptied whenever the world changes. */
  readonly rules: ReadonlyMap<string, readonly WrittenLine[]>
  /** Where the lines of `rules` come from, by the same key. */
  readonly ruleSources: ReadonlyMap<string, readonly LineSource[]>
  /** The same request under the three modes. */
  readonly compared: ReadonlyMap<ModeId, RequestTrace> | undefined
  readonly crash: string | undefined
  // Playback
  /** Events done: 0 before the first, the trace's length at the verdict. */
  readonly index: number
  /** How far the event after `index` has come, 0 to 1. Changes every frame: only moving things may read it. */
  readonly fraction: number
  readonly playing: boolean
  readonly speed: number
  // Looking
  readonly selected: ObjectKey | undefined
  /** Where the caret stands in the text: the stage lights what is written there. */
  readonly caret?: { readonly file: string; readonly offset: number }
  readonly reveal: Reveal | undefined
  readonly drawer: DrawerTab
  /** The list of problems under the text: open unless a person closed it. */
  readonly problemsOpen: boolean
  readonly side: 'path' | 'lesson'
  /** The node whose rules the drawer shows; without one, the node where the current event is. */
  readonly rulesNode: string | undefined
  readonly helpOpen: boolean
  /** Counts the wishes to fit the stage into view (key F). */
  readonly fitCount: number
  readonly notices: readonly Notice[]
}

/** Playback speeds that are offered, as factors. */
export const SPEEDS: readonly number[] = [0.25, 0.5, 1, 2, 4]

/** The key of a node's printed rules. */
export function rulesKey(node: string, mode: ModeId): string {
  return `${node}\u0000${mode}`
}
