import { hostPort, parseIp } from '../base/ip.ts'
import type { Packet } from '../kernel/packet.ts'
import { applyHeaders, decide } from '../l7/decide.ts'
import { hostOf, type HttpRequest as ProxyRequest } from '../l7/http.ts'
import { type AnswerReason, answers, reasonText } from '../l7/reasons.ts'
import type { Decision, Outcome, RouteTable, RoutingState } from '../l7/routes.ts'
import type { Exchange, HttpRequest, Onward, Talk } from './exchange.ts'
import { type Host, placeOf } from './network.ts'
import { type Run, say, takeHops } from './run.ts'
import type { Backend, Hop, Place, RequestTrace, RequestVerdict, Step } from './trace.ts'
import { verdict } from './verdict.ts'

/** An ingress controller's or gateway's listening side, as a request meets it. */
export type Stage = {
  /** `ingress-nginx`, `traefik`, `gateway` … */
  readonly name: string
  /** The proxy's own name, so that each keeps its own round robin: `namespace/name`. */
  readonly key: string
  readonly table: RouteTable
  readonly scheme: 'http' | 'https'
  /** Whether one of its certificates is for a name. */
  readonly certifies: (name: string) => boolean
  /** Its answer where a backend refuses the connection or cannot be reached, and where nothing answers. */
  readonly refused: number
  readonly timedOut: number
  /** To how many endpoints it turns, one after the other, when one takes no connection. */
  readonly tries: number
}

export type Visit = {
  readonly stage: Stage
  readonly host: Host
  readonly pod: Parameters<Talk['stage']>[1]
  readonly packet: Packet
  readonly http: HttpRequest
  readonly talk: Talk
}

/** What came of a request at a proxy. With a `response` it goes home from there; `hops` is the way so far, both connections in order. */
export type Proxied = {
  readonly end: RequestVerdict
  readonly backend?: Backend
  readonly seenSource?: string
  readonly response?: NonNullable<RequestTrace['response']>
  readonly hops: readonly Hop[]
}

/**
 * A request at an ingress controller or gateway: its table decides, then it answers itself or opens a second connection to a backend. When it
 * returns, the run's open hops are the answer's way so far.
 */
export function proxied(run: Run, visit: Visit): Proxied {
  const { stage, talk } = visit
  const { proxyProtocol } = stage.table.forwarding
  if (talk.proxyLine && !proxyProtocol) return answered(run, visit, 400, {}, 'proxy-line')
  if (proxyProtocol === 'always' && !talk.proxyLine) return closed(run, visit)
  if (talk.scheme === 'https' && stage.scheme === 'http')
    return tlsMismatch(run, visit, 'plain-port', `${stage.key} speaks plain HTTP on this port: the TLS handshake fails.`)
  if (talk.scheme === 'http' && stage.scheme === 'https') return answered(run, visit, 400, {}, 'http-to-https-port')
  const request = requestOf(visit)
  const decision = decide(stage.table, request, stateOf(run, stage))
  say(run, matchStep(stage, decision))
  if (stage.scheme === 'https') {
    const name = request.serverName ?? ''
    if (!stage.certifies(name)) {
      return tlsMismatch(run, visit, 'certificate', `The certificate that ${stage.key} shows is not for ${name || 'this address'}.`)
    }
  }
  const { outcome } = decision
  if (outcome.do === 'unknown') return unknown(run, visit, outcome.what)
  return outcome.do === 'respond'
    ? answered(run, visit, outcome.status, outcome.headers, outcome.why, decision)
    : forwarded(run, visit, outcome)
}

function requestOf({ http, packet, talk, stage }: Visit): ProxyRequest {
  const at = http.path.indexOf('?')
  const headers = Object.fromEntries(Object.entries(http.headers).map(([name, value]) => [name.toLowerCase(), value]))
  return {
    method: http.method,
    scheme: stage.scheme,
    hostHeader: http.host,
    host: hostOf(http.host),
    path: at < 0 ? http.path : http.path.slice(0, at),
    ...(at >= 0 && { query: http.path.slice(at + 1) }),
    headers,
    ...(talk.serverName !== undefined && { serverName: talk.serverName }),
    port: packet.dport,
    peer: packet.src,
    ...(talk.proxyLine && { proxyLine: talk.proxyLine }),
  }
}

function stateOf(run: Run, stage: Stage): RoutingState {
  const prefix = `${stage.key} `
  const own = [...run.turns].filter(([key]) => key.startsWith(prefix)).map(([key, turn]) => [key.slice(prefix.length), turn] as const)
  const draw = (key: string) => {
    if (/\/(start|subset)$/.test(key)) return run.lasting(`${stage.key} ${key}`)
    return run.draw(`${stage.key} ${key}`)
  }
  const choose = (key: string, shares: readonly number[]) => run.choose(`${stage.key} ${key}`, shares)
  return {
    proxyName: stage.key.slice(stage.key.indexOf('/') + 1),
    draw,
    ...(run.everyWay && { choose }),
    turns: new Map(own),
    httpDate: (seconds) => `${seconds} s from now`,
  }
}

