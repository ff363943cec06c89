import type { FieldPath, ObjectKey } from '../api/meta.ts'
import type { Headers } from './http.ts'
import type { PathReading } from './paths.ts'
import type { AnswerReason, Reason } from './reasons.ts'

/**
 * What a controller or gateway knows, as one typed table. Every profile (an Ingress controller, the Gateway API) compiles its API objects
 * to it, and one interpreter (`decide.ts`) runs it: a server is chosen first, by port, scheme and host; then its routes are tried in order
 * and the first whose conditions all hold wins. How a profile ranks routes is settled when the table is built.
 */
export type RouteTable = {
  readonly profile: string
  readonly servers: readonly Server[]
  /** The answer where no server takes the request. */
  readonly none: Action
  /** How paths are read before they are matched, and what of that a backend sees (`paths.ts`). */
  readonly paths: PathReading
  /** Hosts are compared with the dot that may end them (HAProxy); else that dot is passed over. */
  readonly keepsDot?: true
  /** How this proxy writes the forwarding headers, and whom it believes. */
  readonly forwarding: ForwardingHeaders
}

export type ForwardingHeaders = {
  readonly style: 'nginx' | 'traefik' | 'haproxy' | 'plain'
  /** Believes X-Forwarded-* of the other end (`use-forwarded-headers`). */
  readonly trustsForwarded?: boolean
  /** Believes only the address in X-Forwarded-For (`enable-real-ip`). */
  readonly trustsAddress?: boolean
  /** Connections begin with a PROXY line: each must (`always`), or those from its load balancer do. */
  readonly proxyProtocol?: 'always' | 'trusted'
  /** Peers that are believed; empty means everybody. */
  readonly trustedCidrs?: readonly string[]
  /** Appends to X-Forwarded-For in place of replacing it. */
  readonly appends?: boolean
}

/** nginx' `server`, a Gateway's listener, Traefik's entrypoint, a host of HAProxy's map. */
export type Server = {
  readonly name: string
  /** Ports on which it listens; absent means every port of the controller. */
  readonly ports?: readonly number[]
  readonly scheme?: 'http' | 'https'
  readonly host: HostPattern
  /** In the order in which they are tried. */
  readonly routes: readonly Route[]
  /** When no route of this server matches: no other server gets a turn. */
  readonly fallback: Action
  readonly certificates?: readonly Certificate[]
  readonly origin?: RouteOrigin
  /** The annotation that made every location of this host a regular expression (ingress-nginx). */
  readonly regexBy?: RouteOrigin
}

export type Certificate = { readonly secret: string; readonly names: readonly string[] }

export type HostPattern =
  | { readonly host: 'any' }
  | { readonly host: 'exact'; readonly name: string }
  /** `*.foo.com` has the suffix `.foo.com`: an Ingress's star stands for one label, a Gateway's for one or more. */
  | { readonly host: 'wildcard'; readonly suffix: string; readonly labels: 'one' | 'more' }

export type RouteOrigin = { readonly object: ObjectKey; readonly path: FieldPath }

export type Route = {
  /** Unique in its table and stable while the objects stay. */
  readonly id: string
  /** The rule in the controller's own words: a location, a rule expression, a match. */
  readonly label: string
  readonly conditions: readonly Condition[]
  readonly action: Action
  /** What its profile ranked it by. */
  readonly rank: Reason
  readonly origin: RouteOrigin
}

export type Condition =
  | { readonly on: 'host'; readonly is: HostPattern }
  | { readonly on: 'path'; readonly by: 'exact'; readonly value: string }
  /** `/`-separated elements; a trailing slash is ignored on both sides. */
  | { readonly on: 'path'; readonly by: 'elements'; readonly value: string }
  /** Raw text prefix. */
  | { readonly on: 'path'; readonly by: 'text'; readonly value: string; readonly ignoreCase?: true }
  | { readonly on: 'path'; readonly by: 'regex'; readonly value: string; readonly ignoreCase?: true }
  | { readonly on: 'method'; readonly value: string }
  | { readonly on: 'header'; readonly name: string; readonly by: 'exact' | 'regex'; readonly value: string }
  | { readonly on: 'query'; readonly name: string; readonly by: 'exact' | 'regex'; readonly value: string }
  | { readonly on: 'scheme'; readonly value: 'http' | 'https' }

