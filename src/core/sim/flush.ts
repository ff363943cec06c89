import type { Cluster } from '../api/cluster.ts'
import type { ConntrackTable } from '../kernel/conntrack.ts'
import type { ModeId } from '../kernel/program.ts'
import { cleanUdpConntrack } from '../proxy/cleanup.ts'
import { proxyViewsOf } from '../proxy/view.ts'

/** What a node's kube-proxy deletes from conntrack after a sync: UDP entries of Services whose endpoints no longer answer them. */
export function flushUdp(table: ConntrackTable, cluster: Cluster, node: string, mode: ModeId, now: number): ConntrackTable {
  return proxyViewsOf(cluster, node, mode).reduce((left, view) => cleanUdpConntrack(left, view, now), table)
}
