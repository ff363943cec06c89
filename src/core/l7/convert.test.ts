import { expect, test } from 'vitest'
import type { Cluster } from '../api/cluster.ts'
import { list } from '../api/cluster.ts'
import type { Gateway } from '../api/kinds/gateway.ts'
import type { Ingress } from '../api/kinds/ingress.ts'
import { clusterOf, requestOf, serviceWith, stateOf } from '../testing/l7.ts'
import { ingressToGateway } from './convert.ts'
import { decide } from './decide.ts'
import { compileGateway } from './gateway/compile.ts'
import { spec } from './profiles/spec.ts'

const ingress = (name: string, rest: object, annotations: Record<string, string> = {}) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name, namespace: 'd', annotations },
  spec: { ingressClassName: 'spec', ...rest },
})
const path = (text: string, pathType: string, service: string) => ({
  path: text,
  pathType,
  backend: { service: { name: service, port: { number: 80 } } },
})
const CLASS = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: { name: 'spec' },
  spec: { controller: 'kubehop.dev/spec' },
}
const services = ['a', 'b', 'c'].flatMap((name, i) => serviceWith('d', name, [{ port: 80 }], 1, i + 1))

function both(cluster: Cluster) {
  const { objects, notes } = ingressToGateway(cluster, list(cluster, 'Ingress') as readonly Ingress[])
  const converted = clusterOf([
    ...services,
    ...(objects as unknown as { kind: string }[]),
    { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'GatewayClass', metadata: { name: 'spec' }, spec: { controllerName: 'x' } },
  ] as Parameters<typeof clusterOf>[0])
  return { notes, table: compileGateway(converted, list(converted, 'Gateway')[0] as unknown as Gateway), old: spec.compile(cluster, {}) }
}
const answer = (table: Parameters<typeof decide>[0], host: string, text: string) => {
  const { outcome } = decide(table, requestOf({ host, path: text }), stateOf(1))
  return outcome.do === 'forward' ? outcome.service : outcome.do === 'respond' ? outcome.status : outcome.what
}

test('a converted Ingress answers as the Ingress did, but for what the notes name', () => {
  const cluster = clusterOf([
    CLASS,
    ...services,
    ingress('web', {
      rules: [
        { host: 'a.com', http: { paths: [path('/', 'Prefix', 'a'), path('/b', 'Prefix', 'b'), path('/b', 'Exact', 'c')] } },
        { host: '*.w.com', http: { paths: [path('/', 'Prefix', 'b')] } },
      ],
    }),
  ])
  const { table, old, notes } = both(cluster)
  for (const [host, text] of [
    ['a.com', '/'],
    ['a.com', '/b'],
    ['a.com', '/b/'],
    ['a.com', '/bb'],
    ['a.com', '/b/x'],
    ['x.w.com', '/'],
    ['w.com', '/'],
    ['other', '/'],
  ] as const)
    expect([host, text, answer(table, host, text)]).toEqual([host, text, answer(old, host, text)])
  expect(answer(old, 'x.y.w.com', '/')).toBe(404)
  expect(answer(table, 'x.y.w.com', '/')).toBe('Service/d/b')
  expect(notes).toContainEqual({ code: 'wildcard-labels', params: { host: '*.w.com' } })
})

test('a canary becomes weights, and a header match before them', () => {
  const canary = {
    'nginx.ingress.kubernetes.io/canary': 'true',
    'nginx.ingress.kubernetes.io/canary-weight': '20',
    'nginx.ingress.kubernetes.io/canary-by-header': 'X-Try',
  }
  const cluster = clusterOf([
    CLASS,
    ...services,
    ingress('web', { rules: [{ host: 'a.com', http: { paths: [path('/', 'Prefix', 'a')] } }] }),
    ingress('web-canary', { rules: [{ host: 'a.com', http: { paths: [path('/', 'Prefix', 'b')] } }] }, canary),
  ])
  const { objects } = ingressToGateway(cluster, list(cluster, 'Ingress') as readonly Ingress[])
  expect(objects.find((object) => object.kind === 'HTTPRoute')).toMatchObject({
    metadata: { name: 'web-a-com', namespace: 'd' },
    spec: {
      rules: [
        { matches: [{ headers: [{ name: 'X-Try', value: 'always' }] }], backendRefs: [{ name: 'b' }] },
        {
          backendRefs: [
            { name: 'a', weight: 80 },
            { name: 'b', weight: 20 },
          ],
        },
      ],
    },
  })
})

test('a host and its wildcard become two routes and two listeners', () => {
  const rule = (host: string) => ({ host, http: { paths: [path('/', 'Prefix', 'a')] } })
  const cluster = clusterOf([CLASS, ...services, ingress('web', { rules: [rule('a.com'), rule('*.a.com')] })])
  const { objects } = ingressToGateway(cluster, list(cluster, 'Ingress') as readonly Ingress[])
  expect(objects.map(({ metadata }) => metadata.name)).toEqual(['spec', 'web-a-com', 'web-a-com-wildcard'])
  const listeners = (objects[0] as unknown as Gateway).spec.listeners
  expect(listeners.map(({ name, hostname }) => `${name} ${hostname}`)).toEqual(['a-com-http a.com', 'a-com-wildcard-http *.a.com'])
})
