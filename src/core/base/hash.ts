import { sha1 } from '@noble/hashes/legacy.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { utf8Bytes } from './text.ts'

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/**
 * The first `length` characters of base32(sha256(text)), standard alphabet: how kube-proxy derives chain names
 * (pkg/proxy/iptables `portProtoHash`, pkg/proxy/nftables `hashAndTruncate`).
 */
export function sha256Base32(text: string, length: number): string {
  const bytes = sha256(utf8Bytes(text))
  let out = ''
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    bits += 8
    while (bits >= 5 && out.length < length) {
      bits -= 5
      out += BASE32[(held >> bits) & 31]
    }
    held &= (1 << bits) - 1
    if (out.length === length) break
  }
  return out
}

/** 32-bit FNV-1a of a text's UTF-8 bytes, as an unsigned number. It can go on from the hash of what stands before the text. */
export function fnv1a32(text: string, before = 0x811c9dc5): number {
  let hash = before
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    // ASCII is its own UTF-8.
    if (unit >= 0x80) return fnvOfBytes(utf8Bytes(text), before)
    hash = Math.imul(hash ^ unit, 0x01000193)
  }
  return hash >>> 0
}

function fnvOfBytes(bytes: Uint8Array, before: number): number {
  let hash = before
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}

/** FNV-1a with murmur3's finaliser: FNV alone leaves neighbouring keys alike. */
export function mixed32(text: string, before?: number): number {
  let hash = fnv1a32(text, before)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** SHA-1 of a text's UTF-8 bytes in lower-case hexadecimal. */
export function sha1Hex(text: string): string {
  return bytesToHex(sha1(utf8Bytes(text)))
}
