import { unreachable } from '../base/assert.ts'
import { sha256Base32 } from '../base/hash.ts'
import { cidrContains, hostPort } from '../base/ip.ts'
import { cookiesOf, type Headers, type HttpRequest } from './http.ts'
import { holds, hostMatches, misses, patternOf } from './match.ts'
import { passMiddlewares } from './middlewares.ts'
import { escapedUri, type PathViews, pathViews } from './paths.ts'
import type { Reason } from './reasons.ts'
import type {
  Action,
  Backend,
  BackendEndpoint,
  Canary,
  Candidate,
  Cors,
  Decision,
  Forwarding,
  HeaderChange,
  Outcome,
  PathRewrite,
  RedirectTarget,
  Route,
  RouteTable,
  RoutingState,
  Server,
  Share,
  Sticky,
  WeightedBackend,
} from './routes.ts'

type Forward = Outcome & { readonly do: 'forward' }

/** What the proxy that this table describes does with a request: the server, the candidates, the winner, and the answer or the endpoint. */
export function decide(table: RouteTable, asked: HttpRequest, state: RoutingState): Decision {
  const request = asRead(table, asked)
  const paths = pathViews(table.paths, request.path)
  if (!paths) return { candidates: [], outcome: { do: 'respond', status: 400, why: 'bad-path', headers: {} } }
  const path = paths.matched
  const server = serverFor(table, request)
  const act = (action: Action, route?: Route): Outcome =>
    action.do === 'proxy' ? passed(table, action, route, request, paths, state) : answer(action, request, path)
  if (!server) return { candidates: [], outcome: act(table.none) }
  const route = routeFor(server, request, path)
  return {
    server,
    // Words for every loser are made only where somebody reads them.
    get candidates() {
      return candidatesOf(server, request, path)
    },
    ...(route ? { route } : {}),
    outcome: act(route?.action ?? server.fallback, route),
  }
}

/** The request as this proxy takes it: with the dot at the end of its host, or by the scheme and host that those before it speak of. */
function asRead(table: RouteTable, request: HttpRequest): HttpRequest {
  if (table.keepsDot && /\.(:\d+)?$/.test(request.hostHeader)) return { ...request, host: `${request.host}.` }
  if (!table.forwarding.trustsForwarded && !request.proxyLine) return request
  const { scheme, host } = forwarded(table, request)
  return { ...request, accessScheme: scheme === 'http' ? 'http' : 'https', accessHost: host }
}

/** Most specific first: exact name, then the longest wildcard, then any. */
function hostWeight(server: Server): number {
  return server.host.host === 'exact' ? 1_000_000 : server.host.host === 'wildcard' ? server.host.suffix.length : 0
}

type ServerIndex = { readonly exact: ReadonlyMap<string, readonly Server[]>; readonly loose: readonly Server[] }
const serverIndexes = new WeakMap<RouteTable, ServerIndex>()

function indexOfServers(table: RouteTable): ServerIndex {
  let index = serverIndexes.get(table)
  if (!index) {
    const exact = new Map<string, Server[]>()
    const loose: Server[] = []
    for (const server of table.servers) {
      if (server.host.host !== 'exact') loose.push(server)
      else if (exact.has(server.host.name)) exact.get(server.host.name)!.push(server)
      else exact.set(server.host.name, [server])
    }
    index = { exact, loose: loose.sort((a, b) => hostWeight(b) - hostWeight(a)) }
    serverIndexes.set(table, index)
  }
  return index
}

function serverFor(table: RouteTable, request: HttpRequest): Server | undefined {
  const { exact, loose } = indexOfServers(table)
  const listens = (server: Server) => (server.ports?.includes(request.port) ?? true) && (server.scheme ?? request.scheme) === request.scheme
  return exact.get(request.host)?.find(listens) ?? loose.find((server) => listens(server) && hostMatches(server.host, request.host))
}

type RouteIndex = { readonly byHost: ReadonlyMap<string, readonly number[]>; readonly loose: readonly number[] }
const routeIndexes = new WeakMap<Server, RouteIndex>()

