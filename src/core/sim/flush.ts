import type { Cluster } from '../api/cluster.ts'
import { hostPort, type Ip } from '../base/ip.ts'
import { type Connection, type ConntrackTable, forget, liveConnections } from '../kernel/conntrack.ts'
import type { ModeId } from '../kernel/program.ts'
import { proxyViewsOf } from '../proxy/view.ts'

/**
 * What kube-proxy deletes from conntrack after a sync (pkg/proxy/conntrack/cleanup.go): UDP entries to an address of a UDP service port
 * that has a serving endpoint, where none of those endpoints answers. TCP and SCTP entries are never touched.
 */
export function flushUdp(table: ConntrackTable, cluster: Cluster, node: string, mode: ModeId, now: number): ConntrackTable {
  const known = liveConnections(table, now).filter(({ original }) => original.protocol === 'UDP')
  if (known.length === 0) return table
  const byAddress = new Map<string, ReadonlySet<string>>()
  const byNodePort = new Map<number, ReadonlySet<string>>()
  for (const { servicePorts } of proxyViewsOf(cluster, node, mode)) {
    for (const port of servicePorts) {
      if (port.protocol !== 'UDP') continue
      const serving = new Set(port.endpoints.filter((endpoint) => endpoint.serving).map(({ text }) => text))
      if (serving.size === 0) continue
      for (const ip of [port.clusterIp, ...port.loadBalancerVips, ...port.externalIps]) byAddress.set(hostPort(ip, port.port), serving)
      if (port.nodePort !== 0) byNodePort.set(port.nodePort, serving)
    }
  }
  const servingOf = (ip: Ip, port: number) => byAddress.get(hostPort(ip, port)) ?? byNodePort.get(port)
  const stale = known.filter((connection) => isStale(connection, servingOf))
  return stale.length === 0 ? table : forget(table, stale)
}

function isStale({ original, reply }: Connection, servingOf: (ip: Ip, port: number) => ReadonlySet<string> | undefined): boolean {
  const serving = servingOf(original.dst, original.dport)
  return serving !== undefined && !serving.has(hostPort(reply.src, reply.sport))
}
