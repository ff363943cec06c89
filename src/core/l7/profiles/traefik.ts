import type { Cluster } from '../../api/cluster.ts'
import { find, list } from '../../api/cluster.ts'
import type { Ingress, IngressBackend } from '../../api/kinds/ingress.ts'
import type { Service } from '../../api/kinds/service.ts'
import { keyOf } from '../../api/meta.ts'
import { sha1Hex } from '../../base/hash.ts'
import { type BackendAnswers, type EndpointRules, resolveBackend, servicePortOf } from '../backends.ts'
import { claimOf } from '../classes.ts'
import { hostPattern } from '../match.ts'
import { annotation, type ControllerConfig, type Profile } from '../profile.ts'
import { because, type Reason } from '../reasons.ts'
import type { Action, Backend, Condition, Middleware, Route, RouteOrigin, RouteTable, Sticky } from '../routes.ts'
import { middlewaresOf } from './traefik-middlewares.ts'

const PREFIX = 'traefik.ingress.kubernetes.io/'
const CONTROLLER = 'traefik.io/ingress-controller'
const rules: EndpointRules = { use: 'serving', matchesTargetPort: false, duplicates: 'address' }
const LOWEST = -2147483648

/** The options of Traefik's kubernetesIngress provider that change routing, by their flag names in lower case. */
function option(config: ControllerConfig, name: string): string | undefined {
  return config.flags?.[`providers.kubernetesingress.${name.toLowerCase()}`]
}

/** One router before it is ranked. */
export type Router = {
  readonly rule: string
  readonly conditions: readonly (readonly Condition[])[]
  readonly priority: number
  /** `namespace-service-port`, as Traefik names its services. */
  readonly service: string
  readonly action: Action
  readonly scheme?: 'https'
  readonly origin: RouteOrigin
  readonly id: string
  readonly entryPoints: readonly string[]
  /** Its rule is empty, or names a middleware that cannot be had: the provider makes it, and no entry point takes it. */
  readonly disabled?: true
}

const quoted = (text: string) => JSON.stringify(text)
const skip = Symbol('no router')

/** Traefik 3.7 (pkg/provider/kubernetes/ingress): every host and path is a router of one flat list. */
export function routersOf(cluster: Cluster, ingresses: readonly Ingress[], config: ControllerConfig): readonly Router[] {
  const routers: Router[] = []
  let fallback: Router | undefined
  for (const ingress of ingresses) {
    if (!ingress.spec.rules?.length && ingress.spec.defaultBackend && !fallback)
      fallback = defaultRouter(cluster, ingress, ingress.spec.defaultBackend, config)
    // A rule that an Ingress writes twice is one router: the later backend is put in the place of the earlier.
    const own = new Map<string, Router>()
    ingress.spec.rules?.forEach((rule, r) => {
      rule.http?.paths.forEach((path, p) => {
        const router = routerOf(
          cluster,
          ingress,
          rule.host,
          path,
          { object: keyOf(ingress), path: ['spec', 'rules', r, 'http', 'paths', p] },
          config,
        )
        if (router) own.set(router.rule, router)
      })
    })
    routers.push(...own.values())
  }
  return fallback ? [...routers, fallback] : routers
}

function defaultRouter(cluster: Cluster, ingress: Ingress, backend: IngressBackend, config: ControllerConfig): Router | undefined {
  const action = actionOf(cluster, ingress, backend, config)
  if (action === skip) return undefined
  const origin: RouteOrigin = { object: keyOf(ingress), path: ['spec', 'defaultBackend'] }
  return {
    rule: 'PathPrefix("/")',
    conditions: [[{ on: 'path', by: 'text', value: '/' }]],
    priority: LOWEST,
    service: 'default-backend',
    action,
    origin,
    id: `${keyOf(ingress)}#default`,
    ...(hasTls(ingress) ? { scheme: 'https' as const } : {}),
    entryPoints: entryPointsOf(ingress),
  }
}

