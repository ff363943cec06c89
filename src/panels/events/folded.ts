import type { DiffLine } from '../../core/base/linediff.ts'

/** A line of a comparison, or the place where unchanged ones are left out. */
export type FoldedLine = { readonly op: DiffLine['op'] | '…'; readonly text: string }

const AROUND = 3

/** Only what changed, with a few lines around it. */
export function folded(lines: readonly DiffLine[]): readonly FoldedLine[] {
  const near = new Set<number>()
  lines.forEach(({ op }, i) => {
    if (op !== ' ') for (let at = i - AROUND; at <= i + AROUND; at++) near.add(at)
  })
  return lines.flatMap((line, i): readonly FoldedLine[] => {
    if (near.has(i)) return [line]
    return near.has(i - 1) || i === 0 ? [{ op: '…', text: '…' }] : []
  })
}
