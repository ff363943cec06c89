import type { Mutable } from '../../base/copy.ts'
import { type Family, familyOf } from '../../base/ip.ts'
import { duplicate, type FieldError, invalid, notSupported, required } from '../field-error.ts'
import type { Service } from '../kinds/service.ts'
import { parseIpSloppy, validateLegacyIp } from '../validation/ip.ts'
import { hasSelector, isHeadless, sameList } from './fields.ts'

const FAMILIES = ['IPv4', 'IPv6']
const POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack']

/**
 * Fills in a Service's IP family policy and families from what it says and from what the cluster has, or answers why they make no sense
 * (pkg/registry/core/service/storage/alloc.go, initIPFamilyFields). `families` are the cluster's, the primary first.
 */
export function initIpFamilies(service: Mutable<Service>, old: Service | undefined, families: readonly Family[]): FieldError[] {
  const { spec } = service
  if (spec.type === 'ExternalName' || keepsPreferDualStack(service, old)) return []
  // No static default: only an explicit policy may change a Service between one and two families.
  spec.ipFamilyPolicy ??= old?.spec.ipFamilyPolicy ?? (isHeadless(service) && !hasSelector(service) ? 'RequireDualStack' : 'SingleStack')
  const loose = validateClusterIpFields(service, old)
  if (loose.length > 0) return loose
  const errors = [...(old ? adjustToOld(service, old) : []), ...policyAgainstLists(service), ...inferFamilies(service, families)]
  if (errors.length > 0) return errors
  if (isHeadless(service) && !hasSelector(service)) {
    // Nobody has to route to it, so it may have both families even on a cluster with one.
    spec.ipFamilies = spec.ipFamilies?.length ? spec.ipFamilies : [families[0] ?? 'IPv4']
    if (spec.ipFamilies.length < 2 && spec.ipFamilyPolicy !== 'SingleStack') spec.ipFamilies.push(other(spec.ipFamilies[0]))
    return []
  }
  const missing = familiesAgainstCluster(service, families)
  if (missing.length > 0) return missing
  spec.ipFamilies = spec.ipFamilies?.length ? spec.ipFamilies : [families[0] ?? 'IPv4']
  if (spec.ipFamilyPolicy !== 'SingleStack' && spec.ipFamilies.length === 1 && families.length === 2)
    spec.ipFamilies.push(other(spec.ipFamilies[0]))
  return []
}

function other(family: Family | undefined): Family {
  return family === 'IPv4' ? 'IPv6' : 'IPv4'
}

/** A PreferDualStack Service whose fields stay as they were does not follow the cluster from one stack to two or back. */
export function keepsPreferDualStack(service: Service, old: Service | undefined): boolean {
  return (
    old !== undefined &&
    service.spec.ipFamilyPolicy === 'PreferDualStack' &&
    (old.spec.ipFamilyPolicy ?? 'PreferDualStack') === 'PreferDualStack' &&
    old.spec.type === service.spec.type &&
    ['ClusterIP', 'NodePort', 'LoadBalancer'].includes(service.spec.type) &&
    sameList(old.spec.clusterIPs, service.spec.clusterIPs) &&
    sameList(old.spec.ipFamilies, service.spec.ipFamilies)
  )
}

function adjustToOld(service: Mutable<Service>, old: Service): FieldError[] {
  const { spec } = service
  if (spec.ipFamilyPolicy === 'SingleStack') {
    // To ask for one stack is enough: what the client left as it was is cut to the first.
    if (sameList(old.spec.clusterIPs, spec.clusterIPs) && (spec.clusterIPs?.length ?? 0) > 1)
      spec.clusterIPs = spec.clusterIPs?.slice(0, 1) ?? []
    if (sameList(old.spec.ipFamilies, spec.ipFamilies) && (spec.ipFamilies?.length ?? 0) > 1)
      spec.ipFamilies = spec.ipFamilies?.slice(0, 1) ?? []
    return []
  }
  const reduced = (now: readonly unknown[] | undefined, before: readonly unknown[] | undefined) =>
    (now?.length ?? 0) > 0 && (now?.length ?? 0) < (before?.length ?? 0)
  const refuse = (what: string) =>
    invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy, `must be 'SingleStack' to release the secondary ${what}`)
  return [
    ...(reduced(spec.clusterIPs, old.spec.clusterIPs) ? [refuse('cluster IP')] : []),
    ...(reduced(spec.ipFamilies, old.spec.ipFamilies) ? [refuse('IP family')] : []),
  ]
}

