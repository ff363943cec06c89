import {
  type Alias,
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  Parser,
  type YAMLError,
} from 'yaml'
import type { Diagnostic, SourceFile, SourceRange } from './diagnostic.ts'
import { LIMITS, refuse } from './limits.ts'
import type { Located, LocatedEntry } from './located.ts'
import { resolvePlain } from './scalar.ts'

export type ParsedFile = { readonly documents: readonly Located[]; readonly diagnostics: readonly Diagnostic[] }

/**
 * Parses a file of YAML or JSON documents as kubectl reads them. Never throws: a document that does not parse is left out with one
 * diagnostic that says where and why; the other documents of the file are kept. Empty documents are skipped without a word.
 */
export function parseYaml(file: SourceFile): ParsedFile {
  const refused = refuse(file)
  if (refused) return { documents: [], diagnostics: [refused] }
  const reader = new Reader(file)
  const parser = new Parser()
  const documents: Located[] = []
  // uniqueKeys compares each key with each other; the reader finds doubles itself. The failsafe schema leaves scalars as text for us.
  const composer = new Composer({
    schema: 'failsafe',
    uniqueKeys: false,
    merge: false,
    strict: true,
    prettyErrors: false,
    logLevel: 'silent',
  })
  const take = (document: Document.Parsed) => {
    const located = reader.document(document)
    if (located) documents.push(located)
  }
  for (const token of tokensOf(file.text, parser)) {
    const deep = typeof token === 'number' ? token : token.type === 'document' ? tooDeep(token) : undefined
    if (deep !== undefined || typeof token === 'number') {
      const at = deep ?? 0
      reader.report('YAML_TOO_DEEP', 'error', `nested more than ${LIMITS.depth} levels deep: it is not read`, at, at + 1)
      break
    }
    for (const document of composer.next(token)) take(document)
  }
  for (const document of composer.end()) take(document)
  if (documents.length === 0 && reader.diagnostics.length === 0)
    reader.report('YAML_EMPTY', 'info', 'no objects: the input is empty', 0, file.text.length)
  return { documents, diagnostics: reader.diagnostics }
}

/** The syntax tree's tokens; a number is the offset at which brackets nest too deep, and ends the stream before the parser chokes. */
function* tokensOf(text: string, parser: Parser): Generator<CST.Token | number> {
  let brackets = 0
  let offset = 0
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme === '[' || lexeme === '{') brackets++
    else if (lexeme === ']' || lexeme === '}') brackets--
    if (brackets > LIMITS.depth) {
      yield offset
      return
    }
    yield* parser.next(lexeme)
    // The lexer's own signs (document, scalar, flow end) stand for no text.
    if (lexeme !== '\u0002' && lexeme !== '\u001f' && lexeme !== '\u0018') offset += lexeme.length
  }
  yield* parser.end()
}

/** The offset of the first token nested deeper than the limit. Works on the flat syntax tree, because the composer recurses. */
function tooDeep(document: CST.Document): number | undefined {
  const open: { token: CST.Token; depth: number }[] = document.value ? [{ token: document.value, depth: 0 }] : []
  for (let next = open.pop(); next; next = open.pop()) {
    const { token, depth } = next
    if (token.type !== 'block-map' && token.type !== 'block-seq' && token.type !== 'flow-collection') continue
    if (depth >= LIMITS.depth) return token.offset
    for (const item of token.items) {
      if (item.key) open.push({ token: item.key, depth: depth + 1 })
      if (item.value) open.push({ token: item.value, depth: depth + 1 })
    }
  }
  return undefined
}

/** Turns composed documents into located values, and keeps count of what aliases multiply. */
class Reader {
  readonly diagnostics: Diagnostic[] = []
  private readonly file: SourceFile
  private anchors = new Map<string, { node: Located; size: number } | 'open'>()
  private aliases = 0
  private aliased = 0
  private size = 0
  private stopped = false

  constructor(file: SourceFile) {
    this.file = file
  }

  document(document: Document.Parsed): Located | undefined {
    const [error] = document.errors
    if (error) {
      this.syntax(error)
      return undefined
    }
    if (!document.contents || this.stopped) return undefined
    this.anchors = new Map()
    const before = this.diagnostics.length
    const located = this.node(document.contents)
    if (this.diagnostics.slice(before).some((diagnostic) => diagnostic.severity === 'error')) return undefined
    return located.at === 'scalar' && located.value === null ? undefined : located
  }

  report(code: string, severity: Diagnostic['severity'], message: string, start: number, end: number): void {
    this.diagnostics.push({ code, severity, message, range: this.range(start, end) })
  }

  private syntax(error: YAMLError): void {
    const [start, end] = error.pos
    if (error.code === 'TAB_AS_INDENT' || this.file.text[start] === '\t')
      this.report(
        'YAML_TAB',
        'error',
        'a tab cannot indent YAML: use spaces (found character that cannot start any token)',
        start,
        start + 1,
      )
    else this.report('YAML_SYNTAX', 'error', error.message, start, Math.max(end, start + 1))
  }

