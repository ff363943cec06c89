import { type ApiObject, type Cluster, find, list } from '../api/cluster.ts'
import type { Finding } from '../api/finding.ts'
import { type BackendRef, GATEWAY_GROUP, type Gateway, type GatewayClass, type HttpFilter, type ParentRef } from '../api/kinds/gateway.ts'
import { didYouMean, nearest } from '../api/meaning/nearest.ts'
import { type FieldPath, keyOf } from '../api/meta.ts'
import { type Attachment, attachments, isAccepted, kindsOf, type Route } from '../l7/gateway/attach.ts'
import { permitted, resolveRef } from '../l7/gateway/references.ts'

type Said = { readonly message: string; readonly params?: Finding['params']; readonly meant?: string | undefined }

/** Gateways and routes that lead nowhere: all of it is accepted by the API server, and shows in a status at most. */
export function gatewayFindings(cluster: Cluster): readonly Finding[] {
  const gateways = list(cluster, 'Gateway') as readonly Gateway[]
  const routes = (['HTTPRoute', 'GRPCRoute'] as const).flatMap((kind) => list(cluster, kind) as readonly Route[])
  const attached = new Map<string, Attachment>()
  for (const gateway of gateways)
    for (const one of attachments(cluster, gateway))
      attached.set(`${keyOf(one.route)} ${one.route.spec.parentRefs?.indexOf(one.parentRef)}`, one)
  return [
    ...(list(cluster, 'GatewayClass') as readonly GatewayClass[]).flatMap(classFindings),
    ...gateways.flatMap((gateway) => gatewayFindingsOf(cluster, gateway)),
    ...routes.flatMap((route) => [
      ...(route.spec.parentRefs ?? []).flatMap((ref, i) => parentFindings(cluster, route, ref, i, attached.get(`${keyOf(route)} ${i}`))),
      ...backendFindings(cluster, route),
    ]),
  ]
}

function finding(code: string, severity: Finding['severity'], object: object, path: FieldPath, { message, params, meant }: Said): Finding {
  const fix = meant === undefined ? {} : { fix: { title: meant, value: meant } }
  return { code, severity, message, object: keyOf(object as ApiObject), path, ...(params ? { params } : {}), ...fix }
}

function classFindings(gatewayClass: GatewayClass): readonly Finding[] {
  if (isAccepted(gatewayClass)) return []
  const { name } = gatewayClass.metadata
  const message = `the status of GatewayClass "${name}" says that no controller has accepted it: nobody serves its Gateways`
  return [finding('GATEWAY_CLASS_NOT_ACCEPTED', 'warning', gatewayClass, ['status', 'conditions'], { message, params: { name } })]
}

function gatewayFindingsOf(cluster: Cluster, gateway: Gateway): readonly Finding[] {
  const name = gateway.spec.gatewayClassName
  const known = find(cluster, 'GatewayClass', '', name)
  const names = list(cluster, 'GatewayClass').map(({ metadata }) => metadata.name)
  const missing = known
    ? []
    : [
        finding('GATEWAY_CLASS_NOT_FOUND', 'warning', gateway, ['spec', 'gatewayClassName'], {
          message: `there is no GatewayClass "${name}"${didYouMean(name, names)}: nobody serves this Gateway`,
          params: { name },
          meant: nearest(name, names),
        }),
      ]
  return [...missing, ...gateway.spec.listeners.flatMap((_, i) => listenerFindings(cluster, gateway, i))]
}

function listenerFindings(cluster: Cluster, gateway: Gateway, at: number): readonly Finding[] {
  const listener = gateway.spec.listeners[at]!
  const path: FieldPath = ['spec', 'listeners', at]
  const { listeners } = gateway.spec
  const findings: Finding[] = []
  const rival = listeners.find(
    (other, i) =>
      i < at &&
      other.port === listener.port &&
      (other.protocol !== listener.protocol || (other.hostname ?? '').toLowerCase() === (listener.hostname ?? '').toLowerCase()),
  )
  if (rival) {
    const what = rival.protocol === listener.protocol ? 'the same port, protocol and hostname' : 'another protocol on the same port'
    const message = `listener "${rival.name}" has ${what}: the two are in conflict`
    findings.push(finding('LISTENER_CONFLICT', 'warning', gateway, [...path, 'port'], { message, params: { name: rival.name } }))
  }
  if (kindsOf(listener).invalid) {
    const message = `a listener of protocol ${listener.protocol} takes only ${kindsOf({ ...listener, allowedRoutes: {} }).kinds.join(', ') || 'no kind of route known here'}`
    const params = { protocol: listener.protocol }
    findings.push(finding('LISTENER_KIND_INVALID', 'warning', gateway, [...path, 'allowedRoutes', 'kinds'], { message, params }))
  }
  if (['TLS', 'TCP', 'UDP'].includes(listener.protocol)) {
    const message = `listeners of protocol ${listener.protocol} are accepted, but not modelled`
    findings.push(finding('NOT_MODELLED', 'info', gateway, [...path, 'protocol'], { message, params: { field: listener.protocol } }))
  }
  return [...findings, ...certificateFindings(cluster, gateway, at)]
}

