import { expect, test } from 'vitest'
import { millisOf, rfc3339 } from './time.ts'

test.each([
  [0, '2026-01-01T00:00:00Z'],
  [1000, '2026-01-01T00:00:01Z'],
  [1999, '2026-01-01T00:00:01Z'],
  [-1000, '2025-12-31T23:59:59Z'],
  [59 * 86_400_000, '2026-03-01T00:00:00Z'],
  [(365 * 2 + 59) * 86_400_000 + 3_661_000, '2028-02-29T01:01:01Z'],
])('%d ms is %s', (ms, text) => {
  expect(rfc3339(ms)).toBe(text)
  expect(millisOf(text)).toBe(Math.floor(ms / 1000) * 1000)
})

test.each([
  ['2026-01-01T01:00:00+01:00', 0],
  ['2026-01-01T00:00:00.25Z', 250],
  ['yesterday', undefined],
  [undefined, undefined],
])('%s is %s ms', (text, ms) => expect(millisOf(text)).toBe(ms))