export type Action =
  /** Answered here, without a backend. `why` is a stable reason for the page and the trace. */
  | { readonly do: 'respond'; readonly status: number; readonly why: AnswerReason; readonly headers?: Headers }
  | { readonly do: 'redirect'; readonly status: number; readonly why: AnswerReason; readonly to: RedirectTarget }
  /** Given to a backend, after the middlewares before it. */
  | { readonly do: 'proxy'; readonly proxy: Forwarding; readonly middlewares?: readonly Middleware[] }

/** Parts of the Location; what is absent stays as in the request. */
export type RedirectTarget = {
  readonly scheme?: 'http' | 'https'
  readonly host?: string
  readonly port?: number
  readonly path?: PathRewrite
  /** The whole Location as written (nginx' `permanent-redirect`). */
  readonly url?: string
  /** The pattern whose groups `url` names as `$1` …; the query is added to it unless it ends in `?` (nginx' rewrite to an absolute URL). */
  readonly groups?: string
  /** Writes the port even where it is the scheme's well-known one. */
  readonly explicitPort?: true
  /** Drops one trailing slash, as nginx' ssl-redirect does. */
  readonly dropSlash?: true
  /** Leaves the query out, or a question mark with nothing behind it. */
  readonly dropQuery?: true
  readonly dropEmptyQuery?: true
  /** The request's host in lower case, as it was read, or as a believed X-Forwarded-Host says; otherwise as sent. Without the port. */
  readonly hostAs?: 'read' | 'forwarded'
}

export type PathRewrite =
  | { readonly rewrite: 'full'; readonly to: string }
  /** Element-wise replacement of the matched prefix (Gateway's ReplacePrefixMatch). */
  | { readonly rewrite: 'prefix'; readonly prefix: string; readonly to: string }
  /** One replacement over the normalised path: the whole path becomes `to`, `$1` … being the groups (nginx' rewrite-target). */
  | { readonly rewrite: 'regex'; readonly pattern: string; readonly to: string }

export type Forwarding = {
  /** Weighted choice; weights of 0 take nothing. */
  readonly backends: readonly WeightedBackend[]
  readonly canary?: Canary
  readonly sticky?: Sticky
  readonly algorithm: 'round-robin' | 'ewma' | 'hash' | 'random' | 'least-conn'
  /** What is hashed (`upstream-hash-by`), and over subsets of how many endpoints, if so. */
  readonly hashBy?: string
  readonly hashSubset?: number
  readonly rewrite?: PathRewrite
  /** The Host that the backend sees in place of the client's; empty means its own address. */
  readonly host?: string
  readonly requestHeaders?: readonly HeaderChange[]
  readonly responseHeaders?: readonly HeaderChange[]
  readonly mirrors?: readonly { readonly backend: Backend; readonly share: number }[]
  readonly timeoutMs?: number
  readonly cors?: Cors
}

/** Cross-origin rules that the proxy answers and announces itself (Gateway API's CORS filter). */
export type Cors = {
  readonly allowOrigins?: readonly string[]
  readonly allowMethods?: readonly string[]
  readonly allowHeaders?: readonly string[]
  readonly exposeHeaders?: readonly string[]
  readonly allowCredentials?: boolean
  readonly maxAge?: number
}

/** A step between a route and its backend (Traefik's Middlewares; ingress-nginx' access rules). `force` answers 308 to every method. */
export type Middleware =
  | { readonly does: 'strip-prefix'; readonly prefixes: readonly string[]; readonly forceSlash: boolean }
  | { readonly does: 'strip-prefix-regex'; readonly patterns: readonly string[] }
  | { readonly does: 'add-prefix'; readonly prefix: string }
  | { readonly does: 'replace-path'; readonly to: string }
  | { readonly does: 'replace-path-regex'; readonly pattern: string; readonly to: string }
  | {
      readonly does: 'redirect-scheme'
      readonly scheme: string
      readonly port?: string
      readonly permanent: boolean
      readonly force: boolean
    }
  | { readonly does: 'redirect-regex'; readonly pattern: string; readonly to: string; readonly permanent: boolean; readonly force: boolean }
  | { readonly does: 'headers'; readonly host?: string; readonly request: HeaderChange; readonly response: HeaderChange }
  /** Clients at these addresses may pass, or (`except`) all but these. */
  | { readonly does: 'allow'; readonly cidrs: readonly string[]; readonly except?: true; readonly status: number }
  | { readonly does: 'authenticate'; readonly name: string; readonly scheme: 'Basic' | 'Digest'; readonly realm: string }
  /** What it does to a request nobody here knows. */
  | { readonly does: 'unknown'; readonly name: string }

