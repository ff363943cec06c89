import { describe, expect, test } from 'vitest'
import type { SourceFile } from './diagnostic.ts'
import { withoutIgnored } from './ignore.ts'
import { LIMITS } from './limits.ts'
import { plain, rangeOf } from './located.ts'
import { lineStarts, offsetAt, positionAt } from './range.ts'
import { resolvePlain } from './scalar.ts'
import { parseYaml } from './yaml.ts'

const file = (text: string): SourceFile => ({ name: 'f', text })
const values = (text: string) => parseYaml(file(text)).documents.map(plain)

describe('what a plain scalar means to kubectl', () => {
  test.each([
    ['yes', true],
    ['No', false],
    ['on', true],
    ['off', false],
    ['y', true],
    ['N', false],
    ['true', true],
    ['TRUE', true],
    ['tRue', 'tRue'],
    ['', null],
    ['~', null],
    ['null', null],
    ['Null', null],
    ['nil', 'nil'],
    ['80', 80],
    ['+80', 80],
    ['-80', -80],
    ['010', 8],
    ['0o10', 8],
    ['0x1F', 31],
    ['0b101', 5],
    ['1_000', 1000],
    ['09', 9],
    ['1.5', 1.5],
    ['1e3', 1000],
    ['.5', 0.5],
    ['1.', 1],
    ['.inf', '.inf'],
    ['1.2.3', '1.2.3'],
    ['10.96.0.1', '10.96.0.1'],
    ['2026-01-01', '2026-01-01'],
    ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'],
    ['80:443', '80:443'],
    ['1:30', '1:30'],
    ['-', '-'],
  ])('%s', (text, value) => expect(resolvePlain(text).value).toBe(value))

  test('large integers keep their digits', () => expect(resolvePlain('12345678901234567890').literal).toBe('12345678901234567890'))
})

describe('documents', () => {
  test.each([
    ['several documents', 'a: 1\n---\nb: 2\n', [{ a: 1 }, { b: 2 }]],
    ['empty ones are skipped', '---\n---\na: 1\n---\n# only a comment\n', [{ a: 1 }]],
    ['byte order mark and CRLF', '\ufeffa: 1\r\nb: yes\r\n', [{ a: 1, b: true }]],
    ['JSON', '{\n\t"a": [1, "x"],\n\t"b": {"c": null}\n}', [{ a: [1, 'x'], b: { c: null } }]],
    ['quoted words stay text', 'a: "yes"\nb: \'80\'\n', [{ a: 'yes', b: '80' }]],
    ['tags', 'a: !!str 80\nb: !!int "80"\n', [{ a: '80', b: 80 }]],
    ['block scalars', 'a: |\n  x\n  y\nb: >-\n  x\n  y\n', [{ a: 'x\ny\n', b: 'x y' }]],
    ['anchors and merges', 'a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}\n', [{ a: { b: 1, c: 2 }, d: { b: 1, c: 3 } }]],
    ['keys become text', '80: a\ntrue: b\n', [{ '80': 'a', true: 'b' }]],
    ['the last of doubled keys', 'a: 1\na: 2\n', [{ a: 2 }]],
  ])('%s', (_, text, expected) => expect(values(text)).toEqual(expected))

  test('__proto__ is a key like others', () => {
    const [value] = values('__proto__: {polluted: 1}\n')
    expect(Object.keys(value as object)).toEqual(['__proto__'])
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })
})

/** Parses the text without its marks; the marks say where the first diagnostic must be. */
function diagnoses(marked: string): { code: string; severity: string; at: string; count: number } {
  const start = marked.indexOf('«')
  const text = marked.replace(/[«»]/g, '')
  const { diagnostics } = parseYaml(file(text))
  const [first] = diagnostics
  const end = marked.indexOf('»') - 1
  return {
    code: first?.code ?? '',
    severity: first?.severity ?? '',
    at: first && first.range.start === start && first.range.end === end ? 'marked' : JSON.stringify(first?.range),
    count: diagnostics.length,
  }
}

