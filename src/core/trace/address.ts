import { cidrContains, type Family, familyOf, type Ip, parseCidr, parseIp } from '../base/ip.ts'

/** One network interface of a host. `subnets` are what is on the link; an address without a length has none but itself. */
export type Interface = { readonly name: string; readonly ips: readonly Ip[]; readonly subnets: readonly string[] }

/** Interfaces as the annotation `kubehop.dev/interfaces` writes them: `[{"name","addrs":["IP/len"]}]`; undefined if it says nothing usable. */
export function readInterfaces(annotation: string | undefined): readonly Interface[] | undefined {
  if (annotation === undefined) return undefined
  try {
    const value: unknown = JSON.parse(annotation)
    if (!Array.isArray(value)) return undefined
    return value.flatMap(readInterface)
  } catch {
    return undefined
  }
}

function readInterface(value: unknown): readonly Interface[] {
  const entry = value as { name?: unknown; addrs?: unknown } | null
  if (typeof entry?.name !== 'string' || !Array.isArray(entry.addrs)) return []
  const addresses = entry.addrs.filter((address): address is string => typeof address === 'string')
  const ips = addresses.flatMap((address) => parseIp(address.split('/')[0] ?? '') ?? [])
  return [{ name: entry.name, ips, subnets: addresses.filter((address) => parseCidr(address) !== undefined) }]
}

/** The link of an address whose length nobody wrote: Docker's /16 for 172.16/12, else a /24, and a /64 in IPv6. */
export function guessedSubnet(ip: Ip): string {
  if (familyOf(ip) === 'IPv6') return `${ip}/64`
  return cidrContains('172.16.0.0/12', ip) ? `${ip}/16` : `${ip}/24`
}

/** The first address of a family. */
export function firstOf(ips: readonly Ip[], family: Family): Ip | undefined {
  return ips.find((ip) => familyOf(ip) === family)
}
