import { duplicate, type FieldError, invalid, notSupported, required } from '../field-error.ts'
import type { Node } from '../kinds/node.ts'
import { validateLegacyCidr } from './ip.ts'
import { validateMetadata } from './metadata.ts'
import { dnsSubdomain, labelValue, qualifiedName } from './name.ts'

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

/** What is wrong with a Node's name, taints and Pod CIDRs (pkg/apis/core/validation, ValidateNode). */
export function validateNode(node: Node): FieldError[] {
  const { taints = [], podCIDRs = [] } = node.spec ?? {}
  const seen = new Set<string>()
  const errors = validateMetadata(node.metadata, false, dnsSubdomain)
  for (const [index, { key = '', value = '', effect = '' }] of taints.entries()) {
    const at = `spec.taints[${index}]`
    errors.push(...qualifiedName(key).map((why) => invalid(`${at}.key`, key, why)))
    errors.push(...labelValue(value).map((why) => invalid(`${at}.value`, value, why)))
    if (!effect) errors.push(required(`${at}.effect`))
    else if (!EFFECTS.includes(effect)) errors.push(notSupported(`${at}.effect`, effect, EFFECTS, 'as given'))
    if (seen.has(`${key}/${effect}`)) errors.push(duplicate(at, { key, value, effect }))
    seen.add(`${key}/${effect}`)
  }
  for (const [index, cidr] of podCIDRs.entries()) errors.push(...validateLegacyCidr(`spec.podCIDRs[${index}]`, cidr))
  const families = podCIDRs.map((cidr) => cidr.includes(':'))
  if (podCIDRs.length > 1 && new Set(families).size !== podCIDRs.length)
    errors.push(invalid('spec.podCIDRs', podCIDRs, 'may specify no more than one CIDR for each IP family'))
  return errors
}
