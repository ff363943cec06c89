import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type ApiObject, type Cluster, store } from '../api/cluster.ts'
import type { ClusterSettings, KubeProxyConfiguration } from '../api/kinds/config.ts'

/** A world of the recorded kube-proxy vectors. */
export type World = {
  readonly nodes: readonly WorldNode[]
  readonly services: readonly ApiObject[]
  readonly endpointSlices: readonly ApiObject[]
  readonly options?: WorldOptions
}
export type WorldNode = {
  readonly name: string
  readonly ip?: string
  readonly ips?: readonly string[]
  readonly podCIDR?: string
  readonly podCIDRs?: readonly string[]
  readonly zone?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly interfaces?: readonly { readonly name: string; readonly addrs: readonly string[] }[]
}
export type WorldOptions = {
  readonly clusterCIDR?: string
  readonly detectLocalMode?: 'ClusterCIDR' | 'NodeCIDR' | 'BridgeInterface' | 'InterfaceNamePrefix'
  readonly bridgeInterface?: string
  readonly interfaceNamePrefix?: string
  readonly masqueradeAll?: boolean
  readonly masqueradeBit?: number
  readonly nodePortAddresses?: readonly string[]
  readonly localhostNodePorts?: boolean
  readonly nfacct?: boolean
  readonly randomFully?: boolean
  readonly serviceCIDRs?: readonly string[]
  readonly scheduler?: string
  readonly conntrackTCPBeLiberal?: boolean
}
export type IpvsExpectation = {
  readonly virtualServers: readonly {
    readonly address: string
    readonly protocol: string
    readonly scheduler: string
    readonly flags: number
    readonly timeout: number
    readonly realServers: readonly { readonly address: string; readonly weight: number }[]
  }[]
  readonly ipsets: Readonly<Record<string, readonly string[]>>
  readonly ipsetTypes: Readonly<Record<string, string>>
  readonly kubeIpvs0: readonly string[]
  readonly iptables: string
}
export type FamilyName = 'IPv4' | 'IPv6'
export type WorldCase = {
  readonly id: string
  readonly world: World
  readonly expected: Readonly<
    Record<
      string,
      {
        readonly iptables?: Readonly<Partial<Record<FamilyName, string>>>
        readonly nftables?: Readonly<Partial<Record<FamilyName, string>>>
        readonly ipvs?: Readonly<Partial<Record<FamilyName, IpvsExpectation>>>
        readonly healthCheckNodePorts?: unknown
      }
    >
  >
}

const folder = join(import.meta.dirname, 'vectors')

/** The values of a gzipped JSON Lines vector that lies in the repository. */
export function readVectorLines(file: string): readonly unknown[] {
  const text = gunzipSync(readFileSync(join(folder, file))).toString('utf8')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line))
}

/** The value of a gzipped JSON vector that lies in the repository. */
export function readVector(file: string): unknown {
  return JSON.parse(gunzipSync(readFileSync(join(folder, file))).toString('utf8'))
}

/** The recorded worlds: `worlds` (75) or `large-cluster` (2). */
export function recordedWorlds(name: 'worlds' | 'large-cluster' = 'worlds'): readonly WorldCase[] {
  return readVectorLines(`${name}.jsonl.gz`).map((value) => {
    const raw = value as Omit<WorldCase, 'id'> & { readonly id?: number; readonly name?: string }
    return { ...raw, id: raw.name ?? String(raw.id).padStart(4, '0') }
  })
}

/** A world as the cluster that the API server would hold: the options become the settings that they are fields of. */
export function worldCluster(world: World): Cluster {
  const options = world.options ?? {}
  const settings = settingsOf(options)
  const nodes = world.nodes.map((node) => nodeObject(node, options))
  return store({ settings, byKind: new Map() }, [...nodes, ...world.services, ...world.endpointSlices])
}

function settingsOf(options: WorldOptions): ClusterSettings {
  const masquerade = {
    ...(options.masqueradeAll === undefined ? {} : { masqueradeAll: options.masqueradeAll }),
    ...(options.masqueradeBit === undefined ? {} : { masqueradeBit: options.masqueradeBit }),
  }
  const localhost = options.localhostNodePorts === undefined ? {} : { localhostNodePorts: options.localhostNodePorts }
  const proxy: KubeProxyConfiguration = {
    clusterCIDR: options.clusterCIDR ?? '',
    ...(options.detectLocalMode ? { detectLocalMode: options.detectLocalMode } : {}),
    detectLocal: {
      ...(options.bridgeInterface ? { bridgeInterface: options.bridgeInterface } : {}),
      ...(options.interfaceNamePrefix ? { interfaceNamePrefix: options.interfaceNamePrefix } : {}),
    },
    ...(options.nodePortAddresses ? { nodePortAddresses: options.nodePortAddresses } : {}),
    iptables: { ...masquerade, ...localhost },
    nftables: masquerade,
    ipvs: { scheduler: options.scheduler ?? 'rr' },
    conntrack: { tcpBeLiberal: options.conntrackTCPBeLiberal ?? false },
    randomFully: options.randomFully ?? true,
  }
  return {
    kubernetesVersion: '1.36',
    mode: 'iptables',
    ipFamilies: ['IPv4'],
    podCidrs: [],
    serviceCidrs: options.serviceCIDRs ?? [],
    nodePortRange: { from: 30000, to: 32767 },
    maxEndpointsPerSlice: 100,
    proxy,
    clusterDomain: 'cluster.local',
    dnsServiceIps: [],
    loadBalancerPool: [],
  }
}

function nodeObject(node: WorldNode, options: WorldOptions): ApiObject & { readonly spec: unknown; readonly status: unknown } {
  const ips = node.ips ?? (node.ip ? [node.ip] : [])
  const podCIDRs = node.podCIDRs ?? (node.podCIDR ? [node.podCIDR] : [])
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: node.name,
      labels: { ...node.labels, ...(node.zone ? { 'topology.kubernetes.io/zone': node.zone } : {}) },
      annotations: {
        ...(node.interfaces ? { 'kubehop.dev/interfaces': JSON.stringify(node.interfaces) } : {}),
        ...(options.nfacct ? { 'kubehop.dev/nfacct': 'true' } : {}),
      },
    },
    spec: { ...(podCIDRs[0] ? { podCIDR: podCIDRs[0] } : {}), podCIDRs },
    status: { addresses: ips.map((address) => ({ type: 'InternalIP', address })) },
  }
}

/** iptables-save text taken apart for comparison: `table/chain` → its rules in order. The order of chains is free, that of rules is not. */
export function rulesByChain(text: string): Readonly<Record<string, readonly string[]>> {
  const chains: Record<string, string[]> = {}
  let table = ''
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1)
    else if (line.startsWith(':')) chains[`${table}/${line.slice(1).split(' ')[0]}`] ??= []
    else if (line.startsWith('-A ')) {
      const chain = `${table}/${line.slice(3).split(' ')[0]}`
      chains[chain] ??= []
      chains[chain].push(line)
    }
  }
  return chains
}
