/** One line of a comparison: kept, taken away, or added. */
export type DiffLine = { readonly op: ' ' | '-' | '+'; readonly text: string }

/** Above this many comparisons the middle is shown as replaced whole. */
const MOST = 4_000_000

/** What turns one text into another, line by line (longest common subsequence between what both begin and end with). */
export function lineDiff(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  const shorter = Math.min(before.length, after.length)
  let head = 0
  while (head < shorter && before[head] === after[head]) head++
  let tail = 0
  while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++
  const kept = (lines: readonly string[]): readonly DiffLine[] => lines.map((text) => ({ op: ' ', text }))
  return [
    ...kept(after.slice(0, head)),
    ...middle(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...kept(after.slice(after.length - tail)),
  ]
}

function middle(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  const gone = (lines: readonly string[]): readonly DiffLine[] => lines.map((text) => ({ op: '-', text }))
  const come = (lines: readonly string[]): readonly DiffLine[] => lines.map((text) => ({ op: '+', text }))
  if (before.length * after.length > MOST) return [...gone(before), ...come(after)]
  const width = after.length + 1
  const common = new Uint32Array((before.length + 1) * width)
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      const down = common[(i + 1) * width + j] ?? 0
      const right = common[i * width + j + 1] ?? 0
      common[i * width + j] = before[i] === after[j] ? (common[(i + 1) * width + j + 1] ?? 0) + 1 : Math.max(down, right)
    }
  }
  const lines: DiffLine[] = []
  let i = 0
  let j = 0
  while (i < before.length && j < after.length) {
    if (before[i] === after[j]) {
      lines.push({ op: ' ', text: after[j] ?? '' })
      i++
      j++
    } else if ((common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0)) lines.push({ op: '-', text: before[i++] ?? '' })
    else lines.push({ op: '+', text: after[j++] ?? '' })
  }
  return [...lines, ...gone(before.slice(i)), ...come(after.slice(j))]
}
