import { finds } from '../api/listening.ts'
import { hostPort, type Ip } from '../base/ip.ts'
import type { Packet } from '../kernel/packet.ts'
import type { ModeId } from '../kernel/program.ts'
import { type Arrival, carry } from './carry.ts'
import { type Host, type NodeHost, type PodHost, placeOf, primaryIp } from './network.ts'
import { open, type Run, say, takeHops } from './run.ts'
import { accepts, type Socket, socketsOf } from './sockets.ts'
import { proxied, relayed, type Stage } from './stage.ts'
import type { Backend, Hop, RequestTrace, RequestVerdict } from './trace.ts'
import { verdict, verdictOnArrival } from './verdict.ts'

export type HttpRequest = {
  readonly method: string
  readonly path: string
  readonly host: string
  readonly headers: Readonly<Record<string, string>>
}

/** What the process behind a socket says to an HTTP request. */
export type AppAnswer = { readonly status: number; readonly headers: Readonly<Record<string, string>> } | { readonly notModelled: string }

/** Where a proxy sends a request on to: an endpoint's address, or a name it looks up itself. */
export type Onward = {
  readonly host: string
  readonly port: number
  /** What goes before the request where a load balancer speaks the PROXY protocol. */
  readonly proxyLine?: ProxyLine
  /** TLS that a load balancer carries on without ending it. */
  readonly tls?: { readonly serverName: string }
}

/** The PROXY protocol's line: the client's address, and the port that it dialled. */
export type ProxyLine = { readonly source: Ip; readonly port: number }

export type Talk = {
  readonly client: Host
  readonly packet: Packet
  readonly via?: string | undefined
  /** The node that a load balancer gave the connection before. */
  readonly balancedTo?: string | undefined
  readonly http?: HttpRequest | undefined
  readonly mode: (node: string) => ModeId
  /** What nodes themselves listen on (kubelet, API server, health checks). */
  readonly nodeSockets: (node: NodeHost) => readonly Socket[]
  readonly application: (backend: Backend, packet: Packet, http: HttpRequest | undefined) => AppAnswer
  readonly scheme: 'http' | 'https'
  readonly proxyLine?: ProxyLine | undefined
  /** The TLS server name that the client asks for. */
  readonly serverName?: string | undefined
  /** The ingress controller or gateway behind a socket, if there is one. */
  readonly stage: (host: Host, pod: { readonly namespace: string; readonly name: string } | undefined, packet: Packet) => Stage | undefined
  /** A second connection, from a proxy to where its routes lead. */
  readonly onward: (
    from: Host,
    pod: { readonly namespace: string; readonly name: string } | undefined,
    to: Onward,
    http: HttpRequest | undefined,
  ) => Exchange
  /** Where a load balancer that ends connections itself dials on to; undefined for every other host and port. */
  readonly relay: (host: Host, packet: Packet, choose: Run['choose']) => Onward | undefined
}

/** One packet out and its answer back. */
export type Exchange = Pick<RequestTrace, 'verdict' | 'backend' | 'seenSource' | 'hops' | 'reply' | 'response'>

/** Sends the talk's packet, lets whoever gets it answer, and follows the answer home. The run's open hop, if any, is the first. */
export function exchange(run: Run, talk: Talk): Exchange {
  const arrival = carry(run, talk.client, talk.packet, talk.via, talk.balancedTo)
  if (arrival.end === 'socket') return atSocket(run, talk, arrival)
  const mode = arrival.end === 'filtered' ? talk.mode(arrival.node.name) : undefined
  const end = translatedIfLeft(run, arrival, verdictOnArrival(arrival, mode))
  if (arrival.end === 'left') return finish(run, end, { seenSource: arrival.packet.src })
  if (arrival.end !== 'filtered' || arrival.verdict !== 'reject') return finish(run, end)
  return reject(run, talk, arrival, end)
}

type Extra = Partial<Pick<RequestTrace, 'backend' | 'seenSource' | 'response'>>

/** Ends a request that got no answer. */
function finish(run: Run, end: RequestVerdict, extra: Extra = {}): Exchange {
  say(run, { step: 'end', verdict: end })
  const { backend, seenSource, response } = extra
  return { verdict: end, backend, seenSource, hops: takeHops(run), reply: undefined, response }
}

