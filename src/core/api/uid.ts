import { fnv1a32 } from '../base/hash.ts'

/** A UID that depends on the object's key and the instant of its creation only, in the shape of a UUID (version 4). */
export function uidOf(key: string, now: number): string {
  const hex = [0, 1, 2, 3].map((part) => fnv1a32(`${part}\u0000${key}\u0000${now}`).toString(16).padStart(8, '0')).join('')
  const variant = ((Number.parseInt(hex[16] ?? '0', 16) & 3) | 8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
