import type { FieldPath } from '../api/meta.ts'

/** The value with what stands at a path replaced; null takes the field away. Missing maps and lists on the way are made. */
export function withPath(value: unknown, path: FieldPath, to: unknown): unknown {
  const [head, ...rest] = path
  if (head === undefined) return to
  if (typeof head === 'number') {
    const list = Array.isArray(value) ? [...(value as readonly unknown[])] : []
    if (rest.length === 0 && to === null) list.splice(head, 1)
    else list[head] = withPath(list[head], rest, to)
    return list
  }
  const map = typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {}
  if (rest.length === 0 && to === null) return Object.fromEntries(Object.entries(map).filter(([key]) => key !== head))
  return { ...map, [head]: withPath(map[head], rest, to) }
}

/** Whether a path names an item of a list that is neither there nor the next one to come. */
export function isPastEnd(value: unknown, path: FieldPath): boolean {
  const [head, ...rest] = path
  if (head === undefined) return false
  const items = Array.isArray(value) ? (value as readonly unknown[]) : []
  if (typeof head === 'number' && head > items.length) return true
  return isPastEnd(atPath(value, [head]), rest)
}

/** What stands at a path, or undefined. */
export function atPath(value: unknown, path: FieldPath): unknown {
  let current = value
  for (const part of path) {
    if (typeof current !== 'object' || current === null) return undefined
    current = (current as Readonly<Record<string | number, unknown>>)[part]
  }
  return current
}
