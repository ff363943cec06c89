import { familyOf, type Ip, ipIn, type Network, parseCidr } from '../base/ip.ts'
import { byText } from '../base/order.ts'
import { rfc3339 } from '../base/time.ts'
import type { ClusterSettings, KindCluster } from './kinds/config.ts'
import type { Node } from './kinds/node.ts'
import { isObject } from './settings.ts'

const CONTROL_PLANE = 'node-role.kubernetes.io/control-plane'
/** Docker's network `kind`, which the nodes of a kind cluster are on. The first address is its gateway's. */
const NODE_NETWORKS = ['172.18.0.0/16', 'fc00:f853:ccd:e793::/64']

/** The nodes of a kind `Cluster`, or the course chapter's three, not completed yet. */
export function kindNodes(kindCluster: KindCluster | undefined): Node[] {
  const listed = Array.isArray(kindCluster?.nodes) ? kindCluster.nodes.filter(isObject) : []
  const given = listed.length > 0 ? listed : undefined
  const name = String(kindCluster?.name ?? (given ? 'kind' : 'demo'))
  const nodes: readonly Readonly<Record<string, unknown>>[] = given ?? [{ role: 'control-plane' }, { role: 'worker' }, { role: 'worker' }]
  const counts = { 'control-plane': 0, worker: 0 }
  return nodes.map((node) => {
    const role = node['role'] === 'worker' ? 'worker' : 'control-plane'
    const number = ++counts[role]
    return node_(`${name}-${role}${number > 1 ? number : ''}`, role, textLabels(node['labels']), nodes.length === 1)
  })
}

function node_(name: string, role: 'control-plane' | 'worker', labels: Readonly<Record<string, string>>, alone: boolean): Node {
  const isControlPlane = role === 'control-plane'
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        ...(isControlPlane ? { [CONTROL_PLANE]: '' } : {}),
        // kubeadm keeps load balancers off control planes; kind takes taint and label away where there is no other node.
        ...(isControlPlane && !alone ? { 'node.kubernetes.io/exclude-from-external-load-balancers': '' } : {}),
        ...labels,
      },
    },
    ...(isControlPlane && !alone ? { spec: { taints: [{ key: CONTROL_PLANE, effect: 'NoSchedule' }] } } : {}),
  }
}

/** Labels as text, whatever was written. */
function textLabels(labels: unknown): Readonly<Record<string, string>> {
  return isObject(labels) ? Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, String(value)])) : {}
}

/** Whether a node carries the control plane. */
export function isControlPlane(node: Node): boolean {
  return node.metadata.labels?.[CONTROL_PLANE] !== undefined || node.metadata.labels?.['node-role.kubernetes.io/master'] !== undefined
}

/**
 * Gives nodes what kubelet, kubeadm and the node IPAM controller give: addresses, Pod CIDRs, labels, the Ready condition. What a node
 * says itself is kept; addresses and CIDRs go round in the given order.
 */
export function completeNodes(nodes: readonly Node[], settings: ClusterSettings): Node[] {
  const takenIps = new Set(nodes.flatMap((node) => (node.status?.addresses ?? []).map((address) => address.address)))
  const takenCidrs = new Set(nodes.flatMap((node) => [...(node.spec?.podCIDRs ?? []), node.spec?.podCIDR ?? '']))
  const ips = NODE_NETWORKS.flatMap((cidr) => parseCidr(cidr) ?? []).map((network) => ({ network, next: 2n }))
  const cidrs = settings.podCidrs.flatMap((cidr) => parseCidr(cidr) ?? []).map((network) => ({ network, next: 0n }))
  const ipOf = (family: string): Ip[] => {
    const pool = ips.find((candidate) => candidate.network.family === family)
    while (pool) {
      const ip = ipIn(pool.network, pool.next++)
      if (!takenIps.has(ip)) return [ip]
    }
    return []
  }
  const cidrOf = (pool: { network: Network; next: bigint }): string[] => {
    const prefix = Math.max(pool.network.prefix, pool.network.family === 'IPv4' ? 24 : 64)
    const size = 1n << BigInt((pool.network.family === 'IPv4' ? 32 : 128) - prefix)
    for (let first = pool.network.first + pool.next * size; first <= pool.network.last; first += size) {
      pool.next++
      const cidr = `${ipIn(pool.network, first - pool.network.first)}/${prefix}`
      if (!takenCidrs.has(cidr)) return [cidr]
    }
    return []
  }
  return nodes.map((node) => {
    const podCIDRs = node.spec?.podCIDRs?.length ? node.spec.podCIDRs : node.spec?.podCIDR ? [node.spec.podCIDR] : cidrs.flatMap(cidrOf)
    const given = node.status?.addresses
    const families = settings.ipFamilies
    const addresses = given?.length
      ? given
      : [...families.flatMap(ipOf).map((address) => ({ type: 'InternalIP', address })), { type: 'Hostname', address: node.metadata.name }]
    return complete(node, podCIDRs, addresses)
  })
}

function complete(node: Node, podCIDRs: readonly string[], addresses: NonNullable<Node['status']>['addresses'] & object): Node {
  const labels: Record<string, string> = {
    'beta.kubernetes.io/arch': 'amd64',
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/hostname': node.metadata.name,
    'kubernetes.io/os': 'linux',
    ...node.metadata.labels,
  }
  const sorted = Object.fromEntries(Object.entries(labels).sort(([a], [b]) => byText(a, b)))
  const since = rfc3339(0)
  const ready = {
    type: 'Ready',
    status: 'True' as const,
    reason: 'KubeletReady',
    message: 'kubelet is posting ready status',
    lastHeartbeatTime: since,
    lastTransitionTime: since,
  }
  return {
    ...node,
    metadata: { ...node.metadata, labels: sorted },
    spec: { ...(podCIDRs[0] ? { podCIDR: podCIDRs[0], podCIDRs } : {}), ...node.spec, ...(podCIDRs[0] ? { podCIDRs } : {}) },
    status: {
      ...node.status,
      addresses,
      conditions: node.status?.conditions?.length ? node.status.conditions : [ready],
      nodeInfo: node.status?.nodeInfo ?? NODE_INFO,
      capacity: node.status?.capacity ?? RESOURCES,
      allocatable: node.status?.allocatable ?? RESOURCES,
    },
  }
}

const RESOURCES = { cpu: '4', memory: '8Gi', pods: '110' }
const NODE_INFO = {
  architecture: 'amd64',
  containerRuntimeVersion: 'containerd://2.2.0',
  kernelVersion: '6.12.0',
  kubeletVersion: 'v1.36.2',
  kubeProxyVersion: '',
  operatingSystem: 'linux',
  osImage: 'Debian GNU/Linux 13 (trixie)',
}

/** A node's addresses that the rest of the cluster reaches it by, in the order of its status. */
export function internalIps(node: Node, family?: 'IPv4' | 'IPv6'): Ip[] {
  const ips = (node.status?.addresses ?? []).filter((address) => address.type === 'InternalIP').map((address) => address.address)
  return family ? ips.filter((ip) => familyOf(ip) === family) : ips
}