function routerOf(
  cluster: Cluster,
  ingress: Ingress,
  host: string | undefined,
  path: { readonly path?: string; readonly pathType: string; readonly backend: IngressBackend },
  origin: RouteOrigin,
  config: ControllerConfig,
): Router | undefined {
  const matcher = pathMatcher(ingress, path, option(config, 'strictPrefixMatching') === 'true')
  const action = actionOf(cluster, ingress, path.backend, config)
  if (!matcher || action === skip) return undefined
  const hostRule = host ? `Host(${quoted(host)})` : ''
  const rule = [hostRule, matcher.rule].filter(Boolean).join(' && ')
  const hostConditions: Condition[] = host ? [{ on: 'host', is: hostPattern(host, 'one') }] : []
  const given = Number(annotation(ingress, PREFIX, 'router.priority') ?? 0)
  const middlewares = middlewaresOf(cluster, annotation(ingress, PREFIX, 'router.middlewares'))
  const { name, port } = path.backend.service!
  return {
    rule,
    conditions: matcher.any.map((condition) => [...hostConditions, ...condition]),
    priority: given !== 0 ? given : rule.length,
    service: `${ingress.metadata.namespace}-${name}-${port?.name || port?.number}`,
    action: withMiddlewares(action, middlewares ?? []),
    ...(middlewares && rule !== '' ? {} : { disabled: true as const }),
    ...(hasTls(ingress) ? { scheme: 'https' as const } : {}),
    origin,
    id: `${keyOf(ingress)}#${origin.path.slice(2).join('.')}`,
    entryPoints: entryPointsOf(ingress),
  }
}

const entryPointsOf = (ingress: Ingress) => (annotation(ingress, PREFIX, 'router.entrypoints') ?? '').split(',').filter(Boolean)

/** `router.tls`, or any of its parts (`router.tls.options`, `router.tls.certresolver`): a router with TLS answers https alone. */
function hasTls({ metadata }: Ingress): boolean {
  return Object.entries(metadata.annotations ?? {}).some(
    ([name, value]) => (name === `${PREFIX}router.tls` && value === 'true') || name.startsWith(`${PREFIX}router.tls.`),
  )
}

function withMiddlewares(action: Action, middlewares: readonly Middleware[]): Action {
  return action.do === 'proxy' && middlewares.length > 0 ? { ...action, middlewares } : action
}

/** The path half of a rule: its text, and the alternatives under which it holds. */
function pathMatcher(
  ingress: Ingress,
  path: { readonly path?: string; readonly pathType: string },
  strict: boolean,
): { readonly rule: string; readonly any: readonly (readonly Condition[])[] } | undefined {
  const value = path.path ?? ''
  if (value === '') return { rule: '', any: [[]] }
  const named = annotation(ingress, PREFIX, 'router.pathmatcher')
  const free = !path.pathType || path.pathType === 'ImplementationSpecific'
  const matcher = path.pathType === 'Exact' ? 'Path' : path.pathType === 'Prefix' ? 'PathPrefix' : free && named ? named : 'PathPrefix'
  if (matcher === 'PathPrefix' && strict && path.pathType === 'Prefix') {
    const bare = value.replace(/\/$/, '')
    if (bare === '') return { rule: 'PathPrefix("/")', any: [[{ on: 'path', by: 'text', value: '/' }]] }
    return {
      rule: `(Path(${quoted(bare)}) || PathPrefix(${quoted(`${bare}/`)}))`,
      any: [[{ on: 'path', by: 'exact', value: bare }], [{ on: 'path', by: 'text', value: `${bare}/` }]],
    }
  }
  if (matcher === 'Path') return { rule: `Path(${quoted(value)})`, any: [[{ on: 'path', by: 'exact', value }]] }
  if (matcher === 'PathPrefix') return { rule: `PathPrefix(${quoted(value)})`, any: [[{ on: 'path', by: 'text', value }]] }
  if (matcher === 'PathRegexp') return { rule: `PathRegexp(${quoted(value)})`, any: [[{ on: 'path', by: 'regex', value }]] }
  return undefined
}

/** What a router does, or `skip` where Traefik makes none: the Service or port is missing, or nobody serves. */
function actionOf(cluster: Cluster, ingress: Ingress, backend: IngressBackend, config: ControllerConfig): Action | typeof skip {
  if (!backend.service) return skip
  const namespace = ingress.metadata.namespace ?? ''
  const service = find(cluster, 'Service', namespace, backend.service.name)
  if (!service) return skip
  const resolved = backendOf(cluster, namespace, service, backend.service, config)
  if (resolved === skip) return skip
  const sticky = stickyOf(service, backend.service)
  return {
    do: 'proxy',
    proxy: {
      backends: [{ weight: 1, backend: resolved }],
      algorithm: strategyOf(service),
      ...(sticky ? { sticky } : {}),
      ...(serviceAnnotation(service, 'passhostheader') === 'false' ? { host: '' } : {}),
    },
  }
}

const serviceAnnotation = (service: Service, name: string) => service.metadata.annotations?.[`${PREFIX}service.${name}`]

