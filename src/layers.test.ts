import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'

/**
 * The architecture as a table: who may import whom. A folder may always import itself; tests may import anything.
 * Types count as imports: a type is knowledge.
 */
const layers: Record<string, { readonly folders: readonly string[]; readonly packages: readonly string[] }> = {
  'core/base': { folders: [], packages: ['@noble/hashes'] },
  'core/source': { folders: ['core/base'], packages: ['yaml'] },
  'core/kernel': { folders: ['core/base'], packages: [] },
  'core/api': { folders: ['core/base', 'core/source'], packages: [] },
  'core/controllers': { folders: ['core/base', 'core/api', 'core/l7'], packages: [] },
  'core/proxy': { folders: ['core/base', 'core/api', 'core/kernel'], packages: [] },
  'core/dns': { folders: ['core/base', 'core/api'], packages: [] },
  'core/cost': { folders: ['core/base', 'core/api'], packages: [] },
  'core/kubectl': { folders: ['core/base', 'core/api'], packages: ['yaml'] },
  'core/l7': { folders: ['core/base', 'core/api'], packages: [] },
  'core/trace': { folders: ['core/base', 'core/api', 'core/kernel', 'core/dns', 'core/l7'], packages: [] },
  'core/explain': { folders: ['core/base', 'core/source', 'core/api', 'core/proxy', 'core/trace'], packages: [] },
  'core/sim': {
    folders: ['base', 'source', 'kernel', 'api', 'controllers', 'proxy', 'dns', 'cost', 'kubectl', 'l7', 'trace', 'explain'].map(
      (name) => `core/${name}`,
    ),
    packages: [],
  },
  'core/testing': { folders: ['core'], packages: ['fast-check'] },
  cli: { folders: ['core', 'text'], packages: ['commander'] },
  view: { folders: ['core', 'text'], packages: [] },
  text: { folders: [], packages: [] },
  scenarios: { folders: [], packages: [] },
  worker: { folders: ['core/sim'], packages: [] },
  store: { folders: ['core', 'view', 'worker', 'scenarios', 'text'], packages: ['zustand', 'react', 'fflate'] },
  ui: { folders: [], packages: ['react', 'radix-ui', 'lucide-react'] },
  panels: { folders: ['core', 'view', 'text', 'store', 'ui'], packages: ['react', 'radix-ui', 'lucide-react'] },
  app: {
    folders: ['core', 'view', 'text', 'store', 'ui', 'panels', 'worker', 'scenarios'],
    packages: ['react', 'react-resizable-panels', 'radix-ui', 'lucide-react'],
  },
}

/** Heavy packages with one door each. */
const doors: Record<string, string> = { '@xyflow/react': 'panels/graph', 'monaco-editor': 'panels/editor', 'monaco-yaml': 'panels/editor' }

const src = import.meta.dirname
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
  (file) => /\.tsx?$/.test(file) && !/\.(test|bench)\.tsx?$/.test(file),
)
const layerOf = (file: string) => Object.keys(layers).find((layer) => file.startsWith(`${layer}/`))

function importsOf(file: string): string[] {
  const text = readFileSync(join(src, file), 'utf8')
  return [
    ...text.matchAll(
      /(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s*['"]([^'"]+)['"]|import\s*\(\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]/g,
    ),
  ].map((match) => match[1] ?? match[2] ?? match[3] ?? '')
}

function complaint(file: string, target: string): string | undefined {
  const layer = layerOf(file)
  if (!layer) return undefined
  const rule = layers[layer]!
  if (!target.startsWith('.')) {
    const name = target.startsWith('node:')
      ? target
      : target
          .split('/')
          .slice(0, target.startsWith('@') ? 2 : 1)
          .join('/')
    if (name.startsWith('node:') && (layer === 'cli' || layer === 'core/testing')) return undefined
    const door = doors[name] ?? (name === 'monaco-worker-manager' ? 'panels/editor' : undefined)
    if (door) return file.startsWith(`${door}/`) ? undefined : `${file} imports ${target}; only ${door} may`
    if (name === 'react-dom' && layer === 'app') return undefined
    return rule.packages.includes(name) ? undefined : `${file} imports the package ${target}`
  }
  const path = relative(src, join(src, dirname(file), target)).replace(/\?.*$/, '')
  if (path.startsWith(`${layer}/`)) {
    if (layer !== 'panels') return undefined
    const panelOf = (name: string) => name.split('/')[1]
    return panelOf(path) === panelOf(file) ? undefined : `${file} imports another panel: ${target}`
  }
  return rule.folders.some((folder) => path.startsWith(`${folder}/`)) ? undefined : `${file} imports ${path}`
}

describe('layers', () => {
  test('every import goes with the grain', () => {
    const complaints = files.flatMap((file) => importsOf(file).flatMap((target) => complaint(file, target) ?? []))
    expect(complaints).toEqual([])
  })

  test('the check has looked', () => {
    expect(files.length).toBeGreaterThan(20)
    expect(files.flatMap(importsOf).length).toBeGreaterThan(20)
    expect(complaint('core/base/ip.ts', '../api/meta.ts')).toBeDefined()
    expect(complaint('core/kernel/packet.ts', 'react')).toBeDefined()
    expect(complaint('panels/rules/RulesPanel.tsx', '../trace/TracePanel.tsx')).toBeDefined()
  })

  test('every folder has a row', () => {
    const rowless = files.filter((file) => file.includes('/') && !layerOf(file))
    expect(rowless).toEqual([])
  })
})
