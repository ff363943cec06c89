import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { printYaml } from './yaml.ts'

test('lists stand level with their key, keys are sorted', () =>
  expect(printYaml({ b: [{ z: 1, a: [1, [2, 3]] }, 'x'], a: {}, c: [] })).toBe(
    'a: {}\nb:\n- a:\n  - 1\n  - - 2\n    - 3\n  z: 1\n- x\nc: []\n',
  ))

test.each([
  ['true', '"true"'],
  ['y', '"y"'],
  ['80', '"80"'],
  ['0x1F', '"0x1F"'],
  ['1.5', '"1.5"'],
  ['1e3', '"1e3"'],
  ['10.0.0.1', '10.0.0.1'],
  ['12:30:45', '"12:30:45"'],
  ['2026-11-22T07:15:23Z', '"2026-11-22T07:15:23Z"'],
  ['', '""'],
  ['null', '"null"'],
  ['*.example.com', "'*.example.com'"],
  ['a: b', "'a: b'"],
  ["it's: x", "'it''s: x'"],
  ['a #b', "'a #b'"],
  ['- x', "'- x'"],
  ['-x', '-x'],
  ['{}', "'{}'"],
  ['a,b', 'a,b'],
  ['fd00::1', 'fd00::1'],
  ['2001:db8::', "'2001:db8::'"],
  ['tab\there', '"tab\\there"'],
  [' lead', "' lead'"],
  ['x'.repeat(90), 'x'.repeat(90)],
  ['two\nlines', '|-\n  two\n  lines'],
  ['two\nlines\n', '|\n  two\n  lines'],
])('%j', (value, text) => {
  expect(printYaml({ k: value })).toBe(`k: ${text}\n`)
  expect(parse(printYaml({ k: value }), { version: '1.1' })).toEqual({ k: value })
})

test('long lines fold at a blank after column 80', () => {
  const words = Array.from({ length: 30 }, (_, i) => `word${i}`).join(' ')
  const text = printYaml({ status: { message: words } })
  expect(text.split('\n').length).toBeGreaterThan(3)
  expect(parse(text)).toEqual({ status: { message: words } })
})

test('numbers inside keys sort by value', () => expect(printYaml({ a10: 1, a9: 2, 'a-1': 3 })).toBe('a-1: 3\na9: 2\na10: 1\n'))
