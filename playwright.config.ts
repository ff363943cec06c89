import { defineConfig } from '@playwright/test'
import { findBrowser, HELP, launchArgs } from './.ci/browser.mjs'

const executablePath = findBrowser()
if (!executablePath) throw new Error(HELP)

/** The built site is served under a sub-path, as GitHub Pages would. */
export const BASE = 'http://localhost:4199/some/sub-path/'

export default defineConfig({
  testDir: 'e2e',
  fullyParallel: true,
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  // A second try on a loaded machine; the summary names what needed one.
  retries: process.env['CI'] ? 1 : 0,
  forbidOnly: !!process.env['CI'],
  outputDir: 'test-results',
  reporter: [['list'], ['json', { outputFile: 'reports/playwright.json' }]],
  use: {
    baseURL: BASE,
    browserName: 'chromium',
    locale: 'en-US',
    timezoneId: 'UTC',
    viewport: { width: 1440, height: 900 },
    trace: 'retain-on-failure',
    video: 'off',
    launchOptions: { executablePath, args: launchArgs() },
  },
  webServer: {
    command: 'npx vite preview --port 4199 --strictPort --base /some/sub-path/',
    url: BASE,
    reuseExistingServer: !process.env['CI'],
  },
})
