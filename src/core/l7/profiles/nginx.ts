import type { Cluster } from '../../api/cluster.ts'
import { find } from '../../api/cluster.ts'
import type { Ingress } from '../../api/kinds/ingress.ts'
import { keyOf } from '../../api/meta.ts'
import { parseCidr, parseIp } from '../../base/ip.ts'
import { type BackendAnswers, type EndpointRules, resolveBackend } from '../backends.ts'
import { claimedIngresses, oldestFirst } from '../classes.ts'
import { hostMatches, hostPattern } from '../match.ts'
import { annotation, type ControllerConfig, type Profile } from '../profile.ts'
import { because, type Reason } from '../reasons.ts'
import type {
  Action,
  Backend,
  Canary,
  Condition,
  Forwarding,
  HeaderChange,
  Middleware,
  PathRewrite,
  RedirectTarget,
  Route,
  RouteOrigin,
  RouteTable,
  Server,
  Sticky,
} from '../routes.ts'
import { CATCH_ALL, type NginxLocation, type NginxModel, type NginxServer, nginxModel, type Upstream } from './nginxservers.ts'

const PREFIX = 'nginx.ingress.kubernetes.io/'
const rules: EndpointRules = { use: 'ready', matchesTargetPort: true, duplicates: 'address-port' }
const NOT_FOUND: Action = { do: 'respond', status: 404, why: 'default-backend' }
const answers: BackendAnswers = {
  missingService: { do: 'respond', status: 503, why: 'missing-service' },
  missingPort: { do: 'respond', status: 503, why: 'missing-port' },
  noEndpoints: { do: 'respond', status: 503, why: 'no-endpoints' },
  externalName: 'dial',
}

const text = (ingress: Ingress, name: string) => annotation(ingress, PREFIX, name)

/** As the controller reads booleans (Go's ParseBool); anything else counts as not set. */
function flag(ingress: Ingress, name: string): boolean | undefined {
  const value = text(ingress, name)
  if (value === undefined) return undefined
  if (/^(1|t|T|TRUE|true|True)$/.test(value)) return true
  return /^(0|f|F|FALSE|false|False)$/.test(value) ? false : undefined
}

const on = (ingress: Ingress, name: string) => flag(ingress, name) === true

/** ingress-nginx 1.15 (internal/ingress/controller): one server a host, no way from one server to another. */
export function compileNginx(cluster: Cluster, ingresses: readonly Ingress[], config: ControllerConfig): RouteTable {
  return new Builder(cluster, ingresses, config).table()
}

class Builder {
  private readonly cluster: Cluster
  private readonly config: Readonly<Record<string, string>>
  private readonly model: NginxModel
  /** What locations do whose Ingress has no annotations: one action for each upstream. */
  private readonly plainActions = new Map<Upstream, Action>()
  /** Path prefixes that are never redirected to https. */
  private readonly exempt: readonly string[]
  private readonly toHttps: { readonly keepingSlash: Action; readonly droppingSlash: Action }

  constructor(cluster: Cluster, ingresses: readonly Ingress[], config: ControllerConfig) {
    this.cluster = cluster
    this.config = config.configMap ?? {}
    this.exempt = (this.config['no-tls-redirect-locations'] ?? '/.well-known/acme-challenge')
      .split(',')
      .map((prefix) => prefix.trim())
      .filter((prefix) => prefix !== '')
    this.toHttps = {
      keepingSlash: httpsRedirect(this.redirectStatus(), {}),
      droppingSlash: httpsRedirect(this.redirectStatus(), { dropSlash: true }),
    }
    this.model = nginxModel(ingresses, { text, on, covers: (secret, host) => secretCovers(cluster, secret, host) })
  }

  private redirectStatus(): number {
    return Number(this.config['http-redirect-code'] ?? 308)
  }

  table(): RouteTable {
    const { servers, www } = this.model
    const { [CATCH_ALL]: catchAll, ...named } = Object.fromEntries([...servers].map(([host, server]) => [host, this.serverOf(server)]))
    const own = Object.values(named)
    return {
      profile: 'nginx',
      servers: [
        ...(catchAll ? [catchAll] : []),
        ...own,
        ...[...servers.values()].flatMap((server) => this.aliasesOf(server)),
        ...[...www].map(([name, to]) => this.wwwServer(name, to)),
      ],
      none: catchAll?.fallback ?? NOT_FOUND,
      paths: 'nginx',
      forwarding: {
        style: 'nginx',
        trustsForwarded: this.config['use-forwarded-headers'] === 'true',
        trustsAddress: this.config['enable-real-ip'] === 'true',
        ...(this.config['use-proxy-protocol'] === 'true' ? { proxyProtocol: 'always' as const } : {}),
        appends: this.config['compute-full-forwarded-for'] === 'true',
        trustedCidrs: (this.config['proxy-real-ip-cidr'] ?? '')
          .split(',')
          .map((cidr) => cidr.trim())
          .filter((cidr) => cidr !== '' && cidr !== '0.0.0.0/0'),
      },
    }
  }

