import { fnv1a32, mixed32 } from './hash.ts'

/**
 * All the chance there is: a number in [0, 1) that depends only on the seed and on what is being decided, never on how often or in
 * which order one asked.
 */
export function draw(seed: number, ...key: readonly (string | number)[]): number {
  return mixed32(`${seed}\u0000${key.join('\u0000')}`) / 0x1_0000_0000
}

/** `draw` for many things that share the beginning of their key, which is read once. */
export function drawing(seed: number, ...scope: readonly (string | number)[]): (key: string) => number {
  let text = `${seed}\u0000`
  for (const part of scope) text += `${part}\u0000`
  const before = fnv1a32(text)
  return (key) => mixed32(key, before) / 0x1_0000_0000
}