/** Positions of routes that name one exact host, by host, beside the rest: a long flat list is not walked for foreign hosts. */
function indexOfRoutes(server: Server): RouteIndex {
  let index = routeIndexes.get(server)
  if (!index) {
    const byHost = new Map<string, number[]>()
    const loose: number[] = []
    server.routes.forEach((route, at) => {
      const host = route.conditions.find((condition) => condition.on === 'host')
      if (host?.on !== 'host' || host.is.host !== 'exact') loose.push(at)
      else if (byHost.has(host.is.name)) byHost.get(host.is.name)!.push(at)
      else byHost.set(host.is.name, [at])
    })
    index = { byHost, loose }
    routeIndexes.set(server, index)
  }
  return index
}

function positions(server: Server, host: string): readonly number[] {
  const { byHost, loose } = indexOfRoutes(server)
  const own = byHost.get(host)
  if (!own) return loose
  if (loose.length === 0) return own
  return [...own, ...loose].sort((a, b) => a - b)
}

function routeFor(server: Server, request: HttpRequest, path: string): Route | undefined {
  for (const at of positions(server, request.host)) {
    const route = server.routes[at]!
    if (route.conditions.every((condition) => holds(condition, request, path))) return route
  }
  return undefined
}

/** The routes of this server that could concern the host, in the order in which they are tried; each loser says why. */
function candidatesOf(server: Server, request: HttpRequest, path: string): readonly Candidate[] {
  const candidates: Candidate[] = []
  let winner: Route | undefined
  for (const at of positions(server, request.host)) {
    const route = server.routes[at]!
    const miss = missOf(route, request, path)
    if (miss !== undefined) candidates.push({ route, won: false, why: miss })
    else if (winner) candidates.push({ route, won: false, why: { code: 'ranks-lower', params: {}, than: route.rank } })
    else {
      winner = route
      candidates.push({ route, won: true, why: route.rank })
    }
  }
  return candidates
}

function missOf(route: Route, request: HttpRequest, path: string): Reason | undefined {
  for (const condition of route.conditions) {
    const miss = misses(condition, request, path)
    if (miss !== undefined) return miss
  }
  return undefined
}

function answer(action: Action, request: HttpRequest, path: string): Outcome {
  switch (action.do) {
    case 'respond':
      return { do: 'respond', status: action.status, why: action.why, headers: action.headers ?? {} }
    case 'redirect':
      return { do: 'respond', status: action.status, why: action.why, headers: { location: locationOf(action.to, request, path) } }
    case 'proxy':
      throw new Error('a proxy action has no answer of its own')
    default:
      return unreachable(action)
  }
}

const WELL_KNOWN = { http: 80, https: 443 } as const

function locationOf(to: RedirectTarget, request: HttpRequest, path: string): string {
  if (to.url !== undefined)
    return (to.groups === undefined ? to.url : filled(to.url, to.groups, request, path))
      .replaceAll('$http_host', request.hostHeader)
      .replaceAll('$request_uri', request.query === undefined ? request.path : `${request.path}?${request.query}`)
      .replaceAll('$host', request.host)
      .replaceAll('$scheme', request.scheme)
  const scheme = to.scheme ?? request.scheme
  const sent = (to.hostAs === 'forwarded' ? (request.accessHost ?? request.hostHeader) : request.hostHeader).replace(/:\d+$/, '')
  const host = to.host ?? (to.hostAs === 'read' ? sent.toLowerCase().replace(/\.$/, '') : sent)
  const port = to.explicitPort
    ? `:${to.port ?? WELL_KNOWN[scheme]}`
    : to.port === undefined || to.port === WELL_KNOWN[scheme]
      ? ''
      : `:${to.port}`
  const raw = to.path ? rewritten(to.path, path) : request.path
  const text = `${raw}${request.query === undefined || to.dropQuery || (to.dropEmptyQuery && request.query === '') ? '' : `?${request.query}`}`
  return `${scheme}://${host}${port}${to.dropSlash && text.endsWith('/') ? text.slice(0, -1) : text}`
}

function filled(url: string, groups: string, { query }: HttpRequest, path: string): string {
  const match = patternOf(groups, 'i')?.exec(path)
  const out = url.replace(/\$(\d)/g, (_, group: string) => match?.[Number(group)] ?? '')
  if (out.endsWith('?')) return out.slice(0, -1)
  return query === undefined || query === '' ? out : `${out}${out.includes('?') ? '&' : '?'}${query}`
}

