import type { ModeId } from '../../core/kernel/program.ts'
import type { Place, RequestTrace } from '../../core/trace/trace.ts'
import { eventsIn, type TraceEvent } from '../../store/playback.ts'

/** One place that the request passes, in at least one of the modes, with what happens there in each. */
export type Station = {
  readonly key: string
  readonly place: Place
  readonly reply: boolean
  readonly events: ReadonlyMap<ModeId, readonly TraceEvent[]>
}

type Stay = { readonly key: string; readonly place: Place; readonly reply: boolean; readonly events: readonly TraceEvent[] }

/** The stations of one request under several modes, aligned: the same visit of the same place stands in one row. */
export function stationsOf(traces: ReadonlyMap<ModeId, RequestTrace>): readonly Station[] {
  const lanes = [...traces].map(([mode, trace]) => ({ mode, stays: staysOf(trace) }))
  const inOrder = (reply: boolean) =>
    lanes.reduce<readonly Stay[]>(
      (order, { stays }) =>
        merged(
          order,
          stays.filter((stay) => stay.reply === reply),
        ),
      [],
    )
  return [...inOrder(false), ...inOrder(true)].map(({ key, place, reply }) => ({
    key,
    place,
    reply,
    events: new Map(
      lanes.flatMap(({ mode, stays }) => {
        const stay = stays.find((one) => one.key === key)
        return stay ? [[mode, stay.events] as const] : []
      }),
    ),
  }))
}

/** A trace's hops; a place that is visited again is another stay. */
function staysOf(trace: RequestTrace): readonly Stay[] {
  const visits = new Map<string, number>()
  const stays: { key: string; hop: number; place: Place; reply: boolean; events: TraceEvent[] }[] = []
  for (const event of eventsIn(trace)) {
    const last = stays.at(-1)
    if (last && last.hop === event.hop) {
      last.events.push(event)
      continue
    }
    const where = `${event.reply ? 'reply' : 'request'} ${event.place.at} ${event.place.name}`
    const visit = (visits.get(where) ?? 0) + 1
    visits.set(where, visit)
    stays.push({ key: `${where} ${visit}`, hop: event.hop, place: event.place, reply: event.reply, events: [event] })
  }
  return stays
}

/** Both lists in one order: what only the second has comes after what stands before it there. */
function merged(first: readonly Stay[], second: readonly Stay[]): readonly Stay[] {
  const out = [...first]
  let at = -1
  for (const stay of second) {
    const known = out.findIndex(({ key }) => key === stay.key)
    if (known >= 0) at = known
    else {
      at += 1
      out.splice(at, 0, stay)
    }
  }
  return out
}

export type Difference = {
  readonly what: 'verdict' | 'backend' | 'source' | 'rules'
  readonly values: ReadonlyMap<ModeId, string>
  readonly same: boolean
}

/** What the modes do alike and what they do not. `rules` are matched and missed, as a pair of numbers. */
export function differencesOf(traces: ReadonlyMap<ModeId, RequestTrace>): readonly Difference[] {
  const by = (what: Difference['what'], of: (trace: RequestTrace) => string): Difference => {
    const values = new Map([...traces].map(([mode, trace]) => [mode, of(trace)]))
    return { what, values, same: new Set(values.values()).size === 1 }
  }
  return [
    by('verdict', ({ verdict }) => verdict.code),
    by('backend', ({ backend }) => (backend ? (backend.pod ?? backend.ip) : '')),
    by('source', ({ seenSource }) => seenSource ?? ''),
    by('rules', (trace) => rulesIn(trace).join(' ')),
  ]
}

/** How many rules a request matched, and how many were tried in vain. */
export function rulesIn(trace: RequestTrace): readonly [matched: number, missed: number] {
  const rules = eventsIn(trace).flatMap(({ step }) => (step.step === 'rule' ? [step] : []))
  return [rules.length, rules.reduce((sum, { missed }) => sum + missed.to - missed.from, 0)]
}
