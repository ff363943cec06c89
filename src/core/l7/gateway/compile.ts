import type { Cluster } from '../../api/cluster.ts'
import type {
  BackendRef,
  Gateway,
  GrpcRoute,
  HeaderFilter,
  HttpFilter,
  HttpMatch,
  HttpRoute,
  Listener,
  PathModifier,
} from '../../api/kinds/gateway.ts'
import { keyOf } from '../../api/meta.ts'
import { type EndpointRules, endpointsOf } from '../backends.ts'
import { hostPattern } from '../match.ts'
import { because } from '../reasons.ts'
import type {
  Action,
  Backend,
  Condition,
  Cors,
  Forwarding,
  HeaderChange,
  PathRewrite,
  RedirectTarget,
  Route,
  RouteTable,
  Server,
  WeightedBackend,
} from '../routes.ts'
import { type Route as ApiRoute, type Attachment, attachments, certificatesOf, conflictOf } from './attach.ts'
import { resolveRef } from './references.ts'

const rules: EndpointRules = { use: 'ready', matchesTargetPort: false, duplicates: 'address-port' }
const NOT_FOUND: Action = { do: 'respond', status: 404, why: 'no-route' }
const GRPC_UNIMPLEMENTED: Action = {
  do: 'respond',
  status: 200,
  why: 'grpc-unimplemented',
  headers: { 'content-type': 'application/grpc', 'grpc-status': '12' },
}

/** A match with everything that ranks it; compared field by field, greater first. */
type Ranked = { readonly route: Route; readonly keys: readonly (number | string)[] }

/**
 * A Gateway with its routes (Gateway API 1.6): a listener is chosen by port and most specific hostname, and only its own routes are asked
 * (listener isolation); routes rank by hostname, path, method, headers, query, age, name and position.
 */
export function compileGateway(cluster: Cluster, gateway: Gateway): RouteTable {
  const attached = attachments(cluster, gateway)
  const servers = gateway.spec.listeners
    .filter((listener) => !conflictOf(gateway, listener))
    .map((listener) =>
      listener.protocol === 'HTTP' || listener.protocol === 'HTTPS'
        ? serverOf(cluster, gateway, listener, attached)
        : unmodelled(gateway, listener),
    )
  return {
    profile: 'gateway',
    servers,
    none: { do: 'respond', status: 404, why: 'no-listener' },
    paths: 'raw',
    forwarding: { style: 'plain' },
  }
}

/** A listener for TLS, TCP or UDP: what its routes do with a connection is not modelled. */
function unmodelled(gateway: Gateway, listener: Listener): Server {
  const name = `listener ${listener.name} of protocol ${listener.protocol}`
  return {
    name: listener.name,
    ports: [listener.port],
    host: hostPattern(listener.hostname, 'more'),
    routes: [],
    fallback: { do: 'proxy', proxy: { backends: [], algorithm: 'round-robin' }, middlewares: [{ does: 'unknown', name }] },
    origin: { object: keyOf(gateway), path: ['spec', 'listeners', gateway.spec.listeners.indexOf(listener)] },
  }
}

function serverOf(cluster: Cluster, gateway: Gateway, listener: Listener, attached: readonly Attachment[]): Server {
  const ranked = attached.flatMap((attachment) => {
    const live = attachment.listeners.find((one) => one.listener.name === listener.name)
    if (!live) return []
    return (live.hostnames.length > 0 ? live.hostnames : ['']).flatMap((name) => rankedRoutes(cluster, attachment.route, name, listener))
  })
  ranked.sort(compareRanked)
  const index = gateway.spec.listeners.indexOf(listener)
  const { secrets } = certificatesOf(cluster, gateway, listener)
  return {
    name: listener.name,
    ports: [listener.port],
    scheme: listener.protocol === 'HTTPS' ? 'https' : 'http',
    host: hostPattern(listener.hostname, 'more'),
    routes: ranked.map(({ route }) => route),
    fallback: NOT_FOUND,
    ...(listener.protocol === 'HTTPS' ? { certificates: secrets.map((secret) => ({ secret, names: [listener.hostname ?? '*'] })) } : {}),
    origin: { object: keyOf(gateway), path: ['spec', 'listeners', index] },
  }
}

