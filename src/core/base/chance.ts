import { fnv1a32 } from './hash.ts'

/**
 * All the chance there is: a number in [0, 1) that depends only on the seed and on what is being decided, never on how often or in
 * which order one asked.
 */
export function draw(seed: number, ...key: readonly (string | number)[]): number {
  let hash = fnv1a32(`${seed}\u0000${key.join('\u0000')}`)
  // murmur3's finaliser: FNV alone leaves neighbouring keys correlated.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000
}
