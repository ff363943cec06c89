import { mixed32 } from '../base/hash.ts'

/** The letters of generated suffixes: no vowels and no 0, 1, 3, so that no word arises (apimachinery `rand.String`). */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'
const BASE_LENGTH = 58

/** The `n`-th generated name of an owner: as `generateName`, but the five letters follow from who asks, not from chance. */
export function generatedName(base: string, owner: string, n: number): string {
  return `${base.slice(0, BASE_LENGTH)}${suffix(`${owner}\u0000${n}`)}`
}

function suffix(key: string): string {
  let value = mixed32(key)
  let out = ''
  for (let i = 0; i < 5; i++) {
    out += ALPHABET[value % ALPHABET.length]
    value = Math.floor(value / ALPHABET.length)
  }
  return out
}

/** A number as `rand.SafeEncodeString` writes it: each decimal digit becomes one letter, so only ten of them ever occur. */
export function safeEncoded(value: number): string {
  return [...String(value)].map((digit) => ALPHABET[digit.charCodeAt(0) % ALPHABET.length]).join('')
}

/** A UUID that follows from the object's key and how often that key was used. */
export function uidOf(key: string, n: number): string {
  const hex = [0, 1, 2, 3].map((part) => mixed32(`${part}\u0000${key}\u0000${n}`).toString(16).padStart(8, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
