import { isExternallyAccessible } from '../defaults/service.ts'
import { duplicate, type FieldError, forbidden, invalid, notSupported, required } from '../field-error.ts'
import type { Service, ServicePort } from '../kinds/service.ts'
import { isHeadless, needsHealthCheck } from '../service/fields.ts'
import { validateClusterIpFields } from '../service/ip-families.ts'
import { validateLegacyCidr, validateLegacyIp, validateNonSpecialIp } from './ip.ts'
import { validateLabels, validateMetadata } from './metadata.ts'
import { dns1035Label, dnsLabel, dnsSubdomain, portName, portNumber, qualifiedName } from './name.ts'

/** Feature gates that change a message; the defaults are 1.36's. */
export type Gates = { readonly relaxedServiceName: boolean; readonly preferSameTrafficDistribution: boolean; readonly strictIp: boolean }
export const GATES: Gates = { relaxedServiceName: true, preferSameTrafficDistribution: true, strictIp: true }

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const PROTOCOLS = ['SCTP', 'TCP', 'UDP']
const POLICIES = ['Cluster', 'Local']
const ONLY_LOAD_BALANCER = "may only be used when `type` is 'LoadBalancer'"
const SOURCE_RANGES_ANNOTATION = 'service.beta.kubernetes.io/load-balancer-source-ranges'

/** Everything wrong with a whole Service, in the API server's order (pkg/apis/core/validation, ValidateService). */
export function validateService(service: Service, old?: Service, gates: Gates = GATES): FieldError[] {
  const { spec } = service
  return [
    ...validateMetadata(service.metadata, true, gates.relaxedServiceName ? dnsLabel : dns1035Label),
    ...topologyAnnotations(service),
    ...(spec.ports?.length || isHeadless(service) || spec.type === 'ExternalName' ? [] : [required('spec.ports')]),
    ...byType(service),
    ...ports(spec.ports ?? []),
    ...validateLabels(spec.selector, 'spec.selector'),
    ...affinity(service),
    ...validateClusterIpFields(service, old),
    ...externalIps(service, old),
    ...(spec.type ? (TYPES.includes(spec.type) ? [] : [notSupported('spec.type', spec.type, TYPES)]) : [required('spec.type')]),
    ...duplicates(service),
    ...sourceRanges(service, old),
    ...nodePortAllocation(service),
    ...validateLoadBalancerClass(service),
    ...externalTraffic(service),
    ...internalTraffic(service),
    ...trafficDistribution(service, gates),
  ]
}

function topologyAnnotations({ metadata }: Service): FieldError[] {
  const hints = metadata?.annotations?.['service.kubernetes.io/topology-aware-hints']
  const mode = metadata?.annotations?.['service.kubernetes.io/topology-mode']
  if (hints === undefined || mode === undefined || hints === mode) return []
  const detail = 'must match annotations[service.kubernetes.io/topology-aware-hints] when both are specified'
  return [invalid('metadata.annotations[service.kubernetes.io/topology-mode]', mode, detail)]
}

function byType(service: Service): FieldError[] {
  const { spec } = service
  const errors: FieldError[] = []
  switch (spec.type) {
    case 'LoadBalancer':
      if (isHeadless(service))
        errors.push(invalid('spec.clusterIPs[0]', spec.clusterIPs?.[0], "may not be set to 'None' for LoadBalancer services"))
      return errors
    case 'NodePort':
      if (isHeadless(service))
        errors.push(invalid('spec.clusterIPs[0]', spec.clusterIPs?.[0], "may not be set to 'None' for NodePort services"))
      return errors
    case 'ExternalName': {
      const none = 'may not be set for ExternalName services'
      if (spec.clusterIPs?.length) errors.push(forbidden('spec.clusterIPs', none))
      if (spec.ipFamilies?.length) errors.push(forbidden('spec.ipFamilies', none))
      if (spec.ipFamilyPolicy !== undefined) errors.push(forbidden('spec.ipFamilyPolicy', none))
      const name = (spec.externalName ?? '').replace(/\.$/, '')
      if (name) errors.push(...dnsSubdomain(name).map((why) => invalid('spec.externalName', name, why)))
      else errors.push(required('spec.externalName'))
      return errors
    }
    default:
      return errors
  }
}

