import { utf8Bytes } from '../../base/text.ts'

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const LABEL_1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const WILDCARD = /^\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const NAME_PART = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/

const LABEL_TEXT =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const LABEL_1035_TEXT =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
const SUBDOMAIN_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const WILDCARD_TEXT =
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const NAME_PART_TEXT =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const LABEL_VALUE_TEXT =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"

const bytes = (text: string) => utf8Bytes(text).length
const tooLong = (max: number, unit: 'characters' | 'bytes' = 'characters') => `must be no more than ${max} ${unit}`

/** What is wrong with a text as an RFC 1123 label, in the API server's words (validation.IsDNS1123Label). */
export function dnsLabel(text: string): string[] {
  const errors = bytes(text) > 63 ? [tooLong(63)] : []
  if (!LABEL.test(text)) errors.push(SUBDOMAIN.test(text) ? 'must not contain dots' : LABEL_TEXT)
  return errors
}

/** … as an RFC 1035 label, which may not begin with a digit. */
export function dns1035Label(text: string): string[] {
  const errors = bytes(text) > 63 ? [tooLong(63)] : []
  return LABEL_1035.test(text) ? errors : [...errors, LABEL_1035_TEXT]
}

/** … as a DNS subdomain: labels with dots, up to 253 bytes in all. */
export function dnsSubdomain(text: string): string[] {
  const errors = bytes(text) > 253 ? [tooLong(253)] : []
  return SUBDOMAIN.test(text) ? errors : [...errors, SUBDOMAIN_TEXT]
}

/** … as `*.` and a subdomain. */
export function wildcardSubdomain(text: string): string[] {
  const errors = bytes(text) > 253 ? [tooLong(253)] : []
  return WILDCARD.test(text) ? errors : [...errors, WILDCARD_TEXT]
}

/** … as a qualified name: an optional DNS prefix, a slash, and a name (label keys, annotations, app protocols). */
export function qualifiedName(text: string): string[] {
  const parts = text.split('/')
  const [first = '', second] = parts
  // content.IsLabelKey says "bytes" where the older functions say "characters".
  if (parts.length > 2)
    return [
      `a valid label key ${NAME_PART_TEXT.replace("(e.g. 'MyName'", "(e.g. 'MyName'")} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ]
  const errors: string[] = []
  if (second !== undefined) {
    if (first === '') errors.push('prefix part must be non-empty')
    else errors.push(...dnsSubdomain(first).map((why) => `prefix part ${why}`))
  }
  const name = second ?? first
  if (name === '') errors.push('name part must be non-empty')
  else if (bytes(name) > 63) errors.push(`name part ${tooLong(63, 'bytes')}`)
  if (!NAME_PART.test(name)) errors.push(`name part ${NAME_PART_TEXT}`)
  return errors
}

/** … as a label's value. */
export function labelValue(text: string): string[] {
  const errors = bytes(text) > 63 ? [tooLong(63, 'bytes')] : []
  return LABEL_VALUE.test(text) ? errors : [...errors, LABEL_VALUE_TEXT]
}

/** … as a port's name: an IANA service name (validation.IsValidPortName). */
export function portName(text: string): string[] {
  const errors: string[] = []
  if (text.length > 15) errors.push(tooLong(15))
  if (!/^[-a-z0-9]+$/.test(text)) errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(text)) errors.push('must contain at least one letter (a-z)')
  if (text.includes('--')) errors.push('must not contain consecutive hyphens')
  if (text.startsWith('-') || text.endsWith('-')) errors.push('must not begin or end with a hyphen')
  return errors
}

/** … as a port's number. */
export function portNumber(port: number): string[] {
  return port >= 1 && port <= 65535 ? [] : ['must be between 1 and 65535, inclusive']
}

/** … as a percentage: digits and `%`. */
export function percentText(text: string): string[] {
  if (/^[0-9]+%$/.test(text)) return []
  return [
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
  ]
}
