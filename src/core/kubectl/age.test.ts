import { expect, test } from 'vitest'
import { millisOf, rfc3339 } from '../base/time.ts'
import { humanDuration, printRfc1123 } from './age.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

test.each([
  [-2 * second, '<invalid>'],
  [-1 * second, '0s'],
  [0, '0s'],
  [119 * second, '119s'],
  [2 * minute, '2m'],
  [2 * minute + second, '2m1s'],
  [9 * minute + 59 * second, '9m59s'],
  [10 * minute + 59 * second, '10m'],
  [179 * minute, '179m'],
  [3 * hour, '3h'],
  [3 * hour + minute, '3h1m'],
  [8 * hour + minute, '8h'],
  [47 * hour, '47h'],
  [2 * day, '2d'],
  [2 * day + hour, '2d1h'],
  [8 * day + hour, '8d'],
  [729 * day, '729d'],
  [730 * day, '2y'],
  [731 * day, '2y1d'],
  [8 * 365 * day + day, '8y'],
])('%d ms is %s', (milliseconds, text) => expect(humanDuration(milliseconds)).toBe(text))

test.each([
  ['2026-01-01T00:00:00Z', 0],
  ['2026-11-22T07:18:17Z', 28106297000],
  ['1970-01-01T00:00:00Z', -1767225600000],
  ['2024-02-29T12:00:00+02:00', -58024800000],
])('%s', (text, at) => {
  expect(millisOf(text)).toBe(at)
  if (text.endsWith('Z')) expect(rfc3339(at)).toBe(text)
})

test('no time', () => expect(millisOf('yesterday')).toBeUndefined())

test('RFC 1123 with a zone', () => expect(printRfc1123('2026-11-22T07:18:17Z')).toBe('Sun, 22 Nov 2026 07:18:17 +0000'))
