import { civil, EPOCH_DAY, millisOf } from '../base/time.ts'

const DAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
/** `Sun, 22 Nov 2026 07:18:17 +0000` (Go's RFC1123Z) from RFC 3339; an unset time prints as Go's zero time. */
export function printRfc1123(text: string | undefined): string {
  const at = millisOf(text)
  if (at === undefined) return 'Mon, 01 Jan 0001 00:00:00 +0000'
  const { year, month, date, clock, weekday } = partsOf(at)
  return `${weekday}, ${two(date)} ${MONTHS[month - 1]} ${String(year).padStart(4, '0')} ${clock} +0000`
}

/** The age of a timestamp as kubectl prints it; `<unknown>` when unset. */
export function ageOf(timestamp: string | undefined, now: number): string {
  const at = millisOf(timestamp)
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
  const seconds = Math.floor(now / 1000)
  const day = Math.floor(seconds / 86_400)
  const rest = seconds - day * 86_400
  const clock = `${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}`
  const days = day + EPOCH_DAY
  const [year, month, date] = civil(days)
  return { year, month, date, clock, weekday: DAYS[((days % 7) + 7) % 7] ?? '' }
}
