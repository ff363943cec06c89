import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** A recorded vector file of this repository: JSON, or JSON Lines as a list, gzipped. */
export function recorded<T>(name: string): T {
  const text = gunzipSync(readFileSync(join(import.meta.dirname, 'vectors', name))).toString('utf8')
  if (!name.endsWith('.jsonl.gz')) return JSON.parse(text) as T
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line)) as T
}
