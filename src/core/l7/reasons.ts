/**
 * Why a route won or lost, as a code with parameters: each language has its own words for every code, and a missing one does not compile.
 * The English ones stand here, for the trace's JSON and the command line.
 */
const words = {
  'ranks-lower': 'matches too, but ranks lower: {than}',
  host: 'host {host} is not {pattern}',
  'path-exact': 'path {path} does not match exactly {value}',
  'path-elements': 'path {path} does not match the elements of {value}',
  'path-text': 'path {path} does not match the text prefix {value}',
  'path-regex': 'path {path} does not match the pattern {value}',
  method: 'method {method} is not {value}',
  scheme: 'the request came by {scheme}',
  'header-absent': 'header {name} is absent',
  'header-other': 'header {name} is {value}',
  'query-absent': 'query parameter {name} is absent',
  'query-other': 'query parameter {name} is {value}',
  'exact-block': 'an exact block goes before every prefix block',
  'prefix-block': 'the longest prefix block wins: {count} characters',
  'prefix-longest': 'the longest prefix wins: {count} characters',
  'whole-prefix': 'a prefix that is the whole path goes before all shorter ones',
  'exact-map': 'the map of exact paths is asked first',
  'regex-order': 'this host is in regex mode, where the first block in the file wins: longest text first ({count} characters)',
  'adds-slash': 'nginx adds the slash of a proxied location that ends in one',
  'app-root': 'the app root is asked first',
  'own-root': "the host's own root location",
  'entry-point': 'an entry point asks its redirection first',
  'priority-length': 'priority {priority}, the length of its rule',
  'priority-lowest': 'priority {priority}, the lowest there is',
  'priority-given': 'priority {priority}, from its annotation',
  'length-and-type': '{count} characters, {type}',
  'gateway-path': '{host}, {type} of {count} characters',
  'gateway-method': '{host}, service of {service} and method of {method} characters',
  'grpc-unmatched': 'what matches no rule is UNIMPLEMENTED',
} as const

export type ReasonCode = keyof typeof words

export type Reason = {
  readonly code: ReasonCode
  readonly params: Readonly<Record<string, string | number>>
  /** Of a route that is outranked: what it is ranked by. */
  readonly than?: Reason
}

const NONE = {}

/** A reason with its parameters. A gateway's `every host` and a request without a Host are said as an empty `host`. */
export function because(code: ReasonCode, params: Reason['params'] = NONE): Reason {
  return { code, params }
}

/** Names without one: of a host pattern that takes everything, and of a request that has no Host. */
const UNNAMED: Partial<Record<ReasonCode, string>> = { host: '(none)', 'gateway-path': 'every host', 'gateway-method': 'every host' }

/** A reason in English. */
export function reasonText({ code, params, than }: Reason): string {
  return words[code].replace(/\{(\w+)\}/g, (_, name: string) => {
    if (name === 'than') return than ? reasonText(than) : ''
    const value = String(params[name] ?? '')
    return name === 'host' && value === '' ? (UNNAMED[code] ?? '') : value
  })
}

/** Every code, for those who check that none is left without words. */
export const reasonCodes = Object.keys(words) as readonly ReasonCode[]

/** Why a proxy answers by itself, by the second half of a verdict's reason `proxy-…`, in English. */
export const answers = {
  'app-root': 'the root leads to the app root',
  'bad-path': 'the path is malformed',
  'cors-preflight': 'it answers CORS preflights',
  'default-backend': 'no rule takes the request, and this is its default backend',
  'dot-segments': 'without its prefix the path has dot segments',
  'entrypoint-redirection': 'its entry point redirects',
  'external-name': 'it does not dial ExternalName Services',
  'from-to-www': 'it sends the host with and without www to the same place',
  'grpc-unimplemented': 'no rule takes this gRPC method',
  'http-to-https-port': 'plain HTTP came to a port for https',
  'ip-not-allowed': "the client's address is not allowed",
  'location-denied': 'an annotation makes no sense, so the location is denied',
  'missing-port': 'the Service has no such port',
  'missing-service': 'there is no such Service',
  'no-backend': 'no backend has a weight above 0',
  'no-backend-refs': 'the rule has no backends',
  'no-endpoints': 'the Service has no endpoint that is ready',
  'no-listener': 'no listener takes this host and port',
  'no-route': 'no route takes the request',
  'no-router': 'no router takes the request',
  'no-rule': 'no rule takes the request',
  'permanent-redirect': 'an annotation redirects for good',
  'proxy-line': 'the PROXY line before the request is no HTTP',
  'redirect-regex': 'a middleware redirects',
  'redirect-scheme': 'a middleware redirects to another scheme',
  'request-redirect': 'a filter of the route redirects',
  'resource-backend': 'it serves no resource as a backend',
  'rewrite-target': 'the rewrite leads to another site',
  'ssl-redirect': 'plain HTTP is sent to https',
  'temporal-redirect': 'an annotation redirects',
  'trailing-slash': 'the location ends in a slash, and nginx adds it',
  unauthorized: 'it asks for credentials',
  BackendNotFound: 'the route names a Service or port that is not there',
  InvalidKind: 'a backend of the route is no Service',
  RefNotPermitted: 'no ReferenceGrant allows this backend',
  UnsupportedValue: 'a backend of the route is not supported',
} as const

export type AnswerReason = keyof typeof answers
