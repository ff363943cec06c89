import { familyOf, type Ip, parseIp } from '../base/ip.ts'

/** The address that a reverse name (`…in-addr.arpa.`, `…ip6.arpa.`) stands for; undefined if it stands for none. */
export function addressOfReverse(name: string): Ip | undefined {
  const lower = name.toLowerCase().replace(/\.$/, '')
  const v4 = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/.exec(lower)
  if (v4) return parseIp(`${v4[4]}.${v4[3]}.${v4[2]}.${v4[1]}`)
  const v6 = /^((?:[0-9a-f]\.){32})ip6\.arpa$/.exec(lower)
  const nibbles = v6?.[1]?.split('.').filter(Boolean).reverse().join('')
  return nibbles === undefined ? undefined : parseIp((nibbles.match(/.{4}/g) ?? []).join(':'))
}

/** The reverse name of an address, absolute. */
export function reverseOf(ip: Ip): string {
  if (familyOf(ip) === 'IPv4') return `${ip.split('.').reverse().join('.')}.in-addr.arpa.`
  return `${[...expand(ip)].reverse().join('.')}.ip6.arpa.`
}

/** Whether a name lies in one of the two reverse zones. */
export function isReverse(name: string): boolean {
  return /(^|\.)(in-addr|ip6)\.arpa\.?$/i.test(name)
}

/** All 32 nibbles of an IPv6 address. */
function expand(ip: Ip): string {
  const [head = '', tail] = ip.split('::')
  const groups = (text: string | undefined) => (text ? text.split(':').flatMap(mapped) : [])
  const left = groups(head)
  const right = groups(tail)
  const middle = Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0')
  return [...left, ...middle, ...right].map((group) => group.padStart(4, '0')).join('')
}

/** A dotted IPv4 tail is two groups. */
function mapped(group: string): string[] {
  if (!group.includes('.')) return [group]
  const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
  return [(a * 256 + b).toString(16), (c * 256 + d).toString(16)]
}
