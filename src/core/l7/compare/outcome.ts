import { hostPort } from '../../base/ip.ts'
import { decide } from '../decide.ts'
import type { Headers, HttpRequest } from '../http.ts'
import { hostOf } from '../http.ts'
import { type PathViews, pathViews } from '../paths.ts'
import type { Decision, Outcome, RoutingState } from '../routes.ts'
import type { ComparedOutcome, ComparedRequest } from './compared.ts'
import type { Compiled } from './tables.ts'

/** A profile's decision about a request. */
export type Decided = {
  readonly compiled: Compiled
  readonly request: HttpRequest
  /** Undefined where the proxy refuses the path as it is. */
  readonly views: PathViews | undefined
  readonly decision: Decision
  readonly outcome: ComparedOutcome
}

/** Endpoints beyond this many are only counted. */
const MOST = 6

/** Asks a profile's table. Chance takes no part: a canary that would be drawn is left out and its share noted. */
export function decided(compiled: Compiled, asked: ComparedRequest): Decided {
  const request = httpOf(asked)
  let share = 0
  const state: RoutingState = {
    draw: () => 0,
    choose: (key, shares) => {
      if (!key.endsWith('/canary')) return 0
      share = shares[0] ?? 0
      return 1
    },
    turns: new Map(),
    httpDate: (seconds) => `${seconds} s`,
  }
  const decision = decide(compiled.table, request, state)
  const outcome = outcomeOf(decision.outcome, request, share, decision)
  return { compiled, request, views: pathViews(compiled.table.paths, request.path), decision, outcome }
}

function httpOf({ method, scheme, host, path, headers }: ComparedRequest): HttpRequest {
  const at = path.indexOf('?')
  return {
    method,
    scheme,
    hostHeader: host,
    host: hostOf(host),
    path: at < 0 ? path : path.slice(0, at),
    ...(at >= 0 && { query: path.slice(at + 1) }),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    port: scheme === 'https' ? 443 : 80,
    // Whoever it is that stands at the other end: of what it leads to only header names are told.
    peer: '192.0.2.1',
  }
}

function outcomeOf(outcome: Outcome, request: HttpRequest, share: number, { route }: Decision): ComparedOutcome {
  if (outcome.do === 'respond') {
    const { status, why, headers } = outcome
    const location = headers['location']
    return { do: 'respond', status, why, ...(location !== undefined && { location }) }
  }
  if (outcome.do === 'unknown') return { do: 'unknown', what: outcome.what }
  const { endpoint, shares, service, setCookie } = outcome
  const byAddress = !('ip' in endpoint)
  const open = shares.length > 0 ? shares.map((one) => one.endpoint) : byAddress ? [] : [endpoint]
  const drawn = share > 0 && route?.action.do === 'proxy' ? route.action.proxy.canary?.backend : undefined
  const canary = drawn && drawn.to !== 'status' ? { service: drawn.service, share } : outcome.canary ? { service, share: 1 } : undefined
  return {
    do: 'forward',
    service,
    endpoints: byAddress
      ? [{ to: hostPort(endpoint.host, endpoint.port) }]
      : open.slice(0, MOST).map(({ ip, port, pod }) => ({ to: hostPort(ip, port), ...(pod && { pod: pod.replace(/^Pod\//, '') }) })),
    more: Math.max(0, open.length - MOST),
    byAddress,
    path: outcome.request.path,
    host: outcome.request.host,
    headers: addedHeaders(request.headers, outcome.request.headers),
    ...(setCookie !== undefined && { cookie: setCookie.slice(0, setCookie.indexOf('=')) }),
    ...(canary && { canary }),
  }
}

function addedHeaders(before: Headers, after: Headers): readonly string[] {
  return Object.keys(after)
    .filter((name) => name !== 'host' && !(name in before))
    .sort()
}
