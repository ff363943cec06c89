import { describe, expect, test } from 'vitest'
import { stateOf } from '../../testing/l7.ts'
import { ask, clusterFor, ingress, outcomeOf, tableFor } from '../../testing/routing.ts'
import { certifies } from '../certificates.ts'
import { nginx } from './nginx.ts'

const on = (annotations: Readonly<Record<string, string>>) => ({
  annotations: Object.fromEntries(Object.entries(annotations).map(([name, value]) => [`nginx.ingress.kubernetes.io/${name}`, value])),
})
const table = (...objects: readonly ReturnType<typeof ingress>[]) => tableFor(nginx, objects)
const simple = (annotations: Readonly<Record<string, string>>, paths = ['/ Prefix a'], tls?: readonly string[]) =>
  table(ingress('i', { 'h.test': paths }, { ...on(annotations), ...(tls && { tls }) }))

describe('locations', () => {
  test.each([
    [['/foo Prefix a'], '/foo', 'a'],
    [['/foo Prefix a'], '/foo/bar', 'a'],
    [['/foo Prefix a'], '/foobar', '404'],
    [['/foo Prefix a', '/foo Exact b'], '/foo', 'b'],
    [['/foo Prefix a', '/foo Exact b'], '/foo/', 'a'],
    [['/x/ Prefix a'], '/x', '301 http://h.test/x/'],
    [['/x/ Prefix a'], '/x?q=1', '301 http://h.test/x/?q=1'],
    [['/x/ Exact a'], '/x', '301 http://h.test/x/'],
    [['/x/ Prefix a', '/x Exact b'], '/x', 'b'],
    [['/x ImplementationSpecific a'], '/x/y', 'a'],
    [['/a/b Prefix a'], '//a/./c/../b', 'a'],
    [['/a/b Prefix a'], '/a%2Fb', 'a'],
    [['/a Prefix a'], '/../a', '400'],
    [['/a Prefix a'], '/a/%zz', '400'],
    [['/x Prefix empty'], '/x', '503'],
    [['/x Prefix gone'], '/x', '503'],
    [['/x Prefix a:8080'], '/x', 'a'],
    [['/x Prefix -'], '/x', '404'],
  ])('%j asked for %s: %s', (paths, path, wanted) => {
    expect(ask(table(ingress('i', { 'h.test': paths })), `http://h.test${path}`)).toBe(wanted)
  })

  test('a host has no way out to another: not to a wildcard, not to the catch-all', () => {
    const all = table(ingress('i', { 'a.h.test': ['/x Prefix a'], '*.h.test': ['/ Prefix b'], '': ['/ Prefix c'] }))
    expect(ask(all, 'http://a.h.test/y')).toBe('404')
    expect(ask(all, 'http://b.h.test/y')).toBe('b')
    expect(ask(all, 'http://a.b.h.test/y')).toBe('c')
  })

  test('a default backend with rules is for the hosts that its Ingress made', () => {
    const all = table(ingress('i', { 'h.test': ['/x Prefix a'] }, { fallback: 'b' }), ingress('j', { 'k.test': ['/x Prefix a'] }))
    expect(ask(all, 'http://h.test/')).toBe('b')
    expect(ask(all, 'http://k.test/')).toBe('404')
  })

  test('the path goes on as it came', () => {
    const outcome = outcomeOf(table(ingress('i', { 'h.test': ['/ Prefix a'] })), 'http://h.test//a%20b/../c?x=%20')
    expect(outcome.do === 'forward' && outcome.request.path).toBe('//a%20b/../c?x=%20')
  })
})

test('a rewrite to another site is a redirect, with the groups of the path', () => {
  const moved = table(ingress('i', { 'h.test': ['/app(/|$)(.*) ImplementationSpecific a'] }, on({ 'rewrite-target': 'https://o.test/$2' })))
  expect(ask(moved, 'http://h.test/app/x/y?q=1')).toBe('302 https://o.test/x/y?q=1')
})

