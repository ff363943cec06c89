import type { Cluster } from '../../api/cluster.ts'
import type { Ingress, IngressBackend } from '../../api/kinds/ingress.ts'
import { keyOf } from '../../api/meta.ts'
import { type BackendAnswers, type EndpointRules, resolveBackend } from '../backends.ts'
import { claimedIngresses, oldestFirst } from '../classes.ts'
import { hostPattern } from '../match.ts'
import type { Profile } from '../profile.ts'
import { because } from '../reasons.ts'
import type { Action, Route, RouteTable, Server } from '../routes.ts'

const NOT_FOUND: Action = { do: 'respond', status: 404, why: 'no-rule' }
const UNAVAILABLE: Action = { do: 'respond', status: 503, why: 'no-endpoints' }
const rules: EndpointRules = { use: 'ready', matchesTargetPort: false, duplicates: 'address-port' }
const answers: BackendAnswers = {
  missingService: { do: 'respond', status: 503, why: 'missing-service' },
  missingPort: { do: 'respond', status: 503, why: 'missing-port' },
  noEndpoints: UNAVAILABLE,
  externalName: 'dial',
}

/** An Ingress backend as the documentation means it. Resource backends are left to controllers, so here they are nobody's: 404. */
export function specAction(cluster: Cluster, ingress: Ingress, backend: IngressBackend): Action {
  if (!backend.service) return { do: 'respond', status: 404, why: 'resource-backend' }
  const resolved = resolveBackend(cluster, ingress.metadata.namespace ?? '', backend.service, rules, answers)
  return 'do' in resolved ? resolved : { do: 'proxy', proxy: { backends: [{ weight: 1, backend: resolved }], algorithm: 'round-robin' } }
}

/** Longest path first, then Exact before Prefix; `/foo/` before `/foo`. */
function bySpec(a: { path: string; type: string }, b: { path: string; type: string }): number {
  const length = b.path.length - a.path.length
  if (length !== 0) return length
  return Number(b.type === 'Exact') - Number(a.type === 'Exact')
}

/**
 * Ingress as the Kubernetes documentation describes it, read literally: the most specific host first (exact, wildcard of one label, none),
 * then the longest path, then Exact before Prefix. Several Ingresses of a host count as one; the oldest keeps a path that is given twice.
 */
export function compileSpec(cluster: Cluster, ingresses: readonly Ingress[]): RouteTable {
  const catchAll = ingresses.find((ingress) => ingress.spec.defaultBackend)
  const none = catchAll?.spec.defaultBackend ? specAction(cluster, catchAll, catchAll.spec.defaultBackend) : NOT_FOUND
  const byHost = new Map<string, { readonly route: Route; readonly path: string; readonly type: string }[]>()
  for (const ingress of ingresses) {
    ingress.spec.rules?.forEach((rule, r) => {
      const host = (rule.host ?? '').toLowerCase()
      if (!byHost.has(host)) byHost.set(host, [])
      rule.http?.paths.forEach((path, p) => {
        const text = path.path || '/'
        byHost.get(host)!.push({
          path: text,
          type: path.pathType,
          route: {
            id: `${keyOf(ingress)}#${r}.${p}`,
            label: `${rule.host ?? '*'} ${path.pathType} ${text}`,
            conditions: [
              path.pathType === 'Exact' ? { on: 'path', by: 'exact', value: text } : { on: 'path', by: 'elements', value: text },
            ],
            action: specAction(cluster, ingress, path.backend),
            rank: because('length-and-type', { count: text.length, type: path.pathType }),
            origin: { object: keyOf(ingress), path: ['spec', 'rules', r, 'http', 'paths', p] },
          },
        })
      })
    })
  }
  const servers: Server[] = [...byHost].map(([host, entries]) => ({
    name: host || '*',
    host: hostPattern(host, 'one'),
    routes: entries.sort(bySpec).map(({ route }) => route),
    fallback: none,
  }))
  return { profile: 'spec', servers, none, paths: 'raw', forwarding: { style: 'nginx' } }
}

/** The documentation's rules, for a controller that follows them to the letter. */
export const spec: Profile = {
  controller: 'kubehop.dev/spec',
  name: 'spec',
  httpPort: 80,
  httpsPort: 443,
  classes: () => ({ controller: 'kubehop.dev/spec', takesClassless: false, annotations: ['spec'] }),
  compile(cluster, config) {
    return compileSpec(cluster, claimedIngresses(cluster, this.classes(config)))
  },
  tableOf: (cluster, ingresses) => compileSpec(cluster, oldestFirst(ingresses)),
  annotations: { prefix: 'kubehop.dev/', modelled: [] },
}
