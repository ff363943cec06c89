/** How Go's text/tabwriter is set up: kubectl describe uses (0, 2), kubectl get (6, 3). */
export type TabStyle = { readonly minWidth: number; readonly padding: number }

export const DESCRIBE_STYLE: TabStyle = { minWidth: 0, padding: 2 }
export const TABLE_STYLE: TabStyle = { minWidth: 6, padding: 3 }

/**
 * Aligns tab-terminated cells as Go's text/tabwriter does with a blank as padding: a column is a run of consecutive lines that have a
 * cell there, and the text after a line's last tab belongs to no column.
 */
export function tabulate(text: string, style: TabStyle): string {
  const lines = text.split('\n').map((line) => line.split('\t'))
  const out = lines.map(() => '')
  layOut(lines, out, 0, lines.length, 0, style)
  return out.map((line, index) => line + (lines[index]?.at(-1) ?? '')).join('\n')
}

/** Lays out column `column` of lines `from` up to `to`; every cell but a line's last is tab-terminated. */
function layOut(lines: readonly string[][], out: string[], from: number, to: number, column: number, style: TabStyle): void {
  let at = from
  while (at < to) {
    if ((lines[at]?.length ?? 0) - 1 <= column) {
      at++
      continue
    }
    let end = at
    let width = style.minWidth
    while (end < to && (lines[end]?.length ?? 0) - 1 > column) {
      const cell = widthOf(lines[end]?.[column] ?? '')
      width = Math.max(width, cell + style.padding)
      end++
    }
    for (let line = at; line < end; line++) {
      const cell = lines[line]?.[column] ?? ''
      out[line] = (out[line] ?? '') + cell + ' '.repeat(width - widthOf(cell))
    }
    layOut(lines, out, at, end, column + 1, style)
    at = end
  }
}

/** Characters, not bytes, as Go counts them. */
function widthOf(cell: string): number {
  let width = 0
  for (const _ of cell) width++
  return width
}
