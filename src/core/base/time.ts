/** Virtual time zero, 2026-01-01T00:00:00Z, in days since 1970-01-01. */
export const EPOCH_DAY = 20454
const DAY = 86_400_000

/** Virtual milliseconds as Kubernetes prints times: RFC 3339 in UTC, whole seconds (`metav1.Time`). */
export function rfc3339(now: number): string {
  const seconds = Math.floor(now / 1000)
  if (seconds === last.seconds) return last.text
  last = { seconds, text: printed(seconds) }
  return last.text
}

/** A thousand Pods start in the same instant. */
let last = { seconds: Number.NaN, text: '' }

function printed(seconds: number): string {
  const day = Math.floor(seconds / 86_400)
  const rest = seconds - day * 86_400
  const two = (value: number) => String(value).padStart(2, '0')
  const [year, month, date] = civil(day + EPOCH_DAY)
  const clock = `${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}`
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(date)}T${clock}Z`
}

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/

/** A timestamp as virtual milliseconds (negative before 2026), or undefined if the text is no RFC 3339 time. */
export function millisOf(text: string | undefined): number | undefined {
  if (text === lastRead.text) return lastRead.millis
  lastRead = { text, millis: read(text) }
  return lastRead.millis
}

let lastRead: { readonly text: string | undefined; readonly millis: number | undefined } = { text: undefined, millis: undefined }

function read(text: string | undefined): number | undefined {
  const match = text === undefined ? null : RFC3339.exec(text)
  if (!match) return undefined
  const part = (index: number) => Number(match[index] ?? 0)
  const days = dayOf(part(1), part(2), part(3)) - EPOCH_DAY
  const offset = (part(9) * 60 + part(10)) * (match[8] === '-' ? -60_000 : 60_000)
  const fraction = Number(`0.${match[7] ?? 0}`) * 1000
  return days * DAY + part(4) * 3_600_000 + part(5) * 60_000 + part(6) * 1000 + fraction - offset
}

/**
 * Proleptic Gregorian date of a day number since 1970-01-01 (Hinnant's civil_from_days); the core cannot name the platform's Date.
 */
export function civil(day: number): readonly [year: number, month: number, date: number] {
  const shifted = day + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const date = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, date]
}

function dayOf(year: number, month: number, date: number): number {
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + date - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: DAY / 24 }

/** `10s`, `1m30s`, `500ms`, `5` (seconds) in ms; 0 for anything else. */
export function durationOf(text: string | undefined): number {
  if (text === undefined) return 0
  if (/^\d+(\.\d+)?$/.test(text.trim())) return Number(text) * 1000
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text.trim())) return 0
  let sum = 0
  for (const [, value, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) sum += Number(value) * (UNITS[unit ?? ''] ?? 0)
  return sum
}
