import type { Ingress, IngressBackend } from '../../api/kinds/ingress.ts'
import { keyOf } from '../../api/meta.ts'
import type { RouteOrigin } from '../routes.ts'

/**
 * ingress-nginx' own model of its Ingresses, as its controller makes it before nginx.conf is written: upstreams by Service and port,
 * servers by host, locations in file order (internal/ingress/controller: createUpstreams, createServers, getBackendServers,
 * mergeAlternativeBackends; location.go).
 */
export type NginxModel = {
  /** By host; `_` is the catch-all. */
  readonly servers: ReadonlyMap<string, NginxServer>
  /** Hosts that only redirect to their sibling with or without `www.`, and that sibling. */
  readonly www: ReadonlyMap<string, string>
}

/** A Service and port that some Ingress names: the first to do so decides how it is balanced. */
export type Upstream = {
  readonly name: string
  readonly ingress: Ingress
  readonly backend: IngressBackend
  readonly origin: RouteOrigin
  /** Made by a canary Ingress: no location leads to it. */
  readonly canary: boolean
  /** Canaries that take a share of whatever comes to this upstream, on every host and path; only the first ever does. */
  readonly alternatives: Upstream[]
  /** Its canary found nothing to join, and the upstream was deleted for all. */
  deleted: boolean
}

export type NginxLocation = {
  /** As in the block: a Prefix of plain mode ends in a slash. */
  readonly path: string
  readonly exact: boolean
  /** As the Ingress writes it. */
  readonly ruled: string
  /** Undefined: the controller's own default backend, which says 404. */
  readonly upstream: Upstream | undefined
  /** Whose annotations apply; undefined: nobody's. */
  readonly ingress: Ingress | undefined
  /** The catch-all of an Ingress without rules: its redirects and rewrites are not applied. */
  readonly catchAll: boolean
  /** The root that every server begins with, which no path has replaced. */
  readonly byDefault: boolean
  readonly origin: RouteOrigin
}

export type NginxServer = {
  readonly host: string
  /** In file order. */
  readonly locations: readonly NginxLocation[]
  /** One location with a pattern or a rewrite turns all of them into patterns. */
  readonly regex: boolean
  readonly aliases: readonly string[]
  /** Whether a certificate is stored for this host (the default one, where there is no Secret), and the Secret that should hold it. */
  readonly certified: boolean
  readonly secret?: string
}

/** What the model needs to know of an Ingress's annotations. */
export type NginxAnnotations = {
  readonly text: (ingress: Ingress, name: string) => string | undefined
  readonly on: (ingress: Ingress, name: string) => boolean
  /** Whether a Secret's certificate is for a host. */
  readonly covers: (secret: string, host: string) => boolean
}

type Draft = {
  path: string
  exact: boolean
  upstream: Upstream | undefined
  ingress: Ingress | undefined
  byDefault: boolean
  catchAll: boolean
  origin: RouteOrigin
}
type DraftServer = {
  host: string
  locations: Draft[]
  byPath: Map<string, Draft>
  aliases: readonly string[]
  certified: boolean
  secret?: string
  www: boolean
}
type Path = {
  readonly path: string
  readonly exact: boolean
  readonly backend: IngressBackend
  readonly origin: RouteOrigin
}
type Rule = { readonly host: string; readonly paths: readonly Path[] }
type Read = {
  readonly ingress: Ingress
  readonly rules: readonly Rule[]
  readonly fallback: (IngressBackend & { readonly service: object }) | undefined
  readonly canary: boolean
}

export const CATCH_ALL = '_'
const ROOT = '/'

/** The model of Ingresses in the controller's order: oldest first, and among equals by name descending. */
export function nginxModel(ingresses: readonly Ingress[], annotations: NginxAnnotations): NginxModel {
  const read = ingresses.map((ingress) => readIngress(ingress, annotations))
  const upstreams = upstreamsOf(read)
  const servers = serversOf(read, upstreams, annotations)
  locate(read, upstreams, servers, annotations)
  mergeCanaries(read, upstreams, servers)
  return {
    servers: new Map([...servers].map(([host, server]) => [host, finished(server, annotations)])),
    www: wwwOf(servers),
  }
}

