import { familyOf } from '../../base/ip.ts'
import { duplicate, type FieldError, invalid, notSupported, required, tooMany } from '../field-error.ts'
import type { Endpoint, EndpointPort, EndpointSlice } from '../kinds/endpointslice.ts'
import { parseIpSloppy, validateIp, validateLegacyIp, validateNonSpecialIp } from './ip.ts'
import { validateLabels, validateMetadata, validateMetadataUpdate } from './metadata.ts'
import { dnsLabel, dnsSubdomain, labelValue, qualifiedName } from './name.ts'

const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6']
const PROTOCOLS = ['SCTP', 'TCP', 'UDP']
const MAX = { endpoints: 1000, ports: 20_000, addresses: 100, topology: 16, zones: 8, nodes: 8 }

/** Everything wrong with an EndpointSlice (pkg/apis/discovery/validation). Port numbers are not looked at: nor does the API server. */
export function validateEndpointSlice(slice: EndpointSlice, old?: EndpointSlice): FieldError[] {
  return [
    ...(old ? validateMetadataUpdate(slice.metadata, old.metadata) : []),
    ...validateMetadata(slice.metadata, true, dnsSubdomain),
    ...addressType(slice.addressType),
    ...ports(slice.ports ?? []),
    ...endpoints(slice, old),
    ...(old && old.addressType !== slice.addressType ? [invalid('addressType', slice.addressType ?? '', 'field is immutable')] : []),
  ]
}

function addressType(type: string | undefined): FieldError[] {
  if (!type) return [required('addressType')]
  return ADDRESS_TYPES.includes(type) ? [] : [notSupported('addressType', type, ADDRESS_TYPES)]
}

function endpoints(slice: EndpointSlice, old: EndpointSlice | undefined): FieldError[] {
  const list = slice.endpoints ?? []
  if (list.length > MAX.endpoints) return [tooMany('endpoints', list.length, MAX.endpoints)]
  const existing = new Set((old?.endpoints ?? []).flatMap((endpoint) => endpoint.addresses ?? []))
  return list.flatMap((endpoint, index) => validateEndpoint(endpoint, `endpoints[${index}]`, slice.addressType, existing))
}

function validateEndpoint(endpoint: Endpoint, at: string, type: string, existing: ReadonlySet<string>): FieldError[] {
  const addresses = endpoint.addresses ?? []
  const errors: FieldError[] = []
  if (addresses.length === 0) errors.push(required(`${at}.addresses`, 'must contain at least 1 address'))
  else if (addresses.length > MAX.addresses) errors.push(tooMany(`${at}.addresses`, addresses.length, MAX.addresses))
  for (const [index, address] of addresses.entries()) {
    // Slices already stored were let in under older rules.
    if (existing.has(address)) continue
    errors.push(...validateAddress(address, `${at}.addresses`, index, type))
  }
  const { nodeName, hostname } = endpoint
  if (nodeName !== undefined) errors.push(...dnsSubdomain(nodeName).map((why) => invalid(`${at}.nodeName`, nodeName, why)))
  const topology = endpoint.deprecatedTopology ?? {}
  const keys = Object.keys(topology).length
  if (keys > MAX.topology) errors.push(tooMany(`${at}.deprecatedTopology`, keys, MAX.topology))
  else errors.push(...validateLabels(topology, `${at}.deprecatedTopology`))
  if (hostname !== undefined) errors.push(...dnsLabel(hostname).map((why) => invalid(`${at}.hostname`, hostname, why)))
  return [...errors, ...hints(endpoint, `${at}.hints`)]
}

function validateAddress(address: string, list: string, index: number, type: string): FieldError[] {
  const at = `${list}[${index}]`
  if (type === 'FQDN') {
    const name = address.replace(/\.$/, '')
    const wrong = dnsSubdomain(name)
    if (wrong.length > 0) return wrong.map((why) => invalid(at, address, why))
    if (name.split('.').length < 2) return [invalid(at, address, 'should be a domain with at least two segments separated by dots')]
    return []
  }
  if (type !== 'IPv4' && type !== 'IPv6') return []
  const wrong = type === 'IPv4' ? validateLegacyIp(at, address) : validateIp(at, address)
  const ip = parseIpSloppy(address)
  const family = ip !== undefined && familyOf(ip) !== type ? [invalid(list, address, `must be an ${type} address`)] : []
  if (wrong.length > 0) return wrong
  return [...family, ...validateNonSpecialIp(at, address)]
}

function hints(endpoint: Endpoint, at: string): FieldError[] {
  return [
    ...named(endpoint.hints?.forZones ?? [], `${at}.forZones`, MAX.zones, labelValue),
    ...named(endpoint.hints?.forNodes ?? [], `${at}.forNodes`, MAX.nodes, dnsSubdomain),
  ]
}

function named(list: readonly { readonly name: string }[], at: string, max: number, rule: (name: string) => string[]): FieldError[] {
  if (list.length > max) return [tooMany(at, list.length, max)]
  const seen = new Set<string>()
  return list.flatMap(({ name = '' }, index) => {
    const field = `${at}[${index}].name`
    if (seen.has(name)) return [duplicate(field, name)]
    seen.add(name)
    return rule(name).map((why) => invalid(field, name, why))
  })
}

function ports(list: readonly EndpointPort[]): FieldError[] {
  if (list.length > MAX.ports) return [tooMany('ports', list.length, MAX.ports)]
  const seen = new Set<string>()
  return list.flatMap((port, index) => {
    const at = `ports[${index}]`
    const { name = '', protocol, appProtocol } = port
    const errors: FieldError[] = name ? dnsLabel(name).map((why) => invalid(`${at}.name`, name, why)) : []
    if (seen.has(name)) errors.push(duplicate(`${at}.name`, name))
    seen.add(name)
    if (protocol === undefined) errors.push(required(`${at}.protocol`))
    else if (!PROTOCOLS.includes(protocol)) errors.push(notSupported(`${at}.protocol`, protocol, PROTOCOLS))
    if (appProtocol !== undefined) errors.push(...qualifiedName(appProtocol).map((why) => invalid(`${at}.appProtocol`, appProtocol, why)))
    return errors
  })
}