  private serverOf(server: NginxServer): Server {
    const { host, locations, regex, certified, secret } = server
    const asks = this.asksForHttps(server)
    const routes = regex ? this.regexRoutes(locations, asks) : this.plainRoutes(locations, asks)
    const appRoot = locations.find((location) => appRootOf(location) !== undefined)
    const regexBy = regex ? regexSwitch(locations) : undefined
    const root = locations.find(({ byDefault }) => byDefault)
    return {
      name: host,
      host: hostPattern(host === CATCH_ALL ? '' : host, 'one'),
      routes: [...(appRoot ? [appRootRoute(appRoot)] : []), ...routes],
      fallback: root ? this.actionOf(root) : NOT_FOUND,
      // Without a Secret it is the controller's own certificate, and no wildcard's.
      ...(certified ? { certificates: secret ? [{ secret, names: [host] }] : [] } : {}),
      ...(regexBy ? { regexBy } : {}),
    }
  }

  /** nginx' own rule for plain blocks: an exact block, else the longest prefix block. */
  private plainRoutes(locations: readonly NginxLocation[], asks: AsksForHttps): Route[] {
    const byLength = [...locations].sort((a, b) => b.path.length - a.path.length)
    const exact = byLength.filter((location) => location.exact)
    const taken = new Set(exact.map(({ path }) => path))
    const slashes = new Map<string, RouteOrigin>()
    for (const { path, origin } of locations)
      if (path !== '/' && path.endsWith('/') && !taken.has(path.slice(0, -1))) slashes.set(path, origin)
    const routes: Route[] = []
    for (const location of exact) this.addGuarded(routes, location, exactBlock(location), asks)
    for (const [value, origin] of slashes) routes.push(slashRoute(value, origin))
    for (const location of byLength) if (!location.exact) this.addGuarded(routes, location, prefixBlock(location), asks)
    return routes
  }

  private regexRoutes(locations: readonly NginxLocation[], asks: AsksForHttps): Route[] {
    const routes: Route[] = []
    for (const location of locations) this.addGuarded(routes, location, regexBlock(location), asks)
    return routes
  }

  /** A block's routes: the redirect to https, where there is one, stands before what the location does; a server's own root is its fallback. */
  private addGuarded(routes: Route[], location: NginxLocation, { label, rank, condition, kind }: Block, asks: AsksForHttps): void {
    const { origin, ingress, ruled, path, byDefault } = location
    const id = `${origin.object}#${ruled}/${kind}${path}`
    if (ingress && asks(location)) {
      const keepsSlash = flag(ingress, 'preserve-trailing-slash') ?? this.config['preserve-trailing-slash'] === 'true'
      const action = keepsSlash ? this.toHttps.keepingSlash : this.toHttps.droppingSlash
      routes.push({ id: `${id}/https`, label, rank, origin, conditions: [IF_HTTP, condition], action })
    }
    // Among patterns the first in the file wins, which may be the root that the server began with.
    if (!byDefault || kind === 'regex') routes.push({ id, label, rank, origin, conditions: [condition], action: this.actionOf(location) })
  }

  /** Whether plain requests to a location are sent to https (lua_ingress.lua `redirect_to_https`). `return` runs before it. */
  private asksForHttps({ host }: Pick<NginxServer, 'host'>, certified = this.isCertified(host)): AsksForHttps {
    const setting = (ingress: Ingress, name: string) =>
      flag(ingress, name) ?? (this.config[name] === undefined ? undefined : this.config[name] === 'true')
    return (location) => {
      const { ingress, path, catchAll } = location
      if (!ingress || catchAll || this.exempt.some((prefix) => path.startsWith(prefix))) return false
      if (ingress.metadata.annotations && (redirectOf(location) || !accessOf(ingress))) return false
      if (setting(ingress, 'force-ssl-redirect')) return true
      return certified && (setting(ingress, 'ssl-redirect') ?? true)
    }
  }

