import { fnv1a32, mixed32 } from '../base/hash.ts'

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

/** The beginnings of the four texts that a UUID is hashed from. */
const PARTS = [0, 1, 2, 3].map((part) => fnv1a32(`${part}\u0000`))

/** A UUID that follows from the object's key and how often that key was used. */
export function uidOf(key: string, n: number): string {
  const text = `${key}\u0000${n}`
  const [a = '', b = '', c = '', d = ''] = PARTS.map((part) => mixed32(text, part).toString(16).padStart(8, '0'))
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-a${c.slice(1, 4)}-${c.slice(4)}${d}`
}
