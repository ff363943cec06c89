import type { Family, Ip } from '../../../base/ip.ts'
import { byText } from '../../../base/order.ts'
import type { AddressSet, Origin, SetElement } from '../../../kernel/program.ts'
import { nodeIsAllowed } from '../../decide.ts'
import type { ProxyView, ServicePortView } from '../../view.ts'

/** kube-proxy's ipsets (pkg/proxy/ipvs/ipset.go): type, and the comment that its iptables rules carry. */
const CATALOGUE = {
  'LOOP-BACK': ['hash:ip,port,ip', 'Kubernetes endpoints dst ip:port, source ip for solving hairpin purpose'],
  'CLUSTER-IP': ['hash:ip,port', 'Kubernetes service cluster ip + port for masquerade purpose'],
  'EXTERNAL-IP': ['hash:ip,port', 'Kubernetes service external ip + port for masquerade and filter purpose'],
  'EXTERNAL-IP-LOCAL': ['hash:ip,port', 'Kubernetes service external ip + port with externalTrafficPolicy=local'],
  'LOAD-BALANCER': ['hash:ip,port', 'Kubernetes service lb portal'],
  'LOAD-BALANCER-LOCAL': ['hash:ip,port', 'Kubernetes service load balancer ip + port with externalTrafficPolicy=local'],
  'LOAD-BALANCER-FW': ['hash:ip,port', 'Kubernetes service load balancer ip + port for load balancer with sourceRange'],
  'LOAD-BALANCER-SOURCE-IP': ['hash:ip,port,ip', 'Kubernetes service load balancer ip + port + source IP for packet filter purpose'],
  'LOAD-BALANCER-SOURCE-CIDR': ['hash:ip,port,net', 'Kubernetes service load balancer ip + port + source cidr for packet filter purpose'],
  'NODE-PORT-TCP': ['bitmap:port', 'Kubernetes nodeport TCP port for masquerade purpose'],
  'NODE-PORT-LOCAL-TCP': ['bitmap:port', 'Kubernetes nodeport TCP port with externalTrafficPolicy=local'],
  'NODE-PORT-UDP': ['bitmap:port', 'Kubernetes nodeport UDP port for masquerade purpose'],
  'NODE-PORT-LOCAL-UDP': ['bitmap:port', 'Kubernetes nodeport UDP port with externalTrafficPolicy=local'],
  'NODE-PORT-SCTP-HASH': ['hash:ip,port', "Kubernetes nodeport SCTP port for masquerade purpose with type 'hash ip:port'"],
  'NODE-PORT-LOCAL-SCTP-HASH': ['hash:ip,port', "Kubernetes nodeport SCTP port with externalTrafficPolicy=local with type 'hash ip:port'"],
  'HEALTH-CHECK-NODE-PORT': ['bitmap:port', 'Kubernetes health check node port'],
  'IPVS-IPS': ['hash:ip', 'Addresses on the ipvs interface'],
} as const

export type SetId = keyof typeof CATALOGUE
const IDS = Object.keys(CATALOGUE) as SetId[]

/** The kernel takes set names of at most 31 characters, so kube-proxy cuts the longer IPv6 ones. */
export function setName(id: SetId, family: Family): string {
  return (family === 'IPv6' ? `KUBE-6-${id}` : `KUBE-${id}`).slice(0, 31)
}

/** What the rules that ask this set say it is for. */
export function setComment(id: SetId): string {
  return CATALOGUE[id][1]
}

/** The sets of one sync as they fill up. Elements are kept by text: the same address and port may come from two Services. */
export class SetContents {
  readonly #elements = new Map<SetId, Map<string, SetElement>>()

  add(id: SetId, key: readonly (string | number)[], origin: Origin): void {
    const elements = this.#elements.get(id) ?? new Map<string, SetElement>()
    this.#elements.set(id, elements)
    elements.set(memberText(key), { key, origin })
  }

  isEmpty(id: SetId): boolean {
    return !this.#elements.has(id)
  }

