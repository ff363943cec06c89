import type { Cluster } from '../api/cluster.ts'
import { find, list } from '../api/cluster.ts'
import type { Gateway, HttpRoute } from '../api/kinds/gateway.ts'
import { fnv1a32 } from '../base/hash.ts'
import { familyOf } from '../base/ip.ts'
import { absolute, answered, type DnsAnswer, failed, type Upstream } from './record.ts'

/** Top-level domains whose names the world outside is taken to know. All others (`web.prod`, `db.internal`) it does not. */
const PUBLIC = new Set(['com', 'org', 'net', 'edu', 'gov', 'int', 'io', 'cn'])

/**
 * The resolver outside the cluster. It knows the machines by name, and gives every public name a stand-in address out of the blocks
 * reserved for documentation, because a packet to the real one would leave the cluster just the same. All other names are NXDOMAIN.
 * `published`: hosts, in lower case, that somebody has made known beside those of the objects themselves.
 */
export function upstreamOf(cluster: Cluster, published: ReadonlyMap<string, readonly string[]> = new Map()): Upstream {
  const machines = new Map<string, readonly string[]>()
  for (const node of list(cluster, 'Node')) {
    const ips = (node.status?.addresses ?? []).filter(({ type }) => type === 'InternalIP').map(({ address }) => address)
    machines.set(node.metadata.name.toLowerCase(), ips)
  }
  for (const [host, ips] of [...publishedHosts(cluster), ...published]) if (!machines.has(host)) machines.set(host, ips)
  return (question, type) => {
    const name = absolute(question)
    const machine = machineOf(machines, name.slice(0, -1).toLowerCase())
    if (machine) return addressesOf(name, type, machine)
    return isPublic(name) ? addressesOf(name, type, standIns(name)) : failed('NXDOMAIN', false)
  }
}

/** The addresses of a name: its own, or those of the nearest wildcard above it (RFC 4592), which ends where another name is. */
function machineOf(machines: ReadonlyMap<string, readonly string[]>, name: string): readonly string[] | undefined {
  const own = machines.get(name)
  if (own) return own
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
    const above = name.slice(dot + 1)
    const wildcard = machines.get(`*.${above}`)
    if (wildcard || machines.has(above)) return wildcard
  }
  return undefined
}

/** Hosts of Ingresses that have an address: whoever runs them has told the world outside (by hand, or with external-dns). */
function publishedHosts(cluster: Cluster): ReadonlyMap<string, readonly string[]> {
  const hosts = new Map<string, readonly string[]>()
  for (const { spec, status } of list(cluster, 'Ingress')) {
    const ips = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? [])
    if (ips.length === 0) continue
    for (const { host } of spec.rules ?? []) if (host) hosts.set(host.toLowerCase(), ips)
  }
  for (const [host, ips] of routedHosts(cluster)) hosts.set(host, ips)
  return hosts
}

/** Hostnames of HTTPRoutes, at the addresses of the Gateways that they name. */
function routedHosts(cluster: Cluster): readonly (readonly [string, readonly string[]])[] {
  return (list(cluster, 'HTTPRoute') as readonly HttpRoute[]).flatMap(({ metadata, spec }) => {
    const ips = (spec.parentRefs ?? []).flatMap(({ name, namespace = metadata.namespace ?? 'default' }) => {
      const gateway = find(cluster, 'Gateway', namespace, name) as Gateway | undefined
      const { status } = (gateway ?? {}) as { readonly status?: { readonly addresses?: readonly { readonly value?: string }[] } }
      return [...(gateway?.spec.addresses ?? []), ...(status?.addresses ?? [])].flatMap(({ value }) => value ?? [])
    })
    return ips.length > 0 ? (spec.hostnames ?? []).map((host) => [host.toLowerCase(), ips] as const) : []
  })
}

function isPublic(name: string): boolean {
  const labels = name.slice(0, -1).toLowerCase().split('.')
  return labels.length >= 2 && PUBLIC.has(labels.at(-1) ?? '') && labels.every((label) => /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?$/.test(label))
}

/** Stand-in addresses of a public name: 198.51.100.0/24 and 2001:db8:ffff::/48. */
export function standIns(name: string): readonly string[] {
  const hash = fnv1a32(absolute(name).toLowerCase())
  return [`198.51.100.${1 + (hash % 254)}`, `2001:db8:ffff::${(1 + (hash % 65_534)).toString(16)}`]
}

function addressesOf(name: string, type: string, ips: readonly string[]): DnsAnswer {
  const family = type === 'A' ? 'IPv4' : type === 'AAAA' ? 'IPv6' : undefined
  const fit = ips.filter((ip) => familyOf(ip) === family)
  return answered(
    fit.map((value) => ({ name, type: type as 'A' | 'AAAA', ttl: 300, value })),
    false,
  )
}
