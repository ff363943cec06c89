// Makes sure that there is a Chromium to test with: found, else Playwright's download, else the distribution's package when root.
// Every attempt has a time limit, so this never hangs.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { findBrowser, HELP } from './browser.mjs'

function run(command, args, minutes) {
  console.log(`> ${command} ${args.join(' ')}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return (
    spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], timeout: minutes * 60_000, killSignal: 'SIGKILL', env }).status ===
    0
  )
}

let browser = findBrowser()
if (!browser) {
  console.log("No Chromium yet: trying Playwright's download.")
  if (run('npx', ['playwright', 'install', 'chromium'], 5)) {
    if (process.getuid?.() === 0) run('npx', ['playwright', 'install-deps', 'chromium'], 10)
    browser = findBrowser()
  }
}
if (!browser && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
  console.log("Trying the distribution's package.")
  run('apt-get', ['update'], 5)
  run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-noto-cjk'], 15)
  browser = findBrowser()
}
if (!browser) {
  console.error(HELP)
  process.exit(1)
}
console.log(`Browser: ${browser}`)
