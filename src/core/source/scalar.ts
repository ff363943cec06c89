/** What a plain (unquoted) YAML scalar means to kubectl. */
export type PlainScalar = { readonly value: string | number | boolean | null; readonly literal?: string }

const WORDS = new Map<string, boolean | null>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
])
const TIMESTAMP = /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt ]\d{1,2}:\d{1,2}:\d{1,2}|$)/
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/
const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9]\d*))$/

/**
 * Resolves a plain scalar as kubectl's YAML library does (sigs.k8s.io/yaml on go-yaml v2, resolve.go): YAML 1.1 words (`yes`, `on`,
 * `y` are booleans), octal `010` and `0o10`, hexadecimal, binary, `_` inside numbers; dates stay text. Infinities and NaN, which
 * JSON cannot say, stay text here.
 */
export function resolvePlain(text: string): PlainScalar {
  const word = WORDS.get(text)
  if (word !== undefined) return { value: word }
  const first = text.charCodeAt(0)
  const numeric = (first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46
  if (!numeric || TIMESTAMP.test(text)) return { value: text }
  const plain = first === 46 ? text : text.replaceAll('_', '')
  const integer = INTEGER.exec(plain)
  if (integer && first !== 46) return integerOf(integer)
  if (!FLOAT.test(plain)) return { value: text }
  const value = Number(plain)
  return Number.isFinite(value) ? { value } : { value: text }
}

function integerOf([, sign, hex, binary, octal, decimal]: RegExpExecArray): PlainScalar {
  const magnitude = hex ? BigInt(`0x${hex}`) : binary ? BigInt(`0b${binary}`) : octal ? BigInt(`0o${octal}`) : BigInt(decimal ?? '0')
  const exact = sign === '-' ? -magnitude : magnitude
  const value = Number(exact)
  return Number.isSafeInteger(value) ? { value } : { value, literal: exact.toString() }
}
