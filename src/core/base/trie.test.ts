import fc from 'fast-check'
import { expect, test } from 'vitest'
import { emptyTrie, type Trie, trieDelete, trieEntries, trieGet, trieLost, trieOf, trieSet } from './trie.ts'

test('does what Map does, and leaves earlier versions alone', () => {
  const change = fc.tuple(fc.constantFrom('set', 'delete'), fc.integer({ min: 0, max: 60 }), fc.nat())
  fc.assert(
    fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
      let trie: Trie<number> = emptyTrie
      const map = new Map<string, number>()
      const versions: { trie: Trie<number>; entries: [string, number][] }[] = []
      for (const [what, n, value] of changes) {
        const key = `k${n}`
        trie = what === 'set' ? trieSet(trie, key, value) : trieDelete(trie, key)
        if (what === 'set') map.set(key, value)
        else map.delete(key)
        versions.push({ trie, entries: [...map] })
      }
      for (const version of versions) {
        expect(version.trie.size).toBe(version.entries.length)
        expect(new Map(trieEntries(version.trie))).toEqual(new Map(version.entries))
        for (const [key, value] of version.entries) expect(trieGet(version.trie, key)).toBe(value)
        const gone = version.entries.map(([key]) => key).filter((key) => !map.has(key))
        expect([...trieLost(version.trie, trie)].sort()).toEqual(gone.sort())
      }
    }),
    { seed: 7, numRuns: 60 },
  )
})

test('a hundred thousand entries', () => {
  let trie: Trie<number> = emptyTrie
  for (let i = 0; i < 100_000; i++) trie = trieSet(trie, `TCP 10.244.${i >> 8}.${i & 255} 40000`, i)
  expect(trie.size).toBe(100_000)
  expect(trieGet(trie, 'TCP 10.244.300.7 40000')).toBe(300 * 256 + 7)
})

test('keys of one hash are told apart', () => {
  let trie: Trie<string, number> = trieOf({ hash: (key: number) => key % 2, same: (a: number, b: number) => a === b })
  for (const key of [1, 2, 3, 4, 5]) trie = trieSet(trie, key, `first ${key}`)
  trie = trieDelete(trieSet(trie, 3, 'second 3'), 1)
  expect(trie.size).toBe(4)
  expect([1, 2, 3, 4, 5].map((key) => trieGet(trie, key))).toEqual([undefined, 'first 2', 'second 3', 'first 4', 'first 5'])
  expect(new Map(trieEntries(trie)).size).toBe(4)
})
