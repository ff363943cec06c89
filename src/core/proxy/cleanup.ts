import { hostPort } from '../base/ip.ts'
import { type Connection, type ConntrackTable, forget, liveConnections } from '../kernel/conntrack.ts'
import type { ProxyView } from './view.ts'

/**
 * What kube-proxy does to conntrack after a sync in which endpoints of a UDP service port changed (pkg/proxy/conntrack/cleanup.go):
 * UDP entries for an address of such a port whose answers do not come from one of its serving endpoints go, also those that were never
 * translated. A port without any serving endpoint is left alone; so are TCP and SCTP.
 */
export function cleanUdpConntrack(table: ConntrackTable, view: ProxyView, now: number): ConntrackTable {
  const stale = staleUdpConnections(liveConnections(table, now), view)
  return stale.length === 0 ? table : forget(table, stale)
}

/** The entries that `cleanUdpConntrack` deletes. */
export function staleUdpConnections(connections: readonly Connection[], view: ProxyView): readonly Connection[] {
  const { byAddress, byNodePort } = servingEndpoints(view)
  return connections.filter(({ family, original, reply }) => {
    if (family !== view.family || original.protocol !== 'UDP') return false
    const serving = byAddress.get(hostPort(original.dst, original.dport)) ?? byNodePort.get(original.dport)
    return serving !== undefined && !serving.has(hostPort(reply.src, reply.sport))
  })
}

function servingEndpoints(view: ProxyView) {
  const byAddress = new Map<string, ReadonlySet<string>>()
  const byNodePort = new Map<number, ReadonlySet<string>>()
  for (const port of view.servicePorts) {
    if (port.protocol !== 'UDP') continue
    const serving = new Set(port.endpoints.filter((endpoint) => endpoint.serving).map((endpoint) => endpoint.text))
    if (serving.size === 0) continue
    for (const ip of [port.clusterIp, ...port.loadBalancerVips, ...port.externalIps]) byAddress.set(hostPort(ip, port.port), serving)
    if (port.nodePort !== 0) byNodePort.set(port.nodePort, serving)
  }
  return { byAddress, byNodePort }
}
