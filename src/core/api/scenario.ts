import type { Diagnostic } from '../source/diagnostic.ts'
import { child, type Located, plain, rangeOf, textAt } from '../source/located.ts'
import type { Expectation, Fault, Scenario, ScenarioRequest, ScenarioStep, Texts } from './kinds/scenario.ts'
import { type FieldPath, printPath } from './meta.ts'
import { isObject } from './settings.ts'

const DURATION = /^(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/

/** Milliseconds of a duration such as `1s`, `500ms`, `1m30s`; undefined if the text is none. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text)
  if (!match || text === '') return undefined
  const [h = 0, m = 0, s = 0, ms = 0] = match.slice(1).map((part) => Number(part ?? 0))
  return Math.round(h * 3_600_000 + m * 60_000 + s * 1000 + ms)
}

/** Decodes a `kind: Scenario` document. What is wrong in it is said, each at its place; a step or request that is wrong is left out. */
export function decodeScenario(at: Located): { scenario?: Scenario; diagnostics: Diagnostic[] } {
  const reader = new ScenarioReader(at)
  const name = textAt(at, 'metadata', 'name')
  if (!name) reader.error(['metadata', 'name'], 'Required value: name or generateName is required')
  const spec = child(at, 'spec')
  if (spec?.at !== 'map') {
    reader.error(['spec'], 'must be a map')
    return { diagnostics: reader.diagnostics }
  }
  reader.known(spec, ['spec'], ['title', 'lesson', 'requests', 'steps', 'goal', 'forbid', 'hints', 'solution'])
  const requests = reader
    .list(child(spec, 'requests'), ['spec', 'requests'])
    .flatMap((item, i) => reader.request(item, ['spec', 'requests', i]) ?? [])
  const written = child(spec, 'steps')
  const steps = written
    ? reader.list(written, ['spec', 'steps']).flatMap((item, i) => reader.step(item, ['spec', 'steps', i]) ?? [])
    : requests.map((request): ScenarioStep => ({ step: 'send', request: request.name }))
  const names = new Set(requests.map((request) => request.name))
  for (const [index, step] of steps.entries())
    if (step.step === 'send' && !names.has(step.request))
      reader.error(['spec', 'steps', index, 'send'], `no request is named "${step.request}"`)
  const rest = ['goal', 'forbid', 'hints', 'solution'].flatMap((key) => {
    const value = child(spec, key)
    return value ? [[key, plain(value)]] : []
  })
  const lesson = child(spec, 'lesson')
  return {
    scenario: {
      name: name ?? '',
      title: reader.texts(child(spec, 'title')),
      ...(lesson ? { lesson: reader.texts(lesson) } : {}),
      requests,
      steps,
      ...Object.fromEntries(rest),
    },
    diagnostics: reader.diagnostics,
  }
}

class ScenarioReader {
  readonly diagnostics: Diagnostic[] = []
  private readonly root: Located

  constructor(root: Located) {
    this.root = root
  }

  error(path: FieldPath, message: string, severity: Diagnostic['severity'] = 'error', key = false): undefined {
    const code = severity === 'error' ? 'SCENARIO_INVALID' : 'UNKNOWN_FIELD'
    this.diagnostics.push({ code, severity, message, range: rangeOf(this.root, path, key), field: printPath(path) })
    return undefined
  }

  known(at: Located, path: FieldPath, keys: readonly string[]): void {
    if (at.at !== 'map') return
    for (const entry of at.entries)
      if (!keys.includes(entry.key)) this.error([...path, entry.key], `unknown field "${printPath([...path, entry.key])}"`, 'warning', true)
  }

  list(at: Located | undefined, path: FieldPath): readonly Located[] {
    if (!at || (at.at === 'scalar' && at.value === null)) return []
    if (at.at === 'list') return at.items
    this.error(path, 'must be a list')
    return []
  }

  texts(at: Located | undefined): Texts {
    if (!at || at.at === 'list') return {}
    if (at.at === 'scalar') return at.value === null ? {} : { en: String(at.value) }
    return Object.fromEntries(
      at.entries.flatMap((entry) => (entry.value.at === 'scalar' ? [[entry.key, String(entry.value.value ?? '')]] : [])),
    )
  }

  request(at: Located, path: FieldPath): ScenarioRequest | undefined {
    const keys = ['name', 'from', 'to', 'via', 'method', 'headers', 'protocol', 'connection', 'count', 'expect']
    this.known(at, path, keys)
    const value = at.at === 'map' ? (plain(at) as Record<string, unknown>) : {}
    const text = (key: string) => (typeof value[key] === 'string' ? value[key] : undefined)
    const to = text('to')
    if (!to) return this.error([...path, 'to'], 'Required value: where the request goes, such as http://web')
    const protocol = text('protocol')?.toLowerCase()
    if (protocol && !['tcp', 'udp', 'sctp', 'icmp'].includes(protocol))
      return this.error([...path, 'protocol'], 'must be tcp, udp, sctp or icmp')
    const count = value['count']
    if (count !== undefined && !(Number.isInteger(count) && Number(count) > 0))
      return this.error([...path, 'count'], 'must be a whole number above 0')
    const optional = ['via', 'method', 'connection'].flatMap((key) => (text(key) ? [[key, text(key)]] : []))
    const headers = isObject(value['headers'])
      ? Object.fromEntries(Object.entries(value['headers']).map(([key, of]) => [key, String(of)]))
      : undefined
    return {
      name: text('name') ?? `request-${Number(path.at(-1)) + 1}`,
      from: text('from') ?? 'outside',
      to,
      ...Object.fromEntries(optional),
      ...(headers ? { headers } : {}),
      ...(protocol ? { protocol: protocol as 'tcp' } : {}),
      ...(count === undefined ? {} : { count: Number(count) }),
      ...(isObject(value['expect']) ? { expect: value['expect'] as Expectation } : {}),
    }
  }

  step(at: Located, path: FieldPath): ScenarioStep | undefined {
    const value = at.at === 'map' ? (plain(at) as Record<string, unknown>) : {}
    const step = readStep(value)
    const verb = STEPS.find((one) => one in value)
    return typeof step === 'string' ? this.error(verb ? [...path, verb] : path, step) : step
  }
}

/** One step given as a plain value (`{wait: '1s'}`), or what is wrong with it. */
export function readStep(value: Readonly<Record<string, unknown>>): ScenarioStep | string {
  const verb = STEPS.find((step) => step in value)
  return verb ? stepOf(verb, value) : `must be one of ${STEPS.join(', ')}`
}

const STEPS = ['send', 'apply', 'delete', 'patch', 'scale', 'ready', 'wait', 'freeze', 'thaw', 'fault', 'heal', 'say', 'ask'] as const

/** One step, or what is wrong with it. */
function stepOf(verb: (typeof STEPS)[number], value: Readonly<Record<string, unknown>>): ScenarioStep | string {
  const of = value[verb]
  switch (verb) {
    case 'send':
      return typeof of === 'string' ? { step: 'send', request: of } : 'must be the name of a request'
    case 'apply':
      return typeof of === 'string' ? { step: 'apply', text: of } : 'must be YAML text'
    case 'delete':
      return isObjectName(of) ? { step: 'delete', object: of } : OBJECT_TEXT
    case 'patch':
      if (!isObjectName(of)) return OBJECT_TEXT
      return isObject(value['set']) ? { step: 'patch', object: of, set: value['set'] } : 'needs set: a map of path to value'
    case 'scale':
      if (!isObjectName(of)) return OBJECT_TEXT
      return isCount(value['replicas'])
        ? { step: 'scale', object: of, replicas: value['replicas'] }
        : 'needs replicas: a whole number, 0 or more'
    case 'ready':
      if (typeof of !== 'string') return 'must be a Pod: NS/NAME or deploy/NS/NAME#i'
      return { step: 'ready', pod: of, value: value['value'] !== false }
    case 'wait': {
      const ms = typeof of === 'string' ? parseDuration(of) : undefined
      return ms === undefined ? 'must be a duration such as 1s' : { step: 'wait', ms }
    }
    case 'freeze':
    case 'thaw':
      return typeof of === 'string' ? { step: verb, node: of } : "must be a node's name"
    case 'fault':
    case 'heal':
      return faultOf(verb, of, value)
    case 'say':
      return { step: 'say', text: textsOf(of) }
    case 'ask': {
      const text = isObject(of) ? textsOf(of['text'] ?? of) : textsOf(of)
      const request = isObject(of) && typeof of['request'] === 'string' ? { request: of['request'] } : {}
      return { step: 'ask', text, ...request }
    }
  }
}

const OBJECT_TEXT = 'must name an object: Kind/NS/NAME'

function isObjectName(value: unknown): value is string {
  return typeof value === 'string' && value.split('/').length >= 2
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0
}

function textsOf(value: unknown): Texts {
  if (!isObject(value)) return value === undefined || value === null ? {} : { en: String(value) }
  return Object.fromEntries(Object.entries(value).flatMap(([key, text]) => (typeof text === 'string' ? [[key, text]] : [])))
}

function faultOf(step: 'fault' | 'heal', of: unknown, value: Readonly<Record<string, unknown>>): ScenarioStep | string {
  const nodes = value['nodes']
  let fault: Fault | undefined
  if (of === 'link' && Array.isArray(nodes) && nodes.length === 2) fault = { fault: 'link', nodes: [String(nodes[0]), String(nodes[1])] }
  else if (of === 'node' && typeof value['node'] === 'string') fault = { fault: 'node', node: value['node'] }
  else if (of === 'lb-pool') fault = { fault: 'lb-pool' }
  return fault ? { step, fault } : 'must be link (with nodes: [A, B]), node (with node: A) or lb-pool'
}
