import { describe, expect, test } from 'vitest'
import { find } from '../../api/cluster.ts'
import type { Gateway } from '../../api/kinds/gateway.ts'
import { clusterOf, serviceWith, stateOf } from '../../testing/l7.ts'
import { ask, outcomeOf, services } from '../../testing/routing.ts'
import { attachments } from './attach.ts'
import { compileGateway } from './compile.ts'
import { gatewayStatus, routeConditions } from './status.ts'

type Loose = Parameters<typeof clusterOf>[0][number]
const API = 'gateway.networking.k8s.io/v1'
const HTTP = { name: 'http', port: 80, protocol: 'HTTP' }

const gatewayOf = (...listeners: readonly object[]): Loose => ({
  apiVersion: API,
  kind: 'Gateway',
  metadata: { namespace: 'default', name: 'gw' },
  spec: { gatewayClassName: 'any', addresses: [{ value: '10.0.0.1' }], listeners },
})
const route = (
  name: string,
  rules: readonly object[],
  more: Record<string, unknown> = {},
  namespace = 'default',
  kind = 'HTTPRoute',
): Loose => ({
  apiVersion: API,
  kind,
  metadata: { namespace, name },
  spec: { parentRefs: [{ name: 'gw', namespace: 'default' }], rules, ...more },
})
const to = (name: string, more: object = {}) => ({ name, port: 80, ...more })
const rule = (name: string, ...matches: readonly object[]) => ({ backendRefs: [to(name)], ...(matches.length > 0 && { matches }) })
const prefix = (value: string, more: object = {}) => ({ path: { type: 'PathPrefix', value }, ...more })
const exact = (value: string) => ({ path: { type: 'Exact', value } })

function world(objects: readonly Loose[], gateway: Loose = gatewayOf(HTTP)) {
  const gatewayClass = { apiVersion: API, kind: 'GatewayClass', metadata: { name: 'any' }, spec: { controllerName: 'example.com/any' } }
  const cluster = clusterOf([gatewayClass, ...services, ...serviceWith('other', 'o', [{ port: 80 }], 1, 9), gateway, ...objects])
  const found = find(cluster, 'Gateway' as never, 'default', 'gw') as unknown as Gateway
  return { cluster, gateway: found, table: compileGateway(cluster, found) }
}
const asked = (objects: readonly Loose[], url: string, headers: Record<string, string> = {}, gateway?: Loose) =>
  ask(world(objects, gateway).table, url, headers)

describe('precedence within a listener', () => {
  test.each([
    ['exact before prefix', [rule('a', prefix('/foo/bar')), rule('b', exact('/foo'))], 'http://h/foo', {}, 'b'],
    [
      'the longer prefix',
      [rule('a', prefix('/')), rule('b', prefix('/foo')), rule('c', prefix('/foo/bar'))],
      'http://h/foo/bar/x',
      {},
      'c',
    ],
    ['a prefix is of elements', [rule('a', prefix('/foo'))], 'http://h/foobar', {}, '404'],
    ['a trailing slash is nothing', [rule('a', prefix('/foo/'))], 'http://h/foo', {}, 'a'],
    ['a method', [rule('a', prefix('/')), rule('b', prefix('/', { method: 'POST' }))], 'POST http://h/', {}, 'b'],
    ['another method', [rule('a', prefix('/', { method: 'POST' }))], 'http://h/', {}, '404'],
    [
      'more headers',
      [
        rule('a', prefix('/', { headers: [{ name: 'X', value: '1' }] })),
        rule(
          'b',
          prefix('/', {
            headers: [
              { name: 'X', value: '1' },
              { name: 'y', value: '2' },
            ],
          }),
        ),
      ],
      'http://h/',
      { x: '1', Y: '2' },
      'b',
    ],
    ['a header’s value is exact', [rule('a', prefix('/', { headers: [{ name: 'x', value: 'One' }] }))], 'http://h/', { x: 'one' }, '404'],
    [
      'of one header name twice the first counts',
      [
        rule(
          'a',
          prefix('/', {
            headers: [
              { name: 'x', value: '1' },
              { name: 'X', value: '2' },
            ],
          }),
        ),
      ],
      'http://h/',
      { x: '1' },
      'a',
    ],
    ['query', [rule('a', prefix('/')), rule('b', prefix('/', { queryParams: [{ name: 'q', value: '1' }] }))], 'http://h/?q=1', {}, 'b'],
    ['matches of a rule are alternatives', [rule('a', exact('/x'), exact('/y'))], 'http://h/y', {}, 'a'],
    ['the first rule of equals', [rule('a', prefix('/x')), rule('b', prefix('/x'))], 'http://h/x', {}, 'a'],
    ['no match is every path', [rule('a')], 'http://h/any', {}, 'a'],
    [
      'a method beats headers',
      [rule('a', prefix('/', { headers: [{ name: 'x', value: '1' }] })), rule('b', prefix('/', { method: 'GET' }))],
      'http://h/',
      { x: '1' },
      'b',
    ],
  ] as const)('%s', (_, rules, url, headers, wanted) => {
    expect(asked([route('r', rules)], url, headers)).toBe(wanted)
  })

  test('the hostname goes before the path, the oldest route before the younger, and names decide last', () => {
    const routes = [
      route('wild', [rule('a', prefix('/long/path'))], { hostnames: ['*.h.test'] }),
      route('name', [rule('b')], { hostnames: ['x.h.test'] }),
      route('young', [rule('c')], { hostnames: ['x.h.test'] }),
    ]
    expect(asked(routes, 'http://x.h.test/long/path')).toBe('b')
    expect(asked(routes, 'http://y.z.h.test/long/path')).toBe('a')
    expect(asked(routes, 'http://h.test/long/path')).toBe('404')
  })
})