function backendOf(
  cluster: Cluster,
  namespace: string,
  service: Service,
  wanted: { readonly name: string; readonly port?: { readonly name?: string; readonly number?: number } },
  config: ControllerConfig,
): Backend | typeof skip {
  const port = servicePortOf(service, wanted.port ?? {}, rules)
  if (!port) return skip
  if (serviceAnnotation(service, 'nodeportlb') === 'true' && port.nodePort && option(config, 'disableClusterScopeResources') === 'true')
    return skip
  if (serviceAnnotation(service, 'nodeportlb') === 'true' && port.nodePort) return nodePorts(cluster, service, port.nodePort, port.port)
  const native = (serviceAnnotation(service, 'nativelb') ?? option(config, 'nativeLBByDefault')) === 'true'
  const external: BackendAnswers['externalName'] =
    option(config, 'allowExternalNameServices') === 'true' ? 'dial' : { do: 'respond', status: 404, why: 'external-name' }
  const nothing: Action = { do: 'respond', status: 503, why: 'no-endpoints' }
  const resolved = resolveBackend(
    cluster,
    namespace,
    wanted,
    rules,
    { missingService: nothing, missingPort: nothing, noEndpoints: nothing, externalName: external },
    native,
  )
  if ('do' in resolved) return skip
  if (resolved.to === 'endpoints' && resolved.endpoints.length === 0 && option(config, 'allowEmptyServices') !== 'true') return skip
  return resolved
}

function nodePorts(cluster: Cluster, service: Service, nodePort: number, port: number): Backend | typeof skip {
  const ips = list(cluster, 'Node').flatMap(
    (node) => node.status?.addresses?.filter((address) => address.type === 'InternalIP').map((address) => address.address) ?? [],
  )
  if (ips.length === 0) return skip
  return {
    to: 'endpoints',
    service: keyOf(service),
    port,
    endpoints: ips.map((ip) => ({ ip, port: nodePort })),
    none: { do: 'respond', status: 503, why: 'no-endpoints' },
  }
}

function strategyOf(service: Service): 'round-robin' | 'random' | 'hash' | 'least-conn' {
  const strategy = serviceAnnotation(service, 'strategy')
  return strategy === 'p2c' ? 'random' : strategy === 'hrw' ? 'hash' : strategy === 'leasttime' ? 'least-conn' : 'round-robin'
}

function stickyOf(
  service: Service,
  wanted: { readonly name: string; readonly port?: { readonly name?: string; readonly number?: number } },
): Sticky | undefined {
  if (serviceAnnotation(service, 'sticky.cookie') !== 'true') return undefined
  const name =
    serviceAnnotation(service, 'sticky.cookie.name') ||
    `_${sha1Hex(`${service.metadata.namespace}-${wanted.name}-${wanted.port?.name || wanted.port?.number}`).slice(0, 5)}`
  const sameSite = serviceAnnotation(service, 'sticky.cookie.samesite')
  const maxAge = serviceAnnotation(service, 'sticky.cookie.maxage')
  const path = serviceAnnotation(service, 'sticky.cookie.path')
  return {
    cookie: name,
    secure: serviceAnnotation(service, 'sticky.cookie.secure') === 'true',
    httpOnly: serviceAnnotation(service, 'sticky.cookie.httponly') === 'true',
    ...(sameSite ? { sameSite } : {}),
    ...(maxAge ? { maxAge: Number(maxAge) } : {}),
    ...(path ? { path } : {}),
    value: 'endpoint',
  }
}

/** Highest priority first. Equal ones have no order in Traefik; here the order of namespace, name and rule decides. */
export function compileTraefik(routers: readonly Router[], config: ControllerConfig = {}): RouteTable {
  const reachable = routers.filter(
    ({ disabled, entryPoints }) => !disabled && (entryPoints.length === 0 || entryPoints.some((name) => name in ENTRY_POINTS)),
  )
  const ranked = reachable.map((router, at) => ({ router, at })).sort((a, b) => b.router.priority - a.router.priority || a.at - b.at)
  const routes = ranked.flatMap(({ router }) =>
    router.conditions.map(
      (conditions, i): Route => ({
        id: i === 0 ? router.id : `${router.id}/${i}`,
        label: router.rule || '(every request)',
        conditions: [...schemesOf(router), ...conditions],
        action: router.action,
        rank: rankOf(router),
        origin: router.origin,
      }),
    ),
  )
  const none: Action = { do: 'respond', status: 404, why: 'no-router' }
  return {
    profile: 'traefik',
    servers: [{ name: 'web', host: { host: 'any' }, routes: [...redirectionsOf(config), ...routes], fallback: none }],
    none,
    paths: 'traefik',
    forwarding: {
      style: 'traefik',
      ...(Object.keys(config.flags ?? {}).some((name) => /^entrypoints\.web\.proxyprotocol\.(insecure|trustedips)$/.test(name))
        ? { proxyProtocol: 'trusted' as const }
        : {}),
    },
  }
}