describe('several Ingresses', () => {
  test('the catch-all of an Ingress without rules stands before a rule for / without host, however old that is', () => {
    const all = table(ingress('z', { '': ['/ Prefix a', '/x Prefix b'] }), ingress('i', {}, { fallback: 'c' }))
    expect(ask(all, 'http://h.test/')).toBe('c')
    expect(ask(all, 'http://h.test/x')).toBe('b')
  })

  test('a resource makes no location: a broader one takes its requests', () => {
    expect(ask(table(ingress('i', { 'h.test': ['/ Prefix a', '/x Prefix -'] })), 'http://h.test/x')).toBe('a')
  })

  test('ImplementationSpecific is Prefix: the second of the two is a duplicate', () => {
    const all = table(ingress('i', { 'h.test': ['/x ImplementationSpecific a', '/x Prefix b'] }))
    expect(ask(all, 'http://h.test/x/y')).toBe('a')
  })

  test("a root's own annotations are those of the Ingress that first named the host", () => {
    const all = table(ingress('i', { 'h.test': ['/x Prefix a'] }, on({ 'permanent-redirect': 'https://o.test' })))
    expect(ask(all, 'http://h.test/')).toBe('301 https://o.test')
    const rewritten = table(ingress('i', { 'h.test': ['/x Prefix a'] }, on({ 'rewrite-target': '/x' })))
    expect(ask(rewritten, 'http://h.test/XYZ')).toBe('a')
  })

  test('in regex mode the root that a server began with stands before an Exact /', () => {
    const all = table(ingress('i', { 'h.test': ['/ Exact a', '/x Prefix b'] }, on({ 'use-regex': 'true' })))
    expect(ask(all, 'http://h.test/')).toBe('404')
  })
})

describe('rewrite', () => {
  test.each([
    ['/$1', ['/app Prefix a'], '/app/cart', 'a', '/'],
    ['/$2', ['/app(/|$)(.*) ImplementationSpecific a'], '/app/x/y?q=1', 'a', '/x/y?q=1'],
    ['/$2', ['/app(/|$)(.*) ImplementationSpecific a'], '/APP', 'a', '/'],
    ['/t?u=$1', ['/app/(.*) ImplementationSpecific a'], '/app/v?w=1', 'a', '/t?u=v&w=1'],
    ['/$1', ['/app/(.*) ImplementationSpecific a'], '/app/a%20b', 'a', '/a%20b'],
    ['/', ['/ Prefix a'], '/x', 'a', '/x'],
  ])('%s of %j asked for %s: %s with %s', (to, paths, path, wanted, sent) => {
    const outcome = outcomeOf(simple({ 'rewrite-target': to }, paths), `http://h.test${path}`)
    expect(outcome.do === 'forward' && [outcome.service, outcome.request.path]).toEqual([`Service/default/${wanted}`, sent])
  })

  test('one rewrite puts the whole host into regex mode, other Ingresses too', () => {
    const all = table(
      ingress('i', { 'h.test': ['/app Prefix a'] }, on({ 'rewrite-target': '/x' })),
      ingress('j', { 'h.test': ['/foo Exact b', '/foo/bar Prefix c'] }),
    )
    expect(ask(all, 'http://h.test/FOOBAR')).toBe('b')
    expect(ask(all, 'http://h.test/foo/bar')).toBe('c')
    expect(ask(all, 'http://h.test/x/foo')).toBe('404')
  })
})

