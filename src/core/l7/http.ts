/** Header names in lower case, values as written. */
export type Headers = Readonly<Record<string, string>>

/** One HTTP request as a controller or gateway receives it. */
export type HttpRequest = {
  readonly method: string
  readonly scheme: 'http' | 'https'
  /** The Host header as sent, port included; empty when the client sent none. */
  readonly hostHeader: string
  /** The Host in lower case without its port: what hosts are matched against. */
  readonly host: string
  /** The path as sent, without the query string; always begins with `/`. */
  readonly path: string
  /** The query string without `?`, or undefined when there is none. */
  readonly query?: string
  readonly headers: Headers
  /** The TLS server name that the client asked for (https only). */
  readonly serverName?: string
  /** The scheme and the Host that X-Forwarded-* or the PROXY line say the client used, where the proxy believes them. */
  readonly accessScheme?: 'http' | 'https'
  readonly accessHost?: string
  /** The port on which the controller or gateway was asked, as its listeners name it. */
  readonly port: number
  /** The address at the other end of the controller's TCP connection. */
  readonly peer: string
  /** What the load balancer wrote before the request in the PROXY protocol: the client's address and the port it dialled. */
  readonly proxyLine?: { readonly source: string; readonly port: number }
}

/** Cookies of a request by name; the first of a name counts. */
export function cookiesOf(headers: Headers): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>()
  for (const pair of (headers['cookie'] ?? '').split(';')) {
    const at = pair.indexOf('=')
    const name = pair.slice(0, at < 0 ? undefined : at).trim()
    if (name && at >= 0 && !cookies.has(name)) cookies.set(name, pair.slice(at + 1).trim())
  }
  return cookies
}

/** A host as it is matched: lower case, without its port, an IPv6 literal's brackets, or the dot that ends an absolute name. */
export function hostOf(hostHeader: string): string {
  return hostHeader
    .toLowerCase()
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
}

/** Query parameters in order, decoded; a name may appear more than once. */
export function queryOf(query: string | undefined): readonly (readonly [string, string])[] {
  if (!query) return []
  return query.split('&').flatMap((part) => {
    if (part === '') return []
    const at = part.indexOf('=')
    return [[decode(at < 0 ? part : part.slice(0, at)), decode(at < 0 ? '' : part.slice(at + 1))] as const]
  })
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}
