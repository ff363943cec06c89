import type { ApiObject } from '../api/cluster.ts'
import { byText } from '../base/order.ts'
import { type DescriptionWriter, writeAnnotations, writeLabels } from './writer.ts'

/** What is already said at the top, or never shown. */
const SKIPPED = new Set(['.metadata.managedFields', '.metadata.name', '.metadata.namespace', '.metadata.labels', '.metadata.annotations'])
const ACRONYMS = new Set(['API', 'URL', 'UID', 'OSB', 'GUID'])

/** Kinds without a describer of their own, as kubectl describes custom resources: every field, its name made readable. */
export function describeGeneric(w: DescriptionWriter, object: ApiObject): void {
  w.line(0, 'Name:', object.metadata.name)
  w.line(0, 'Namespace:', object.metadata.namespace ?? '')
  writeLabels(w, 'Labels', object.metadata.labels)
  writeAnnotations(w, 'Annotations', object.metadata.annotations)
  writeFields(w, 0, object, '')
}

function writeFields(w: DescriptionWriter, level: number, content: object, path: string): void {
  for (const [field, value] of Object.entries(content).sort(([a], [b]) => byText(a, b))) {
    const inner = `${path}.${field}`
    if (SKIPPED.has(inner) || value === undefined) continue
    if (Array.isArray(value)) {
      w.line(level, `${labelFor(field)}:`)
      for (const child of value) {
        if (typeof child === 'object' && child !== null && !Array.isArray(child)) writeFields(w, level + 1, child, inner)
        else w.line(level + 1, goText(child))
      }
    } else if (typeof value === 'object' && value !== null) {
      w.line(level, `${labelFor(field)}:`)
      writeFields(w, level + 1, value, inner)
    } else w.line(level, `${labelFor(field)}:`, goText(value))
  }
}

function goText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  return Array.isArray(value) ? `[${value.map(goText).join(' ')}]` : String(value)
}

/** `apiVersion` as `API Version`; names with digits or signs stay as they are. */
function labelFor(field: string): string {
  if (!/^[\p{L}-]+$/u.test(field)) return field
  const words = field.match(/-+|\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+/gu) ?? [field]
  return words
    .map((word) => {
      const upper = word.toUpperCase()
      return ACRONYMS.has(upper) ? upper : word.charAt(0).toUpperCase() + word.slice(1)
    })
    .join(' ')
}