function matchStep(stage: Stage, { candidates }: Decision): Step {
  return {
    step: 'match',
    by: stage.name,
    candidates: candidates.map(({ route, won, why }) => ({
      rule: route.label,
      won,
      why: reasonText(why),
      reason: why,
      origin: route.origin,
    })),
  }
}

function tlsMismatch(run: Run, { stage, talk }: Visit, reason: 'certificate' | 'plain-port', message: string): Proxied {
  const params = { proxy: stage.key, name: talk.serverName ?? '' }
  return { end: verdict('TLS_MISMATCH', reason, message, params), hops: run.hops }
}

/** Without the line that it waits for, a proxy takes the request's first bytes for a broken one, and closes the connection. */
function closed(run: Run, { stage }: Visit): Proxied {
  const message = `${stage.key} wants every connection to begin with a PROXY protocol line; this one did not, and it closed it without an answer.`
  return { end: verdict('REFUSED', 'proxy-protocol', message, { proxy: stage.key }), hops: run.hops }
}

/** Something at the proxy decides about the request that nobody here knows. */
function unknown(run: Run, { stage }: Visit, what: string): Proxied {
  const message = `What ${stage.key} makes of the request depends on ${what}, which is not modelled.`
  return { end: verdict('NOT_MODELLED', 'middleware', message, { proxy: stage.key, what }), hops: run.hops }
}

/** The proxy's own answer: no route, a redirect, a backend without endpoints. */
function answered(
  run: Run,
  { stage }: Visit,
  status: number,
  headers: Readonly<Record<string, string>>,
  why: AnswerReason,
  decision?: Decision,
): Proxied {
  const hops = takeHops(run)
  const origin = decision?.route?.origin ?? decision?.server?.origin
  const params = { proxy: stage.key, status, why }
  const by = origin ? { origin } : undefined
  const message = `${stage.name} (${stage.key}) answered ${status} itself: ${answers[why]}.`
  const code = status >= 200 && status < 300 ? ('DELIVERED' as const) : (`HTTP_${status}` as const)
  return { end: { ...verdict(code, `proxy-${why}`, message, params, by), http: status }, response: { status, headers }, hops }
}

function forwarded(run: Run, visit: Visit, outcome: Outcome & { readonly do: 'forward' }): Proxied {
  const { stage } = visit
  const key = `${stage.key} ${outcome.turn}`
  run.turns = new Map(run.turns).set(key, (run.turns.get(key) ?? 0) + 1)
  const tried: string[] = []
  let to = endpointOf(run, stage, outcome)
  for (;;) {
    tried.push(hostText(to))
    const { inner, hops } = attempt(run, visit, outcome, to)
    const next = tried.length < stage.tries && isConnectFailure(inner.verdict) ? nextEndpoint(outcome, tried) : undefined
    if (!next) {
      // The answer's way begins where the backend's did, and goes on from the proxy.
      run.hops = opened(withoutEnd(inner.reply?.hops ?? []))
      return outcomeOf(stage, outcome, inner, hops)
    }
    // A failed attempt that came back to the proxy stays in the picture; one that nobody answered leaves only its wait.
    run.hops = opened(
      inner.reply ? joined(hops, withoutEnd(inner.reply.hops)) : hops.slice(0, 1 + hops.findLastIndex(({ place }) => isAt(visit, place))),
    )
    if (!inner.reply) withoutLastSend(run.hops.at(-1)?.steps)
    to = next
  }
}

