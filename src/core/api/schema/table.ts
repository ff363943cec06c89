import { extraKinds, extraStructs } from './extra.ts'
import { generatedKinds, generatedStructs } from './generated.ts'

/** A field's type, as the API server's Go types have it. */
export type FieldType =
  | { readonly is: 'text' | 'int32' | 'int64' | 'bool' | 'float' | 'quantity' | 'time' | 'int-or-text' | 'any'; readonly go: string }
  | { readonly is: 'list' | 'map'; readonly of: FieldType; readonly go: string }
  | { readonly is: 'struct'; readonly name: string; readonly go: string }

export type Field = { readonly type: FieldType; readonly embedded?: string; readonly required: boolean }
/** A Go struct: its name in the table, its own name, and its fields by JSON name. */
export type Struct = { readonly name: string; readonly go: string; readonly fields: ReadonlyMap<string, Field> }

const lines = new Map<string, string>()
const kinds = new Map<string, string>()
const structs = new Map<string, Struct>()

function index(): void {
  for (const line of `${generatedStructs}${extraStructs}`.split('\n')) {
    const space = line.indexOf(' ')
    if (space > 0) lines.set(line.slice(0, space), line.slice(space + 1))
  }
  for (const line of `${generatedKinds}${extraKinds}`.split('\n')) {
    const [version, kind, struct] = line.split(' ')
    if (version && kind && struct) kinds.set(`${version} ${kind}`, struct)
  }
}

/** The struct of a kind in an API version, or undefined if there is none. */
export function structOfKind(apiVersion: string, kind: string): string | undefined {
  if (kinds.size === 0) index()
  return kinds.get(`${apiVersion} ${kind}`)
}

/** A struct by its name in the table. Each line is read when it is first asked for. */
export function structNamed(name: string): Struct {
  if (kinds.size === 0) index()
  let struct = structs.get(name)
  if (!struct) {
    const [go = name, ...fields] = (lines.get(name) ?? '').split(' ')
    struct = { name, go, fields: new Map(fields.map(readField)) }
    structs.set(name, struct)
  }
  return struct
}

function readField(text: string): [string, Field] {
  const [, name = '', type = '', embedded, required] = /^([^:]+):([^<!]+)(?:<([^!]+))?(!)?$/.exec(text) ?? []
  return [name, { type: readType(type), required: required === '!', ...(embedded ? { embedded } : {}) }]
}

const SIMPLE: Readonly<Record<string, FieldType>> = {
  s: { is: 'text', go: 'string' },
  i: { is: 'int32', go: 'int32' },
  l: { is: 'int64', go: 'int64' },
  b: { is: 'bool', go: 'bool' },
  f: { is: 'float', go: 'float64' },
  q: { is: 'quantity', go: 'resource.Quantity' },
  t: { is: 'time', go: 'string' },
  o: { is: 'int-or-text', go: 'int32' },
  a: { is: 'any', go: 'interface {}' },
}

function readType(text: string): FieldType {
  const simple = SIMPLE[text]
  if (simple) return simple
  if (text.startsWith('[]')) {
    const of = readType(text.slice(2))
    return { is: 'list', of, go: `[]${of.go}` }
  }
  if (text.startsWith('{}')) {
    const of = readType(text.slice(2))
    return { is: 'map', of, go: `map[string]${of.go}` }
  }
  if (text.startsWith('#')) {
    const name = text.slice(1)
    const go = (lines.get(name) ?? name).split(' ')[0] ?? name
    return { is: 'struct', name, go: `v1.${go}` }
  }
  const named = text.slice(2)
  return { is: 'text', go: named === 'UID' ? 'types.UID' : `v1.${named}` }
}
