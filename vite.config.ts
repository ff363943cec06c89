import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

export default defineConfig({
  base: './',
  plugins: [react()],
  resolve: {
    alias: [
      { find: /^monaco-worker-manager\/worker$/, replacement: path('src/panels/editor/shim/monaco-worker-manager.worker.ts') },
      { find: /^monaco-worker-manager$/, replacement: path('src/panels/editor/shim/monaco-worker-manager.ts') },
    ],
  },
  worker: { format: 'es' },
  optimizeDeps: {
    include: [
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