describe('listeners', () => {
  const listeners = gatewayOf(HTTP, { ...HTTP, name: 'one', hostname: '*.h.test' }, { ...HTTP, name: 'two', hostname: 'x.h.test' })
  const at = (sectionName: string, name: string) => route(sectionName, [rule(name)], { parentRefs: [{ name: 'gw', sectionName }] })

  test('the most specific takes the request, and no other listener’s route does', () => {
    const routes = [at('http', 'a'), at('one', 'b')]
    expect(asked(routes, 'http://other/', {}, listeners)).toBe('a')
    expect(asked(routes, 'http://a.b.h.test/', {}, listeners)).toBe('b')
    expect(asked(routes, 'http://x.h.test/', {}, listeners)).toBe('404')
  })

  test.each([
    ['Same', 'other', 'NotAllowedByListeners'],
    ['All', 'other', 'Accepted'],
    ['None', 'default', 'NotAllowedByListeners'],
  ])('routes from %s: one of namespace %s is %s', (from, namespace, reason) => {
    const { cluster, gateway } = world(
      [route('r', [rule('a')], {}, namespace)],
      gatewayOf({ ...HTTP, allowedRoutes: { namespaces: { from } } }),
    )
    expect(attachments(cluster, gateway).map(({ accepted }) => accepted.reason)).toEqual([reason])
  })

  test.each([
    [{ parentRefs: [{ name: 'gw', sectionName: 'nope' }] }, 'NoMatchingParent'],
    [{ parentRefs: [{ name: 'gw', port: 81 }] }, 'NoMatchingParent'],
    [{ hostnames: ['other.test'] }, 'NoMatchingListenerHostname'],
    [{ hostnames: ['a.h.test', 'other.test'] }, 'Accepted'],
  ])('%j: %s', (more, reason) => {
    const { cluster, gateway } = world([route('r', [rule('a')], more)], gatewayOf({ ...HTTP, hostname: '*.h.test' }))
    expect(attachments(cluster, gateway).map(({ accepted }) => accepted.reason)).toEqual([reason])
  })

  test('none of two listeners in conflict is served; what a listener for TCP does is not known', () => {
    const other = { ...HTTP, name: 'other', hostname: 'h.test' }
    const { table } = world([route('r', [rule('a')])], gatewayOf(HTTP, { ...HTTP, name: 'again' }, other))
    expect([ask(table, 'http://k.test/'), ask(table, 'http://h.test/')]).toEqual(['404', 'a'])
    const plain = world([], gatewayOf({ name: 'raw', port: 80, protocol: 'TCP' })).table
    expect(ask(plain, 'http://h.test/')).toBe('unknown listener raw of protocol TCP')
  })

  test('status: the same triple twice conflicts; a certificate that is not there; a kind that the protocol cannot carry', () => {
    const https = { name: 's', port: 443, protocol: 'HTTPS', tls: { certificateRefs: [{ name: 'none' }] } }
    const odd = { ...HTTP, name: 'odd', port: 81, allowedRoutes: { kinds: [{ kind: 'TCPRoute' }] } }
    const { cluster, gateway } = world([route('r', [rule('a')])], gatewayOf(HTTP, { ...HTTP, name: 'again' }, https, odd))
    const status = gatewayStatus(cluster, gateway)
    const reasons = status.listeners.map(({ name, conditions }) => `${name} ${conditions.map(({ reason }) => reason).join(' ')}`)
    expect(reasons).toEqual([
      'http Accepted ResolvedRefs HostnameConflict Invalid',
      'again Accepted ResolvedRefs HostnameConflict Invalid',
      's Accepted InvalidCertificateRef NoConflicts Invalid',
      'odd Accepted InvalidRouteKinds NoConflicts Programmed',
    ])
    expect(status.conditions.map(({ type, reason }) => `${type} ${reason}`)).toEqual([
      'Accepted ListenersNotValid',
      'Programmed Programmed',
    ])
  })
})

