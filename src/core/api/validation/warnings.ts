import { canonicalCidr, parseIp } from '../../base/ip.ts'
import type { ApiObject } from '../cluster.ts'
import type { EndpointSlice } from '../kinds/endpointslice.ts'
import type { Ingress } from '../kinds/ingress.ts'
import type { Pod, PodSpec } from '../kinds/pod.ts'
import type { Service } from '../kinds/service.ts'
import type { Deployment } from '../kinds/workload.ts'
import { isHeadless } from '../service/fields.ts'
import { parseIpSloppy } from './ip.ts'
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
  const externalIps = spec.externalIPs ?? []
  for (const [index, ip] of (spec.clusterIPs ?? []).entries())
    if (ip !== 'None') warnings.push(...ipWarnings(`spec.clusterIPs[${index}]`, ip))
  if (isHeadless(service)) {
    if (spec.loadBalancerIP) warnings.push('spec.loadBalancerIP is ignored for headless services')
    if (externalIps.length > 0) warnings.push('spec.externalIPs is ignored for headless services')
    if (spec.sessionAffinity !== undefined && spec.sessionAffinity !== 'None')
      warnings.push('spec.SessionAffinity is ignored for headless services')
  }
  for (const [index, ip] of externalIps.entries()) warnings.push(...ipWarnings(`spec.externalIPs[${index}]`, ip))
  if (externalIps.length > 0 && !isHeadless(service) && spec.type !== 'ExternalName')
    warnings.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters')
  if (spec.loadBalancerIP) warnings.push(...ipWarnings('spec.loadBalancerIP', spec.loadBalancerIP))
  for (const [index, range] of (spec.loadBalancerSourceRanges ?? []).entries())
    warnings.push(...cidrWarnings(`spec.loadBalancerSourceRanges[${index}]`, range))
  if (externalIps.length > 0 && spec.type === 'ExternalName') warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"')
  if (spec.externalName && spec.type !== 'ExternalName') warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"')
  if (spec.trafficDistribution === 'PreferClose')
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
  return warnings
}

/** Spellings of an address that are let pass in old fields, and had better not be used. */
function ipWarnings(at: string, text: string): string[] {
  const ip = parseIpSloppy(text)
  if (ip === undefined || ip === text) return []
  if (parseIp(text) === undefined) return [`${at}: non-standard IP address "${text}" is invalid: use "${ip}"`]
  return ip.includes('.') ? [] : [`${at}: IPv6 address "${text}" should be in RFC 5952 canonical format ("${ip}")`]
}

function cidrWarnings(at: string, text: string): string[] {
  const [address = '', length = ''] = text.split('/')
  const ip = parseIpSloppy(address)
  if (ip === undefined || !/^\d+$/.test(length)) return []
  const cidr = `${ip}/${Number(length)}`
  if (parseIp(address) === undefined || /^0\d/.test(length)) return [`${at}: non-standard CIDR value "${text}" is invalid: use "${cidr}"`]
  if (canonicalCidr(cidr) !== cidr)
    return [
      `${at}: CIDR value "${text}" is ambiguous in this context (should be "${canonicalCidr(cidr)}" or "${ip}/${ip.includes(':') ? 128 : 32}"?)`,
    ]
  return cidr === text ? [] : [`${at}: IPv6 CIDR value "${text}" should be in RFC 5952 canonical format ("${cidr}")`]
}