  /** A certificate is stored for the host itself or for its wildcard (certificate.lua `get_pem_cert_uid`). */
  private isCertified(host: string): boolean {
    if (host === CATCH_ALL) return false
    const { servers } = this.model
    return Boolean(servers.get(host)?.certified || servers.get(host.replace(/^[^.]+\./, '*.'))?.certified)
  }

  private aliasesOf(server: NginxServer): Server[] {
    if (server.aliases.length === 0) return []
    const { certificates = [], ...own } = this.serverOf(server)
    return server.aliases.map((name) => ({
      ...own,
      name,
      host: hostPattern(name, 'one'),
      routes: this.aliasRoutes(server, name, own),
      ...(server.secret && secretCovers(this.cluster, server.secret, name) ? { certificates } : {}),
    }))
  }

  /** An alias has the certificate of its host only where that is for the alias too. */
  private aliasRoutes(server: NginxServer, alias: string, own: Server): readonly Route[] {
    const covered = server.secret !== undefined && secretCovers(this.cluster, server.secret, alias)
    const certified = covered || this.isCertified(alias)
    if (certified === this.isCertified(server.host)) return own.routes
    const plain: NginxServer = { ...server, aliases: [], locations: server.locations }
    const asks = this.asksForHttps(plain, certified)
    const before = own.routes.filter(({ id }) => id.endsWith('#app-root'))
    const { locations, regex } = server
    const routes = regex ? this.regexRoutes(locations, asks) : this.plainRoutes(locations, asks)
    return [...before, ...routes]
  }

  private wwwServer(name: string, to: string): Server {
    const action: Action = {
      do: 'redirect',
      status: this.redirectStatus(),
      why: 'from-to-www',
      to: { host: to, explicitPort: true, dropSlash: true },
    }
    return { name, host: hostPattern(name, 'one'), routes: [], fallback: action }
  }

  private actionOf(location: NginxLocation): Action {
    const { upstream, ingress } = location
    if (!upstream || !ingress || ingress.metadata.annotations) return this.locationAction(location)
    let action = this.plainActions.get(upstream)
    if (!action) {
      action = this.locationAction(location)
      this.plainActions.set(upstream, action)
    }
    return action
  }

  private locationAction(location: NginxLocation): Action {
    const { ingress, upstream } = location
    const redirect = redirectOf(location)
    if (redirect) return redirect
    const access = ingress ? accessOf(ingress) : []
    if (!access) return { do: 'respond', status: 503, why: 'location-denied' }
    if (!ingress || !upstream) return NOT_FOUND
    if (upstream.deleted) return { do: 'respond', status: 503, why: 'no-endpoints' }
    const resolved = this.resolved(upstream, this.answersFor(location, ingress))
    if ('do' in resolved) return resolved
    const canary = this.canaryOf(location, ingress)
    return {
      do: 'proxy',
      proxy: {
        backends: [{ weight: 1, backend: resolved }],
        ...this.settingsOf(location, ingress, upstream),
        ...(canary ? { canary } : {}),
      },
      ...(access.length > 0 ? { middlewares: access } : {}),
    }
  }

  private resolved({ ingress, backend }: Upstream, given: BackendAnswers): Backend | Action {
    const namespace = ingress.metadata.namespace ?? ''
    const service = backend.service ?? { name: '' }
    const clusterIp = find(this.cluster, 'Service', namespace, service.name)?.spec.clusterIP
    const asked = flag(ingress, 'service-upstream') ?? this.config['service-upstream'] === 'true'
    // Without a ClusterIP its endpoints are dialled after all.
    const viaClusterIp = asked && clusterIp !== undefined && clusterIp !== '' && clusterIp !== 'None'
    return resolveBackend(this.cluster, namespace, service, rules, given, viaClusterIp)
  }

  /** `default-backend`: a Service that answers where the location's own has no endpoints. */
  private answersFor({ upstream }: NginxLocation, ingress: Ingress): BackendAnswers {
    const name = text(ingress, 'default-backend')
    const namespace = ingress.metadata.namespace ?? ''
    const port = name ? find(this.cluster, 'Service', namespace, name)?.spec.ports?.[0]?.port : undefined
    if (!name || port === undefined) return answers
    const backend = resolveBackend(this.cluster, namespace, { name, port: { number: port } }, rules, answers)
    if ('do' in backend) return answers
    const told: HeaderChange = {
      set: {
        'x-code': '503',
        'x-ingress-name': ingress.metadata.name,
        'x-namespace': namespace,
        'x-service-name': upstream?.backend.service?.name ?? '',
      },
    }
    const custom: Action = { do: 'proxy', proxy: { backends: [{ weight: 1, backend }], algorithm: 'round-robin', requestHeaders: [told] } }
    return { ...answers, missingService: custom, missingPort: custom, noEndpoints: custom }
  }