function policyAgainstLists({ spec }: Service): FieldError[] {
  if (spec.ipFamilyPolicy !== 'SingleStack') return []
  const refuse = (what: string) =>
    invalid(
      'spec.ipFamilyPolicy',
      spec.ipFamilyPolicy,
      `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`,
    )
  return [
    ...(spec.clusterIPs?.length === 2 ? [refuse('cluster IPs')] : []),
    ...(spec.ipFamilies?.length === 2 ? [refuse('IP families')] : []),
  ]
}

function inferFamilies({ spec }: Mutable<Service>, families: readonly Family[]): FieldError[] {
  const errors: FieldError[] = []
  for (const [index, ip] of (spec.clusterIPs ?? []).entries()) {
    if (ip === 'None') break
    if (index < (spec.ipFamilies?.length ?? 0)) continue
    const family = familyOf(ip)
    if (families.includes(family)) spec.ipFamilies = [...(spec.ipFamilies ?? []), family]
    else errors.push(invalid(`spec.clusterIPs[${index}]`, spec.clusterIPs, `${family} is not configured on this cluster`))
  }
  return errors
}

function familiesAgainstCluster({ spec }: Service, families: readonly Family[]): FieldError[] {
  const errors: FieldError[] = []
  if (spec.ipFamilyPolicy === 'RequireDualStack' && families.length < 2)
    errors.push(invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy, 'this cluster is not configured for dual-stack services'))
  for (const [index, family] of (spec.ipFamilies ?? []).entries())
    if (!families.includes(family)) errors.push(invalid(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster'))
  return errors
}

/** What can be said of clusterIP(s), families and policy without knowing the cluster (ValidateServiceClusterIPsRelatedFields). */
export function validateClusterIpFields(service: Service, old?: Service): FieldError[] {
  const { spec } = service
  if (spec.type === 'ExternalName') return []
  const ips = spec.clusterIPs ?? []
  const errors: FieldError[] = []
  if (spec.clusterIP) {
    if (ips.length === 0) errors.push(required('spec.clusterIPs'))
    else if (ips[0] !== spec.clusterIP) errors.push(invalid('spec.clusterIPs', ips, 'first value must match `clusterIP`'))
  } else if (ips.length > 0) errors.push(invalid('spec.clusterIPs', ips, 'must be empty when `clusterIP` is not specified'))
  const seen = new Set<string>()
  for (const [index, family] of (spec.ipFamilies ?? []).entries()) {
    if (!FAMILIES.includes(family)) errors.push(notSupported(`spec.ipFamilies[${index}]`, family, FAMILIES))
    if (seen.has(family)) errors.push(duplicate(`spec.ipFamilies[${index}]`, family))
    seen.add(family)
  }
  if (spec.ipFamilyPolicy !== undefined && !POLICIES.includes(spec.ipFamilyPolicy))
    errors.push(notSupported('spec.ipFamilyPolicy', spec.ipFamilyPolicy, POLICIES))
  const wrong = validateIps(ips, old?.spec.clusterIPs ?? [])
  errors.push(...wrong)
  if (ips.length > 2) errors.push(invalid('spec.clusterIPs', ips, 'may only hold up to 2 values'))
  // With a bad address the following would only confuse.
  if (wrong.length > 0) return errors
  const familiesOf = ips.map((ip) => familyOf(parseIpSloppy(ip) ?? ip))
  if (ips.length > 1 && (ips.length > 2 || familiesOf[0] === familiesOf[1]) && new Set(familiesOf).size < 2)
    errors.push(invalid('spec.clusterIPs', ips, 'may specify no more than one IP for each IP family'))
  if (isHeadless(service)) return errors
  for (const [index, ip] of ips.entries()) {
    const expected = spec.ipFamilies?.[index]
    if (expected !== undefined && FAMILIES.includes(expected) && expected !== familiesOf[index])
      errors.push(invalid(`spec.clusterIPs[${index}]`, ip, `expected an ${expected} value as indicated by \`ipFamilies[${index}]\``))
  }
  return errors
}

function validateIps(ips: readonly string[], existing: readonly string[]): FieldError[] {
  return ips.flatMap((ip, index) => {
    if (index > 0 || ip !== 'None') return validateLegacyIp(`spec.clusterIPs[${index}]`, ip, existing)
    return ips.length > 1 ? [invalid('spec.clusterIPs', ips, "'None' must be the first and only value")] : []
  })
}
