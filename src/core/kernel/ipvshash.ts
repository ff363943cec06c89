import { type Ip, ipValue } from '../base/ip.ts'

/** Linux' `hash_32` (include/linux/hash.h): the top bits of a product with the golden ratio. */
export function hash32(value: number, bits: number): number {
  return (Math.imul(value, 0x61c88647) >>> 0) >>> (32 - bits)
}

/** An address as the ipvs schedulers take it: 32 bits; the four words of an IPv6 address are folded by XOR. */
export function foldAddress(ip: Ip): number {
  let value = ipValue(ip)
  let folded = 0
  do {
    folded ^= Number(value & 0xffffffffn)
    value >>= 32n
  } while (value > 0n)
  return folded >>> 0
}

const MASK = (1n << 64n) - 1n
const rotl = (x: bigint, by: bigint) => ((x << by) | (x >> (64n - by))) & MASK

/**
 * Linux' `hsiphash` of one 32-bit word on a 64-bit kernel (lib/siphash.c): SipHash-1-3, of which the low 32 bits are used.
 */
export function hsiphash1u32(word: number, key: readonly [bigint, bigint]): number {
  let [v0, v1, v2, v3] = [
    0x736f6d6570736575n ^ key[0],
    0x646f72616e646f6dn ^ key[1],
    0x6c7967656e657261n ^ key[0],
    0x7465646279746573n ^ key[1],
  ]
  const round = () => {
    v0 = (v0 + v1) & MASK
    v1 = rotl(v1, 13n) ^ v0
    v0 = rotl(v0, 32n)
    v2 = (v2 + v3) & MASK
    v3 = rotl(v3, 16n) ^ v2
    v0 = (v0 + v3) & MASK
    v3 = rotl(v3, 21n) ^ v0
    v2 = (v2 + v1) & MASK
    v1 = rotl(v1, 17n) ^ v2
    v2 = rotl(v2, 32n)
  }
  // The length (4 bytes) lies in the top byte of the last block.
  const block = (4n << 56n) | BigInt(word >>> 0)
  v3 ^= block
  round()
  v0 ^= block
  v2 ^= 0xffn
  round()
  round()
  round()
  return Number((v0 ^ v1 ^ v2 ^ v3) & 0xffffffffn)
}
