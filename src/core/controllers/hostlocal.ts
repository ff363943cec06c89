import { type Ip, ipOf, ipValue, parseCidr } from '../base/ip.ts'

/** One range of a node's host-local pool: a Pod CIDR, its first address being the gateway. */
export type IpRange = { readonly first: bigint; readonly last: bigint; readonly gateway: bigint; readonly family: 'IPv4' | 'IPv6' }

/**
 * The range that the host-local plugin makes of a CIDR: without the network address and, for IPv4, without the broadcast address. The
 * gateway is the first address and is never given out. Undefined if the text is no CIDR or too small for any address.
 */
export function rangeOf(cidr: string): IpRange | undefined {
  const network = parseCidr(cidr)
  if (!network) return undefined
  const first = network.first + 1n
  const last = network.family === 'IPv4' ? network.last - 1n : network.last
  return first > last ? undefined : { first, last, gateway: first, family: network.family }
}

/**
 * The next address of a set of ranges: one after the last one given, round and round, skipping the gateways and what is used. An
 * unknown last one begins at the first range. Undefined when a full turn finds nothing (`IPAllocator.Get`).
 */
export function nextIp(ranges: readonly IpRange[], lastGiven: Ip | undefined, isUsed: (ip: Ip) => boolean): Ip | undefined {
  const last = lastGiven === undefined ? undefined : ipValue(lastGiven)
  const found = last === undefined ? -1 : ranges.findIndex((range) => last >= range.first && last <= range.last)
  let index = Math.max(found, 0)
  let range = ranges[index]
  if (!range) return undefined
  const after = found < 0 || last === undefined ? range.first : last + 1n
  const step = (value: bigint): bigint => {
    if (!range || value <= range.last) return value
    index = (index + 1) % ranges.length
    range = ranges[index]
    return range?.first ?? 0n
  }
  const start = step(after)
  let value = start
  do {
    if (value !== range.gateway) {
      const ip = ipOf(value, range.family)
      if (!isUsed(ip)) return ip
    }
    value = step(value + 1n)
  } while (value !== start)
  return undefined
}
