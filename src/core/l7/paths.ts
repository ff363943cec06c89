/**
 * How a proxy reads the path of a request before it matches it. `raw`: as sent (what the documentation of Ingress and the Gateway API speak
 * of). `nginx`: decoded and resolved for matching, sent on as it came. `traefik`: cleaned, and sent on cleaned.
 */
export type PathReading = 'raw' | 'nginx' | 'traefik'

/** The path that rules are matched with, and the path that a backend is sent where nothing is rewritten. */
export type PathViews = { readonly matched: string; readonly forwarded: string }

/** A path as a proxy sees it; undefined for one that it answers with 400. */
export function pathViews(reading: PathReading, path: string): PathViews | undefined {
  if (reading === 'raw') return { matched: path, forwarded: path }
  if (/%(?![0-9a-f]{2})/i.test(path)) return undefined
  if (reading === 'nginx') {
    const matched = nginxPath(path)
    return matched === undefined ? undefined : { matched, forwarded: path }
  }
  const forwarded = traefikPath(path)
  return { matched: routingPath(forwarded), forwarded }
}

/** nginx' $uri (ngx_http_parse_complex_uri): escapes decoded once, slashes merged, dots resolved; a way above the root is refused. */
function nginxPath(path: string): string | undefined {
  if (path.includes('%00')) return undefined
  const decoded = decodedRuns(path)
  const out: string[] = []
  for (const part of decoded.split('/')) {
    if (part === '..') {
      if (out.length === 0) return undefined
      out.pop()
    } else if (part !== '.' && part !== '') out.push(part)
  }
  const slash = /\/(\.{1,2})?$/.test(decoded) && out.length > 0 ? '/' : ''
  return `/${out.join('/')}${slash}`
}

/** Traefik's normalizePath and sanitizePath (server_entrypoint_tcp.go): unreserved escapes decoded, the others in capitals, then Go's JoinPath. */
function traefikPath(path: string): string {
  const normal = path.replace(/%[0-9a-f]{2}/gi, (byte) => {
    const letter = String.fromCharCode(Number.parseInt(byte.slice(1), 16))
    return /[A-Za-z0-9\-._~]/.test(letter) ? letter : byte.toUpperCase()
  })
  const out: string[] = []
  for (const part of normal.split('/')) {
    if (part === '..') out.pop()
    else if (part !== '.' && part !== '') out.push(part)
  }
  return `/${out.join('/')}${normal.endsWith('/') && out.length > 0 ? '/' : ''}`
}

/** What Traefik's matchers compare (pkg/muxer/http, withRoutingPath): everything decoded but the reserved characters and the percent sign. */
function routingPath(path: string): string {
  return path.replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
    run
      .split(/(%(?:3A|2F|3F|23|5B|5D|40|21|24|26|27|28|29|2A|2B|2C|3B|3D|25))/i)
      .map((part, i) => (i % 2 === 1 ? part.toUpperCase() : decodedRuns(part)))
      .join(''),
  )
}

/** Escapes decoded once; bytes that are no UTF-8 stay as written. */
function decodedRuns(path: string): string {
  return path.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run)
    } catch {
      return run.replace(/%[0-7][0-9a-f]/gi, (byte) => decodeURIComponent(byte))
    }
  })
}

/** A decoded path as nginx writes it out again (NGX_ESCAPE_URI). */
export function escapedUri(path: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
  return path.replace(/[\u0000-\u0020"#%<>?\\^`{|}\u007f]|[^\u0000-\u007f]+/g, (text) => {
    try {
      return encodeURIComponent(text)
    } catch {
      return text
    }
  })
}
