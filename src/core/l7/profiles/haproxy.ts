import type { Cluster } from '../../api/cluster.ts'
import { list } from '../../api/cluster.ts'
import type { Ingress, IngressBackend, IngressClass } from '../../api/kinds/ingress.ts'
import { keyOf } from '../../api/meta.ts'
import { type BackendAnswers, type EndpointRules, resolveBackend } from '../backends.ts'
import { claimedIngresses, DEFAULT_CLASS_ANNOTATION, oldestFirst } from '../classes.ts'
import { hostMatches, hostPattern } from '../match.ts'
import { annotation, type ControllerConfig, type Profile } from '../profile.ts'
import { because, type Reason } from '../reasons.ts'
import type { Action, Condition, HostPattern, Route, RouteOrigin, RouteTable, Server, Sticky } from '../routes.ts'

const PREFIX = 'haproxy.org/'
const CONTROLLER = 'haproxy.org/ingress-controller'
const rules: EndpointRules = { use: 'ready', matchesTargetPort: false, duplicates: 'address-port' }
const NOT_FOUND: Action = { do: 'respond', status: 404, why: 'default-backend' }
const UNAVAILABLE: Action = { do: 'respond', status: 503, why: 'no-endpoints' }
const answers: BackendAnswers = {
  missingService: { do: 'respond', status: 503, why: 'missing-service' },
  missingPort: { do: 'respond', status: 503, why: 'missing-port' },
  noEndpoints: UNAVAILABLE,
  externalName: 'dial',
}

/** An annotation of the Ingress, else the controller's ConfigMap. */
const setting = (ingress: Ingress, config: ControllerConfig, name: string) => annotation(ingress, PREFIX, name) ?? config.configMap?.[name]

function actionOf(cluster: Cluster, ingress: Ingress, backend: IngressBackend, config: ControllerConfig): Action {
  if (!backend.service) return { do: 'respond', status: 404, why: 'resource-backend' }
  const resolved = resolveBackend(cluster, ingress.metadata.namespace ?? '', backend.service, rules, answers)
  if ('do' in resolved) return resolved
  const cookie = setting(ingress, config, 'cookie-persistence')
  const sticky: Sticky | undefined = cookie ? { cookie, value: 'endpoint', httpOnly: true } : undefined
  const balance = setting(ingress, config, 'load-balance') ?? 'roundrobin'
  const host = setting(ingress, config, 'set-host')
  return {
    do: 'proxy',
    proxy: {
      backends: [{ weight: 1, backend: resolved }],
      algorithm: balance.startsWith('leastconn')
        ? 'least-conn'
        : balance.startsWith('random')
          ? 'random'
          : balance.startsWith('source') || balance.startsWith('uri')
            ? 'hash'
            : 'round-robin',
      ...(balance.startsWith('source') ? { hashBy: '$remote_addr' } : balance.startsWith('uri') ? { hashBy: '$uri' } : {}),
      ...(sticky ? { sticky } : {}),
      ...(host ? { host } : {}),
    },
  }
}

type Entry = {
  readonly order: number
  readonly length: number
  readonly conditions: readonly Condition[]
  readonly rank: Reason
  readonly kind: string
  readonly path: string
  readonly ingress: Ingress
  readonly backend: IngressBackend
  readonly at: readonly [number, number]
}

/** The path maps in the order in which HAProxy asks them: exact, prefix as a whole path, then the longest prefix. */
function entryOf(
  ingress: Ingress,
  path: { readonly path?: string; readonly pathType: string; readonly backend: IngressBackend },
  at: readonly [number, number],
): Entry {
  const text = path.path || '/'
  const isExact = path.pathType === 'Exact'
  const by = isExact ? 'exact' : path.pathType === 'Prefix' ? 'elements' : 'text'
  return {
    path: text,
    ingress,
    backend: path.backend,
    at,
    length: text.length,
    kind: path.pathType,
    order: isExact ? 0 : 1,
    conditions: [{ on: 'path', by, value: text }],
    rank: isExact ? because('exact-map') : because('prefix-longest', { count: text.length }),
  }
}

type Actions = (entry: Entry) => Action

/** What an entry does. Where its Ingress has no annotations, all entries of one backend share the answer. */
function plainActions(cluster: Cluster, config: ControllerConfig): Actions {
  const known = new Map<string, Action>()
  return ({ ingress, backend }) => {
    const { service } = backend
    if (ingress.metadata.annotations || !service) return actionOf(cluster, ingress, backend, config)
    const key = JSON.stringify([ingress.metadata.namespace, service.name, service.port?.name, service.port?.number])
    const action = known.get(key) ?? actionOf(cluster, ingress, backend, config)
    known.set(key, action)
    return action
  }
}

