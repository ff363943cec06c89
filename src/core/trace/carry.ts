import { familyOf, hostPort, type Ip, isLoopback } from '../base/ip.ts'
import { confirm, type Tracked, track, withPacket } from '../kernel/conntrack.ts'
import { runHook } from '../kernel/evaluate.ts'
import type { HookResult } from '../kernel/kernel.ts'
import { passKnown } from '../kernel/known.ts'
import { fresh, type Packet, withMark, withTtl } from '../kernel/packet.ts'
import type { Hook, VirtualServer } from '../kernel/program.ts'
import { dnat } from '../kernel/translate.ts'
import { type ClientHost, type Host, interfaceWith, linkTo, type NodeHost, type PodHost, placeOf } from './network.ts'
import { masqueradeAddress, type Unreachable, type Way, wayFrom } from './routing.ts'
import { type Decider, deciderOf, kernelOf, linkKey, open, type Run, say, stationOf, tell } from './run.ts'
import type { Place } from './trace.ts'

/** Where one packet's way ended. */
export type Arrival =
  | { readonly end: 'socket'; readonly host: Host; readonly packet: Packet }
  | {
      readonly end: 'filtered'
      readonly node: NodeHost
      readonly verdict: 'drop' | 'reject'
      readonly packet: Packet
      readonly hook: Hook
      readonly by?: Decider
      /** ipvs' virtual server that had no real server to give. */
      readonly server?: VirtualServer
    }
  | { readonly end: 'unreachable'; readonly place: Place; readonly packet: Packet; readonly why: Unreachable }
  | { readonly end: 'left'; readonly node: NodeHost; readonly packet: Packet; readonly loadBalancer: boolean }
  | { readonly end: 'lost'; readonly place: Place; readonly packet: Packet; readonly why: Lost; readonly params: Record<string, string> }
  | { readonly end: 'loop'; readonly node: NodeHost; readonly packet: Packet }

export type Lost = 'link-down' | 'node-down' | 'hairpin-off' | 'node-firewall' | 'martian-source' | 'no-load-balancer-node'

const MAX_TTL = 64

/**
 * Sends a packet from a host's socket and follows it to its end, through every kernel on its way. `via`: the node that the request names;
 * `balancedTo`: the one that a load balancer gave the packet's connection before.
 */
export function carry(run: Run, from: Host, packet: Packet, via?: string, balancedTo?: string): Arrival {
  const sent = fresh(packet, MAX_TTL)
  if (!run.silent) {
    open(run, placeOf(from))
    say(run, { step: 'send', packet: sent })
  }
  switch (from.host) {
    case 'pod':
      return fromPod(run, from, sent)
    case 'node':
      return run.ground.faults.nodes.has(from.name) ? lost(from, sent, 'node-down', { node: from.name }) : fromNode(run, from, sent)
    case 'client':
      return fromClient(run, from, sent, via, balancedTo)
  }
}

function lost(host: Host, packet: Packet, why: Lost, params: Record<string, string>): Arrival {
  return { end: 'lost', place: placeOf(host), packet, why, params }
}

function fromPod(run: Run, pod: PodHost, packet: Packet): Arrival {
  // A Pod's own address and its loopback are in its own stack: nothing leaves it.
  if (pod.ips.includes(packet.dst) || isLoopback(packet.dst)) return { end: 'socket', host: pod, packet }
  const node = run.ground.network.nodes.get(pod.node)
  if (!node) return { end: 'unreachable', place: placeOf(pod), packet, why: 'no-such-address' }
  if (!run.silent) say(run, { step: 'exit', interface: 'eth0', next: placeOf(node), packet })
  return enterNode(run, node, run.ground.podInterface(pod), packet)
}

function fromClient(run: Run, client: ClientHost, packet: Packet, via: string | undefined, balancedTo: string | undefined): Arrival {
  const { network } = run.ground
  if (client.ips.includes(packet.dst) || isLoopback(packet.dst)) return { end: 'socket', host: client, packet }
  const owner = network.owner.get(packet.dst)
  // The way that the request names goes before all; a proxy of the cluster's own hands a Pod's packets to the Pod's node.
  const first = network.nodes.get(via ?? (client.proxy !== undefined && owner?.host === 'pod' ? owner.node : ''))
  const direct = first ?? (owner?.host === 'node' ? owner : undefined)
  if (direct) return toNode(run, client, direct, 'eth0', packet)
  if (owner?.host === 'client') return toHost(run, owner, 'eth0', packet)
  const services = network.loadBalancers.get(packet.dst)
  if (services) return throughLoadBalancer(run, services, packet, balancedTo)
  // The client's own route is for the cluster's addresses, which nobody on its network has.
  const routed = network.nodes.get(client.via ?? '')
  if (routed) return toNode(run, client, routed, 'eth0', packet)
  return { end: 'unreachable', place: placeOf(client), packet, why: 'no-route-outside' }
}

