import type { ApiObject } from '../core/api/cluster.ts'
import type { Node } from '../core/api/kinds/node.ts'
import type { Pod } from '../core/api/kinds/pod.ts'
import type { Service } from '../core/api/kinds/service.ts'
import { keyOf, type ObjectKey } from '../core/api/meta.ts'
import { cidrContains, parseIp } from '../core/base/ip.ts'
import type { Snapshot } from '../core/sim/session.ts'

/** The three kinds of address of a cluster, and everything else. */
export type AddressKind = 'node-ip' | 'pod-ip' | 'cluster-ip' | 'external'
/** Whose address it is, and so of what kind. */
export type AddressBook = {
  readonly kindOf: (ip: string) => AddressKind
  readonly ownerOf: (ip: string) => ObjectKey | undefined
}

const books = new WeakMap<Snapshot, AddressBook>()
const EMPTY: AddressBook = { kindOf: () => 'external', ownerOf: () => undefined }

/** The addresses of a snapshot. Addresses that nobody has any more are told by the range they come from. */
export function addressBookOf(snapshot: Snapshot | undefined): AddressBook {
  if (!snapshot) return EMPTY
  let book = books.get(snapshot)
  if (!book) {
    book = bookOf(snapshot)
    books.set(snapshot, book)
  }
  return book
}

function bookOf(snapshot: Snapshot): AddressBook {
  const owners = new Map<string, { readonly kind: AddressKind; readonly owner: ObjectKey }>()
  const note = (ips: readonly (string | undefined)[], kind: AddressKind, object: ApiObject) => {
    for (const ip of ips) if (ip && parseIp(ip) && !owners.has(ip)) owners.set(ip, { kind, owner: keyOf(object) })
  }
  for (const object of snapshot.objects) if (object.kind === 'Node') note(nodeIps(object as Node), 'node-ip', object)
  for (const object of snapshot.objects) {
    if (object.kind === 'Pod' && !(object as Pod).spec.hostNetwork) note(podIps(object as Pod), 'pod-ip', object)
    if (object.kind === 'Service') note(virtualIps(object as Service), 'cluster-ip', object)
  }
  const { serviceCidrs, podCidrs } = snapshot.settings
  return {
    ownerOf: (ip) => owners.get(ip)?.owner,
    kindOf: (ip) => {
      const known = owners.get(ip)
      if (known) return known.kind
      if (serviceCidrs.some((cidr) => cidrContains(cidr, ip))) return 'cluster-ip'
      return podCidrs.some((cidr) => cidrContains(cidr, ip)) ? 'pod-ip' : 'external'
    },
  }
}

function nodeIps(node: Node): readonly string[] {
  return (node.status?.addresses ?? []).filter((entry) => entry.type.endsWith('IP')).map((entry) => entry.address)
}

function podIps(pod: Pod): readonly (string | undefined)[] {
  return [pod.status?.podIP, ...(pod.status?.podIPs ?? []).map((entry) => entry.ip)]
}

function virtualIps(service: Service): readonly (string | undefined)[] {
  const { clusterIP, clusterIPs, externalIPs } = service.spec
  const ingress = (service.status?.loadBalancer?.ingress ?? []).map((entry) => entry.ip)
  return [clusterIP, ...(clusterIPs ?? []), ...(externalIPs ?? []), ...ingress]
}