/** A path after a rewrite, the query string aside. */
export function rewritten(rewrite: PathRewrite, path: string): string {
  switch (rewrite.rewrite) {
    case 'full':
      return rewrite.to
    case 'prefix': {
      const prefix = rewrite.prefix.replace(/\/+$/, '')
      const to = rewrite.to.replace(/\/+$/, '')
      const rest = path.slice(prefix.length)
      return `${to}${rest}` || '/'
    }
    case 'regex': {
      const match = patternOf(rewrite.pattern, 'i')?.exec(path)
      if (!match) return path
      const out = rewrite.to.replace(/\$(\d)/g, (_, group: string) => match[Number(group)] ?? '')
      return out.startsWith('/') ? out : `/${out}`
    }
    default:
      return unreachable(rewrite)
  }
}

/** To the backend through the middlewares before it, any of which may answer. */
function passed(
  table: RouteTable,
  { proxy, middlewares = [] }: Action & { readonly do: 'proxy' },
  route: Route | undefined,
  request: HttpRequest,
  paths: PathViews,
  state: RoutingState,
): Outcome {
  if (middlewares.length === 0) return forward(table, proxy, route, request, paths, state)
  const through = passMiddlewares(middlewares, request, paths.forwarded, forwarded(table, request).client)
  if ('do' in through) return through
  const { path, host, requestHeaders, responseHeaders } = through
  const changed: Forwarding = {
    ...proxy,
    ...(host === undefined ? {} : { host }),
    requestHeaders: [...(proxy.requestHeaders ?? []), ...requestHeaders],
    responseHeaders: [...(proxy.responseHeaders ?? []), ...responseHeaders],
  }
  const views = path === paths.forwarded ? paths : { matched: path, forwarded: path }
  return forward(table, changed, route, request, views, state)
}

function forward(
  table: RouteTable,
  proxy: Forwarding,
  route: Route | undefined,
  request: HttpRequest,
  paths: PathViews,
  state: RoutingState,
): Outcome {
  const key = route?.id ?? 'default'
  if (proxy.cors && isPreflight(request))
    return { do: 'respond', status: 204, why: 'cors-preflight', headers: corsHeaders(proxy.cors, request, true) }
  const canary = canaryTakes(proxy, request, state, key)
  const weighted = canary ? { weight: 1, backend: proxy.canary!.backend } : pick(proxy.backends, state, key)
  if (!weighted) return { do: 'respond', status: 500, why: 'no-backend', headers: {} }
  const backend = weighted.backend
  if (backend.to === 'status') return { do: 'respond', status: backend.status, why: backend.why, headers: {} }
  if (
    backend.to === 'endpoints' &&
    !backend.endpoints.some((endpoint) => !endpoint.fenced) &&
    !heldEndpoint(proxy.sticky, backend, request)
  )
    return backend.none.do === 'proxy'
      ? forward(table, backend.none.proxy, route, request, paths, state)
      : answer(backend.none, request, paths.matched)
  const choice =
    backend.to === 'address'
      ? { endpoint: { host: backend.host, port: backend.port }, shares: [] }
      : chooseEndpoint(proxy, backend, request, state, key)
  const changes = [...(proxy.requestHeaders ?? []), ...(weighted.headers ?? [])]
  const sent = sentPath(proxy.rewrite, request.query, paths)
  const given = proxy.host === '' ? dialled(choice.endpoint) : proxy.host
  const host = given ?? (table.forwarding.trustsForwarded ? forwarded(table, request).host : request.hostHeader)
  return {
    do: 'forward',
    service: backend.service,
    ...choice,
    canary,
    request: {
      method: request.method,
      path: sent,
      host,
      headers: applyHeaders({ ...request.headers, ...forwardingHeaders(table, request, state, key), host }, changes),
    },
    responseHeaders: [
      ...(proxy.responseHeaders ?? []),
      ...(weighted.responseHeaders ?? []),
      ...(proxy.cors ? [{ set: corsHeaders(proxy.cors, request, false) }] : []),
    ],
    mirrors: (proxy.mirrors ?? []).flatMap(({ backend: mirror, share }, i) =>
      mirror.to === 'endpoints' && mirror.endpoints.length > 0 && state.draw(`${key}/mirror/${i}`) < share ? [mirror.service] : [],
    ),
    ...(proxy.timeoutMs === undefined ? {} : { timeoutMs: proxy.timeoutMs }),
    turn: turnKey(backend),
  }
}

