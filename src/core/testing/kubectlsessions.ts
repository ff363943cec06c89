import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { ApiObject } from '../api/cluster.ts'
import { plain } from '../source/located.ts'
import { parseYaml } from '../source/yaml.ts'

/** One command of a recorded kubectl session, or a note between two. */
export type SessionStep = {
  readonly cmd?: string
  readonly stdin?: string | null
  readonly rc?: number
  readonly stdout?: string
  readonly stderr?: string
  readonly note?: string
}
export type Session = { readonly session: string; readonly namespace: string; readonly steps: readonly SessionStep[] }

/** Transcripts of a real kubectl against a real control plane. */
export function kubectlSessions(): readonly Session[] {
  const file = readFileSync(new URL('./vectors/kubectl-sessions.json.gz', import.meta.url))
  return (JSON.parse(gunzipSync(file).toString('utf8')) as { readonly sessions: readonly Session[] }).sessions
}

/** The documents of a text, as plain objects in a namespace. */
export function documentsOf(text: string, namespace: string): readonly ApiObject[] {
  return parseYaml({ name: 'stdin', text }).documents.flatMap((document) => {
    const object = plain(document) as ApiObject | null
    if (!object) return []
    const namespaced = object.kind !== 'IngressClass'
    return [{ ...object, metadata: { ...object.metadata, ...(namespaced ? { namespace } : {}) } }]
  })
}

/** A printed table as rows by header; blocks of several tables follow each other. */
export function rowsOf(text: string): readonly Readonly<Record<string, string>>[] {
  return text.split('\n\n').flatMap((block) => {
    const [header = '', ...lines] = block.split('\n').filter((line) => line !== '')
    const columns = [...header.matchAll(/\S+(?: \S+)*/g)].map((match) => ({ name: match[0], from: match.index }))
    return lines.map((line) =>
      Object.fromEntries(columns.map(({ name, from }, index) => [name, line.slice(from, columns[index + 1]?.from).trim()])),
    )
  })
}

/** Seconds of a printed age such as `7m19s`. */
export function secondsOfAge(age: string): number {
  const unit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }
  return [...age.matchAll(/(\d+)([smhd])/g)].reduce((sum, [, count, name]) => sum + Number(count) * (unit[name ?? 's'] ?? 1), 0)
}
