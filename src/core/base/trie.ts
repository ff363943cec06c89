/** How keys are told apart: a 32-bit hash that spreads well, and whether two are the same. */
export type Keying<K> = { readonly hash: (key: K) => number; readonly same: (a: K, b: K) => boolean }

/**
 * An immutable map that shares almost everything with the map it was made from (a hash array mapped trie): setting one of a million
 * entries copies a few short arrays. For tables that grow by one entry a packet.
 */
export type Trie<V, K = string> = { readonly keying: Keying<K>; readonly size: number; readonly root: Branch<V, K> | undefined }

/** An entry; `next` is another one whose key has the same hash. */
type Leaf<V, K> = { readonly hash: number; readonly key: K; readonly value: V; readonly next: Leaf<V, K> | undefined }
/** `maker`: the change that made it, and may still write to it. */
type Branch<V, K> = { bitmap: number; slots: (Branch<V, K> | Leaf<V, K>)[]; readonly maker: object | undefined }

/** A map without entries whose keys are told apart in this way. */
export function trieOf<K>(keying: Keying<K>): Trie<never, K> {
  return { keying, size: 0, root: undefined }
}

/** The map from texts without entries. */
export const emptyTrie: Trie<never> = trieOf({ hash: hashOf, same: (a, b) => a === b })

/** The value under a key. */
export function trieGet<V, K = string>(trie: Trie<V, K>, key: K): V | undefined {
  const { hash: hashOfKey, same } = trie.keying
  const hash = hashOfKey(key)
  let node: Branch<V, K> | Leaf<V, K> | undefined = trie.root
  for (let shift = 0; node; shift += 5) {
    if ('hash' in node) {
      if (node.hash !== hash) return undefined
      for (let leaf: Leaf<V, K> | undefined = node; leaf; leaf = leaf.next) if (same(leaf.key, key)) return leaf.value
      return undefined
    }
    const bit = bitOf(hash, shift)
    if ((node.bitmap & bit) === 0) return undefined
    node = node.slots[popcount(node.bitmap & (bit - 1))]
  }
  return undefined
}

/** The map with a key's value set. */
export function trieSet<V, K = string>(trie: Trie<V, K>, key: K, value: V): Trie<V, K> {
  const leaf = { hash: trie.keying.hash(key), key, value, next: undefined }
  if (!trie.root) return { keying: trie.keying, size: 1, root: { bitmap: bitOf(leaf.hash, 0), slots: [leaf], maker: undefined } }
  const growth: Growth<K> = { same: trie.keying.same, by: 0, maker: undefined }
  const root = setIn(trie.root, leaf, 0, growth)
  return { keying: trie.keying, size: trie.size + growth.by, root }
}

/** The map with many keys' values set, the last one's where a key comes twice: what they share is copied once. */
export function trieSetAll<V, K = string>(trie: Trie<V, K>, entries: Iterable<readonly [K, V]>): Trie<V, K> {
  const growth: Growth<K> = { same: trie.keying.same, by: 0, maker: {} }
  let root = trie.root ?? { bitmap: 0, slots: [], maker: growth.maker }
  for (const [key, value] of entries) root = setIn(root, { hash: trie.keying.hash(key), key, value, next: undefined }, 0, growth)
  return { keying: trie.keying, root, size: trie.size + growth.by }
}

/**
 * What a change has made so far. Of many entries: branches of its own may be written to, as nobody else has seen them; one entry meets each
 * branch once.
 */
type Growth<K> = { readonly same: Keying<K>['same']; by: number; readonly maker: object | undefined }

/** The map without a key. */
export function trieDelete<V, K = string>(trie: Trie<V, K>, key: K): Trie<V, K> {
  const { keying } = trie
  if (!trie.root || trieGet(trie, key) === undefined) return trie
  const root = deleteIn(trie.root, (other) => keying.same(other, key), keying.hash(key), 0)
  return { keying, root: root && 'bitmap' in root ? root : undefined, size: trie.size - 1 }
}

