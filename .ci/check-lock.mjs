// A lockfile made where a registry lagged misses platform packages, and `npm ci` then fails on other systems: every optional
// dependency that a locked package names must be locked too, and no entry may carry a registry's address.
import { readFileSync } from 'node:fs'

const { packages } = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'))
const resolves = (from, name) => {
  for (let at = from; ; at = at.slice(0, Math.max(at.lastIndexOf('/node_modules/'), 0))) {
    if (packages[`${at ? `${at}/` : ''}node_modules/${name}`]) return true
    if (!at) return false
  }
}
const missing = Object.entries(packages).flatMap(([path, entry]) =>
  Object.keys(entry.optionalDependencies ?? {})
    .filter((name) => !resolves(path, name))
    .map((name) => `${path || 'the project'} wants ${name}`),
)
const addressed = Object.entries(packages)
  .filter(([, entry]) => entry.resolved)
  .map(([path]) => `${path} names a registry`)
const faults = [...missing, ...addressed]
for (const fault of faults) console.error(fault)
console.log(`${Object.keys(packages).length} lock entries, ${faults.length} faults`)
process.exit(faults.length ? 1 : 0)
