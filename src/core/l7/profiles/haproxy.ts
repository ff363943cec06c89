import type { Cluster } from '../../api/cluster.ts'
import { find, list } from '../../api/cluster.ts'
import type { Ingress, IngressBackend, IngressClass } from '../../api/kinds/ingress.ts'
import { keyOf } from '../../api/meta.ts'
import { type BackendAnswers, type EndpointRules, resolveBackend, servicePortOf } from '../backends.ts'
import { claimedIngresses, DEFAULT_CLASS_ANNOTATION, oldestFirst } from '../classes.ts'
import { hostMatches, hostPattern } from '../match.ts'
import { annotation, type ControllerConfig, type Profile } from '../profile.ts'
import { because, type Reason } from '../reasons.ts'
import type { Action, Certificate, Condition, HostPattern, Route, RouteOrigin, RouteTable, Server, Sticky } from '../routes.ts'

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

/** One line of a map file: what is looked up, and the value, which names the backend and the rules of its Ingress. */
type Row = {
  readonly map: 'exact' | 'prefix-exact' | 'prefix'
  readonly key: string
  readonly value: string
  readonly kind: string
  readonly path: string
  readonly ingress: Ingress
  readonly backend: IngressBackend
  readonly at: readonly [number, number]
}

type RulePath = { readonly path?: string; readonly pathType: string; readonly backend: IngressBackend }

/** The lines of a path (pkg/route `MapRows`). A Service or port that is not there has none: the controller logs an error and goes on. */
function rowsOf(cluster: Cluster, ingress: Ingress, rule: RulePath, host: string, at: Row['at'], redirects: boolean): Row[] {
  const name = backendName(cluster, ingress, rule.backend)
  const { path = '', pathType: kind, backend } = rule
  if (name === undefined || (host === '' && path === '')) return []
  const value = redirects ? `${name}.https` : name
  const row = (map: Row['map'], key: string): Row => ({ map, key, value, kind, path: path || '/', ingress, backend, at })
  if (kind === 'Exact') return [row('exact', path)]
  if (path === '' || path === '/') return [row('prefix', '/')]
  const bare = path.replace(/\/$/, '')
  return [row('prefix-exact', bare), row('prefix', kind === 'Prefix' ? `${bare}/` : bare)]
}

/** `NAMESPACE_svc_NAME_PORT`, the port by its name where it has one. */
function backendName(cluster: Cluster, ingress: Ingress, { service }: IngressBackend): string | undefined {
  const namespace = ingress.metadata.namespace ?? ''
  const found = service && find(cluster, 'Service', namespace, service.name)
  const port = found && servicePortOf(found, service.port ?? {}, rules)
  return port && `${namespace}_svc_${service?.name}_${port.name || port.port}`
}

type Actions = (entry: Pick<Row, 'ingress' | 'backend'>) => Action

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
  const none = defaultOf(cluster, ingresses, config)
  const byHost = new Map<string, Map<string, Row>>([['', new Map()]])
  for (const ingress of ingresses) {
    const redirects = redirectsToHttps(ingress, config)
    ingress.spec.rules?.forEach((rule, r) => {
      const host = (rule.host ?? '').toLowerCase()
      rule.http?.paths.forEach((path, p) => {
        for (const row of rowsOf(cluster, ingress, path, host, [r, p], redirects)) addRow(byHost, host, row)
      })
    })
  }
  const certificatesOf = tlsLookup(ingresses)
  const actions = plainActions(cluster, config)
  const servers = [...byHost].map(([host, rows]): Server => {
    const certificates = certificatesOf(host)
    return {
      name: host || '*',
      host: hostPattern(host, 'one'),
      routes: [...rows.values()].sort(asLookedUp).flatMap((row) => routesOf(row, actions, config)),
      fallback: none,
      ...(certificates.length > 0 ? { certificates } : {}),
    }
  })
  return { profile: 'haproxy', servers, none, paths: 'raw', keepsDot: true, forwarding: { style: 'haproxy' } }
}

/** Of several default backends that of the Ingress first by namespace and name counts, whether its Service is there or not. */
function defaultOf(cluster: Cluster, ingresses: readonly Ingress[], config: ControllerConfig): Action {
  const key = ({ metadata }: Ingress) => `${metadata.namespace}/${metadata.name}`
  const [first] = ingresses.filter(({ spec }) => spec.defaultBackend).sort((a, b) => (key(a) < key(b) ? -1 : 1))
  const backend = first?.spec.defaultBackend
  return first && backend && backendName(cluster, first, backend) !== undefined ? actionOf(cluster, first, backend, config) : NOT_FOUND
}

