import { bad } from './fail.ts'
import { readFiles } from './input.ts'

/** The requests of a JSON Lines file, one an object a line; blank lines are skipped. Anything else ends the command, naming the line. */
export function readJsonLines(name: string): readonly { readonly where: string; readonly value: Readonly<Record<string, unknown>> }[] {
  const [file] = readFiles([name])
  return (file?.text ?? '').split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    const where = `${name}:${index + 1}`
    return [{ where, value: parseLine(line, where) }]
  })
}

function parseLine(line: string, where: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    bad(`${where}: error: not a JSON object`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) bad(`${where}: error: not a JSON object`)
  return value as Readonly<Record<string, unknown>>
}