  /** How a location forwards: the balancing is its upstream's, by the Ingress that first named it; the rest is its own. */
  private settingsOf(location: NginxLocation, ingress: Ingress, upstream: Upstream): Omit<Forwarding, 'backends' | 'canary'> {
    const rewrite = rewriteOf(location)
    const hashBy = text(upstream.ingress, 'upstream-hash-by')
    const sticky = stickyOf(location.ruled, ingress)
    const host = text(ingress, 'upstream-vhost')
    const prefix = text(ingress, 'x-forwarded-prefix')
    const named = text(upstream.ingress, 'load-balance') ?? this.config['load-balance'] ?? 'round_robin'
    const requestHeaders: HeaderChange[] = [
      { remove: ['proxy'] },
      ...(rewrite && prefix ? [{ set: { 'x-forwarded-prefix': prefix } }] : []),
    ]
    return {
      algorithm: hashBy ? 'hash' : named === 'ewma' ? 'ewma' : 'round-robin',
      ...(hashBy ? { hashBy } : {}),
      ...(hashBy && on(upstream.ingress, 'upstream-hash-by-subset')
        ? { hashSubset: Number(text(upstream.ingress, 'upstream-hash-by-subset-size') ?? 3) }
        : {}),
      ...(sticky ? { sticky } : {}),
      ...(rewrite ? { rewrite } : {}),
      ...(host ? { host } : {}),
      requestHeaders,
    }
  }

  /** The first canary that joined the location's upstream, wherever it did so. */
  private canaryOf({ upstream }: NginxLocation, main: Ingress): Canary | undefined {
    const found = upstream?.alternatives[0]
    // An upstream that a main Ingress made first has no traffic shaping: it takes no share.
    if (!found?.canary || found.deleted) return undefined
    const backend = this.resolved(found, answers)
    return 'do' in backend ? undefined : canarySettings(found.ingress, main, backend, found.origin)
  }
}

type AsksForHttps = (location: NginxLocation) => boolean

/** What a location answers itself in nginx' rewrite phase, before anything else is asked: `return`, or a rewrite to another site. */
function redirectOf(location: NginxLocation): Action | undefined {
  const { ingress, catchAll } = location
  if (!ingress?.metadata.annotations || catchAll) return undefined
  const { permanent, temporal } = redirectsOf(ingress)
  if (temporal) {
    const status = redirectCode(text(ingress, 'temporal-redirect-code'), 302)
    return { do: 'redirect', status, why: 'temporal-redirect', to: { url: temporal } }
  }
  if (permanent) {
    const status = redirectCode(text(ingress, 'permanent-redirect-code'), 301)
    return { do: 'redirect', status, why: 'permanent-redirect', to: { url: permanent } }
  }
  const rewrite = rewriteOf(location)
  // A replacement that begins so is sent to the client.
  if (!rewrite || !/^(https?:\/\/|\$scheme)/.test(rewrite.to)) return undefined
  return { do: 'redirect', status: 302, why: 'rewrite-target', to: { url: rewrite.to, groups: location.path } }
}

/** A target that is no http or https URL makes the controller drop both redirects. */
function redirectsOf(ingress: Ingress): { readonly permanent?: string | undefined; readonly temporal?: string | undefined } {
  const temporal = text(ingress, 'temporal-redirect')
  const permanent = text(ingress, 'permanent-redirect')
  const first = temporal || permanent
  return first?.startsWith('http') && first.includes(':') ? { temporal, permanent } : {}
}

/** Only a path makes an app root (url.ParseRequestURI); anything else is ignored. */
function appRootOf({ ingress, catchAll }: NginxLocation): string | undefined {
  const to = ingress && !catchAll ? text(ingress, 'app-root') : undefined
  return to?.startsWith('/') ? to : undefined
}

/** The annotation that made patterns of all locations of a host. */
function regexSwitch(locations: readonly NginxLocation[]): RouteOrigin | undefined {
  for (const location of locations) {
    const { ingress } = location
    if (!ingress || location.catchAll) continue
    const name = on(ingress, 'use-regex') ? 'use-regex' : rewriteOf(location) ? 'rewrite-target' : undefined
    if (name) return { object: keyOf(ingress), path: ['metadata', 'annotations', `${PREFIX}${name}`] }
  }
  return undefined
}