function compareRanked(a: Ranked, b: Ranked): number {
  for (const [i, left] of a.keys.entries()) {
    const right = b.keys[i]!
    if (left === right) continue
    // Numbers rank high to low; texts (age, name) low to high.
    return typeof left === 'number' && typeof right === 'number' ? right - left : left < right ? -1 : 1
  }
  return 0
}

const hostKeys = (name: string): readonly number[] => [name === '' ? -1 : name.replace(/^\*\.?/, '').length, name.length]
const ageKeys = (route: ApiRoute): readonly string[] => [
  route.metadata.creationTimestamp ?? '',
  `${route.metadata.namespace}/${route.metadata.name}`,
]

function rankedRoutes(cluster: Cluster, route: ApiRoute, name: string, listener: Listener): Ranked[] {
  return route.kind === 'HTTPRoute' ? httpRoutes(cluster, route, name, listener) : grpcRoutes(cluster, route, name)
}

function httpRoutes(cluster: Cluster, route: HttpRoute, name: string, listener: Listener): Ranked[] {
  const hostCondition: Condition[] = name === '' ? [] : [{ on: 'host', is: hostPattern(name, 'more') }]
  return (route.spec.rules ?? []).flatMap((rule, r) => {
    const matches: readonly HttpMatch[] = rule.matches?.length ? rule.matches : [{}]
    return matches.map((match, m): Ranked => {
      const path = { type: match.path?.type ?? 'PathPrefix', value: match.path?.value ?? '/' }
      const kind = { Exact: 2, RegularExpression: 1, PathPrefix: 0 }[path.type]
      return {
        keys: [
          ...hostKeys(name),
          kind,
          kind === 2 ? 0 : path.value.length,
          match.method ? 1 : 0,
          distinct(match.headers).length,
          distinct(match.queryParams).length,
          ...ageKeys(route),
          -r,
          -m,
        ],
        route: {
          id: `${keyOf(route)}#${r}.${m}@${name}`,
          label: matchWords(name, path, match),
          conditions: [...hostCondition, ...matchConditions(path, match)],
          action: ruleAction(cluster, route, rule, path, listener),
          rank: because('gateway-path', { host: name, type: path.type, count: path.value.length }),
          origin: { object: keyOf(route), path: ['spec', 'rules', r, ...(rule.matches?.length ? ['matches', m] : [])] },
        },
      }
    })
  })
}