describe('backends', () => {
  const refs = (...backendRefs: readonly object[]) => [route('r', [{ backendRefs }])]
  test.each([
    ['none', [], '500', undefined],
    ['a Service that is not there', [to('gone')], '500', 'BackendNotFound'],
    ['a port that is not there', [{ name: 'a', port: 81 }], '500', 'BackendNotFound'],
    ['another kind', [{ name: 'a', kind: 'Bucket' }], '500', 'InvalidKind'],
    ['another namespace', [to('o', { namespace: 'other' })], '500', 'RefNotPermitted'],
    ['nobody ready', [to('empty')], '503', 'ResolvedRefs'],
    ['weight 0', [to('a', { weight: 0 })], '500', 'ResolvedRefs'],
    ['weight 0 beside another', [to('a', { weight: 0 }), to('b')], 'b', 'ResolvedRefs'],
  ])('%s: %s', (_, backendRefs, wanted, reason) => {
    const objects = refs(...backendRefs)
    expect(asked(objects, 'http://h/')).toBe(wanted)
    const { cluster, gateway } = world(objects)
    if (reason) expect(attachments(cluster, gateway).map((one) => routeConditions(cluster, one)[1]?.reason)).toEqual([reason])
  })

  const grant = (from: object, target: object): Loose => ({
    apiVersion: API,
    kind: 'ReferenceGrant',
    metadata: { namespace: 'other', name: 'g' },
    spec: {
      from: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'default', ...from }],
      to: [{ group: '', kind: 'Service', ...target }],
    },
  })
  test.each([
    [{}, {}, 'o'],
    [{}, { name: 'o' }, 'o'],
    [{}, { name: 'p' }, '500'],
    [{ namespace: 'else' }, {}, '500'],
    [{ kind: 'GRPCRoute' }, {}, '500'],
    [{}, { kind: 'Secret' }, '500'],
    [{}, { group: 'apps' }, '500'],
  ])('a grant from %j to %j: %s', (from, target, wanted) => {
    expect(asked([...refs(to('o', { namespace: 'other' })), grant(from, target)], 'http://h/').replace('Service/other/', '')).toBe(wanted)
  })

  test('a reference that does not resolve keeps its share', () => {
    const { table } = world(refs(to('a', { weight: 1 }), to('gone', { weight: 1 })))
    const answers = Array.from({ length: 1000 }, (_, i) => ask(table, 'http://h/', {}, stateOf(3, i)))
    expect(answers.filter((one) => one === '500').length / 1000).toBeCloseTo(0.5, 1)
  })
})

