import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Cluster } from '../../api/cluster.ts'
import { clusterOf, requestOf, serviceWith, stateOf } from '../../testing/l7.ts'
import { decide } from '../decide.ts'
import type { Decision } from '../routes.ts'
import { nginx } from './nginx.ts'

const folder = process.env['KUBEHOP_VECTORS']
// biome-ignore lint/suspicious/noExplicitAny: the vectors are plain JSON
type Loose = any
const cases: Loose[] = folder ? JSON.parse(readFileSync(join(folder, 'upstream/ingress/ingress-nginx-e2e.json'), 'utf8')).cases : []

/** Cases and requests that speak of what is not modelled, with the reason. */
const outside: Record<string, string> = {
  ...Object.fromEntries(
    ['regex/07', 'redirect/08', 'redirect/09', 'backend-status/07', 'canary/18', 'canary/19', 'canary/20'].map((id) => [
      `nginx/${id}`,
      'sends nothing: it looks for text in nginx.conf, which is not written here',
    ]),
  ),
  'nginx/affinity/14': 'its script scales the Deployment between requests: not one route table',
}

const backendsOf = (ingress: Loose): Loose[] => [
  ...(ingress.spec.defaultBackend ? [ingress.spec.defaultBackend] : []),
  ...(ingress.spec.rules ?? []).flatMap((rule: Loose) => (rule.http?.paths ?? []).map((path: Loose) => path.backend)),
]

function worldOf(c: Loose): Cluster {
  const objects: Loose[] = c.objects ?? []
  const have = new Set(
    objects
      .filter((object) => object.kind === 'Service')
      .map((service) => `${service.metadata.namespace ?? 'e2e'}/${service.metadata.name}`),
  )
  const extra: Loose[] = []
  const named: { namespace: string; name: string; port: Loose }[] = objects
    .filter((object) => object.kind === 'Ingress')
    .flatMap((ingress) => [
      ...backendsOf(ingress).flatMap((backend) =>
        backend.service ? [{ namespace: ingress.metadata.namespace ?? 'e2e', name: backend.service.name, port: backend.service.port }] : [],
      ),
      ...(ingress.metadata.annotations?.['nginx.ingress.kubernetes.io/default-backend']
        ? [
            {
              namespace: ingress.metadata.namespace ?? 'e2e',
              name: ingress.metadata.annotations['nginx.ingress.kubernetes.io/default-backend'],
              port: { number: 80 },
            },
          ]
        : []),
    ])
  let base = 1
  for (const { namespace, name, port } of named) {
    if (have.has(`${namespace}/${name}`) || c.missingServices?.includes(name)) continue
    have.add(`${namespace}/${name}`)
    base += 1
    extra.push(
      ...serviceWith(
        namespace,
        name,
        [{ port: port?.number ?? 80, ...(port?.name ? { name: port.name } : {}) }],
        c.endpoints?.[name] ?? c.replicas?.[name] ?? 1,
        base,
      ),
    )
  }
  const classes = objects.some((object) => object.kind === 'IngressClass')
    ? []
    : [
        {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'IngressClass',
          metadata: { name: 'nginx' },
          spec: { controller: 'k8s.io/ingress-nginx' },
        },
      ]
  return clusterOf([...classes, ...objects, ...extra])
}

const flagsOf = (flags: Loose): Record<string, string> =>
  Array.isArray(flags)
    ? Object.fromEntries(flags.map((flag: string) => flag.replace(/^--/, '').split('=')).map(([name, value]) => [name, value ?? 'true']))
    : (flags ?? {})

function check(decision: Decision, e: Loose, request: Loose): void {
  const { outcome } = decision
  const status = outcome.do === 'respond' ? outcome.status : 200
  if (e.status !== undefined) expect(status).toBe(e.status)
  if (e.service !== undefined) expect(outcome.do === 'forward' && outcome.service.split('/')[2]).toBe(e.service)
  if (e.location !== undefined) expect(outcome.do === 'respond' && outcome.headers['location']).toBe(e.location)
  if (outcome.do !== 'forward') return
  if (e.backendSeesPath !== undefined) expect(outcome.request.path).toBe(e.backendSeesPath)
  if (e.backendSeesHost !== undefined) expect(outcome.request.host || request.host).toBe(e.backendSeesHost)
  for (const [name, value] of Object.entries(e.backendSeesHeaders ?? {}))
    expect({ [name]: outcome.request.headers[name.toLowerCase()] }).toEqual({ [name]: value })
  for (const name of e.absentBackendHeaders ?? []) expect(outcome.request.headers[name.toLowerCase()]).toBeUndefined()
  for (const part of [e.setCookieContains ?? []].flat()) expect(outcome.setCookie).toContain(part)
  for (const part of [e.setCookieNotContains ?? []].flat()) expect(outcome.setCookie ?? '').not.toContain(part)
  if (e.noSetCookie) expect(outcome.setCookie).toBeUndefined()
}

describe.runIf(folder)('ingress-nginx e2e', () => {
  test('all cases are there', () => expect(cases.length).toBe(106))

  test.each(cases.filter((c) => !outside[c.id]).map((c) => [c.id, c.name, c] as const))('%s %s', (_, __, c) => {
    const table = nginx.compile(worldOf(c), { configMap: c.configMap ?? {}, flags: flagsOf(c.flags) })
    const cookies: Record<string, string> = {}
    for (const [turn, { request, expect: e, saveCookie }] of c.requests.entries()) {
      const sent = { ...request, cookies: { ...request.cookies, ...cookies } }
      if (e.distribution) {
        const counts: Record<string, number> = {}
        const n = 1000
        for (let i = 0; i < n; i++) {
          const { outcome } = decide(table, requestOf(sent), stateOf(i, i))
          if (outcome.do === 'forward') counts[outcome.service.split('/')[2]!] = (counts[outcome.service.split('/')[2]!] ?? 0) + 1 / n
        }
        for (const [service, share] of Object.entries(e.distribution)) expect(counts[service] ?? 0).toBeCloseTo(share as number, 0.9)
        continue
      }
      if (e.distinctPods) {
        const pods = new Set<string>()
        for (let i = 0; i < (e.repeat ?? 100); i++) {
          const { outcome } = decide(table, requestOf(sent), stateOf(7, i))
          if (outcome.do === 'forward') pods.add(JSON.stringify(outcome.endpoint))
        }
        expect(pods.size).toBe(e.distinctPods)
        continue
      }
      const decision = decide(table, requestOf(sent), stateOf(7, turn))
      check(decision, e, request)
      if (saveCookie && decision.outcome.do === 'forward')
        cookies[saveCookie] = decision.outcome.setCookie?.split(';')[0]?.split('=')[1] ?? ''
    }
  })
})
