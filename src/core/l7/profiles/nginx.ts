import type { Cluster } from '../../api/cluster.ts'
import { find } from '../../api/cluster.ts'
import type { Ingress, IngressBackend } from '../../api/kinds/ingress.ts'
import { keyOf } from '../../api/meta.ts'
import { parseCidr, parseIp } from '../../base/ip.ts'
import { type BackendAnswers, type EndpointRules, resolveBackend } from '../backends.ts'
import { claimedIngresses, oldestFirst } from '../classes.ts'
import { hostPattern } from '../match.ts'
import { annotation, type ControllerConfig, type Profile } from '../profile.ts'
import type {
  Action,
  Canary,
  Certificate,
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

const PREFIX = 'nginx.ingress.kubernetes.io/'
const rules: EndpointRules = { use: 'ready', matchesTargetPort: true, duplicates: 'address-port' }
const NOT_FOUND: Action = { do: 'respond', status: 404, why: 'default-backend' }
const answers: BackendAnswers = {
  missingService: { do: 'respond', status: 503, why: 'missing-service' },
  missingPort: { do: 'respond', status: 503, why: 'missing-port' },
  noEndpoints: { do: 'respond', status: 503, why: 'no-endpoints' },
  externalName: 'dial',
}

/** One path of one Ingress, before it becomes location blocks. */
type Location = {
  readonly path: string
  readonly exact: boolean
  readonly pathType: string
  readonly ingress: Ingress
  readonly backend: IngressBackend
  readonly origin: RouteOrigin
}
type Host = {
  readonly name: string
  readonly locations: Location[]
  /** The pathType of the first location of each path. */
  readonly typeOfPath: Map<string, string>
  readonly root: Action
  readonly first: Ingress | undefined
}

const on = (ingress: Ingress, name: string) => annotation(ingress, PREFIX, name) === 'true'
const text = (ingress: Ingress, name: string) => annotation(ingress, PREFIX, name)
const isCanary = (ingress: Ingress) => on(ingress, 'canary')

/** ingress-nginx 1.15 (internal/ingress/controller): one server a host, no way from one server to another. */
export function compileNginx(cluster: Cluster, ingresses: readonly Ingress[], config: ControllerConfig): RouteTable {
  const builder = new Builder(cluster, ingresses, config)
  return builder.table()
}

class Builder {
  private readonly cluster: Cluster
  private readonly mains: readonly Ingress[]
  private readonly canaries: readonly Ingress[]
  private readonly config: Readonly<Record<string, string>>
  private readonly none: Action
  /** What a location does, which its blocks share. */
  private readonly actions = new Map<Location, Action>()
  /** What locations do whose Ingress has no annotations and which have no canary: one action for each backend. */
  private readonly plainActions = new Map<string, Action>()
  /** Certificates by the name in `tls.hosts`. */
  private readonly tlsByHost = new Map<string, Certificate[]>()
  private readonly certificates = new Map<string, readonly Certificate[]>()
  /** Path prefixes that are never redirected to https. */
  private readonly exempt: readonly string[]
  private readonly toHttps: { readonly keepingSlash: Action; readonly droppingSlash: Action }
  /** The canary paths by host, path and pathType; the first of each counts. */
  private readonly canaryPaths = new Map<string, CanaryPath>()

  constructor(cluster: Cluster, ingresses: readonly Ingress[], config: ControllerConfig) {
    this.cluster = cluster
    this.mains = ingresses.filter((ingress) => !isCanary(ingress))
    this.canaries = ingresses.filter(isCanary)
    this.config = config.configMap ?? {}
    this.exempt = (this.config['no-tls-redirect-locations'] ?? '/.well-known/acme-challenge').split(',').filter((prefix) => prefix !== '')
    const status = Number(this.config['http-redirect-code'] ?? 308)
    this.toHttps = { keepingSlash: httpsRedirect(status, {}), droppingSlash: httpsRedirect(status, { dropSlash: true }) }
    this.indexCertificates()
    this.indexCanaries()
    const catchAll = this.mains.find((ingress) => ingress.spec.defaultBackend && !ingress.spec.rules?.length)
    this.none = catchAll?.spec.defaultBackend
      ? this.locationAction({
          path: '/',
          exact: false,
          pathType: 'Prefix',
          ingress: catchAll,
          backend: catchAll.spec.defaultBackend,
          origin: { object: keyOf(catchAll), path: ['spec', 'defaultBackend'] },
        })
      : NOT_FOUND
  }

  private indexCertificates(): void {
    for (const ingress of this.mains) {
      for (const { hosts = [], secretName = '' } of ingress.spec.tls ?? []) {
        const secret = `Secret/${ingress.metadata.namespace}/${secretName}`
        for (const host of hosts.map((name) => name.toLowerCase()))
          this.tlsByHost.set(host, [...(this.tlsByHost.get(host) ?? []), { secret, names: [host] }])
      }
    }
  }

  private indexCanaries(): void {
    for (const ingress of this.canaries) {
      ingress.spec.rules?.forEach((rule, r) => {
        rule.http?.paths.forEach((path, p) => {
          const key = pathKey(rule.host, path)
          if (!this.canaryPaths.has(key) && path.backend.service) this.canaryPaths.set(key, { ingress, backend: path.backend, r, p })
        })
      })
    }
  }

  table(): RouteTable {
    const hosts = this.hosts()
    const servers = [...hosts.values()].flatMap((host) => this.serversOf(host))
    const named = new Set(servers.map((server) => server.name))
    return {
      profile: 'nginx',
      servers: [
        ...servers,
        ...[...hosts.values()].flatMap((host) => this.aliasesOf(host, named)),
        ...[...hosts.values()].flatMap((host) => this.wwwOf(host, named)),
      ],
      none: this.none,
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

  /** Every host with its locations, in the order of its first Ingress; `` is the catch-all server `_`. */
  private hosts(): Map<string, Host> {
    const hosts = new Map<string, Host>()
    hosts.set('', { name: '', locations: [], typeOfPath: new Map(), root: this.none, first: undefined })
    for (const ingress of this.mains) {
      const object = keyOf(ingress)
      ingress.spec.rules?.forEach((rule, r) => {
        const name = (rule.host ?? '').toLowerCase()
        if (!hosts.has(name)) hosts.set(name, { name, locations: [], typeOfPath: new Map(), root: this.rootOf(ingress), first: ingress })
        const { locations, typeOfPath } = hosts.get(name)!
        rule.http?.paths.forEach((path, p) => {
          const location: Location = {
            path: path.path || '/',
            exact: path.pathType === 'Exact',
            pathType: path.pathType,
            ingress,
            backend: path.backend,
            origin: { object, path: ['spec', 'rules', r, 'http', 'paths', p] },
          }
          // The first location with the same path decides whether this one is a duplicate: the controller's scan stops there.
          const first = typeOfPath.get(location.path)
          if (first === undefined) typeOfPath.set(location.path, location.pathType)
          if (first !== location.pathType) locations.push(location)
        })
      })
    }
    return hosts
  }

  /** A host's own `/`: the default backend of the Ingress that first named it, else the controller's. */
  private rootOf(ingress: Ingress): Action {
    const backend = ingress.spec.defaultBackend
    if (!backend) return NOT_FOUND
    return this.locationAction({
      path: '/',
      exact: false,
      pathType: 'Prefix',
      ingress,
      backend,
      origin: { object: keyOf(ingress), path: ['spec', 'defaultBackend'] },
    })
  }

  private serversOf(host: Host): Server[] {
    const regexBy = this.regexSwitch(host)
    // Reverse text order first, then longest first: the order of the blocks in nginx.conf.
    const ordered = [...host.locations]
      .sort((a, b) => (a.path < b.path ? 1 : a.path > b.path ? -1 : 0))
      .sort((a, b) => b.path.length - a.path.length)
    const routes = regexBy
      ? ordered.flatMap((location) => this.guarded(host, location, regexBlock(location)))
      : this.plainRoutes(host, ordered)
    const appRoot = host.locations.map(appRootOf).find(Boolean)
    const certificates = this.certificatesOf(host.name)
    return [
      {
        name: host.name || '_',
        host: hostPattern(host.name, 'one'),
        routes: [...(appRoot ? [this.appRoot(host, appRoot)] : []), ...routes, ...this.rootRedirect(host)],
        fallback: host.root,
        ...(certificates.length > 0 ? { certificates } : {}),
        ...(regexBy ? { regexBy } : {}),
      },
    ]
  }

  /** One location with a pattern or a rewrite makes patterns of all locations of its host, whichever Ingress they are of. */
  private regexSwitch(host: Host): RouteOrigin | undefined {
    for (const location of host.locations) {
      const name = on(location.ingress, 'use-regex') ? 'use-regex' : this.rewriteOf(location) ? 'rewrite-target' : undefined
      if (name) return { object: keyOf(location.ingress), path: ['metadata', 'annotations', `${PREFIX}${name}`] }
    }
    return undefined
  }

  /** nginx' own rule for plain blocks: an exact block, else the longest prefix block. */
  private plainRoutes(host: Host, ordered: readonly Location[]): Route[] {
    const exactPaths = new Set(ordered.filter((location) => location.exact).map((location) => location.path))
    const blocks = ordered.flatMap((location) => plainBlocks(location, exactPaths))
    const taken = new Set(blocks.filter((block) => block.kind === 'exact').map((block) => block.value))
    const slashes = blocks.filter((block) => block.value.endsWith('/') && block.value !== '/' && !taken.has(block.value.slice(0, -1)))
    const redirects = slashes.map(
      (block): Route => ({
        id: `${block.location.origin.object}#slash${block.value}`,
        label: `location ${block.value} (automatic redirect)`,
        conditions: [{ on: 'path', by: 'exact', value: block.value.slice(0, -1) }],
        action: { do: 'redirect', status: 301, why: 'trailing-slash', to: { path: { rewrite: 'full', to: block.value } } },
        rank: 'nginx adds the slash of a proxied location that ends in one',
        origin: block.location.origin,
      }),
    )
    const of = (kind: 'exact' | 'prefix') => blocks.filter((block) => block.kind === kind).sort((a, b) => b.value.length - a.value.length)
    return [
      ...of('exact').flatMap((block) => this.guarded(host, block.location, block)),
      ...redirects,
      ...of('prefix').flatMap((block) => this.guarded(host, block.location, block)),
    ]
  }

  /** A block's routes: the redirect to https, where there is one, stands before what the location does. */
  private guarded(host: Host, location: Location, block: Block): Route[] {
    const { label, rank, condition } = block
    const { origin } = location
    const id = `${origin.object}#${location.path}/${block.kind}${block.value}`
    const action = this.actionOf(location, host)
    const main: Route = { id, label, rank, origin, conditions: [condition], action }
    if (!this.redirectsToHttps(host, location)) return [main]
    const keepsSlash = this.config['preserve-trailing-slash'] === 'true' || on(location.ingress, 'preserve-trailing-slash')
    return [
      {
        id: `${id}/https`,
        label,
        rank,
        origin,
        conditions: [IF_HTTP, condition],
        action: keepsSlash ? this.toHttps.keepingSlash : this.toHttps.droppingSlash,
      },
      main,
    ]
  }

  private actionOf(location: Location, host: Host): Action {
    let action = this.actions.get(location)
    if (!action) {
      action = this.plainAction(location, host) ?? this.locationAction(location, host)
      this.actions.set(location, action)
    }
    return action
  }

  /** Without annotations and canary nothing of an action depends on its location but the backend. */
  private plainAction(location: Location, host: Host): Action | undefined {
    const { service } = location.backend
    const { annotations, namespace } = location.ingress.metadata
    if (annotations || !service || (this.canaryPaths.size > 0 && this.canaryPaths.has(pathKey(host.name, location)))) return undefined
    const key = JSON.stringify([namespace, service.name, service.port?.name, service.port?.number])
    let action = this.plainActions.get(key)
    if (!action) {
      action = this.locationAction(location)
      this.plainActions.set(key, action)
    }
    return action
  }

  /** What no location takes falls to the host's own root location, which redirects to https as its first Ingress says. */
  private rootRedirect(host: Host): Route[] {
    const { first } = host
    if (!first || host.locations.some((location) => location.path === '/' && !location.exact)) return []
    const origin: RouteOrigin = { object: keyOf(first), path: ['spec', 'defaultBackend'] }
    const backend = first.spec.defaultBackend ?? {}
    const root: Location = { path: '/', exact: false, pathType: 'Prefix', ingress: first, backend, origin }
    const block: Block = {
      kind: 'prefix',
      value: '/',
      label: 'location /',
      condition: { on: 'path', by: 'text', value: '/' },
      rank: "the host's own root location",
      location: root,
    }
    return this.guarded(host, root, block).slice(0, -1)
  }

  private redirectsToHttps(host: Host, location: Location): boolean {
    if (this.exempt.some((prefix) => location.path.startsWith(prefix))) return false
    const flag = (name: string) => text(location.ingress, name) ?? this.config[name]
    if (flag('force-ssl-redirect') === 'true') return true
    return flag('ssl-redirect') !== 'false' && host.name !== '' && this.certificatesOf(host.name).length > 0
  }

  private certificatesOf(host: string): readonly Certificate[] {
    let found = this.certificates.get(host)
    if (!found) {
      const dot = host.indexOf('.')
      const wildcard = dot > 0 && !host.startsWith('*.') ? (this.tlsByHost.get(`*${host.slice(dot)}`) ?? []) : []
      found = [...(this.tlsByHost.get(host) ?? []), ...wildcard]
      this.certificates.set(host, found)
    }
    return found
  }

  private appRoot(host: Host, to: string): Route {
    const location = host.locations.find((one) => appRootOf(one) === to)!
    return {
      id: `${keyOf(location.ingress)}#app-root`,
      label: `if ($uri = /) return 302 ${to}`,
      conditions: [{ on: 'path', by: 'exact', value: '/' }],
      action: { do: 'redirect', status: 302, why: 'app-root', to: { url: `$scheme://$http_host${to}` } },
      rank: 'the app root is asked first',
      origin: { object: keyOf(location.ingress), path: ['metadata', 'annotations', `${PREFIX}app-root`] },
    }
  }

  private aliasesOf(host: Host, named: ReadonlySet<string>): Server[] {
    const names = host.locations.flatMap((location) => text(location.ingress, 'server-alias')?.split(',') ?? [])
    const others = [...new Set(names.map((name) => name.trim().toLowerCase()))].filter((name) => name && !named.has(name))
    if (others.length === 0) return []
    const server = this.serversOf(host)[0]!
    return others.map((name) => ({ ...server, name, host: hostPattern(name, 'one') }))
  }

  private wwwOf(host: Host, named: ReadonlySet<string>): Server[] {
    const wants = host.locations.find((location) => on(location.ingress, 'from-to-www-redirect'))
    if (!wants || host.name === '' || host.name.startsWith('*.')) return []
    const other = host.name.startsWith('www.') ? host.name.slice(4) : `www.${host.name}`
    if (named.has(other)) return []
    const action: Action = {
      do: 'redirect',
      status: Number(this.config['http-redirect-code'] ?? 308),
      why: 'from-to-www',
      to: { host: host.name, explicitPort: true },
    }
    return [{ name: other, host: hostPattern(other, 'one'), routes: [], fallback: action }]
  }

  private rewriteOf(location: Location): PathRewrite | undefined {
    const to = text(location.ingress, 'rewrite-target')
    return to && to !== location.path ? { rewrite: 'regex', pattern: location.path, to } : undefined
  }

  private locationAction(location: Location, host?: Host): Action {
    const { ingress } = location
    const { permanent, temporal } = redirectsOf(ingress)
    if (temporal)
      return {
        do: 'redirect',
        status: Number(text(ingress, 'temporal-redirect-code') ?? 302),
        why: 'temporal-redirect',
        to: { url: temporal },
      }
    if (permanent)
      return {
        do: 'redirect',
        status: redirectCode(text(ingress, 'permanent-redirect-code')),
        why: 'permanent-redirect',
        to: { url: permanent },
      }
    const target = this.rewriteOf(location)?.to
    // nginx' rewrite directive: a replacement that begins so is sent to the client.
    if (target !== undefined && /^(https?:\/\/|\$scheme)/.test(target))
      return { do: 'redirect', status: 302, why: 'rewrite-target', to: { url: target, groups: location.path } }
    if (!location.backend.service) return { do: 'respond', status: 404, why: 'resource-backend' }
    const viaClusterIp = (text(ingress, 'service-upstream') ?? this.config['service-upstream']) === 'true'
    const resolved = resolveBackend(
      this.cluster,
      ingress.metadata.namespace ?? '',
      location.backend.service,
      rules,
      this.answersFor(location),
      viaClusterIp,
    )
    if ('do' in resolved) return resolved
    const access = accessOf(ingress)
    if (!access) return { do: 'respond', status: 503, why: 'location-denied' }
    const canary = host && this.canaryOf(location, host)
    return {
      do: 'proxy',
      proxy: { backends: [{ weight: 1, backend: resolved }], ...this.settingsOf(location), ...(canary ? { canary } : {}) },
      ...(access.length > 0 ? { middlewares: access } : {}),
    }
  }

  /** `default-backend`: a Service that answers where the location's own has no endpoints. */
  private answersFor(location: Location): BackendAnswers {
    const { ingress } = location
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
        'x-service-name': location.backend.service?.name ?? '',
      },
    }
    const custom: Action = { do: 'proxy', proxy: { backends: [{ weight: 1, backend }], algorithm: 'round-robin', requestHeaders: [told] } }
    return { ...answers, missingService: custom, noEndpoints: custom }
  }

  private settingsOf(location: Location): Omit<Forwarding, 'backends' | 'canary'> {
    const { ingress } = location
    const rewrite = this.rewriteOf(location)
    const hashBy = text(ingress, 'upstream-hash-by')
    const sticky = stickyOf(location)
    const host = text(ingress, 'upstream-vhost')
    const prefix = text(ingress, 'x-forwarded-prefix')
    const named = text(ingress, 'load-balance') ?? this.config['load-balance'] ?? 'round_robin'
    const requestHeaders: HeaderChange[] = [
      { remove: ['proxy'] },
      ...(rewrite && prefix ? [{ set: { 'x-forwarded-prefix': prefix } }] : []),
    ]
    return {
      algorithm: hashBy ? 'hash' : named === 'ewma' ? 'ewma' : 'round-robin',
      ...(hashBy ? { hashBy } : {}),
      ...(hashBy && on(ingress, 'upstream-hash-by-subset')
        ? { hashSubset: Number(text(ingress, 'upstream-hash-by-subset-size') ?? 3) }
        : {}),
      ...(sticky ? { sticky } : {}),
      ...(rewrite ? { rewrite } : {}),
      ...(host ? { host } : {}),
      requestHeaders,
    }
  }

  /** The first canary Ingress with this host, path and pathType. */
  private canaryOf(location: Location, host: Host): Canary | undefined {
    const found = this.canaryPaths.get(pathKey(host.name, location))
    if (!found?.backend.service) return undefined
    const { ingress, r, p } = found
    const viaClusterIp = on(location.ingress, 'service-upstream')
    const namespace = ingress.metadata.namespace ?? ''
    const backend = resolveBackend(this.cluster, namespace, found.backend.service, rules, answers, viaClusterIp)
    if ('do' in backend) return undefined
    return canarySettings(ingress, location.ingress, backend, { object: keyOf(ingress), path: ['spec', 'rules', r, 'http', 'paths', p] })
  }
}

/** Only a path makes an app root (url.ParseRequestURI); anything else is ignored. */
function appRootOf({ ingress }: Location): string | undefined {
  const to = text(ingress, 'app-root')
  return to?.startsWith('/') ? to : undefined
}

/** A target that is no http or https URL makes the controller drop both redirects. */
function redirectsOf(ingress: Ingress): { readonly permanent?: string | undefined; readonly temporal?: string | undefined } {
  const temporal = text(ingress, 'temporal-redirect')
  const permanent = text(ingress, 'permanent-redirect')
  const first = temporal || permanent
  return first?.startsWith('http') && first.includes(':') ? { temporal, permanent } : {}
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

const IF_HTTP: Condition = { on: 'scheme', value: 'http' }

function httpsRedirect(status: number, slash: Pick<RedirectTarget, 'dropSlash'>): Action {
  return { do: 'redirect', status, why: 'ssl-redirect', to: { scheme: 'https', ...slash } }
}

type CanaryPath = { readonly ingress: Ingress; readonly backend: IngressBackend; readonly r: number; readonly p: number }

const pathKey = (host: string | undefined, { path, pathType }: { readonly path?: string; readonly pathType: string }) =>
  `${(host ?? '').toLowerCase()} ${pathType} ${path || '/'}`

function canarySettings(ingress: Ingress, main: Ingress, backend: Canary['backend'], origin: RouteOrigin): Canary {
  const optional = <K extends string>(key: K, value: string | undefined) => (value ? ({ [key]: value } as Record<K, string>) : {})
  return {
    backend,
    weight: Number(text(ingress, 'canary-weight') ?? 0),
    weightTotal: Number(text(ingress, 'canary-weight-total') ?? 100),
    sticky: (text(main, 'affinity-canary-behavior') ?? 'sticky') !== 'legacy',
    ...optional('header', text(ingress, 'canary-by-header')),
    ...optional('headerValue', text(ingress, 'canary-by-header-value')),
    ...optional('headerPattern', text(ingress, 'canary-by-header-pattern')),
    ...optional('cookie', text(ingress, 'canary-by-cookie')),
    origin,
  }
}

function redirectCode(code: string | undefined): number {
  const value = Number(code ?? 301)
  return value >= 300 && value <= 308 ? value : 301
}

function stickyOf(location: Location): Sticky | undefined {
  const { ingress } = location
  if (text(ingress, 'affinity') !== 'cookie') return undefined
  const maxAge = text(ingress, 'session-cookie-max-age')
  const expires = text(ingress, 'session-cookie-expires')
  const sameSite = text(ingress, 'session-cookie-samesite')
  const domain = text(ingress, 'session-cookie-domain')
  return {
    cookie: text(ingress, 'session-cookie-name') || 'INGRESSCOOKIE',
    path: text(ingress, 'session-cookie-path') || location.path,
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
  readonly value: string
  readonly label: string
  readonly condition: Condition
  readonly rank: string
  readonly location: Location
}

/** Prefix `/foo` becomes the blocks `/foo/` and `= /foo`; root is one block; Exact is `= /foo` and takes it from a Prefix. */
function plainBlocks(location: Location, exactPaths: ReadonlySet<string>): Block[] {
  const { path } = location
  const exact = (value: string): Block => ({
    kind: 'exact',
    value,
    label: `location = ${value}`,
    condition: { on: 'path', by: 'exact', value },
    rank: 'an exact block goes before every prefix block',
    location,
  })
  const prefix = (value: string): Block => ({
    kind: 'prefix',
    value,
    label: `location ${value}`,
    condition: { on: 'path', by: 'text', value },
    rank: `the longest prefix block wins: ${value.length} characters`,
    location,
  })
  if (location.exact) return [exact(path)]
  if (path.endsWith('/')) return [prefix(path)]
  return [prefix(`${path}/`), ...(exactPaths.has(path) ? [] : [exact(path)])]
}

function regexBlock(location: Location): Block {
  return {
    kind: 'regex',
    value: location.path,
    label: `location ~* "^${location.path}"`,
    condition: { on: 'path', by: 'regex', value: `^${location.path}`, ignoreCase: true },
    rank: `this host is in regex mode, where the first block in the file wins: longest text first (${location.path.length} characters)`,
    location,
  }
}

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
