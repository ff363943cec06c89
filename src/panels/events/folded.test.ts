import { expect, test } from 'vitest'
import { folded } from './folded.ts'

const keep = (...texts: readonly string[]) => texts.map((text) => ({ op: ' ', text }) as const)

test('what did not change is left out, but for what stands around a change', () => {
  const lines = [...keep('a', 'b', 'c', 'd', 'e'), { op: '+', text: 'x' } as const, ...keep('f', 'g', 'h', 'i', 'j')]
  expect(folded(lines).map(({ op, text }) => (op === '…' ? op : text))).toEqual(['…', 'c', 'd', 'e', 'x', 'f', 'g', 'h', '…'])
  expect(folded([{ op: '+', text: 'x' }])).toEqual([{ op: '+', text: 'x' }])
})
