/** A place as people count: both from 1; columns in UTF-16 units, as editors do. */
export type Position = { readonly line: number; readonly col: number }

/** The offsets at which a text's lines begin. Line breaks are LF, CRLF and lone CR. */
export function lineStarts(text: string): readonly number[] {
  const starts = [0]
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 10 || (code === 13 && text.charCodeAt(i + 1) !== 10)) starts.push(i + 1)
  }
  return starts
}

/** The line and column of an offset. Offsets beyond the text are those of its end. */
export function positionAt(starts: readonly number[], offset: number): Position {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return { line: low + 1, col: Math.max(0, offset - (starts[low] ?? 0)) + 1 }
}

/** The offset of a line and column; columns beyond the line's end run on into the next line, as they must for an empty last line. */
export function offsetAt(starts: readonly number[], position: Position): number {
  return (starts[Math.min(position.line, starts.length) - 1] ?? 0) + position.col - 1
}
