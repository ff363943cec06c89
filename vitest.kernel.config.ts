import { defineConfig } from 'vitest/config'

// The kernel parity test: real hosts, real rules, real packets. Needs root on Linux; `npm run test:kernel`.
// A busy machine may tell a trace too late; worlds are fixed by their seeds, so a true difference shows again in every try.
export default defineConfig({
  test: { include: ['e2e/kernel/**/*.kernel.ts'], testTimeout: 900_000, hookTimeout: 120_000, fileParallelism: false, retry: 2 },
})
