/** 2026-01-01T00:00:00Z as seconds since 1970: where the virtual clock starts. */
const EPOCH_SECONDS = 1_767_225_600
const DAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/

/** An RFC 3339 time in virtual milliseconds (0 = 2026-01-01T00:00:00Z); undefined if the text is none. */
export function parseTime(text: string | undefined): number | undefined {
  const match = RFC3339.exec(text ?? '')
  if (!match) return undefined
  const [, year, month, day, hour, minute, second, fraction, sign, offHour, offMinute] = match
  const offset = sign ? (sign === '-' ? -1 : 1) * (Number(offHour) * 3600 + Number(offMinute) * 60) : 0
  const days = daysFromCivil(Number(year), Number(month), Number(day))
  const seconds = days * 86_400 + Number(hour) * 3600 + Number(minute) * 60 + Number(second) - offset
  return (seconds - EPOCH_SECONDS) * 1000 + (fraction ? Math.floor(Number(`0.${fraction}`) * 1000) : 0)
}

/** A virtual time as Kubernetes stores it: RFC 3339, whole seconds, UTC. */
export function printTime(now: number): string {
  const { year, month, day, clock } = partsOf(now)
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${clock}Z`
}

/** `Sun, 22 Nov 2026 07:18:17 +0000` (Go's RFC1123Z) from RFC 3339; an unset time prints as Go's zero time. */
export function printRfc1123(text: string | undefined): string {
  const at = parseTime(text)
  if (at === undefined) return 'Mon, 01 Jan 0001 00:00:00 +0000'
  const { year, month, day, clock, weekday } = partsOf(at)
  return `${weekday}, ${two(day)} ${MONTHS[month - 1]} ${String(year).padStart(4, '0')} ${clock} +0000`
}

/** The age of a timestamp as kubectl prints it; `<unknown>` when unset. */
export function ageOf(timestamp: string | undefined, now: number): string {
  const at = parseTime(timestamp)
  return at === undefined ? '<unknown>' : humanDuration(now - at)
}

/** apimachinery's duration.HumanDuration, from milliseconds. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10) return `${minutes}m${unlessZero(seconds % 60, 's')}`
  if (minutes < 180) return `${minutes}m`
  const hours = Math.floor(minutes / 60)
  if (hours < 8) return `${hours}h${unlessZero(minutes % 60, 'm')}`
  if (hours < 48) return `${hours}h`
  const days = Math.floor(hours / 24)
  if (hours < 192) return `${days}d${unlessZero(hours % 24, 'h')}`
  if (hours < 17_520) return `${days}d`
  if (hours < 70_080) return `${Math.floor(days / 365)}y${unlessZero(days % 365, 'd')}`
  return `${Math.floor(days / 365)}y`
}

function unlessZero(value: number, unit: string): string {
  return value === 0 ? '' : `${value}${unit}`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

function partsOf(now: number) {
  const seconds = Math.floor(now / 1000) + EPOCH_SECONDS
  const days = Math.floor(seconds / 86_400)
  const rest = seconds - days * 86_400
  const clock = `${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}`
  return { ...civilFromDays(days), clock, weekday: DAYS[((days % 7) + 7) % 7] ?? '' }
}

/** Days since 1970-01-01 of a Gregorian date (H. Hinnant's days_from_civil). */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

function civilFromDays(days: number): { year: number; month: number; day: number } {
  const z = days + 719_468
  const era = Math.floor(z / 146_097)
  const dayOfEra = z - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shifted = Math.floor((5 * dayOfYear + 2) / 153)
  const month = shifted < 10 ? shifted + 3 : shifted - 9
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1 }
}
