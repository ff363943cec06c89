import type { Diagnostic, SourceFile } from './diagnostic.ts'

/** What is read at most; beyond it one message says so. Sizes in bytes of UTF-8. */
export const LIMITS = { bytes: 32 * 1024 * 1024, depth: 64, aliases: 100, aliasedNodes: 100_000 } as const

/** What is wrong with a file before any parsing: too large, or not text at all. Undefined if it may be parsed. */
export function refuse(file: SourceFile): Diagnostic | undefined {
  const at = (start: number, code: string, message: string): Diagnostic => ({
    code,
    severity: 'error',
    message,
    range: { file: file.name, start, end: Math.min(file.text.length, start + 1) },
  })
  if (file.text.length > LIMITS.bytes || utf8Length(file.text) > LIMITS.bytes)
    return at(0, 'YAML_TOO_LARGE', `the input is larger than ${LIMITS.bytes / 1024 / 1024} MiB: it is not read`)
  const binary = firstControl(file.text)
  if (binary >= 0) {
    const code = file.text.charCodeAt(binary).toString(16).toUpperCase().padStart(4, '0')
    return at(binary, 'YAML_BINARY', `control characters are not allowed (U+${code}): this is no YAML text`)
  }
  return undefined
}

function utf8Length(text: string): number {
  // Below a third of the limit no text can be too long, so that the usual file is not walked.
  if (text.length * 3 <= LIMITS.bytes) return text.length
  let bytes = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code >= 0xd800 && code < 0xe000 ? 2 : 3
  }
  return bytes
}

/** The first character that go-yaml's reader refuses: C0 controls but tab, LF and CR; DEL; U+FFFE, U+FFFF. */
function firstControl(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.search(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/)
}
