export type Family = 'IPv4' | 'IPv6'
/** An IP address in its one canonical spelling (RFC 5952 for IPv6), so that `===` compares addresses. */
export type Ip = string & { readonly Ip?: unique symbol }
/** A network in canonical spelling with its host bits cleared: `10.244.0.0/16`, `fd00::/64`. */
export type Cidr = string & { readonly Cidr?: unique symbol }

/** The family of a canonical address or CIDR. */
export function familyOf(address: Ip | Cidr): Family {
  return address.includes(':') ? 'IPv6' : 'IPv4'
}

/**
 * The canonical spelling of an address, or undefined if the text is none. Strict as Go's `netip.ParseAddr` without a zone: no leading
 * zeros in octets, no blanks, no IPv4 shorthand. IPv4-mapped IPv6 stays IPv6 here.
 */
export function parseIp(text: string): Ip | undefined {
  if (!text.includes(':')) return parseV4(text) === undefined ? undefined : text
  const value = parseV6(text)
  return value === undefined ? undefined : printV6(value)
}

/** The address as a number: 32 bits for IPv4, 128 for IPv6. The address must be valid. */
export function ipValue(ip: Ip): bigint {
  if (!ip.includes(':')) return BigInt(v4Number(ip))
  const value = parseV6(ip)
  if (value === undefined) throw new Error(`not an IP address: ${ip}`)
  return value
}

/** The address with this value. */
export function ipOf(value: bigint, family: Family): Ip {
  if (family === 'IPv6') return printV6(value)
  const n = Number(value)
  return `${(n >>> 24) & 255}.${(n >>> 16) & 255}.${(n >>> 8) & 255}.${n & 255}`
}

/** An IPv4 address as an unsigned 32-bit number. */
export function v4Number(ip: Ip): number {
  const value = parseV4(ip)
  if (value === undefined) throw new Error(`not an IPv4 address: ${ip}`)
  return value
}

/** A parsed network: its family, first address and prefix length. */
export type Network = { readonly family: Family; readonly first: bigint; readonly last: bigint; readonly prefix: number }

const networks = new Map<string, Network | undefined>()

/** A CIDR taken apart (host bits are cleared), or undefined if the text is none. */
export function parseCidr(text: string): Network | undefined {
  if (networks.has(text)) return networks.get(text)
  const network = readCidr(text)
  if (networks.size > 10_000) networks.clear()
  networks.set(text, network)
  return network
}

function readCidr(text: string): Network | undefined {
  const slash = text.lastIndexOf('/')
  if (slash < 0) return undefined
  const ip = parseIp(text.slice(0, slash))
  const length = text.slice(slash + 1)
  if (ip === undefined || !/^(0|[1-9]\d{0,2})$/.test(length)) return undefined
  const family = familyOf(ip)
  const bits = family === 'IPv4' ? 32 : 128
  const prefix = Number(length)
  if (prefix > bits) return undefined
  const size = 1n << BigInt(bits - prefix)
  const first = (ipValue(ip) / size) * size
  return { family, first, last: first + size - 1n, prefix }
}

/** The canonical spelling of a network, host bits cleared; undefined if the text is no CIDR. */
export function canonicalCidr(text: string): Cidr | undefined {
  const network = parseCidr(text)
  return network && `${ipOf(network.first, network.family)}/${network.prefix}`
}

/** Whether a CIDR contains an address. Different families never do; neither does a text that is no CIDR. */
export function cidrContains(cidr: Cidr, ip: Ip): boolean {
  const network = parseCidr(cidr)
  if (!network || network.family !== familyOf(ip)) return false
  const value = ipValue(ip)
  return value >= network.first && value <= network.last
}

/** Whether an address is a loopback one. */
export function isLoopback(ip: Ip): boolean {
  return familyOf(ip) === 'IPv4' ? ip.startsWith('127.') : ip === '::1'
}

/** The address `offset` places after the first one of a network. */
export function ipIn(network: Network, offset: bigint): Ip {
  return ipOf(network.first + offset, network.family)
}

/** `10.0.0.1:80` or `[fd00::1]:80`. */
export function hostPort(ip: Ip, port: number): string {
  return familyOf(ip) === 'IPv6' ? `[${ip}]:${port}` : `${ip}:${port}`
}

/** Character by character: a settling of a large cluster asks this a hundred thousand times. */
function parseV4(text: string): number | undefined {
  if (text.length > 15) return undefined
  let value = 0
  let octet = 0
  let digits = 0
  let dots = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === DOT) {
      if (digits === 0 || ++dots > 3) return undefined
      value = value * 256 + octet
      octet = 0
      digits = 0
    } else {
      // A leading zero says nothing clear: some read it as octal.
      if (code < ZERO || code > NINE || (digits > 0 && octet === 0)) return undefined
      octet = octet * 10 + code - ZERO
      digits++
      if (octet > 255) return undefined
    }
  }
  return digits > 0 && dots === 3 ? value * 256 + octet : undefined
}

const DOT = 46
const ZERO = 48
const NINE = 57

function parseV6(text: string): bigint | undefined {
  let rest = text
  const tail: string[] = []
  const lastColon = rest.lastIndexOf(':')
  if (rest.includes('.')) {
    const v4 = parseV4(rest.slice(lastColon + 1))
    if (v4 === undefined) return undefined
    tail.push((v4 >>> 16).toString(16), (v4 & 0xffff).toString(16))
    // The dotted part stands for two groups; `::1.2.3.4` keeps its double colon.
    rest = rest.endsWith(`::${rest.slice(lastColon + 1)}`) ? rest.slice(0, lastColon + 1) : rest.slice(0, lastColon)
  }
  const halves = rest.split('::')
  if (halves.length > 2) return undefined
  const groups = (half: string | undefined) => (half === undefined || half === '' ? [] : half.split(':'))
  const head = groups(halves[0])
  const end = halves.length === 2 ? [...groups(halves[1]), ...tail] : []
  const all = halves.length === 2 ? head : [...head, ...tail]
  const missing = 8 - all.length - end.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  let value = 0n
  for (const group of [...all, ...Array<string>(halves.length === 2 ? missing : 0).fill('0'), ...end]) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined
    value = (value << 16n) | BigInt(Number.parseInt(group, 16))
  }
  return value
}

function printV6(value: bigint): Ip {
  const groups: number[] = []
  for (let i = 7n; i >= 0n; i--) groups.push(Number((value >> (i * 16n)) & 0xffffn))
  // IPv4-mapped addresses keep their dotted tail, as Go prints them.
  if (value >> 32n === 0xffffn) return `::ffff:${ipOf(value & 0xffffffffn, 'IPv4')}`
  let best = { start: -1, length: 1 }
  for (let i = 0; i < 8; i++) {
    let length = 0
    while (groups[i + length] === 0) length++
    if (length > best.length) best = { start: i, length }
  }
  const hex = (part: number[]) => part.map((group) => group.toString(16)).join(':')
  if (best.start < 0) return hex(groups)
  return `${hex(groups.slice(0, best.start))}::${hex(groups.slice(best.start + best.length))}`
}