/** A pass-through load balancer: one of its healthy nodes gets the packet as it is. */
function throughLoadBalancer(
  run: Run,
  services: readonly Parameters<Run['ground']['loadBalancerNodes']>[0][],
  packet: Packet,
  balancedTo: string | undefined,
): Arrival {
  const service = services.find(({ spec }) => spec.ports?.some(({ port }) => port === packet.dport)) ?? services[0]
  const name = `${service?.metadata.namespace ?? 'default'}/${service?.metadata.name ?? ''}`
  const place: Place = { at: 'load-balancer', name }
  if (!run.silent) say(run, { step: 'exit', interface: 'eth0', next: place, packet })
  open(run, place)
  if (!run.silent) say(run, { step: 'enter', interface: 'eth0', packet })
  const healthy = service ? run.ground.loadBalancerNodes(service) : []
  const known = nodeOfFlow(run, healthy, packet, balancedTo)
  const nodes = known ? [known] : healthy
  if (nodes.length === 0) return { end: 'lost', place, packet, why: 'no-load-balancer-node', params: { service: name } }
  const weights = nodes.map(() => 1 / nodes.length)
  const picked = nodes.length === 1 ? 0 : run.choose(`load-balancer ${name}`, weights)
  const options = nodes.map((node, index) => ({ to: node.name, weight: weights[index] ?? 0 }))
  say(run, { step: 'choose', by: 'load-balancer', options, picked, packet })
  const node = nodes[picked]
  if (!node) return { end: 'lost', place, packet, why: 'no-load-balancer-node', params: { service: name } }
  if (!run.silent) say(run, { step: 'exit', interface: 'eth0', next: placeOf(node), packet })
  return enterNode(run, node, linkTo(node, packet.src, packet.family).name, packet)
}

/**
 * The node that a load balancer keeps a flow on: it looks at addresses and ports, which stay the same. A TCP connection stays also when the
 * node's health check fails, which is for new ones; a UDP flow goes to another node then.
 */
function nodeOfFlow(run: Run, healthy: readonly NodeHost[], { protocol }: Packet, name: string | undefined): NodeHost | undefined {
  const node = name === undefined ? undefined : run.ground.network.nodes.get(name)
  return node && (protocol === 'TCP' || healthy.includes(node)) ? node : undefined
}

/** Over the link to another machine's interface. */
function toNode(run: Run, from: Host, node: NodeHost, device: string, packet: Packet, via?: Ip): Arrival {
  if (!run.silent) say(run, { step: 'exit', interface: device, next: placeOf(node), packet })
  const { links } = run.ground.faults
  if (from.host === 'node' && links.size > 0 && links.has(linkKey(from.name, node.name))) {
    return lost(from, packet, 'link-down', { from: from.name, to: node.name })
  }
  const address = via ?? packet.dst
  const incoming = node.ips.includes(address) ? interfaceWith(node, address) : linkTo(node, packet.src, packet.family).name
  return enterNode(run, node, incoming, packet)
}

function toHost(run: Run, host: PodHost | ClientHost, device: string, packet: Packet): Arrival {
  const arrived = withMark(packet, 0)
  if (!run.silent) {
    say(run, { step: 'exit', interface: device, next: placeOf(host), packet })
    open(run, placeOf(host))
    say(run, { step: 'enter', interface: 'eth0', packet: arrived })
  }
  return { end: 'socket', host, packet: arrived }
}

function enterNode(run: Run, node: NodeHost, inInterface: string, sent: Packet): Arrival {
  const packet = withMark(sent, 0)
  if (!run.silent) {
    open(run, placeOf(node))
    say(run, { step: 'enter', interface: inInterface, packet })
  }
  if (run.ground.faults.nodes.has(node.name)) return lost(node, packet, 'node-down', { node: node.name })
  if (isShut(run, node, packet)) return lost(node, packet, 'node-firewall', { node: node.name })
  const tracked = trackOn(run, node, packet)
  const result = hook(run, node, 'prerouting', tracked, inInterface)
  if (result.verdict !== 'accept') return filtered(node, 'prerouting', result)
  return route(run, node, throughPortMap(run, node, result.tracked), inInterface)
}

