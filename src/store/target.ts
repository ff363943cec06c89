import type { RequestSpec } from '../core/sim/session.ts'
import type { Messages } from '../text/messages.ts'

/** What `to` means: what the request bar offers beside it, and how one would do the same by hand. */
export type Target =
  | { readonly target: 'url'; readonly url: URL }
  | { readonly target: 'address'; readonly host: string; readonly port: number }
  | { readonly target: 'ping' | 'nslookup'; readonly host: string }
  | { readonly target: 'bad'; readonly why: (errors: Messages['shell']['request']['errors']) => string }

const bad = (why: Extract<Target, { target: 'bad' }>['why']): Target => ({ target: 'bad', why })

/** Reads `to`: a URL, HOST:PORT, `ping HOST` or `nslookup NAME`. */
export function targetOf(to: string): Target {
  const text = to.trim()
  if (text === '') return bad((t) => t.emptyTo)
  const tool = /^(ping|nslookup)\s+(\S+)$/.exec(text)
  if (tool) return { target: tool[1] as 'ping' | 'nslookup', host: tool[2] ?? '' }
  if (/\s/.test(text)) return bad((t) => t.spaces)
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase()
  if (scheme !== undefined) {
    if (scheme !== 'http' && scheme !== 'https') return bad((t) => t.badScheme(scheme))
    return URL.canParse(text) ? { target: 'url', url: new URL(text) } : bad((t) => t.badUrl)
  }
  const address = /^(\[[^\]]+\]|[^:/]+):([^/]*)$/.exec(text)
  if (!address) return text.includes('/') ? bad((t) => t.badUrl) : bad((t) => t.noPort(text))
  const port = Number(address[2])
  if (!/^\d+$/.test(address[2] ?? '') || port < 1 || port > 65_535) return bad((t) => t.badPort)
  return { target: 'address', host: address[1] ?? '', port }
}

/** The command that would send the same request from the same place in a kind cluster. */
export function commandOf(request: RequestSpec): string {
  return [...placeCommand(request.from), ...toolCommand(request)].join(' ')
}

function placeCommand(from: string): readonly string[] {
  const [kind = '', ...rest] = from.split('/')
  const name = rest.at(-1) ?? ''
  const namespace = rest.length > 1 ? rest[0] : undefined
  const flags = namespace && namespace !== 'default' ? ['-n', namespace] : []
  if (kind === 'pod') return ['kubectl', 'exec', ...flags, name, '--']
  if (kind === 'deploy') return ['kubectl', 'exec', ...flags, `deploy/${name}`, '--']
  return kind === 'node' ? ['docker', 'exec', name] : []
}

function toolCommand(request: RequestSpec): readonly string[] {
  const target = targetOf(request.to)
  switch (target.target) {
    case 'ping':
      return ['ping', '-c1', target.host]
    case 'nslookup':
      return ['nslookup', target.host]
    case 'address': {
      const flag = { tcp: [], udp: ['-u'], sctp: ['--sctp'], icmp: [] }[request.protocol ?? 'tcp']
      return ['nc', '-zv', ...flag, target.host.replace(/^\[|\]$/g, ''), String(target.port)]
    }
    default:
      return curl(request)
  }
}

function curl({ method = 'GET', headers = {}, to }: RequestSpec): readonly string[] {
  const verb = method === 'GET' ? [] : method === 'HEAD' ? ['-I'] : ['-X', method]
  return ['curl', '-sS', ...verb, ...Object.entries(headers).flatMap(([name, value]) => ['-H', quote(`${name}: ${value}`)]), quote(to)]
}

const quote = (text: string) => (/^[\w@%+=:,./[\]-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)
