import { unreachable } from '../base/assert.ts'
import { cidrContains } from '../base/ip.ts'
import type { HttpRequest } from './http.ts'
import { patternOf } from './match.ts'
import type { AnswerReason } from './reasons.ts'
import type { HeaderChange, Middleware, Outcome } from './routes.ts'

/** A request after the middlewares before its service. */
export type Passed = {
  readonly path: string
  readonly query?: string
  readonly host?: string
  readonly requestHeaders: readonly HeaderChange[]
  readonly responseHeaders: readonly HeaderChange[]
}

type Answer = Exclude<Outcome, { readonly do: 'forward' }>
type Mutable = { -readonly [K in keyof Passed]: Passed[K] }

/**
 * Runs middlewares from left to right (Traefik, pkg/middlewares): what is passed on to the service, or the answer of the one that gave it.
 * `client` is the address that the proxy takes for the client's.
 */
export function passMiddlewares(middlewares: readonly Middleware[], request: HttpRequest, path: string, client: string): Passed | Answer {
  const passed: Mutable = {
    path,
    ...(request.query === undefined ? {} : { query: request.query }),
    requestHeaders: [],
    responseHeaders: [],
  }
  for (const middleware of middlewares) {
    const answer = step(middleware, request, passed, client)
    if (answer) return answer
  }
  return passed
}

function step(middleware: Middleware, request: HttpRequest, passed: Mutable, client: string): Answer | undefined {
  switch (middleware.does) {
    case 'strip-prefix': {
      const prefix = middleware.prefixes.find((one) => passed.path.startsWith(one))
      return prefix === undefined ? undefined : strip(passed, prefix, middleware.forceSlash)
    }
    case 'strip-prefix-regex': {
      const found = middleware.patterns.map((pattern) => patternOf(pattern, '')?.exec(passed.path)?.[0]).find(Boolean)
      return found !== undefined && passed.path.startsWith(found) ? strip(passed, found, false) : undefined
    }
    case 'add-prefix':
      passed.path = leading(`${middleware.prefix}${passed.path}`)
      return undefined
    case 'replace-path':
      note(passed, { add: { 'x-replaced-path': passed.path } })
      passed.path = middleware.to
      return undefined
    case 'replace-path-regex': {
      const pattern = patternOf(middleware.pattern, 'g')
      if (!pattern || middleware.to === '' || !matches(pattern, passed.path)) return undefined
      note(passed, { add: { 'x-replaced-path': passed.path } })
      passed.path = replaced(pattern, passed.path, middleware.to)
      return undefined
    }
    case 'redirect-scheme': {
      const { host, port, uri } = asked(request, passed)
      const given = middleware.port && middleware.port !== WELL_KNOWN[middleware.scheme] ? `:${middleware.port}` : ''
      return moved(
        'redirect-scheme',
        `${request.scheme}://${host}${port}${uri}`,
        `${middleware.scheme}://${host}${given}${uri}`,
        middleware,
        request,
      )
    }
    case 'redirect-regex': {
      const { host, port, uri } = asked(request, passed)
      const pattern = patternOf(middleware.pattern, 'g')
      const before = `${request.scheme}://${host}${port}${uri}`
      if (!pattern || !matches(pattern, before)) return undefined
      return moved('redirect-regex', before, replaced(pattern, before, middleware.to), middleware, request)
    }
    case 'headers':
      if (middleware.host !== undefined) passed.host = middleware.host
      note(passed, middleware.request)
      passed.responseHeaders = [middleware.response, ...passed.responseHeaders]
      return undefined
    case 'allow':
      return middleware.cidrs.some((cidr) => cidr === client || cidrContains(cidr, client)) === (middleware.except === undefined)
        ? undefined
        : { do: 'respond', status: middleware.status, why: 'ip-not-allowed', headers: {} }
    case 'authenticate':
      // Whether credentials are right is not known here: passwords are not read.
      return request.headers['authorization'] === undefined
        ? {
            do: 'respond',
            status: 401,
            why: 'unauthorized',
            headers: { 'www-authenticate': `${middleware.scheme} realm="${middleware.realm}"` },
          }
        : { do: 'unknown', why: 'middleware', what: middleware.name, headers: {} }
    case 'unknown':
      return { do: 'unknown', why: 'middleware', what: middleware.name, headers: {} }
    default:
      return unreachable(middleware)
  }
}

const WELL_KNOWN: Readonly<Record<string, string>> = { http: '80', https: '443' }

function note(passed: Mutable, change: HeaderChange): void {
  passed.requestHeaders = [...passed.requestHeaders, change]
}

const leading = (path: string) => (path === '' || path.startsWith('/') ? path : `/${path}`)

/** Since 3.7.3 a path that has dot segments after its prefix is gone is refused. */
function strip(passed: Mutable, prefix: string, forceSlash: boolean): Answer | undefined {
  const rest = passed.path.slice(prefix.length)
  const path = forceSlash ? `/${rest.replace(/^\//, '')}` : leading(rest)
  if (/(^|\/)\.{1,2}(\/|$)/.test(path)) return { do: 'respond', status: 400, why: 'dot-segments', headers: {} }
  note(passed, { add: { 'x-forwarded-prefix': prefix.trim() } })
  passed.path = path === '' ? '/' : path
  return undefined
}

/** The URL that the client asked for, in parts; a port that goes without saying is left out. */
function asked(request: HttpRequest, { path, query }: Passed): { readonly host: string; readonly port: string; readonly uri: string } {
  const [, host = '', port] = /^(.*?)(?::(\d+))?$/.exec(request.hostHeader) ?? []
  const uri = query === undefined ? path : `${path}?${query}`
  return { host, port: port === undefined || port === WELL_KNOWN[request.scheme] ? '' : `:${port}`, uri }
}

/** A URL that changes nothing is no redirect: the request goes on. */
function moved(why: AnswerReason, before: string, after: string, { permanent, force }: Moves, request: HttpRequest): Answer | undefined {
  if (after === before) return undefined
  const get = request.method === 'GET'
  const status = permanent ? (force || !get ? 308 : 301) : get ? 302 : 307
  return { do: 'respond', status, why, headers: { location: after } }
}

type Moves = { readonly permanent: boolean; readonly force: boolean }

function matches(pattern: RegExp, text: string): boolean {
  pattern.lastIndex = 0
  return pattern.test(text)
}

/** Go's ReplaceAllString: `$1`, `${1}`, `$name`; the longest name counts, and one that is not there is empty. */
function replaced(pattern: RegExp, text: string, to: string): string {
  pattern.lastIndex = 0
  return text.replace(pattern, (...found: unknown[]) => {
    const groups = typeof found.at(-1) === 'object' ? (found.at(-1) as Readonly<Record<string, string | undefined>>) : {}
    return to.replace(/\$(?:\$|\{(\w+)\}|(\w+))/g, (whole, braced: string | undefined, bare: string | undefined) => {
      if (whole === '$$') return '$'
      const name = braced ?? bare ?? ''
      const value = /^\d+$/.test(name) ? found[Number(name)] : groups[name]
      return typeof value === 'string' ? value : ''
    })
  })
}
