import { type FieldError, forbidden, invalid, notSupported, required } from '../field-error.ts'
import type { LoadBalancerIngress, Service } from '../kinds/service.ts'
import { isHeadless, needsHealthCheck } from '../service/fields.ts'
import { parseIpSloppy, validateLegacyIp } from './ip.ts'
import { validateMetadataUpdate } from './metadata.ts'
import { dns1035Label, dnsSubdomain } from './name.ts'
import { GATES, type Gates, validateLoadBalancerClass, validateService } from './service.ts'

/** Everything wrong with replacing `old` by `service`: first what may not change, then the whole object. */
export function validateServiceUpdate(service: Service, old: Service, gates: Gates = GATES): FieldError[] {
  return [
    ...validateMetadataUpdate(service.metadata, old.metadata),
    ...clusterIps(service, old),
    ...ipFamilies(service, old),
    ...loadBalancerClass(service, old),
    ...healthCheckPort(service, old),
    // A name that was let in once may stay.
    ...validateService(service, old, {
      ...gates,
      relaxedServiceName: gates.relaxedServiceName || dns1035Label(old.metadata.name).length > 0,
    }),
  ]
}

const FIXED = 'may not change once set'

function clusterIps(service: Service, old: Service): FieldError[] {
  if (service.spec.type === 'ExternalName' || old.spec.type === 'ExternalName') return []
  if (isHeadless(service) && isHeadless(old)) return []
  const before = old.spec.clusterIPs ?? []
  const now = service.spec.clusterIPs ?? []
  const at = 'spec.clusterIPs'
  if (before.length === now.length)
    return before.flatMap((ip, index) => (ip === now[index] ? [] : [invalid(`${at}[${index}]`, now, FIXED)]))
  const moved = before.length > 0 && now.length > 0 && before[0] !== now[0] ? [invalid(`${at}[0]`, now, FIXED)] : []
  if (before.length < now.length) return moved
  const unset = now.length === 0 ? [invalid(`${at}[0]`, null, 'primary clusterIP can not be unset')] : []
  return [...unset, ...moved, ...(now.length === 1 ? released(service, 'clusterIP') : [])]
}

function ipFamilies(service: Service, old: Service): FieldError[] {
  if (service.spec.type === 'ExternalName' || old.spec.type === 'ExternalName') return []
  // Nobody has been promised an address of a headless Service.
  if (isHeadless(service) && isHeadless(old)) return []
  const before = old.spec.ipFamilies ?? []
  const now = service.spec.ipFamilies ?? []
  const at = 'spec.ipFamilies[0]'
  if (before.length === now.length) return before.flatMap((family, index) => (family === now[index] ? [] : [invalid(at, now, FIXED)]))
  const moved = before.length > 0 && now.length > 0 && before[0] !== now[0] ? [invalid(at, service.spec.clusterIPs ?? null, FIXED)] : []
  if (before.length < now.length) return moved
  const unset = now.length === 0 ? [invalid(at, null, 'primary ipFamily can not be unset')] : []
  return [...unset, ...moved, ...(now.length === 1 ? released(service, 'ipFamily') : [])]
}

function released(service: Service, what: string): FieldError[] {
  const policy = service.spec.ipFamilyPolicy
  if (policy === 'SingleStack') return []
  return [invalid('spec.ipFamilyPolicy', policy, `must be set to 'SingleStack' when releasing the secondary ${what}`)]
}

function loadBalancerClass(service: Service, old: Service): FieldError[] {
  const { spec } = service
  const both = spec.type === 'LoadBalancer' && old.spec.type === 'LoadBalancer'
  const changed = both && old.spec.loadBalancerClass !== spec.loadBalancerClass
  // The value itself is looked at here and with the whole object again: its errors are told twice.
  return [...(changed ? [invalid('spec.loadBalancerClass', spec.loadBalancerClass, FIXED)] : []), ...validateLoadBalancerClass(service)]
}

function healthCheckPort(service: Service, old: Service): FieldError[] {
  if (!needsHealthCheck(service) || !needsHealthCheck(old)) return []
  if ((service.spec.healthCheckNodePort ?? 0) === (old.spec.healthCheckNodePort ?? 0)) return []
  return [forbidden('spec.healthCheckNodePort', 'field is immutable')]
}

/** What is wrong with a Service's status as a load balancer's controller writes it (ValidateLoadBalancerStatus). */
export function validateServiceStatus(service: Service, old?: Service): FieldError[] {
  const list = service.status?.loadBalancer?.ingress ?? []
  const at = 'status.loadBalancer.ingress'
  if (service.spec.type !== 'LoadBalancer')
    return list.length > 0 ? [forbidden(at, "may only be used when `spec.type` is 'LoadBalancer'")] : []
  const existing = (old?.status?.loadBalancer?.ingress ?? []).flatMap((ingress) => (ingress.ip ? [ingress.ip] : []))
  return list.flatMap((ingress, index) => statusIngress(ingress, `${at}[${index}]`, existing))
}

const IP_MODES = ['Proxy', 'VIP']

function statusIngress({ ip, ipMode, hostname }: LoadBalancerIngress, at: string, existing: readonly string[]): FieldError[] {
  const errors: FieldError[] = ip ? validateLegacyIp(`${at}.ip`, ip, existing) : []
  if (ipMode === undefined) {
    if (ip) errors.push(required(`${at}.ipMode`, 'must be specified when `ip` is set'))
  } else if (!ip) errors.push(forbidden(`${at}.ipMode`, 'may not be specified when `ip` is not set'))
  else if (!IP_MODES.includes(ipMode)) errors.push(notSupported(`${at}.ipMode`, ipMode, IP_MODES))
  if (hostname) {
    errors.push(...dnsSubdomain(hostname).map((why) => invalid(`${at}.hostname`, hostname, why)))
    if (parseIpSloppy(hostname) !== undefined) errors.push(invalid(`${at}.hostname`, hostname, 'must be a DNS name, not an IP address'))
  }
  return errors
}
