import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Cluster } from '../core/api/cluster.ts'
import { type Loaded, load } from '../core/api/load.ts'
import { settle } from '../core/controllers/settle.ts'
import type { ModeId } from '../core/kernel/program.ts'
import { openWorld } from '../core/sim/open.ts'
import type { World } from '../core/sim/world.ts'
import type { Diagnostic, SourceFile } from '../core/source/diagnostic.ts'
import { lineStarts, positionAt } from '../core/source/range.ts'
import { bad } from './fail.ts'

/** The options that every command takes. */
export type CommonOptions = {
  readonly filename: readonly string[]
  readonly output?: string
  readonly bare?: boolean
  readonly mode?: ModeId
  readonly seed: number
}

const MANIFEST = /\.(ya?ml|json)$/

/** The files that `-f` names: `-` is standard input, a directory stands for the manifests in it. */
export function readFiles(names: readonly string[]): readonly SourceFile[] {
  if (names.length === 0) bad('error: must specify -f')
  return names.flatMap((name) => {
    if (name === '-') return [{ name: 'STDIN', text: readText(0, 'STDIN') }]
    const stat = statSync(name, { throwIfNoEntry: false })
    if (!stat) bad(`error: the path "${name}" does not exist`)
    if (!stat.isDirectory()) return [{ name, text: readText(name, name) }]
    const inside = readdirSync(name)
      .filter((file) => MANIFEST.test(file))
      .sort()
    if (inside.length === 0) bad(`error: error reading [${name}]: recognized file extensions are [.json .yaml .yml]`)
    return inside.map((file) => ({ name: join(name, file), text: readText(join(name, file), file) }))
  })
}

function readText(from: string | 0, name: string): string {
  try {
    return readFileSync(from, 'utf8')
  } catch (error) {
    return bad(`error: cannot read ${name}: ${(error as Error).message}`)
  }
}

/** Diagnostics that mean that a document could not be read at all. */
const UNREADABLE = /^(YAML_|NOT_AN_OBJECT$|KIND_MISSING$|API_VERSION_MISSING$)/

/** The input read into a cluster. Documents that cannot be read end the command; refused objects are said on stderr and left out. */
export function loadInput(options: CommonOptions): Loaded {
  const files = readFiles(options.filename)
  const loaded = load(files, { bare: options.bare ?? false, ...(options.mode ? { mode: options.mode } : {}) })
  const unreadable = loaded.diagnostics.find(({ code, severity }) => severity === 'error' && UNREADABLE.test(code))
  if (unreadable) bad(diagnosticLine(unreadable, files))
  for (const diagnostic of loaded.diagnostics) {
    if (diagnostic.severity === 'error') process.stderr.write(`${diagnosticLine(diagnostic, files)}\n`)
  }
  return loaded
}

/** `file:line:col severity CODE message` on one line. */
export function diagnosticLine(diagnostic: Diagnostic, files: readonly SourceFile[]): string {
  const { file, line, col } = placeOf(diagnostic, files)
  return `${file}:${line}:${col} ${diagnostic.severity} ${diagnostic.code} ${diagnostic.message.replaceAll(/\s*\n\s*/g, ' ')}`
}

/** Where a diagnostic points, as people count. */
export function placeOf({ range }: Diagnostic, files: readonly SourceFile[]): { file: string; line: number; col: number } {
  const text = files.find(({ name }) => name === range.file)?.text ?? ''
  return { file: range.file, ...positionAt(startsOf(text), range.start) }
}

let lastText: string | undefined
let lastStarts: readonly number[] = [0]

/** Many diagnostics point into the same text: its lines are counted once. */
function startsOf(text: string): readonly number[] {
  if (text !== lastText) {
    lastText = text
    lastStarts = lineStarts(text)
  }
  return lastStarts
}

/** What the controllers make of the input at virtual time 0. */
export function settledCluster(options: CommonOptions): Cluster {
  return settle(loadInput(options).cluster, { now: 0 }).cluster
}

/** The settled input as a world in which requests can be sent. */
export function settledWorld(options: CommonOptions): World {
  return openWorld(loadInput(options), { seed: options.seed })
}
