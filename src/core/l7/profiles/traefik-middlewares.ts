import type { ApiObject, Cluster } from '../../api/cluster.ts'
import { list } from '../../api/cluster.ts'
import type { Middleware as MiddlewareObject } from '../../api/kinds/middleware.ts'
import type { ObjectKey } from '../../api/meta.ts'
import { patternOf } from '../match.ts'
import type { HeaderChange, Middleware } from '../routes.ts'

type Options = Readonly<Record<string, unknown>>

/** Middlewares that let one ordinary request through unchanged; what else they do (limits, retries, compression) is not modelled. */
const TRANSPARENT = [
  'buffering',
  'circuitBreaker',
  'compress',
  'contentType',
  'errors',
  'grpcWeb',
  'inFlightReq',
  'passTLSClientCert',
  'rateLimit',
  'retry',
]

const text = (options: Options, name: string) => (typeof options[name] === 'string' ? options[name] : undefined)
const isTrue = (options: Options, name: string) => options[name] === true
const texts = (options: Options, name: string): readonly string[] => (Array.isArray(options[name]) ? options[name].map(String) : [])
/** RE2 writes named groups as `(?P<name>…)`. */
const re2 = (pattern: string) => pattern.replaceAll('(?P<', '(?<')

const byName = new WeakMap<ReadonlyMap<ObjectKey, ApiObject>, ReadonlyMap<string, MiddlewareObject>>()

/** The cluster's Middlewares under the names that routers call them by: `namespace-name`. */
function middlewaresByName(cluster: Cluster): ReadonlyMap<string, MiddlewareObject> {
  const objects = cluster.byKind.get('Middleware')
  if (!objects) return new Map()
  let names = byName.get(objects)
  if (!names) {
    const all = list(cluster, 'Middleware')
    names = new Map(all.map((one) => [`${one.metadata.namespace}-${one.metadata.name}`, one]))
    byName.set(objects, names)
  }
  return names
}

/**
 * The middlewares of `router.middlewares` (`namespace-name@kubernetescrd,…`), from left to right; undefined where Traefik would make no
 * router: one is not there, or makes no sense. Those of other providers (`@file`) nobody here can know.
 */
export function middlewaresOf(cluster: Cluster, annotation: string | undefined): readonly Middleware[] | undefined {
  const names = (annotation ?? '').split(',').map((name) => name.trim())
  const steps: Middleware[] = []
  for (const name of names.filter((one) => one !== '')) {
    const found = stepsOf(cluster, name, 0)
    if (!found) return undefined
    steps.push(...found)
  }
  return steps
}

/** The names in `router.middlewares` that Traefik looks up in the cluster and does not find. */
export function missingMiddlewares(cluster: Cluster, annotation: string): readonly string[] {
  const names = annotation.split(',').map((name) => name.trim())
  return names.filter((reference) => {
    const [name = '', provider = 'kubernetes'] = reference.split('@')
    if (reference === '' || !provider.startsWith('kubernetes')) return false
    return provider === 'kubernetes' || !middlewaresByName(cluster).has(name)
  })
}

const DEEPEST = 10

function stepsOf(cluster: Cluster, reference: string, depth: number): readonly Middleware[] | undefined {
  const [name = '', provider] = reference.split('@')
  if (provider !== undefined && provider !== 'kubernetescrd')
    return provider === 'kubernetes' ? undefined : [{ does: 'unknown', name: reference }]
  const object = provider === undefined ? undefined : middlewaresByName(cluster).get(name)
  if (!object) return undefined
  const kinds = Object.entries(object.spec ?? {}).filter(([, options]) => options !== undefined && options !== null)
  const [kind, options = {}] = kinds.length === 1 ? kinds[0]! : []
  if (kind !== 'chain') return kind === undefined ? undefined : stepOf(name, kind, options)
  // A chain that names itself would never end; Traefik refuses it.
  if (depth >= DEEPEST) return undefined
  const parts = Array.isArray(options['middlewares']) ? (options['middlewares'] as readonly Options[]) : []
  const chained = parts.map((part) => {
    const space = text(part, 'namespace') ?? object.metadata.namespace ?? ''
    return stepsOf(cluster, `${space}-${text(part, 'name') ?? ''}@kubernetescrd`, depth + 1)
  })
  return chained.every((steps) => steps !== undefined) ? chained.flat() : undefined
}

