import type { Labels } from '../api/meta.ts'
import { byText } from '../base/order.ts'
import { ageOf } from './age.ts'
import { labelPairs } from './labels.ts'
import { DESCRIBE_STYLE, tabulate } from './tabwriter.ts'

/** One Event as `kubectl describe` lists it. */
export type DescribedEvent = {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly at: string
  readonly from: string
  readonly message: string
}

/** Lines of a description, tabs between their cells, aligned at the end. */
export class DescriptionWriter {
  private text = ''

  /** A whole line at a level of two blanks each. */
  line(level: number, ...cells: readonly (string | number)[]): void {
    this.text += `${'  '.repeat(level)}${cells.join('\t')}\n`
  }

  /** The aligned text so far. */
  print(): string {
    return tabulate(this.text, DESCRIBE_STYLE)
  }
}

/** Annotations that kubectl never shows. */
const HIDDEN = new Set(['kubectl.kubernetes.io/last-applied-configuration'])
const MAX_ANNOTATION = 140

/** Labels, one a line, as `describe` does. */
export function writeLabels(w: DescriptionWriter, title: string, labels: Labels | undefined): void {
  const pairs = labelPairs(labels)
  if (pairs.length === 0) w.line(0, `${title}:`, '<none>')
  for (const [index, pair] of pairs.entries()) w.line(0, index === 0 ? `${title}:` : '', pair)
}

/** Annotations, one a line, without those that kubectl hides. */
export function writeAnnotations(w: DescriptionWriter, title: string, annotations: Labels | undefined): void {
  const keys = Object.keys(annotations ?? {})
    .filter((key) => !HIDDEN.has(key))
    .sort(byText)
  if (keys.length === 0) w.line(0, `${title}:`, '<none>')
  for (const [index, key] of keys.entries()) {
    const head = index === 0 ? `${title}:` : ''
    const value = (annotations?.[key] ?? '').replace(/\n$/, '')
    if (value.length + key.length + 2 > MAX_ANNOTATION || value.includes('\n')) {
      w.line(0, head, `${key}:`)
      for (const line of value.split('\n')) w.line(0, '', `  ${shorten(line, MAX_ANNOTATION - 2)}`)
    } else w.line(0, head, `${key}: ${value}`)
  }
}

function shorten(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}...` : text
}

/** The table of events at the end of a description. */
export function writeEvents(w: DescriptionWriter, events: readonly DescribedEvent[], now: number): string {
  if (events.length === 0) {
    w.line(0, 'Events:', '<none>')
    return w.print()
  }
  // kubectl flushes before the table of events, so their columns do not reach up into what stands above.
  const table = new DescriptionWriter()
  table.line(0, 'Events:')
  table.line(1, 'Type', 'Reason', 'Age', 'From', 'Message')
  table.line(1, '----', '------', '----', '----', '-------')
  for (const event of events) table.line(1, event.type, event.reason, ageOf(event.at, now), event.from, event.message)
  return w.print() + table.print()
}
