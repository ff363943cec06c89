import { familyOf, type Ip } from '../base/ip.ts'
import type { Packet } from '../kernel/packet.ts'
import { blockOf, type ClientHost, linkTo, type Network, type NodeHost, type PodHost, placeOf, primaryIp } from './network.ts'
import type { Run } from './run.ts'
import type { Place } from './trace.ts'

export type Unreachable = 'no-such-pod' | 'no-such-address' | 'no-route-outside' | 'no-address-of-family'

/** Which way a node sends what is for an address: the line of its routing table, and who is next. */
export type Way =
  | {
      readonly way: 'pod' | 'client'
      readonly host: PodHost | ClientHost
      readonly device: string
      readonly route: string
      readonly next: Place
    }
  | {
      readonly way: 'node'
      readonly host: NodeHost
      readonly via: Ip | undefined
      readonly device: string
      readonly route: string
      readonly next: Place
    }
  | { readonly way: 'default'; readonly device: string; readonly route: string; readonly next: Place; readonly loadBalancer: boolean }
  | { readonly way: 'none'; readonly why: Unreachable; readonly device: string; readonly route: string; readonly next?: Place }

type Ways = { readonly there: Map<NodeHost, Map<Ip, Way>>; readonly back: Map<NodeHost, Map<Ip, Way>> }
const ways = new WeakMap<Network, Ways>()
const MOST_WAYS = 10_000

/** Which way a node sends a packet, remembered with the network: every packet asks. */
export function wayFrom(run: Run, node: NodeHost, { dst }: Packet, isAnswer = false): Way {
  const { network } = run.ground
  let known = ways.get(network)
  if (!known) {
    known = { there: new Map(), back: new Map() }
    ways.set(network, known)
  }
  const byNode = isAnswer ? known.back : known.there
  let byDestination = byNode.get(node)
  if (!byDestination || byDestination.size > MOST_WAYS) {
    byDestination = new Map()
    byNode.set(node, byDestination)
  }
  let way = byDestination.get(dst)
  if (!way) {
    way = findWay(run, node, dst, isAnswer)
    byDestination.set(dst, way)
  }
  return way
}

/** A node's routing table: its own Pods, other nodes' Pod CIDRs by way of their addresses, its links, and the default route. */
function findWay(run: Run, node: NodeHost, dst: Ip, isAnswer: boolean): Way {
  const { network } = run.ground
  const family = familyOf(dst)
  const owner = network.owner.get(dst)
  if (owner?.host === 'pod' && owner.node === node.name) {
    const device = run.ground.podInterface(owner)
    return { way: 'pod', host: owner, device, route: `${dst} dev ${device}`, next: placeOf(owner) }
  }
  const block = blockOf(network, dst)
  const home = owner?.host === 'pod' ? network.nodes.get(owner.node) : owner ? undefined : block?.node
  if (home) {
    if (home.name === node.name) return { way: 'none', why: 'no-such-pod', device: 'lo', route: `${block?.cidr ?? dst}: nothing there` }
    const via = primaryIp(home, family)
    const device = linkTo(node, via ?? dst, family).name
    return { way: 'node', host: home, via, device, route: `${block?.cidr ?? dst} via ${via ?? home.name}`, next: placeOf(home) }
  }
  const link = linkTo(node, dst, family)
  const direct = link.onLink ? `${dst} dev ${link.name} scope link` : `${dst} dev ${link.name}`
  if (owner?.host === 'node') return { way: 'node', host: owner, via: dst, device: link.name, route: direct, next: placeOf(owner) }
  // What a Pod or node sends to a proxying load balancer leaves the cluster; what answers the balancer's own connection goes back to it.
  const balancer = owner?.host === 'client' && owner.proxy?.startsWith('Service/') === true
  if (owner?.host === 'client' && (!balancer || isAnswer))
    return { way: 'client', host: owner, device: link.name, route: direct, next: placeOf(owner) }
  const loadBalancer = balancer || network.loadBalancers.has(dst)
  if (link.onLink && !loadBalancer) return { way: 'none', why: 'no-such-address', device: link.name, route: direct }
  return { way: 'default', device: link.name, route: `default dev ${link.name}`, next: { at: 'internet', name: dst }, loadBalancer }
}

/** Pods' veths have no address, so towards a Pod of its own the kernel takes the node's primary one; else the link's. */
export function masqueradeAddress(node: NodeHost, way: Way | 'to itself', packet: Packet): Ip | undefined {
  if (way === 'to itself' || way.way === 'pod') return primaryIp(node, packet.family)
  const towards = way.way === 'node' ? (way.via ?? packet.dst) : packet.dst
  return linkTo(node, towards, packet.family).source ?? primaryIp(node, packet.family)
}
