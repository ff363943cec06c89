import { type FieldError, invalid, notSupported, required } from '../field-error.ts'
import type { EndpointAddress, EndpointSubset, Endpoints, EndpointsPort } from '../kinds/endpoints.ts'
import { validateLegacyIp, validateNonSpecialIp } from './ip.ts'
import { validateMetadata, validateMetadataUpdate } from './metadata.ts'
import { dnsLabel, dnsSubdomain, portNumber, qualifiedName } from './name.ts'

const PROTOCOLS = ['SCTP', 'TCP', 'UDP']

/** Everything wrong with an Endpoints object (pkg/apis/core/validation). */
export function validateEndpoints(endpoints: Endpoints, old?: Endpoints): FieldError[] {
  const known = (old?.subsets ?? []).flatMap((subset) =>
    [...(subset.addresses ?? []), ...(subset.notReadyAddresses ?? [])].map(({ ip }) => ip),
  )
  return [
    ...(old ? validateMetadataUpdate(endpoints.metadata, old.metadata) : []),
    ...validateMetadata(endpoints.metadata, true, dnsSubdomain),
    ...(endpoints.subsets ?? []).flatMap((subset, index) => validateSubset(subset, `subsets[${index}]`, known)),
  ]
}

function validateSubset(subset: EndpointSubset, at: string, known: readonly string[]): FieldError[] {
  const { addresses = [], notReadyAddresses = [], ports = [] } = subset
  const errors: FieldError[] = []
  if (addresses.length === 0 && notReadyAddresses.length === 0) errors.push(required(at, 'must specify `addresses` or `notReadyAddresses`'))
  for (const [index, address] of addresses.entries()) errors.push(...validateAddress(address, `${at}.addresses[${index}]`, known))
  for (const [index, address] of notReadyAddresses.entries())
    errors.push(...validateAddress(address, `${at}.notReadyAddresses[${index}]`, known))
  for (const [index, port] of ports.entries()) errors.push(...validatePort(port, ports.length > 1, `${at}.ports[${index}]`))
  return errors
}

function validateAddress({ ip = '', hostname, nodeName }: EndpointAddress, at: string, known: readonly string[]): FieldError[] {
  const errors = validateLegacyIp(`${at}.ip`, ip, known)
  if (hostname) errors.push(...dnsLabel(hostname).map((why) => invalid(`${at}.hostname`, hostname, why)))
  if (nodeName !== undefined) errors.push(...dnsSubdomain(nodeName).map((why) => invalid(`${at}.nodeName`, nodeName, why)))
  return [...errors, ...validateNonSpecialIp(`${at}.ip`, ip)]
}

function validatePort({ name, port = 0, protocol, appProtocol }: EndpointsPort, requireName: boolean, at: string): FieldError[] {
  const errors: FieldError[] = []
  if (name) errors.push(...dnsLabel(name).map((why) => invalid(`${at}.name`, name, why)))
  else if (requireName) errors.push(required(`${at}.name`))
  errors.push(...portNumber(port).map((why) => invalid(`${at}.port`, port, why)))
  if (!protocol) errors.push(required(`${at}.protocol`))
  else if (!PROTOCOLS.includes(protocol)) errors.push(notSupported(`${at}.protocol`, protocol, PROTOCOLS))
  if (appProtocol !== undefined) errors.push(...qualifiedName(appProtocol).map((why) => invalid(`${at}.appProtocol`, appProtocol, why)))
  return errors
}
