import type { Ingress } from '../../api/kinds/ingress.ts'
import type { ComparedRequest, Probe, ProbeKind } from './compared.ts'

/** Probes beyond this many are only counted. */
const MOST = 48
/** Hosts and paths from which probes are made: beyond them they would only say the same again. */
const HOSTS = 6
const PATHS = 8

/** The requests that tell controllers apart: each rule's path and its near misses, each host and its near misses. */
export function probesOf(ingress: Ingress): { readonly probes: readonly Probe[]; readonly more: number } {
  const found = new Map<string, Probe>()
  const add = (kind: ProbeKind, request: ComparedRequest) => {
    const key = JSON.stringify([request.scheme, request.host, request.path])
    if (!found.has(key)) found.set(key, { kind, request })
  }
  const rules = (ingress.spec.rules ?? []).slice(0, HOSTS)
  const secure = new Set((ingress.spec.tls ?? []).flatMap(({ hosts = [] }) => hosts.map((host) => host.toLowerCase())))
  for (const rule of rules) {
    const host = exampleHost(rule.host)
    // Where plain HTTP is answered with a redirect alone, the rules show only behind TLS.
    const scheme = secure.has((rule.host ?? '').toLowerCase()) ? 'https' : 'http'
    const to = (path: string): ComparedRequest => ({ method: 'GET', scheme, host, path, headers: {} })
    const paths = [...new Set((rule.http?.paths ?? []).map(({ path }) => literal(path || '/')))].slice(0, PATHS)
    if (scheme === 'https') add('https', { ...to(paths[0] ?? '/'), scheme: 'http' })
    for (const path of paths) for (const [kind, asked] of variantsOf(path)) add(kind, to(asked))
    add('other-path', to('/no-such-path'))
    for (const [kind, name] of hostVariants(rule.host)) add(kind, { ...to(paths[0] ?? '/'), host: name })
  }
  add('other-host', { method: 'GET', scheme: 'http', host: 'no-such-host.example', path: '/', headers: {} })
  const all = [...found.values()]
  return { probes: all.slice(0, MOST), more: Math.max(0, all.length - MOST) }
}

/** The request that is compared first where none is given: the first rule as it is written. */
export function firstRequest(ingress: Ingress): ComparedRequest {
  const rule = ingress.spec.rules?.[0]
  const path = literal(rule?.http?.paths[0]?.path || '/')
  return { method: 'GET', scheme: 'http', host: exampleHost(rule?.host), path, headers: {} }
}

function variantsOf(path: string): readonly (readonly [ProbeKind, string])[] {
  const bare = path.replace(/\/+$/, '')
  if (bare === '') return [['as-written', '/']]
  return [
    ['as-written', path],
    path.endsWith('/') ? ['slash-removed', bare] : ['slash-added', `${bare}/`],
    ['below', `${bare}/x`],
    ['longer', `${bare}bar`],
    ...(bare.toUpperCase() === bare ? [] : [['upper-path', bare.toUpperCase()] as const]),
    ['double-slash', `/${bare}`],
  ]
}

function hostVariants(host: string | undefined): readonly (readonly [ProbeKind, string])[] {
  if (!host) return []
  if (!host.startsWith('*.')) return [['upper-host', host.toUpperCase()]]
  const domain = host.slice(2)
  return [
    ['two-labels', `a.b.${domain}`],
    ['no-label', domain],
    ['upper-host', `A.${domain.toUpperCase()}`],
  ]
}

/** A host that the rule takes. */
function exampleHost(host: string | undefined): string {
  if (!host) return 'any-host.example'
  return host.startsWith('*.') ? `a.${host.slice(2)}` : host
}

/** A path that a rule takes: as written, or the literal beginning of a regular expression. */
function literal(path: string): string {
  const at = path.search(/[()[\]{}|*+?^$\\]/)
  if (at < 0) return path
  return path.slice(0, at) || '/'
}
