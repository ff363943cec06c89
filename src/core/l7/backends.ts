import type { ApiObject, Cluster } from '../api/cluster.ts'
import { find, list } from '../api/cluster.ts'
import { type EndpointSlice, SERVICE_NAME_LABEL } from '../api/kinds/endpointslice.ts'
import type { Service, ServicePort } from '../api/kinds/service.ts'
import type { ObjectKey } from '../api/meta.ts'
import { groupBy } from '../base/order.ts'
import type { Action, Backend, BackendEndpoint } from './routes.ts'

const slicesByService = new WeakMap<ReadonlyMap<ObjectKey, ApiObject>, Map<string, EndpointSlice[]>>()
const NONE = new Map<ObjectKey, ApiObject>()

/** The slices that name a Service by their label, in name order; FQDN slices are left out. */
export function slicesOf(cluster: Cluster, namespace: string, service: string): readonly EndpointSlice[] {
  const slices = cluster.byKind.get('EndpointSlice') ?? NONE
  let index = slicesByService.get(slices)
  if (!index) {
    index = groupBy(
      list(cluster, 'EndpointSlice').filter((slice) => slice.addressType !== 'FQDN'),
      (slice) => `${slice.metadata.namespace}/${slice.metadata.labels?.[SERVICE_NAME_LABEL]}`,
    )
    slicesByService.set(slices, index)
  }
  return index.get(`${namespace}/${service}`) ?? []
}

/** How a controller reads Services and slices. */
export type EndpointRules = {
  /** Which of a slice's endpoints it uses: ready ones, or serving ones with the terminating among them kept for sticky sessions only. */
  readonly use: 'ready' | 'serving'
  /** Whether a rule's port may also be the text of a targetPort (ingress-nginx). */
  readonly matchesTargetPort: boolean
  /** Duplicates are told by address and port, or by address alone (Traefik). */
  readonly duplicates: 'address-port' | 'address'
}

/** The Service port that a rule names by number or name; undefined when the Service has none such. */
export function servicePortOf(
  service: Service,
  wanted: { readonly name?: string; readonly number?: number },
  rules: EndpointRules,
): ServicePort | undefined {
  const ports = service.spec.ports ?? []
  const text = wanted.name ?? String(wanted.number ?? '')
  return (
    ports.find((port) => (wanted.name ? port.name === wanted.name : port.port === wanted.number)) ??
    (rules.matchesTargetPort ? ports.find((port) => String(port.targetPort) === text || port.name === text) : undefined)
  )
}

const endpointsByPort = new WeakMap<ReadonlyMap<ObjectKey, ApiObject>, Map<string, readonly BackendEndpoint[]>>()

/** The endpoints behind a Service port as this controller would dial them; found once for all the rules that name it. */
export function endpointsOf(cluster: Cluster, service: Service, port: ServicePort, rules: EndpointRules): readonly BackendEndpoint[] {
  const slices = cluster.byKind.get('EndpointSlice') ?? NONE
  const known = endpointsByPort.get(slices) ?? new Map<string, readonly BackendEndpoint[]>()
  endpointsByPort.set(slices, known)
  const key = `${service.metadata.namespace}/${service.metadata.name} ${port.name ?? ''} ${rules.use} ${rules.duplicates}`
  const endpoints = known.get(key) ?? listEndpoints(cluster, service, port, rules)
  known.set(key, endpoints)
  return endpoints
}

function listEndpoints(cluster: Cluster, service: Service, port: ServicePort, rules: EndpointRules): readonly BackendEndpoint[] {
  const seen = new Set<string>()
  const out: BackendEndpoint[] = []
  for (const slice of slicesOf(cluster, service.metadata.namespace ?? '', service.metadata.name)) {
    const slicePort = slice.ports?.find(
      (candidate) => (candidate.name ?? '') === (port.name ?? '') && (candidate.protocol ?? 'TCP') === 'TCP',
    )
    if (slicePort?.port === undefined) continue
    for (const endpoint of slice.endpoints ?? []) {
      const ready = endpoint.conditions?.ready ?? true
      const serving = endpoint.conditions?.serving ?? ready
      const terminating = endpoint.conditions?.terminating ?? false
      if (!(rules.use === 'ready' ? ready : serving)) continue
      for (const ip of endpoint.addresses) {
        const key = rules.duplicates === 'address' ? ip : `${ip}:${slicePort.port}`
        if (seen.has(key)) continue
        seen.add(key)
        const ref = endpoint.targetRef
        out.push({
          ip,
          port: slicePort.port,
          ...(ref?.kind === 'Pod' ? { pod: `Pod/${ref.namespace ?? ''}/${ref.name}` } : {}),
          ...(rules.use === 'serving' && terminating ? { fenced: true as const } : {}),
        })
      }
    }
  }
  return out
}

/** What each situation of a backend leads to in a profile. */
export type BackendAnswers = {
  readonly missingService: Action
  readonly missingPort: Action
  readonly noEndpoints: Action
  /** An ExternalName backend: dialled by name, or refused. */
  readonly externalName: 'dial' | Action
}

/** A rule's backend, resolved as the profile resolves it. An `Action` in place of a backend is the profile's answer for that situation. */
export function resolveBackend(
  cluster: Cluster,
  namespace: string,
  wanted: { readonly name: string; readonly port?: { readonly name?: string; readonly number?: number } },
  rules: EndpointRules,
  answers: BackendAnswers,
  viaClusterIp = false,
): Backend | Action {
  const service = find(cluster, 'Service', namespace, wanted.name)
  if (!service) return answers.missingService
  const key: ObjectKey = `Service/${namespace}/${wanted.name}`
  if (service.spec.type === 'ExternalName') {
    const number = wanted.port?.number ?? service.spec.ports?.find((port) => port.name === wanted.port?.name)?.port
    if (answers.externalName !== 'dial') return answers.externalName
    return number === undefined ? answers.missingPort : { to: 'address', service: key, host: service.spec.externalName ?? '', port: number }
  }
  const port = servicePortOf(service, wanted.port ?? {}, rules)
  if (!port) return answers.missingPort
  if (viaClusterIp) {
    const clusterIp = service.spec.clusterIP
    return !clusterIp || clusterIp === 'None' ? answers.noEndpoints : { to: 'address', service: key, host: clusterIp, port: port.port }
  }
  return {
    to: 'endpoints',
    service: key,
    port: port.port,
    endpoints: endpointsOf(cluster, service, port, rules),
    none: answers.noEndpoints,
  }
}
