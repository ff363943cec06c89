import { expect, test } from 'vitest'
import type { Step } from '../../core/trace/trace.ts'
import { headerRows, httpViewOf, matchOf } from './http.ts'

const request = (headers: Record<string, string>): Step => ({
  step: 'http',
  message: 'request',
  method: 'GET',
  path: '/',
  host: 'a',
  headers,
})
const response = (status: number): Step => ({ step: 'http', message: 'response', status, headers: {} })
const at = (hop: number, step: Step, reply = false) => ({ hop, step, reply, place: { at: 'pod', name: 'default/x' } as const })
const events = [
  at(0, request({ accept: '*/*', 'X-Old': '1' })),
  at(0, { step: 'match', by: 'nginx', candidates: [] }),
  at(0, request({ Accept: '*/*', 'x-real-ip': '10.0.0.1' })),
  at(1, request({ Accept: '*/*', 'x-real-ip': '10.0.0.1' })),
  at(2, response(200), true),
  at(3, response(503), true),
  at(4, { step: 'end', verdict: { code: 'HTTP_503', message: '', reason: '', params: {} } }, true),
]

test('what a proxy changed is marked, in any case of the names', () => {
  const view = httpViewOf(events, 3)
  expect(view && headerRows(view).map(({ name, change }) => `${name} ${change}`)).toEqual([
    'Accept none',
    'x-real-ip added',
    'X-Old removed',
  ])
})

test('a backend sees its request as it is; an answer is compared with the one before', () => {
  expect(httpViewOf(events, 4)?.before).toBeUndefined()
  expect(httpViewOf(events, 6)?.before?.status).toBe(200)
})

test('the decision stays in view at its place only', () => {
  expect(matchOf(events, 3)?.by).toBe('nginx')
  expect(matchOf(events, 4)).toBeUndefined()
  expect(httpViewOf(events, 0)).toBeUndefined()
})

test('at the end the answer and the decision are shown', () => {
  expect(httpViewOf(events, 7)?.message.status).toBe(503)
  expect(matchOf(events, 7)?.by).toBe('nginx')
})
