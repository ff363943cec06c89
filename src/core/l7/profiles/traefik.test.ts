import { describe, expect, test } from 'vitest'
import { stateOf } from '../../testing/l7.ts'
import { ask, ingress, outcomeOf, tableFor } from '../../testing/routing.ts'
import { traefik } from './traefik.ts'

const on = (annotations: Readonly<Record<string, string>>) => ({
  annotations: Object.fromEntries(
    Object.entries(annotations).map(([name, value]) => [`traefik.ingress.kubernetes.io/router.${name}`, value]),
  ),
})

test.each([
  [['/aaa Prefix a'], '/aaaccc', 'a'],
  [['/aaa/bbb/ Prefix a'], '/aaa/bbb', '404'],
  [['/foo Prefix a', '/foo Exact b'], '/foo', 'a'],
  [['/foo Exact a'], '/foo', 'a'],
  [['/foo Exact a'], '/foo/', '404'],
  [['/ Prefix a', '/foo Prefix b'], '/foobar', 'b'],
  [['/ Prefix a', '/empty Prefix empty'], '/empty', 'a'],
  [['/ Prefix a', '/gone Prefix gone'], '/gone', 'a'],
  [['/x Prefix empty'], '/x', '404'],
  [['/x Prefix a:8080'], '/x', '404'],
  [['/x Prefix -'], '/x', '404'],
  [['/a/b Prefix a'], '/a//x/../b', 'a'],
  [['/a%2Fb Exact a'], '/a%2fb', 'a'],
  [['/a Exact a'], '/%61', 'a'],
  [['/a Exact a'], '/a/.', 'a'],
  [['/a Prefix a'], '/a%zz', '400'],
])('%j asked for %s: %s', (paths, path, wanted) => {
  expect(ask(tableFor(traefik, [ingress('i', { 'h.test': paths })]), `http://h.test${path}`)).toBe(wanted)
})

test('one list: what a host does not match falls to wildcards, host-less rules and the default router', () => {
  const all = tableFor(traefik, [
    ingress('i', { 'a.h.test': ['/x Prefix a'], '*.h.test': ['/y Prefix b'], '': ['/z Prefix c'] }),
    ingress('d', {}, { fallback: 'two' }),
  ])
  expect(['/x', '/y', '/z', '/w'].map((path) => ask(all, `http://a.h.test${path}`))).toEqual(['a', 'b', 'c', 'two'])
})

test('a path without host and path has an empty rule, which is refused; a rule written twice is one router, with the later backend', () => {
  const all = tableFor(traefik, [
    ingress('i', { '': [' ImplementationSpecific a'], 'h.test': ['/x Prefix a', '/x Prefix b'], 'k.test': [' ImplementationSpecific c'] }),
  ])
  expect(['http://o.test/', 'http://h.test/x', 'http://k.test/y'].map((url) => ask(all, url))).toEqual(['404', 'b', 'c'])
})

test('annotations of a default backend count as those of paths do', () => {
  const all = tableFor(traefik, [ingress('d', {}, { fallback: 'a', ...on({ entrypoints: 'websecure' }) })])
  expect(['http://h.test/', 'https://h.test/'].map((url) => ask(all, url))).toEqual(['404', 'a'])
})

test('the longer rule text wins, whatever it says', () => {
  const all = tableFor(traefik, [ingress('i', { 'a.h.test': ['/ Prefix a'], '*.h.test': ['/long/path Prefix b'] })])
  expect(ask(all, 'http://a.h.test/long/path')).toBe('b')
})

test('the backend gets the cleaned path', () => {
  const outcome = outcomeOf(tableFor(traefik, [ingress('i', { 'h.test': ['/ Prefix a'] })]), 'http://h.test/a%20b//c/../d%2f?q=1')
  expect(outcome.do === 'forward' && outcome.request.path).toBe('/a%20b/d%2F?q=1')
})

describe('annotations', () => {
  test.each([
    [{ priority: '1' }, 'http://h.test/x', 'b'],
    [{ tls: 'true' }, 'http://h.test/x', 'b'],
    [{ tls: 'true' }, 'https://h.test/x', 'a'],
    [{ entrypoints: 'websecure' }, 'http://h.test/x', 'b'],
    [{ entrypoints: 'web,websecure' }, 'http://h.test/x', 'a'],
    [{ entrypoints: 'nowhere' }, 'http://h.test/x', 'b'],
  ])('%j at %s: %s', (annotations, url, wanted) => {
    const all = tableFor(traefik, [
      ingress('i', { 'h.test': ['/x Prefix a'] }, on(annotations)),
      ingress('j', { 'h.test': ['/ Prefix b'] }),
    ])
    expect(ask(all, url)).toBe(wanted)
  })

  test('strict prefix matching compares elements', () => {
    const flags = { 'providers.kubernetesingress.strictprefixmatching': 'true' }
    const all = tableFor(traefik, [ingress('i', { 'h.test': ['/foo Prefix a'] })], { flags })
    expect(['/foo', '/foo/x', '/foobar'].map((path) => ask(all, `http://h.test${path}`))).toEqual(['a', 'a', '404'])
  })
})

test('a redirected entry point: 301 for GET, 308 for the rest', () => {
  const flags = { 'entrypoints.web.http.redirections.entrypoint.to': ':443' }
  const all = tableFor(traefik, [ingress('i', { 'h.test': ['/ Prefix a'] })], { flags })
  expect(ask(all, 'http://h.test/x')).toBe('301 https://h.test/x')
  expect(ask(all, 'POST http://h.test/x')).toBe('308 https://h.test/x')
  expect(ask(all, 'https://h.test/x')).toBe('a')
})

test('round robin', () => {
  const all = tableFor(traefik, [ingress('i', { 'h.test': ['/ Prefix two'] })])
  const ends = [0, 1, 2, 3].map((turn) => {
    const outcome = outcomeOf(all, 'http://h.test/', {}, { ...stateOf(1, turn), draw: () => 0 })
    return outcome.do === 'forward' && 'ip' in outcome.endpoint ? outcome.endpoint.ip : ''
  })
  expect(ends[0]).not.toBe(ends[1])
  expect([ends[2], ends[3]]).toEqual([ends[0], ends[1]])
})

test('a certificate changes nothing on the web entry point, and a class-less Ingress is served', () => {
  const all = tableFor(traefik, [ingress('i', { 'h.test': ['/ Prefix a'] }, { className: undefined, tls: ['h.test'] })])
  expect(ask(all, 'http://h.test/')).toBe('a')
})

test('headers: the proxy names itself and the port of the Host', () => {
  const outcome = outcomeOf(
    tableFor(traefik, [ingress('i', { 'h.test': ['/ Prefix a'] })]),
    'http://h.test:8080/',
    {},
    { ...stateOf(1), proxyName: 'traefik-0' },
  )
  expect(outcome.do === 'forward' && outcome.request.headers).toMatchObject({
    'x-forwarded-port': '8080',
    'x-forwarded-server': 'traefik-0',
    'x-real-ip': '10.0.0.9',
  })
})
