import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { codes } from './core/api/codes.ts'

const root = join(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const map = readFileSync(join(root, 'src/README.md'), 'utf8')

test('the README lists every diagnostic code with its meaning, and no other', () => {
  const listed = Object.fromEntries(
    [...readme.slice(readme.indexOf('## Diagnostics')).matchAll(/^\| `([A-Z_]+)` \| (.*) \|$/gm)].map((match) => [match[1]!, match[2]!]),
  )
  expect(listed).toEqual(codes)
})

test('the README names every verdict', () => {
  const union = readFileSync(join(root, 'src/core/trace/trace.ts'), 'utf8').match(/export type VerdictCode =([\s\S]*?)\n\n/)![1]!
  const verdicts = [...union.matchAll(/'([A-Z_]+)'/g)].map((match) => match[1]!)
  expect(verdicts.length).toBeGreaterThan(10)
  for (const verdict of verdicts) expect(readme).toContain(`| \`${verdict}\` |`)
})

test('what the READMEs point to is there', () => {
  const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map((match) => match[1]!)
  for (const link of links) expect([link, existsSync(join(root, link))]).toEqual([link, true])
})

test('the map names every folder of the source', () => {
  const folders = ['', 'core', 'panels'].flatMap((parent) =>
    readdirSync(join(root, 'src', parent), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== 'core' && entry.name !== 'panels')
      .map((entry) => entry.name),
  )
  expect(folders.filter((folder) => !new RegExp(`\\b${folder}\\b`).test(map))).toEqual([])
})
