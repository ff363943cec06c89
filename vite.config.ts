import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

/** Writes the list of files that the service worker keeps for a time without a network. */
function precache(): Plugin {
  return {
    name: 'kubehop-precache',
    apply: 'build',
    generateBundle(_, bundle) {
      const built = Object.keys(bundle).filter((file) => !file.startsWith('.'))
      const files = ['./', ...new Set([...built, ...readdirSync(path('public')).filter((file) => file !== 'sw.js')])].sort()
      const version = `kubehop-${createHash('sha256').update(files.join('\n')).digest('hex').slice(0, 12)}`
      this.emitFile({ type: 'asset', fileName: 'precache.json', source: JSON.stringify({ version, files }) })
    },
  }
}

export default defineConfig({
  base: './',
  plugins: [react(), precache()],
  resolve: {
    alias: [
      { find: /^monaco-worker-manager\/worker$/, replacement: path('src/panels/editor/shim/monaco-worker-manager.worker.ts') },
      { find: /^monaco-worker-manager$/, replacement: path('src/panels/editor/shim/monaco-worker-manager.ts') },
    ],
  },
  worker: { format: 'es' },
  optimizeDeps: {
    // What Vite would find only while the page loads, and then load it again.
    include: [
      '@noble/hashes/legacy.js',
      '@noble/hashes/sha2.js',
      '@noble/hashes/utils.js',
      'yaml',
      'monaco-editor/nls/lang/zh-cn',
      'monaco-editor/editor',
      'monaco-editor/features/register.all',
      'monaco-editor/languages/definitions/yaml/register',
      'monaco-editor/editor/editor.worker',
      'monaco-yaml',
      'monaco-yaml/yaml.worker.js',
    ],
  },
  build: { target: 'es2022', manifest: true, chunkSizeWarningLimit: 4600 },
})
