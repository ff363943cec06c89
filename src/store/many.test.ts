import { expect, test } from 'vitest'
import type { Answer, Question } from '../core/sim/session.ts'
import { countedIn, sendMany } from './many.ts'

/** A worker that answers every tally with one outcome. */
function worker() {
  const asked: Extract<Question, { ask: 'tally' }>[] = []
  const ask = async (question: Question): Promise<Answer> => {
    if (question.ask !== 'tally') throw new Error(question.ask)
    asked.push(question)
    const count = question.request.count ?? 1
    return { answer: 'tally', traces: [], ranges: {}, counts: { DELIVERED: count }, cookies: { n: String(asked.length) } }
  }
  return { asked, ask }
}
const request = { from: 'outside', to: 'a:1', count: 10_000 }

test('all are sent, in slices that hand the cookies on; only the first goes every way', async () => {
  const { asked, ask } = worker()
  const told: number[] = []
  const answer = await sendMany(
    ask,
    request,
    () => false,
    ({ done }) => told.push(done),
  )
  expect(answer.answer === 'tally' && countedIn(answer.counts)).toBe(10_000)
  expect(asked.length).toBeGreaterThan(5)
  expect(asked.map(({ all }) => all)).toEqual(asked.map((_, i) => i === 0))
  expect(asked[3]?.request.cookies).toEqual({ n: '3' })
  expect(told).toEqual([...told].sort((a, b) => a - b))
})

test('stopped, it gives what was sent', async () => {
  const { asked, ask } = worker()
  const answer = await sendMany(
    ask,
    request,
    () => asked.length === 3,
    () => undefined,
  )
  expect(asked).toHaveLength(3)
  expect(answer.answer === 'tally' && countedIn(answer.counts)).toBe(asked.reduce((sum, { request: { count = 0 } }) => sum + count, 0))
})

test('what goes wrong is given as it is', async () => {
  const crash: Answer = { answer: 'crash', message: 'm', stack: '' }
  expect(
    await sendMany(
      async () => crash,
      request,
      () => false,
      () => undefined,
    ),
  ).toBe(crash)
})
