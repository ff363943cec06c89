// Size budgets, gzip, over Vite's manifest: what must arrive before the stage is usable, the simulation worker, and the editor.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const dist = new URL('../dist/', import.meta.url).pathname
const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'))
const kib = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length / 1024
const entry = Object.values(manifest).find((chunk) => chunk.isEntry)

const eager = new Set()
const visit = (chunk) => {
  if (eager.has(chunk.file)) return
  eager.add(chunk.file)
  for (const name of chunk.imports ?? []) visit(manifest[name])
}
visit(entry)

const assets = readdirSync(join(dist, 'assets'))
const sum = (files) => files.reduce((total, file) => total + kib(file), 0)
const workers = assets.filter((file) => /^(session|simulate)\.worker-.*\.js$/.test(file)).map((file) => `assets/${file}`)
const editor = assets
  .filter((file) => /monaco|editor|yaml/i.test(file) && file.endsWith('.js'))
  .map((file) => `assets/${file}`)
  .filter((file) => !eager.has(file))

const rows = [
  { what: 'JavaScript before the stage is usable', size: sum([...eager]), budget: 250 },
  { what: 'stage and simulation worker together', size: sum([...eager]) + sum(workers), budget: 420 },
  { what: 'editor (lazy)', size: sum(editor), budget: 1900 },
]
let failed = existsSync(join(dist, 'index.html')) ? 0 : 1
if (workers.length === 0) {
  console.error('no worker chunk found: the check has nothing to look at')
  failed = 1
}
for (const { what, size, budget } of rows) {
  const over = size > budget || size === 0
  if (over) failed = 1
  console.log(`${over ? 'OVER' : 'ok  '} ${what}: ${size.toFixed(1)} KiB gzip of ${budget}`)
}
process.exit(failed)
