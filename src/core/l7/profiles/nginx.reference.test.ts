import { expect, test } from 'vitest'
import { draw } from '../../base/chance.ts'
import { ask, ingress, tableFor } from '../../testing/routing.ts'
import { nginx } from './nginx.ts'

/**
 * ingress-nginx a second time, written straight from its controller's loops over plain lists, and random Ingresses put to both. Services
 * of the cluster: `a`, `b`, `c` with endpoints, `empty` without, `gone` not there; `-` is a resource.
 */
type Path = { readonly path: string; readonly exact: boolean; readonly service: string }
type Given = {
  readonly name: string
  readonly age: number
  readonly hosts: Readonly<Record<string, readonly Path[]>>
  readonly fallback?: string
  readonly canary: boolean
  readonly rewrite?: string
  readonly tls?: readonly string[]
}
type Location = { path: string; exact: boolean; up: string; by: Given | undefined; def: boolean }

const NONE = 'default'
const ends = (service: string) => ['a', 'b', 'c'].includes(service)

function reference(all: readonly Given[]) {
  const given = [...all].sort((x, y) => y.age - x.age || (x.name < y.name ? 1 : -1))
  const mains = given.filter(({ canary }) => !canary)
  const pathsOf = (one: Given) =>
    Object.entries(one.hosts).flatMap(([host, paths]) => paths.map((path) => ({ host: host || '_', ...path })))
  // Who names an upstream first decides whether it is a canary's; a default backend makes it anew.
  const owner = new Map<string, Given>()
  for (const one of given) {
    if (one.fallback) owner.set(one.fallback, one)
    for (const { service } of pathsOf(one)) if (service !== '-' && !owner.has(service)) owner.set(service, one)
  }
  const isCanary = (service: string) => owner.get(service)?.canary === true
  const root = (up: string, by: Given | undefined): Location => ({ path: '/', exact: false, up, by, def: true })
  const servers = new Map<string, Location[]>([['_', [root(NONE, undefined)]]])
  for (const one of mains) {
    const hosts = Object.keys(one.hosts)
    const first = servers.get('_')![0]!
    if (one.fallback && hosts.length === 0 && first.def) Object.assign(first, { up: one.fallback, def: false })
    for (const host of hosts) if (!servers.has(host || '_')) servers.set(host, [root(one.fallback ?? NONE, one)])
  }
  for (const one of given)
    for (const { host, path, exact, service } of pathsOf(one)) {
      if (service === '-' || isCanary(service)) continue
      const locations = servers.get(host) ?? servers.get('_')!
      const known = locations.find((location) => location.path === path)
      if (known && known.exact === exact) {
        if (known.def) Object.assign(known, { up: service, by: one, def: false })
      } else locations.push({ path, exact, up: service, by: one, def: false })
    }
  const canaries = new Map<string, string[]>()
  const deleted = new Set<string>()
  if (mains.length > 0)
    for (const one of given.filter(({ canary }) => canary))
      for (const { host, path, exact, service } of [
        ...(one.fallback ? [{ host: '_', path: undefined, exact: false, service: one.fallback }] : []),
        ...pathsOf(one),
      ]) {
        if (service === '-' || deleted.has(service) || !servers.has(host)) continue
        const locations = servers.get(host)!
        const stop = locations.findIndex(({ up }) => up === service)
        const joined = (stop < 0 ? locations : locations.slice(0, stop)).filter(
          ({ up, ...location }) =>
            up !== NONE &&
            !deleted.has(up) &&
            !isCanary(up) &&
            (path === undefined || (location.path === path && location.exact === exact)),
        )
        for (const { up } of joined) canaries.set(up, [...(canaries.get(up) ?? []), service])
        if (stop < 0 && joined.length === 0) deleted.add(service)
      }
  const certified = (host: string) => mains.some((one) => host in one.hosts && one.tls !== undefined)
  return { servers, canaries, deleted, certified, isCanary }
}

