import { type Cluster, find } from '../api/cluster.ts'
import type { Pod } from '../api/kinds/pod.ts'
import { familyOf, type Ip, isLoopback, parseIp } from '../base/ip.ts'
import { type Chooser, everyWay } from '../kernel/chance.ts'
import { comingFrom, type Packet, type Protocol, towards, withFlags } from '../kernel/packet.ts'
import { hostOf } from '../l7/http.ts'
import { firstOf } from './address.ts'
import { carry, isLocal } from './carry.ts'
import { type Exchange, exchange, type HttpRequest, type Onward, type Talk } from './exchange.ts'
import { type Naming, namingOf } from './names.ts'
import { lookUp, resolveAt } from './naming.ts'
import { type Host, linkTo, type NodeHost, placeOf } from './network.ts'
import { open, type Run, say, silenced, startRun, takeHops } from './run.ts'
import type { Target } from './target.ts'
import type { RequestVerdict } from './trace.ts'
import { verdict } from './verdict.ts'

/** A connection that stays open: its next packet, and the node to which a load balancer hands it. */
export type OpenConnection = { readonly packet: Packet; readonly balancedTo: string | undefined }

/** A request, understood: who dials what, and how. */
export type Dial = Pick<Talk, 'mode' | 'nodeSockets' | 'application' | 'stage' | 'relay'> & {
  readonly cluster: Cluster
  readonly client: Host
  /** The Pod that dials, also when it uses its node's network. */
  readonly pod?: Pod | undefined
  readonly label: string
  readonly target: Target
  readonly protocol: Protocol
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly via?: string | undefined
  readonly sport: number
  /** Host names that the world outside knows beside those of the objects themselves: Ingress hosts at their controllers' addresses. */
  readonly published: ReadonlyMap<string, readonly string[]>
  /** What is said over the connection, where the target's URL does not tell. */
  readonly http?: HttpRequest
  readonly tls?: Onward['tls']
  readonly proxyLine?: Onward['proxyLine']
  /** How many proxies the request has passed. */
  readonly depth?: number
  /** The connection stays open after the answer. */
  readonly keep?: boolean
  /** The connection is open already: what is sent rides it, past name and choice. */
  readonly riding?: OpenConnection | undefined
}

export type Journey = Exchange & { readonly sent?: Packet | undefined }

/** One request from its name to its verdict. */
export function journey(run: Run, dial: Dial): Journey {
  open(run, placeOf(dial.client))
  const { target } = dial
  if (target.target === 'nslookup') {
    const naming = namingOfDial(dial)
    const unreachable = dnsFailure(run, dial, naming, target.name)
    if (unreachable) return ended(run, unreachable)
    const { steps, end } = lookUp(dial.cluster, naming, dial.label, target.name, target.type)
    for (const step of steps) say(run, step)
    return ended(run, end)
  }
  if (dial.riding) return talkTo(run, dial, dial.riding.packet, dial.riding.balancedTo)
  const address = addressOf(run, dial, target.host)
  if (typeof address !== 'string') return ended(run, address)
  const packet = firstPacket(run, dial, address)
  return packet ? talkTo(run, dial, packet) : ended(run, noFamily(dial, address))
}

function namingOfDial({ cluster, client, pod, published }: Dial): Naming {
  return namingOf(cluster, client, pod, published)
}

const MAX_PROXIES = 5

function talkTo(run: Run, dial: Dial, packet: Packet, balancedTo?: string): Journey {
  const http = httpOf(dial)
  const { client, via, mode, nodeSockets, application, stage, relay, target } = dial
  const talk: Talk = {
    client,
    packet,
    mode,
    nodeSockets,
    application,
    stage,
    relay,
    scheme: dial.tls ? 'https' : target.target === 'http' ? target.scheme : 'http',
    serverName: target.target === 'http' ? serverNameOf(target.host, http?.host ?? '') : dial.tls?.serverName,
    proxyLine: dial.proxyLine,
    onward: (from, pod, to, request) => sendOn(run, dial, from, pod, to, request),
    via,
    balancedTo,
    http,
  }
  const { verdict, backend, seenSource, hops, reply, response } = exchange(run, talk)
  return { verdict, backend, seenSource, hops, reply, response, sent: packet }
}

