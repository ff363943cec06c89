import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ApiObject, Cluster } from '../api/cluster.ts'
import type { ModeId } from '../kernel/program.ts'
import { type WorldNode, type WorldOptions, worldCluster } from './worlds.ts'

/** Deviations of one case from the fixture that kube-proxy's own tests share. */
export type UpstreamOptions = {
  readonly ipFamily?: 'IPv4' | 'IPv6'
  readonly localhostNodePorts?: boolean
  readonly nodePortAddresses?: readonly string[]
  readonly masqueradeAll?: boolean
  readonly localDetector?: 'none' | 'ClusterCIDR'
  readonly zone?: string
  readonly nodeAddresses?: readonly string[]
  readonly interfaceAddresses?: readonly string[]
  readonly nodeIP?: string
  readonly tcpBeLiberal?: boolean
  readonly nfacct?: boolean
  readonly randomFully?: boolean
}

export type UpstreamCase = {
  readonly id: string
  readonly proxyOptions?: UpstreamOptions | null
  readonly services: readonly ApiObject[]
  readonly endpointSlices: readonly ApiObject[]
}

/** The node that kube-proxy's tests run on. */
export const UPSTREAM_NODE = 'test-node'

/** Where the upstream vectors lie; without it their suites are not run. */
export const upstreamFolder = process.env['KUBEHOP_VECTORS']

/** One JSON file of the upstream kube-proxy vectors. */
export function readUpstream(file: string): unknown {
  return JSON.parse(readFileSync(join(upstreamFolder ?? '', 'upstream', 'kube-proxy', file), 'utf8'))
}

const NODE_PORT_ADDRESSES = ['192.168.0.2/32', '2001:db8::1/128']

/**
 * A case of the iptables or nftables tests as a cluster with their constants: node addresses, Pod and Service networks. The objects are
 * what the tests build, without the API server's defaults.
 */
export function upstreamCluster(each: Partial<UpstreamCase>, mode: ModeId): Cluster {
  const given = each.proxyOptions ?? {}
  const node: WorldNode = {
    name: UPSTREAM_NODE,
    ips: ['192.168.0.2', '2001:db8::1'],
    interfaces: [
      { name: 'lo', addrs: ['127.0.0.1/8', '::1/128'] },
      {
        name: 'eth0',
        addrs: ['192.168.0.2/24', '192.168.1.2/24', '192.168.99.11/24', '2001:db8::1/64', '2001:db8:1::2/64'],
      },
    ],
    ...(given.zone === undefined ? {} : { zone: given.zone }),
  }
  const options: WorldOptions = {
    clusterCIDR: given.localDetector === 'none' ? '' : '10.0.0.0/8,fd00:10::/64',
    randomFully: given.randomFully ?? false,
    nfacct: given.nfacct ?? true,
    conntrackTCPBeLiberal: given.tcpBeLiberal ?? false,
    ...(given.masqueradeAll === undefined ? {} : { masqueradeAll: given.masqueradeAll }),
    ...(given.localhostNodePorts === undefined ? {} : { localhostNodePorts: given.localhostNodePorts }),
    ...(mode === 'nftables'
      ? { nodePortAddresses: given.nodePortAddresses ?? NODE_PORT_ADDRESSES, serviceCIDRs: ['172.30.0.0/16', 'fd00:10:96::/112'] }
      : given.nodePortAddresses
        ? { nodePortAddresses: given.nodePortAddresses }
        : {}),
  }
  return worldCluster({ nodes: [node], services: each.services ?? [], endpointSlices: each.endpointSlices ?? [], options })
}

/** The cases of one JSON file of the upstream control-plane vectors. */
export function controlPlane<T>(file: string): readonly T[] {
  const text = readFileSync(join(upstreamFolder ?? '', 'upstream', 'control-plane', file), 'utf8')
  return (JSON.parse(text) as { vectors: readonly T[] }).vectors
}