function ports(list: readonly ServicePort[]): FieldError[] {
  const names = new Set<string>()
  return list.flatMap((port, index) => {
    const at = `spec.ports[${index}]`
    const errors: FieldError[] = []
    if (port.name) {
      errors.push(...dnsLabel(port.name).map((why) => invalid(`${at}.name`, port.name, why)))
      if (names.has(port.name)) errors.push(duplicate(`${at}.name`, port.name))
      names.add(port.name)
    } else if (list.length > 1) errors.push(required(`${at}.name`))
    errors.push(...portNumber(port.port ?? 0).map((why) => invalid(`${at}.port`, port.port ?? 0, why)))
    if (!port.protocol) errors.push(required(`${at}.protocol`))
    else if (!PROTOCOLS.includes(port.protocol)) errors.push(notSupported(`${at}.protocol`, port.protocol, PROTOCOLS))
    errors.push(...portNumberOrName(port.targetPort ?? 0, `${at}.targetPort`))
    if (port.appProtocol !== undefined)
      errors.push(...qualifiedName(port.appProtocol).map((why) => invalid(`${at}.appProtocol`, port.appProtocol, why)))
    return errors
  })
}

/** A port given by number or by an IANA service name (ValidatePortNumOrName). */
export function portNumberOrName(port: number | string, field: string): FieldError[] {
  return (typeof port === 'string' ? portName(port) : portNumber(port)).map((why) => invalid(field, port, why))
}

function affinity({ spec }: Service): FieldError[] {
  const { sessionAffinity, sessionAffinityConfig } = spec
  if (!sessionAffinity) return [required('spec.sessionAffinity')]
  if (sessionAffinity === 'None')
    return sessionAffinityConfig ? [forbidden('spec.sessionAffinityConfig', 'must not be set when session affinity is None')] : []
  if (sessionAffinity !== 'ClientIP') return [notSupported('spec.sessionAffinity', sessionAffinity, ['ClientIP', 'None'])]
  const at = 'spec.sessionAffinityConfig'
  const detail = 'when session affinity type is ClientIP'
  if (!sessionAffinityConfig) return [required(at, detail)]
  if (!sessionAffinityConfig.clientIP) return [required(`${at}.clientIP`, detail)]
  const { timeoutSeconds } = sessionAffinityConfig.clientIP
  if (timeoutSeconds === undefined) return [required(`${at}.clientIP.timeoutSeconds`, detail)]
  if (timeoutSeconds > 0 && timeoutSeconds <= 86400) return []
  return [invalid(`${at}.clientIP.timeoutSeconds`, timeoutSeconds, 'must be greater than 0 and less than 86400')]
}

function externalIps({ spec }: Service, old: Service | undefined): FieldError[] {
  const existing = old?.spec.externalIPs ?? []
  return (spec.externalIPs ?? []).flatMap((ip, index) => {
    const at = `spec.externalIPs[${index}]`
    const wrong = validateLegacyIp(at, ip, existing)
    return wrong.length > 0 ? wrong : validateNonSpecialIp(at, ip)
  })
}

