import { type Cidr, canonicalCidr, type Family, familyOf, type Ip, parseIp } from '../base/ip.ts'

/** An address as kube-proxy reads it (`netutils.ParseIPSloppy`): leading zeros in IPv4 octets drop, IPv4-mapped IPv6 is IPv4. */
export function sloppyIp(text: string): Ip | undefined {
  const ip = parseIp(text.includes('.') ? text.replace(/(^|[.:])0+(?=\d)/g, '$1') : text)
  return ip?.startsWith('::ffff:') && ip.includes('.') ? ip.slice('::ffff:'.length) : ip
}

/** A network as kube-proxy reads it: sloppy address, host bits cleared, blanks around it dropped. */
function sloppyCidr(text: string): Cidr | undefined {
  const [address = '', length = ''] = text.trim().split('/')
  const ip = sloppyIp(address)
  return ip === undefined ? undefined : canonicalCidr(`${ip}/${length.replace(/^0+(?=\d)/, '')}`)
}

/** Those of some texts that are addresses of the family, in order. */
export function ipsOfFamily(texts: readonly string[] | undefined, family: Family): readonly Ip[] {
  return (texts ?? []).flatMap((text) => {
    const ip = sloppyIp(text)
    return ip !== undefined && familyOf(ip) === family ? [ip] : []
  })
}

/** Those of some texts that are networks of the family, in order. */
export function cidrsOfFamily(texts: readonly string[] | undefined, family: Family): readonly Cidr[] {
  return (texts ?? []).flatMap((text) => {
    const cidr = sloppyCidr(text)
    return cidr !== undefined && familyOf(cidr) === family ? [cidr] : []
  })
}
