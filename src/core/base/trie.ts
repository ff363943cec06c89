/**
 * An immutable map from texts to values that shares almost everything with the map it was made from (a hash array mapped trie): setting
 * one of a million entries copies a few short arrays. For tables that grow by one entry a packet.
 */
export type Trie<V> = { readonly size: number; readonly root: Branch<V> | undefined }

type Leaf<V> = { readonly hash: number; readonly entries: readonly (readonly [string, V])[] }
type Branch<V> = { readonly bitmap: number; readonly slots: readonly (Branch<V> | Leaf<V>)[] }

/** The map without entries. */
export const emptyTrie: Trie<never> = { size: 0, root: undefined }

/** The value under a key. */
export function trieGet<V>(trie: Trie<V>, key: string): V | undefined {
  const hash = hashOf(key)
  let node: Branch<V> | Leaf<V> | undefined = trie.root
  for (let shift = 0; node; shift += 5) {
    if ('entries' in node) return node.hash === hash ? node.entries.find((entry) => entry[0] === key)?.[1] : undefined
    const bit = bitOf(hash, shift)
    if ((node.bitmap & bit) === 0) return undefined
    node = node.slots[popcount(node.bitmap & (bit - 1))]
  }
  return undefined
}

/** The map with a key's value set. */
export function trieSet<V>(trie: Trie<V>, key: string, value: V): Trie<V> {
  const leaf: Leaf<V> = { hash: hashOf(key), entries: [[key, value]] }
  const root = trie.root ?? { bitmap: 0, slots: [] }
  const grown = { by: 0 }
  return { root: setIn(root, leaf, 0, grown), size: trie.size + grown.by }
}

/** The map without a key. */
export function trieDelete<V>(trie: Trie<V>, key: string): Trie<V> {
  if (!trie.root || trieGet(trie, key) === undefined) return trie
  const root = deleteIn(trie.root, key, hashOf(key), 0)
  return { root: root && 'bitmap' in root ? root : undefined, size: trie.size - 1 }
}

/** Every entry, in an order that depends on the keys only. */
export function* trieEntries<V>(trie: Trie<V>): Generator<readonly [string, V]> {
  if (trie.root) yield* entriesIn(trie.root)
}

function* entriesIn<V>(node: Branch<V> | Leaf<V>): Generator<readonly [string, V]> {
  if ('entries' in node) yield* node.entries
  else for (const slot of node.slots) yield* entriesIn(slot)
}

function setIn<V>(branch: Branch<V>, leaf: Leaf<V>, shift: number, grown: { by: number }): Branch<V> {
  const bit = bitOf(leaf.hash, shift)
  const place = popcount(branch.bitmap & (bit - 1))
  if ((branch.bitmap & bit) === 0) {
    grown.by = 1
    return { bitmap: branch.bitmap | bit, slots: branch.slots.toSpliced(place, 0, leaf) }
  }
  const there = branch.slots[place]!
  return { bitmap: branch.bitmap, slots: branch.slots.with(place, mergeInto(there, leaf, shift + 5, grown)) }
}

function mergeInto<V>(there: Branch<V> | Leaf<V>, leaf: Leaf<V>, shift: number, grown: { by: number }): Branch<V> | Leaf<V> {
  if (!('entries' in there)) return setIn(there, leaf, shift, grown)
  if (there.hash === leaf.hash) {
    const others = there.entries.filter((entry) => entry[0] !== leaf.entries[0]![0])
    grown.by = others.length === there.entries.length ? 1 : 0
    return { hash: leaf.hash, entries: [...others, ...leaf.entries] }
  }
  const bit = bitOf(there.hash, shift)
  return setIn({ bitmap: bit, slots: [there] }, leaf, shift, grown)
}

function deleteIn<V>(node: Branch<V> | Leaf<V>, key: string, hash: number, shift: number): Branch<V> | Leaf<V> | undefined {
  if ('entries' in node) {
    const entries = node.entries.filter((entry) => entry[0] !== key)
    return entries.length === 0 ? undefined : { hash: node.hash, entries }
  }
  const bit = bitOf(hash, shift)
  const place = popcount(node.bitmap & (bit - 1))
  const left = deleteIn(node.slots[place]!, key, hash, shift + 5)
  if (left) return { bitmap: node.bitmap, slots: node.slots.with(place, left) }
  const slots = node.slots.toSpliced(place, 1)
  return slots.length === 0 ? undefined : { bitmap: node.bitmap & ~bit, slots }
}

/** FNV-1a over UTF-16 units with murmur3's finaliser; no need for it to be anybody else's hash. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return hash ^ (hash >>> 13)
}

function bitOf(hash: number, shift: number): number {
  return 1 << ((hash >>> shift) & 31)
}

function popcount(bits: number): number {
  let n = bits - ((bits >>> 1) & 0x55555555)
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333)
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
