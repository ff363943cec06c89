import type { ApiObject } from '../api/cluster.ts'
import { compactJson } from './json.ts'
import { TABLE_STYLE, tabulate } from './tabwriter.ts'

/**
 * The plain part of kubectl's JSONPath: texts and `{.a.b[0].c}`, `{.items[*].x}`, `{range …}…{end}`, quoted texts. What it does not know
 * prints nothing.
 */
export function jsonPath(root: unknown, template: string): string {
  const tokens = [...template.matchAll(/\{([^{}]*)\}|([^{}]+)/g)].map((match) =>
    match[2] === undefined ? { code: (match[1] ?? '').trim() } : { text: match[2] },
  )
  return render(root, tokens, 0).text
}

type Token = { readonly code?: string; readonly text?: string }

function render(root: unknown, tokens: readonly Token[], from: number): { text: string; next: number } {
  let text = ''
  let at = from
  while (at < tokens.length) {
    const { code, text: plain } = tokens[at] ?? {}
    at++
    if (code === undefined) text += plain ?? ''
    else if (code === 'end') return { text, next: at }
    else if (code.startsWith('range ')) {
      const items = valuesAt(root, code.slice('range '.length).trim())
      const parts = items.map((item) => render(item, tokens, at))
      text += parts.map((part) => part.text).join('')
      at = parts[0]?.next ?? render(undefined, tokens, at).next
    } else text += codeText(root, code)
  }
  return { text, next: at }
}

function codeText(root: unknown, code: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"$|^'([^']*)'$/.exec(code)
  if (quoted) return (quoted[1] ?? quoted[2] ?? '').replaceAll('\\n', '\n').replaceAll('\\t', '\t')
  return valuesAt(root, code).map(textOf).join(' ')
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : compactJson(value)
}

/** Every value a path leads to; a path that leads nowhere gives none. */
export function valuesAt(root: unknown, path: string): readonly unknown[] {
  const parts = [...path.replace(/^\$/, '').matchAll(/\.((?:[\w-]|\\.)+)|\[(\d+|\*|'[^']*')\]/g)].map((match) =>
    (match[1] ?? match[2] ?? '').replace(/^'|'$/g, '').replaceAll('\\.', '.'),
  )
  return parts.reduce<readonly unknown[]>((values, part) => values.flatMap((value) => step(value, part)), [root])
}

function step(value: unknown, part: string): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return []
  if (part === '*') return Object.values(value)
  const next = (value as Readonly<Record<string, unknown>>)[part]
  return next === undefined ? [] : [next]
}

/** `NAME:.metadata.name,PHASE:.status.phase` as a table; `<none>` where a path leads nowhere. */
export function printCustomColumns(objects: readonly ApiObject[], spec: string): string {
  const columns = spec.split(',').map((column) => {
    const colon = column.indexOf(':')
    return { header: column.slice(0, colon), path: column.slice(colon + 1) }
  })
  const rows = objects.map((object) => columns.map(({ path }) => valuesAt(object, path).map(textOf).join(',') || '<none>'))
  const all = [columns.map(({ header }) => header), ...rows]
  return tabulate(`${all.map((row) => row.join('\t')).join('\n')}\n`, TABLE_STYLE)
}
