import type { ApiObject, Cluster } from '../api/cluster.ts'
import { find } from '../api/cluster.ts'
import { type BackendRef, GATEWAY_GROUP, type Gateway, type HttpMatch, type HttpRoute, type Listener } from '../api/kinds/gateway.ts'
import { CLASS_ANNOTATION, type Ingress, type IngressBackend, type IngressClass } from '../api/kinds/ingress.ts'
import { profileOf } from './profiles/index.ts'
import { nginx } from './profiles/nginx.ts'

/** Where the converted objects mean something else than the Ingress did: a stable code and what it is about. */
export type ConversionNote = {
  readonly code:
    | 'wildcard-labels'
    | 'implementation-specific'
    | 'annotation-dropped'
    | 'ssl-redirect'
    | 'regex-mode'
    | 'default-backend'
    | 'resource-backend'
    | 'named-port-missing'
    | 'no-address'
  readonly params: Readonly<Record<string, string>>
}

export type Conversion = { readonly objects: readonly ApiObject[]; readonly notes: readonly ConversionNote[] }

const API = `${GATEWAY_GROUP}/v1`
type Rule = NonNullable<HttpRoute['spec']['rules']>[number]

/** A host as part of an object name, as ingress2gateway writes it. */
export function nameFromHost(host: string): string {
  if (host === '' || host === '*') return 'all-hosts'
  return host.replace(/[^a-zA-Z0-9]+/g, '-').replace(/^[^a-zA-Z0-9]+/, '')
}

/**
 * The Gateway and HTTPRoutes that stand for these Ingresses, as ingress2gateway would write them: one Gateway a namespace and class with a
 * listener for every host, one HTTPRoute a host. What would mean something else is said in the notes, never silently changed.
 */
export function ingressToGateway(cluster: Cluster, ingresses: readonly Ingress[]): Conversion {
  const notes: ConversionNote[] = []
  const gateways = new Map<string, { readonly gateway: Gateway; readonly listeners: Listener[] }>()
  const routes: HttpRoute[] = []
  const groups = groupsOf(ingresses)
  for (const group of groups) {
    const { namespace, className, host, members } = group
    const label = labelOf(group, groups)
    const key = `${namespace}/${className}`
    if (!gateways.has(key)) gateways.set(key, { gateway: gatewayOf(namespace, className), listeners: [] })
    addListeners(gateways.get(key)!.listeners, label, host, members)
    if (host.startsWith('*.')) notes.push({ code: 'wildcard-labels', params: { host } })
    const route = routeOf(cluster, group, label, notes)
    if (route) routes.push(route)
  }
  for (const ingress of ingresses) annotationNotes(cluster, ingress, notes)
  const made = [...gateways.values()].map(({ gateway, listeners }) => ({ ...gateway, spec: { ...gateway.spec, listeners } }))
  for (const gateway of made) notes.push({ code: 'no-address', params: { gateway: gateway.metadata.name } })
  return { objects: [...made, ...routes], notes }
}

type Member = { readonly ingress: Ingress; readonly rule?: NonNullable<Ingress['spec']['rules']>[number] }
type Group = { readonly namespace: string; readonly className: string; readonly host: string; readonly members: Member[] }

const classOf = (ingress: Ingress) => ingress.spec.ingressClassName ?? ingress.metadata.annotations?.[CLASS_ANNOTATION] ?? 'default'

function groupsOf(ingresses: readonly Ingress[]): readonly Group[] {
  const groups = new Map<string, Group>()
  for (const ingress of ingresses) {
    const namespace = ingress.metadata.namespace ?? ''
    const className = classOf(ingress)
    const members: Member[] = [
      ...(ingress.spec.rules ?? []).map((rule) => ({ ingress, rule })),
      ...(ingress.spec.defaultBackend ? [{ ingress }] : []),
    ]
    for (const member of members) {
      const host = member.rule ? (member.rule.host ?? '') : '(default)'
      const key = [namespace, className, host].join('/')
      if (!groups.has(key)) groups.set(key, { namespace, className, host, members: [] })
      groups.get(key)!.members.push(member)
    }
  }
  return [...groups.values()]
}

/** A host's part of names. `*.foo.com` loses its star: where `foo.com` is there too, one object would take the other's place. */
function labelOf({ namespace, className, host }: Group, groups: readonly Group[]): string {
  if (host === '(default)' || host === '') return 'all-hosts'
  const isTwin = (other: Group) => other.namespace === namespace && other.className === className && `*.${other.host}` === host
  return groups.some(isTwin) ? `${nameFromHost(host)}-wildcard` : nameFromHost(host)
}

function gatewayOf(namespace: string, className: string): Gateway {
  return {
    apiVersion: API,
    kind: 'Gateway',
    metadata: { name: className, namespace },
    spec: { gatewayClassName: className, listeners: [] },
  }
}

function addListeners(listeners: Listener[], name: string, host: string, members: readonly Member[]): void {
  const hostname = host === '(default)' || host === '' ? {} : { hostname: host }
  const add = (listener: Listener) => {
    if (!listeners.some((other) => other.name === listener.name)) listeners.push(listener)
  }
  add({ name: `${name}-http`, ...hostname, port: 80, protocol: 'HTTP' })
  const secrets = members.flatMap(({ ingress }) =>
    (ingress.spec.tls ?? [])
      .filter((tls) => !tls.hosts?.length || tls.hosts.includes(host))
      .flatMap((tls) => (tls.secretName ? [tls.secretName] : [])),
  )
  if (secrets.length > 0)
    add({
      name: `${name}-https`,
      ...hostname,
      port: 443,
      protocol: 'HTTPS',
      tls: { certificateRefs: [...new Set(secrets)].map((secret) => ({ name: secret })) },
    })
}

