import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clusterFor, ingress } from '../../testing/routing.ts'
import { spec } from '../profiles/spec.ts'
import { compareProfiles } from './compare.ts'
import { type ComparedOutcome, type Comparison, type Difference, isDetail } from './compared.ts'

type Loose = Parameters<typeof clusterFor>[1]
const ALL = ['spec', 'ingress-nginx', 'traefik', 'haproxy', 'cloud']
const THREE = ALL.slice(0, 3)

function compared(objects: readonly NonNullable<Loose>[], url: string, profiles: readonly string[] = THREE): Comparison {
  const [, scheme, host = '', path = '/'] = /^(https?):\/\/([^/]*)(.*)$/.exec(url) ?? []
  const request = { method: 'GET', scheme: scheme as 'http', host, path, headers: {} }
  return compareProfiles(clusterFor(spec, ...objects), { ingress: 'Ingress/default/i', request, profiles })!
}

function words(outcome: ComparedOutcome): string {
  if (outcome.do === 'forward') return outcome.service.replace(/^.*\//, '')
  return outcome.do === 'unknown' ? '?' : `${outcome.status}${outcome.location ? ` ${outcome.location}` : ''}`
}
const answers = ({ profiles }: Comparison) => profiles.map(({ outcome }) => words(outcome))
const named = (differences: readonly Difference[]) =>
  differences.filter((one) => !isDetail(one)).map(({ code, profiles }) => `${code}: ${profiles.join(' ')}`)

const nginx = (annotations: Readonly<Record<string, string>>) => ({
  annotations: Object.fromEntries(Object.entries(annotations).map(([name, value]) => [`nginx.ingress.kubernetes.io/${name}`, value])),
})
const traefik = (annotations: Readonly<Record<string, string>>) => ({
  annotations: Object.fromEntries(
    Object.entries(annotations).map(([name, value]) => [`traefik.ingress.kubernetes.io/router.${name}`, value]),
  ),
})

describe('a difference has the name of what makes it', () => {
  test.each([
    ['Prefix is text in Traefik', ['/ Prefix a', '/foo Prefix b'], 'http://h.test/foobar', ['a', 'a', 'b'], ['text-prefix: traefik']],
    ['text and no other rule', ['/foo Prefix b'], 'http://h.test/foobar', ['404', '404', 'b'], ['text-prefix: traefik']],
    ['Exact loses to Prefix by length', ['/foo Prefix a', '/foo Exact b'], 'http://h.test/foo', ['b', 'b', 'a'], ['rank: traefik']],
    [
      'the slash at the end',
      ['/ Prefix a', '/bar/ Prefix b'],
      'http://h.test/bar',
      ['b', '301 http://h.test/bar/', 'a'],
      ['slash-redirect: ingress-nginx', 'slash-counts: traefik'],
    ],
    ['nobody behind the rule', ['/ Prefix a', '/e Prefix empty'], 'http://h.test/e', ['503', '503', 'a'], ['not-made: traefik']],
    ['no such Service', ['/e Prefix gone'], 'http://h.test/e', ['503', '503', '404'], ['not-made: traefik']],
    [
      'a port by its targetPort',
      ['/e Prefix a:8080'],
      'http://h.test/e',
      ['503', 'a', '404'],
      ['serves: ingress-nginx', 'not-made: traefik'],
    ],
    ['slashes are merged', ['/ Prefix a', '/foo Prefix b'], 'http://h.test//foo', ['a', 'b', 'b'], ['path-read: ingress-nginx traefik']],
    ['a broken escape', ['/ Prefix a'], 'http://h.test/%zz', ['a', '400', '400'], ['bad-path: ingress-nginx traefik']],
    ['all alike', ['/ Prefix a', '/foo Prefix b'], 'http://h.test/foo/x', ['b', 'b', 'b'], []],
    ['upper case in the host', ['/foo Prefix b'], 'http://H.TEST/foo', ['b', 'b', 'b'], []],
  ])('%s', (_, paths, url, wanted, codes) => {
    const found = compared([ingress('i', { 'h.test': paths })], url)
    expect(answers(found)).toEqual(wanted)
    expect(named(found.differences)).toEqual(codes)
    expect(found.same).toBe(new Set(wanted).size === 1)
  })

  test('another Ingress of the host switches nginx to regular expressions, and is named', () => {
    const mine = ingress('i', { 'h.test': ['/foo Exact a'] })
    const other = ingress('other', { 'h.test': ['/z Prefix b'] }, nginx({ 'use-regex': 'true' }))
    const found = compared([mine, other], 'http://h.test/FOObar')
    expect(answers(found)).toEqual(['404', 'a', '404'])
    expect(found.together).toEqual(['Ingress/default/i', 'Ingress/default/other'])
    expect(found.differences[0]).toMatchObject({
      code: 'regex',
      profiles: ['ingress-nginx'],
      others: ['spec', 'traefik'],
      params: { ingress: 'other', annotation: 'nginx.ingress.kubernetes.io/use-regex', path: '/FOObar' },
    })
  })

  test('what a host does not take falls to other hosts in Traefik alone', () => {
    const found = compared([ingress('i', { 'a.h.test': ['/x Prefix a'], '*.h.test': ['/ Prefix b'] })], 'http://a.h.test/y')
    expect(answers(found)).toEqual(['404', '404', 'b'])
    expect(found.differences[0]).toMatchObject({ code: 'fall-through', params: { host: 'a.h.test', of: '*.h.test' } })
  })

  test('a longer rule of a wildcard goes before the host itself in Traefik', () => {
    const found = compared([ingress('i', { 'a.h.test': ['/ Prefix a'], '*.h.test': ['/long/path Prefix b'] })], 'http://a.h.test/long/path')
    expect(answers(found)).toEqual(['a', 'a', 'b'])
    expect(named(found.differences)).toEqual(['rank: traefik'])
  })

  test('redirects to https: nginx and HAProxy, each its own; the others answer', () => {
    const found = compared([ingress('i', { 'h.test': ['/ Prefix a'] }, { tls: ['h.test'] })], 'http://h.test/', ALL)
    expect(answers(found)).toEqual(['a', '308 https://h.test', 'a', '302 https://h.test:8443/', 'a'])
    expect(named(found.differences)).toEqual(['redirect: ingress-nginx', 'redirect: haproxy'])
  })

  test('a default backend beside rules: everybody has another idea', () => {
    const found = compared([ingress('i', { 'h.test': ['/x Prefix a'] }, { fallback: 'b' })], 'http://h.test/y', ALL)
    expect(answers(found)).toEqual(['b', 'b', '404', 'b', 'b'])
    expect(named(found.differences)).toEqual(['no-rule: traefik'])
  })

  test('rewriting, canaries and cookies are what one controller reads', () => {
    const app = ingress('i', { 'h.test': ['/app Prefix a'] }, nginx({ 'rewrite-target': '/', affinity: 'cookie' }))
    const found = compared([app], 'http://h.test/app/x')
    expect(named(found.differences)).toEqual(['rewrite: ingress-nginx'])
    expect(found.differences.some(({ code }) => code === 'cookie')).toBe(true)
    expect(found.ingressDifferences.map(({ params, profiles }) => [params['annotation'], profiles])).toEqual([
      ['nginx.ingress.kubernetes.io/affinity', ['ingress-nginx']],
      ['nginx.ingress.kubernetes.io/rewrite-target', ['ingress-nginx']],
    ])
    const canary = ingress('c', { 'h.test': ['/ Prefix b'] }, nginx({ canary: 'true', 'canary-weight': '20' }))
    const split = compared([ingress('i', { 'h.test': ['/ Prefix a'] }), canary], 'http://h.test/')
    expect(split.differences[0]).toMatchObject({ code: 'canary', params: { service: 'b', percent: '20' } })
  })

  test('a router that is for https alone', () => {
    const found = compared([ingress('i', { 'h.test': ['/ Prefix a'] }, traefik({ tls: 'true' }))], 'http://h.test/')
    expect(answers(found)).toEqual(['a', 'a', '404'])
    expect(named(found.differences)).toEqual(['https-only: traefik'])
  })

  const middleware = (spec: object) => ({
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'Middleware',
    metadata: { namespace: 'default', name: 'm' },
    spec,
  })
  test.each([
    ['strips', { stripPrefix: { prefixes: ['/x'] } }, 'a', ['rewrite: traefik']],
    ['redirects', { redirectScheme: { scheme: 'https' } }, '302 https://h.test/x/y', ['redirect: traefik']],
    ['is not modelled', { forwardAuth: { address: 'http://auth/' } }, '?', ['not-modelled: traefik']],
    ['refuses addresses', { ipAllowList: { sourceRange: ['10.0.0.0/8'] } }, '403', ['status: traefik']],
  ])('a middleware of Traefik that %s', (_, spec, wanted, codes) => {
    const own = ingress('i', { 'h.test': ['/x Prefix a'] }, traefik({ middlewares: 'default-m@kubernetescrd' }))
    const found = compared([middleware(spec), own], 'http://h.test/x/y')
    expect(answers(found)).toEqual(['a', 'a', wanted])
    expect(named(found.differences)).toEqual(codes)
    expect(found.same).toBe(codes.length === 0)
  })

  test.each([
    ['a middleware that is missing', traefik({ middlewares: 'default-gone@kubernetescrd' }), 'traefik'],
    ['an entry point that is not there', traefik({ entrypoints: 'other' }), 'traefik'],
    ['a canary alone', nginx({ canary: 'true', 'canary-weight': '20' }), 'ingress-nginx'],
  ])('%s keeps a rule out', (_, more, who) => {
    const found = compared([ingress('i', { 'h.test': ['/x Prefix a'] }, more)], 'http://h.test/x')
    expect(named(found.differences)).toEqual([`not-made: ${who}`])
    expect(found.differences[0]?.params['why']).toBe('kept-out')
  })

  test('the way counts as a detail: a ClusterIP dialled, other headers', () => {
    const found = compared([ingress('i', { 'h.test': ['/ Prefix a'] }, nginx({ 'service-upstream': 'true' }))], 'http://h.test/')
    expect(found.same).toBe(true)
    expect(found.differences.map(({ code }) => code)).toEqual(['by-address', 'headers', 'headers'])
  })
})

test('a running controller is compared with its own flags, and is said to serve', () => {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'default', name: 't' },
    spec: { containers: [{ name: 't', image: 'traefik:v3.7.9', args: ['--providers.kubernetesingress.strictprefixmatching=true'] }] },
  }
  const found = compared([pod, ingress('i', { 'h.test': ['/foo Prefix a'] }, { className: undefined })], 'http://h.test/foobar')
  expect(answers(found)).toEqual(['404', '404', '404'])
  expect(found.profiles.map(({ running, serves }) => [running, serves])).toEqual([
    [false, false],
    [false, false],
    [true, true],
  ])
})