/** The backend's own address as a Host, for proxies that do not pass the client's. */
function dialled(endpoint: Forward['endpoint']): string {
  return 'ip' in endpoint ? hostPort(endpoint.ip, endpoint.port) : `${endpoint.host}:${endpoint.port}`
}

/** The path and query that the backend is asked for. A rewrite's own query goes before the request's; one that ends in `?` drops it. */
function sentPath(rewrite: PathRewrite | undefined, query: string | undefined, paths: PathViews): string {
  if (!rewrite) return query === undefined ? paths.forwarded : `${paths.forwarded}?${query}`
  const [path = '', args] = rewritten(rewrite, paths.matched).split(/\?(.*)/s)
  const out = rewrite.rewrite === 'regex' ? escapedUri(path) : path
  if (args === '') return out
  const parts = [args, query].filter((part) => part !== undefined && part !== '')
  return parts.length === 0 ? out : `${out}?${parts.join('&')}`
}

const turnKey = (backend: Backend) => (backend.to === 'status' ? 'status' : `${backend.service}:${backend.port}`)
const endpointCount = (backend: Backend) => (backend.to === 'endpoints' ? backend.endpoints.length : backend.to === 'address' ? 1 : 0)

function pick(backends: readonly WeightedBackend[], state: RoutingState, key: string): WeightedBackend | undefined {
  const total = backends.reduce((sum, { weight }) => sum + weight, 0)
  if (total === 0) return undefined
  const open = backends.filter(({ weight }) => weight > 0)
  if (open.length === 1) return open[0]
  if (state.choose)
    return open[
      state.choose(
        `${key}/weight`,
        open.map(({ weight }) => weight / total),
      )
    ]
  let left = state.draw(`${key}/weight`) * total
  for (const backend of backends) {
    left -= backend.weight
    if (left < 0) return backend
  }
  return backends.findLast(({ weight }) => weight > 0)
}

/** A canary without endpoints takes nothing, and without endpoints of its own the main side answers 503, however healthy the canary is. */
function canaryTakes(proxy: Forwarding, request: HttpRequest, state: RoutingState, key: string): boolean {
  const { canary, backends, sticky } = proxy
  if (!canary || endpointCount(canary.backend) === 0 || backends.every(({ backend }) => endpointCount(backend) === 0)) return false
  return takesCanary(canary, sticky, request, state, key)
}

/** ingress-nginx' order: header, then cookie, then weight (balancer.lua `route_to_alternative_balancer`). */
function takesCanary(canary: Canary, sticky: Sticky | undefined, request: HttpRequest, state: RoutingState, key: string): boolean {
  const cookies = cookiesOf(request.headers)
  const held = sticky && canary.sticky ? cookies.get(sticky.cookie) : undefined
  if (held !== undefined && canary.backend.to !== 'status' && held.endsWith(`|${backendHash(canary.backend.service)}`)) return true
  if (held?.includes('|')) return false
  const header = canary.header === undefined ? undefined : request.headers[canary.header.toLowerCase()]
  if (header !== undefined) {
    if (canary.headerValue !== undefined) {
      if (header === canary.headerValue) return true
    } else if (canary.headerPattern !== undefined) {
      const pattern = patternOf(canary.headerPattern, '')
      if (!pattern) return false
      if (pattern.test(header)) return true
    } else {
      if (header === 'always') return true
      if (header === 'never') return false
    }
  }
  const cookie = canary.cookie === undefined ? undefined : cookies.get(canary.cookie)
  if (cookie === 'always') return true
  if (cookie === 'never') return false
  const share = Math.min(1, canary.weight / canary.weightTotal)
  if (share <= 0 || share >= 1) return share >= 1
  if (state.choose) return state.choose(`${key}/canary`, [share, 1 - share]) === 0
  return Math.floor(state.draw(`${key}/canary`) * canary.weightTotal) + 1 <= canary.weight
}

