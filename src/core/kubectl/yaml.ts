/** Go's yaml.v2 folds a scalar at the first blank after this column. */
const FOLD = 80

/**
 * A value as `kubectl -o yaml` prints it: keys in go-yaml's order, lists level with their key, texts quoted only where they would read as
 * something else, several lines as a literal block, long lines folded.
 */
export function printYaml(value: unknown): string {
  const out: string[] = []
  writeValue(out, value, 0, 'root', 0)
  return out.join('')
}

type Where = 'root' | 'key' | 'item'

function writeValue(out: string[], value: unknown, indent: number, where: Where, column: number): void {
  if (Array.isArray(value)) writeList(out, value, indent, where)
  else if (typeof value === 'object' && value !== null) writeMap(out, value as Record<string, unknown>, indent, where)
  else writeScalar(out, value, indent, where, column)
}

function writeList(out: string[], list: readonly unknown[], indent: number, where: Where): void {
  if (list.length === 0) {
    out.push(where === 'key' ? ' []\n' : '[]\n')
    return
  }
  if (where === 'key') out.push('\n')
  for (const [index, item] of list.entries()) {
    out.push(index === 0 && where === 'item' ? '- ' : `${' '.repeat(indent)}- `)
    writeValue(out, item, indent + 2, 'item', indent + 2)
  }
}

function writeMap(out: string[], map: Readonly<Record<string, unknown>>, indent: number, where: Where): void {
  const keys = Object.keys(map)
    .filter((key) => map[key] !== undefined)
    .sort(byNaturalKey)
  if (keys.length === 0) {
    out.push(where === 'key' ? ' {}\n' : '{}\n')
    return
  }
  if (where === 'key') out.push('\n')
  for (const [index, key] of keys.entries()) {
    const name = scalarText(key, false, 0, 0)
    out.push(index === 0 && where === 'item' ? '' : ' '.repeat(indent), name, ':')
    const value = map[key]
    writeValue(out, value, Array.isArray(value) ? indent : indent + 2, 'key', indent + name.length + 2)
  }
}

function writeScalar(out: string[], value: unknown, indent: number, where: Where, column: number): void {
  const lead = where === 'key' ? ' ' : ''
  const inner = where === 'root' ? 2 : indent
  if (typeof value !== 'string') out.push(`${lead}${value === null || value === undefined ? 'null' : String(value)}\n`)
  else if (value.includes('\n') && blockAllowed(value)) out.push(lead, literal(value, inner))
  else out.push(lead, scalarText(value, true, column, inner), '\n')
}

function literal(value: string, indent: number): string {
  const hint = /^[ \n]/.test(value) ? '2' : ''
  const chomp = !value.endsWith('\n') ? '-' : value === '\n' || value.endsWith('\n\n') ? '+' : ''
  const body = chomp === '' || chomp === '+' ? value.slice(0, -1) : value
  const lines = body.split('\n').map((line) => (line === '' ? '' : ' '.repeat(indent) + line))
  return `|${hint}${chomp}\n${lines.join('\n')}\n`
}

/** A text in the quotes go-yaml would choose: none, single where YAML's own signs ask for it, double where it would read as another type. */
function scalarText(value: string, fold: boolean, column: number, indent: number): string {
  if (value === '' || readsAsOther(value)) return doubleQuoted(value, fold, column, indent)
  if (!printable(value) || value.includes('\n')) return doubleQuoted(value, fold, column, indent)
  if (plainAllowed(value)) return folded(value, fold, column, indent)
  if (/ \n|\n /.test(value)) return doubleQuoted(value, fold, column, indent)
  return `'${folded(value.replaceAll("'", "''"), fold, column + 1, indent)}'`
}

/** Breaks at the first blank after column 80, but never at one of several blanks nor at the ends. */
function folded(text: string, fold: boolean, column: number, indent: number): string {
  if (!fold || column + text.length <= FOLD || !text.includes(' ')) return text
  let out = ''
  let at = column
  for (let i = 0; i < text.length; i++) {
    const inside = i > 0 && i < text.length - 1 && text[i - 1] !== ' ' && text[i + 1] !== ' '
    if (text[i] === ' ' && at > FOLD && inside) {
      out += `\n${' '.repeat(indent)}`
      at = indent
    } else {
      out += text[i]
      at++
    }
  }
  return out
}

