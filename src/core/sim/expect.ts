import { type Cluster, find } from '../api/cluster.ts'
import type { Expectation } from '../api/kinds/scenario.ts'
import { mapSelects } from '../api/meta.ts'
import { hostPort } from '../base/ip.ts'
import type { ModeId } from '../kernel/program.ts'
import type { Backend, RequestTrace, Way } from '../trace/trace.ts'

/** An expectation that did not come true. */
export type Failure = { readonly request: string; readonly field: string; readonly expected: unknown; readonly actual: unknown }

/** What is expected in a mode: the mode's own keys override the common ones. */
export function expectationIn(
  expect: (Expectation & { readonly modes?: Readonly<Record<string, Expectation>> }) | undefined,
  mode: ModeId,
): Expectation | undefined {
  if (!expect) return undefined
  const { modes, ...common } = expect
  // A mode takes an expectation back by giving null for it.
  const kept = Object.entries({ ...common, ...modes?.[mode] }).filter(([, value]) => value !== null && value !== undefined)
  return Object.fromEntries(kept)
}

/** How a trace differs from what was expected of it. */
export function failuresOf(trace: RequestTrace, expect: Expectation | undefined, cluster: Cluster): readonly Failure[] {
  if (!expect) return []
  const failures: Failure[] = []
  const check = (field: string, expected: unknown, actual: unknown, holds: boolean) => {
    if (!holds) failures.push({ request: trace.name, field, expected, actual: actual ?? null })
  }
  if (expect.code !== undefined) check('code', expect.code, trace.verdict.code, trace.verdict.code === expect.code)
  if (expect.http !== undefined) check('http', expect.http, trace.verdict.http, trace.verdict.http === expect.http)
  if (expect.seenSource !== undefined) check('seenSource', expect.seenSource, trace.seenSource, trace.seenSource === expect.seenSource)
  if (expect.backend !== undefined) {
    check('backend', expect.backend, trace.backend && nameOf(trace.backend), isBackend(cluster, trace.backend, expect.backend))
  }
  const received = trace.backend?.request
  for (const key of ['method', 'path', 'host'] as const) {
    const wanted = expect.request?.[key]
    if (wanted !== undefined) check(`request.${key}`, wanted, received?.[key], received?.[key] === wanted)
  }
  const headers = [
    ['request', expect.request?.headers, received?.headers],
    ['response', expect.response?.headers, trace.response?.headers],
  ] as const
  for (const [side, wanted, actual] of headers)
    for (const [name, value] of Object.entries(wanted ?? {}))
      check(`${side}.headers.${name}`, value, actual?.[name.toLowerCase()], actual?.[name.toLowerCase()] === value)
  // Of several requests in a row only the first is enumerated.
  if (expect.ways !== undefined && trace.ways !== undefined) {
    const actual = sharesOf(trace.ways ?? [])
    check('ways', expect.ways, Object.fromEntries(actual), sameShares(expect.ways, trace.ways ?? []))
  }
  return failures
}

function nameOf(backend: Backend): string {
  return backend.pod ?? hostPort(backend.ip, backend.port)
}

/** A Pod's name (with or without its namespace), `ip:port`, or a label selector `a=b,c=d`. */
function isBackend(cluster: Cluster, backend: Backend | undefined, wanted: string): boolean {
  if (!backend) return false
  if (!wanted.includes('=')) return isNamed(backend, wanted)
  const pairs = wanted.split(',').map((pair) => pair.split('=').map((part) => part.trim()))
  const selector = Object.fromEntries(pairs.map(([key = '', ...value]) => [key, value.filter((part) => part !== '').join('=')]))
  const pod = backend.pod === undefined ? undefined : find(cluster, 'Pod', backend.namespace ?? '', backend.pod)
  return pod !== undefined && mapSelects(selector, pod.metadata.labels)
}

function isNamed(backend: Backend, name: string): boolean {
  return (
    name === backend.pod ||
    name === `${backend.namespace}/${backend.pod}` ||
    name === hostPort(backend.ip, backend.port) ||
    name === backend.ip
  )
}

/** Probabilities by who was reached, or by verdict where nobody was. */
function sharesOf(ways: readonly Way[]): ReadonlyMap<string, number> {
  const shares = new Map<string, number>()
  for (const { probability, backend, verdict } of ways) {
    const key = backend ? nameOf(backend) : verdict.code
    shares.set(key, (shares.get(key) ?? 0) + probability)
  }
  return shares
}

const CLOSE = 1e-3

/** Every key has its share and no share is left over. */
function sameShares(wanted: Readonly<Record<string, number>>, ways: readonly Way[]): boolean {
  let rest = ways
  for (const [key, probability] of Object.entries(wanted)) {
    const mine = rest.filter(({ backend, verdict }) => (backend ? isNamed(backend, key) : verdict.code === key))
    const sum = mine.reduce((total, way) => total + way.probability, 0)
    if (Math.abs(sum - probability) > CLOSE) return false
    rest = rest.filter((way) => !mine.includes(way))
  }
  return rest.reduce((total, way) => total + way.probability, 0) <= CLOSE
}
