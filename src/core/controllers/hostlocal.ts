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
 * The next address: one after the last one given, round and round, skipping the gateway and what is used. Undefined when a full turn
 * finds nothing (`IPAllocator.Get`).
 */
export function nextIp(range: IpRange, lastGiven: Ip | undefined, isUsed: (ip: Ip) => boolean): Ip | undefined {
  const last = lastGiven === undefined ? undefined : ipValue(lastGiven)
  const inRange = last !== undefined && last >= range.first && last <= range.last
  const start = inRange ? (last === range.last ? range.first : last + 1n) : range.first
  let value = start
  do {
    if (value !== range.gateway) {
      const ip = ipOf(value, range.family)
      if (!isUsed(ip)) return ip
    }
    value = value === range.last ? range.first : value + 1n
  } while (value !== start)
  return undefined
}
