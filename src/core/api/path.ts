import type { SourceRange } from '../source/diagnostic.ts'
import { child, type Located, rangeOf } from '../source/located.ts'
import type { FieldPath } from './meta.ts'

/**
 * `spec.ports[0].port` taken apart. Annotations are named in two ways (`metadata.annotations[k]`, `annotations.k`); keys in brackets may
 * hold dots.
 */
export function parsePath(text: string): FieldPath {
  const annotation = /^(?:metadata\.)?annotations\.(.+)$/.exec(text)
  if (annotation?.[1]) return ['metadata', 'annotations', annotation[1]]
  return [...text.matchAll(/([^.[\]]+)|\[([^\]]*)\]/g)].map((match) => {
    const inBrackets = match[2]
    if (inBrackets === undefined) return match[1] ?? ''
    return /^\d+$/.test(inBrackets) ? Number(inBrackets) : inBrackets
  })
}

/**
 * Where a field was written, or its nearest written ancestor. The API server sometimes misspells a field in its messages
 * (`spec.LoadBalancerSourceRanges`): case is forgiven.
 */
export function rangeOfField(root: Located, path: FieldPath, key = false): SourceRange {
  let node: Located | undefined = root
  const spelled: (string | number)[] = []
  for (const part of path) {
    let name = part
    if (node?.at === 'map' && typeof part === 'string' && child(node, part) === undefined) {
      const lower = part.toLowerCase()
      name = node.entries.find((entry) => entry.key.toLowerCase() === lower)?.key ?? part
    }
    spelled.push(name)
    node = child(node, name)
  }
  return rangeOf(root, spelled, key)
}