/** Ends a request that got no answer on its second connection. */
function ended(run: Run, end: RequestVerdict, hops: readonly Hop[], extra: Extra): Exchange {
  run.hops = hops.map(({ place, steps }) => ({ place, steps: [...steps] }))
  return finish(run, end, extra)
}

/** Says what a packet that left the cluster had been translated to. */
function translatedIfLeft(run: Run, arrival: Arrival, end: RequestVerdict): RequestVerdict {
  if (arrival.end !== 'left') return end
  const changed = run.hops.some(({ steps }) => steps.some((step) => step.step === 'rewrite'))
  const { packet } = arrival
  const params = {
    ...end.params,
    translated: changed ? 'yes' : 'no',
    source: packet.src,
    to: packet.protocol === 'ICMP' ? packet.dst : hostPort(packet.dst, packet.dport),
  }
  if (!changed) return { ...end, params, message: `${end.message} It was not translated.` }
  return { ...end, reason: 'endpoint-outside', params, message: `${end.message} It was translated: from ${packet.src} to ${params.to}.` }
}

/** REJECT: the node tells the sender so by ICMP; to a sender on the node itself the kernel says it directly. */
function reject(run: Run, talk: Talk, arrival: Extract<Arrival, { end: 'filtered' }>, end: RequestVerdict): Exchange {
  if (talk.client.host === 'node' && talk.client.name === arrival.node.name) return finish(run, end)
  const error = errorAbout(arrival.packet, addressTowards(arrival.node, arrival.packet))
  const hops = takeHops(run)
  const back = carry(run, arrival.node, error)
  return back.end === 'socket' ? answered(run, hops, end, {}) : replyLost(run, hops, talk, back, {})
}

function addressTowards(node: NodeHost, packet: Packet): Ip {
  return primaryIp(node, packet.family) ?? packet.dst
}

function errorAbout(about: Packet, src: Ip): Packet {
  const message = { icmp: 'port-unreachable' as const, about }
  return { family: about.family, protocol: 'ICMP', src, dst: about.src, sport: 0, dport: 0, message, ttl: 64, mark: 0 }
}

function answered(run: Run, hops: readonly Hop[], end: RequestVerdict, extra: Extra): Exchange {
  say(run, { step: 'end', verdict: end })
  const { backend, seenSource, response } = extra
  return { verdict: end, backend, seenSource, hops, reply: { hops: takeHops(run) }, response }
}

function atSocket(run: Run, talk: Talk, arrival: Extract<Arrival, { end: 'socket' }>): Exchange {
  const { host, packet } = arrival
  const listener = listenerOn(run, talk, host, packet)
  const backend = backendOf(host, packet, listener.pod)
  const extra: Extra = { backend, seenSource: packet.src }
  if (packet.protocol === 'ICMP') {
    say(run, { step: 'receive', packet, outcome: 'answered' })
    return home(run, talk, host, answerTo(packet), delivered(backend, packet), extra)
  }
  if (listener.takes !== 'yes') {
    say(run, { step: 'receive', packet, outcome: 'refused' })
    return home(run, talk, host, refusal(packet), refused(host, packet, listener.takes, backend), extra)
  }
  const socket = `${packet.protocol.toLowerCase()} ${hostPort(packet.dst, packet.dport)}`
  say(run, { step: 'receive', packet, outcome: 'accepted', socket: backend.pod ? `${backend.namespace}/${backend.pod} ${socket}` : socket })
  const onward = talk.relay(host, packet, run.choose)
  if (onward) {
    const { end, answers, hops, ...through } = relayed(run, { host, http: talk.http, talk, to: onward })
    return answers ? home(run, talk, host, answerTo(packet), end, through, undefined, hops) : ended(run, end, hops, through)
  }
  return talk.http
    ? atApplication(run, talk, host, packet, extra, backend)
    : home(run, talk, host, answerTo(packet), delivered(backend, packet), extra)
}

