/** A value with every `readonly` taken off, all the way down: what one works on before it is handed out. */
export type Mutable<T> = T extends (...args: never[]) => unknown ? T : T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T

/** A deep copy of plain data. */
export function copyOf<T>(value: T): Mutable<T> {
  if (Array.isArray(value)) return value.map(copyOf) as Mutable<T>
  if (value === null || typeof value !== 'object') return value as Mutable<T>
  const out: [string, unknown][] = []
  for (const key of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[key]
    if (member !== undefined) out.push([key, typeof member === 'object' && member !== null ? copyOf(member) : member])
  }
  return Object.fromEntries(out) as Mutable<T>
}

/** Whether two plain values are equal all the way down; members that are undefined are as good as absent. */
export function sameData(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const left = a as Record<string, unknown>
  const right = b as Record<string, unknown>
  for (const key in left) if (left[key] !== undefined && !sameData(left[key], right[key])) return false
  for (const key in right) if (right[key] !== undefined && left[key] === undefined) return false
  return !Array.isArray(a) || a.length === (b as readonly unknown[]).length
}
