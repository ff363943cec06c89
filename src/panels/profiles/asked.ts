import type { Ingress } from '../../core/api/kinds/ingress.ts'
import { keyOf, type ObjectKey } from '../../core/api/meta.ts'
import type { ComparedRequest } from '../../core/l7/compare/compared.ts'
import { hostOf } from '../../core/l7/http.ts'
import { hostMatches, hostPattern } from '../../core/l7/match.ts'
import type { RequestSpec } from '../../core/sim/session.ts'

/** What is compared: an Ingress and a request; what is absent the core chooses. */
export type Asked = { readonly ingress?: ObjectKey; readonly request?: ComparedRequest }

/** The request bar's request, if it is HTTP and some Ingress has a rule for its host; else nothing. */
export function prefilled({ to, method = 'GET', headers = {} }: RequestSpec, ingresses: readonly Ingress[]): Asked {
  const [, scheme, authority = '', rest = ''] = /^(https?):\/\/([^/?#]*)([^#]*)/.exec(to) ?? []
  if (scheme !== 'http' && scheme !== 'https') return {}
  const written = Object.entries(headers).find(([name]) => name.toLowerCase() === 'host')?.[1]
  const host = written ?? authority
  const ingress = servingHost(hostOf(host), ingresses)
  if (!ingress) return {}
  const others = Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'host'))
  return { ingress: keyOf(ingress), request: { method, scheme, host, path: rooted(rest), headers: others } }
}

/** The Ingress with a rule for a host: by its name before a wildcard before no host at all. */
function servingHost(host: string, ingresses: readonly Ingress[]): Ingress | undefined {
  const has = (kind: string) => (ingress: Ingress) =>
    (ingress.spec.rules ?? []).some((rule) => {
      const pattern = hostPattern(rule.host, 'one')
      return pattern.host === kind && hostMatches(pattern, host)
    })
  return ingresses.find(has('exact')) ?? ingresses.find(has('wildcard')) ?? ingresses.find(has('any'))
}

/** A path as HTTP sends it: it begins with a slash. */
export function rooted(path: string): string {
  return path.startsWith('/') ? path : `/${path}`
}

/** A letter for each different answer, in the order in which they come. */
export function lettersOf(keys: readonly string[]): readonly string[] {
  const distinct = [...new Set(keys)]
  return keys.map((key) => String.fromCharCode(65 + distinct.indexOf(key)))
}