function readIngress(ingress: Ingress, { on }: NginxAnnotations): Read {
  const object = keyOf(ingress)
  const { defaultBackend } = ingress.spec
  return {
    ingress,
    canary: on(ingress, 'canary'),
    fallback: defaultBackend?.service ? { ...defaultBackend, service: defaultBackend.service } : undefined,
    rules: (ingress.spec.rules ?? []).map((rule, r) => ({
      host: rule.host?.toLowerCase() || CATCH_ALL,
      paths: (rule.http?.paths ?? []).map(({ path, pathType, backend }, p) => ({
        path: path || ROOT,
        // ImplementationSpecific is taken for Prefix when the object is stored (SetDefaultNGINXPathType).
        exact: pathType === 'Exact',
        backend,
        origin: { object, path: ['spec', 'rules', r, 'http', 'paths', p] },
      })),
    })),
  }
}

const upstreamName = (ingress: Ingress, { service }: IngressBackend) =>
  `${ingress.metadata.namespace}-${service?.name}-${service?.port?.name || (service?.port?.number ?? '')}`

const defaultOrigin = (ingress: Ingress): RouteOrigin => ({ object: keyOf(ingress), path: ['spec', 'defaultBackend'] })

function upstreamsOf(read: readonly Read[]): Map<string, Upstream> {
  const upstreams = new Map<string, Upstream>()
  for (const { ingress, rules, fallback, canary } of read) {
    const put = (backend: IngressBackend, origin: RouteOrigin) => {
      const name = upstreamName(ingress, backend)
      upstreams.set(name, { name, ingress, backend, origin, canary, alternatives: [], deleted: false })
    }
    // A default backend makes its upstream anew, whoever made it before.
    if (fallback) put(fallback, defaultOrigin(ingress))
    for (const { paths } of rules)
      for (const { backend, origin } of paths) if (backend.service && !upstreams.has(upstreamName(ingress, backend))) put(backend, origin)
  }
  return upstreams
}

function serversOf(
  read: readonly Read[],
  upstreams: ReadonlyMap<string, Upstream>,
  annotations: NginxAnnotations,
): Map<string, DraftServer> {
  const servers = new Map<string, DraftServer>()
  const root = addServer(servers, CATCH_ALL, {
    path: ROOT,
    exact: false,
    upstream: undefined,
    ingress: undefined,
    byDefault: true,
    catchAll: false,
    origin: { object: 'IngressClass//nginx', path: [] },
  })
  const mains = read.filter(({ canary }) => !canary)
  for (const { ingress, rules, fallback } of mains) {
    const upstream = fallback && upstreams.get(upstreamName(ingress, fallback))
    if (upstream && rules.length === 0 && root.byDefault)
      Object.assign(root, { byDefault: false, upstream, ingress, catchAll: true, origin: defaultOrigin(ingress) })
    for (const { host } of rules) {
      if (servers.has(host)) continue
      const origin = defaultOrigin(ingress)
      addServer(servers, host, { path: ROOT, exact: false, byDefault: true, catchAll: false, upstream, ingress, origin })
    }
  }
  for (const { ingress, rules } of mains) for (const { host } of rules) configure(servers.get(host)!, ingress, annotations)
  for (const server of servers.values())
    server.aliases = [...new Set(server.aliases)].filter((alias) => alias !== server.host && !servers.has(alias))
  return servers
}

function addServer(servers: Map<string, DraftServer>, host: string, root: Draft): Draft {
  const certified = host === CATCH_ALL
  servers.set(host, { host, locations: [root], byPath: new Map([[ROOT, root]]), aliases: [], certified, www: false })
  return root
}

/** Aliases and certificate come from the oldest Ingress of the host that has any. */
function configure(server: DraftServer, ingress: Ingress, { text, covers }: NginxAnnotations): void {
  if (server.aliases.length === 0) {
    const names = text(ingress, 'server-alias')?.split(',') ?? []
    server.aliases = names.map((name) => name.trim().toLowerCase()).filter((name) => name !== '')
  }
  const tls = ingress.spec.tls ?? []
  if (server.certified || tls.length === 0) return
  // Any tls entry will do: a host that none lists gets the default certificate, and counts as one that has a certificate.
  server.certified = true
  const keyed = (name: string) => `Secret/${ingress.metadata.namespace}/${name}`
  const listed = tls.find(({ hosts = [] }) => hosts.some((host) => host.toLowerCase() === server.host))
  const secret = listed ? listed.secretName : tls.find(({ secretName }) => secretName && covers(keyed(secretName), server.host))?.secretName
  if (secret) server.secret = keyed(secret)
}