function doubleQuoted(value: string, fold: boolean, column: number, indent: number): string {
  let out = '"'
  let at = column + 1
  const characters = [...value]
  for (const [index, character] of characters.entries()) {
    const foldable = character === ' ' && index > 0 && index < characters.length - 1
    if (fold && foldable && at > FOLD && characters[index - 1] !== ' ') {
      out += `\n${' '.repeat(indent)}${characters[index + 1] === ' ' ? '\\' : ''}`
      at = indent
      continue
    }
    const written = escaped(character)
    out += written
    at += written.length
  }
  return `${out}"`
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\x85': '\\N',
  '\xa0': '\\_',
  '\u2028': '\\L',
  '\u2029': '\\P',
}

function escaped(character: string): string {
  const known = ESCAPES[character]
  if (known !== undefined) return known
  if (printable(character)) return character
  const code = character.codePointAt(0) ?? 0
  const hex = code.toString(16).toUpperCase()
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}

function printable(text: string): boolean {
  return ![...text].some((character) => {
    const code = character.codePointAt(0) ?? 0
    if (code === 0x0a) return false
    return code < 0x20 || code === 0x7f || (code >= 0x80 && code < 0xa0) || code === 0xfeff || (code >= 0xd800 && code <= 0xdfff)
  })
}

function blockAllowed(value: string): boolean {
  return printable(value) && !/ \n| $/.test(value)
}

const INDICATOR = /^[#,[\]{}&*!|>'"%@`]/

function plainAllowed(value: string): boolean {
  if (INDICATOR.test(value) || value.startsWith('---') || value.startsWith('...')) return false
  if (/^[?:-]($|\s)/.test(value)) return false
  return !/^ | $|: |:$| #/.test(value)
}

const OTHER = new Set(
  'y Y yes Yes YES on On ON true True TRUE n N no No NO off Off OFF false False FALSE ~ null Null NULL .nan .NaN .NAN .inf .Inf .INF +.inf +.Inf +.INF -.inf -.Inf -.INF <<'.split(
    ' ',
  ),
)
const INTEGER = /^[-+]?(0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)$/
const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/
const BASE60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/
const TIMESTAMP = /^\d{4}-\d{1,2}-\d{1,2}(?:(?:[Tt]|\s+)\d{1,2}:\d\d:\d\d(?:\.\d*)?(?:\s*(?:Z|[-+]\d\d?(?::?\d\d)?))?)?$/

/** Whether YAML 1.1, unquoted, would read another type than text here. */
function readsAsOther(value: string): boolean {
  return OTHER.has(value) || INTEGER.test(value) || FLOAT.test(value.replaceAll('_', '')) || BASE60.test(value) || TIMESTAMP.test(value)
}

/** go-yaml's keyList order: letters after other signs, runs of digits by their number. */
function byNaturalKey(a: string, b: string): number {
  if (a === b) return 0
  const x = [...a]
  const y = [...b]
  let digits = false
  for (let i = 0; i < x.length && i < y.length; i++) {
    const left = x[i] ?? ''
    const right = y[i] ?? ''
    if (left === right) {
      digits = isDigit(left)
      continue
    }
    const leftLetter = isLetter(left)
    const rightLetter = isLetter(right)
    if (leftLetter && rightLetter) return left < right ? -1 : 1
    if (leftLetter || rightLetter) return digits ? (leftLetter ? -1 : 1) : leftLetter ? 1 : -1
    return compareRuns(x, y, i, left, right)
  }
  return x.length - y.length
}

function compareRuns(x: readonly string[], y: readonly string[], at: number, left: string, right: string): number {
  let zeros = '0'
  if (left === '0' || right === '0') {
    for (let j = at - 1; j >= 0 && isDigit(x[j] ?? ''); j--) if (x[j] !== '0') zeros = '1'
  }
  const number = (list: readonly string[]) => {
    let end = at
    while (end < list.length && isDigit(list[end] ?? '')) end++
    return { value: Number((zeros === '1' ? '1' : '') + list.slice(at, end).join('') || '0'), end }
  }
  const a = number(x)
  const b = number(y)
  if (a.value !== b.value) return a.value - b.value
  if (a.end !== b.end) return a.end - b.end
  return left < right ? -1 : 1
}

function isDigit(character: string): boolean {
  return /^\p{Nd}$/u.test(character)
}

function isLetter(character: string): boolean {
  return /^\p{L}$/u.test(character)
}
