// The whole test command: everything that a change can break, in the order in which it fails fastest. Ends with `N passed, N failed`.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'

rmSync('reports', { recursive: true, force: true })
mkdirSync('reports', { recursive: true })
const bin = (name) => `node_modules/.bin/${name}`
const totals = { passed: 0, failed: 0 }
const lines = []

/** Runs one step; `count` reads how many tests it ran, a step without counts is one test. */
function step(title, command, args, count) {
  console.log(`\n=== ${title}`)
  const started = Date.now()
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], env: process.env })
  if (error) console.error(error.message)
  const ok = status === 0
  const counted = count?.()
  const passed = counted ? counted.passed : ok ? 1 : 0
  const failed = counted ? Math.max(counted.failed, ok ? 0 : 1) : ok ? 0 : 1
  totals.passed += passed
  totals.failed += failed
  lines.push(
    `${failed ? 'FAILED' : 'ok    '} ${title}: ${passed} passed, ${failed} failed (${((Date.now() - started) / 1000).toFixed(0)} s)`,
  )
  return ok
}

function vitestCounts() {
  if (!existsSync('reports/vitest.json')) return { passed: 0, failed: 1 }
  const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(readFileSync('reports/vitest.json', 'utf8'))
  return { passed: numPassedTests, failed: Math.max(numFailedTests, numFailedTestSuites > 0 ? 1 : 0) }
}

function playwrightCounts() {
  if (!existsSync('reports/playwright.json')) return { passed: 0, failed: 1 }
  const { stats } = JSON.parse(readFileSync('reports/playwright.json', 'utf8'))
  if (stats.flaky > 0) lines.push(`       ${stats.flaky} end-to-end tests needed a second try`)
  return { passed: stats.expected + stats.flaky, failed: stats.unexpected }
}

const browser = step('browser', 'node', ['.ci/ensure-browser.mjs'])
step('lockfile', 'node', ['.ci/check-lock.mjs'])
step('types of the core', bin('tsc'), ['-p', 'src/core'])
step('types', bin('tsc'), ['-p', '.'])
step('format and lint', bin('biome'), ['check', '--error-on-warnings', '.'])
step('unused code', bin('knip'), [])
step(
  'unit tests and vectors',
  bin('vitest'),
  ['run', '--reporter=default', '--reporter=json', '--outputFile.json=reports/vitest.json'],
  vitestCounts,
)
const built =
  step('build of the page', bin('vite'), ['build']) &&
  step('build of the command line', bin('vite'), ['build', '--config', 'vite.cli.config.ts'])
if (built) {
  step('sizes', 'node', ['.ci/sizes.mjs'])
  if (browser) step('end to end', bin('playwright'), ['test'], playwrightCounts)
}
if (!built || !browser) {
  totals.failed += 1
  lines.push('FAILED end to end: not run, since there is no build or no browser')
}

console.log(`\n${lines.join('\n')}`)
console.log(
  process.env.KUBEHOP_VECTORS
    ? `upstream parity suite: run on ${process.env.KUBEHOP_VECTORS}`
    : 'upstream parity suite: not run (set KUBEHOP_VECTORS to the folder of the upstream vectors)',
)
console.log(`${totals.passed} passed, ${totals.failed} failed`)
process.exit(totals.failed ? 1 : 0)
