import { familyOf, ipIn, parseCidr } from '../base/ip.ts'
import type { ClusterSettings, KindCluster, KubeProxyConfiguration } from './kinds/config.ts'

export type ModeId = ClusterSettings['mode']

/** The settings documents found in the input, as plain values; of several of a kind the last counts. */
export type SettingsInput = {
  readonly kindCluster?: KindCluster
  readonly kubeProxy?: KubeProxyConfiguration
  /** KubeControllerManagerConfiguration. */
  readonly controllerManager?: unknown
  /** kubeadm's ClusterConfiguration. */
  readonly kubeadm?: unknown
  /** CIDRs of a ServiceCIDR object. */
  readonly serviceCidrs?: readonly string[]
  /** Pod CIDRs of Node objects, for a cluster whose settings are not in the input. */
  readonly nodePodCidrs?: readonly string[]
  /** Their internal addresses: a node of a dual-stack cluster has both families. */
  readonly nodeIps?: readonly string[]
  /** The address of the input's own Service `default/kubernetes`. */
  readonly kubernetesIps?: readonly string[]
}

const POD_CIDRS = { ipv4: ['10.244.0.0/16'], ipv6: ['fd00:10:244::/56'], dual: ['10.244.0.0/16', 'fd00:10:244::/56'] }
const SERVICE_CIDRS = { ipv4: ['10.96.0.0/16'], ipv6: ['fd00:10:96::/112'], dual: ['10.96.0.0/16', 'fd00:10:96::/112'] }

/**
 * What holds for the whole cluster: the settings given, over the defaults of a kind cluster. `mode` is the command line's or the page's
 * and wins over all. Values that make no sense are as good as absent (their documents get a diagnostic of their own).
 */
export function settingsOf(input: SettingsInput, mode?: ModeId, bare = false): ClusterSettings {
  const network = input.kindCluster?.networking
  const kubeadmNetwork = objectAt(input.kubeadm, 'networking')
  const given = (text: unknown) => cidrsOf(typeof text === 'string' ? text : undefined)
  const stated = firstOf(
    given(network?.serviceSubnet),
    given(kubeadmNetwork?.['serviceSubnet']),
    given(extraArg(input.kubeadm, 'apiServer', 'service-cluster-ip-range')),
    cidrsOf(input.serviceCidrs?.join(',')),
  )
  const family = familyNamed(network?.ipFamily) ?? familyFrom(stated ?? evidenceOf(input))
  const serviceCidrs = stated ?? inferServiceCidrs(SERVICE_CIDRS[family], input.kubernetesIps ?? [])
  const podCidrs =
    firstOf(given(network?.podSubnet), given(kubeadmNetwork?.['podSubnet'])) ?? inferPodCidrs(POD_CIDRS[family], input.nodePodCidrs ?? [])
  const chosen = mode ?? modeOf(input.kubeProxy?.mode) ?? modeOf(network?.kubeProxyMode) ?? 'iptables'
  const dnsServiceIps = serviceCidrs.flatMap((cidr) => {
    const subnet = parseCidr(cidr)
    return subnet ? [ipIn(subnet, 10n)] : []
  })
  return {
    kubernetesVersion: '1.36',
    mode: chosen,
    ipFamilies: serviceCidrs.map(familyOf).filter((value, index, all) => all.indexOf(value) === index),
    podCidrs,
    serviceCidrs,
    ...(bare && !stated ? { announcedServiceCidrs: [] } : {}),
    nodePortRange: portRange(extraArg(input.kubeadm, 'apiServer', 'service-node-port-range')),
    maxEndpointsPerSlice: maxEndpoints(input),
    proxy: input.kubeProxy ? wellTyped(input.kubeProxy, PROXY_SHAPE) : { mode: chosen, clusterCIDR: podCidrs.join(',') },
    clusterDomain:
      typeof kubeadmNetwork?.['dnsDomain'] === 'string' && kubeadmNetwork['dnsDomain'] ? kubeadmNetwork['dnsDomain'] : 'cluster.local',
    dnsServiceIps,
    // Whoever hands out load balancer addresses is no part of a bare input.
    loadBalancerPool: bare ? [] : loadBalancerPool(serviceCidrs.map(familyOf)),
  }
}

type Shape = { readonly [field: string]: 'text' | 'texts' | 'number' | 'bool' | Shape }

const SYNC = { syncPeriod: 'text', minSyncPeriod: 'text' } as const
const PROXY_SHAPE: Shape = {
  mode: 'text',
  clusterCIDR: 'text',
  detectLocalMode: 'text',
  nodePortAddresses: 'texts',
  detectLocal: { bridgeInterface: 'text', interfaceNamePrefix: 'text', clusterCIDRs: 'texts' },
  iptables: { masqueradeBit: 'number', masqueradeAll: 'bool', localhostNodePorts: 'bool', ...SYNC },
  nftables: { masqueradeBit: 'number', masqueradeAll: 'bool', ...SYNC },
  ipvs: {
    scheduler: 'text',
    strictARP: 'bool',
    excludeCIDRs: 'texts',
    tcpTimeout: 'text',
    tcpFinTimeout: 'text',
    udpTimeout: 'text',
    ...SYNC,
  },
  conntrack: {
    tcpBeLiberal: 'bool',
    tcpEstablishedTimeout: 'text',
    tcpCloseWaitTimeout: 'text',
    udpTimeout: 'text',
    udpStreamTimeout: 'text',
  },
}