const backendHash = (service: string) => sha256Base32(service, 16).toLowerCase()
const endpointId = (endpoint: BackendEndpoint) => sha256Base32(`${endpoint.ip}:${endpoint.port}`, 16).toLowerCase()

function heldEndpoint(
  sticky: Sticky | undefined,
  backend: Backend & { readonly to: 'endpoints' },
  request: HttpRequest,
): BackendEndpoint | undefined {
  const held = sticky && cookiesOf(request.headers).get(sticky.cookie)?.split('|')[0]
  if (held === undefined) return undefined
  if (sticky?.value === 'hashed-key') return consistent(held, backend.endpoints)
  return backend.endpoints.find((endpoint) => endpointId(endpoint) === held)
}

/** Rendezvous hashing: the endpoint with the highest score for this key; a change of the list moves only the keys it must. */
function consistent(key: string, endpoints: readonly BackendEndpoint[]): BackendEndpoint | undefined {
  const score = (endpoint: BackendEndpoint) => sha256Base32(`${key} ${endpoint.ip}:${endpoint.port}`, 12)
  return endpoints.reduce<BackendEndpoint | undefined>(
    (best, endpoint) => (best && score(best) >= score(endpoint) ? best : endpoint),
    undefined,
  )
}

function chooseEndpoint(
  proxy: Forwarding,
  backend: Backend & { readonly to: 'endpoints' },
  request: HttpRequest,
  state: RoutingState,
  key: string,
): Pick<Forward, 'endpoint' | 'shares' | 'setCookie'> {
  const open = backend.endpoints.filter((endpoint) => !endpoint.fenced)
  const held = heldEndpoint(proxy.sticky, backend, request)
  if (held) return { endpoint: held, shares: [{ endpoint: held, share: 1 }] }
  const shares: Share[] = open.map((endpoint) => ({ endpoint, share: 1 / open.length }))
  const turn = state.turns.get(turnKey(backend)) ?? 0
  if (proxy.sticky?.value === 'hashed-key') {
    const fresh = `${Math.floor(state.draw(`${key}/cookie`) * 2 ** 32)}.${turn}`
    return {
      endpoint: consistent(fresh, open)!,
      shares,
      setCookie: cookieText(proxy.sticky, request, state, `${fresh}|${backendHash(backend.service)}`),
    }
  }
  const endpoint = byAlgorithm(proxy, open, request, state, key, turn)
  if (proxy.algorithm === 'hash') return { endpoint, shares: [{ endpoint, share: 1 }] }
  return { endpoint, shares, ...(proxy.sticky ? { setCookie: cookieText(proxy.sticky, request, state, endpointId(endpoint)) } : {}) }
}

function byAlgorithm(
  proxy: Forwarding,
  open: readonly BackendEndpoint[],
  request: HttpRequest,
  state: RoutingState,
  key: string,
  turn: number,
): BackendEndpoint {
  switch (proxy.algorithm) {
    case 'round-robin':
    case 'least-conn':
      return open[(Math.floor(state.draw(`${key}/start`) * open.length) + turn) % open.length]!
    // Without measured latencies every endpoint scores alike, so the better of two random ones is a random one.
    case 'ewma':
    case 'random':
      return open[Math.floor(state.draw(`${key}/random/${turn}`) * open.length)]!
    case 'hash':
      return hashed(hashKey(proxy.hashBy ?? '', request), proxy, open, state, key, turn)
    default:
      return unreachable(proxy.algorithm)
  }
}

/** Consistent hashing; with a subset size, the key names a subset and chance an endpoint of it. */
function hashed(
  value: string,
  proxy: Forwarding,
  open: readonly BackendEndpoint[],
  state: RoutingState,
  key: string,
  turn: number,
): BackendEndpoint {
  if (!proxy.hashSubset) return consistent(value, open)!
  const score = (endpoint: BackendEndpoint) => sha256Base32(`${value} ${endpoint.ip}:${endpoint.port}`, 12)
  const subset = [...open].sort((a, b) => (score(a) < score(b) ? 1 : -1)).slice(0, proxy.hashSubset)
  return subset[Math.floor(state.draw(`${key}/subset/${turn}`) * subset.length)]!
}