describe('one clear diagnostic', () => {
  test.each([
    ['a:\n«\t»b: 1\n', 'YAML_TAB', 'error'],
    ['a:\n  b: 1\n« »c: 2\n', 'YAML_SYNTAX', 'error'],
    ['a: "x«»', 'YAML_SYNTAX', 'error'],
    ['a: 1\n«a»: 2\n', 'YAML_DUPLICATE_KEY', 'warning'],
    ['a: «\u0000»x\n', 'YAML_BINARY', 'error'],
    ['a: «*x»\n', 'YAML_ALIAS', 'error'],
    ['a: &x [«*x»]\n', 'YAML_ALIAS', 'error'],
    ['? «[a]»\n: b\n', 'YAML_SYNTAX', 'error'],
    ['«»', 'YAML_EMPTY', 'info'],
  ])('%j', (marked, code, severity) => expect(diagnoses(marked)).toEqual({ code, severity, at: 'marked', count: 1 }))

  test('a broken document does not hide the others', () => {
    const { documents, diagnostics } = parseYaml(file('a: 1\n---\nb: [\n---\nc: 3\n'))
    expect(documents.map(plain)).toEqual([{ a: 1 }, { c: 3 }])
    expect(diagnostics.map(({ code }) => code)).toEqual(['YAML_SYNTAX'])
  })
})

describe('limits', () => {
  const code = (text: string) => parseYaml(file(text)).diagnostics.map((diagnostic) => diagnostic.code)
  const deep = (levels: number) => `${'['.repeat(levels)}1${']'.repeat(levels)}`

  test('64 levels are read, 65 are not', () => {
    expect(code(deep(64))).toEqual([])
    expect(code(deep(65))).toEqual(['YAML_TOO_DEEP'])
  })

  test.each([['['], ['{a: '], ['- '], ['? ']])('a million of %j is refused at once', (part) => {
    expect(code(part.repeat(part === '- ' || part === '? ' ? 2000 : 1_000_000))).toEqual(['YAML_TOO_DEEP'])
  })

  test('100 aliases are read, 101 are not', () => {
    const aliases = (count: number) => `a: &x 1\nb: [${Array(count).fill('*x').join(', ')}]\n`
    expect(code(aliases(100))).toEqual([])
    expect(code(aliases(101))).toEqual(['YAML_ALIASES'])
  })

  test('aliases of aliases do not multiply', () => {
    const levels = Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`)
    expect(code(`a0: &a0 x\n${levels.join('\n')}\n`)).toEqual(['YAML_ALIASES'])
  })

  test('more than 32 MiB is not read', () => {
    expect(code('#'.repeat(LIMITS.bytes + 1))).toEqual(['YAML_TOO_LARGE'])
    expect(code('ü'.repeat(LIMITS.bytes / 2 + 1))).toEqual(['YAML_TOO_LARGE'])
  })
})

describe('places', () => {
  const text = 'spec:\n  ports:\n  - port: 80\n    name: "http"\n  selector: {app: web}\n'
  const [root] = parseYaml(file(text)).documents
  const at = (path: (string | number)[], key = false) => {
    const { start, end } = rangeOf(root!, path, key)
    return text.slice(start, end)
  }

  test.each([
    [['spec', 'ports', 0, 'port'], '80'],
    [['spec', 'ports', 0, 'name'], '"http"'],
    [['spec', 'ports', 0, 'nodePort'], 'port'],
    [['spec', 'ports', 7], 'ports'],
    [['spec', 'selector'], '{app: web}'],
    [['spec', 'selector', 'app'], 'web'],
    [['spec', 'type'], 'spec'],
    [['status'], 'spec'],
  ] as [(string | number)[], string][])('%j', (path, expected) => expect(at(path)).toBe(expected))

  test('the name of a field', () => expect(at(['spec', 'selector', 'app'], true)).toBe('app'))

  test('offsets, lines and columns', () => {
    const starts = lineStarts('a\r\nb\rc\n\nd')
    expect(starts).toEqual([0, 3, 5, 7, 8])
    for (let offset = 0; offset <= 9; offset++) expect(offsetAt(starts, positionAt(starts, offset))).toBe(offset)
    expect(positionAt(starts, 8)).toEqual({ line: 5, col: 1 })
  })
})

describe('# kubehop-ignore', () => {
  const warning = (start: number, code = 'A_B', severity: 'warning' | 'error' = 'warning') => ({
    code,
    severity,
    message: '',
    range: { file: 'f', start, end: start + 1 },
  })

  test.each([
    ['x # kubehop-ignore: A_B\n', 0, 0],
    ['# kubehop-ignore: A_B\nx\n', 22, 0],
    ['# kubehop-ignore: C, A_B\n# more\nx\n', 32, 0],
    ['# kubehop-ignore: C\nx\n', 20, 1],
    ['# kubehop-ignore: A_B\nx\ny\n', 24, 1],
  ])('%j', (text, start, left) => expect(withoutIgnored([warning(start)], [file(text)])).toHaveLength(left))

  test('errors stay', () => expect(withoutIgnored([warning(0, 'A_B', 'error')], [file('x # kubehop-ignore: A_B\n')])).toHaveLength(1))
})