function answer({ servers, canaries, deleted, certified, isCanary }: ReturnType<typeof reference>, host: string, path: string): string {
  const wildcard = host.replace(/^[^.]+/, '*')
  const name = servers.has(host) ? host : servers.has(wildcard) ? wildcard : '_'
  const longest = [...servers.get(name)!].sort((x, y) => y.path.length - x.path.length || (x.path < y.path ? 1 : x.path > y.path ? -1 : 0))
  const exacts = new Set(longest.filter(({ exact }) => exact).map((one) => one.path))
  const rewrites = ({ by, path: own }: Location) => by?.rewrite !== undefined && by.rewrite !== own
  const blocks = longest.flatMap((one): Location[] => {
    if (one.path === '/' || one.exact || rewrites(one)) return [one]
    const block = { ...one, path: one.path.replace(/\/?$/, '/') }
    return exacts.has(one.path) ? [block] : [block, { ...one, exact: true }]
  })
  const exact = blocks.find((one) => one.exact && one.path === path)
  const regex = blocks.some(rewrites)
  if (!regex && !exact && blocks.some((one) => one.path === `${path}/`)) return `301 http://${host}${path}/`
  const block = regex
    ? blocks.find((one) => new RegExp(`^${one.path}`, 'i').test(path))
    : (exact ?? blocks.filter((one) => !one.exact && path.startsWith(one.path)).sort((x, y) => y.path.length - x.path.length)[0])
  const secure = name !== '_' && (certified(name) || certified(name.replace(/^[^.]+/, '*')))
  if (block?.by && secure) return `308 https://${host}${path.replace(/\/$/, '')}`
  if (!block || block.up === NONE) return '404'
  if (!ends(block.up) || deleted.has(block.up)) return '503'
  const canary = canaries.get(block.up)?.[0]
  return canary !== undefined && isCanary(canary) && !deleted.has(canary) && ends(canary) ? canary : block.up
}

const HOSTS = ['a.test', 'b.test', '*.test', '']
const PATHS = ['/', '/foo', '/foo/bar', '/foobar', '/x', '/x/']
const ASKED = ['/', '/foo', '/foo/', '/foo/bar', '/foo/bar/z', '/foobar', '/FOO', '/x', '/x/', '/nothing']

function someIngress(at: (key: string) => number, name: string): Given {
  const one = <T>(of: readonly T[], key: string): T => of[Math.floor(at(key) * of.length)]!
  const service = (key: string) => one(['a', 'a', 'b', 'b', 'c', 'c', 'empty', 'gone'], key)
  const count = at('rules') < 0.15 ? 0 : 1 + Math.floor(at('more') * 2)
  const hosts: Record<string, Path[]> = {}
  for (let r = 0; r < count; r++)
    hosts[one(HOSTS, `host${r}`)] = Array.from({ length: 1 + Math.floor(at(`paths${r}`) * 3) }, (_, p) => ({
      path: one(PATHS, `path${r}${p}`),
      exact: at(`exact${r}${p}`) < 0.3,
      service: at(`resource${r}${p}`) < 0.08 ? '-' : service(`service${r}${p}`),
    }))
  return {
    name,
    age: Math.floor(at('age') * 3),
    hosts,
    canary: at('canary') < 0.25,
    ...(count === 0 || at('fallback') < 0.2 ? { fallback: service('fallbacks') } : {}),
    ...(at('rewrite') < 0.15 ? { rewrite: one(['/', '/foo', '/new'], 'target') } : {}),
    ...(count > 0 && at('tls') < 0.15 ? { tls: ['any.org'] } : {}),
  }
}

function objectOf({ name, age, hosts, fallback, canary, rewrite, tls }: Given) {
  const prefix = 'nginx.ingress.kubernetes.io/'
  const written = Object.entries(hosts).map(
    ([host, paths]) => [host, paths.map(({ path, exact, service }) => `${path} ${exact ? 'Exact' : 'Prefix'} ${service}`)] as const,
  )
  const annotations = {
    ...(canary ? { [`${prefix}canary`]: 'true', [`${prefix}canary-weight`]: '100' } : {}),
    ...(rewrite === undefined ? {} : { [`${prefix}rewrite-target`]: rewrite }),
  }
  const object = ingress(name, Object.fromEntries(written), { annotations, ...(fallback && { fallback }), ...(tls && { tls }) })
  return { ...object, metadata: { ...object.metadata, creationTimestamp: `2026-01-01T00:00:0${9 - age}Z` } }
}

test('random Ingresses go the way that the controller reads them', () => {
  for (let seed = 0; seed < 1500; seed++) {
    const given = ['m', 'z', 'b', 'a']
      .slice(0, 1 + Math.floor(draw(seed, 'count') * 4))
      .map((name) => someIngress((key) => draw(seed, name, key), name))
    const model = reference(given)
    const table = tableFor(nginx, given.map(objectOf))
    for (const host of ['a.test', 'c.test', 'o.org'])
      for (const path of ASKED) {
        const wanted = answer(model, host, path)
        const got = ask(table, `http://${host}${path}`)
        if (got !== wanted) expect({ seed, host, path, got, given }).toEqual({ seed, host, path, got: wanted, given })
      }
  }
})
