import { describe, expect, test } from 'vitest'
import { ask, ingress, outcomeOf, tableFor } from '../../testing/routing.ts'
import { cloud } from './cloud.ts'
import { haproxy } from './haproxy.ts'
import { spec } from './spec.ts'

const asked = (profile: typeof spec, rows: readonly (readonly [paths: readonly string[], path: string, wanted: string])[]) =>
  test.each(rows)('%j asked for %s: %s', (paths, path, wanted) => {
    expect(ask(tableFor(profile, [ingress('i', { 'h.test': paths })]), `http://h.test${path}`)).toBe(wanted)
  })

/** The table of the Kubernetes documentation, and what follows from it. */
const rows = [
  [['/ Prefix a'], '/any/thing', 'a'],
  [['/foo Exact a'], '/foo', 'a'],
  [['/foo Exact a'], '/bar', '404'],
  [['/foo Exact a'], '/foo/', '404'],
  [['/foo/ Exact a'], '/foo', '404'],
  [['/foo Prefix a'], '/foo', 'a'],
  [['/foo Prefix a'], '/foo/', 'a'],
  [['/foo/ Prefix a'], '/foo', 'a'],
  [['/foo/ Prefix a'], '/foo/', 'a'],
  [['/aaa/bb Prefix a'], '/aaa/bbb', '404'],
  [['/aaa/bbb/ Prefix a'], '/aaa/bbb', 'a'],
  [['/aaa/bbb Prefix a'], '/aaa/bbb/ccc', 'a'],
  [['/aaa/bbb Prefix a'], '/aaa/bbbxyz', '404'],
  [['/ Prefix a', '/aaa Prefix b'], '/aaa/ccc', 'b'],
  [['/ Prefix a', '/aaa Prefix b', '/aaa/bbb Prefix c'], '/aaa/bbb', 'c'],
  [['/ Prefix a', '/aaa Prefix b', '/aaa/bbb Prefix c'], '/ccc', 'a'],
  [['/aaa Prefix a'], '/ccc', '404'],
  [['/foo Prefix a', '/foo Exact b'], '/foo', 'b'],
  [['/foo Prefix a', '/foo Exact b'], '/foo/', 'a'],
  [['/foo Prefix a', '/foo/ Prefix b'], '/foo', 'b'],
  [['/foo Prefix a'], '/FOO', '404'],
  [['/foo Prefix a'], '/foo?x=/bar', 'a'],
  [['/x Prefix a:http'], '/x', 'a'],
  [['/x Prefix a:81'], '/x', '503'],
  [['/x Prefix gone'], '/x', '503'],
  [['/x Prefix empty'], '/x', '503'],
  [['/x Prefix -'], '/x', '404'],
] as const

describe('the documentation', () => {
  asked(spec, rows)

  test.each([
    ['exact.foo.com', 'a'],
    ['EXACT.foo.com:8080', 'a'],
    ['other.foo.com', 'b'],
    ['a.b.foo.com', 'c'],
    ['foo.com', 'c'],
    ['10.0.0.1', 'c'],
  ])('host %s: %s', (host, wanted) => {
    const table = tableFor(spec, [ingress('i', { 'exact.foo.com': ['/ Prefix a'], '*.foo.com': ['/ Prefix b'], '': ['/ Prefix c'] })])
    expect(ask(table, `http://${host}/`)).toBe(wanted)
  })

  test('the oldest keeps a path that is given twice; the default backend takes what is left', () => {
    const table = tableFor(spec, [
      ingress('z', { 'h.test': ['/x Prefix a'] }),
      ingress('a', { 'h.test': ['/x Prefix b'] }),
      ingress('d', {}, { fallback: 'c' }),
    ])
    expect(ask(table, 'http://h.test/x')).toBe('a')
    expect(ask(table, 'http://h.test/y')).toBe('c')
    expect(ask(table, 'http://other.test/')).toBe('c')
  })

  test.each([
    [undefined, '404'],
    ['own', 'a'],
    ['none', '404'],
  ])('class %s: %s', (className, wanted) => {
    expect(ask(tableFor(spec, [ingress('i', { 'h.test': ['/ Prefix a'] }, { className })]), 'http://h.test/')).toBe(wanted)
  })
})

describe('a provider’s balancer matches as the documentation says', () => asked(cloud, rows))