function routeOf(cluster: Cluster, group: Group, label: string, notes: ConversionNote[]): HttpRoute | undefined {
  const { namespace, className, host, members } = group
  const first = members.find(({ ingress }) => !isCanary(ingress))?.ingress ?? members[0]!.ingress
  const rules =
    host === '(default)' ? members.flatMap(({ ingress }) => defaultRule(cluster, ingress, notes)) : pathRules(cluster, members, notes)
  if (rules.length === 0) return undefined
  if (host === '(default)') notes.push({ code: 'default-backend', params: { ingress: first.metadata.name } })
  return {
    apiVersion: API,
    kind: 'HTTPRoute',
    metadata: { name: `${first.metadata.name}-${host === '(default)' ? 'default-backend' : label}`, namespace },
    spec: { parentRefs: [{ name: className }], ...(host === '' || host === '(default)' ? {} : { hostnames: [host] }), rules },
  }
}

const isCanary = (ingress: Ingress) => ingress.metadata.annotations?.[`${nginx.annotations.prefix}canary`] === 'true'

function defaultRule(cluster: Cluster, ingress: Ingress, notes: ConversionNote[]): Rule[] {
  const refs = backendRefs(cluster, ingress, ingress.spec.defaultBackend!, undefined, notes)
  return refs ? [{ backendRefs: refs }] : []
}

/** Paths of a host become rules; a canary of the same path shares the rule by weight, or goes before it by header. */
function pathRules(cluster: Cluster, members: readonly Member[], notes: ConversionNote[]): Rule[] {
  const rules = new Map<string, { match: HttpMatch; refs: BackendRef[]; extra: Rule[] }>()
  const ordered = [...members].sort((a, b) => Number(isCanary(a.ingress)) - Number(isCanary(b.ingress)))
  for (const { ingress, rule } of ordered) {
    for (const path of rule?.http?.paths ?? []) {
      const value = path.path || '/'
      if (path.pathType === 'ImplementationSpecific')
        notes.push({ code: 'implementation-specific', params: { ingress: ingress.metadata.name, path: value } })
      const match: HttpMatch = { path: { type: path.pathType === 'Exact' ? 'Exact' : 'PathPrefix', value } }
      const key = `${path.pathType} ${value}`
      const main = rules.get(key)
      const weight = isCanary(ingress) ? Number(ingress.metadata.annotations?.[`${nginx.annotations.prefix}canary-weight`] ?? 0) : undefined
      const refs = backendRefs(cluster, ingress, path.backend, weight, notes)
      if (!refs) continue
      if (!isCanary(ingress)) {
        if (!main) rules.set(key, { match, refs: [...refs], extra: [] })
      } else if (main) addCanary(main, match, refs, ingress, weight ?? 0)
    }
  }
  return [...rules.values()].flatMap(({ match, refs, extra }) => [...extra, { matches: [match], backendRefs: refs }])
}

function addCanary(
  main: { refs: BackendRef[]; extra: Rule[] },
  match: HttpMatch,
  refs: readonly BackendRef[],
  ingress: Ingress,
  weight: number,
): void {
  const header = ingress.metadata.annotations?.[`${nginx.annotations.prefix}canary-by-header`]
  const value = ingress.metadata.annotations?.[`${nginx.annotations.prefix}canary-by-header-value`] ?? 'always'
  const bare = refs.map(({ weight: _, ...ref }) => ref)
  if (header) main.extra.push({ matches: [{ ...match, headers: [{ name: header, value }] }], backendRefs: bare })
  if (weight > 0) main.refs = [...main.refs.map((ref) => ({ ...ref, weight: 100 - weight })), ...refs]
}

/** A backend with the Service's port number: HTTPRoute knows no port names. */
function backendRefs(
  cluster: Cluster,
  ingress: Ingress,
  backend: IngressBackend,
  weight: number | undefined,
  notes: ConversionNote[],
): readonly BackendRef[] | undefined {
  if (!backend.service) {
    notes.push({ code: 'resource-backend', params: { ingress: ingress.metadata.name } })
    return undefined
  }
  const { name, port } = backend.service
  const number =
    port?.number ??
    find(cluster, 'Service', ingress.metadata.namespace ?? '', name)?.spec.ports?.find((one) => one.name === port?.name)?.port
  if (number === undefined) {
    notes.push({ code: 'named-port-missing', params: { service: name, port: port?.name ?? '' } })
    return undefined
  }
  return [{ name, port: number, ...(weight === undefined ? {} : { weight }) }]
}

const CONVERTED = ['canary', 'canary-weight', 'canary-by-header', 'canary-by-header-value']

function annotationNotes(cluster: Cluster, ingress: Ingress, notes: ConversionNote[]): void {
  const controller = (find(cluster, 'IngressClass', '', classOf(ingress)) as IngressClass | undefined)?.spec.controller
  const profile = profileOf(controller ?? '')
  if (!profile) return
  const { prefix } = profile.annotations
  for (const key of Object.keys(ingress.metadata.annotations ?? {}).sort()) {
    if (!key.startsWith(prefix) || (profile === nginx && CONVERTED.includes(key.slice(prefix.length)))) continue
    notes.push({ code: 'annotation-dropped', params: { ingress: ingress.metadata.name, annotation: key } })
  }
  if (profile !== nginx) return
  const own = ingress.metadata.annotations ?? {}
  if (own[`${prefix}use-regex`] === 'true' || own[`${prefix}rewrite-target`])
    notes.push({ code: 'regex-mode', params: { ingress: ingress.metadata.name } })
  if (ingress.spec.tls?.length && own[`${prefix}ssl-redirect`] !== 'false')
    notes.push({ code: 'ssl-redirect', params: { ingress: ingress.metadata.name } })
}