function locate(
  read: readonly Read[],
  upstreams: ReadonlyMap<string, Upstream>,
  servers: ReadonlyMap<string, DraftServer>,
  { on }: NginxAnnotations,
): void {
  for (const { ingress, rules } of read) {
    for (const { host, paths } of rules) {
      const server = servers.get(host) ?? servers.get(CATCH_ALL)!
      for (const { path, exact, backend, origin } of paths) {
        const upstream = backend.service && upstreams.get(upstreamName(ingress, backend))
        // A resource has no location: a broader one takes its requests.
        if (!upstream || upstream.canary) continue
        // The scan for a duplicate ends at the first location with this path, whatever its type.
        const known = server.byPath.get(path)
        if (known && known.exact === exact) {
          if (!known.byDefault) continue
          Object.assign(known, { byDefault: false, upstream, ingress, origin })
        } else {
          const draft: Draft = { path, exact, upstream, ingress, byDefault: false, catchAll: false, origin }
          server.locations.push(draft)
          if (!known) server.byPath.set(path, draft)
        }
        server.www ||= on(ingress, 'from-to-www-redirect')
      }
    }
  }
}

/** Canaries join the upstreams, not the locations, that they find at their own host, path and type. */
function mergeCanaries(read: readonly Read[], upstreams: ReadonlyMap<string, Upstream>, servers: ReadonlyMap<string, DraftServer>): void {
  if (read.every(({ canary }) => canary)) return
  for (const { ingress, rules, fallback } of read.filter(({ canary }) => canary)) {
    const merge = (backend: IngressBackend, host: string, at: (location: Draft) => boolean) => {
      const own = backend.service && upstreams.get(upstreamName(ingress, backend))
      const server = servers.get(host)
      if (!own || own.deleted || !server) return
      let merged = false
      for (const location of server.locations) {
        const main = location.upstream
        if (main === own) return
        if (!main || main.deleted || main.canary || !at(location)) continue
        merged = true
        if (!main.alternatives.includes(own)) main.alternatives.push(own)
      }
      own.deleted = !merged
    }
    if (fallback) merge(fallback, CATCH_ALL, () => true)
    for (const { host, paths } of rules)
      for (const { backend, path, exact } of paths) merge(backend, host, (location) => location.path === path && location.exact === exact)
  }
}

function finished(server: DraftServer, annotations: NginxAnnotations): NginxServer {
  const { host, aliases, certified, secret } = server
  // Longest first, and among equals in reverse text order.
  const ordered = [...server.locations].sort((a, b) => b.path.length - a.path.length || (a.path < b.path ? 1 : a.path > b.path ? -1 : 0))
  const exactPaths = new Set<string>()
  for (const { exact, path } of ordered) if (exact) exactPaths.add(path)
  const locations: NginxLocation[] = []
  for (const draft of ordered) addBlocks(locations, draft, exactPaths, annotations)
  // A target equal to the path is none, but may differ from the block's path, which by now ends in a slash.
  const regex = locations.some((location) => isPattern(location, annotations))
  return { host, aliases, certified, ...(secret && { secret }), locations, regex }
}

function isPattern({ ingress, catchAll, path }: Draft | NginxLocation, { text, on }: NginxAnnotations): boolean {
  if (!ingress?.metadata.annotations || catchAll) return false
  const target = text(ingress, 'rewrite-target')
  return on(ingress, 'use-regex') || Boolean(target && target !== path)
}

/** Prefix `/foo` becomes the blocks `/foo/` and `= /foo`; root is one block; Exact is `= /foo` and takes it from a Prefix. */
function addBlocks(blocks: NginxLocation[], draft: Draft, exactPaths: ReadonlySet<string>, annotations: NginxAnnotations): void {
  const { path, exact } = draft
  if (path === ROOT || exact || isPattern(draft, annotations)) {
    blocks.push(blockOf(draft, path, exact))
    return
  }
  blocks.push(blockOf(draft, path.endsWith('/') ? path : `${path}/`, false))
  if (!exactPaths.has(path)) blocks.push(blockOf(draft, path, true))
}

function blockOf({ path: ruled, upstream, ingress, catchAll, byDefault, origin }: Draft, path: string, exact: boolean): NginxLocation {
  return { path, exact, ruled, upstream, ingress, catchAll, byDefault, origin }
}

function wwwOf(servers: ReadonlyMap<string, DraftServer>): Map<string, string> {
  const www = new Map<string, string>()
  for (const { host } of [...servers.values()].filter((server) => server.www)) {
    const other = host.startsWith('www.') ? host.slice(4) : `www.${host}`
    if (!servers.has(other) && !www.has(other)) www.set(other, host)
  }
  return www
}