/** A map file is sorted before it is written, and the first line of a key answers: the lowest value, whoever came first. */
function addRow(byHost: Map<string, Map<string, Row>>, host: string, row: Row): void {
  let rows = byHost.get(host)
  if (!rows) {
    rows = new Map()
    byHost.set(host, rows)
  }
  const key = `${row.map} ${row.key}`
  const known = rows.get(key)
  if (!known || row.value < known.value) rows.set(key, row)
}

const MAPS: readonly Row['map'][] = ['exact', 'prefix-exact', 'prefix']
const asLookedUp = (a: Row, b: Row) => MAPS.indexOf(a.map) - MAPS.indexOf(b.map) || b.key.length - a.key.length

const IF_HTTP: Condition = { on: 'scheme', value: 'http' }

type TlsHost = { readonly host: string; readonly pattern: HostPattern; readonly secret: string }

/** Finds the certificates whose `tls.hosts` cover a host, in their order. Exact names are looked up, so that many of them cost nothing. */
function tlsLookup(ingresses: readonly Ingress[]): (host: string) => readonly Certificate[] {
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
  const exact = new Map<string, TlsHost[]>()
  const others = tls.filter(({ pattern }) => pattern.host !== 'exact')
  for (const one of tls) {
    if (one.pattern.host !== 'exact') continue
    for (const name of new Set([one.host, one.pattern.name])) exact.set(name, [...(exact.get(name) ?? []), one])
  }
  const place = new Map(tls.map((one, at) => [one, at]))
  return (host) => {
    const found = [...(exact.get(host) ?? []), ...others.filter((one) => one.host === host || hostMatches(one.pattern, host))]
    return found.sort((a, b) => place.get(a)! - place.get(b)!).map((one) => ({ secret: one.secret, names: [one.host] }))
  }
}

/** An Ingress with any tls entry sends its paths to https, whatever hosts the entry lists (httpsRedirect.go `tlsEnabled`). */
function redirectsToHttps(ingress: Ingress, config: ControllerConfig): boolean {
  const asked = setting(ingress, config, 'ssl-redirect')
  return asked === undefined ? (ingress.spec.tls ?? []).length > 0 : asked === 'true'
}

const RANKS: Readonly<Record<Row['map'], (key: string) => Reason>> = {
  exact: () => because('exact-map'),
  'prefix-exact': () => because('whole-prefix'),
  prefix: (key) => because('prefix-longest', { count: key.length }),
}

function conditionOf({ map, key }: Row): Condition {
  return map === 'prefix' ? { on: 'path', by: 'text', value: key } : { on: 'path', by: 'exact', value: key }
}

function routesOf(row: Row, actions: Actions, config: ControllerConfig): Route[] {
  const { ingress, at, map, key } = row
  const object = keyOf(ingress)
  const id = `${object}#${at[0]}.${at[1]}.${map}`
  const label = map === 'prefix-exact' ? `${row.kind} ${row.path} (whole path)` : `${row.kind} ${row.path}`
  const rank = RANKS[map](key)
  const origin: RouteOrigin = { object, path: ['spec', 'rules', at[0], 'http', 'paths', at[1]] }
  const condition = conditionOf(row)
  const main: Route = { label, rank, origin, id, conditions: [condition], action: actions(row) }
  if (!redirectsToHttps(ingress, config)) return [main]
  const status = Number(setting(ingress, config, 'ssl-redirect-code') ?? 302)
  const port = Number(setting(ingress, config, 'ssl-redirect-port') ?? 8443)
  const action: Action = { do: 'redirect', status, why: 'ssl-redirect', to: { scheme: 'https', port, explicitPort: true } }
  return [{ label, rank, origin, id: `${id}/https`, conditions: [IF_HTTP, condition], action }, main]
}

/** haproxytech/kubernetes-ingress. */
export const haproxy: Profile = {
  controller: CONTROLLER,
  name: 'haproxy',
  httpPort: 8080,
  httpsPort: 8443,
  // With a class of its own it takes the IngressClasses `haproxy.org/ingress-controller/CLASS` and that annotation; without, none.
  classes: ({ flags }) => ({
    controller: flags?.['ingress.class'] ? `${CONTROLLER}/${flags['ingress.class']}` : CONTROLLER,
    takesClassless: !flags?.['ingress.class'] || flags['empty-ingress-class'] === 'true',
    annotations: flags?.['ingress.class'] ? [flags['ingress.class']] : [],
  }),
  compile(cluster, config) {
    const foreignDefault = (list(cluster, 'IngressClass') as readonly IngressClass[]).some(
      (one) => one.metadata.annotations?.[DEFAULT_CLASS_ANNOTATION] === 'true' && !one.spec.controller.startsWith(CONTROLLER),
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