describe('filters', () => {
  const filtered = (match: object, ...filters: readonly object[]) => [route('r', [{ matches: [match], filters, backendRefs: [to('a')] }])]
  const redirect = (requestRedirect: object) => ({ type: 'RequestRedirect', requestRedirect })
  test.each([
    [{ hostname: 'o.test' }, 'http://h.test/foo/x?q=1', '302 http://o.test/foo/x?q=1'],
    [{ scheme: 'https', statusCode: 301 }, 'http://h.test:8080/foo', '301 https://h.test/foo'],
    [{ port: 8443 }, 'http://h.test/foo', '302 http://h.test:8443/foo'],
    [{ scheme: 'https', port: 443 }, 'http://h.test/foo', '302 https://h.test/foo'],
    [{ path: { type: 'ReplaceFullPath', replaceFullPath: '/new' } }, 'http://h.test/foo/x?q=1', '302 http://h.test/new?q=1'],
    [{ path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/new' } }, 'http://h.test/foo/x', '302 http://h.test/new/x'],
    [{ path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } }, 'http://h.test/foo', '302 http://h.test/'],
  ])('redirect %j of %s: %s', (settings, url, wanted) => {
    expect(asked(filtered(prefix('/foo'), redirect(settings)), url)).toBe(wanted)
  })

  test.each([
    ['/foo/bar', '/xyz', '/xyz/bar'],
    ['/foo/bar', '/xyz/', '/xyz/bar'],
    ['/foo', '/xyz', '/xyz'],
    ['/foo/', '/xyz', '/xyz/'],
    ['/foo/bar', '', '/bar'],
    ['/foo', '/', '/'],
  ])('%s with its prefix replaced by "%s": %s', (path, replacePrefixMatch, wanted) => {
    const filter = { type: 'URLRewrite', urlRewrite: { hostname: 'in.test', path: { type: 'ReplacePrefixMatch', replacePrefixMatch } } }
    const outcome = outcomeOf(world(filtered(prefix('/foo'), filter)).table, `http://h.test${path}?q=1`)
    expect(outcome.do === 'forward' && [outcome.request.path, outcome.request.host]).toEqual([`${wanted}?q=1`, 'in.test'])
  })

  test('headers are set, added and removed; requests are mirrored; a timeout is kept', () => {
    const modifier = { set: [{ name: 'A', value: '1' }], add: [{ name: 'b', value: '2' }], remove: ['c'] }
    const mirror = { type: 'RequestMirror', requestMirror: { backendRef: to('b') } }
    const rules = [
      {
        filters: [{ type: 'RequestHeaderModifier', requestHeaderModifier: modifier }, mirror],
        backendRefs: [to('a')],
        timeouts: { request: '1s' },
      },
    ]
    const outcome = outcomeOf(world([route('r', rules)]).table, 'http://h/', { a: '0', b: '1', c: '3' })
    if (outcome.do !== 'forward') throw new Error('no backend')
    expect(outcome.request.headers).toEqual({ a: '1', b: '1,2', host: 'h' })
    expect([outcome.mirrors, outcome.timeoutMs]).toEqual([['Service/default/b'], 1000])
  })
})

describe('GRPCRoute', () => {
  const grpc = { 'content-type': 'application/grpc' }
  const rules = [
    { matches: [{ method: { service: 'x.Echo' } }], backendRefs: [to('a')] },
    { matches: [{ method: { service: 'x.Echo', method: 'Say' } }], backendRefs: [to('b')] },
  ]
  const table = world([route('g', rules, {}, 'default', 'GRPCRoute')]).table
  test.each([
    ['/x.Echo/Say', 'b'],
    ['/x.Echo/Other', 'a'],
  ])('%s: %s', (path, wanted) => expect(ask(table, `POST http://h${path}`, grpc)).toBe(wanted))

  test('what a route for fewer hosts does not take, one for more hosts may', () => {
    const all = world([
      route('few', rules, { hostnames: ['*.h.test'] }, 'default', 'GRPCRoute'),
      route('all', [{ backendRefs: [to('c')] }], {}, 'default', 'GRPCRoute'),
    ]).table
    expect(['/x.Echo/Say', '/y.Other/Say'].map((path) => ask(all, `POST http://a.h.test${path}`, grpc))).toEqual(['b', 'c'])
  })

  test('what matches nothing is UNIMPLEMENTED', () => {
    const outcome = outcomeOf(table, 'POST http://h/y.Other/Say', grpc)
    expect(outcome.do === 'respond' && [outcome.status, outcome.headers['grpc-status']]).toEqual([200, '12'])
  })
})