function duplicates({ spec }: Service): FieldError[] {
  const list = spec.ports ?? []
  const errors: FieldError[] = []
  if (spec.type === 'ClusterIP')
    for (const [index, port] of list.entries())
      if (port.nodePort) errors.push(forbidden(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'"))
  const nodePorts = new Set<string>()
  for (const [index, port] of list.entries()) {
    if (!port.nodePort) continue
    const key = `${port.protocol}/${port.nodePort}`
    if (nodePorts.has(key)) errors.push(duplicate(`spec.ports[${index}].nodePort`, port.nodePort))
    nodePorts.add(key)
  }
  const numbers = new Set<string>()
  for (const [index, port] of list.entries()) {
    const key = `${port.protocol}/${port.port}`
    // The API server prints its own comparison key: a port with nothing but protocol and number.
    const printed = { Name: '', Protocol: port.protocol, AppProtocol: null, Port: port.port ?? 0, TargetPort: 0, NodePort: 0 }
    if (numbers.has(key)) errors.push(duplicate(`spec.ports[${index}]`, printed))
    numbers.add(key)
  }
  return errors
}

function sourceRanges(service: Service, old: Service | undefined): FieldError[] {
  const { spec } = service
  const annotation = service.metadata?.annotations?.[SOURCE_RANGES_ANNOTATION]
  const ranges = spec.loadBalancerSourceRanges ?? []
  if (ranges.length === 0 && annotation === undefined) return []
  const at = ranges.length > 0 ? 'spec.LoadBalancerSourceRanges' : `metadata.annotations[${SOURCE_RANGES_ANNOTATION}]`
  const errors = spec.type === 'LoadBalancer' ? [] : [forbidden(at, ONLY_LOAD_BALANCER)]
  const existing = (old?.spec.loadBalancerSourceRanges ?? []).map((range) => range.trim())
  if (ranges.length > 0)
    return [...errors, ...ranges.flatMap((range, index) => validateLegacyCidr(`${at}[${index}]`, range.trim(), existing))]
  const value = (annotation ?? '').trim()
  if (value === '') return errors
  // An annotation is let through as it was, or has to be right as a whole.
  if (annotation === old?.metadata.annotations?.[SOURCE_RANGES_ANNOTATION]) return errors
  return [...errors, ...value.split(',').flatMap((range) => validateLegacyCidr(at, range.trim()))]
}

function nodePortAllocation({ spec }: Service): FieldError[] {
  if (spec.type === 'LoadBalancer')
    return spec.allocateLoadBalancerNodePorts === undefined ? [required('allocateLoadBalancerNodePorts')] : []
  return spec.allocateLoadBalancerNodePorts === undefined ? [] : [forbidden('spec.allocateLoadBalancerNodePorts', ONLY_LOAD_BALANCER)]
}

/** The class of a load balancer: for that type only, a qualified name. */
export function validateLoadBalancerClass({ spec }: Service): FieldError[] {
  if (spec.loadBalancerClass === undefined) return []
  if (spec.type !== 'LoadBalancer') return [forbidden('spec.loadBalancerClass', ONLY_LOAD_BALANCER)]
  return qualifiedName(spec.loadBalancerClass).map((why) => invalid('spec.loadBalancerClass', spec.loadBalancerClass, why))
}

function externalTraffic(service: Service): FieldError[] {
  const { externalTrafficPolicy, healthCheckNodePort = 0 } = service.spec
  const errors: FieldError[] = []
  if (!isExternallyAccessible(service)) {
    if (externalTrafficPolicy)
      errors.push(invalid('spec.externalTrafficPolicy', externalTrafficPolicy, 'may only be set for externally-accessible services'))
  } else if (!externalTrafficPolicy) errors.push(required('spec.externalTrafficPolicy'))
  else if (!POLICIES.includes(externalTrafficPolicy))
    errors.push(notSupported('spec.externalTrafficPolicy', externalTrafficPolicy, POLICIES))
  const at = 'spec.healthCheckNodePort'
  if (!needsHealthCheck(service)) {
    const detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
    if (healthCheckNodePort !== 0) errors.push(invalid(at, healthCheckNodePort, detail))
  } else if (healthCheckNodePort === 0) errors.push(required(at))
  else errors.push(...portNumber(healthCheckNodePort).map((why) => invalid(at, healthCheckNodePort, why)))
  return errors
}

function internalTraffic({ spec }: Service): FieldError[] {
  const policy = spec.internalTrafficPolicy
  if (policy === undefined)
    return ['ClusterIP', 'NodePort', 'LoadBalancer'].includes(spec.type) ? [required('spec.internalTrafficPolicy')] : []
  return POLICIES.includes(policy) ? [] : [notSupported('spec.internalTrafficPolicy', policy, POLICIES)]
}

function trafficDistribution({ spec }: Service, gates: Gates): FieldError[] {
  const supported = gates.preferSameTrafficDistribution ? ['PreferClose', 'PreferSameZone', 'PreferSameNode'] : ['PreferClose']
  if (spec.trafficDistribution === undefined || supported.includes(spec.trafficDistribution)) return []
  return [notSupported('spec.trafficDistribution', spec.trafficDistribution, supported, 'as given')]
}