/** The network plugin's port map: a Pod's hostPort on one of its node's addresses, where kube-proxy had nothing to say. */
function throughPortMap(run: Run, node: NodeHost, tracked: Tracked): Tracked {
  const { packet, connection } = tracked
  const mapped = run.ground.network.hostPorts.get(node.name)?.get(`${packet.protocol} ${packet.dport}`)
  if (!mapped || tracked.state !== 'NEW' || connection?.dnat || !node.ips.includes(packet.dst)) return tracked
  const ip = mapped.pod.ips.find((one) => familyOf(one) === packet.family)
  if (ip === undefined || (mapped.hostIp !== undefined && mapped.hostIp !== '0.0.0.0' && mapped.hostIp !== packet.dst)) return tracked
  const after = dnat(tracked, { ip, port: mapped.port })
  say(run, {
    step: 'rewrite',
    what: 'dnat',
    before: packet,
    after: after.packet,
    origin: { object: `Pod/${mapped.pod.name}`, path: mapped.path },
  })
  return after
}

/** A cloud's firewall around a node: nothing new comes in from outside the cluster; answers to what went out do. */
function isShut(run: Run, node: NodeHost, packet: Packet): boolean {
  if (node.node.metadata.annotations?.['kubehop.dev/firewall'] !== 'closed') return false
  const owner = run.ground.network.owner.get(packet.src)
  const isInside = owner?.host === 'node' || owner?.host === 'pod'
  return !isInside && track(kernelOf(run, node.name).conntrack, packet, run.ground.now).state === 'NEW'
}

function trackOn(run: Run, node: NodeHost, packet: Packet): Tracked {
  const tracked = track(kernelOf(run, node.name).conntrack, packet, run.ground.now)
  if (!run.silent) say(run, { step: 'track', state: tracked.state, connection: connectionOf(tracked), packet })
  return tracked
}

function connectionOf({ connection, packet }: Tracked): string {
  const tuple = connection?.original ?? packet
  const ports = packet.protocol !== 'ICMP'
  const end = (ip: Ip, port: number) => (ports ? hostPort(ip, port) : ip)
  return `${tuple.protocol.toLowerCase()} ${end(tuple.src, tuple.sport)} > ${end(tuple.dst, tuple.dport)}`
}

const NO_STEPS: HookResult['steps'] = []

/** One hook of a node's kernel; without a program every packet passes. */
function hook(
  run: Run,
  node: NodeHost,
  at: Hook,
  tracked: Tracked,
  inInterface: string | undefined,
  outInterface?: string,
  leavesBy?: Way | 'to itself',
): HookResult {
  const { program, isLocal, choose, draw } = stationOf(run, node, tracked.packet.family)
  const held = run.kernels.get(node.name)
  const kernel = held ?? run.ground.booted
  if (!program) return { kernel, tracked, verdict: 'accept', steps: NO_STEPS }
  const known = run.silent && passKnown(program, at, tracked)
  if (known && known !== 'ipvs') return { kernel, tracked: known, verdict: 'accept', steps: NO_STEPS }
  const masqueradeAs = leavesBy && ((packet: Packet) => masqueradeAddress(node, leavesBy, packet))
  const io = { inInterface, outInterface, masqueradeAs, isLocal, now: run.ground.now, choose, draw, withoutEnds: true }
  const result = runHook(kernel, program, at, tracked, io, known === 'ipvs')
  if (result.kernel !== held) run.kernels.set(node.name, result.kernel)
  tell(run, program, result)
  return result
}

/** Whether an address is a node's own: loopback, of an interface, or one that ipvs mode puts on kube-ipvs0. */
export function isLocal(run: Run, node: NodeHost, { family }: Packet, ip: Ip): boolean {
  return stationOf(run, node, family).isLocal(ip)
}

function filtered(node: NodeHost, at: Hook, result: HookResult): Arrival {
  const verdict = result.verdict === 'reject' ? 'reject' : 'drop'
  const by = result.by && deciderOf(result)
  return {
    end: 'filtered',
    node,
    verdict,
    packet: result.tracked.packet,
    hook: at,
    ...(by && { by }),
    ...(result.byServer && { server: result.byServer }),
  }
}

function route(run: Run, node: NodeHost, tracked: Tracked, inInterface: string): Arrival {
  const { packet } = tracked
  if (isLocal(run, node, packet, packet.dst)) {
    say(run, { step: 'route', destination: packet.dst, route: `local ${packet.dst}`, device: 'lo', packet })
    return intoNode(run, node, tracked, inInterface)
  }
  if (packet.ttl <= 1) return { end: 'loop', node, packet }
  const onward = withPacket(tracked, withTtl(packet, packet.ttl - 1))
  const way = wayFrom(run, node, onward.packet, onward.direction === 'reply')
  sayRoute(run, packet.dst, way, onward.packet)
  if (way.way === 'none') return { end: 'unreachable', place: placeOf(node), packet: onward.packet, why: way.why }
  const result = hook(run, node, 'forward', onward, inInterface, way.device)
  if (result.verdict !== 'accept') return filtered(node, 'forward', result)
  return leave(run, node, result.tracked, way, inInterface)
}

