import type { ApiObject } from '../cluster.ts'
import type { EndpointSlice } from '../kinds/endpointslice.ts'
import type { Service } from '../kinds/service.ts'
import { isHeadless } from '../service/fields.ts'

/** What the API server warns of on a write that it accepts (`Warning: …` in kubectl). */
export function warningsOf(object: ApiObject, old: ApiObject | undefined): string[] {
  switch (object.kind) {
    case 'Service':
      return serviceWarnings(object as Service, old as Service | undefined)
    case 'EndpointSlice':
      return (object as EndpointSlice).addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : []
    default:
      return []
  }
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