function atApplication(run: Run, talk: Talk, host: Host, packet: Packet, extra: Extra, backend: Backend): Exchange {
  const { http } = talk
  if (!http) return home(run, talk, host, answerTo(packet), delivered(backend, packet), extra)
  const pod = backend.pod === undefined ? undefined : { namespace: backend.namespace ?? '', name: backend.pod }
  const tls = talk.scheme === 'https' ? { serverName: talk.serverName ?? '' } : {}
  say(run, { step: 'http', message: 'request', method: http.method, path: http.path, host: http.host, headers: http.headers, ...tls })
  const stage = talk.stage(host, pod, packet)
  if (stage) {
    const { end, response, hops, ...through } = proxied(run, { stage, host, pod, packet, http, talk })
    return response ? home(run, talk, host, answerTo(packet), end, { ...through, response }, response, hops) : finish(run, end, through)
  }
  const reached: Backend = { ...backend, request: http }
  const answer = talk.application(backend, packet, http)
  if ('notModelled' in answer) {
    return finish(run, verdict('NOT_MODELLED', 'application', answer.notModelled, { pod: backend.pod ?? '' }), {
      ...extra,
      backend: reached,
    })
  }
  const ok = answer.status >= 200 && answer.status < 300
  const end: RequestVerdict = ok
    ? { ...delivered(backend, packet), http: answer.status }
    : {
        ...verdict(`HTTP_${answer.status}`, 'application-answer', `${nameOf(backend)} answered ${answer.status}.`, {
          status: answer.status,
          backend: nameOf(backend),
        }),
        http: answer.status,
      }
  return home(run, talk, host, answerTo(packet), end, { ...extra, backend: reached, response: answer }, answer)
}

type Listener = { readonly takes: 'yes' | 'other' | 'no'; readonly pod?: { readonly namespace: string; readonly name: string } }

function listenerOn(run: Run, talk: Talk, host: Host, packet: Packet): Listener {
  const to = { protocol: packet.protocol, ip: packet.dst, port: packet.dport }
  switch (host.host) {
    case 'pod':
      return { takes: host.pod ? accepts(socketsOf(host.pod), to) : 'yes', pod: podName(host) }
    case 'client':
      // A gateway listens on its listeners' ports, the others outside on what their objects say.
      if (packet.protocol !== 'ICMP' && finds(host.listeners ?? [], packet.protocol, packet.dst, packet.dport)) return { takes: 'yes' }
      return { takes: talk.stage(host, undefined, packet) || talk.relay(host, packet, () => 0) ? 'yes' : 'no' }
    case 'node': {
      for (const pod of run.ground.network.hostPodsOf.get(host.name) ?? []) {
        if (accepts(socketsOf(pod), to) === 'yes') {
          return { takes: 'yes', pod: { namespace: pod.metadata.namespace ?? 'default', name: pod.metadata.name } }
        }
      }
      return { takes: accepts(talk.nodeSockets(host), to) }
    }
  }
}

function podName(host: PodHost): { namespace: string; name: string } {
  const slash = host.name.indexOf('/')
  return { namespace: host.name.slice(0, slash), name: host.name.slice(slash + 1) }
}

function backendOf(host: Host, packet: Packet, pod: Listener['pod']): Backend {
  const at = { ip: packet.dst, port: packet.dport }
  if (host.host === 'client') return at
  const node = host.host === 'pod' ? host.node : host.name
  return pod ? { namespace: pod.namespace, pod: pod.name, node, ...at } : { node, ...at }
}

/** How a backend is called in sentences. */
export function nameOf(backend: Backend): string {
  return backend.pod ? `${backend.namespace}/${backend.pod}` : (backend.node ?? backend.ip)
}

/** The verdict on a request that somebody answered. */
export function delivered(backend: Backend, packet: Pick<Packet, 'protocol' | 'dst' | 'dport' | 'src'>): RequestVerdict {
  const to = packet.protocol === 'ICMP' ? packet.dst : hostPort(packet.dst, packet.dport)
  const params = { backend: nameOf(backend), to, source: packet.src }
  return verdict('DELIVERED', 'delivered', `${nameOf(backend)} answered at ${to}; it saw the request come from ${packet.src}.`, params)
}

function refused(host: Host, packet: Packet, takes: 'other' | 'no', backend: Backend): RequestVerdict {
  const to = hostPort(packet.dst, packet.dport)
  const params = { backend: nameOf(backend), to, port: packet.dport, protocol: packet.protocol }
  const by = {
    place: placeOf(host),
    ...(backend.pod && { origin: { object: `Pod/${backend.namespace}/${backend.pod}`, path: ['spec', 'containers', 0, 'ports'] } }),
  }
  if (takes === 'other') {
    const message = `${nameOf(backend)} has port ${packet.dport} open, but only on another of its addresses: ${to} is refused.`
    return verdict('REFUSED', 'listens-elsewhere', message, params, by)
  }
  const message = `The packet reached ${nameOf(backend)}, but nothing there listens on ${packet.protocol} port ${packet.dport}.`
  return verdict('REFUSED', host.host === 'node' && !backend.pod ? 'no-listener-on-node' : 'no-listener', message, params, by)
}