/** Who may ask (allow and deny lists, passwords, another service); undefined where the lists make no sense and the location is denied. */
function accessOf(ingress: Ingress): readonly Middleware[] | undefined {
  const steps: Middleware[] = []
  for (const name of ['denylist-source-range', 'allowlist-source-range', 'whitelist-source-range']) {
    const cidrs = (text(ingress, name) ?? '').split(',').map((cidr) => cidr.trim())
    const given = cidrs.filter((cidr) => cidr !== '')
    if (given.some((cidr) => parseIp(cidr) === undefined && parseCidr(cidr) === undefined)) return undefined
    if (given.length > 0)
      steps.push({ does: 'allow', cidrs: given, status: 403, ...(name.startsWith('deny') ? { except: true as const } : {}) })
  }
  const type = text(ingress, 'auth-type')
  if (type === 'basic' || type === 'digest')
    steps.push({
      does: 'authenticate',
      name: 'auth-secret',
      scheme: type === 'basic' ? 'Basic' : 'Digest',
      realm: text(ingress, 'auth-realm') ?? '',
    })
  if (text(ingress, 'auth-url')) steps.push({ does: 'unknown', name: `${PREFIX}auth-url` })
  return steps
}

function appRootRoute(location: NginxLocation): Route {
  const to = appRootOf(location) ?? ''
  const { object } = location.origin
  return {
    id: `${object}#app-root`,
    label: `if ($uri = /) return 302 ${to}`,
    conditions: [{ on: 'path', by: 'exact', value: '/' }],
    action: { do: 'redirect', status: 302, why: 'app-root', to: { url: `$scheme://$http_host${to}` } },
    rank: because('app-root'),
    origin: { object, path: ['metadata', 'annotations', `${PREFIX}app-root`] },
  }
}

function slashRoute(value: string, origin: RouteOrigin): Route {
  return {
    id: `${origin.object}#slash${value}`,
    label: `location ${value} (automatic redirect)`,
    conditions: [{ on: 'path', by: 'exact', value: value.slice(0, -1) }],
    action: {
      do: 'redirect',
      status: 301,
      why: 'trailing-slash',
      to: { hostAs: 'read', path: { rewrite: 'full', to: value }, dropEmptyQuery: true },
    },
    rank: because('adds-slash'),
    origin,
  }
}

function rewriteOf({ ingress, path, catchAll }: NginxLocation): (PathRewrite & { readonly rewrite: 'regex' }) | undefined {
  const to = ingress && !catchAll && text(ingress, 'rewrite-target')
  return to && to !== path ? { rewrite: 'regex', pattern: path, to } : undefined
}

/** Whether a Secret's certificate is for a host. A Secret whose certificate cannot be read is for any that names it. */
function secretCovers(cluster: Cluster, secret: string, host: string): boolean {
  const [, namespace = '', name = ''] = secret.split('/')
  const found = find(cluster, 'Secret' as never, namespace, name) as { readonly tlsNames?: readonly string[] } | undefined
  return (found?.tlsNames ?? []).some((pattern) => hostMatches(hostPattern(pattern, 'one'), host) || pattern.toLowerCase() === host)
}

const IF_HTTP: Condition = { on: 'scheme', value: 'http' }

function httpsRedirect(status: number, slash: Pick<RedirectTarget, 'dropSlash'>): Action {
  return { do: 'redirect', status, why: 'ssl-redirect', to: { scheme: 'https', hostAs: 'forwarded', ...slash } }
}

function canarySettings(ingress: Ingress, main: Ingress, backend: Canary['backend'], origin: RouteOrigin): Canary {
  const optional = <K extends string>(key: K, value: string | undefined) => (value ? ({ [key]: value } as Record<K, string>) : {})
  return {
    backend,
    weight: whole(text(ingress, 'canary-weight')) ?? 0,
    // A total of less than 100 counts as 100 (balancer.lua).
    weightTotal: Math.max(100, whole(text(ingress, 'canary-weight-total')) ?? 100),
    sticky: (text(main, 'affinity-canary-behavior') ?? 'sticky') !== 'legacy',
    ...optional('header', text(ingress, 'canary-by-header')),
    ...optional('headerValue', text(ingress, 'canary-by-header-value')),
    ...optional('headerPattern', text(ingress, 'canary-by-header-pattern')),
    ...optional('cookie', text(ingress, 'canary-by-cookie')),
    origin,
  }
}

