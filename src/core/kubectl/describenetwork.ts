import { type Cluster, find, list } from '../api/cluster.ts'
import type { Endpoints } from '../api/kinds/endpoints.ts'
import { type EndpointSlice, SERVICE_NAME_LABEL } from '../api/kinds/endpointslice.ts'
import type { Ingress, IngressBackend, IngressClass } from '../api/kinds/ingress.ts'
import type { Service } from '../api/kinds/service.ts'
import { hostPort } from '../base/ip.ts'
import { formatLabels } from './labels.ts'
import { loadBalancerText } from './networkrows.ts'
import { type DescriptionWriter, writeAnnotations, writeLabels } from './writer.ts'

const SHOWN = 3

export function describeService(w: DescriptionWriter, service: Service, cluster: Cluster): void {
  const { metadata, spec, status } = service
  w.line(0, 'Name:', metadata.name)
  w.line(0, 'Namespace:', metadata.namespace ?? '')
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  w.line(0, 'Selector:', formatLabels(spec.selector))
  w.line(0, 'Type:', spec.type)
  writeAddresses(w, spec)
  const ingress = (status?.loadBalancer?.ingress ?? []).map((one) =>
    one.ip ? `${one.ip}${one.ipMode ? ` (${one.ipMode})` : ''}` : (one.hostname ?? ''),
  )
  if (ingress.length > 0) w.line(0, 'LoadBalancer Ingress:', ingress.join(', '))
  writePorts(w, spec, slicesOf(cluster, metadata.namespace ?? '', metadata.name))
  w.line(0, 'Session Affinity:', spec.sessionAffinity ?? '')
  if (spec.externalTrafficPolicy) w.line(0, 'External Traffic Policy:', spec.externalTrafficPolicy)
  if (spec.internalTrafficPolicy) w.line(0, 'Internal Traffic Policy:', spec.internalTrafficPolicy)
  if (spec.healthCheckNodePort) w.line(0, 'HealthCheck NodePort:', spec.healthCheckNodePort)
  const ranges = spec.loadBalancerSourceRanges ?? []
  if (ranges.length > 0) w.line(0, 'LoadBalancer Source Ranges:', ranges.join(','))
  if (spec.trafficDistribution) w.line(0, 'Traffic Distribution:', spec.trafficDistribution)
}

function writeAddresses(w: DescriptionWriter, spec: Service['spec']): void {
  if (spec.ipFamilyPolicy) w.line(0, 'IP Family Policy:', spec.ipFamilyPolicy)
  w.line(0, 'IP Families:', orNone(spec.ipFamilies))
  w.line(0, 'IP:', spec.clusterIP ?? '')
  w.line(0, 'IPs:', orNone(spec.clusterIPs))
  if ((spec.externalIPs?.length ?? 0) > 0) w.line(0, 'External IPs:', (spec.externalIPs ?? []).join(','))
  if (spec.loadBalancerIP) w.line(0, 'Desired LoadBalancer IP:', spec.loadBalancerIP)
  if (spec.externalName) w.line(0, 'External Name:', spec.externalName)
}

function writePorts(w: DescriptionWriter, spec: Service['spec'], slices: readonly EndpointSlice[]): void {
  for (const port of spec.ports ?? []) {
    const name = port.name || '<unset>'
    w.line(0, 'Port:', name, `${port.port}/${port.protocol}`)
    w.line(0, 'TargetPort:', `${port.targetPort}/${port.protocol}`)
    if (port.appProtocol !== undefined) w.line(0, 'AppProtocol:', port.appProtocol)
    if (port.nodePort) w.line(0, 'NodePort:', name, `${port.nodePort}/${port.protocol}`)
    w.line(0, 'Endpoints:', endpointsText(slices, port.name ?? ''))
  }
}

function slicesOf(cluster: Cluster, namespace: string, service: string): readonly EndpointSlice[] {
  return list(cluster, 'EndpointSlice').filter(
    ({ metadata }) => metadata.namespace === namespace && metadata.labels?.[SERVICE_NAME_LABEL] === service,
  )
}

/**
 * kubectl's formatEndpointSlices with its quirks: ready ones only; nothing at all where slices hold none; once three are listed, any
 * further endpoint, ready or not, brings " + N more...", so that N may be 0.
 */
function endpointsText(slices: readonly EndpointSlice[], portName: string): string {
  if (slices.length === 0) return '<none>'
  const shown: string[] = []
  let more = false
  let count = 0
  const visit = (slice: EndpointSlice, print: (address: string) => string) => {
    for (const { addresses, conditions } of slice.endpoints ?? []) {
      if (shown.length === SHOWN) more = true
      if (conditions?.ready === false) continue
      if (!more) shown.push(print(addresses[0] ?? ''))
      count++
    }
  }
  for (const slice of slices) {
    const ports = slice.ports ?? []
    if (ports.length === 0) visit(slice, (address) => address)
    for (const port of ports) if ((port.name ?? '') === portName) visit(slice, (address) => hostPort(address, port.port ?? 0))
  }
  return more ? `${shown.join(',')} + ${count - SHOWN} more...` : shown.join(',')
}