/** The keys of one map that another, made from it, has no more; what they share is not gone through. */
export function trieLost<V, K = string>(before: Trie<V, K>, after: Trie<V, K>): readonly K[] {
  const lost: K[] = []
  const look = (old: Branch<V, K> | Leaf<V, K>, now: Branch<V, K> | Leaf<V, K> | undefined) => {
    if (old === now) return
    if ('slots' in old && now && 'slots' in now) {
      for (let place = 0, bits = old.bitmap; bits !== 0; place++, bits &= bits - 1) {
        const bit = bits & -bits
        look(old.slots[place]!, (now.bitmap & bit) === 0 ? undefined : now.slots[popcount(now.bitmap & (bit - 1))])
      }
    } else for (const [key] of entriesIn(old)) if (trieGet(after, key) === undefined) lost.push(key)
  }
  if (before.root) look(before.root, after.root)
  return lost
}

/** Every entry, in an order that depends on the keys only. */
export function* trieEntries<V, K = string>(trie: Trie<V, K>): Generator<readonly [K, V]> {
  if (trie.root) yield* entriesIn(trie.root)
}

function* entriesIn<V, K>(node: Branch<V, K> | Leaf<V, K>): Generator<readonly [K, V]> {
  if ('slots' in node) for (const slot of node.slots) yield* entriesIn(slot)
  else for (let leaf: Leaf<V, K> | undefined = node; leaf; leaf = leaf.next) yield [leaf.key, leaf.value]
}

function setIn<V, K>(branch: Branch<V, K>, leaf: Leaf<V, K>, shift: number, growth: Growth<K>): Branch<V, K> {
  const bit = bitOf(leaf.hash, shift)
  const place = popcount(branch.bitmap & (bit - 1))
  const own = ownOf(branch, growth)
  const there = own.slots[place]
  if ((branch.bitmap & bit) === 0) {
    growth.by += 1
    own.bitmap |= bit
    own.slots.splice(place, 0, leaf)
  } else if (there) own.slots[place] = mergeInto(there, leaf, shift + 5, growth)
  return own
}

function ownOf<V, K>(branch: Branch<V, K>, { maker }: Growth<K>): Branch<V, K> {
  return maker !== undefined && branch.maker === maker ? branch : { bitmap: branch.bitmap, slots: branch.slots.slice(), maker }
}

function mergeInto<V, K>(there: Branch<V, K> | Leaf<V, K>, leaf: Leaf<V, K>, shift: number, growth: Growth<K>): Branch<V, K> | Leaf<V, K> {
  if ('slots' in there) return setIn(there, leaf, shift, growth)
  if (there.hash === leaf.hash) {
    const others = withoutKey(there, (key) => growth.same(key, leaf.key))
    growth.by += lengthOf(others) === lengthOf(there) ? 1 : 0
    return { hash: leaf.hash, key: leaf.key, value: leaf.value, next: others }
  }
  return setIn({ bitmap: bitOf(there.hash, shift), slots: [there], maker: growth.maker }, leaf, shift, growth)
}

function withoutKey<V, K>(leaf: Leaf<V, K>, isKey: (key: K) => boolean): Leaf<V, K> | undefined {
  const next = leaf.next && withoutKey(leaf.next, isKey)
  return isKey(leaf.key) ? next : { hash: leaf.hash, key: leaf.key, value: leaf.value, next }
}

function lengthOf<V, K>(leaf: Leaf<V, K> | undefined): number {
  return leaf ? 1 + lengthOf(leaf.next) : 0
}

function deleteIn<V, K>(
  node: Branch<V, K> | Leaf<V, K>,
  isKey: (key: K) => boolean,
  hash: number,
  shift: number,
): Branch<V, K> | Leaf<V, K> | undefined {
  if ('hash' in node) return withoutKey(node, isKey)
  const bit = bitOf(hash, shift)
  const place = popcount(node.bitmap & (bit - 1))
  const left = deleteIn(node.slots[place]!, isKey, hash, shift + 5)
  if (left) return { bitmap: node.bitmap, slots: node.slots.with(place, left), maker: undefined }
  const slots = node.slots.toSpliced(place, 1)
  return slots.length === 0 ? undefined : { bitmap: node.bitmap & ~bit, slots, maker: undefined }
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
