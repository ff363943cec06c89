import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Cluster } from '../../api/cluster.ts'
import { groupBy } from '../../base/order.ts'
import { clusterOf, requestOf, stateOf } from '../../testing/l7.ts'
import { decide } from '../decide.ts'
import { hostPattern } from '../match.ts'
import type { Backend, Condition } from '../routes.ts'
import { compileTraefik, type Router, routersOf, traefikIngresses } from './traefik.ts'

const folder = process.env['KUBEHOP_VECTORS']
// biome-ignore lint/suspicious/noExplicitAny: the vectors are plain JSON
type Loose = any
const read = (file: string): Loose => JSON.parse(readFileSync(join(folder!, 'upstream/ingress', file), 'utf8'))
const cases: Loose[] = folder ? read('traefik-ingress-provider.json').cases : []

/** What the vectors ask and we do not model, with the reason. */
const outside: Record<string, string> = {
  'traefik/TestLoadConfigurationFromIngresses/040': 'the rule syntax of Traefik 2 (defaultRuleSyntax v2) is not modelled',
  'traefik/TestLoadConfigurationFromIngresses/060':
    'expects a service without servers next to one with a null port number, which a provider log error leaves half made',
}

const urls = (backend: Backend): string[] => {
  const host = (ip: string) => (ip.includes(':') ? `[${ip}]` : ip)
  if (backend.to === 'address') return [`${host(backend.host)}:${backend.port}`]
  return backend.to === 'endpoints'
    ? backend.endpoints.map((endpoint) => `${host(endpoint.ip)}:${endpoint.port}${endpoint.fenced ? ' fenced' : ''}`)
    : []
}
const backendOf = (router: Router): Backend =>
  router.action.do === 'proxy' ? router.action.proxy.backends[0]!.backend : { to: 'status', status: 0, why: 'no-rule' }

describe.runIf(folder)('Traefik provider', () => {
  test('all cases are there', () => expect(cases.length).toBe(71))

  test.each(cases.filter((c) => !outside[c.id]).map((c) => [c.id, c.name, c] as const))('%s %s', (_, __, c) => {
    const cluster: Cluster = clusterOf(
      c.objects.map((object: Loose) =>
        object.metadata?.namespace || object.kind === 'IngressClass' || object.kind === 'Node'
          ? object
          : { ...object, metadata: { ...object.metadata, namespace: 'default' } },
      ),
    )
    const config = {
      flags: Object.fromEntries(
        Object.entries(c.providerOptions).map(([name, value]) => [`providers.kubernetesingress.${name.toLowerCase()}`, String(value)]),
      ),
    }
    const routers = routersOf(cluster, traefikIngresses(cluster, config), config)
    const short = (r: Loose) => ({ rule: r.rule, priority: r.effectivePriority ?? r.priority })
    const sorted = (list: Loose[]) => [...list].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
    expect(sorted(routers.map((r) => ({ rule: r.rule, priority: r.priority })))).toEqual(
      sorted(Object.values(c.expected.routers).map(short)),
    )
    for (const expected of Object.values<Loose>(c.expected.routers)) {
      const router = routers.find(
        (r) =>
          r.rule === expected.rule &&
          (r.service === expected.service || routers.filter((other) => other.rule === expected.rule).length === 1),
      )!
      const service = c.expected.services[expected.service]
      if (!service?.servers) continue
      expect(urls(backendOf(router)).sort()).toEqual(
        service.servers.map((server: Loose) => `${server.url.replace(/^\w+:\/\//, '')}${server.fenced ? ' fenced' : ''}`).sort(),
      )
      const sticky = router.action.do === 'proxy' ? router.action.proxy.sticky : undefined
      expect(Boolean(sticky)).toBe(Boolean(service.sticky))
      if (service.sticky?.cookie?.name) expect(sticky?.cookie).toBe(service.sticky.cookie.name)
    }
  })
})