  /** All sets of the catalogue, the empty ones too: kube-proxy creates every set before it fills any. */
  all(family: Family): readonly AddressSet[] {
    return IDS.map((id) => ({
      name: setName(id, family),
      type: CATALOGUE[id][0],
      comment: CATALOGUE[id][1],
      elements: [...(this.#elements.get(id) ?? new Map<string, SetElement>())]
        .sort(([a], [b]) => byText(a, b))
        .map(([, element]) => element),
    }))
  }
}

/** An element as ipset writes it: `10.96.0.1,tcp:443`, `10.0.0.1,tcp:80,10.0.0.1`, `30080`. A protocol is tied to its port by a colon. */
export function memberText(key: readonly (string | number)[]): string {
  return key.join(',').replace(/\b(tcp|udp|sctp),(?=\d)/, '$1:')
}

/** What one service port adds to the sets, apart from its bound addresses. `nodeIps` are the addresses on which nodePorts answer. */
export function addToSets(view: ProxyView, port: ServicePortView, nodeIps: readonly Ip[], sets: SetContents): void {
  const protocol = port.protocol.toLowerCase()
  const from = (...path: (string | number)[]): Origin => ({ object: port.service, path })
  const at = (ip: Ip) => [ip, protocol, port.port]

  for (const endpoint of port.endpoints) {
    if (!endpoint.local) continue
    const origin: Origin = { object: endpoint.slice, path: ['endpoints', endpoint.index] }
    sets.add('LOOP-BACK', [endpoint.ip, protocol, endpoint.port, endpoint.ip], origin)
  }
  sets.add('CLUSTER-IP', at(port.clusterIp), from('spec', 'ports', port.portIndex))
  for (const ip of port.externalIps)
    sets.add(port.externalPolicyLocal ? 'EXTERNAL-IP-LOCAL' : 'EXTERNAL-IP', at(ip), from('spec', 'externalIPs'))
  for (const ip of port.loadBalancerVips) addLoadBalancer(view, port, ip, sets)
  if (port.nodePort !== 0 && nodeIps.length === 0) return
  if (port.nodePort !== 0) addNodePort(port, nodeIps, sets)
  if (port.healthCheckNodePort !== 0) sets.add('HEALTH-CHECK-NODE-PORT', [port.healthCheckNodePort], from('spec', 'healthCheckNodePort'))
}

function addLoadBalancer(view: ProxyView, port: ServicePortView, ip: Ip, sets: SetContents): void {
  const key = [ip, port.protocol.toLowerCase(), port.port]
  const origin: Origin = { object: port.service, path: ['status', 'loadBalancer', 'ingress'] }
  sets.add('LOAD-BALANCER', key, origin)
  if (port.externalPolicyLocal) sets.add('LOAD-BALANCER-LOCAL', key, origin)
  if (port.sourceRanges.length === 0) return
  const ranges: Origin = { object: port.service, path: ['spec', 'loadBalancerSourceRanges'] }
  sets.add('LOAD-BALANCER-FW', key, ranges)
  for (const range of port.sourceRanges) sets.add('LOAD-BALANCER-SOURCE-CIDR', [...key, range], ranges)
  if (nodeIsAllowed(view, port)) sets.add('LOAD-BALANCER-SOURCE-IP', [...key, ip], ranges)
}

function addNodePort(port: ServicePortView, nodeIps: readonly Ip[], sets: SetContents): void {
  const origin: Origin = { object: port.service, path: ['spec', 'ports', port.portIndex, 'nodePort'] }
  const ids: Record<string, readonly [SetId, SetId]> = {
    TCP: ['NODE-PORT-TCP', 'NODE-PORT-LOCAL-TCP'],
    UDP: ['NODE-PORT-UDP', 'NODE-PORT-LOCAL-UDP'],
    SCTP: ['NODE-PORT-SCTP-HASH', 'NODE-PORT-LOCAL-SCTP-HASH'],
  }
  // bitmap:port knows no SCTP, so those ports go with each address into a hash.
  const keys = port.protocol === 'SCTP' ? nodeIps.map((ip) => [ip, 'sctp', port.nodePort]) : [[port.nodePort]]
  const [all, local] = ids[port.protocol] ?? []
  for (const key of keys) {
    if (all) sets.add(all, key, origin)
    if (local && port.externalPolicyLocal) sets.add(local, key, origin)
  }
}
