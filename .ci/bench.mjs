// The benchmarks (src/**/*.bench.ts), bundled as the site and the command line are, so that their figures are those that users get.
// `npm run bench`, or `npm run bench -- send` for the files whose path contains "send".
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Bench } from 'tinybench'
import { build } from 'vite'

const root = fileURLToPath(new URL('..', import.meta.url))
const number = (value) => value.toLocaleString('en', { maximumSignificantDigits: 3 })

function duration(millis) {
  if (millis >= 1000) return `${number(millis / 1000)} s`
  return millis >= 1 ? `${number(millis)} ms` : `${number(millis * 1000)} µs`
}

/** What was weak or finalised goes with the second collection only. */
async function collect() {
  for (let i = 0; i < 3; i++) {
    globalThis.gc()
    await new Promise((done) => setTimeout(done, 20))
  }
}

async function measure(file, wanted) {
  const { groups } = await import(pathToFileURL(file))
  if (wanted === undefined) {
    // Each in a process of its own: what one has warmed up or left in memory is not the next one's.
    for (const index of groups.keys()) if (again(file, String(index)) !== 0) process.exit(1)
    return
  }
  const { title, calls, cases, kept = {} } = groups[Number(wanted)]
  console.log(`\n${title}`)
  const list = cases()
  for (const { name, run, per } of list) {
    const bench = calls ? new Bench({ time: 0, iterations: calls, warmupTime: 0, warmupIterations: 2 }) : new Bench({ time: 1500 })
    await bench.add(name, () => void run()).run()
    const { mean, p75, min } = bench.tasks[0].result
    const rate = per ? `  ${number((per.count * 1000) / mean)} ${per.of}/s` : ''
    console.log(`  ${name.padEnd(62)} ${duration(mean).padStart(9)} a call (best ${duration(min)}, 75 % ${duration(p75)})${rate}`)
  }
  // Everything stays until all is weighed: what went meanwhile would count for less than nothing.
  const values = [list]
  for (const [name, make] of Object.entries(kept)) {
    await collect()
    const before = process.memoryUsage().heapUsed
    values.push(make())
    await collect()
    const bytes = process.memoryUsage().heapUsed - before
    console.log(`  ${name.padEnd(62)} ${number(bytes / 1e6).padStart(6)} MB kept`)
  }
}

async function main(wanted) {
  const files = readdirSync(`${root}/src`, { recursive: true }).filter((file) => file.endsWith('.bench.ts') && file.includes(wanted))
  const outDir = `${root}/dist/bench`
  const input = Object.fromEntries(files.map((file) => [file.replace(/\W+/g, '-'), `${root}/src/${file}`]))
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    ssr: { noExternal: true, target: 'node' },
    build: { ssr: true, outDir, emptyOutDir: true, target: 'node20', minify: false, rollupOptions: { input } },
  })
  for (const name of Object.keys(input)) {
    const file = readdirSync(outDir, { recursive: true }).find((one) => one.startsWith(name))
    await measure(`${outDir}/${file}`)
  }
}

function again(...args) {
  return spawnSync(process.execPath, ['--expose-gc', fileURLToPath(import.meta.url), '--file', ...args], { stdio: 'inherit' }).status
}

const at = process.argv.indexOf('--file')
if (at > 0) await measure(process.argv[at + 1], process.argv[at + 2])
else await main(process.argv[2] ?? '')