/** HAProxy Technologies' kubernetes-ingress 3.2: the host is looked up first, then the path inside that host. */
export function compileHaproxy(cluster: Cluster, ingresses: readonly Ingress[], config: ControllerConfig): RouteTable {
  const catchAll = ingresses.find((ingress) => ingress.spec.defaultBackend)
  const none = catchAll?.spec.defaultBackend ? actionOf(cluster, catchAll, catchAll.spec.defaultBackend, config) : NOT_FOUND
  const byHost = new Map<string, Map<string, Entry>>()
  for (const ingress of ingresses) {
    ingress.spec.rules?.forEach((rule, r) => {
      const host = (rule.host ?? '').toLowerCase()
      const entries = byHost.get(host) ?? new Map<string, Entry>()
      byHost.set(host, entries)
      rule.http?.paths.forEach((path, p) => {
        const entry = entryOf(ingress, path, [r, p])
        const key = `${entry.kind}\u0000${entry.path}`
        if (!entries.has(key)) entries.set(key, entry)
      })
    })
  }
  const tls = ingresses.flatMap((ingress) =>
    (ingress.spec.tls ?? []).flatMap((one) =>
      (one.hosts ?? []).map(
        (host): TlsHost => ({
          host: host.toLowerCase(),
          pattern: hostPattern(host.toLowerCase(), 'one'),
          secret: `Secret/${ingress.metadata.namespace}/${one.secretName ?? ''}`,
        }),
      ),
    ),
  )
  const tlsOf = tlsLookup(tls)
  const actions = plainActions(cluster, config)
  const servers = [...byHost].map(([host, entries]): Server => {
    const certificates = tlsOf(host).map((one) => ({ secret: one.secret, names: [one.host] }))
    const sorted = [...entries.values()].sort((a, b) => a.order - b.order || b.length - a.length)
    return {
      name: host || '*',
      host: hostPattern(host, 'one'),
      routes: sorted.flatMap((entry) => routesOf(entry, actions, config, certificates.length > 0)),
      fallback: none,
      ...(certificates.length > 0 ? { certificates } : {}),
    }
  })
  return { profile: 'haproxy', servers, none, paths: 'raw', forwarding: { style: 'haproxy' } }
}

const IF_HTTP: Condition = { on: 'scheme', value: 'http' }

type TlsHost = { readonly host: string; readonly pattern: HostPattern; readonly secret: string }

/** Finds the `tls.hosts` that cover a host, in their order. Exact names are looked up, so that many of them cost nothing. */
function tlsLookup(tls: readonly TlsHost[]): (host: string) => readonly TlsHost[] {
  const exact = new Map<string, TlsHost[]>()
  const others = tls.filter(({ pattern }) => pattern.host !== 'exact')
  for (const one of tls) {
    if (one.pattern.host !== 'exact') continue
    for (const name of new Set([one.host, one.pattern.name])) exact.set(name, [...(exact.get(name) ?? []), one])
  }
  const place = new Map(tls.map((one, at) => [one, at]))
  return (host) => {
    const found = [...(exact.get(host) ?? []), ...others.filter((one) => one.host === host || hostMatches(one.pattern, host))]
    return found.sort((a, b) => place.get(a)! - place.get(b)!)
  }
}

function routesOf(entry: Entry, actions: Actions, config: ControllerConfig, hasTls: boolean): Route[] {
  const { ingress, at } = entry
  const object = keyOf(ingress)
  const id = `${object}#${at[0]}.${at[1]}`
  const label = `${entry.kind} ${entry.path}`
  const { rank } = entry
  const origin: RouteOrigin = { object, path: ['spec', 'rules', at[0], 'http', 'paths', at[1]] }
  const main: Route = { label, rank, origin, id, conditions: entry.conditions, action: actions(entry) }
  const asked = setting(ingress, config, 'ssl-redirect')
  if (!(asked === 'true' || (asked === undefined && hasTls))) return [main]
  const status = Number(setting(ingress, config, 'ssl-redirect-code') ?? 302)
  const port = Number(setting(ingress, config, 'ssl-redirect-port') ?? 8443)
  return [
    {
      label,
      rank,
      origin,
      id: `${id}/https`,
      conditions: [IF_HTTP, ...entry.conditions],
      action: { do: 'redirect', status, why: 'ssl-redirect', to: { scheme: 'https', port } },
    },
    main,
  ]
}

/** haproxytech/kubernetes-ingress. */
export const haproxy: Profile = {
  controller: CONTROLLER,
  name: 'haproxy',
  httpPort: 8080,
  httpsPort: 8443,
  classes: (config) => ({
    controller: CONTROLLER,
    takesClassless: !config.flags?.['ingress.class'] || config.flags['empty-ingress-class'] === 'true',
    annotations: config.flags?.['ingress.class'] ? [config.flags['ingress.class']] : ['haproxy'],
  }),
  compile(cluster, config) {
    const foreignDefault = (list(cluster, 'IngressClass') as readonly IngressClass[]).some(
      (one) => one.metadata.annotations?.[DEFAULT_CLASS_ANNOTATION] === 'true' && one.spec.controller !== CONTROLLER,
    )
    const classes = this.classes(config)
    return compileHaproxy(
      cluster,
      claimedIngresses(cluster, { ...classes, takesClassless: classes.takesClassless && !foreignDefault }),
      config,
    )
  },
  tableOf: (cluster, ingresses, config) => compileHaproxy(cluster, oldestFirst(ingresses), config),
  annotations: {
    prefix: PREFIX,
    modelled: ['cookie-persistence', 'load-balance', 'set-host', 'ssl-redirect', 'ssl-redirect-code', 'ssl-redirect-port'],
  },
}