  private range(start: number, end: number): SourceRange {
    const length = this.file.text.length
    return { file: this.file.name, start: Math.min(start, length), end: Math.min(Math.max(start, end), length) }
  }

  private node(node: Node): Located {
    if (isAlias(node)) return this.alias(node)
    const anchor = 'anchor' in node && typeof node.anchor === 'string' ? node.anchor : undefined
    if (anchor) this.anchors.set(anchor, 'open')
    const before = this.size++
    const located = isMap(node) ? this.map(node) : isSeq(node) ? this.list(node) : this.scalar(node)
    if (anchor) this.anchors.set(anchor, { node: located, size: this.size - before })
    return located
  }

  private place(node: Node): SourceRange {
    const [start, end] = node.range ?? [0, 0]
    return this.range(start, end)
  }

  private scalar(node: Node): Located {
    const place = this.place(node)
    const text = isScalar(node) && typeof node.value === 'string' ? node.value : ''
    const tag = node.tag?.replace('tag:yaml.org,2002:', '')
    const bare = isScalar(node) && (node.type === 'PLAIN' || node.type === undefined)
    const resolve = tag === undefined || tag === '' ? bare : ['int', 'float', 'bool', 'null'].includes(tag)
    return { ...place, at: 'scalar', ...(resolve ? resolvePlain(text) : { value: text }) }
  }

  private list(node: Node): Located {
    const items = isSeq(node) ? node.items.map((item) => this.node(item as Node)) : []
    return { ...this.place(node), at: 'list', items }
  }

  private map(node: Node): Located {
    const entries: LocatedEntry[] = []
    const seen = new Map<string, number>()
    let merged: LocatedEntry[] = []
    for (const pair of isMap(node) ? node.items : []) {
      if (!isPair(pair)) continue
      const key = this.key(pair.key as Node | null)
      const value: Located = pair.value ? this.node(pair.value as Node) : { ...this.range(key.end, key.end), at: 'scalar', value: null }
      if (key.merge) {
        merged = [...this.mergedFrom(value), ...merged]
        continue
      }
      const entry = { key: key.text, keyStart: key.start, keyEnd: key.end, value }
      const earlier = seen.get(key.text)
      if (earlier === undefined) {
        seen.set(key.text, entries.length)
        entries.push(entry)
      } else {
        // kubectl keeps the last and says nothing; so is it kept here, but said.
        this.report('YAML_DUPLICATE_KEY', 'warning', `the key "${key.text}" is given twice: the last one counts`, key.start, key.end)
        entries[earlier] = entry
      }
    }
    return { ...this.place(node), at: 'map', entries: [...merged.filter((entry) => !seen.has(entry.key)), ...entries] }
  }

  private key(node: Node | null): { text: string; start: number; end: number; merge: boolean } {
    const place = node ? this.place(node) : this.range(0, 0)
    if (!node) return { text: 'null', start: place.start, end: place.end, merge: false }
    const located = this.node(node)
    if (located.at !== 'scalar') {
      this.report('YAML_SYNTAX', 'error', 'a key must be text, not a list or a map', place.start, place.end)
      return { text: '', start: place.start, end: place.end, merge: false }
    }
    const bare = isScalar(node) && node.type === 'PLAIN'
    return { text: String(located.value), start: place.start, end: place.end, merge: bare && located.value === '<<' }
  }

  private mergedFrom(value: Located): LocatedEntry[] {
    if (value.at === 'map') return [...value.entries]
    if (value.at === 'list') return value.items.flatMap((item) => this.mergedFrom(item))
    this.report('YAML_SYNTAX', 'error', 'map merge requires map or sequence of maps as the value', value.start, value.end)
    return []
  }

  private alias(node: Alias): Located {
    const place = this.place(node)
    const nothing: Located = { ...place, at: 'scalar', value: null }
    const target = this.anchors.get(node.source)
    if (this.stopped) return nothing
    if (target === undefined || target === 'open') {
      const why = target ? `the anchor "${node.source}" contains itself` : `unknown anchor "${node.source}" referenced`
      this.report('YAML_ALIAS', 'error', why, place.start, place.end)
      return nothing
    }
    this.aliased += target.size
    this.size += target.size
    if (++this.aliases > LIMITS.aliases || this.aliased > LIMITS.aliasedNodes) {
      this.stopped = true
      const what = this.aliases > LIMITS.aliases ? `more than ${LIMITS.aliases} aliases` : 'excessive aliasing'
      this.report('YAML_ALIASES', 'error', `the input contains ${what}: it is not read`, place.start, place.end)
      return nothing
    }
    return target.node
  }
}