/** The nginx variables that a hash key commonly names; any other text stands for itself. */
function hashKey(expression: string, request: HttpRequest): string {
  return expression.replace(/\$\{?(\w+)\}?/g, (whole, name: string) => {
    if (name === 'request_uri') return request.query === undefined ? request.path : `${request.path}?${request.query}`
    if (name === 'uri') return request.path
    if (name === 'host') return request.host
    if (name === 'remote_addr' || name === 'binary_remote_addr') return request.peer
    if (name === 'args') return request.query ?? ''
    if (name.startsWith('arg_'))
      return new Map((request.query ?? '').split('&').map((part) => part.split('=') as [string, string])).get(name.slice(4)) ?? ''
    if (name.startsWith('http_')) return request.headers[name.slice(5).replaceAll('_', '-')] ?? ''
    if (name.startsWith('cookie_')) return cookiesOf(request.headers).get(name.slice(7)) ?? ''
    return whole
  })
}

function cookieText(sticky: Sticky, request: HttpRequest, state: RoutingState, value: string): string {
  return [
    `${sticky.cookie}=${value}`,
    ...(sticky.expires === undefined ? [] : [`Expires=${state.httpDate(sticky.expires)}`]),
    ...(sticky.maxAge === undefined ? [] : [`Max-Age=${sticky.maxAge}`]),
    ...(sticky.domain === undefined ? [] : [`Domain=${sticky.domain}`]),
    `Path=${sticky.path ?? '/'}`,
    ...((sticky.secure ?? request.scheme === 'https') ? ['Secure'] : []),
    ...(sticky.httpOnly ? ['HttpOnly'] : []),
    ...(sticky.sameSite === undefined ? [] : [`SameSite=${sticky.sameSite}`]),
  ].join('; ')
}

type Forwarded = { readonly client: string; readonly host: string; readonly port: string; readonly scheme: string }

/** Who the client is and what it asked, as far as the proxy believes the other end. */
function forwarded({ forwarding }: RouteTable, request: HttpRequest): Forwarded {
  const line = forwarding.proxyProtocol ? request.proxyLine : undefined
  const seen: Forwarded = {
    client: line?.source ?? request.peer,
    host: request.hostHeader,
    port: String(line?.port ?? (request.scheme === 'https' ? 443 : 80)),
    scheme: line?.port === 443 ? 'https' : request.scheme,
  }
  const trusted =
    !forwarding.trustedCidrs?.length || forwarding.trustedCidrs.some((cidr) => cidrContains(cidr, line?.source ?? request.peer))
  const first = (name: string) => request.headers[name]?.split(',')[0]?.trim()
  const address = first('x-forwarded-for')
  const believesAddress = trusted && address !== undefined && !(line && !forwarding.trustedCidrs?.length)
  if (!forwarding.trustsForwarded) return forwarding.trustsAddress && believesAddress ? { ...seen, client: address } : seen
  return {
    client: believesAddress ? address : seen.client,
    host: first('x-forwarded-host') ?? seen.host,
    port: first('x-forwarded-port') ?? seen.port,
    scheme: first('x-forwarded-proto') ?? seen.scheme,
  }
}