/** The settings without those of a wrong type: whoever reads them need not ask. Fields that are not in the shape are kept. */
function wellTyped(value: Readonly<Record<string, unknown>>, shape: Shape): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) => {
      const expected = shape[key]
      if (expected === undefined) return [[key, member]]
      if (typeof expected === 'object') return isObject(member) ? [[key, wellTyped(member, expected)]] : []
      if (expected === 'texts') return Array.isArray(member) ? [[key, member.filter((item) => typeof item === 'string')]] : []
      return typeof member === { text: 'string', number: 'number', bool: 'boolean' }[expected] ? [[key, member]] : []
    }),
  )
}

function familyNamed(text: unknown): 'ipv4' | 'ipv6' | 'dual' | undefined {
  return text === 'ipv4' || text === 'ipv6' || text === 'dual' ? text : undefined
}

function modeOf(text: string | undefined): ModeId | undefined {
  return text === 'iptables' || text === 'nftables' || text === 'ipvs' ? text : undefined
}

function firstOf<T>(...values: readonly (readonly T[] | undefined)[]): readonly T[] | undefined {
  return values.find((value) => value !== undefined && value.length > 0)
}

/** CIDRs of a comma-separated list; undefined if there are none or one is wrong. */
function cidrsOf(text: string | undefined): readonly string[] | undefined {
  const parts = (text ?? '').split(',').flatMap((part) => (part.trim() ? [part.trim()] : []))
  return parts.length > 0 && parts.every((part) => parseCidr(part)) ? parts : undefined
}

function familyFrom(addresses: readonly string[] | undefined): 'ipv4' | 'ipv6' | 'dual' {
  const families = new Set((addresses ?? []).map(familyOf))
  return families.size === 2 ? 'dual' : families.has('IPv6') ? 'ipv6' : 'ipv4'
}

/**
 * Addresses whose families are the cluster's. `default/kubernetes` has one family in a dual-stack cluster too, so the Pod CIDRs of the
 * nodes count beside it; where nobody gave them any, as with some networks, the nodes' addresses do.
 */
function evidenceOf({ kubernetesIps = [], nodePodCidrs = [], nodeIps = [] }: SettingsInput): readonly string[] {
  return [...kubernetesIps, ...(nodePodCidrs.length > 0 ? nodePodCidrs : nodeIps)]
}

/** A dump of a real cluster does not say its Service CIDR; the address of `default/kubernetes`, its first one, tells. */
function inferServiceCidrs(defaults: readonly string[], kubernetesIps: readonly string[]): readonly string[] {
  return defaults.map((cidr) => {
    const subnet = parseCidr(cidr)
    const ip = kubernetesIps.find((candidate) => subnet && familyOf(candidate) === subnet.family)
    if (!ip || !subnet) return cidr
    const around = parseCidr(`${ip}/${subnet.family === 'IPv4' ? 16 : 112}`)
    return around && around.first !== subnet.first ? `${ipIn(around, 0n)}/${around.prefix}` : cidr
  })
}

/** The smallest network around the nodes' Pod CIDRs, where the default does not hold them. */
function inferPodCidrs(defaults: readonly string[], nodeCidrs: readonly string[]): readonly string[] {
  const networks = nodeCidrs.flatMap((cidr) => parseCidr(cidr) ?? [])
  return defaults.map((cidr) => {
    const whole = parseCidr(cidr)
    const mine = networks.filter((network) => network.family === whole?.family)
    if (!whole || mine.length === 0 || mine.every((network) => network.first >= whole.first && network.last <= whole.last)) return cidr
    const [head] = mine
    if (!head) return cidr
    for (let prefix = head.prefix; prefix > 0; prefix--) {
      const candidate = parseCidr(`${ipIn(head, 0n)}/${prefix}`)
      if (candidate && mine.every((network) => network.first >= candidate.first && network.last <= candidate.last))
        return `${ipIn(candidate, 0n)}/${prefix}`
    }
    return cidr
  })
}

/** kubeadm's extraArgs: a map up to v1beta3, a list of name and value since v1beta4. */
function extraArg(kubeadm: unknown, component: string, name: string): string | undefined {
  const args = objectAt(kubeadm, component)?.['extraArgs']
  if (Array.isArray(args)) {
    const found = args.find((arg) => isObject(arg) && arg['name'] === name)
    return isObject(found) && found['value'] !== undefined ? String(found['value']) : undefined
  }
  const value = isObject(args) ? args[name] : undefined
  return value === undefined ? undefined : String(value)
}

function maxEndpoints(input: SettingsInput): number {
  const given =
    objectAt(input.controllerManager, 'endpointSliceController')?.['maxEndpointsPerSlice'] ??
    extraArg(input.kubeadm, 'controllerManager', 'max-endpoints-per-slice')
  const value = Number(given)
  return given !== undefined && Number.isInteger(value) && value >= 1 && value <= 1000 ? value : 100
}

function portRange(text: string | undefined): { from: number; to: number } {
  const match = /^(\d+)[-:](\d+)$/.exec(text ?? '')
  const [from, to] = [Number(match?.[1]), Number(match?.[2])]
  return match && from >= 1 && to <= 65535 && from <= to ? { from, to } : { from: 30000, to: 32767 }
}

/** As cloud-provider-kind and MetalLB are set up for kind: the end of the Docker network that the nodes are on. */
function loadBalancerPool(families: readonly string[]): string[] {
  const pool: string[] = []
  for (let host = 200; host <= 250; host++) {
    if (families.includes('IPv4')) pool.push(`172.18.255.${host}`)
    if (families.includes('IPv6')) pool.push(`fc00:f853:ccd:e793::ff${host.toString(16).padStart(2, '0')}`)
  }
  return pool
}

/** Whether a value is a map, as opposed to a list, a scalar or null. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function objectAt(value: unknown, key: string): Readonly<Record<string, unknown>> | undefined {
  const member = isObject(value) ? value[key] : undefined
  return isObject(member) ? member : undefined
}