function certificateFindings(cluster: Cluster, gateway: Gateway, at: number): readonly Finding[] {
  const own = gateway.metadata.namespace ?? ''
  const refs = gateway.spec.listeners[at]?.tls?.certificateRefs ?? []
  return refs.flatMap((ref, i): readonly Finding[] => {
    if ((ref.group ?? '') !== '' || (ref.kind ?? 'Secret') !== 'Secret') return []
    const path: FieldPath = ['spec', 'listeners', at, 'tls', 'certificateRefs', i]
    const namespace = ref.namespace ?? own
    const to = { group: '', kind: 'Secret', namespace, name: ref.name }
    if (!permitted(cluster, { from: { kind: 'Gateway', namespace: own }, to }))
      return [notGranted(gateway, [...path, 'namespace'], 'Gateway', own, to)]
    if (find(cluster, 'Secret', namespace, ref.name)) return []
    const message = `there is no Secret "${ref.name}" in namespace ${namespace}: the listener has no certificate to show`
    return [finding('GATEWAY_SECRET_NOT_FOUND', 'warning', gateway, [...path, 'name'], { message, params: { name: ref.name, namespace } })]
  })
}

type Target = { readonly kind: string; readonly namespace: string; readonly name: string }

function notGranted(object: object, path: FieldPath, kind: string, from: string, to: Target): Finding {
  const message = `no ReferenceGrant in namespace ${to.namespace} lets a ${kind} of namespace ${from} refer to ${to.kind} "${to.name}"`
  return finding('REFERENCE_NOT_GRANTED', 'warning', object, path, {
    message,
    params: { kind, from, namespace: to.namespace, name: to.name },
  })
}

function parentFindings(
  cluster: Cluster,
  route: Route,
  ref: ParentRef,
  at: number,
  attachment: Attachment | undefined,
): readonly Finding[] {
  const path: FieldPath = ['spec', 'parentRefs', at]
  if ((ref.group ?? GATEWAY_GROUP) !== GATEWAY_GROUP || (ref.kind ?? 'Gateway') !== 'Gateway') {
    const message = `a parent of kind ${ref.kind ?? 'Gateway'} is accepted, but not modelled: the route changes nothing there`
    return [finding('NOT_MODELLED', 'info', route, [...path, 'kind'], { message, params: { field: String(ref.kind) } })]
  }
  if (!attachment) return [noGateway(cluster, route, ref, path)]
  const { accepted } = attachment
  if (accepted.status === 'True') return []
  const params = { name: ref.name }
  switch (accepted.reason) {
    case 'NoMatchingParent': {
      const names = attachment.gateway.spec.listeners.map(({ name }) => name)
      const meant = ref.sectionName !== undefined && !names.includes(ref.sectionName) ? nearest(ref.sectionName, names) : undefined
      const wanted = [
        ...(ref.sectionName === undefined ? [] : [`named "${ref.sectionName}"`]),
        ...(ref.port === undefined ? [] : [`on port ${ref.port}`]),
      ].join(' ')
      const message = `Gateway "${ref.name}" has no listener ${wanted}${meant ? `; did you mean "${meant}"?` : ''}`
      const place = ref.sectionName !== undefined && !names.includes(ref.sectionName) ? 'sectionName' : 'port'
      return [finding('ROUTE_LISTENER_NOT_FOUND', 'warning', route, [...path, place], { message, params: { ...params, wanted }, meant })]
    }
    case 'NotAllowedByListeners': {
      const namespace = route.metadata.namespace ?? ''
      const message = `no listener of Gateway "${ref.name}" allows a ${route.kind} from namespace ${namespace} (allowedRoutes; without it, only the Gateway's own namespace)`
      return [
        finding('ROUTE_NOT_ALLOWED', 'warning', route, [...path, 'name'], { message, params: { ...params, kind: route.kind, namespace } }),
      ]
    }
    case 'NoMatchingListenerHostname': {
      const message = `no hostname of this route is one that a listener of Gateway "${ref.name}" takes: ${hostnamesOf(attachment)}`
      return [finding('ROUTE_HOSTNAME_NO_MATCH', 'warning', route, ['spec', 'hostnames'], { message, params })]
    }
    default:
      return [finding('ROUTE_CONFLICT', 'warning', route, ['spec', 'hostnames'], { message: accepted.message, params })]
  }
}

