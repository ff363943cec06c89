import { canonicalCidr, parseIp } from '../../base/ip.ts'
import { type FieldError, invalid } from '../field-error.ts'

const IP_TEXT = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
const CIDR_TEXT = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'

/** An address as Go's old parser took it: leading zeros in octets are skipped over. Undefined if even that one refuses. */
export function parseIpSloppy(text: string): string | undefined {
  const strict = parseIp(text)
  if (strict !== undefined) return strict
  return parseIp(text.replace(/(^|[.:])0+(?=\d+(?:\.|$))/g, '$1'))
}

/** Whether an IPv6 text stands for an IPv4 address (`::ffff:1.2.3.4`). */
function isMapped(ip: string): boolean {
  return ip.startsWith('::ffff:') && ip.includes('.')
}

/**
 * Addresses in fields that once took any spelling (validation.IsValidIPForLegacyField with StrictIPCIDRValidation, on since 1.36).
 * Values that were there before the update are not looked at again.
 */
export function validateLegacyIp(field: string, value: string, existing: readonly string[] = []): FieldError[] {
  if (existing.includes(value)) return []
  const ip = parseIpSloppy(value)
  if (ip === undefined) return [invalid(field, value, IP_TEXT)]
  const errors: FieldError[] = []
  if (parseIp(value) === undefined) errors.push(invalid(field, value, 'must not have leading 0s'))
  if (isMapped(ip)) errors.push(invalid(field, value, 'must not be an IPv4-mapped IPv6 address'))
  return errors
}

/** Networks in such fields: strict spelling, no host bits. */
export function validateLegacyCidr(field: string, value: string, existing: readonly string[] = []): FieldError[] {
  if (existing.includes(value)) return []
  const slash = value.lastIndexOf('/')
  const address = slash < 0 ? undefined : parseIpSloppy(value.slice(0, slash))
  const length = value.slice(slash + 1)
  const bits = address?.includes(':') ? 128 : 32
  if (address === undefined || !/^\d+$/.test(length) || Number(length) > bits) return [invalid(field, value, CIDR_TEXT)]
  const errors: FieldError[] = []
  if (parseIp(value.slice(0, slash)) === undefined || /^0\d/.test(length))
    errors.push(invalid(field, value, 'must not have leading 0s in IP or prefix length'))
  if (isMapped(address)) errors.push(invalid(field, value, 'must not be an IPv4-mapped IPv6 address'))
  const clear = canonicalCidr(`${address}/${Number(length)}`)
  if (clear !== `${address}/${Number(length)}`) errors.push(invalid(field, value, 'must not have bits set beyond the prefix length'))
  return errors
}

/** Addresses in newer fields: valid and in canonical form (content.IsValidIP). */
export function validateIp(field: string, value: string): FieldError[] {
  const ip = parseIpSloppy(value)
  if (ip === undefined || parseIp(value) === undefined) {
    if (ip === undefined) return [invalid(field, value, IP_TEXT)]
    return [invalid(field, value, 'must not have leading 0s')]
  }
  if (isMapped(ip)) return [invalid(field, value, 'must not be an IPv4-mapped IPv6 address')]
  return ip === value ? [] : [invalid(field, value, `must be in canonical form ("${ip}")`)]
}

/** Addresses that no one can be reached at from elsewhere (ValidateNonSpecialIP / ValidateEndpointIP). */
export function validateNonSpecialIp(field: string, value: string): FieldError[] {
  const ip = parseIpSloppy(value)
  if (ip === undefined) return [invalid(field, value, 'must be a valid IP address')]
  const plain = isMapped(ip) ? ip.slice(7) : ip
  const errors: FieldError[] = []
  const refuse = (detail: string) => errors.push(invalid(field, value, detail))
  if (plain === '0.0.0.0' || plain === '::') refuse(`may not be unspecified (${value})`)
  if (plain.startsWith('127.') || plain === '::1') refuse('may not be in the loopback range (127.0.0.0/8, ::1/128)')
  if (plain.startsWith('169.254.') || /^fe[89ab]/.test(plain)) refuse('may not be in the link-local range (169.254.0.0/16, fe80::/10)')
  if (plain.startsWith('224.0.0.') || /^ff.2:/.test(plain)) refuse('may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)')
  return errors
}