/** The forwarding headers as each proxy writes them. */
function forwardingHeaders(table: RouteTable, request: HttpRequest, state: RoutingState, key: string): Headers {
  const { client, host, port, scheme } = forwarded(table, request)
  const sent = request.headers
  switch (table.forwarding.style) {
    case 'plain':
      return {}
    case 'nginx':
      return {
        'x-forwarded-for': table.forwarding.appends && sent['x-forwarded-for'] ? `${sent['x-forwarded-for']}, ${request.peer}` : client,
        'x-real-ip': client,
        'x-forwarded-host': host,
        'x-forwarded-port': port,
        'x-forwarded-proto': scheme,
        'x-forwarded-scheme': scheme,
        'x-scheme': scheme,
        // $req_id: kept where the client sent one, else drawn.
        ...(table.profile === 'nginx' ? { 'x-request-id': sent['x-request-id'] ?? requestId(state, key) } : {}),
        ...(sent['x-forwarded-for'] === undefined ? {} : { 'x-original-forwarded-for': sent['x-forwarded-for'] }),
        ...(sent['x-forwarded-host'] === undefined ? {} : { 'x-original-forwarded-host': sent['x-forwarded-host'] }),
      }
    case 'traefik':
      return {
        'x-forwarded-for': client,
        'x-real-ip': client,
        'x-forwarded-host': request.hostHeader,
        'x-forwarded-port': /:(\d+)$/.exec(request.hostHeader)?.[1] ?? port,
        'x-forwarded-proto': scheme,
        'x-forwarded-server': state.proxyName ?? 'traefik',
      }
    case 'haproxy':
      return {
        'x-forwarded-for': sent['x-forwarded-for'] ? `${sent['x-forwarded-for']}, ${client}` : client,
        // kubernetes-ingress sets it in its https frontend alone; on plain HTTP the client's own value stays.
        ...(table.profile === 'haproxy' && scheme === 'http' ? {} : { 'x-forwarded-proto': scheme }),
      }
    default:
      return unreachable(table.forwarding.style)
  }
}

function requestId(state: RoutingState, key: string): string {
  const drawn = Math.floor(state.draw(`${key}/request-id`) * 2 ** 32)
  // Four words of one draw: the id only has to look like one.
  return [1, 0x9e3779b1, 0x85ebca6b, 0xc2b2ae35].map((by) => (Math.imul(drawn, by) >>> 0).toString(16).padStart(8, '0')).join('')
}

const isPreflight = (request: HttpRequest) =>
  request.method === 'OPTIONS' && request.headers['origin'] !== undefined && request.headers['access-control-request-method'] !== undefined

function originAllowed(cors: Cors, origin: string): boolean {
  return (cors.allowOrigins ?? []).some((allowed) => {
    if (allowed === '*' || allowed === origin) return true
    const star = allowed.indexOf('*')
    return (
      star >= 0 &&
      origin.startsWith(allowed.slice(0, star)) &&
      origin.endsWith(allowed.slice(star + 1)) &&
      origin.length > allowed.length - 1
    )
  })
}

/** The CORS headers of an answer; none for an origin that is not allowed. Credentials forbid the star, so the request's own values are named. */
function corsHeaders(cors: Cors, request: HttpRequest, preflight: boolean): Headers {
  const origin = request.headers['origin']
  if (origin === undefined || !originAllowed(cors, origin)) return {}
  const listed = (values: readonly string[] | undefined, asked: string | undefined) =>
    values?.includes('*') ? (cors.allowCredentials ? asked : '*') : values?.join(', ')
  const methods = listed(cors.allowMethods, request.headers['access-control-request-method'])
  const headers = listed(cors.allowHeaders, request.headers['access-control-request-headers'])
  const exposed = cors.exposeHeaders?.join(', ')
  return {
    'access-control-allow-origin': cors.allowOrigins?.includes('*') && !cors.allowCredentials ? '*' : origin,
    ...(cors.allowCredentials ? { 'access-control-allow-credentials': 'true' } : {}),
    ...(preflight && methods ? { 'access-control-allow-methods': methods } : {}),
    ...(preflight && headers ? { 'access-control-allow-headers': headers } : {}),
    ...(preflight ? { 'access-control-max-age': String(cors.maxAge ?? 5) } : {}),
    ...(exposed ? { 'access-control-expose-headers': exposed } : {}),
  }
}

/** Headers after changes, applied in order; within one change: set, then add, then remove. */
export function applyHeaders(headers: Headers, changes: readonly HeaderChange[]): Headers {
  const out: Record<string, string> = { ...headers }
  for (const { set, add, remove } of changes) {
    for (const [name, value] of Object.entries(set ?? {})) out[name.toLowerCase()] = value
    for (const [name, value] of Object.entries(add ?? {})) {
      const old = out[name.toLowerCase()]
      out[name.toLowerCase()] = old === undefined ? value : `${old},${value}`
    }
    // Deleting makes an object slow, so only what is there goes.
    for (const name of remove ?? []) if (name.toLowerCase() in out) delete out[name.toLowerCase()]
  }
  return out
}