function rankOf({ priority, rule }: Router): Reason {
  const by = priority === rule.length ? 'length' : priority === LOWEST ? 'lowest' : 'given'
  return because(`priority-${by}`, { priority })
}

/** The entry points of the Helm chart: what else a router names is not there, and a router without any is made for nobody. */
const ENTRY_POINTS: Readonly<Record<string, 'http' | 'https'>> = { web: 'http', websecure: 'https' }

/** The schemes under which a router answers: those of its entry points, and https alone with `router.tls`. */
function schemesOf({ scheme, entryPoints }: Router): readonly Condition[] {
  const named = new Set(entryPoints.flatMap((name) => ENTRY_POINTS[name] ?? []))
  const [only] = scheme ? [scheme] : named.size === 1 ? [...named] : []
  return only ? [{ on: 'scheme', value: only }] : []
}

/** `entryPoints.web.http.redirections.entryPoint.to`: a router of the highest priority. Permanent is 301 for GET, 308 for the rest. */
function redirectionsOf({ flags = {} }: ControllerConfig): readonly Route[] {
  const flag = (name: string) => flags[`entrypoints.web.http.redirections.entrypoint.${name}`]
  const to = flag('to')
  if (to === undefined) return []
  const address = to.startsWith(':') ? to : (flags[`entrypoints.${to.toLowerCase()}.address`] ?? ':8443')
  const port = Number(/:(\d+)/.exec(address)?.[1] ?? 443)
  const permanent = flag('permanent') !== 'false'
  const route = (id: string, status: number, conditions: readonly Condition[]): Route => ({
    id,
    label: `entry point web redirects to ${to}`,
    conditions: [{ on: 'scheme', value: 'http' }, ...conditions],
    action: { do: 'redirect', status, why: 'entrypoint-redirection', to: { scheme: 'https', port } },
    rank: because('entry-point'),
    origin: { object: 'Deployment//traefik', path: [] },
  })
  return [route('redirect/get', permanent ? 301 : 302, [{ on: 'method', value: 'GET' }]), route('redirect', permanent ? 308 : 307, [])]
}

/** The Ingresses that Traefik takes, in namespace and name order (its provider has no order by age). */
export function traefikIngresses(cluster: Cluster, config: ControllerConfig): readonly Ingress[] {
  const named = option(config, 'ingressClass')
  const lookup = option(config, 'disableIngressClassLookup') !== 'true' && option(config, 'disableClusterScopeResources') !== 'true'
  return list(cluster, 'Ingress').filter((ingress) => {
    const className = ingress.spec.ingressClassName
    if (className !== undefined)
      return lookup && (!named || className === named) && claimOf(cluster, ingress, traefik.classes(config)).claimed
    return claimOf(cluster, ingress, traefik.classes(config)).claimed
  })
}

const ROUTER_ANNOTATIONS = [
  'router.entrypoints',
  'router.middlewares',
  'router.pathmatcher',
  'router.priority',
  'router.tls',
  'router.tls.certresolver',
  'router.tls.options',
]
const SERVICE_ANNOTATIONS = [
  'nativelb',
  'nodeportlb',
  'passhostheader',
  'sticky.cookie',
  'sticky.cookie.httponly',
  'sticky.cookie.maxage',
  'sticky.cookie.name',
  'sticky.cookie.path',
  'sticky.cookie.samesite',
  'sticky.cookie.secure',
  'strategy',
].map((name) => `service.${name}`)

/** Traefik Proxy's Kubernetes Ingress provider. */
export const traefik: Profile = {
  controller: CONTROLLER,
  name: 'traefik',
  httpPort: 8000,
  httpsPort: 8443,
  classes: (config) => ({
    controller: CONTROLLER,
    takesClassless: !option(config, 'ingressClass'),
    annotations: [option(config, 'ingressClass') ?? 'traefik'],
  }),
  compile: (cluster, config) => compileTraefik(routersOf(cluster, traefikIngresses(cluster, config), config), config),
  tableOf: (cluster, ingresses, config) => compileTraefik(routersOf(cluster, ingresses, config), config),
  annotations: { prefix: PREFIX, modelled: [...ROUTER_ANNOTATIONS, ...SERVICE_ANNOTATIONS] },
}