test('probes: each rule and its near misses, rows that differ are named, and equal ones are not', () => {
  const objects = [ingress('i', { 'h.test': ['/foo Prefix a', '/foo Exact b', '/bar/ Prefix c'], '*.w.test': ['/ Prefix a'] })]
  const { probes, moreProbes } = compared(objects, 'http://h.test/foo')
  const row = (path: string, host = 'h.test') => probes.find(({ request }) => request.path === path && request.host === host)!
  expect(named(row('/foobar').differences)).toEqual(['text-prefix: traefik'])
  expect(named(row('/bar').differences)).toEqual(['slash-redirect: ingress-nginx', 'slash-counts: traefik'])
  expect(row('/foo/x')).toMatchObject({ kind: 'below', same: true, differences: [{ code: 'headers' }, { code: 'headers' }] })
  expect(row('/', 'a.b.w.test')).toMatchObject({ kind: 'two-labels', same: true })
  expect(row('/', 'a.b.w.test').outcomes.map(({ outcome }) => words(outcome))).toEqual(['404', '404', '404'])
  expect(moreProbes).toBe(0)
  expect(new Set(probes.map(({ request }) => JSON.stringify(request))).size).toBe(probes.length)
})

test('without an Ingress there is nothing, without a request the first rule is asked for', () => {
  const cluster = clusterFor(spec, ingress('i', { 'h.test': ['/app(/|$)(.*) ImplementationSpecific a'] }))
  expect(compareProfiles(clusterFor(spec), { profiles: ALL })).toBeUndefined()
  expect(compareProfiles(cluster, { ingress: 'Ingress/default/x', profiles: ALL })).toBeUndefined()
  expect(compareProfiles(cluster, { profiles: ALL })).toMatchObject({
    ingress: 'Ingress/default/i',
    request: { host: 'h.test', path: '/app' },
  })
})

