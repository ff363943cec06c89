import type { ModeId } from '../core/kernel/program.ts'
import type { Snapshot } from '../core/sim/session.ts'
import type { SourceFile, SourceRange } from '../core/source/diagnostic.ts'
import type { RequestTrace } from '../core/trace/trace.ts'
import { type AddressBook, addressBookOf } from '../view/address.ts'
import { eventsIn, type TraceEvent } from './playback.ts'
import { originsOf as makeOrigins, targetsOf } from './request.ts'
import { type RouteDiff, routeDiffOf } from './routediff.ts'
import type { WorkbenchState } from './state.ts'

/** Remembers the last answer, so that the same arguments give the same reference. */
function once<Args extends readonly unknown[], T>(compute: (...args: Args) => T): (...args: Args) => T {
  let last: { args: Args; answer: T } | undefined
  return (...args) => {
    if (!last || args.some((arg, i) => arg !== last?.args[i])) last = { args, answer: compute(...args) }
    return last.answer
  }
}

/** The trace that is shown; undefined before the first send. */
export const traceOf = (state: WorkbenchState): RequestTrace | undefined => state.run?.traces[state.shown]
/** The shown trace's events, numbered from 1 by their place in the list. */
export const shownEvents = (state: WorkbenchState): readonly TraceEvent[] => eventsIn(traceOf(state))
/** The event the cursor stands on; undefined at 0. */
export const currentEvent = (state: WorkbenchState): TraceEvent | undefined => shownEvents(state)[state.index - 1]
/** The event that is on its way while `fraction` runs. */
export const nextEvent = (state: WorkbenchState): TraceEvent | undefined => shownEvents(state)[state.index]

/** The mode in force: the person's choice, else what the YAML says. */
export const modeOf = (state: WorkbenchState): ModeId => state.chosenMode ?? state.live?.mode ?? 'iptables'

const diff = once(routeDiffOf)
/** What the last edit did to the request's way. */
export const routeDiff = (state: WorkbenchState): RouteDiff | undefined => diff(state.ghost, state.run)

/** Where the current event is, if that is a node, else the first node the trace touches, else the first node there is. */
export const rulesNodeOf = (state: WorkbenchState): string | undefined => {
  if (state.rulesNode !== undefined) return state.rulesNode
  const events = shownEvents(state)
  const upTo = events.slice(0, Math.max(1, state.index)).findLast((event) => event.place.at === 'node')
  const any = upTo ?? events.find((event) => event.place.at === 'node')
  return any?.place.name ?? state.snapshot?.objects.find((object) => object.kind === 'Node')?.metadata.name
}

const NO_BOOK: AddressBook = { ownerOf: () => ({ kind: 'external' }) }
const bookOf = (snapshot: Snapshot | undefined) => (snapshot ? addressBookOf(snapshot) : NO_BOOK)
/** Whose each address is, in the cluster that is drawn. */
export const addressesOf = (state: WorkbenchState): AddressBook => bookOf(state.snapshot)

const origins = once((snapshot: Snapshot | undefined) => (snapshot ? makeOrigins(snapshot) : []))
/** Where a request can start. */
export const originsOf = (state: WorkbenchState) => origins(state.live)
const suggestions = once((snapshot: Snapshot | undefined) => (snapshot ? targetsOf(snapshot) : []))
/** Where a request might go. */
export const suggestionsOf = (state: WorkbenchState) => suggestions(state.live)

const NO_FILES = new Map<string, string>()
const texts = once((files: readonly SourceFile[]) => (files.length ? new Map(files.map((file) => [file.name, file.text])) : NO_FILES))
/** Line (from 1) and column (from 1) of an offset in a file. */
export const placeIn = (state: WorkbenchState, range: SourceRange): { readonly line: number; readonly column: number } => {
  const before = (texts(state.files).get(range.file) ?? '').slice(0, range.start)
  return { line: before.split('\n').length, column: range.start - before.lastIndexOf('\n') }
}

const kinds = once((book: AddressBook) => (ip: string) => book.ownerOf(ip).kind)
/** What kind an address is of, for showing it. */
export const kindOfAddress = (state: WorkbenchState) => kinds(addressesOf(state))