/** For one of the node's own addresses: the input hook, then a socket, unless ipvs takes the packet and sends it on. */
function intoNode(run: Run, node: NodeHost, tracked: Tracked, inInterface: string): Arrival {
  const result = hook(run, node, 'input', tracked, inInterface)
  if (result.verdict !== 'accept') return filtered(node, 'input', result)
  const { packet } = result.tracked
  if (result.reroute && !isLocal(run, node, packet, packet.dst)) return sendOn(run, node, result.tracked, inInterface)
  store(run, node, result.tracked)
  return { end: 'socket', host: node, packet }
}

/** ipvs has given the packet a real server: it goes out through the output hook like one of the node's own, unless it came from there. */
function sendOn(run: Run, node: NodeHost, tracked: Tracked, inInterface: string): Arrival {
  if (inInterface === 'lo') return routeOut(run, node, tracked)
  const result = hook(run, node, 'output', tracked, undefined, wayFrom(run, node, tracked.packet).device)
  return result.verdict === 'accept' ? routeOut(run, node, result.tracked, inInterface) : filtered(node, 'output', result)
}

/** A packet of the node's own (or one that ipvs sends on) finds its way out. */
function routeOut(run: Run, node: NodeHost, tracked: Tracked, inInterface?: string): Arrival {
  const { packet } = tracked
  const way = wayFrom(run, node, packet, tracked.direction === 'reply')
  sayRoute(run, packet.dst, way, packet)
  if (way.way === 'none') return { end: 'unreachable', place: placeOf(node), packet, why: way.why }
  const { program } = stationOf(run, node, packet.family)
  // A loopback source may leave the node only where route_localnet allows it, which kube-proxy's iptables mode sets.
  if (isLoopback(packet.src) && !program?.routeLocalnet) return lost(node, packet, 'martian-source', { source: packet.src })
  return leave(run, node, tracked, way, inInterface)
}

function fromNode(run: Run, node: NodeHost, packet: Packet): Arrival {
  const tracked = trackOn(run, node, packet)
  const outInterface = isLocal(run, node, packet, packet.dst) ? 'lo' : wayFrom(run, node, packet).device
  const result = hook(run, node, 'output', tracked, undefined, outInterface)
  if (result.verdict !== 'accept') return filtered(node, 'output', result)
  const out = throughPortMap(run, node, result.tracked)
  if (!isLocal(run, node, out.packet, out.packet.dst)) return routeOut(run, node, out)
  say(run, { step: 'route', destination: out.packet.dst, route: `local ${out.packet.dst}`, device: 'lo', packet: out.packet })
  const post = hook(run, node, 'postrouting', out, undefined, 'lo', 'to itself')
  if (post.verdict !== 'accept') return filtered(node, 'postrouting', post)
  // Over loopback the packet comes in again and keeps its connection: filters see it twice, nat is not asked again.
  const again = hook(run, node, 'prerouting', withPacket(post.tracked, withMark(post.tracked.packet, 0)), 'lo')
  if (again.verdict !== 'accept') return filtered(node, 'prerouting', again)
  return intoNode(run, node, again.tracked, 'lo')
}

function store(run: Run, node: NodeHost, tracked: Tracked): void {
  const kernel = kernelOf(run, node.name)
  const { recent, dynamicSets, ipvs } = kernel
  run.kernels.set(node.name, { conntrack: confirm(kernel.conntrack, tracked, run.ground.now), recent, dynamicSets, ipvs })
}

function sayRoute(run: Run, destination: Ip, { route, device, next }: Way, packet: Packet): void {
  if (run.silent) return
  say(run, next ? { step: 'route', destination, route, device, next, packet } : { step: 'route', destination, route, device, packet })
}

function leave(run: Run, node: NodeHost, tracked: Tracked, way: Exclude<Way, { way: 'none' }>, inInterface?: string): Arrival {
  const outInterface = way.device
  const result = hook(run, node, 'postrouting', tracked, inInterface, outInterface, way)
  if (result.verdict !== 'accept') return filtered(node, 'postrouting', result)
  store(run, node, result.tracked)
  // The mark is the kernel's own: it does not go out with the packet.
  const packet = withMark(result.tracked.packet, 0)
  if (inInterface === outInterface && way.way === 'pod' && node.node.metadata.annotations?.['kubehop.dev/hairpin'] === 'false') {
    return lost(node, packet, 'hairpin-off', { pod: way.host.name, node: node.name })
  }
  switch (way.way) {
    case 'pod':
    case 'client':
      return toHost(run, way.host, outInterface, packet)
    case 'node':
      return toNode(run, node, way.host, outInterface, packet, way.via)
    case 'default':
      if (!run.silent) say(run, { step: 'exit', interface: outInterface, next: way.next, packet })
      return { end: 'left', node, packet, loadBalancer: way.loadBalancer }
  }
}
