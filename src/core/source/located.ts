import type { SourceRange } from './diagnostic.ts'

/** Where a value stands: the file and its UTF-16 offsets, half-open. */
type Place = { readonly file: string; readonly start: number; readonly end: number }

export type LocatedEntry = {
  readonly key: string
  readonly keyStart: number
  readonly keyEnd: number
  readonly value: Located
}

/** A parsed value that knows where it was written. */
export type Located = LocatedMap | LocatedList | LocatedScalar
export type LocatedMap = Place & { readonly at: 'map'; readonly entries: readonly LocatedEntry[] }
export type LocatedList = Place & { readonly at: 'list'; readonly items: readonly Located[] }
export type LocatedScalar = Place & {
  readonly at: 'scalar'
  readonly value: string | number | boolean | null
  /** A number as JSON would write it, where that is not what `String(value)` gives (`80.0`, integers beyond 2^53). */
  readonly literal?: string
}

/** The value under a key of a map, or undefined. The last of doubled keys counts, as in kubectl. */
export function child(node: Located | undefined, key: string | number): Located | undefined {
  if (node?.at === 'list' && typeof key === 'number') return node.items[key]
  if (node?.at !== 'map') return undefined
  return node.entries.findLast((entry) => entry.key === String(key))?.value
}

/** The text at a path, or undefined where there is none or it is no text. */
export function textAt(node: Located | undefined, ...path: readonly (string | number)[]): string | undefined {
  const found = path.reduce(child, node)
  return found?.at === 'scalar' && typeof found.value === 'string' ? found.value : undefined
}

/** The plain value. `__proto__` becomes an ordinary key. */
export function plain(node: Located): unknown {
  switch (node.at) {
    case 'scalar':
      return node.value
    case 'list':
      return node.items.map(plain)
    case 'map':
      return Object.fromEntries(node.entries.map((entry) => [entry.key, plain(entry.value)]))
  }
}

/**
 * Where the value at a path was written, or its nearest ancestor that was written. With `key`, the range of the field's name (for
 * trouble with the field itself, such as an unknown name).
 */
export function rangeOf(root: Located, path: readonly (string | number)[], key = false): SourceRange {
  let node = root
  let range: SourceRange = headOf(root)
  for (const [index, part] of path.entries()) {
    const last = index === path.length - 1
    if (node.at === 'map') {
      const entry = node.entries.findLast((candidate) => candidate.key === String(part))
      if (!entry) return range
      const named = { file: root.file, start: entry.keyStart, end: entry.keyEnd }
      node = entry.value
      // A block collection can run over pages: its name is the better mark.
      range = (last && key) || node.at !== 'scalar' || node.start === node.end ? named : placeOf(node)
      if (last && !key && node.at !== 'scalar' && node.end - node.start <= 80) range = placeOf(node)
    } else if (node.at === 'list' && typeof part === 'number' && node.items[part]) {
      node = node.items[part]
      range = node.at === 'scalar' ? placeOf(node) : headOf(node)
    } else return range
  }
  return range
}

/** The whole extent of a value. */
export function placeOf(node: Located): SourceRange {
  return { file: node.file, start: node.start, end: node.end }
}

function headOf(node: Located): SourceRange {
  const first = node.at === 'map' ? node.entries[0] : undefined
  if (first) return { file: node.file, start: Math.min(first.keyStart, node.start), end: first.keyEnd }
  return placeOf(node)
}
