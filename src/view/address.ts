import type { Node } from '../core/api/kinds/node.ts'
import type { Pod } from '../core/api/kinds/pod.ts'
import type { Service } from '../core/api/kinds/service.ts'
import { keyOf, type ObjectKey } from '../core/api/meta.ts'
import { clusterIpsOf } from '../core/api/service/fields.ts'
import { cidrContains, hostPort, parseIp } from '../core/base/ip.ts'
import type { Snapshot } from '../core/sim/session.ts'

/** What an address names: a machine, a process, a rule in every kernel, or something outside of the cluster. */
export type AddressKind = 'node-ip' | 'pod-ip' | 'cluster-ip' | 'external'
export type AddressOwner = { readonly kind: AddressKind; readonly object?: ObjectKey }
export type AddressBook = { readonly ownerOf: (ip: string) => AddressOwner }

const books = new WeakMap<Snapshot, AddressBook>()

/** Whom each address of a snapshot belongs to. A Pod on the host network has its node's address: that one is the node's. */
export function addressBookOf(snapshot: Snapshot): AddressBook {
  let book = books.get(snapshot)
  if (!book) {
    book = makeBook(snapshot)
    books.set(snapshot, book)
  }
  return book
}

function makeBook(snapshot: Snapshot): AddressBook {
  const owners = new Map<string, AddressOwner>()
  for (const object of snapshot.objects) {
    const key = keyOf(object)
    if (object.kind === 'Service') {
      for (const ip of clusterIpsOf(object as Service)) owners.set(ip, { kind: 'cluster-ip', object: key })
      for (const ip of outsideIpsOf(object as Service)) owners.set(ip, { kind: 'external', object: key })
    } else if (object.kind === 'Pod' && !(object as Pod).spec.hostNetwork) {
      for (const ip of podIpsOf(object as Pod)) owners.set(ip, { kind: 'pod-ip', object: key })
    }
  }
  for (const object of snapshot.objects) {
    if (object.kind !== 'Node') continue
    for (const ip of nodeIpsOf(object as Node)) owners.set(ip, { kind: 'node-ip', object: keyOf(object) })
  }
  const { podCidrs, serviceCidrs } = snapshot.settings
  const byRange = (ip: string): AddressOwner => {
    if (serviceCidrs.some((cidr) => cidrContains(cidr, ip))) return { kind: 'cluster-ip' }
    return { kind: podCidrs.some((cidr) => cidrContains(cidr, ip)) ? 'pod-ip' : 'external' }
  }
  return { ownerOf: (ip) => owners.get(ip) ?? (parseIp(ip) ? byRange(ip) : { kind: 'external' }) }
}

/** Addresses by which a Service is reached from outside: a load balancer's and `externalIPs`. */
export function outsideIpsOf(service: Service): readonly string[] {
  const balanced = (service.status?.loadBalancer?.ingress ?? []).flatMap((ingress) => ingress.ip ?? [])
  return [...balanced, ...(service.spec.externalIPs ?? [])]
}

/** A Pod's addresses, the primary one first. */
export function podIpsOf(pod: Pod): readonly string[] {
  const { podIP, podIPs } = pod.status ?? {}
  return podIPs?.length ? podIPs.map(({ ip }) => ip) : podIP ? [podIP] : []
}

/** A node's addresses, the primary one first. */
export function nodeIpsOf(node: Node): readonly string[] {
  return (node.status?.addresses ?? []).filter(({ address }) => parseIp(address) !== undefined).map(({ address }) => address)
}

/** `10.96.0.10:53` taken apart; IPv6 in brackets. A text without a port has none. */
export function splitAddress(text: string): { readonly ip: string; readonly port: string } {
  const bracket = /^\[([^\]]+)\](?::(\d+))?$/.exec(text)
  if (bracket) return { ip: bracket[1] ?? '', port: bracket[2] ?? '' }
  const colon = text.lastIndexOf(':')
  if (colon < 0 || text.indexOf(':') !== colon) return { ip: text, port: '' }
  return { ip: text.slice(0, colon), port: text.slice(colon + 1) }
}

/** `ip:port` as people read it; port 0 (ICMP) is left out. */
export function addressText(ip: string, port: number): string {
  if (port === 0) return ip
  return hostPort(ip, port)
}

/** An address cut to `length` characters by leaving out its middle, since the ends tell addresses apart: `…93:80`. */
export function shorten(text: string, length: number): string {
  if (text.length <= length) return text
  const tail = Math.max(4, length - 1)
  return `…${text.slice(-tail)}`
}
