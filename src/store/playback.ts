import { eventsOf, type RequestTrace, type Step } from '../core/trace/trace.ts'

export type TraceEvent = ReturnType<typeof eventsOf>[number]

const NONE: readonly TraceEvent[] = []
const remembered = new WeakMap<RequestTrace, readonly TraceEvent[]>()

/** The events of a trace, made once for each. */
export function eventsIn(trace: RequestTrace | undefined): readonly TraceEvent[] {
  if (!trace) return NONE
  let events = remembered.get(trace)
  if (!events) {
    events = eventsOf(trace)
    remembered.set(trace, events)
  }
  return events
}

/** The number of the event `hops` places further on (negative: back): the first event of that hop, or the trace's ends. */
export function hopFrom(events: readonly TraceEvent[], index: number, hops: 1 | -1): number {
  const current = events[index - 1]?.hop ?? -1
  if (hops > 0) {
    const next = events.findIndex((event) => event.hop > current)
    return next < 0 ? events.length : next + 1
  }
  const first = events.findIndex((event) => event.hop === current)
  if (index > first + 1) return first + 1
  const before = events[first - 1]?.hop
  return before === undefined ? 0 : events.findIndex((event) => event.hop === before) + 1
}

/** The number of the next event that changes a header, or the last event. */
export function nextRewrite(events: readonly TraceEvent[], index: number): number {
  const next = events.findIndex((event, at) => at >= index && event.step.step === 'rewrite')
  return next < 0 ? events.length : next + 1
}

/** How long an event takes at speed 1, in milliseconds: a crossing is a hop, a rewrite a beat, a rule a glance. */
export function durationOf(event: TraceEvent | undefined): number {
  if (!event) return 450
  const base = baseDuration(event.step)
  return event.reply ? base * 0.6 : base
}

function baseDuration(step: Step): number {
  switch (step.step) {
    case 'exit':
    case 'send':
    case 'resolve':
    case 'match':
      return 450
    case 'rewrite':
    case 'choose':
      return 350
    case 'rule':
    case 'track':
    case 'route':
    case 'enter':
      return 250
    case 'receive':
    case 'http':
    case 'end':
      return 300
  }
}