export function describeEndpointSlice(w: DescriptionWriter, slice: EndpointSlice): void {
  const { metadata } = slice
  w.line(0, 'Name:', metadata.name)
  w.line(0, 'Namespace:', metadata.namespace ?? '')
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  w.line(0, 'AddressType:', slice.addressType)
  const ports = slice.ports ?? []
  if (ports.length === 0) w.line(0, 'Ports: <unset>')
  else writePortTable(w, 0, ports)
  const endpoints = slice.endpoints ?? []
  w.line(0, endpoints.length === 0 ? 'Endpoints: <none>' : 'Endpoints:')
  for (const endpoint of endpoints) {
    w.line(1, '- Addresses:', endpoint.addresses.join(', ') || '<none>')
    w.line(2, 'Conditions:')
    w.line(3, 'Ready:', endpoint.conditions?.ready === undefined ? '<unset>' : String(endpoint.conditions.ready))
    w.line(2, 'Hostname:', endpoint.hostname || '<unset>')
    if (endpoint.targetRef) w.line(2, 'TargetRef:', `${endpoint.targetRef.kind ?? ''}/${endpoint.targetRef.name ?? ''}`)
    w.line(2, 'NodeName:', endpoint.nodeName || '<unset>')
    w.line(2, 'Zone:', endpoint.zone || '<unset>')
  }
}

function writePortTable(
  w: DescriptionWriter,
  level: number,
  ports: readonly { readonly name?: string; readonly port?: number; readonly protocol?: string }[],
): void {
  w.line(level, 'Ports:')
  w.line(level + 1, 'Name', 'Port', 'Protocol')
  w.line(level + 1, '----', '----', '--------')
  for (const { name, port, protocol } of ports) w.line(level + 1, name || '<unset>', port ?? '<unset>', protocol ?? 'TCP')
}

export function describeEndpoints(w: DescriptionWriter, endpoints: Endpoints): void {
  const { metadata } = endpoints
  w.line(0, 'Name:', metadata.name)
  w.line(0, 'Namespace:', metadata.namespace ?? '')
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  w.line(0, 'Subsets:')
  for (const { addresses, notReadyAddresses, ports = [] } of endpoints.subsets ?? []) {
    w.line(1, 'Addresses:', orNone(addresses?.map(({ ip }) => ip)))
    w.line(1, 'NotReadyAddresses:', orNone(notReadyAddresses?.map(({ ip }) => ip)))
    if (ports.length > 0) writePortTable(w, 1, ports)
    w.line(0, '')
  }
}

export function describeIngress(w: DescriptionWriter, ingress: Ingress, cluster: Cluster): void {
  const { metadata, spec } = ingress
  const namespace = metadata.namespace ?? ''
  const fallback = spec.defaultBackend ? backendText(cluster, namespace, spec.defaultBackend) : '<default>'
  w.line(0, 'Name:', metadata.name)
  writeLabels(w, 'Labels', metadata.labels)
  w.line(0, 'Namespace:', namespace)
  w.line(0, 'Address:', loadBalancerText(ingress.status?.loadBalancer?.ingress, true))
  w.line(0, 'Ingress Class:', spec.ingressClassName ?? '<none>')
  w.line(0, 'Default backend:', fallback)
  if ((spec.tls?.length ?? 0) > 0) w.line(0, 'TLS:')
  for (const { secretName, hosts = [] } of spec.tls ?? []) {
    w.line(1, secretName ? `${secretName} terminates ${hosts.join(',')}` : `SNI routes ${hosts.join(',')}`)
  }
  w.line(0, 'Rules:')
  w.line(1, 'Host', 'Path', 'Backends')
  w.line(1, '----', '----', '--------')
  const rules = (spec.rules ?? []).filter(({ http }) => http !== undefined)
  for (const { host, http } of rules) {
    w.line(1, host || '*', '')
    for (const { path, backend } of http?.paths ?? []) w.line(2, '', `${path ?? ''} `, backendText(cluster, namespace, backend))
  }
  if (rules.length === 0) w.line(1, '*', '*', fallback)
  writeAnnotations(w, 'Annotations', metadata.annotations)
}

function backendText(cluster: Cluster, namespace: string, backend: IngressBackend): string {
  if (backend.resource) {
    const { apiGroup, kind, name } = backend.resource
    return `APIGroup: ${apiGroup ?? '<none>'}, Kind: ${kind}, Name: ${name}`
  }
  if (!backend.service) return ''
  const { name, port } = backend.service
  const text = `${name}:${port?.name || port?.number || ''}`
  const service = find(cluster, 'Service', namespace, name)
  if (!service) return `${text} (<error: services "${name}" not found>)`
  // kubectl keeps the last port that fits, and an unnamed one stands in for a port the Service does not have.
  const match = (service.spec.ports ?? [])
    .filter((one) => (port?.number ? one.port === port.number : !!port?.name && one.name === port.name))
    .at(-1)
  return `${text} (${endpointsText(slicesOf(cluster, namespace, name), match?.name ?? '')})`
}

export function describeIngressClass(w: DescriptionWriter, ingressClass: IngressClass): void {
  const { metadata, spec } = ingressClass
  w.line(0, 'Name:', metadata.name)
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  w.line(0, 'Controller:', spec.controller)
  const parameters = spec.parameters as Readonly<Record<string, string>> | undefined
  if (!parameters) return
  w.line(0, 'Parameters:')
  if (parameters['apiGroup'] !== undefined) w.line(1, 'APIGroup:', parameters['apiGroup'])
  w.line(1, 'Kind:', parameters['kind'] ?? '')
  w.line(1, 'Name:', parameters['name'] ?? '')
}

function orNone(list: readonly string[] | undefined): string {
  return list && list.length > 0 ? list.join(',') : '<none>'
}
