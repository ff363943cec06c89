import type { ModeId } from '../core/kernel/program.ts'
import type { Snapshot } from '../core/sim/session.ts'
import type { RequestTrace } from '../core/trace/trace.ts'
import { type AddressBook, addressBookOf } from '../view/address.ts'
import { eventsIn, type TraceEvent } from './playback.ts'
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