const whole = (value: string | undefined) => (value !== undefined && /^[+-]?\d+$/.test(value) ? Number(value) : undefined)

function redirectCode(code: string | undefined, otherwise: number): number {
  const value = whole(code) ?? otherwise
  return value >= 300 && value <= 308 ? value : otherwise
}

function stickyOf(path: string, ingress: Ingress): Sticky | undefined {
  if (text(ingress, 'affinity') !== 'cookie') return undefined
  const maxAge = text(ingress, 'session-cookie-max-age')
  const expires = text(ingress, 'session-cookie-expires')
  const sameSite = text(ingress, 'session-cookie-samesite')
  const domain = text(ingress, 'session-cookie-domain')
  return {
    cookie: text(ingress, 'session-cookie-name') || 'INGRESSCOOKIE',
    path: text(ingress, 'session-cookie-path') || path,
    httpOnly: true,
    ...(on(ingress, 'session-cookie-secure') ? { secure: true } : {}),
    ...(maxAge ? { maxAge: Number(maxAge) } : {}),
    ...(expires ? { expires: Number(expires) } : {}),
    ...(sameSite ? { sameSite } : {}),
    ...(domain ? { domain } : {}),
    value: text(ingress, 'affinity-mode') === 'persistent' ? 'endpoint' : 'hashed-key',
  }
}

type Block = {
  readonly kind: 'exact' | 'prefix' | 'regex'
  readonly label: string
  readonly condition: Condition
  readonly rank: Reason
}

const exactBlock = ({ path: value }: NginxLocation): Block => ({
  kind: 'exact',
  label: `location = ${value}`,
  condition: { on: 'path', by: 'exact', value },
  rank: because('exact-block'),
})

const prefixBlock = ({ path: value, byDefault }: NginxLocation): Block => ({
  kind: 'prefix',
  label: `location ${value}`,
  condition: { on: 'path', by: 'text', value },
  rank: byDefault ? because('own-root') : because('prefix-block', { count: value.length }),
})

const regexBlock = ({ path }: NginxLocation): Block => ({
  kind: 'regex',
  label: `location ~* "^${path}"`,
  condition: { on: 'path', by: 'regex', value: `^${path}`, ignoreCase: true },
  rank: because('regex-order', { count: path.length }),
})

/** ingress-nginx (kubernetes/ingress-nginx), retired in March 2026. */
export const nginx: Profile = {
  controller: 'k8s.io/ingress-nginx',
  name: 'ingress-nginx',
  httpPort: 80,
  httpsPort: 443,
  classes: (config) => ({
    controller: config.flags?.['controller-class'] ?? 'k8s.io/ingress-nginx',
    takesClassless: config.flags?.['watch-ingress-without-class'] === 'true',
    annotations: [config.flags?.['ingress-class'] ?? 'nginx'],
  }),
  compile(cluster, config) {
    return compileNginx(cluster, claimedIngresses(cluster, this.classes(config), 'name-descending'), config)
  },
  tableOf: (cluster, ingresses, config) => compileNginx(cluster, oldestFirst(ingresses, 'name-descending'), config),
  annotations: {
    prefix: PREFIX,
    modelled: [
      'affinity',
      'affinity-canary-behavior',
      'affinity-mode',
      'allowlist-source-range',
      'app-root',
      'auth-realm',
      'auth-secret',
      'auth-type',
      'canary',
      'canary-by-cookie',
      'canary-by-header',
      'canary-by-header-pattern',
      'canary-by-header-value',
      'canary-weight',
      'canary-weight-total',
      'default-backend',
      'denylist-source-range',
      'force-ssl-redirect',
      'from-to-www-redirect',
      'load-balance',
      'permanent-redirect',
      'permanent-redirect-code',
      'preserve-trailing-slash',
      'rewrite-target',
      'server-alias',
      'service-upstream',
      'session-cookie-domain',
      'session-cookie-expires',
      'session-cookie-max-age',
      'session-cookie-name',
      'session-cookie-path',
      'session-cookie-samesite',
      'session-cookie-secure',
      'ssl-redirect',
      'temporal-redirect',
      'temporal-redirect-code',
      'upstream-hash-by',
      'upstream-hash-by-subset',
      'upstream-hash-by-subset-size',
      'upstream-vhost',
      'use-regex',
      'whitelist-source-range',
      'x-forwarded-prefix',
    ],
  },
}