describe('redirects', () => {
  test.each([
    [{}, 'http://h.test/', '308 https://h.test'],
    [{}, 'http://h.test/x/?q=1', '308 https://h.test/x/?q=1'],
    [{}, 'http://h.test/nowhere/', '308 https://h.test/nowhere'],
    [{}, 'https://h.test/', 'a'],
    [{ 'ssl-redirect': 'false' }, 'http://h.test/', 'a'],
    [{ 'preserve-trailing-slash': 'true' }, 'http://h.test/', '308 https://h.test/'],
    [{ 'permanent-redirect': 'https://o.test' }, 'https://h.test/x', '301 https://o.test'],
    [{ 'permanent-redirect': 'https://o.test', 'permanent-redirect-code': '307' }, 'https://h.test/x', '307 https://o.test'],
    [{ 'temporal-redirect': 'https://o.test' }, 'https://h.test/x', '302 https://o.test'],
    [{ 'app-root': '/home' }, 'https://h.test/', '302 https://h.test/home'],
    [{ 'app-root': '/home' }, 'https://h.test/x', 'a'],
    [{ 'app-root': '/home' }, 'https://h.test:8443/?q=1', '302 https://h.test:8443/home'],
    [{ 'app-root': 'https://o.test/' }, 'https://h.test/', 'a'],
    [{ 'permanent-redirect': '/elsewhere' }, 'https://h.test/x', 'a'],
    [{ 'temporal-redirect': '/elsewhere', 'permanent-redirect': 'https://o.test' }, 'https://h.test/x', 'a'],
    [{ 'temporal-redirect': 'https://o.test$request_uri' }, 'https://h.test/x?q=1', '302 https://o.test/x?q=1'],
    [{ 'rewrite-target': 'https://o.test/new' }, 'https://h.test/x?q=1', '302 https://o.test/new?q=1'],
    [{ 'rewrite-target': '$scheme://o.test/' }, 'https://h.test/x', '302 https://o.test/'],
    [{ 'whitelist-source-range': '192.0.2.0/24, 10.0.0.0/8' }, 'https://h.test/x', 'a'],
    [{ 'allowlist-source-range': '192.0.2.0/24' }, 'https://h.test/x', '403'],
    [{ 'denylist-source-range': '10.0.0.9' }, 'https://h.test/x', '403'],
    [{ 'denylist-source-range': '192.0.2.1' }, 'https://h.test/x', 'a'],
    [{ 'whitelist-source-range': 'everybody' }, 'https://h.test/x', '503'],
    [{ 'auth-type': 'basic', 'auth-secret': 'users' }, 'https://h.test/x', '401'],
    [{ 'auth-url': 'https://auth.test' }, 'https://h.test/x', 'unknown nginx.ingress.kubernetes.io/auth-url'],
  ])('%j asked for %s: %s', (annotations, url, wanted) => {
    const paths = url.includes('nowhere') ? ['/x Prefix a'] : ['/ Prefix a']
    expect(ask(simple(annotations, paths, ['h.test']), url)).toBe(wanted)
  })

  test.each([
    [{ 'x-forwarded-proto': 'https' }, 'http://h.test/x', 'a'],
    [{ 'x-forwarded-proto': 'http' }, 'https://h.test/x', '308 https://h.test/x'],
    [{ 'x-forwarded-host': 'o.test:81, p.test' }, 'http://h.test/x', '308 https://o.test/x'],
  ])('with use-forwarded-headers %j counts at %s: %s', (headers, url, wanted) => {
    const objects = [ingress('i', { 'h.test': ['/ Prefix a'] }, { tls: ['h.test'] })]
    expect(ask(tableFor(nginx, objects, { configMap: { 'use-forwarded-headers': 'true' } }), url, headers)).toBe(wanted)
    expect(ask(tableFor(nginx, objects), url, headers)).toBe(url.startsWith('https') ? 'a' : '308 https://h.test/x')
  })

  test('without a certificate only by force', () => {
    expect(ask(simple({}), 'http://h.test/')).toBe('a')
    expect(ask(simple({ 'force-ssl-redirect': 'true' }), 'http://h.test/')).toBe('308 https://h.test')
  })

  test('from www and to it', () => {
    expect(ask(simple({ 'from-to-www-redirect': 'true' }), 'http://www.h.test/x/')).toBe('308 http://h.test:80/x')
  })

  test.each([
    ['the slash that nginx adds: the host as it was read', { 'ssl-redirect': 'false' }, 'http://H.Test:80/y', '301 http://h.test/y/'],
    ['that slash comes before the redirect to https', {}, 'http://h.test/y', '301 http://h.test/y/'],
    ['so does the redirect of a location', { 'permanent-redirect': 'https://o.test' }, 'http://h.test/x', '301 https://o.test'],
    ['and the app root, with the host as it was sent', { 'app-root': '/home' }, 'http://H.test:8080/?q', '302 http://H.test:8080/home'],
    ['a value that Go takes for false', { 'ssl-redirect': 'F' }, 'http://h.test/x', 'a'],
  ])('%s', (_, annotations, url, wanted) => {
    expect(ask(simple(annotations, ['/x Prefix a', '/y/ Prefix a'], ['h.test']), url)).toBe(wanted)
  })

  test("a server's certificate is its own Ingress's, or its wildcard's where it has none", () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'default', name: 'cert' }, tlsNames: ['*.test', 'k.org'] }
    const objects = [
      ingress('i', { 'a.test': ['/ Prefix a'], 'k.org': ['/ Prefix a'] }),
      ingress('j', { '*.test': ['/ Prefix b'], 'l.org': ['/ Prefix b'] }, { tls: ['*.test', 'k.org'] }),
      ingress('k', { 'b.test': ['/ Prefix b'] }, { tls: ['other.org'] }),
    ] as const
    const cluster = clusterFor(nginx, ...objects, secret)
    const own = nginx.compile(cluster, {})
    // A tls entry of another host gives `b.test` whatever certificate in it is for it, as Go's VerifyHostname sees it.
    expect(['a.test', 'c.test', 'b.test', 'k.org', 'l.org'].map((name) => certifies(cluster, own, [], name))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ])
  })

  test('any tls entry of the Ingress counts, and so does a certificate for the wildcard', () => {
    expect(ask(simple({}, ['/ Prefix a'], ['other.test']), 'http://h.test/x')).toBe('308 https://h.test/x')
    const wild = table(
      ingress('i', { 'h.test': ['/ Prefix a'], 'k.org': ['/ Prefix a'] }),
      ingress('j', { '*.test': ['/ Prefix b'] }, { tls: ['*.test'] }),
    )
    expect(ask(wild, 'http://h.test/x')).toBe('308 https://h.test/x')
    expect(ask(wild, 'http://k.org/x')).toBe('a')
  })
})

