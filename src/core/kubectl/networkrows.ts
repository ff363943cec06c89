import type { Endpoints } from '../api/kinds/endpoints.ts'
import type { EndpointSlice } from '../api/kinds/endpointslice.ts'
import type { Ingress, IngressClass } from '../api/kinds/ingress.ts'
import type { Service } from '../api/kinds/service.ts'
import { hostPort } from '../base/ip.ts'
import { byText } from '../base/order.ts'
import { ageOf } from './age.ts'
import { formatLabels } from './labels.ts'

/** Cells of one row, wide columns included, in kubectl's order. */
export type Cells = readonly string[]

/** The width to which the API server would cut load balancer addresses in a narrow row. */
const LOAD_BALANCER_WIDTH = 16
const SHOWN = 3

export function serviceRow(service: Service, now: number, wide: boolean): Cells {
  const { spec } = service
  const clusterIp = spec.clusterIPs?.[0] ?? spec.clusterIP ?? ''
  return [
    service.metadata.name,
    spec.type,
    clusterIp === '' ? '<none>' : clusterIp,
    externalIpOf(service, wide),
    servicePorts(service),
    ageOf(service.metadata.creationTimestamp, now),
    formatLabels(spec.selector),
  ]
}

/** Load balancer addresses sorted and each once; cut to 16 characters in a narrow row, which kubectl never asks for. */
export function loadBalancerText(
  ingress: readonly { readonly ip?: string; readonly hostname?: string }[] | undefined,
  wide: boolean,
): string {
  const addresses = (ingress ?? []).flatMap((one) => one.ip || one.hostname || [])
  const text = [...new Set(addresses)].sort(byText).join(',')
  return !wide && text.length > LOAD_BALANCER_WIDTH ? `${text.slice(0, LOAD_BALANCER_WIDTH - 3)}...` : text
}

function externalIpOf(service: Service, wide: boolean): string {
  const external = service.spec.externalIPs ?? []
  switch (service.spec.type) {
    case 'ExternalName':
      return service.spec.externalName ?? ''
    case 'LoadBalancer': {
      const balancer = loadBalancerText(service.status?.loadBalancer?.ingress, wide)
      const all = [...(balancer === '' ? [] : balancer.split(',')), ...external].join(',')
      return all === '' ? '<pending>' : all
    }
    default:
      return external.length > 0 ? external.join(',') : '<none>'
  }
}

function servicePorts(service: Service): string {
  const ports = (service.spec.ports ?? []).map(({ port, nodePort, protocol }) => `${port}${nodePort ? `:${nodePort}` : ''}/${protocol}`)
  return ports.length > 0 ? ports.join(',') : '<none>'
}

export function endpointsRow(endpoints: Endpoints, now: number): Cells {
  return [endpoints.metadata.name, endpointsText(endpoints), ageOf(endpoints.metadata.creationTimestamp, now)]
}

/** Ready addresses only; `<none>` without subsets, nothing at all with subsets of which nothing is ready. */
function endpointsText(endpoints: Endpoints): string {
  const subsets = endpoints.subsets ?? []
  if (subsets.length === 0) return '<none>'
  const all = subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0 ? addresses.map(({ ip }) => ip) : ports.flatMap(({ port }) => addresses.map(({ ip }) => hostPort(ip, port))),
  )
  const text = all.slice(0, SHOWN).join(',')
  return all.length > SHOWN ? `${text} + ${all.length - SHOWN} more...` : text
}

export function endpointSliceRow(slice: EndpointSlice, now: number): Cells {
  const ports = (slice.ports ?? []).map(({ port, name }) => (port === undefined ? (name ?? '*') : String(port)))
  // Not ready and terminating endpoints are listed as well, and every address of an endpoint counts.
  const addresses = (slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses)
  return [
    slice.metadata.name,
    slice.addressType,
    firstOr(ports, '<unset>'),
    firstOr(addresses, '<unset>'),
    ageOf(slice.metadata.creationTimestamp, now),
  ]
}

function firstOr(list: readonly string[], empty: string): string {
  const text = list.slice(0, SHOWN).join(',')
  if (list.length > SHOWN) return `${text} + ${list.length - SHOWN} more...`
  return text === '' ? empty : text
}

export function ingressRow(ingress: Ingress, now: number, wide: boolean): Cells {
  return [
    ingress.metadata.name,
    ingress.spec.ingressClassName ?? '<none>',
    hostsText(ingress),
    loadBalancerText(ingress.status?.loadBalancer?.ingress, wide),
    (ingress.spec.tls?.length ?? 0) > 0 ? '80, 443' : '80',
    ageOf(ingress.metadata.creationTimestamp, now),
  ]
}

function hostsText(ingress: Ingress): string {
  const rules = ingress.spec.rules ?? []
  const hosts: string[] = []
  let more = false
  for (const { host } of rules) {
    if (hosts.length === SHOWN) more = true
    if (!more && host) hosts.push(host)
  }
  if (hosts.length === 0) return '*'
  return more ? `${hosts.join(',')} + ${rules.length - SHOWN} more...` : hosts.join(',')
}

export function ingressClassRow(ingressClass: IngressClass, now: number): Cells {
  const { metadata, spec } = ingressClass
  const isDefault = metadata.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true'
  const parameters = spec.parameters as { readonly apiGroup?: string; readonly kind?: string; readonly name?: string } | undefined
  const group = parameters?.apiGroup ? `.${parameters.apiGroup}` : ''
  return [
    isDefault ? `${metadata.name} (default)` : metadata.name,
    spec.controller,
    parameters ? `${parameters.kind}${group}/${parameters.name}` : '<none>',
    ageOf(metadata.creationTimestamp, now),
  ]
}
