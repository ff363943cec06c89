import type { Diagnostic, SourceFile } from './diagnostic.ts'
import { lineStarts, positionAt } from './range.ts'

const COMMENT = /#\s*kubehop-ignore:\s*([A-Z_]+(?:\s*,\s*[A-Z_]+)*)/

/**
 * Leaves out the warnings and hints that a comment `# kubehop-ignore: CODE` silences: on the same line, or on comment lines right
 * above. Errors are never silenced.
 */
export function withoutIgnored(diagnostics: readonly Diagnostic[], files: readonly SourceFile[]): Diagnostic[] {
  const silenced = new Map(
    files.filter((file) => file.text.includes('kubehop-ignore')).map((file) => [file.name, silencedLines(file.text)]),
  )
  if (silenced.size === 0) return [...diagnostics]
  return diagnostics.filter(({ severity, code, range }) => {
    const file = severity === 'error' ? undefined : silenced.get(range.file)
    return !file?.codesAt(range.start).has(code)
  })
}

function silencedLines(text: string) {
  const starts = lineStarts(text)
  const byLine = new Map<number, Set<string>>()
  let above: string[] = []
  for (const [index, start] of starts.entries()) {
    const line = text.slice(start, starts[index + 1] ?? text.length).trim()
    const codes = COMMENT.exec(line)?.[1]?.split(/\s*,\s*/) ?? []
    if (line.startsWith('#')) above.push(...codes)
    else {
      if (codes.length + above.length > 0) byLine.set(index + 1, new Set([...codes, ...above]))
      above = []
    }
  }
  const none: ReadonlySet<string> = new Set()
  return { codesAt: (offset: number): ReadonlySet<string> => byLine.get(positionAt(starts, offset).line) ?? none }
}