test('whatever the rules: where answers differ there is a name for it, and all that is said is of profiles that were asked', () => {
  const segment = fc.constantFrom('', 'foo', 'foobar', 'FOO', 'foo/', 'foo/bar', 'bar/', 'e')
  const path = fc
    .tuple(segment, fc.constantFrom('Prefix', 'Exact', 'ImplementationSpecific'), fc.constantFrom('a', 'b', 'two', 'empty', 'gone', '-'))
    .map(([text, type, service]) => `/${text} ${type} ${service}`)
  const hosts = fc.dictionary(fc.constantFrom('a.h.test', '*.h.test', 'h.test'), fc.uniqueArray(path, { minLength: 1, maxLength: 4 }), {
    minKeys: 1,
  })
  const more = fc.record(
    {
      annotations: fc.constantFrom(
        {},
        nginx({ 'use-regex': 'true' }).annotations,
        nginx({ 'rewrite-target': '/z' }).annotations,
        nginx({ 'server-alias': 'b.h.test' }).annotations,
        nginx({ 'app-root': '/foo' }).annotations,
        traefik({ tls: 'true' }).annotations,
        traefik({ priority: '3' }).annotations,
        traefik({ pathmatcher: 'Path' }).annotations,
      ),
      tls: fc.constantFrom(['a.h.test'], ['*.h.test']),
      fallback: fc.constantFrom('c', 'empty'),
    },
    { requiredKeys: [] },
  )
  const url = fc
    .tuple(
      fc.constantFrom('http', 'https'),
      fc.constantFrom('a.h.test', 'b.h.test', 'h.test', 'x.test'),
      fc.constantFrom('/', '/foo', '/foo/', '/foobar', '/FOO', '/foo/bar', '/bar', '/bar/', '//foo', '/foo/../bar', '/e', '/e/x'),
    )
    .map(([scheme, host, rest]) => `${scheme}://${host}${rest}`)
  fc.assert(
    fc.property(hosts, more, hosts, more, url, (one, oneMore, two, twoMore, asked) => {
      const found = compared([ingress('i', one, oneMore), ingress('j', two, twoMore)], asked, ALL)
      const main = found.differences.filter((difference) => !isDetail(difference))
      if (!found.same) expect(main.length, JSON.stringify(answers(found))).toBeGreaterThan(0)
      expect(main.filter(({ code }) => code === 'other')).toEqual([])
      for (const { profiles, others } of found.differences.filter(({ code }) => code !== 'headers'))
        expect([...profiles, ...others].sort()).toEqual([...ALL].sort())
    }),
    { seed: 7, numRuns: 150 },
  )
})