describe('HAProxy', () => {
  asked(haproxy, [
    [['/foo Prefix a', '/foo Exact b'], '/foo', 'b'],
    [['/foo Prefix a', '/foo Exact b'], '/foo/', 'a'],
    [['/ Prefix a', '/foo Prefix b'], '/foobar', 'a'],
    [['/foo ImplementationSpecific a'], '/foobar', 'a'],
    [['/x Prefix empty'], '/x', '503'],
    [['/x Prefix a'], '/y', '404'],
  ])

  test('a host with a certificate is sent over with 302, to its own port', () => {
    const table = tableFor(haproxy, [ingress('i', { 'h.test': ['/ Prefix a'] }, { tls: ['h.test'] })])
    expect(ask(table, 'http://h.test/x?y=1')).toBe('302 https://h.test:8443/x?y=1')
    expect(ask(table, 'https://h.test/x')).toBe('a')
    expect(ask(table, 'http://h.test./x')).toBe('404')
  })

  test('any tls entry of the Ingress does it for all its hosts, and the port is always written', () => {
    const all = [ingress('i', { 'h.test': ['/ Prefix a'] }, { tls: ['k.test'], annotations: { 'haproxy.org/ssl-redirect-port': '443' } })]
    expect(ask(tableFor(haproxy, all), 'http://h.test/x')).toBe('302 https://h.test:443/x')
  })

  test.each([
    ['a Service that is not there has no route: a broader one answers', { 'h.test': ['/ Prefix a', '/x Prefix gone'] }, '/x', 'a'],
    ['nor has a port that is not there', { 'h.test': ['/x Prefix a:81'] }, '/x', '404'],
    ['a host without a route falls to the rules without host', { 'h.test': ['/x Prefix gone'], '': ['/ Prefix b'] }, '/x', 'b'],
    ['nor has a resource', { 'h.test': ['/ Prefix a', '/x Prefix -'] }, '/x', 'a'],
    ['of two that say the same the lower backend name answers', { 'h.test': ['/x Prefix b', '/x Prefix a'] }, '/x', 'a'],
    ['/x/ as ImplementationSpecific is /x', { 'h.test': ['/x/ ImplementationSpecific a'] }, '/xyz', 'a'],
  ] as const)('%s', (_, hosts, path, wanted) => {
    expect(ask(tableFor(haproxy, [ingress('i', hosts)]), `http://h.test${path}`)).toBe(wanted)
  })

  test('of several default backends the first by name counts', () => {
    const all = [ingress('j', {}, { fallback: 'b' }), ingress('i', { 'h.test': ['/x Prefix c'] }, { fallback: 'a' })]
    expect(ask(tableFor(haproxy, all), 'http://k.test/')).toBe('a')
  })

  test('with a class of its own it takes the IngressClass of that path, and the old annotation', () => {
    const old = { className: undefined, annotations: { 'kubernetes.io/ingress.class': 'own' } }
    const all = [ingress('i', { 'h.test': ['/ Prefix a'] }, old), ingress('j', { 'k.test': ['/ Prefix b'] })]
    expect(['http://h.test/', 'http://k.test/'].map((url) => ask(tableFor(haproxy, all), url))).toEqual(['404', 'b'])
    const flags = { 'ingress.class': 'own' }
    expect(['http://h.test/', 'http://k.test/'].map((url) => ask(tableFor(haproxy, all, { flags }), url))).toEqual(['a', '404'])
  })

  test('the forwarding headers that a backend sees', () => {
    const table = tableFor(haproxy, [ingress('i', { 'h.test': ['/ Prefix a'] })])
    const seen = (url: string) => {
      const outcome = outcomeOf(table, url, { 'x-forwarded-for': '1.2.3.4', 'x-forwarded-proto': 'wss' })
      return outcome.do === 'forward' && [outcome.request.headers['x-forwarded-for'], outcome.request.headers['x-forwarded-proto']]
    }
    expect(seen('http://h.test/')).toEqual(['1.2.3.4, 10.0.0.9', 'wss'])
    expect(seen('https://h.test/')).toEqual(['1.2.3.4, 10.0.0.9', 'https'])
  })

  test('it takes Ingresses without a class', () => {
    expect(ask(tableFor(haproxy, [ingress('i', { 'h.test': ['/ Prefix a'] }, { className: undefined })]), 'http://h.test/')).toBe('a')
  })
})
