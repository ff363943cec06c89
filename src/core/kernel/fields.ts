import { type Cidr, familyOf, type Ip, ipValue, parseCidr, v4Number } from '../base/ip.ts'
import type { Packet } from './packet.ts'
import type { AddressSet, Field, MapElement, VerdictMap } from './program.ts'

/** One part of a packet as sets and maps spell it: protocols in lower case. */
export function fieldOf(packet: Packet, field: Field): string | number {
  switch (field) {
    case 'saddr':
      return packet.src
    case 'daddr':
      return packet.dst
    case 'l4proto':
      return packet.protocol.toLowerCase()
    case 'sport':
      return packet.sport
    case 'dport':
      return packet.dport
  }
}

/** The key of a packet in a set or map of these fields. */
function keyOf(packet: Packet, fields: readonly Field[]): string {
  let key = ''
  for (const field of fields) key += `${fieldOf(packet, field)}|`
  return key
}

function elementKey(key: readonly (string | number)[]): string {
  let text = ''
  for (const part of key) text += `${typeof part === 'string' ? lower(part) : part}|`
  return text
}

/** `TCP` and `tcp` are one protocol; addresses are lower case already. */
function lower(text: string): string {
  return text.toLowerCase()
}

const maps = new WeakMap<VerdictMap, ReadonlyMap<string, MapElement>>()

/** The element of a verdict map that a packet meets. */
export function mapElement(map: VerdictMap, packet: Packet, fields: readonly Field[]): MapElement | undefined {
  let index = maps.get(map)
  if (!index) {
    index = new Map(map.elements.map((element) => [elementKey(element.key), element]))
    maps.set(map, index)
  }
  return index.get(keyOf(packet, fields))
}

type SetIndex = { readonly exact: ReadonlySet<string>; readonly nets: readonly (readonly (string | number)[])[] }
const sets = new WeakMap<AddressSet, SetIndex>()

/** Whether a set with fixed elements contains a packet's fields. Elements of `…net` sets may hold networks. */
export function setContains(set: AddressSet, packet: Packet, fields: readonly Field[]): boolean {
  let index = sets.get(set)
  if (!index) {
    const isNet = (key: readonly (string | number)[]) => key.some((part) => typeof part === 'string' && part.includes('/'))
    const keys = set.elements.map((element) => element.key)
    index = { exact: new Set(keys.filter((key) => !isNet(key)).map(elementKey)), nets: keys.filter(isNet) }
    sets.set(set, index)
  }
  if (index.exact.has(keyOf(packet, fields))) return true
  return index.nets.some((key) => fields.every((field, i) => partMatches(key[i], fieldOf(packet, field))))
}

function partMatches(part: string | number | undefined, value: string | number): boolean {
  if (typeof part === 'string' && part.includes('/')) return inNetwork(part)(String(value))
  return part === value || (typeof part === 'string' && lower(part) === value)
}

const values = new Map<Ip, number | bigint>()

/** An address as a number that compares fast: IPv4 as a plain one. */
function numberOf(ip: Ip): number | bigint {
  let value = values.get(ip)
  if (value === undefined) {
    if (values.size > 100_000) values.clear()
    value = ip.includes(':') ? ipValue(ip) : v4Number(ip)
    values.set(ip, value)
  }
  return value
}

const tests = new Map<Cidr | Ip, (ip: Ip) => boolean>()

/** Whether an address lies in a network (or is that address). The test is made once for each network. */
export function inNetwork(network: Cidr | Ip): (ip: Ip) => boolean {
  let test = tests.get(network)
  if (!test) {
    if (tests.size > 100_000) tests.clear()
    test = makeTest(network)
    tests.set(network, test)
  }
  return test
}

function makeTest(network: Cidr | Ip): (ip: Ip) => boolean {
  if (!network.includes('/')) return (ip) => ip === network
  const parsed = parseCidr(network)
  if (!parsed) return () => false
  const { family } = parsed
  const first = family === 'IPv4' ? Number(parsed.first) : parsed.first
  const last = family === 'IPv4' ? Number(parsed.last) : parsed.last
  return (ip) => {
    if (familyOf(ip) !== family) return false
    const value = numberOf(ip)
    return value >= first && value <= last
  }
}