describe('canary', () => {
  const canary = (annotations: Readonly<Record<string, string>>, to = 'b') =>
    table(
      ingress('i', { 'h.test': ['/ Prefix a'] }),
      ingress('c', { 'h.test': [`/ Prefix ${to}`] }, on({ canary: 'true', ...annotations })),
    )
  test.each([
    [{ 'canary-weight': '0' }, {}, 'a'],
    [{ 'canary-weight': '100' }, {}, 'b'],
    [{ 'canary-weight': '200', 'canary-weight-total': '200' }, {}, 'b'],
    [{ 'canary-weight': '100', 'canary-weight-total': '1' }, {}, 'b'],
    [{ 'canary-by-header': 'X' }, { x: 'always' }, 'b'],
    [{ 'canary-by-header': 'X', 'canary-weight': '100' }, { x: 'never' }, 'a'],
    [{ 'canary-by-header': 'X', 'canary-weight': '100' }, { x: 'what' }, 'b'],
    [{ 'canary-by-header': 'X', 'canary-by-header-value': 'me' }, { x: 'me' }, 'b'],
    [{ 'canary-by-header': 'X', 'canary-by-header-value': 'me' }, { x: 'always' }, 'a'],
    [{ 'canary-by-header': 'X', 'canary-by-header-pattern': '^m' }, { x: 'me' }, 'b'],
    [{ 'canary-by-header': 'X', 'canary-by-header-pattern': '(' }, { x: 'me' }, 'a'],
    [{ 'canary-by-cookie': 'k' }, { cookie: 'k=always' }, 'b'],
    [{ 'canary-by-cookie': 'k', 'canary-weight': '100' }, { cookie: 'k=never' }, 'a'],
    [{ 'canary-by-header': 'X', 'canary-by-cookie': 'k' }, { x: 'never', cookie: 'k=always' }, 'a'],
  ])('%j with %j: %s', (annotations, headers, wanted) => {
    expect(ask(canary(annotations), 'http://h.test/', headers)).toBe(wanted)
  })

  test('the share of a weight', () => {
    const all = canary({ 'canary-weight': '30' })
    const taken = Array.from({ length: 2000 }, (_, i) => ask(all, 'http://h.test/', {}, stateOf(7, i))).filter((one) => one === 'b').length
    expect(taken / 2000).toBeCloseTo(0.3, 1)
  })

  test('a canary joins the Service, not the path: it takes its share on every host and path that leads there', () => {
    const all = table(
      ingress('i', { 'h.test': ['/ Prefix a', '/other Prefix a'], 'k.test': ['/ Prefix a', '/b Prefix c'] }),
      ingress('c', { 'h.test': ['/ Prefix b'] }, on({ canary: 'true', 'canary-weight': '100' })),
    )
    expect(['http://h.test/other', 'http://k.test/', 'http://k.test/b'].map((url) => ask(all, url))).toEqual(['b', 'b', 'c'])
  })

  test('a main Service without endpoints answers, however healthy its canary is', () => {
    const all = table(
      ingress('i', { 'h.test': ['/ Prefix empty'] }),
      ingress('c', { 'h.test': ['/ Prefix b'] }, on({ canary: 'true', 'canary-weight': '100' })),
    )
    expect(ask(all, 'http://h.test/')).toBe('503')
  })

  test('a canary without endpoints takes nothing, and a canary alone serves nothing', () => {
    expect(ask(canary({ 'canary-weight': '100' }, 'empty'), 'http://h.test/')).toBe('a')
    expect(ask(table(ingress('c', { 'h.test': ['/ Prefix b'] }, on({ canary: 'true', 'canary-weight': '100' }))), 'http://h.test/')).toBe(
      '404',
    )
  })
})

