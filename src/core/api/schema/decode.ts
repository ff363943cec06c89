import { byText } from '../../base/order.ts'
import type { Located } from '../../source/located.ts'
import { plain } from '../../source/located.ts'
import { type FieldError, required } from '../field-error.ts'
import { type FieldPath, printPath } from '../meta.ts'
import { keepsZeros, POINTERS } from './pointers.ts'
import { type FieldType, type Struct, structNamed } from './table.ts'

export type Decoded = {
  readonly value: Readonly<Record<string, unknown>>
  /** The one type error that the API server reports, in its words: `json: cannot unmarshal …`. */
  readonly error?: { readonly message: string; readonly path: FieldPath }
  /** What a custom resource's schema refuses: all of it, not only the first. */
  readonly invalid: readonly FieldError[]
  /** Fields that the kind does not have. They are dropped. */
  readonly unknown: readonly FieldPath[]
}

/** Where the Go decoder is: the struct and the field names that it puts in its messages. Indices and embedded structs included. */
type Context = { readonly struct: string; readonly fields: string; readonly path: FieldPath }

/** A custom unmarshaller failed: Go stops there, and this error hides those met before. */
class HardError extends Error {}

/**
 * Decodes a located value into the plain object that the API server would read, driven by the field table. Type errors are those of
 * Go's encoding/json (the first one met; keys are met in byte order, because kubectl sorts them); null is as good as absent.
 */
export function decodeStruct(at: Located, struct: string): Decoded {
  const decoder = new Decoder(struct.startsWith('Gw'))
  let value: unknown
  try {
    value = decoder.struct(at, structNamed(struct), `v1.${structNamed(struct).go}`, { struct: '', fields: '', path: [] })
  } catch (error) {
    if (!(error instanceof HardError)) throw error
  }
  return {
    value: (value ?? {}) as Record<string, unknown>,
    unknown: decoder.unknown,
    invalid: decoder.invalid,
    ...(decoder.error ? { error: decoder.error } : {}),
  }
}

class Decoder {
  readonly invalid: FieldError[] = []
  private readonly custom: boolean

  constructor(custom: boolean) {
    this.custom = custom
  }

  error: { message: string; path: FieldPath } | undefined
  readonly unknown: FieldPath[] = []

  struct(at: Located, struct: Struct, go: string, context: Context): unknown {
    if (at.at !== 'map') return this.mismatch(at, go, context)
    const out: [string, unknown][] = []
    for (const entry of [...at.entries].sort((a, b) => byText(a.key, b.key))) {
      const field = struct.fields.get(entry.key)
      const path = [...context.path, entry.key]
      if (!field) {
        this.unknown.push(path)
        continue
      }
      const names = field.embedded ? [field.embedded, entry.key] : [entry.key]
      const fields = [...(context.fields ? [context.fields] : []), ...names].join('.')
      const value = this.value(entry.value, field.type, { struct: struct.go, fields, path })
      if (value !== undefined && !isForgotten(value, field.type, struct, entry.key)) out.push([entry.key, value])
    }
    if (this.custom)
      for (const [name, field] of struct.fields)
        if (field.required && !at.entries.some((entry) => entry.key === name))
          this.invalid.push(required(printPath([...context.path, name])))
    return Object.fromEntries(out)
  }

  private value(at: Located, type: FieldType, context: Context): unknown {
    if (type.is === 'any') return plain(at)
    if (at.at === 'scalar' && at.value === null) return undefined
    switch (type.is) {
      case 'struct':
        return this.struct(at, structNamed(type.name), type.go, context)
      case 'list':
        if (at.at !== 'list') return this.mismatch(at, type.go, context)
        return at.items.map((item, index) => this.value(item, type.of, { ...context, path: [...context.path, index] }) ?? zero(type.of))
      case 'map':
        return this.map(at, type.of, type.go, context)
      default:
        return this.scalar(at, type.is, type.go, context)
    }
  }

  private map(at: Located, of: FieldType, go: string, context: Context): unknown {
    if (at.at !== 'map') return this.mismatch(at, go, context)
    const sorted = [...at.entries].sort((a, b) => byText(a.key, b.key))
    return Object.fromEntries(
      sorted.map((entry) => [entry.key, this.value(entry.value, of, { ...context, path: [...context.path, entry.key] }) ?? zero(of)]),
    )
  }

