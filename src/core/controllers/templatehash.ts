import type { PodTemplate } from '../api/kinds/pod.ts'
import { fnv1a32 } from '../base/hash.ts'
import { goStructs } from './gotypes.ts'
import { safeEncoded } from './names.ts'

const known = new WeakMap<PodTemplate, string>()

/**
 * The `pod-template-hash` of a template: FNV-1a of the template as Go's `dump.ForHash` prints it, with the API server's defaults. Where
 * a template uses a type that is not in the table (volumes, affinity …) the hash is as good a hash, but not a real cluster's.
 */
export function templateHash(template: PodTemplate, collisions = 0): string {
  let text = known.get(template)
  if (text === undefined) {
    text = printed('v1.PodTemplateSpec', template, true)
    known.set(template, text)
  }
  return safeEncoded(fnv1a32(collisions > 0 ? `${text} ${collisions}` : text))
}

type Plain = Readonly<Record<string, unknown>>

/** A value as spew prints it with `%#v`: the type in brackets unless the surroundings state it. */
function printed(type: string, value: unknown, typed: boolean): string {
  const head = typed ? `(${type})` : ''
  if (type.startsWith('*')) return head + (value === undefined || value === null ? '<nil>' : printed(type.slice(1), value, false))
  if (type.startsWith('[]')) return head + list(type.slice(2), value)
  if (type === 'v1.ResourceList') return head + map(value, quantity)
  if (type.startsWith('map[')) return head + map(value, String)
  if (type === 'intstr.IntOrString') return head + intOrString(value)
  const fields = goStructs.get(type)
  if (fields) return head + struct(type, value)
  if (typeof value === 'object' && value !== null) return `${head}{${canonical(value)}}`
  if (/^u?int\d+$/.test(type)) return `${head}${value ?? 0}`
  return `${head}${type === 'bool' ? (value ?? false) : (value ?? '')}`
}

function list(type: string, value: unknown): string {
  return Array.isArray(value) ? `[${value.map((item) => printed(type, item, false)).join(' ')}]` : '<nil>'
}

function map(value: unknown, print: (inner: unknown) => string): string {
  if (typeof value !== 'object' || value === null) return '<nil>'
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `map[${entries.map(([key, inner]) => `${key}:${print(inner)}`).join(' ')}]`
}

function struct(type: string, value: unknown): string {
  const object = (value ?? {}) as Plain
  const fields = goStructs.get(type) ?? []
  const texts = fields.map((field) => {
    // A field of its own name `.` is embedded: its fields stand in the object itself.
    const given = field.json === '.' ? only(object, field.type) : object[field.json]
    const preset = field.preset === '{}' ? {} : (field.preset ?? defaultOf(type, field.name, object))
    return `${field.name}:${printed(field.type, given ?? preset, true)}`
  })
  const names = new Set(
    fields.flatMap(({ json, type: inner }) => (json === '.' ? (goStructs.get(inner) ?? []).map((one) => one.json) : json)),
  )
  const others = Object.keys(object).filter((key) => !names.has(key) && object[key] !== undefined && !IGNORED.has(`${type}.${key}`))
  const rest = others.sort().map((key) => ` ${key}:${canonical(object[key])}`)
  return `{${texts.join(' ')}${rest.join('')}}`
}

/** The part of an object that an embedded struct holds. */
function only(object: Plain, type: string): Plain {
  return Object.fromEntries((goStructs.get(type) ?? []).map(({ json }) => [json, object[json]]))
}

/** Metadata that says nothing in a template. */
const IGNORED = new Set(['v1.ObjectMeta.creationTimestamp', 'v1.PodSpec.enableServiceLinks'])

/** Defaults that depend on other fields. */
function defaultOf(type: string, field: string, object: Plain): string | undefined {
  if (type === 'v1.PodSpec' && field === 'DeprecatedServiceAccount') return object['serviceAccountName'] as string | undefined
  if (type !== 'v1.Container' || field !== 'ImagePullPolicy') return undefined
  const image = String(object['image'] ?? '')
  const name = image.slice(image.lastIndexOf('/') + 1)
  const tag = image.includes('@') ? 'digest' : name.includes(':') ? name.slice(name.indexOf(':') + 1) : 'latest'
  return tag === 'latest' ? 'Always' : 'IfNotPresent'
}

function intOrString(value: unknown): string {
  const isText = typeof value === 'string'
  return `{Type:(intstr.Type)${isText ? 1 : 0} IntVal:(int32)${isText ? 0 : (value ?? 0)} StrVal:(string)${isText ? value : ''}}`
}

const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const BINARY: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50 }

/** A `resource.Quantity` as its parser leaves it (the fast path of `ParseQuantity`). */
function quantity(value: unknown): string {
  const text = String(value)
  const [, whole = '', part = '', unit = ''] = /^(\d+)(?:\.(\d+))?([a-zA-Z]*)$/.exec(text) ?? []
  const isBinary = unit in BINARY
  const amount = BigInt(`${whole}${part}` || '0') * (isBinary ? 1n << BigInt(BINARY[unit] ?? 0) : 1n)
  const scale = (isBinary ? 0 : (DECIMAL[unit] ?? 0)) - part.length
  return `{i:(resource.int64Amount){value:(int64)${amount} scale:(resource.Scale)${scale}} d:(resource.infDecAmount){Dec:(*inf.Dec)<nil>} s:(string)${text} Format:(resource.Format)${isBinary ? 'BinarySI' : 'DecimalSI'}}`
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(' ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const entries = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, inner]) => `${key}:${canonical(inner)}`).join(' ')}}`
}
