// Finds a Chromium for Playwright: the one named by CHROMIUM_PATH, else Playwright's own download, else one of the system's.
import { accessSync, constants, existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'microsoft-edge']
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ...[process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA].flatMap((root) =>
    root ? [join(root, 'Google/Chrome/Application/chrome.exe'), join(root, 'Microsoft/Edge/Application/msedge.exe')] : [],
  ),
]

export const HELP = `No Chromium was found and none could be installed. Do one of these and run the tests again:
  npx playwright install --with-deps chromium      (Playwright's own download)
  apt-get install chromium                         (Debian; dnf, brew or choco elsewhere)
  CHROMIUM_PATH=/path/to/chrome npm test           (a browser that you have)`

/** The path of a usable Chromium, or undefined. A bad CHROMIUM_PATH is an error: the person meant it. */
export function findBrowser() {
  const named = process.env.CHROMIUM_PATH
  if (named) {
    if (!isProgram(named)) throw new Error(`CHROMIUM_PATH is no program: ${named}`)
    return named
  }
  const own = playwrightOwn()
  if (own) return own
  const onPath = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)))
  return [...onPath, ...PLACES].find(isProgram)
}

/** Arguments under which a headless Chromium neither talks to the network nor renders differently from machine to machine. */
export function launchArgs() {
  const root = process.getuid?.() === 0
  return [
    ...(root ? ['--no-sandbox'] : []),
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--force-color-profile=srgb',
    '--font-render-hinting=none',
    '--disable-lcd-text',
    '--hide-scrollbars',
  ]
}

function playwrightOwn() {
  try {
    const { chromium } = createRequire(import.meta.url)('playwright-core')
    const path = chromium.executablePath()
    return path && existsSync(path) ? path : undefined
  } catch {
    return undefined
  }
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
