import { defineConfig } from 'vite'

// The command line as one file without dependencies: the same core, printed to a terminal.
export default defineConfig({
  publicDir: false,
  ssr: { noExternal: true, target: 'node' },
  build: {
    ssr: 'src/cli/main.ts',
    outDir: 'dist/cli',
    emptyOutDir: true,
    target: 'node20',
    minify: false,
    rollupOptions: { output: { entryFileNames: 'kubehop.mjs', banner: '#!/usr/bin/env node', inlineDynamicImports: true } },
  },
})