/** The name that a client asks the TLS certificate for: the URL's, or with an address the Host header's, as with curl's --connect-to. */
function serverNameOf(host: string, header: string): string {
  const name = parseIp(host) === undefined ? host : hostOf(header)
  return parseIp(name) === undefined ? name : ''
}

/** A proxy's own connection: from its Pod or gateway, by its own names, to where its route leads. */
function sendOn(run: Run, dial: Dial, from: Host, pod: Parameters<Talk['onward']>[1], to: Onward, http: HttpRequest | undefined): Journey {
  const depth = (dial.depth ?? 0) + 1
  if (depth > MAX_PROXIES) return ended(run, verdict('LOOP', 'proxies', `The request went through ${MAX_PROXIES} proxies and on.`, {}))
  const { riding: _riding, pod: _pod, via: _via, http: _http, tls: _tls, proxyLine: _line, ...rest } = dial
  const own = pod && find(dial.cluster, 'Pod', pod.namespace, pod.name)
  const via = from.host === 'client' ? nodeTowards(run, to.host) : undefined
  const made = journey(run, {
    ...rest,
    client: from,
    label: from.name,
    target: { target: 'socket', host: to.host, port: to.port },
    protocol: 'TCP',
    depth,
    ...(http && { http }),
    ...(to.tls && { tls: to.tls }),
    ...(to.proxyLine && { proxyLine: to.proxyLine }),
    sport: 32_768 + Math.floor(run.draw(`port of ${from.name} to ${to.host}:${to.port}`) * 28_232),
    ...(own && { pod: own }),
    ...(via !== undefined && { via }),
  })
  // Each request has a proxy connection of its own here, as short as the client's. Ways are only looked at, and leave nothing behind.
  if (made.sent && isOpen(made) && !run.everyWay) settleConnection(run, from, made.sent, dial.keep === true, via, balancedNode(made))
  return made
}

/** A gateway stands on the nodes' network and hands a Pod's packets to the Pod's own node. */
function nodeTowards(run: Run, host: string): string | undefined {
  const owner = run.ground.network.owner.get(host)
  return owner?.host === 'pod' ? owner.node : owner ? undefined : [...run.ground.network.nodes.keys()][0]
}

function ended(run: Run, end: RequestVerdict): Journey {
  say(run, { step: 'end', verdict: end })
  return { verdict: end, hops: takeHops(run) }
}

/** The address to dial, after asking for it; or the verdict that ends the request. */
function addressOf(run: Run, dial: Dial, host: string): Ip | RequestVerdict {
  const literal = parseIp(host)
  if (literal !== undefined) return literal
  const naming = namingOfDial(dial)
  const unreachable = dnsFailure(run, dial, naming, host)
  if (unreachable) return unreachable
  const { steps, addresses, failure } = resolveAt(dial.cluster, naming, dial.label, host)
  for (const step of steps) say(run, step)
  if (failure) return failure
  const family = familyOf(addresses[0] ?? '')
  const same = addresses.filter((ip) => familyOf(ip) === family)
  // CoreDNS shuffles its answers (plugin loadbalance) and clients take the first.
  const picked =
    same.length === 1
      ? 0
      : run.choose(
          `dns ${host}`,
          same.map(() => 1 / same.length),
        )
  return same[picked] ?? addresses[0] ?? ''
}

/** Whether the question to the cluster's DNS itself gets through, over the same network, without being shown. */
function dnsFailure(run: Run, dial: Dial, naming: Naming, host: string): RequestVerdict | undefined {
  const server = parseIp(naming.server)
  const known = naming.resolver.hosts.has(host.toLowerCase())
  if (!naming.usesCluster || server === undefined || known) return undefined
  const asked: Dial = { ...dial, protocol: 'UDP', target: { target: 'socket', host: server, port: 53 } }
  let answer: RequestVerdict | undefined
  // A resolver asks again: one DNS Pod that answers is enough.
  for (const { value } of everyWay((choose) => probeOf(run, asked, server, choose))) {
    if (value.code === 'DELIVERED') return undefined
    answer ??= value
  }
  if (!answer) return undefined
  const message = `The cluster's DNS does not answer at ${server}, so ${host} is not found: ${answer.message}`
  return { ...answer, reason: 'dns-unreachable', message, params: { ...answer.params, name: host, server, cause: answer.reason } }
}

