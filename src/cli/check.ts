import { load } from '../core/api/load.ts'
import { byText } from '../core/base/order.ts'
import type { Printed } from '../core/kubectl/get.ts'
import { diagnose } from '../core/sim/diagnose.ts'
import { routeFindings } from '../core/sim/routefindings.ts'
import { type CommonOptions, placeOf, readFiles } from './input.ts'

/** `kubehop check`: diagnostics, one a line, in the order of the text; exit 1 if any is an error. */
export function runCheck(options: CommonOptions): Printed {
  const files = readFiles(options.filename)
  const loaded = load(files, { bare: options.bare ?? false, ...(options.mode ? { mode: options.mode } : {}) })
  const placed = diagnose(loaded, files, routeFindings)
    .map((diagnostic) => ({ ...placeOf(diagnostic, files), diagnostic }))
    .sort((a, b) => byText(a.file, b.file) || a.line - b.line || a.col - b.col)
  const code = placed.some(({ diagnostic }) => diagnostic.severity === 'error') ? 1 : 0
  if (options.output === 'json') {
    const diagnostics = placed.map(({ file, line, col, diagnostic: { severity, code, message, field, object } }) => ({
      file,
      line,
      col,
      severity,
      code,
      message,
      ...(field === undefined ? {} : { field }),
      ...(object ? { object } : {}),
    }))
    return { out: `${JSON.stringify({ diagnostics }, undefined, 2)}\n`, err: '', code }
  }
  const lines = placed.map(
    ({ file, line, col, diagnostic }) =>
      `${file}:${line}:${col} ${diagnostic.severity} ${diagnostic.code} ${diagnostic.message.replaceAll(/\s*\n\s*/g, ' ')}\n`,
  )
  return { out: lines.join(''), err: '', code }
}