/** Of matches on one header name only the first counts. */
function distinct<T extends { readonly name: string }>(matches: readonly T[] | undefined, fold = true): readonly T[] {
  const seen = new Set<string>()
  return (matches ?? []).filter(({ name }) => {
    const key = fold ? name.toLowerCase() : name
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

function matchConditions(path: { readonly type: string; readonly value: string }, match: HttpMatch): Condition[] {
  return [
    path.type === 'Exact'
      ? { on: 'path', by: 'exact', value: path.value }
      : path.type === 'RegularExpression'
        ? { on: 'path', by: 'regex', value: `^(?:${path.value})$` }
        : { on: 'path', by: 'elements', value: path.value },
    ...(match.method ? [{ on: 'method' as const, value: match.method }] : []),
    ...distinct(match.headers).map(
      (header): Condition => ({
        on: 'header',
        name: header.name,
        by: header.type === 'RegularExpression' ? 'regex' : 'exact',
        value: header.value,
      }),
    ),
    ...distinct(match.queryParams, false).map(
      (query): Condition => ({
        on: 'query',
        name: query.name,
        by: query.type === 'RegularExpression' ? 'regex' : 'exact',
        value: query.value,
      }),
    ),
  ]
}

function matchWords(name: string, path: { readonly type: string; readonly value: string }, match: HttpMatch): string {
  return [
    name || '*',
    `${path.type} ${path.value}`,
    match.method,
    ...(match.headers ?? []).map((header) => `${header.name}: ${header.value}`),
    ...(match.queryParams ?? []).map((query) => `?${query.name}=${query.value}`),
  ]
    .filter(Boolean)
    .join(' ')
}

type HttpRule = NonNullable<HttpRoute['spec']['rules']>[number]

function ruleAction(
  cluster: Cluster,
  route: ApiRoute,
  rule: HttpRule,
  path: { readonly type: string; readonly value: string },
  listener: Listener,
): Action {
  const filters = rule.filters ?? []
  const redirect = filters.find((filter) => filter.requestRedirect)?.requestRedirect
  if (redirect)
    return {
      do: 'redirect',
      status: redirect.statusCode ?? 302,
      why: 'request-redirect',
      to: redirectTarget(redirect, path.value, listener),
    }
  if (!rule.backendRefs?.length) return { do: 'respond', status: 500, why: 'no-backend-refs' }
  const rewrite = filters.find((filter) => filter.urlRewrite)?.urlRewrite
  const timeout = [rule.timeouts?.request, rule.timeouts?.backendRequest]
    .map((text) => durationMs(text))
    .filter((ms): ms is number => ms !== undefined && ms > 0)
  const forwarding: Forwarding = {
    backends: rule.backendRefs.map((ref) => weighted(cluster, route, ref)),
    algorithm: 'round-robin',
    ...settingsOf(filters),
    ...(rewrite?.path ? { rewrite: pathRewrite(rewrite.path, path.value) } : {}),
    ...(rewrite?.hostname ? { host: rewrite.hostname } : {}),
    mirrors: filters.flatMap(({ requestMirror: mirror }) =>
      mirror
        ? [
            {
              backend: backendOf(cluster, route, mirror.backendRef),
              share:
                mirror.percent !== undefined
                  ? mirror.percent / 100
                  : mirror.fraction
                    ? mirror.fraction.numerator / (mirror.fraction.denominator ?? 100)
                    : 1,
            },
          ]
        : [],
    ),
    ...(timeout.length > 0 ? { timeoutMs: Math.min(...timeout) } : {}),
  }
  return { do: 'proxy', proxy: forwarding }
}

function settingsOf(filters: readonly HttpFilter[]): Pick<Forwarding, 'requestHeaders' | 'responseHeaders' | 'cors'> {
  const request = filters.flatMap((filter) => (filter.requestHeaderModifier ? [change(filter.requestHeaderModifier)] : []))
  const response = filters.flatMap((filter) => (filter.responseHeaderModifier ? [change(filter.responseHeaderModifier)] : []))
  const cors: Cors | undefined = filters.find((filter) => filter.cors)?.cors
  return { requestHeaders: request, responseHeaders: response, ...(cors ? { cors } : {}) }
}

function change(filter: HeaderFilter): HeaderChange {
  const table = (pairs: HeaderFilter['set']) => Object.fromEntries((pairs ?? []).map(({ name, value }) => [name.toLowerCase(), value]))
  return { set: table(filter.set), add: table(filter.add), remove: (filter.remove ?? []).map((name) => name.toLowerCase()) }
}

function weighted(cluster: Cluster, route: ApiRoute, ref: BackendRef): WeightedBackend {
  const settings = settingsOf(ref.filters ?? [])
  return {
    weight: ref.weight ?? 1,
    backend: backendOf(cluster, route, ref),
    headers: settings.requestHeaders ?? [],
    responseHeaders: settings.responseHeaders ?? [],
  }
}

/** A reference that does not resolve keeps its share of requests, and they get 500. */
function backendOf(cluster: Cluster, route: ApiRoute, ref: BackendRef): Backend {
  const resolved = resolveRef(cluster, { kind: route.kind, namespace: route.metadata.namespace ?? '' }, ref)
  if ('reason' in resolved) return { to: 'status', status: 500, why: resolved.reason }
  const { service, port } = resolved
  const entry = service.spec.ports!.find((one) => one.port === port)!
  if (service.spec.type === 'ExternalName') return { to: 'address', service: keyOf(service), host: service.spec.externalName ?? '', port }
  return {
    to: 'endpoints',
    service: keyOf(service),
    port,
    endpoints: endpointsOf(cluster, service, entry, rules),
    none: { do: 'respond', status: 503, why: 'no-endpoints' },
  }
}

function pathRewrite(modifier: PathModifier, prefix: string): PathRewrite {
  return modifier.type === 'ReplaceFullPath'
    ? { rewrite: 'full', to: modifier.replaceFullPath ?? '/' }
    : { rewrite: 'prefix', prefix, to: modifier.replacePrefixMatch ?? '' }
}

const WELL_KNOWN: Readonly<Record<string, number>> = { http: 80, https: 443 }

/** The port is the one given; else the well-known one of a given scheme; else the listener's. Well-known ports are left out of the Location. */
function redirectTarget(redirect: NonNullable<HttpFilter['requestRedirect']>, prefix: string, listener: Listener): RedirectTarget {
  const port = redirect.port ?? (redirect.scheme ? WELL_KNOWN[redirect.scheme] : undefined) ?? listener.port
  return {
    ...(redirect.scheme === 'http' || redirect.scheme === 'https' ? { scheme: redirect.scheme } : {}),
    ...(redirect.hostname ? { host: redirect.hostname } : {}),
    port,
    ...(redirect.path ? { path: pathRewrite(redirect.path, prefix) } : {}),
  }
}

/** Gateway API durations (GEP-2257): `1h30m`, `500ms`; undefined for none or a broken one. */
export function durationMs(text: string | undefined): number | undefined {
  if (!text || !/^(\d{1,5}(h|ms|m|s)){1,4}$/.test(text)) return undefined
  const unit: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 }
  return [...text.matchAll(/(\d+)(h|ms|m|s)/g)].reduce((sum, [, value, name]) => sum + Number(value) * unit[name!]!, 0)
}

/** gRPC is HTTP/2 POST to `/service/method`; what matches nothing is answered with the gRPC status UNIMPLEMENTED. */
function grpcRoutes(cluster: Cluster, route: GrpcRoute, name: string): Ranked[] {
  const hostCondition: Condition[] = name === '' ? [] : [{ on: 'host', is: hostPattern(name, 'more') }]
  const grpc: Condition = { on: 'header', name: 'content-type', by: 'regex', value: '^application/grpc' }
  const ranked = (route.spec.rules ?? []).flatMap((rule, r) => {
    const matches = rule.matches?.length ? rule.matches : [{}]
    return matches.map((match, m): Ranked => {
      const { service, method, type } = match.method ?? {}
      const regex = type === 'RegularExpression'
      const part = (text: string | undefined) => (text === undefined ? '[^/]+' : regex ? text : text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      const settings = settingsOf(rule.filters ?? [])
      return {
        keys: [
          ...hostKeys(name),
          0,
          service?.length ?? 0,
          method?.length ?? 0,
          distinct(match.headers).length,
          0,
          ...ageKeys(route),
          -r,
          -m,
        ],
        route: {
          id: `${keyOf(route)}#${r}.${m}@${name}`,
          label: `${name || '*'} gRPC ${service ?? '*'}/${method ?? '*'}`,
          conditions: [
            ...hostCondition,
            grpc,
            ...(match.method ? [{ on: 'path' as const, by: 'regex' as const, value: `^/${part(service)}/${part(method)}$` }] : []),
            ...distinct(match.headers).map(
              (header): Condition => ({
                on: 'header',
                name: header.name,
                by: header.type === 'RegularExpression' ? 'regex' : 'exact',
                value: header.value,
              }),
            ),
          ],
          action: rule.backendRefs?.length
            ? {
                do: 'proxy',
                proxy: { backends: rule.backendRefs.map((ref) => weighted(cluster, route, ref)), algorithm: 'round-robin', ...settings },
              }
            : { do: 'respond', status: 500, why: 'no-backend-refs' },
          rank: because('gateway-method', { host: name, service: service?.length ?? 0, method: method?.length ?? 0 }),
          origin: { object: keyOf(route), path: ['spec', 'rules', r] },
        },
      }
    })
  })
  // Behind every route of the listener: one for fewer hosts may still take the call.
  const rest: Ranked = {
    keys: [-2, -2, -1, 0, 0, 0, 0, ...ageKeys(route), -1e6, 0],
    route: {
      id: `${keyOf(route)}#none@${name}`,
      label: `${name || '*'} gRPC (no match)`,
      conditions: [...hostCondition, grpc],
      action: GRPC_UNIMPLEMENTED,
      rank: because('grpc-unmatched'),
      origin: { object: keyOf(route), path: ['spec'] },
    },
  }
  return [...ranked, rest]
}