export type HeaderChange = { readonly set?: Headers; readonly add?: Headers; readonly remove?: readonly string[] }
export type WeightedBackend = {
  readonly weight: number
  readonly backend: Backend
  readonly headers?: readonly HeaderChange[]
  readonly responseHeaders?: readonly HeaderChange[]
}

export type Backend =
  /** Dialled at an endpoint. Resolving the port was the profile's business when the table was built. */
  | {
      readonly to: 'endpoints'
      readonly service: ObjectKey
      readonly port: number
      readonly endpoints: readonly BackendEndpoint[] /** The answer when there is none. */
      readonly none: Action
    }
  /** Dialled at one address: a ClusterIP (`service-upstream`, `nativelb`) or an external name. */
  | { readonly to: 'address'; readonly service: ObjectKey; readonly host: string; readonly port: number }
  | { readonly to: 'status'; readonly service?: ObjectKey; readonly status: number; readonly why: AnswerReason }

export type BackendEndpoint = {
  readonly ip: string
  readonly port: number
  readonly pod?: ObjectKey /** Kept for existing sticky sessions only. */
  readonly fenced?: true
}

export type Canary = {
  readonly backend: Backend
  readonly weight: number
  readonly weightTotal: number
  readonly header?: string
  readonly headerValue?: string
  readonly headerPattern?: string
  readonly cookie?: string
  /** A client that holds the session cookie stays on the side it first got. */
  readonly sticky: boolean
  readonly origin: RouteOrigin
}

export type Sticky = {
  readonly cookie: string
  readonly path?: string
  readonly maxAge?: number
  readonly expires?: number
  /** Absent: exactly when the request came by https. */
  readonly secure?: boolean
  readonly httpOnly?: boolean
  readonly sameSite?: string
  readonly domain?: string
  /** What the cookie's value names: an endpoint, or a key that is consistently hashed over the endpoints. */
  readonly value: 'endpoint' | 'hashed-key'
}

/** What the interpreter needs besides the table: chance, and how often each backend was chosen before. */
export type RoutingState = {
  /** The proxy's own host name, as it writes it into headers. */
  readonly proxyName?: string
  /** A number in [0, 1) for a decision's name. */
  readonly draw: (key: string) => number
  /** Picks one of several shares, which sum to 1, where every way is gone through; else shares are drawn. */
  readonly choose?: (key: string, shares: readonly number[]) => number
  /** Requests forwarded before, by backend: the round robin's position. */
  readonly turns: ReadonlyMap<string, number>
  /** A moment that many seconds from now, as HTTP dates are written. */
  readonly httpDate: (secondsFromNow: number) => string
}

/** One candidate of a decision and why it won or lost. */
export type Candidate = { readonly route: Route; readonly won: boolean; readonly why: Reason }

export type Share = { readonly endpoint: BackendEndpoint; readonly share: number }

export type Outcome =
  | { readonly do: 'respond'; readonly status: number; readonly why: AnswerReason; readonly headers: Headers }
  /** Something on the way is not modelled: `what` is its name. */
  | { readonly do: 'unknown'; readonly why: string; readonly what: string; readonly headers: Headers }
  | {
      readonly do: 'forward'
      readonly service: ObjectKey
      /** An endpoint, or the one address of a backend that is dialled by address. */
      readonly endpoint: BackendEndpoint | { readonly host: string; readonly port: number }
      /** Every endpoint that could have been chosen, with its share. */
      readonly shares: readonly Share[]
      readonly canary: boolean
      readonly request: { readonly method: string; readonly path: string; readonly host: string; readonly headers: Headers }
      readonly responseHeaders: readonly HeaderChange[]
      readonly setCookie?: string
      readonly mirrors: readonly ObjectKey[]
      readonly timeoutMs?: number
      /** The round robin that this request moved on. */
      readonly turn: string
    }

/** What the controller or gateway does with a request. */
export type Decision = {
  readonly server?: Server
  readonly candidates: readonly Candidate[]
  readonly route?: Route
  readonly outcome: Outcome
}
