import type { Cluster } from '../api/cluster.ts'
import type { Pod } from '../api/kinds/pod.ts'
import { clusterIpsOf } from '../api/service/fields.ts'
import type { Family } from '../base/ip.ts'
import { familyOf } from '../base/ip.ts'
import { HOST_RESOLVER, resolvConfOf } from '../dns/resolvconf.ts'
import type { Resolver } from '../dns/resolve.ts'
import { upstreamOf } from '../dns/upstream.ts'
import { zoneOf } from '../dns/zone.ts'
import type { Host } from './network.ts'

/** How a host resolves names, and whom it asks: an address, or `host resolver`. */
export type Naming = { readonly resolver: Resolver; readonly server: string; readonly usesCluster: boolean }

/**
 * A Pod asks what its resolv.conf says; nodes and those outside ask their own resolver, which knows nothing of the cluster's zone.
 * `pod` is the Pod that dials, also when it uses its node's network.
 */
export function namingOf(cluster: Cluster, host: Host, pod: Pod | undefined, published: ReadonlyMap<string, readonly string[]>): Naming {
  const upstream = upstreamOf(cluster, published)
  const families = familiesOf(host)
  const conf = pod ? resolvConfOf(pod, cluster.settings.clusterDomain) : HOST_RESOLVER
  const dns = dnsAddresses(cluster)
  const usesCluster = conf.servers === 'cluster' || (typeof conf.servers !== 'string' && conf.servers.some((ip) => dns.includes(ip)))
  const own = dns.find((ip) => families.includes(familyOf(ip))) ?? dns[0] ?? 'no nameserver'
  const server = usesCluster ? own : typeof conf.servers === 'string' ? 'host resolver' : (conf.servers[0] ?? 'no nameserver')
  const resolver = { conf, upstream, families, hosts: hostsFile(host, pod), ...(usesCluster && { zone: zoneOf(cluster) }) }
  return { resolver, server, usesCluster }
}

function dnsAddresses(cluster: Cluster): readonly string[] {
  if (cluster.settings.dnsServiceIps.length > 0) return cluster.settings.dnsServiceIps
  const service = zoneOf(cluster).dnsService
  return service ? clusterIpsOf(service) : []
}

function familiesOf(host: Host): readonly Family[] {
  const families = [...new Set(host.ips.map(familyOf))].sort()
  return families.length > 0 ? families : ['IPv4']
}

/** /etc/hosts as the kubelet writes it: localhost, and the Pod's own name. */
function hostsFile(host: Host, pod: Pod | undefined): ReadonlyMap<string, readonly string[]> {
  const hosts = new Map<string, readonly string[]>([
    ['localhost', ['127.0.0.1', ...(host.ips.some((ip) => ip.includes(':')) ? ['::1'] : [])]],
  ])
  if (pod && host.host === 'pod') hosts.set((pod.spec.hostname ?? pod.metadata.name).toLowerCase(), host.ips)
  if (host.host === 'node') hosts.set(host.name.toLowerCase(), host.ips)
  return hosts
}
