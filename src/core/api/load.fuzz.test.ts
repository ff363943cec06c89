import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { documents, mutatedFiles, mutations } from '../testing/nonsense.ts'
import { load } from './load.ts'
import { checkMeaning } from './meaning.ts'

describe('nothing throws', () => {
  test('whatever stands in the documents', () => {
    fc.assert(
      fc.property(mutations, fc.boolean(), (changes, bare) => {
        const files = mutatedFiles(changes)
        const { cluster, diagnostics } = load(files, { bare })
        checkMeaning(cluster)
        for (const { range } of diagnostics) {
          expect(range.start).toBeGreaterThanOrEqual(0)
          expect(range.end).toBeGreaterThanOrEqual(range.start)
          expect(range.end).toBeLessThanOrEqual(files[0]?.text.length ?? 0)
        }
      }),
      { seed: 20_260_101, numRuns: Number(process.env['FUZZ_RUNS'] ?? 150) },
    )
  }, 300_000)

  test('whatever text it is', () => {
    const piece = fc.constantFrom(
      'a',
      ': ',
      '- ',
      '\n',
      '  ',
      '"',
      "'",
      '[',
      ']',
      '{',
      '}',
      '&x ',
      '*x',
      '|',
      '>',
      '#',
      '---\n',
      '\t',
      '!!int ',
      '? ',
      '<<: ',
      ',',
      '0x1',
      'kind: Service\n',
      'apiVersion: v1\n',
      'metadata: {name: a}\n',
      '\r\n',
      '%',
      '@',
      '`',
      '\u0000',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        load([{ name: 'f', text: pieces.join('') }], { bare: true })
      }),
      { seed: 20_260_101, numRuns: Number(process.env['FUZZ_RUNS'] ?? 500) },
    )
  }, 300_000)
})

test('the order of documents changes nothing', () => {
  const good = documents.filter((document) => (document as { kind: string }).kind !== 'Scenario')
  const print = (list: readonly unknown[]) => {
    const { cluster } = load([{ name: 'f', text: list.map((document) => JSON.stringify(document)).join('\n---\n') }], { bare: false })
    return [...cluster.byKind].map(([kind, objects]) => [kind, [...objects].sort(([a], [b]) => (a < b ? -1 : 1))]).sort()
  }
  const expected = print(good)
  fc.assert(
    fc.property(fc.shuffledSubarray([...good], { minLength: good.length }), (shuffled) => {
      expect(print(shuffled)).toEqual(expected)
    }),
    { seed: 20_260_101, numRuns: 25 },
  )
})
