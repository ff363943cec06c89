/** The number of letters to add, drop, change or swap to make one text of the other; `limit` + 1 if it is more than that. */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, (before[j - 2] ?? 0) + 1)
      row.push(best)
    }
    before = last
    last = row
  }
  return Math.min(last[b.length] ?? 0, limit + 1)
}

/** The candidate most like a text, the first by name among equals; undefined if none is near enough to be a slip of the pen. */
export function nearest(text: string, candidates: Iterable<string>): string | undefined {
  const limit = Math.max(1, Math.min(3, Math.floor(text.length / 3)))
  let best: string | undefined
  let distance = limit + 1
  for (const candidate of [...candidates].sort()) {
    const of = candidate.toLowerCase() === text.toLowerCase() ? 0 : editDistance(text, candidate, limit)
    if (of < distance) {
      best = candidate
      distance = of
    }
  }
  return best
}

/** ` (did you mean "web"?)`, or nothing. */
export function didYouMean(text: string, candidates: Iterable<string>): string {
  const meant = nearest(text, candidates)
  return meant === undefined ? '' : `; did you mean "${meant}"?`
}