describe('affinity and balancing', () => {
  test('the cookie names the way, and is set once', () => {
    const all = simple({ affinity: 'cookie' }, ['/ Prefix two'])
    const first = outcomeOf(all, 'http://h.test/')
    if (first.do !== 'forward') throw new Error('no backend')
    expect(first.setCookie).toMatch(/^INGRESSCOOKIE=[^;]+\|[a-z0-9]+; Path=\/; HttpOnly$/)
    const cookie = /^[^;]*/.exec(first.setCookie ?? '')?.[0] ?? ''
    for (let turn = 0; turn < 5; turn++) {
      const again = outcomeOf(all, 'http://h.test/', { cookie }, stateOf(turn, turn))
      expect(again.do === 'forward' && [again.endpoint, again.setCookie]).toEqual([first.endpoint, undefined])
    }
  })

  test('a hash of the same text goes to the same endpoint', () => {
    const all = simple({ 'upstream-hash-by': '$request_uri' }, ['/ Prefix two'])
    const endOf = (turn: number) => {
      const outcome = outcomeOf(all, 'http://h.test/x', {}, stateOf(turn, turn))
      return outcome.do === 'forward' && JSON.stringify(outcome.endpoint)
    }
    expect(new Set([0, 1, 2, 3].map(endOf)).size).toBe(1)
  })

  test('service-upstream is one server: the ClusterIP', () => {
    const outcome = outcomeOf(simple({ 'service-upstream': 'true' }), 'http://h.test/')
    expect(outcome.do === 'forward' && outcome.endpoint).toEqual({ host: '10.96.1.1', port: 80 })
  })

  test('default-backend answers where the Service has no endpoints', () => {
    const outcome = outcomeOf(simple({ 'default-backend': 'b' }, ['/ Prefix empty']), 'http://h.test/')
    expect(outcome.do === 'forward' && [outcome.service, outcome.request.headers['x-code']]).toEqual(['Service/default/b', '503'])
  })
})

test('headers that the backend sees', () => {
  const outcome = outcomeOf(simple({}), 'http://h.test:8080/', { 'x-forwarded-for': '1.2.3.4', 'x-request-id': 'r' })
  expect(outcome.do === 'forward' && outcome.request.headers).toMatchObject({
    host: 'h.test:8080',
    'x-forwarded-for': '10.0.0.9',
    'x-real-ip': '10.0.0.9',
    'x-original-forwarded-for': '1.2.3.4',
    'x-forwarded-host': 'h.test:8080',
    'x-forwarded-proto': 'http',
    'x-request-id': 'r',
  })
})

test('class-less Ingresses only with the flag, the old annotation always', () => {
  const classless = ingress('i', { 'h.test': ['/ Prefix a'] }, { className: undefined })
  expect(ask(tableFor(nginx, [classless]), 'http://h.test/')).toBe('404')
  expect(ask(tableFor(nginx, [classless], { flags: { 'watch-ingress-without-class': 'true' } }), 'http://h.test/')).toBe('a')
  const old = ingress('i', { 'h.test': ['/ Prefix a'] }, { className: undefined, annotations: { 'kubernetes.io/ingress.class': 'nginx' } })
  expect(ask(tableFor(nginx, [old]), 'http://h.test/')).toBe('a')
})