function hostnamesOf({ gateway, parentRef }: Attachment): string {
  const named = gateway.spec.listeners.filter(({ name }) => parentRef.sectionName === undefined || name === parentRef.sectionName)
  return named.map(({ hostname }) => hostname ?? '*').join(', ')
}

function noGateway(cluster: Cluster, route: Route, ref: ParentRef, path: FieldPath): Finding {
  const namespace = ref.namespace ?? route.metadata.namespace ?? ''
  const all = list(cluster, 'Gateway').map(({ metadata }) => metadata)
  const meant = nearest(
    ref.name,
    all.filter((one) => one.namespace === namespace).map(({ name }) => name),
  )
  const elsewhere = all.filter(({ name }) => name === ref.name).map((one) => one.namespace ?? '')
  const hint = elsewhere.length > 0 ? `; there is one in namespace ${elsewhere.join(', ')}` : meant ? `; did you mean "${meant}"?` : ''
  const message = `there is no Gateway "${ref.name}" in namespace ${namespace}${hint}`
  const params = { name: ref.name, namespace }
  const fix = elsewhere.length > 0 ? undefined : meant
  return finding('ROUTE_PARENT_NOT_FOUND', 'warning', route, [...path, 'name'], { message, params, meant: fix })
}

function backendFindings(cluster: Cluster, route: Route): readonly Finding[] {
  return (route.spec.rules ?? []).flatMap((rule, r) => {
    const path: FieldPath = ['spec', 'rules', r]
    const filters: readonly HttpFilter[] = rule.filters ?? []
    return [
      ...(rule.backendRefs ?? []).flatMap((ref, b) => refFindings(cluster, route, ref, [...path, 'backendRefs', b])),
      ...filters.flatMap((filter, f) => {
        const at: FieldPath = [...path, 'filters', f]
        if (filter.requestMirror)
          return refFindings(cluster, route, filter.requestMirror.backendRef, [...at, 'requestMirror', 'backendRef'])
        if (filter.type !== 'ExtensionRef') return []
        const message = 'a filter of type ExtensionRef is accepted, but not modelled: it changes nothing here'
        return [finding('NOT_MODELLED', 'info', route, [...at, 'type'], { message, params: { field: 'ExtensionRef' } })]
      }),
    ]
  })
}

function refFindings(cluster: Cluster, route: Route, ref: BackendRef, path: FieldPath): readonly Finding[] {
  const own = route.metadata.namespace ?? ''
  const resolved = resolveRef(cluster, { kind: route.kind, namespace: own }, ref)
  if (!('reason' in resolved)) return []
  const namespace = ref.namespace ?? own
  const to = { kind: ref.kind ?? 'Service', namespace, name: ref.name }
  if (resolved.reason === 'RefNotPermitted') return [notGranted(route, [...path, 'namespace'], route.kind, own, to)]
  if (resolved.reason !== 'BackendNotFound') {
    const message = `a backend of kind ${to.kind} is no Service: its share of requests gets 500`
    return [finding('ROUTE_BACKEND_KIND', 'warning', route, [...path, 'kind'], { message, params: { kind: to.kind } })]
  }
  const service = find(cluster, 'Service', namespace, ref.name)
  if (!service) {
    const names = list(cluster, 'Service').flatMap(({ metadata }) => (metadata.namespace === namespace ? [metadata.name] : []))
    const message = `there is no Service "${ref.name}" in namespace ${namespace}${didYouMean(ref.name, names)}: its share of requests gets 500`
    const params = { service: ref.name, namespace }
    return [finding('ROUTE_SERVICE_NOT_FOUND', 'warning', route, [...path, 'name'], { message, params, meant: nearest(ref.name, names) })]
  }
  const ports = (service.spec.ports ?? []).map(({ port }) => String(port))
  const [only] = ports.length === 1 ? ports : []
  const message =
    ref.port === undefined
      ? `a Service as backend needs a port; Service "${ref.name}" has ${ports.join(', ') || 'none'}`
      : `Service "${ref.name}" has no port ${ref.port}; it has ${ports.join(', ') || 'none'}: its share of requests gets 500`
  const place: FieldPath = ref.port === undefined ? path : [...path, 'port']
  const params = { service: ref.name, port: ref.port ?? '' }
  return [finding('ROUTE_PORT_NOT_FOUND', 'warning', route, place, { message, params, meant: ref.port === undefined ? undefined : only })]
}