  private scalar(at: Located, is: FieldType['is'], go: string, context: Context): unknown {
    const value = at.at === 'scalar' ? at.value : undefined
    switch (is) {
      case 'text':
        return typeof value === 'string' ? value : this.mismatch(at, go, context)
      case 'bool':
        return typeof value === 'boolean' ? value : this.mismatch(at, go, context)
      case 'float':
        return typeof value === 'number' ? value : this.mismatch(at, go, context)
      case 'int32':
      case 'int64':
        return typeof value === 'number' ? this.integer(at, value, is, go, context) : this.mismatch(at, go, context)
      case 'int-or-text':
        if (typeof value === 'string') return value
        return typeof value === 'number'
          ? this.integer(at, value, 'int32', go, context, true)
          : this.hard(mismatchText(at, go, context), context)
      case 'time':
        if (typeof value !== 'string') return this.hard(mismatchText(at, go, context), context)
        return TIME.test(value) ? value : this.hard(timeError(value), context)
      case 'quantity':
        if (typeof value !== 'string' && typeof value !== 'number') return this.hard(QUANTITY_TEXT, context)
        return QUANTITY.test(String(value)) ? String(value) : this.hard(QUANTITY_TEXT, context)
      default:
        return undefined
    }
  }

  private integer(at: Located, value: number, is: 'int32' | 'int64', go: string, context: Context, hard = false): unknown {
    const limit = is === 'int32' ? 2 ** 31 : 2 ** 63
    if (Number.isInteger(value) && value >= -limit && value < limit) return value
    const literal = at.at === 'scalar' ? (at.literal ?? goNumber(value)) : String(value)
    if (this.custom && context.path[0] !== 'metadata') return this.refuse(at, go, context)
    const message = text(`number ${literal}`, go, context)
    return hard ? this.hard(message, context) : this.save(message, context)
  }

  private mismatch(at: Located, go: string, context: Context): undefined {
    // Metadata is decoded by the server itself, in every kind.
    if (this.custom && context.path[0] !== 'metadata') return this.refuse(at, go, context)
    return this.save(mismatchText(at, go, context), context)
  }

  private refuse(at: Located, go: string, context: Context): undefined {
    const field = printPath(context.path)
    const given =
      at.at === 'map' ? 'object' : at.at === 'list' ? 'array' : typeof at.value === 'number' ? numberKind(at.value) : typeof at.value
    const detail = `${field} in body must be of type ${schemaType(go)}: "${given}"`
    this.invalid.push({ type: 'FieldValueTypeInvalid', field, message: `Invalid value: "${given}": ${detail}` })
    return undefined
  }

  private save(message: string, context: Context): undefined {
    this.error ??= { message, path: context.path }
    return undefined
  }

  private hard(message: string, context: Context): never {
    this.error = { message, path: context.path }
    throw new HardError(message)
  }
}

function numberKind(value: number): string {
  return Number.isInteger(value) ? 'integer' : 'number'
}

/** The word of a JSON Schema for a Go type. */
function schemaType(go: string): string {
  if (go.startsWith('[]')) return 'array'
  if (go === 'int32' || go === 'int64') return 'integer'
  if (go === 'bool') return 'boolean'
  if (go === 'float64') return 'number'
  return go === 'string' ? 'string' : 'object'
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/
const QUANTITY = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$/
const QUANTITY_TEXT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

function timeError(value: string): string {
  return `parsing time "${value}" as "2006-01-02T15:04:05Z07:00": cannot parse "${value}" as "2006"`
}

function mismatchText(at: Located, go: string, context: Context): string {
  return text(
    at.at === 'map' ? 'object' : at.at === 'list' ? 'array' : typeof at.value === 'boolean' ? 'bool' : typeof at.value,
    go,
    context,
  )
}

function text(what: string, go: string, context: Context): string {
  const where = context.struct ? `struct field ${context.struct}.${context.fields}` : 'value'
  return `json: cannot unmarshal ${what} into Go ${where} of type ${go}`
}

/** A float as Go's encoding/json writes it: exponents from 1e21 and below 1e-6, with at least two digits. */
function goNumber(value: number): string {
  const magnitude = Math.abs(value)
  if (magnitude !== 0 && (magnitude < 1e-6 || magnitude >= 1e21))
    return value
      .toExponential()
      .replace(/e([+-])(\d)$/, 'e$10$2')
      .replace('e-0', 'e-0')
  return String(value)
}

/** Whether a written value is a zero that Go's `omitempty` leaves out. Empty structs are pointers nearly always, and kept. */
function isForgotten(value: unknown, type: FieldType, struct: Struct, field: string): boolean {
  if (type.is === 'struct' || type.is === 'any' || keepsZeros(struct.name)) return false
  const empty =
    value === '' ||
    value === 0 ||
    value === false ||
    (typeof value === 'object' && value !== null && Object.keys(value as object).length === 0)
  if (!empty) return false
  return !POINTERS.has(`${struct.name === 'DiscoveryV1EndpointPort' ? 'Discovery' : struct.go}.${field}`)
}

/** What null in a list or map becomes: Go's zero value. */
function zero(type: FieldType): unknown {
  switch (type.is) {
    case 'text':
    case 'time':
    case 'quantity':
      return ''
    case 'bool':
      return false
    case 'list':
      return []
    case 'map':
    case 'struct':
      return {}
    case 'any':
      return null
    default:
      return 0
  }
}
