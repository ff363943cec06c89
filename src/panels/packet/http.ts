import type { Step } from '../../core/trace/trace.ts'
import type { TraceEvent } from '../../store/playback.ts'

export type HttpStep = Extract<Step, { step: 'http' }>
export type MatchStep = Extract<Step, { step: 'match' }>

/** One HTTP message at a place, and the same message as it was before this place touched it. */
export type HttpView = { readonly message: HttpStep; readonly before?: HttpStep }

/**
 * The HTTP message of the current stay: with two of them the second is what the proxy made of the first; an answer is compared with the
 * one before. Back at the client the answer that arrived is shown.
 */
export function httpViewOf(events: readonly TraceEvent[], index: number): HttpView | undefined {
  const here = events[index - 1]
  if (!here) return undefined
  const seen = events.slice(0, index)
  const own = seen.flatMap(({ hop, step }) => (hop === here.hop && step.step === 'http' ? [step] : []))
  const message = own.at(-1)
  if (!message) return isHome(events, here) ? answerIn(seen) : undefined
  const earlier =
    message.message === 'request' ? own.slice(0, -1) : seen.flatMap(({ step }) => (step.step === 'http' ? [step] : [])).slice(0, -1)
  const before = earlier.findLast((step) => step.message === message.message)
  return { message, ...(before && { before }) }
}

/** Whether an event is of the last place of all: there the request is looked at as a whole. */
function isHome(events: readonly TraceEvent[], { hop }: TraceEvent): boolean {
  return hop === events.at(-1)?.hop
}

function answerIn(seen: readonly TraceEvent[]): HttpView | undefined {
  const step = seen.findLast(({ step: one }) => one.step === 'http' && one.message === 'response')?.step
  return step?.step === 'http' ? { message: step } : undefined
}

/** The routing decision of the current stay; at the end of all, the last one. */
export function matchOf(events: readonly TraceEvent[], index: number): MatchStep | undefined {
  const here = events[index - 1]
  const step = events
    .slice(0, index)
    .findLast(({ hop, step: one }) => (hop === here?.hop || (here && isHome(events, here))) && one.step === 'match')?.step
  return step?.step === 'match' ? step : undefined
}

export type HeaderRow = {
  readonly name: string
  readonly value: string
  readonly change: 'none' | 'added' | 'removed' | 'changed'
  readonly was?: string
}

/** Headers with what happened to them; names compare without regard to case. */
export function headerRows({ message, before }: HttpView): readonly HeaderRow[] {
  const old = new Map(Object.entries(before?.headers ?? {}).map(([name, value]) => [name.toLowerCase(), { name, value }]))
  // Host stands above the headers, with the method and the path.
  const told = Object.entries(message.headers).filter(([name]) => name.toLowerCase() !== 'host')
  const rows = told.map(([name, value]): HeaderRow => {
    const was = old.get(name.toLowerCase())
    if (!before || was?.value === value) return { name, value, change: 'none' }
    return was ? { name, value, change: 'changed', was: was.value } : { name, value, change: 'added' }
  })
  const now = new Set(rows.map(({ name }) => name.toLowerCase()))
  const removed = [...old]
    .filter(([key]) => key !== 'host' && !now.has(key))
    .map(([, { name, value }]): HeaderRow => ({ name, value, change: 'removed' }))
  return [...rows, ...removed]
}
