import { mixed32 } from './hash.ts'

/**
 * All the chance there is: a number in [0, 1) that depends only on the seed and on what is being decided, never on how often or in
 * which order one asked.
 */
export function draw(seed: number, ...key: readonly (string | number)[]): number {
  return mixed32(`${seed}\u0000${key.join('\u0000')}`) / 0x1_0000_0000
}