/** One middleware as a step; none for a transparent one, undefined for one that Traefik cannot build. */
function stepOf(name: string, kind: string, options: Options): readonly Middleware[] | undefined {
  const moves = { permanent: isTrue(options, 'permanent'), force: isTrue(options, 'forcePermanentRedirect') }
  switch (kind) {
    case 'stripPrefix':
      return [{ does: 'strip-prefix', prefixes: texts(options, 'prefixes'), forceSlash: isTrue(options, 'forceSlash') }]
    case 'stripPrefixRegex': {
      const patterns = texts(options, 'regex').map((pattern) => re2(pattern.trim()))
      return patterns.every((pattern) => patternOf(pattern, '')) ? [{ does: 'strip-prefix-regex', patterns }] : undefined
    }
    case 'addPrefix': {
      const prefix = text(options, 'prefix')
      return prefix ? [{ does: 'add-prefix', prefix }] : undefined
    }
    case 'replacePath':
      return [{ does: 'replace-path', to: text(options, 'path') ?? '' }]
    case 'replacePathRegex': {
      const pattern = re2((text(options, 'regex') ?? '').trim())
      return patternOf(pattern, 'g')
        ? [{ does: 'replace-path-regex', pattern, to: (text(options, 'replacement') ?? '').trim() }]
        : undefined
    }
    case 'redirectScheme': {
      const scheme = text(options, 'scheme')
      const port = options['port'] === undefined ? {} : { port: String(options['port']) }
      return scheme ? [{ does: 'redirect-scheme', scheme, ...port, ...moves }] : undefined
    }
    case 'redirectRegex': {
      const pattern = re2(text(options, 'regex') ?? '')
      return patternOf(pattern, 'g') ? [{ does: 'redirect-regex', pattern, to: text(options, 'replacement') ?? '', ...moves }] : undefined
    }
    case 'headers':
      return [headersOf(options)]
    case 'ipAllowList':
    case 'ipWhiteList': {
      // A strategy reads the address from headers.
      if (options['ipStrategy'] !== undefined) return [{ does: 'unknown', name }]
      const status = Number(options['rejectStatusCode'] ?? 403)
      return [{ does: 'allow', cidrs: texts(options, 'sourceRange'), status }]
    }
    case 'basicAuth':
    case 'digestAuth':
      return [{ does: 'authenticate', name, scheme: kind === 'basicAuth' ? 'Basic' : 'Digest', realm: text(options, 'realm') || 'traefik' }]
    default:
      return TRANSPARENT.includes(kind) ? [] : [{ does: 'unknown', name }]
  }
}

const HEADER_OPTIONS = [
  'customRequestHeaders',
  'customResponseHeaders',
  'frameDeny',
  'customFrameOptionsValue',
  'contentTypeNosniff',
  'browserXssFilter',
  'referrerPolicy',
]

/** An empty value takes a header away; Host is the request's own. */
function headersOf(options: Options): Middleware {
  const request = custom(options['customRequestHeaders'])
  const response = custom(options['customResponseHeaders'])
  const { host, ...set } = request.set
  const frame = text(options, 'customFrameOptionsValue') ?? (isTrue(options, 'frameDeny') ? 'DENY' : undefined)
  const referrer = text(options, 'referrerPolicy')
  const secure = {
    ...(frame ? { 'x-frame-options': frame } : {}),
    ...(isTrue(options, 'contentTypeNosniff') ? { 'x-content-type-options': 'nosniff' } : {}),
    ...(isTrue(options, 'browserXssFilter') ? { 'x-xss-protection': '1; mode=block' } : {}),
    ...(referrer ? { 'referrer-policy': referrer } : {}),
  }
  return {
    does: 'headers',
    ...(host === undefined ? {} : { host }),
    request: { set, remove: request.remove },
    response: { set: { ...secure, ...response.set }, remove: response.remove },
  }
}

function custom(value: unknown): Required<Pick<HeaderChange, 'set' | 'remove'>> {
  const pairs = Object.entries((value ?? {}) as Options).map(([name, of]) => [name.toLowerCase(), String(of ?? '')] as const)
  return {
    set: Object.fromEntries(pairs.filter(([, of]) => of !== '')),
    remove: pairs.filter(([, of]) => of === '').map(([name]) => name),
  }
}

/** What of a Middleware changes nothing here, or leaves open what happens: its kind, or single options. */
export function notModelledIn({ spec = {} }: MiddlewareObject): readonly (readonly string[])[] {
  return Object.entries(spec).flatMap(([kind, options]) => {
    if (kind === 'chain') return []
    if (kind === 'headers') return Object.keys(options ?? {}).flatMap((name) => (HEADER_OPTIONS.includes(name) ? [] : [['headers', name]]))
    if (TRANSPARENT.includes(kind)) return [[kind]]
    return stepOf('', kind, options ?? {})?.some(({ does }) => does === 'unknown') ? [[kind]] : []
  })
}
