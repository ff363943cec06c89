import { describe, expect, test } from 'vitest'
import { load } from '../api/load.ts'
import { requestOf, stateOf } from '../testing/l7.ts'
import { decide } from './decide.ts'
import { traefik } from './profiles/traefik.ts'

const objects = (middlewares: string, annotation: string) => `
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {ports: [{port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{port: 80}]
endpoints: [{addresses: [10.244.1.9]}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  annotations: {traefik.ingress.kubernetes.io/router.middlewares: "${annotation}"}
spec: {rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}
${middlewares}`

const middleware = (name: string, spec: string, namespace = 'default') => `---
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: {name: ${name}, namespace: ${namespace}}
spec: ${spec}
`

type Asked = {
  readonly path?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly host?: string
}

function outcome(middlewares: string, annotation: string, { path = '/', method = 'GET', headers = {}, host = 'a.com' }: Asked = {}) {
  const { cluster } = load([{ name: 'f', text: objects(middlewares, annotation) }], { bare: false })
  return decide(traefik.compile(cluster, {}), requestOf({ path, method, headers, host }), stateOf(1)).outcome
}

/** The path that the backend is asked for, or the answer in its place. */
function said(...args: Parameters<typeof outcome>): string {
  const end = outcome(...args)
  if (end.do === 'forward') return end.request.path
  return end.do === 'unknown' ? `unknown ${end.what}` : [end.status, end.headers['location']].filter(Boolean).join(' ')
}

const strip = middleware('m', '{stripPrefix: {prefixes: [/api, /a]}}')
const M = 'default-m@kubernetescrd'

describe('one middleware', () => {
  test.each([
    ['the first prefix that fits goes', strip, { path: '/api/items?x=1' }, '/items?x=1'],
    ['by letters, not by elements', strip, { path: '/apis' }, '/s'],
    ['nothing left is the root', strip, { path: '/api' }, '/'],
    ['no prefix that fits', strip, { path: '/b' }, '/b'],
    ['dot segments are refused', strip, { path: '/api..' }, '400'],
    ['a pattern', middleware('m', '{stripPrefixRegex: {regex: ["/v[0-9]+"]}}'), { path: '/v12/x' }, '/x'],
    ['a pattern in the middle', middleware('m', '{stripPrefixRegex: {regex: ["/v[0-9]+"]}}'), { path: '/x/v12' }, '/x/v12'],
    ['a prefix before', middleware('m', '{addPrefix: {prefix: /app}}'), { path: '/x?y' }, '/app/x?y'],
    ['another path', middleware('m', '{replacePath: {path: /z}}'), { path: '/x?y=1' }, '/z?y=1'],
    ['another path by pattern', middleware('m', '{replacePathRegex: {regex: "^/a/(.*)", replacement: "/b/$1"}}'), { path: '/a/x' }, '/b/x'],
    ['named groups', middleware('m', `{replacePathRegex: {regex: "^/(?P<n>[a-z]+)$", replacement: "/\${n}s"}}`), { path: '/cat' }, '/cats'],
    ['Go takes the longest name', middleware('m', '{replacePathRegex: {regex: "^/(a)$", replacement: "/$1x"}}'), { path: '/a' }, '/'],
    ['to https', middleware('m', '{redirectScheme: {scheme: https}}'), { path: '/x?y=1' }, '302 https://a.com/x?y=1'],
    ['to https for good', middleware('m', '{redirectScheme: {scheme: https, permanent: true}}'), { path: '/' }, '301 https://a.com/'],
    [
      'to https for good, not by GET',
      middleware('m', '{redirectScheme: {scheme: https, permanent: true}}'),
      { method: 'POST' },
      '308 https://a.com/',
    ],
    ['to another port', middleware('m', '{redirectScheme: {scheme: https, port: "8443"}}'), { method: 'HEAD' }, '307 https://a.com:8443/'],
    ['to where it is already', middleware('m', '{redirectScheme: {scheme: http}}'), { path: '/x' }, '/x'],
    [
      'to another host',
      middleware('m', '{redirectRegex: {regex: "^http://a.com/(.*)", replacement: "http://www.a.com/$1"}}'),
      { path: '/x?y' },
      '302 http://www.a.com/x?y',
    ],
    [
      'a redirect that does not fit',
      middleware('m', '{redirectRegex: {regex: "^http://b.com/", replacement: "http://c.com/"}}'),
      { path: '/x' },
      '/x',
    ],
    ['an address that may', middleware('m', '{ipAllowList: {sourceRange: [10.0.0.0/8]}}'), {}, '/'],
    ['an address that may not', middleware('m', '{ipAllowList: {sourceRange: [192.0.2.0/24]}}'), {}, '403'],
    ['no credentials', middleware('m', '{basicAuth: {secret: users}}'), {}, '401'],
    ['credentials', middleware('m', '{basicAuth: {secret: users}}'), { headers: { authorization: 'Basic eA==' } }, 'unknown default-m'],
    ['somebody else decides', middleware('m', '{forwardAuth: {address: "http://auth"}}'), {}, 'unknown default-m'],
    ['let through', middleware('m', '{compress: {}}'), { path: '/x' }, '/x'],
    ['not there', '', {}, '404'],
    ['nothing in it', middleware('m', '{}'), {}, '404'],
    ['a broken pattern', middleware('m', '{replacePathRegex: {regex: "(", replacement: /}}'), {}, '404'],
  ] as const)('%s', (_, text, asked, expected) => {
    expect(said(text, M, asked)).toBe(expected)
  })
})

test('several run from left to right, also out of a chain and another namespace', () => {
  const all = [
    middleware('strip', '{stripPrefix: {prefixes: [/a]}}'),
    middleware('add', '{addPrefix: {prefix: /b}}', 'kube-public'),
    middleware('both', '{chain: {middlewares: [{name: strip}, {name: add, namespace: kube-public}]}}'),
  ].join('')
  expect(said(all, 'default-strip@kubernetescrd, kube-public-add@kubernetescrd', { path: '/a/x' })).toBe('/b/x')
  expect(said(all, 'kube-public-add@kubernetescrd,default-strip@kubernetescrd', { path: '/a/x' })).toBe('/b/a/x')
  expect(said(all, 'default-both@kubernetescrd', { path: '/a/x' })).toBe('/b/x')
  expect(said(middleware('loop', '{chain: {middlewares: [{name: loop}]}}'), 'default-loop@kubernetescrd')).toBe('404')
  expect(said(all, 'default-both')).toBe('404')
  expect(said(all, 'secured@file')).toBe('unknown secured@file')
})

test('headers of the request and of the answer', () => {
  const text = middleware(
    'm',
    '{headers: {customRequestHeaders: {X-Forwarded-Proto: https, Accept: "", Host: b.com}, customResponseHeaders: {Server: ""}, frameDeny: true}}',
  )
  const end = outcome(text, M, { headers: { accept: '*/*' } })
  if (end.do !== 'forward') throw new Error('not forwarded')
  expect(end.request.host).toBe('b.com')
  expect(end.request.headers).toMatchObject({ 'x-forwarded-proto': 'https', host: 'b.com' })
  expect(end.request.headers).not.toHaveProperty('accept')
  expect(end.responseHeaders).toEqual([{ set: { 'x-frame-options': 'DENY' }, remove: ['server'] }])
  const stripped = outcome(strip, M, { path: '/api/x' })
  expect(stripped.do === 'forward' && stripped.request.headers['x-forwarded-prefix']).toBe('/api')
})
