import { type Ip, isLoopback } from '../../../base/ip.ts'
import { serviceName } from '../../../kernel/ipvsstate.ts'
import { HASH_PORT, type Origin, PERSISTENT, type SchedulerName, type VirtualServer } from '../../../kernel/program.ts'
import type { ProxyEndpoint, ProxyView, ServicePortView } from '../../view.ts'

const SCHEDULERS: readonly SchedulerName[] = ['rr', 'wrr', 'lc', 'wlc', 'lblc', 'lblcr', 'sh', 'dh', 'sed', 'nq', 'mh']

/** The scheduler of `ipvs.scheduler`, rr where it is empty; undefined for a name that no kernel module has: kube-proxy then exits. */
export function schedulerNamed(name: string | undefined): SchedulerName | undefined {
  return name === undefined || name === '' ? 'rr' : SCHEDULERS.find((known) => known === name)
}

/**
 * The node's addresses on which nodePorts are virtual servers: never loopback, nothing on kube-ipvs0; IPv6 link-local ones only where
 * nodePortAddresses names them, as the list of all addresses leaves them out.
 */
export function nodePortIps({ nodePortAddresses, interfaceAddresses }: ProxyView): readonly Ip[] {
  const chosen = nodePortAddresses === 'all' ? interfaceAddresses.filter((ip) => !/^fe[89ab][0-9a-f]:/.test(ip)) : nodePortAddresses
  return chosen.filter((ip) => !isLoopback(ip))
}

/** One service port's virtual servers: its ClusterIP, its external addresses, and its nodePort on each node address. */
export function virtualServers(view: ProxyView, port: ServicePortView, nodeIps: readonly Ip[]): readonly VirtualServer[] {
  const server = (address: Ip, number: number, endpoints: readonly ProxyEndpoint[], path: Origin['path']): VirtualServer => ({
    ...common(view, port),
    address,
    port: number,
    realServers: endpoints.map((endpoint) => realServer(port, endpoint)),
    origin: { object: port.service, path },
  })
  const internal = reachable(port, port.internalPolicyLocal)
  const external = reachable(port, port.externalPolicyLocal)
  return [
    server(port.clusterIp, port.port, internal, ['spec', 'ports', port.portIndex]),
    ...port.externalIps.map((ip) => server(ip, port.port, external, ['spec', 'externalIPs'])),
    ...port.loadBalancerVips.map((ip) => server(ip, port.port, external, ['status', 'loadBalancer', 'ingress'])),
    ...(port.nodePort === 0 ? [] : nodeIps.map((ip) => server(ip, port.nodePort, external, ['spec', 'ports', port.portIndex, 'nodePort']))),
  ]
}

/** A virtual server's name in program and state: `TCP 10.96.0.1:443`. */
export function serverName({ protocol, address, port }: Pick<VirtualServer, 'protocol' | 'address' | 'port'>): string {
  return serviceName(protocol, address, port)
}

/**
 * Unlike the other modes, ipvs falls back to the whole cluster where a Local policy finds no local endpoint: kube-proxy wants the
 * node's own Pods served, and leaves it to the lost source address that outside clients are not.
 */
function reachable(port: ServicePortView, local: boolean): readonly ProxyEndpoint[] {
  return local && port.categories.local.length > 0 ? port.categories.local : port.categories.cluster
}

function common(view: ProxyView, port: ServicePortView) {
  const scheduler = schedulerNamed(view.config.ipvs?.scheduler) ?? 'rr'
  const sticky = port.affinitySeconds !== undefined
  return {
    protocol: port.protocol,
    scheduler,
    flags: (sticky ? PERSISTENT : 0) | (scheduler === 'mh' ? HASH_PORT : 0),
    timeout: port.affinitySeconds ?? 0,
  }
}

/** kube-proxy adds every endpoint with weight 1, each at the head of the kernel's list; the order among new ones is random in reality. */
function realServer({ service, portIndex }: ServicePortView, endpoint: ProxyEndpoint) {
  const origin: Origin = { object: endpoint.slice, path: ['endpoints', endpoint.index] }
  const also: readonly Origin[] = [{ object: service, path: ['spec', 'ports', portIndex, 'targetPort'] }]
  return { ip: endpoint.ip, port: endpoint.port, weight: 1, origin, also }
}