/** One connection to one endpoint, and the whole way so far. */
function attempt(
  run: Run,
  { stage, host, pod, talk, packet }: Visit,
  outcome: Outcome & { readonly do: 'forward' },
  to: { readonly host: string; readonly port: number },
): { readonly inner: Exchange; readonly hops: readonly Hop[] } {
  const request: HttpRequest = outcome.request
  if (outcome.shares.length > 0) {
    const options = outcome.shares.map(({ endpoint, share }) => ({
      to: hostPort(endpoint.ip, endpoint.port),
      weight: share,
      ...(endpoint.pod !== undefined && { pod: endpoint.pod.replace(/^Pod\//, '') }),
    }))
    const picked = options.findIndex((option) => option.to === hostText(to))
    say(run, { step: 'choose', by: stage.name, options, picked: Math.max(0, picked), packet })
  }
  say(run, { step: 'http', message: 'request', method: request.method, path: request.path, host: request.host, headers: request.headers })
  const outer = takeHops(run)
  const inner = talk.onward(host, pod, to, request)
  return { inner, hops: joined(outer, withoutEnd(inner.hops)) }
}

/** Nobody took the connection: nothing of the request has been sent, so it may be tried elsewhere. */
function isConnectFailure({ code }: RequestVerdict): boolean {
  return code === 'REFUSED' || code === 'NO_ROUTE' || code === 'TIMEOUT' || code.startsWith('REJECTED') || code.startsWith('DROPPED')
}

function nextEndpoint(
  { shares }: Outcome & { readonly do: 'forward' },
  tried: readonly string[],
): { host: string; port: number } | undefined {
  const left = shares.find(({ endpoint }) => !tried.includes(hostPort(endpoint.ip, endpoint.port)))
  return left && { host: left.endpoint.ip, port: left.endpoint.port }
}

function opened(hops: readonly Hop[]): { place: Place; steps: Step[] }[] {
  return hops.map(({ place, steps }) => ({ place, steps: [...steps] }))
}

function isAt({ host }: Visit, place: Place): boolean {
  const own = placeOf(host)
  return own.at === place.at && own.name === place.name
}

/** Takes away what was sent in vain: the hop goes on with the next attempt. */
function withoutLastSend(steps: Step[] | undefined): void {
  const from = steps?.findLastIndex(({ step }) => step === 'send') ?? -1
  if (steps && from >= 0) steps.splice(from)
}

/** A second connection that carries the first one's bytes on, as a load balancer of `ipMode: Proxy` does. */
export function relayed(
  run: Run,
  { host, http, talk, to }: { readonly host: Host; readonly http: HttpRequest | undefined; readonly talk: Talk; readonly to: Onward },
): Omit<Proxied, 'response'> & { readonly answers: boolean; readonly response?: NonNullable<RequestTrace['response']> } {
  const outer = takeHops(run)
  const tls = talk.scheme === 'https' ? { tls: { serverName: talk.serverName ?? '' } } : {}
  const inner = talk.onward(host, undefined, { ...to, ...tls }, http)
  const { backend, seenSource, response, reply, verdict: end } = inner
  const hops = joined(outer, withoutEnd(inner.hops))
  run.hops = opened(withoutEnd(reply?.hops ?? []))
  const answers = reply !== undefined && end.code !== 'TIMEOUT'
  const through = { ...(backend && { backend }), ...(seenSource !== undefined && { seenSource }), ...(response && { response }) }
  return { end, answers, hops, ...through }
}

function hostText({ host, port }: { host: string; port: number }): string {
  return parseIp(host) === undefined ? `${host}:${port}` : hostPort(host, port)
}

/** The endpoint that the table picked; when every way is gone through, each in turn by its share. */
function endpointOf(
  run: Run,
  stage: Stage,
  { endpoint, shares, turn }: Outcome & { readonly do: 'forward' },
): { host: string; port: number } {
  if (run.everyWay && shares.length > 1) {
    const total = shares.reduce((sum, { share }) => sum + share, 0)
    const picked =
      shares[
        run.choose(
          `${stage.key} ${turn}`,
          shares.map(({ share }) => share / total),
        )
      ]
    if (picked) return { host: picked.endpoint.ip, port: picked.endpoint.port }
  }
  return 'ip' in endpoint ? { host: endpoint.ip, port: endpoint.port } : endpoint
}

function outcomeOf(stage: Stage, outcome: Outcome & { readonly do: 'forward' }, inner: Exchange, hops: readonly Hop[]): Proxied {
  const { backend, seenSource, response } = inner
  const reached = { ...(backend && { backend }), ...(seenSource !== undefined && { seenSource }) }
  if (inner.verdict.code === 'NOT_MODELLED') return { end: inner.verdict, ...reached, hops }
  const status = response?.status ?? (inner.verdict.code === 'DELIVERED' ? 200 : failureStatus(stage, inner.verdict))
  const cookie = outcome.setCookie === undefined ? {} : { 'set-cookie': outcome.setCookie }
  const headers = { ...applyHeaders(response?.headers ?? {}, outcome.responseHeaders), ...cookie }
  const end =
    inner.verdict.http !== undefined || inner.verdict.code === 'DELIVERED'
      ? { ...inner.verdict, http: status }
      : badGateway(stage, status, inner.verdict)
  return { end, ...reached, response: { status, headers }, hops }
}

/** What the proxy makes of a backend that did not answer. */
function failureStatus(stage: Stage, { code }: RequestVerdict): number {
  return code === 'TIMEOUT' || code.startsWith('DROPPED') || code === 'LEFT_CLUSTER' ? stage.timedOut : stage.refused
}

function badGateway(stage: Stage, status: number, inner: RequestVerdict): RequestVerdict {
  const message = `${stage.name} (${stage.key}) answered ${status}, because its own connection failed: ${inner.message}`
  const params = { ...inner.params, proxy: stage.key, status, cause: inner.reason }
  return { ...verdict(`HTTP_${status}`, 'upstream-failed', message, params, inner.by), http: status }
}

function withoutEnd(hops: readonly Hop[]): readonly Hop[] {
  return hops.map(({ place, steps }) => ({ place, steps: steps.filter(({ step }) => step !== 'end') }))
}

/** Two ways one after the other; where the second begins at the place the first ended, that is one hop. */
function joined(first: readonly Hop[], second: readonly Hop[]): readonly Hop[] {
  const last = first.at(-1)
  const [next, ...rest] = second
  if (!last || !next || last.place.at !== next.place.at || last.place.name !== next.place.name) return [...first, ...second]
  return [...first.slice(0, -1), { place: last.place, steps: [...last.steps, ...next.steps] }, ...rest]
}