/** A rule of Host, Path, PathPrefix and PathRegexp joined by `&&`; undefined where other matchers or operators appear. */
function conditionsOf(rule: string): Condition[] | undefined {
  const parts = rule.split('&&').map((part) => part.trim())
  const out: Condition[] = []
  for (const part of parts) {
    const match = /^(Host|Path|PathPrefix|PathRegexp|Method|Header|HeaderRegexp|Query|QueryRegexp)\(`([^`]+)`(?:, ?`([^`]+)`)?\)$/.exec(
      part,
    )
    if (!match) return undefined
    const [, name, first, second] = match as unknown as [string, string, string, string | undefined]
    if ((name.startsWith('Header') || name.startsWith('Query')) !== (second !== undefined)) return undefined
    if (name === 'Host') out.push({ on: 'host', is: hostPattern(first, 'one') })
    else if (name === 'Path') out.push({ on: 'path', by: 'exact', value: first })
    else if (name === 'PathPrefix') out.push({ on: 'path', by: 'text', value: first })
    else if (name === 'PathRegexp') out.push({ on: 'path', by: 'regex', value: first })
    else if (name === 'Method') out.push({ on: 'method', value: first.toUpperCase() })
    else return undefined
  }
  return out
}

const tables: Loose[] = folder ? read('traefik-muxer.json').tables : []
/** Tables of matchers that no Ingress leads to, or of things other than matching. */
const otherTables = [
  'TestClientIPMatcher',
  'TestMethodMatcher',
  'TestHostRegexpMatcher',
  'TestHeaderMatcher',
  'TestHeaderRegexpMatcher',
  'TestQueryMatcher',
  'TestQueryRegexpMatcher',
  'Test_addRoutePriority',
  'TestParseDomains',
  'TestEmptyHost',
  'TestGetRulePriority',
  'TestRoutingPath',
]
const kept = tables
  .filter((table) => !otherTables.includes(table.goTest))
  .flatMap((table) => table.cases.map((row: Loose) => ({ table, row })))

/** Why a row cannot be run: there are no rules as text here that could be wrong or join matchers in other ways than an Ingress does. */
function whyNot(row: Loose): 'its rule is to be refused' | 'other matchers or operators' | undefined {
  if (row.expectedError) return 'its rule is to be refused'
  return conditionsOf(row.rule) ? undefined : 'other matchers or operators'
}
const rows = kept.filter(({ row }) => whyNot(row) === undefined).map(({ table, row }) => [table.goTest, row.desc ?? row.rule, row] as const)

describe.runIf(folder)('Traefik muxer: the matchers that an Ingress leads to', () => {
  test('what is not run has its reason', () => {
    const reasons = [...groupBy(kept, ({ row }) => whyNot(row) ?? 'run')].map(([why, group]) => [why, group.length])
    expect(Object.fromEntries(reasons)).toEqual({ run: 12, 'its rule is to be refused': 19, 'other matchers or operators': 19 })
  })
  test.each(rows)('%s %s', (_, __, row) => {
    const table = compileTraefik([
      {
        rule: row.rule,
        conditions: [conditionsOf(row.rule)!],
        priority: 1,
        service: 's',
        action: { do: 'respond', status: 200, why: 'no-rule' },
        origin: { object: 'Ingress/x/y', path: [] },
        id: 'x',
        entryPoints: [],
      },
    ])
    for (const [address, status] of Object.entries<number>(row.expected)) {
      const url = new URL(address.includes('://') ? address : `http://${address}`)
      const method = row.method ?? 'GET'
      const host = /^\w+:\/\/([^/]*)/.exec(address)?.[1] ?? url.host
      const request = requestOf({ method, host: row.headers?.Host ?? host, path: `${url.pathname}${url.search}` })
      const { outcome } = decide(table, request, stateOf(1))
      expect({ [address]: outcome.do === 'respond' ? outcome.status : 200 }).toEqual({ [address]: status })
    }
  })
})
