import type { Cluster } from '../../api/cluster.ts'
import { find, list } from '../../api/cluster.ts'
import {
  GATEWAY_GROUP,
  type Gateway,
  type GatewayClass,
  type GrpcRoute,
  type HttpRoute,
  type Listener,
  type ParentRef,
} from '../../api/kinds/gateway.ts'
import { mapSelects } from '../../api/meta.ts'
import { permitted } from './references.ts'

export type Route = HttpRoute | GrpcRoute

/** One condition of a status, without its times. */
export type StatusCondition = {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: string
  readonly message: string
}

/** A route's relation to one parent: where it is attached, under which names, and what its status says. */
export type Attachment = {
  readonly route: Route
  readonly parentRef: ParentRef
  readonly gateway: Gateway
  /** Listeners that accepted it, each with the intersection of names; an empty list of names means every name. */
  readonly listeners: readonly { readonly listener: Listener; readonly hostnames: readonly string[] }[]
  readonly accepted: StatusCondition
}

export type ListenerStatus = {
  readonly name: string
  readonly supportedKinds: readonly { readonly group: string; readonly kind: string }[]
  readonly attachedRoutes: number
  readonly conditions: readonly StatusCondition[]
}

const HTTP_KINDS = ['HTTPRoute', 'GRPCRoute']

/** The route kinds that a listener's protocol can carry. */
function protocolKinds(protocol: string): readonly string[] {
  return protocol === 'HTTP' || protocol === 'HTTPS'
    ? HTTP_KINDS
    : protocol === 'TLS'
      ? ['TLSRoute']
      : protocol === 'TCP'
        ? ['TCPRoute']
        : protocol === 'UDP'
          ? ['UDPRoute']
          : []
}

/** The kinds that a listener really takes: those it names, as far as its protocol can carry them; all of the protocol's when it names none. */
export function kindsOf(listener: Listener): { readonly kinds: readonly string[]; readonly invalid: boolean } {
  const possible = protocolKinds(listener.protocol)
  const named = listener.allowedRoutes?.kinds
  if (!named?.length) return { kinds: possible, invalid: false }
  const kinds = named
    .filter((kind) => (kind.group ?? GATEWAY_GROUP) === GATEWAY_GROUP && possible.includes(kind.kind))
    .map((kind) => kind.kind)
  return { kinds, invalid: kinds.length < named.length }
}

function takesNamespace(cluster: Cluster, gateway: Gateway, listener: Listener, namespace: string): boolean {
  const rule = listener.allowedRoutes?.namespaces
  switch (rule?.from ?? 'Same') {
    case 'All':
      return true
    case 'None':
      return false
    case 'Same':
      return namespace === gateway.metadata.namespace
    case 'Selector': {
      const labels = { 'kubernetes.io/metadata.name': namespace, ...find(cluster, 'Namespace', '', namespace)?.metadata.labels }
      return (
        mapSelects(rule?.selector?.matchLabels ?? {}, labels) &&
        (rule?.selector?.matchExpressions ?? []).every((term) => selects(term, labels))
      )
    }
  }
}

function selects(
  term: { readonly key: string; readonly operator: string; readonly values?: readonly string[] },
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = labels[term.key]
  if (term.operator === 'In') return value !== undefined && (term.values ?? []).includes(value)
  if (term.operator === 'NotIn') return value === undefined || !(term.values ?? []).includes(value)
  if (term.operator === 'Exists') return value !== undefined
  return term.operator === 'DoesNotExist' && value === undefined
}

/** What two hostnames have in common, or undefined; a star stands for one or more labels. */
export function intersect(a: string, b: string): string | undefined {
  if (a === b) return a
  const within = (name: string, wildcard: string) => wildcard.startsWith('*.') && name.endsWith(wildcard.slice(1))
  if (within(a, b)) return a
  return within(b, a) ? b : undefined
}

/** The names under which a route is live on a listener; empty means all, undefined means none in common. */
export function liveNames(listener: Listener, route: Route): readonly string[] | undefined {
  const own = route.spec.hostnames ?? []
  if (!listener.hostname) return own
  if (own.length === 0) return [listener.hostname]
  const common = own.flatMap((name) => intersect(name.toLowerCase(), listener.hostname!.toLowerCase()) ?? [])
  return common.length > 0 ? common : undefined
}

/** Whether a route's parentRef means this Gateway at all. */
function refersTo(ref: ParentRef, route: Route, gateway: Gateway): boolean {
  return (
    (ref.group ?? GATEWAY_GROUP) === GATEWAY_GROUP &&
    (ref.kind ?? 'Gateway') === 'Gateway' &&
    ref.name === gateway.metadata.name &&
    (ref.namespace ?? route.metadata.namespace) === gateway.metadata.namespace
  )
}