/** What a listening socket sends back first. */
function answerTo(packet: Packet): Packet {
  const { family, protocol } = packet
  const back = { family, dst: packet.src, ttl: 64, mark: 0, protocol, src: packet.dst, sport: packet.dport, dport: packet.sport }
  if (protocol === 'ICMP') return { ...back, sport: packet.sport, dport: 0, message: { icmp: 'echo-reply' } }
  if (protocol === 'UDP') return back
  const { dst, ttl, mark, src, sport, dport } = back
  return { family, dst, ttl, mark, protocol, src, sport, dport, flags: packet.flags === 'SYN' ? 'SYN-ACK' : 'DATA' }
}

/** TCP answers a closed port with RST, UDP with an ICMP error, SCTP with ABORT (which stands here as RST). */
function refusal(packet: Packet): Packet {
  return packet.protocol === 'UDP' ? errorAbout(packet, packet.dst) : { ...answerTo(packet), flags: 'RST' }
}

/** Follows an answer back to the client's socket, which only takes what looks like an answer from where it dialled. */
function home(
  run: Run,
  talk: Talk,
  host: Host,
  answer: Packet,
  end: RequestVerdict,
  extra: Extra,
  response?: { readonly status: number; readonly headers: Readonly<Record<string, string>> },
  before?: readonly Hop[],
): Exchange {
  const hops = before ?? takeHops(run)
  if (response) {
    open(run, placeOf(host))
    say(run, { step: 'http', message: 'response', status: response.status, headers: response.headers })
  }
  const back = carry(run, host, answer)
  if (back.end !== 'socket') return replyLost(run, hops, talk, back, extra)
  const fits = isAnswerTo(talk.packet, back.packet) && isHostOf(talk, back.host)
  say(run, { step: 'receive', packet: back.packet, outcome: fits ? 'accepted' : 'ignored' })
  if (fits) return answered(run, hops, end, extra)
  const { response: _response, ...reached } = extra
  return answered(run, hops, bypassed(run, hops, back.packet), reached)
}

function isHostOf(talk: Talk, host: Host): boolean {
  return host.host === talk.client.host && host.name === talk.client.name
}

function isAnswerTo(sent: Packet, got: Packet): boolean {
  if (got.message && 'about' in got.message) {
    const { about } = got.message
    return about.src === sent.src && about.dst === sent.dst && about.sport === sent.sport && about.dport === sent.dport
  }
  if (sent.protocol === 'ICMP') return got.src === sent.dst && got.dst === sent.src
  return got.src === sent.dst && got.sport === sent.dport && got.dst === sent.src && got.dport === sent.sport
}

/** The node that translated the request and whose kernel the answer did not pass. */
function missedTranslator(hops: readonly Hop[], back: readonly Hop[]): string | undefined {
  const translated = hops.filter(({ steps }) => steps.some((step) => step.step === 'rewrite')).map(({ place }) => place.name)
  return translated.find((name) => !back.some(({ place }) => place.at === 'node' && place.name === name))
}

function bypassed(run: Run, hops: readonly Hop[], got: Packet): RequestVerdict {
  const node = missedTranslator(hops, run.hops) ?? ''
  const from = got.protocol === 'ICMP' ? got.src : hostPort(got.src, got.sport)
  const message = `The answer came from ${from}, not from the address that was dialled: it did not come back through ${node}, which had translated the request.`
  return verdict('TIMEOUT', 'reply-bypasses-node', message, { node, from })
}

function replyLost(run: Run, hops: readonly Hop[], _talk: Talk, back: Exclude<Arrival, { end: 'socket' }>, extra: Extra): Exchange {
  const node = missedTranslator(hops, run.hops)
  const why = verdictOnArrival(back, undefined)
  const end =
    node !== undefined && back.end === 'filtered'
      ? verdict(
          'TIMEOUT',
          'reply-bypasses-node',
          `The answer does not come back through ${node}, which had translated the request: it is dropped on its way.`,
          { node },
          why.by,
        )
      : verdict('TIMEOUT', 'reply-lost', `The answer is lost: ${why.message}`, { ...why.params, cause: why.reason }, why.by)
  const { response: _response, ...reached } = extra
  return answered(run, hops, end, reached)
}
