import type { Cluster } from '../api/cluster.ts'
import { at, find, list } from '../api/cluster.ts'
import type { ClusterSettings } from '../api/kinds/config.ts'
import { SERVICE_NAME_LABEL } from '../api/kinds/endpointslice.ts'
import type { Service } from '../api/kinds/service.ts'
import type { Chooser } from '../kernel/chance.ts'
import type { Packet } from '../kernel/packet.ts'
import { healthResponse, serviceHealths } from '../proxy/health.ts'
import { proxyViewsOf } from '../proxy/view.ts'
import type { Onward } from '../trace/exchange.ts'
import { type Host, type NodeHost, networkOf, primaryIp, vethOf } from '../trace/network.ts'
import type { Ground } from '../trace/run.ts'
import type { Socket } from '../trace/sockets.ts'
import { bootedKernel } from './booted.ts'
import { nodeProgram, ruleText } from './programs.ts'
import { seenBy, type World } from './world.ts'

const NOT_BALANCED = 'node.kubernetes.io/exclude-from-external-load-balancers'

/** The world as the tracer sees it. */
export function groundOf(world: World): Ground {
  const { cluster, mode } = world
  const network = networkOf(cluster)
  return {
    network,
    faults: world.faults,
    programOf: (node) => nodeProgram(seenBy(world, node), node, mode),
    textOf: (program, rule) => ruleText(mode, program, rule),
    podInterface: (pod) => podInterface(cluster, pod.name),
    loadBalancerNodes: (service) => loadBalancerNodes(world, service),
    now: world.now,
    booted: bootedKernel(cluster.settings),
  }
}

const podInterfaces = new WeakMap<ClusterSettings, Map<string, string>>()

/** The veth's name on the node, such that kube-proxy's way of telling Pods by interface finds them. Every packet of a Pod's asks. */
function podInterface({ settings }: Cluster, pod: string): string {
  let byPod = podInterfaces.get(settings)
  if (!byPod) {
    byPod = new Map()
    podInterfaces.set(settings, byPod)
  }
  let name = byPod.get(pod)
  if (name === undefined) {
    name = interfaceOf(settings, pod)
    byPod.set(pod, name)
  }
  return name
}

function interfaceOf(settings: ClusterSettings, pod: string): string {
  const { detectLocalMode, detectLocal } = settings.proxy
  if (detectLocalMode === 'BridgeInterface' && detectLocal?.bridgeInterface) return detectLocal.bridgeInterface
  const veth = vethOf(pod)
  const prefix = detectLocal?.interfaceNamePrefix
  return detectLocalMode === 'InterfaceNamePrefix' && prefix ? `${prefix}${veth.slice('veth'.length)}` : veth
}

/**
 * The nodes that a load balancer sends to: all but those excluded by label or down; under `externalTrafficPolicy: Local` those whose health
 * check answers 200 because they have an endpoint. Where none does, it fails open and sends to all, and the nodes' rules decide.
 */
function loadBalancerNodes(world: World, service: Service): readonly NodeHost[] {
  const nodes = [...networkOf(world.cluster).nodes.values()].filter(
    ({ name, node }) => node.metadata.labels?.[NOT_BALANCED] === undefined && !world.faults.nodes.has(name),
  )
  const all = nodes.length > 0 ? nodes : [...networkOf(world.cluster).nodes.values()]
  if (service.spec.externalTrafficPolicy !== 'Local') return all
  const healthy = all.filter(({ name }) => healthAnswer(world, name, service).status === 200)
  return healthy.length > 0 ? healthy : all
}

/** What kube-proxy's health check server on a node says: 200 where the Service has a local ready endpoint. */
export function healthAnswer(world: World, node: string, { metadata }: Service): ReturnType<typeof healthResponse> {
  const { namespace = '', name } = metadata
  const healths = serviceHealths(proxyViewsOf(seenBy(world, node), node, world.mode))
  const own = healths.find((health) => health.namespace === namespace && health.name === name)
  return healthResponse(own ?? { namespace, name, localEndpoints: 0 }, true)
}

/** What a node itself listens on: kubelet, kube-proxy's own and Services' health checks, and the API server where it runs. */
export function nodeSockets(world: World, host: NodeHost): readonly Socket[] {
  const tcp = (port: number): Socket => ({ protocol: 'TCP', port })
  const sockets = [tcp(22), tcp(10250), tcp(10256)]
  const api = list(world.cluster, 'EndpointSlice').filter(
    ({ metadata }) => metadata.namespace === 'default' && metadata.labels?.[SERVICE_NAME_LABEL] === 'kubernetes',
  )
  const isMaster = api.some((slice) => slice.endpoints?.some(({ addresses }) => addresses.some((ip) => host.ips.includes(ip))))
  if (isMaster || host.node.metadata.labels?.['node-role.kubernetes.io/control-plane'] !== undefined) sockets.push(tcp(6443))
  for (const service of list(world.cluster, 'Service')) {
    if (service.spec.type === 'LoadBalancer' && service.spec.healthCheckNodePort) sockets.push(tcp(service.spec.healthCheckNodePort))
  }
  return sockets
}

/** The Service whose health check a node port is. */
export function healthChecked(cluster: Cluster, port: number): Service | undefined {
  return list(cluster, 'Service').find(({ spec }) => spec.type === 'LoadBalancer' && spec.healthCheckNodePort === port)
}

/** A Pod by namespace and name, for the application behind a socket. */
export function podAt(cluster: Cluster, namespace: string | undefined, name: string | undefined) {
  return namespace === undefined || name === undefined ? undefined : find(cluster, 'Pod', namespace, name)
}

/** Where a load balancer of `ipMode: Proxy` dials on to: the node port of one of its healthy nodes. */
export function relayOf(world: World, host: Host, packet: Packet, choose: Chooser): Onward | undefined {
  if (host.host !== 'client' || !host.proxy?.startsWith('Service/')) return undefined
  const service = at(world.cluster, host.proxy) as Service | undefined
  const port = service?.spec.ports?.find((one) => one.port === packet.dport && one.protocol === packet.protocol)
  const nodes = service ? loadBalancerNodes(world, service) : []
  if (!port?.nodePort || nodes.length === 0) return undefined
  const picked =
    nodes.length === 1
      ? 0
      : choose(
          `load-balancer ${host.name}`,
          nodes.map(() => 1 / nodes.length),
        )
  const node = nodes[picked]
  const ip = node && primaryIp(node, packet.family)
  if (ip === undefined) return undefined
  return { host: ip, port: port.nodePort, ...(speaksProxy(service) && { proxyLine: { source: packet.src, port: packet.dport } }) }
}

/** Providers switch the PROXY protocol on by an annotation of the Service: AWS, DigitalOcean, Hetzner and others name it so. */
function speaksProxy(service: Service | undefined): boolean {
  return Object.entries(service?.metadata.annotations ?? {}).some(
    ([name, value]) => /(^|[-/])(enable-|uses-|use-)?proxy-?protocol(-v2)?$/.test(name) && value !== 'false' && value !== '',
  )
}