function attach(cluster: Cluster, gateway: Gateway, route: Route, parentRef: ParentRef): Attachment {
  const base = { route, parentRef, gateway }
  const refuse = (reason: string, message: string): Attachment => ({
    ...base,
    listeners: [],
    accepted: { type: 'Accepted', status: 'False', reason, message },
  })
  const named = gateway.spec.listeners.filter(
    (listener) =>
      (parentRef.sectionName === undefined || listener.name === parentRef.sectionName) &&
      (parentRef.port === undefined || listener.port === parentRef.port),
  )
  if (named.length === 0) return refuse('NoMatchingParent', 'no listener of the Gateway has this name and port')
  const allowed = named.filter(
    (listener) =>
      kindsOf(listener).kinds.includes(route.kind) && takesNamespace(cluster, gateway, listener, route.metadata.namespace ?? ''),
  )
  if (allowed.length === 0) return refuse('NotAllowedByListeners', 'no listener allows routes of this kind from this namespace')
  const listeners = allowed.flatMap((listener) => {
    const hostnames = liveNames(listener, route)
    return hostnames ? [{ listener, hostnames }] : []
  })
  if (listeners.length === 0) return refuse('NoMatchingListenerHostname', 'no listener has a hostname in common with the route')
  return { ...base, listeners, accepted: { type: 'Accepted', status: 'True', reason: 'Accepted', message: 'the route is attached' } }
}

/** Whether somebody serves a Gateway: its class is there (any controller's name is served), and its status does not say otherwise. */
export function served(cluster: Cluster, gateway: Gateway): boolean {
  const found = find(cluster, 'GatewayClass', '', gateway.spec.gatewayClassName) as GatewayClass | undefined
  return found !== undefined && isAccepted(found)
}

/** A class given with a status in which no controller has accepted it stays so: a status is a fact. */
export function isAccepted({ status }: GatewayClass): boolean {
  return (status?.conditions ?? []).every(({ type, status: is }) => type !== 'Accepted' || is === 'True')
}

const byAge = (a: Route, b: Route) => {
  const key = (route: Route) => `${route.metadata.creationTimestamp ?? ''} ${route.metadata.namespace}/${route.metadata.name}`
  return key(a) < key(b) ? -1 : 1
}

/** Every relation between a Gateway and a route that names it, oldest route first. A younger route of the other HTTP kind under the same name is refused. */
export function attachments(cluster: Cluster, gateway: Gateway): readonly Attachment[] {
  const routes = [...(list(cluster, 'HTTPRoute') as readonly HttpRoute[]), ...(list(cluster, 'GRPCRoute') as readonly GrpcRoute[])].sort(
    byAge,
  )
  const taken = new Map<string, string>()
  return routes.flatMap((route) =>
    (route.spec.parentRefs ?? [])
      .filter((ref) => refersTo(ref, route, gateway))
      .map((ref) => {
        const attachment = attach(cluster, gateway, route, ref)
        const names = attachment.listeners.flatMap(({ listener, hostnames }) =>
          (hostnames.length > 0 ? hostnames : ['*']).map((name) => `${listener.name} ${name}`),
        )
        const rival = names.find((name) => taken.has(name) && taken.get(name) !== route.kind)
        if (rival !== undefined)
          return {
            ...attachment,
            listeners: [],
            accepted: {
              type: 'Accepted',
              status: 'False' as const,
              reason: 'UnsupportedValue',
              message: `an older ${taken.get(rival)} has the name ${rival.split(' ')[1]} on this listener`,
            },
          }
        for (const name of names) if (!taken.has(name)) taken.set(name, route.kind)
        return attachment
      }),
  )
}

/** Why a listener cannot stand beside another of its Gateway. None of those in conflict is served: there is no winner. */
export function conflictOf(gateway: Gateway, listener: Listener): { readonly reason: string; readonly message: string } | undefined {
  const others = gateway.spec.listeners.filter((other) => other !== listener && other.port === listener.port)
  const twin = others.find((other) => (other.hostname ?? '') === (listener.hostname ?? '') && other.protocol === listener.protocol)
  if (twin) return { reason: 'HostnameConflict', message: `${twin.name} has the same port, protocol and hostname` }
  const rival = others.find(({ protocol }) => protocol !== listener.protocol)
  return rival && { reason: 'ProtocolConflict', message: `${rival.name} has another protocol on this port` }
}

/** A listener's certificates, or why they are refused. */
export function certificatesOf(
  cluster: Cluster,
  gateway: Gateway,
  listener: Listener,
): { readonly secrets: readonly string[]; readonly reason?: 'InvalidCertificateRef' | 'RefNotPermitted' } {
  const secrets: string[] = []
  let reason: 'InvalidCertificateRef' | 'RefNotPermitted' | undefined
  for (const ref of listener.tls?.certificateRefs ?? []) {
    const namespace = ref.namespace ?? gateway.metadata.namespace ?? ''
    if ((ref.group ?? '') !== '' || (ref.kind ?? 'Secret') !== 'Secret') reason ??= 'InvalidCertificateRef'
    else if (
      !permitted(cluster, {
        from: { kind: 'Gateway', namespace: gateway.metadata.namespace ?? '' },
        to: { group: '', kind: 'Secret', namespace, name: ref.name },
      })
    )
      reason ??= 'RefNotPermitted'
    else if (!find(cluster, 'Secret', namespace, ref.name)) reason ??= 'InvalidCertificateRef'
    else secrets.push(`Secret/${namespace}/${ref.name}`)
  }
  return { secrets, ...(reason ? { reason } : {}) }
}
