import { expect, test } from 'vitest'
import { lineDiff } from './linediff.ts'

const shown = (before: string, after: string) =>
  lineDiff(before.split(' '), after.split(' '))
    .map(({ op, text }) => `${op === ' ' ? '=' : op}${text}`)
    .join(' ')

test.each([
  ['a b c', 'a b c', '=a =b =c'],
  ['a b c', 'a x c', '=a -b +x =c'],
  ['a c', 'a b c', '=a +b =c'],
  ['a b b c', 'a b c', '=a =b -b =c'],
  ['a b c d e', 'b x d', '-a =b -c +x =d -e'],
])('%s → %s', (before, after, expected) => {
  expect(shown(before, after)).toBe(expected)
})
