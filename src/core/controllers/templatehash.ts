import type { PodTemplate } from '../api/kinds/pod.ts'
import { fnv1a32 } from '../base/hash.ts'
import { safeEncoded } from './names.ts'

/** The `pod-template-hash` of a template. */
export function templateHash(template: PodTemplate): string {
  return safeEncoded(fnv1a32(canonical(template)))
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(' ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const entries = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, inner]) => `${key}:${canonical(inner)}`).join(' ')}}`
}
