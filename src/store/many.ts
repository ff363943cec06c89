import type { Answer, RequestSpec } from '../core/sim/session.ts'
import type { Ask } from './world.ts'

/** More requests than this are counted, and one of each outcome is kept. */
export const MANY = 1000

/** How long the worker should be busy before it listens again. */
const SLICE_MILLIS = 120

type Tally = Extract<Answer, { answer: 'tally' }>

/**
 * Sends very many requests, a slice at a time, so that others are answered in between and a person may stop it: then what was sent
 * counts. Gives whatever the worker said instead where something went wrong.
 */
export async function sendMany(
  ask: Ask,
  request: RequestSpec,
  isStopped: () => boolean,
  tell: (progress: { readonly done: number; readonly of: number }) => void,
): Promise<Answer> {
  const of = request.count ?? 1
  const counts: Record<string, number> = {}
  let sum: Tally = { answer: 'tally', traces: [], ranges: {}, counts, cookies: request.cookies ?? {} }
  for (let done = 0, size = 50; done < of && !isStopped(); ) {
    tell({ done, of })
    const from = performance.now()
    const count = Math.min(size, of - done)
    const slice = { ...request, count, cookies: sum.cookies }
    const answer = await ask({ ask: 'tally', request: slice, all: done === 0, known: Object.keys(counts) })
    if (answer.answer !== 'tally' || answer.error !== undefined) return answer
    for (const [outcome, more] of Object.entries(answer.counts)) counts[outcome] = (counts[outcome] ?? 0) + more
    sum = { ...answer, counts, traces: [...sum.traces, ...answer.traces], ranges: { ...sum.ranges, ...answer.ranges } }
    done += count
    size = Math.max(10, Math.min(1000, Math.round((count * SLICE_MILLIS) / Math.max(1, performance.now() - from))))
  }
  return sum
}

/** How many requests a tally has counted. */
export function countedIn(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}
