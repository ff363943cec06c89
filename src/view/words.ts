/** How wide words are, in a wide font: what has room by these figures has room in most. In parts of the letter size. */
const MONO = 0.61
const NARROW = 0.4
const SLIM = 0.5
const PLAIN = 0.71
const TALL = 0.8
const WIDE = 1.03

export type Face = { readonly size: number; readonly bold?: boolean; readonly mono?: boolean }
/** The letter sizes of the stage, as stage.css has them. */
export const NAME: Face = { size: 13, bold: true }
export const TEXT: Face = { size: 12 }
export const ADDRESS: Face = { size: 12, mono: true }

function partOf(letter: string): number {
  if ((letter.codePointAt(0) ?? 0) >= 0x2e80 || 'mwMW…–—@%'.includes(letter)) return WIDE
  if ("ijlI .,:;·|'!".includes(letter)) return NARROW
  if ('frt-()[]/'.includes(letter)) return SLIM
  return letter >= 'A' && letter <= 'Z' ? TALL : PLAIN
}

/** The width of a text in pixels. */
export function widthOf(text: string, { size, bold = false, mono = false }: Face): number {
  let parts = 0
  for (const letter of text) parts += mono ? ((letter.codePointAt(0) ?? 0) >= 0x2e80 ? WIDE : MONO) : partOf(letter) * (bold ? 1 : 0.9)
  return parts * size
}

/** Generated names end in five letters of chance, by which Pods of one Deployment differ. */
const TAIL = 5

/** A name as it has room: whole, or with its middle left out. */
export function fitted(name: string, room: number, face: Face): string {
  if (widthOf(name, face) <= room) return name
  const letters = [...name]
  const tail = letters.slice(-Math.min(TAIL, Math.max(2, Math.floor(letters.length / 2)))).join('')
  let left = room - widthOf(`…${tail}`, face)
  let head = 0
  for (; head < letters.length - tail.length; head++) {
    left -= widthOf(letters[head] as string, face)
    if (left < 0) break
  }
  return `${letters.slice(0, Math.max(1, head)).join('')}…${tail}`
}

/** A text as it has room: whole, or its beginning: what follows in a path or a sentence tells less. */
export function begun(text: string, room: number, face: Face): string {
  if (widthOf(text, face) <= room) return text
  let left = room - widthOf('…', face)
  let kept = ''
  for (const letter of text) {
    left -= widthOf(letter, face)
    if (left < 0) break
    kept += letter
  }
  return `${kept}…`
}

/** The letters of an address that have room; see `shorten`. */
export function lettersIn(room: number): number {
  return Math.max(5, Math.floor(room / (ADDRESS.size * MONO)))
}

/** How much taller than its letters a line is on the stage, in pixels: a name's line and any other. */
const NAME_LINE = 15
const TEXT_LINE = 14
/** Air and outline of a box. */
const EDGE = 5

/** The least height of a box with a name and so many lines below it. */
export function heightFor(lines: number): number {
  return NAME_LINE + lines * TEXT_LINE + EDGE
}

/** How many lines below the name have room in a box, where letters are `scale` times as large as the picture. */
export function linesIn(height: number, scale: number): number {
  return Math.max(0, Math.floor((height / scale - NAME_LINE - EDGE + 0.01) / TEXT_LINE))
}
