import { describe, expect, test } from 'vitest'
import { type ApiObject, type Cluster, store } from '../api/cluster.ts'
import { hostPort } from '../base/ip.ts'
import { observedOutcomes, type TruthRow, truthRows } from '../testing/lab.ts'
import { recordedWorlds, worldCluster } from '../testing/worlds.ts'
import type { Way } from '../trace/trace.ts'
import { sendRequest } from './send.ts'
import { worldOf } from './world.ts'

/**
 * Real connections, recorded, against whole journeys of the tracer: who answered and which source it saw, refused, timed out, or gone by
 * the default route. Endpoints exist in the slices only, as in the recording's worlds.
 */
const worlds = new Map(recordedWorlds().map(({ id, world }) => [id, worldCluster(world)]))

function withClient(cluster: Cluster, { from }: TruthRow['probe']): { readonly cluster: Cluster; readonly from: string } {
  if (from.kind === 'node') return { cluster, from: `node/${from.name}` }
  if (from.kind === 'outside') {
    const name = `client-${from.ip.replaceAll(/[.:]/g, '-')}`
    const client = { apiVersion: 'kubehop.dev/v1', kind: 'Client', metadata: { name }, spec: { ip: from.ip } }
    return { cluster: store(cluster, [client as ApiObject]), from: `client/${name}` }
  }
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: from.name, namespace: 'probe' },
    spec: { nodeName: from.node, containers: [{ name: 'c' }] },
    status: { phase: 'Running', podIP: from.ip, podIPs: [{ ip: from.ip }] },
  }
  return { cluster: store(cluster, [pod as ApiObject]), from: `pod/probe/${from.name}` }
}

function outcomeOf({ verdict, backend, seenSource }: Way, { probe }: TruthRow): string {
  switch (verdict.code) {
    case 'DELIVERED':
      return `${hostPort(backend?.ip ?? '', backend?.port ?? 0)}|seen ${seenSource}`
    case 'LEFT_CLUSTER':
      return `escaped seen ${seenSource}`
    case 'REFUSED':
    case 'REJECTED':
    case 'REJECTED_NO_ENDPOINTS':
      return 'refused'
    case 'TIMEOUT':
      return 'timeout'
    case 'DROPPED':
    case 'DROPPED_NO_LOCAL_ENDPOINTS':
    case 'DROPPED_SOURCE_RANGE':
      // A packet that its own host's output hook drops fails at once: the socket hears of it (UDP), or tries again (TCP).
      return probe.protocol === 'UDP' &&
        probe.from.kind === 'node' &&
        verdict.params['node'] === probe.from.name &&
        verdict.params['hook'] === 'output'
        ? 'unreachable:EPERM'
        : 'timeout'
    default:
      return verdict.code
  }
}

describe.each(['iptables', 'nftables'] as const)('real connections, %s', (mode) => {
  const rows = truthRows(mode).map(({ row }, index) => {
    const { probe, world, family } = row
    return [
      `${index} world ${world} ${family} ${probe.kind} ${probe.from.name} to ${probe.dst}:${probe.port}/${probe.protocol}`,
      row,
    ] as const
  })
  test.each(rows)('%s', (_name, row) => {
    const { probe } = row
    const base = worlds.get(row.world)
    if (!base) throw new Error(`no world ${row.world}`)
    const { cluster, from } = withClient({ ...base, settings: { ...base.settings, mode } }, probe)
    const via = probe.from.kind === 'outside' && probe.viaNode !== undefined ? { via: probe.viaNode } : {}
    const protocol = probe.protocol === 'TCP' ? 'tcp' : 'udp'
    const sent = sendRequest(
      worldOf(cluster, { seed: 1, mode }),
      { from, to: hostPort(probe.dst, probe.port), protocol, ...via },
      { all: true },
    )
    if (typeof sent === 'string') throw new Error(sent)
    const ways = sent.traces[0]?.ways ?? []
    expect(ways.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 9)
    const mine = new Set(ways.map((way) => outcomeOf(way, row)))
    for (const observed of observedOutcomes(row)) expect([...mine]).toContain(observed)
    if (mine.size === 1) expect(observedOutcomes(row)).toEqual([...mine])
  })
})
