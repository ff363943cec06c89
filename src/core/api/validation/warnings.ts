import type { ApiObject } from '../cluster.ts'
import type { EndpointSlice } from '../kinds/endpointslice.ts'
import type { Ingress } from '../kinds/ingress.ts'
import type { Pod, PodSpec } from '../kinds/pod.ts'
import type { Service } from '../kinds/service.ts'
import type { Deployment } from '../kinds/workload.ts'
import { isHeadless } from '../service/fields.ts'
import { dnsLabel } from './name.ts'

/** What the API server warns of on a write that it accepts (`Warning: …` in kubectl). */
export function warningsOf(object: ApiObject, old: ApiObject | undefined): string[] {
  switch (object.kind) {
    case 'Service':
      return serviceWarnings(object as Service, old as Service | undefined)
    case 'EndpointSlice':
      return (object as EndpointSlice).addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : []
    case 'Endpoints':
      return ['v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice']
    case 'Ingress':
      return ingressWarnings(object as Ingress)
    case 'Pod':
      return [...nameWarnings(object), ...podWarnings((object as Pod).spec, 'spec')]
    case 'Deployment':
    case 'ReplicaSet':
    case 'StatefulSet':
    case 'DaemonSet': {
      const { template } = (object as Deployment).spec
      return [...(object.kind === 'DaemonSet' ? [] : nameWarnings(object)), ...podWarnings(template.spec, 'spec.template.spec')]
    }
    default:
      return []
  }
}

function ingressWarnings(ingress: Ingress): string[] {
  const annotation = 'kubernetes.io/ingress.class'
  if (ingress.metadata.annotations?.[annotation] === undefined) return []
  return [`annotation "${annotation}" is deprecated, please use 'spec.ingressClassName' instead`]
}

/** Names that are no labels make odd hostnames. */
function nameWarnings(object: ApiObject): string[] {
  const wrong = dnsLabel(object.metadata.name)
  if (wrong.length === 0) return []
  return [
    `metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [${wrong.join(' ')}]`,
  ]
}

function podWarnings(spec: PodSpec, at: string): string[] {
  const seen = new Map<string, string>()
  return (spec.containers ?? []).flatMap((container, index) =>
    (container.ports ?? []).flatMap((port, number) => {
      const field = `${at}.containers[${index}].ports[${number}]`
      const key = `${port.protocol}/${port.hostIP ?? ''}/${port.hostPort ?? 0}/${port.containerPort}`
      const first = seen.get(key)
      if (first !== undefined) return [`${field}: duplicate port definition with ${first}`]
      seen.set(key, field)
      return []
    }),
  )
}

/** pkg/api/service/warnings.go. */
export function serviceWarnings(service: Service, old?: Service): string[] {
  const { spec, metadata } = service
  const warnings: string[] = []
  const hints = 'service.kubernetes.io/topology-aware-hints'
  if (metadata?.annotations?.[hints] !== undefined && old?.metadata.annotations?.[hints] === undefined)
    warnings.push(`annotation ${hints} is deprecated, please use service.kubernetes.io/topology-mode instead`)
  if (!spec) return warnings
  if ((spec.externalIPs?.length ?? 0) > 0) warnings.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters')
  if (spec.externalName && spec.type !== 'ExternalName') warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"')
  if (isHeadless(service) && spec.sessionAffinity && spec.sessionAffinity !== 'None')
    warnings.push('spec.SessionAffinity is ignored for headless services')
  if (spec.trafficDistribution === 'PreferClose')
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
  return warnings
}
