import { byText } from '../base/order.ts'
import { escapedAsGo } from '../base/text.ts'

/** A value as `kubectl -o json` prints it: four blanks, keys sorted, `<`, `>` and `&` escaped as Go's encoder does. */
export function printJson(value: unknown): string {
  return `${escapedAsGo(JSON.stringify(sorted(value), undefined, 4))}\n`
}

/** The same on one line, as `-o jsonpath` prints objects. */
export function compactJson(value: unknown): string {
  return escapedAsGo(JSON.stringify(sorted(value)))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const map = value as Readonly<Record<string, unknown>>
  return Object.fromEntries(
    Object.keys(map)
      .sort(byText)
      .map((key) => [key, sorted(map[key])]),
  )
}
