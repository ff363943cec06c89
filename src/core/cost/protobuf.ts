import { utf8Bytes } from '../base/text.ts'
import { messages } from './schema.ts'

/**
 * An object in Kubernetes' protobuf wire form: `k8s\0`, then a `runtime.Unknown` around the message. `unknown` names the fields that
 * have no number here and were left out; with any, the size is a lower bound.
 */
export type Encoded = { readonly bytes: Uint8Array; readonly unknown: readonly string[] }

type Value = Readonly<Record<string, unknown>>

/** Encodes a stored object; undefined for a kind without a schema. */
export function encodeObject(object: { readonly apiVersion: string; readonly kind: string }): Encoded | undefined {
  if (!messages[object.kind]) return undefined
  const { apiVersion, kind, ...rest } = object
  const unknown: string[] = []
  const raw = message(kind, rest, '', unknown)
  const typeMeta = [...text(1, apiVersion), ...text(2, kind)]
  // runtime.Unknown: typeMeta 1, raw 2, contentEncoding 3 and contentType 4, both empty.
  const bytes = concat([[0x6b, 0x38, 0x73, 0x00], chunk(1, typeMeta), head(2, raw.length), raw, text(3, ''), text(4, '')])
  return { bytes, unknown }
}

function message(name: string, value: Value, path: string, unknown: string[]): Uint8Array {
  const schema = messages[name] ?? {}
  const flat = flattened(name, value)
  for (const field in flat) if (!(field in schema) && flat[field] !== undefined) unknown.push(`${path}${field}`)
  const parts: ArrayLike<number>[] = []
  for (const [field, spec] of Object.entries(schema)) {
    const space = spec.indexOf(' ')
    pushField(parts, Number(spec.slice(0, space)), spec.slice(space + 1), flat[field], `${path}${field}`, unknown)
  }
  return concat(parts)
}

/** Go embeds the probe's handler and the rule's value in messages of their own, which JSON does not show. */
function flattened(name: string, value: Value): Value {
  if (name === 'Probe') {
    const { exec, httpGet, tcpSocket, grpc, ...rest } = value
    return { ...rest, handler: { exec, httpGet, tcpSocket, grpc } }
  }
  if (name === 'IngressRule') {
    const { http, ...rest } = value
    return { ...rest, value: { http } }
  }
  return value
}

function pushField(parts: ArrayLike<number>[], number: number, type: string, value: unknown, path: string, unknown: string[]): void {
  const missing = value === undefined || value === null
  if (type.endsWith('[]')) {
    for (const item of (missing ? [] : value) as readonly unknown[])
      parts.push(...single(number, type.slice(0, -2), item, `${path}.`, unknown))
  } else if (type.startsWith('map')) {
    for (const [key, item] of Object.entries((missing ? {} : value) as Value)) {
      const entry = concat([text(1, key), ...single(2, type === 'map' ? 'string' : type.slice(4, -1), item, `${path}.`, unknown)])
      parts.push(head(number, entry.length), entry)
    }
  } else if (!missing || !type.endsWith('?')) parts.push(...single(number, type.replace('?', ''), value, `${path}.`, unknown))
}

/** One value with its tag; an absent one as Go's zero value. */
function single(number: number, type: string, value: unknown, path: string, unknown: string[]): readonly ArrayLike<number>[] {
  switch (type) {
    case 'string':
      return [text(number, String(value ?? ''))]
    case 'int':
      return [[...varint(number << 3), ...varint(Number(value ?? 0))]]
    case 'bool':
      return [[...varint(number << 3), value ? 1 : 0]]
    case 'Time':
      return [chunk(number, timestamp(value))]
    case 'IntOrString':
      return [chunk(number, intOrString(value as number | string | undefined))]
    case 'Quantity':
      return [chunk(number, text(1, String(value ?? '')))]
    case 'FieldsV1':
      return [chunk(number, text(1, JSON.stringify(value)))]
    default: {
      const inner = message(type, (value ?? {}) as Value, path, unknown)
      return [head(number, inner.length), inner]
    }
  }
}

/** Seconds and an always-zero nanos; nothing at all for the zero time. The seconds of any date from 2004 to 3058 take five bytes. */
function timestamp(value: unknown): readonly number[] {
  if (value === undefined || value === null || value === '') return []
  return [0x08, ...varint(secondsOf(String(value))), 0x10, 0]
}

function secondsOf(time: string): number {
  const [year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0] = (time.match(/\d+/g) ?? []).map(Number)
  const y = month <= 2 ? year - 1 : year
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const days = y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - 719_468
  return days * 86_400 + hour * 3600 + minute * 60 + second
}

function intOrString(value: number | string | undefined): readonly number[] {
  const isText = typeof value === 'string'
  return [0x08, isText ? 1 : 0, 0x10, ...varint(isText ? 0 : (value ?? 0)), ...text(3, isText ? value : '')]
}

function text(number: number, value: string): readonly number[] {
  return chunk(number, utf8Bytes(value))
}

function chunk(number: number, content: ArrayLike<number>): readonly number[] {
  return [...head(number, content.length), ...Array.from(content)]
}

function head(number: number, length: number): readonly number[] {
  return [...varint((number << 3) | 2), ...varint(length)]
}

function varint(value: number): number[] {
  // Negative numbers are written as 64-bit two's complement: always ten bytes.
  let rest = value < 0 ? (1n << 64n) + BigInt(value) : BigInt(value)
  const out: number[] = []
  do {
    const low = Number(rest & 127n)
    rest >>= 7n
    out.push(rest > 0n ? low | 128 : low)
  } while (rest > 0n)
  return out
}

function concat(parts: readonly ArrayLike<number>[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