function probeOf(run: Run, asked: Dial, server: Ip, choose: Chooser): RequestVerdict {
  const probe = startRun(run.ground, run.kernels, choose, run.draw, run)
  const packet = firstPacket(probe, asked, server)
  return packet ? talkTo(probe, asked, packet).verdict : noFamily(asked, server)
}

function noFamily(dial: Dial, address: Ip): RequestVerdict {
  const place = placeOf(dial.client)
  const params = { place: dial.label, address }
  return verdict('NO_ROUTE', 'no-address-of-family', `${dial.label} has no address of the family of ${address}.`, params, { place })
}

function httpOf({ target, method, headers, http }: Dial): HttpRequest | undefined {
  if (http) return http
  if (target.target !== 'http') return undefined
  const given = Object.entries(headers).find(([name]) => name.toLowerCase() === 'host')
  const rest = Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'host'))
  return { method, path: target.path, host: given?.[1] ?? target.authority, headers: rest }
}

/** The first packet of a connection; undefined where the client has no address of the destination's family. */
function firstPacket(run: Run, { client, target, protocol, sport }: Dial, dst: Ip): Packet | undefined {
  const family = familyOf(dst)
  const src = sourceOf(run, client, { family, dst, ttl: 64, mark: 0, protocol, src: dst, sport, dport: 0 })
  if (src === undefined) return undefined
  if (target.target === 'ping')
    return { family, dst, ttl: 64, mark: 0, protocol: 'ICMP', src, sport: sport % 65_536, dport: 0, message: { icmp: 'echo-request' } }
  const dport = 'port' in target ? target.port : 0
  if (protocol === 'UDP') return { family, dst, ttl: 64, mark: 0, protocol, src, sport, dport }
  return { family, dst, ttl: 64, mark: 0, protocol, src, sport, dport, flags: 'SYN' }
}

/** A destination of the host's own is dialled from itself; else the address of the interface that leads there. */
function sourceOf(run: Run, client: Host, packet: Packet): Ip | undefined {
  const { dst, family } = packet
  if (client.host === 'node') return isLocal(run, client, packet, dst) ? dst : nodeSource(client, packet)
  return isLoopback(dst) ? dst : firstOf(client.ips, family)
}

function nodeSource(node: NodeHost, { dst, family }: Packet): Ip | undefined {
  return linkTo(node, dst, family).source ?? firstOf(node.ips, family)
}

/**
 * What a client and its server say after the first exchange, so that the kernels' tables stand as they would: the last part of the
 * handshake, and for a connection that is not kept its end. Nothing of it is shown. UDP has neither.
 */
export function settleConnection(heard: Run, client: Host, sent: Packet, keep: boolean, via?: string, balancedTo?: string): void {
  const { protocol } = sent
  if (protocol !== 'TCP' && protocol !== 'SCTP') return
  // The kernels are the request's own; what happens to these packets goes unrecorded.
  const run = silenced(heard)
  const arrival = carry(run, client, withFlags(sent, 'ACK'), via, balancedTo)
  if (arrival.end !== 'socket') return
  const { packet, host } = arrival
  const answer = towards(comingFrom(packet, packet.dst, packet.dport), packet.src, packet.sport)
  // SCTP's client has echoed the cookie; its server acknowledges that.
  if (protocol === 'SCTP') carry(run, host, withFlags(answer, 'ACK'))
  if (keep) return
  carry(run, client, withFlags(sent, 'FIN'), via, balancedTo)
  carry(run, host, withFlags(answer, 'FIN'))
  carry(run, client, withFlags(sent, 'ACK'), via, balancedTo)
}

/** The node to which a load balancer that passes packets on has given a journey's own connection; undefined where it met none. */
export function balancedNode({ hops }: Journey): string | undefined {
  const { place, steps = [] } = hops[1] ?? {}
  const choice = place?.at === 'load-balancer' ? steps.find((step) => step.step === 'choose' && step.by === 'load-balancer') : undefined
  return choice?.step === 'choose' ? choice.options[choice.picked]?.to : undefined
}

/** Whether both ends of a request's connection have heard each other. */
export function isOpen({ sent, verdict: { code }, backend, response }: Journey): boolean {
  return sent !== undefined && code !== 'TIMEOUT' && code !== 'REFUSED' && (backend !== undefined || response !== undefined)
}
