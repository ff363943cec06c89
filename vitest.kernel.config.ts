import { defineConfig } from 'vitest/config'

// The kernel parity test: real hosts, real rules, real packets. Needs root on Linux; `npm run test:kernel`.
export default defineConfig({
  test: { include: ['e2e/kernel/**/*.kernel.ts'], testTimeout: 900_000, hookTimeout: 120_000, fileParallelism: false },
})
