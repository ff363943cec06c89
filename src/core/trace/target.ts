import { parseIp } from '../base/ip.ts'

/** What `to` of a request means. */
export type Target =
  | {
      readonly target: 'http'
      readonly scheme: 'http' | 'https'
      readonly host: string
      readonly port: number
      readonly path: string
      readonly authority: string
    }
  | { readonly target: 'socket'; readonly host: string; readonly port: number }
  | { readonly target: 'ping'; readonly host: string }
  | { readonly target: 'nslookup'; readonly name: string; readonly type?: string }

/** Reads a URL, `HOST:PORT`, `ping HOST` or `nslookup NAME`; a text says what is wrong with it. A bare host is a URL, as for curl. */
export function parseTarget(text: string): Target | string {
  const to = text.trim()
  if (to === '') return 'nothing to send to: a URL, HOST:PORT, "ping HOST" or "nslookup NAME" is wanted'
  const command = /^(ping6?|nslookup|dig)(?:\s+(.*))?$/i.exec(to)
  if (command) return parseCommand(command[1]?.toLowerCase() ?? '', command[2]?.trim() ?? '')
  const url = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i.exec(to)
  if (url) return parseUrl(url[1]?.toLowerCase() ?? '', url[2] ?? '', to)
  if (to.includes('/')) return parseUrl('http', to, to)
  const authority = parseAuthority(to)
  if (typeof authority === 'string') return authority
  if (authority.port === undefined) return parseUrl('http', to, to)
  return { target: 'socket', host: authority.host, port: authority.port }
}

function parseCommand(command: string, rest: string): Target | string {
  const words = rest.split(/\s+/).filter((word) => word !== '' && !word.startsWith('-'))
  if (words.length === 0) return `${command}: a name is wanted`
  if (command.startsWith('ping'))
    return words.length === 1 ? { target: 'ping', host: unbracketed(words[0] ?? '') } : `ping: one host is wanted`
  const types = words.filter((word) => /^(A|AAAA|SRV|CNAME|PTR|TXT|NS|SOA)$/.test(word))
  const name = words.find((word) => !types.includes(word))
  if (name === undefined) return `${command}: a name is wanted`
  const type = types[0] ?? /-(?:type|q|query)=(\w+)/i.exec(rest)?.[1]?.toUpperCase()
  return { target: 'nslookup', name, ...(type !== undefined && { type }) }
}

function parseUrl(scheme: string, rest: string, whole: string): Target | string {
  if (scheme !== 'http' && scheme !== 'https') return `${whole}: only http:// and https:// can be sent`
  const match = /^([^/?#]*)([^#]*)/.exec(rest)
  const raw = (match?.[1] ?? '').replace(/^[^@]*@/, '')
  const authority = parseAuthority(raw)
  if (typeof authority === 'string') return `${whole}: ${authority}`
  const path = match?.[2] === '' || match?.[2] === undefined ? '/' : match[2].startsWith('/') ? match[2] : `/${match[2]}`
  return { target: 'http', scheme, host: authority.host, port: authority.port ?? (scheme === 'https' ? 443 : 80), path, authority: raw }
}

function parseAuthority(text: string): { host: string; port?: number } | string {
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d*))?$/.exec(text)
  if (!match) return parseIp(text) !== undefined ? { host: text } : `"${text}" is no host or HOST:PORT`
  const host = match[1] ?? match[2] ?? ''
  if (host === '') return 'a host is missing'
  if (match[1] !== undefined && parseIp(host) === undefined) return `"${host}" is no IPv6 address`
  if (/[\s<>"'`{}|\\^]/.test(host)) return `"${host}" is no host name`
  if (match[3] === undefined || match[3] === '') return { host }
  const port = Number(match[3])
  return port >= 1 && port <= 65_535 ? { host, port } : `${match[3]} is no port: it must be between 1 and 65535`
}

function unbracketed(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1')
}
