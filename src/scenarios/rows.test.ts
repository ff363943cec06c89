import { expect, test } from 'vitest'
import { list } from '../core/api/cluster.ts'
import { load } from '../core/api/load.ts'
import { checkClaim, costOfService } from '../core/cost/cost.ts'
import { runScenario, type StepReport } from '../core/sim/scenario.ts'
import { scenarios } from './index.ts'

/** The rows of the curriculum and the scenes that the gallery has to show. */
const wanted = [
  ...numbers('S', 1, 10),
  ...numbers('S', 11, 32),
  ...numbers('I', 1, 12),
  'I13',
  'I14',
  ...scenes(1, 12),
  ...[
    '18',
    '38',
    '39',
    '40',
    '41',
    '42',
    '43',
    '44',
    '45',
    '46',
    '47',
    '49',
    '50',
    '51',
    '52',
    '53',
    '54',
    '55',
    '56',
    '57',
    '58',
    '59',
    '60',
    '61',
    '62',
    '66',
    '67',
    '71',
    '73',
    '74',
    '75',
    '76',
    '77',
  ].map((number) => `scene S${number}`),
]

function numbers(letter: string, from: number, to: number): readonly string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `${letter}${from + index}`)
}

function scenes(from: number, to: number): readonly string[] {
  return numbers('S', from, to).map((row) => `scene S${row.slice(1).padStart(2, '0')}`)
}

/** `S3, scenes S55, S56` as `S3`, `scene S55`, `scene S56`. */
function rowsOf(text: string): readonly string[] {
  const written = /kubehop\.dev\/rows: "([^"]*)"/.exec(text)?.[1] ?? ''
  let prefix = ''
  return written.split(', ').map((part) => {
    const scene = /^scenes? (.*)$/.exec(part)
    if (scene) prefix = 'scene '
    return `${prefix}${scene?.[1] ?? part}`
  })
}

test('every row has a scenario', () => {
  const shown = new Set(scenarios.flatMap(({ text }) => rowsOf(text)))
  expect(wanted.filter((row) => !shown.has(row))).toEqual([])
})

function runOf(name: string): {
  readonly steps: readonly StepReport[]
  readonly cluster: ReturnType<typeof runScenario>['world']['cluster']
} {
  const text = scenarios.find((one) => one.name === name)?.text ?? ''
  const loaded = load([{ name: `${name}.yaml`, text }], { bare: false })
  const { steps, world } = runScenario({ ...loaded, scenario: loaded.scenario! }, { seed: 42 })
  return { steps, cluster: world.cluster }
}

const written = (step: StepReport | undefined, kind: string) => step?.changes.filter(({ object }) => object.kind === kind) ?? []
const slicesOfWeb = (cluster: Parameters<typeof list>[0]) =>
  list(cluster, 'EndpointSlice').filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === 'web')

test('seventeen Pods, five to a slice: 5+5+5+2, and one Pod’s change writes one slice', () => {
  const { steps, cluster } = runOf('seventeen-slices')
  expect(
    slicesOfWeb(cluster)
      .map(({ endpoints }) => endpoints?.length)
      .sort(),
  ).toEqual([2, 5, 5, 5])
  const change = steps.find(({ step }) => step.step === 'ready')
  expect(written(change, 'EndpointSlice').map(({ op }) => op)).toEqual(['update'])
})

test('3,000 Pods: 30 slices, and what one change sends is one of them', () => {
  const { steps, cluster } = runOf('three-thousand-pods')
  expect(slicesOfWeb(cluster)).toHaveLength(30)
  expect(
    written(
      steps.find(({ step }) => step.step === 'ready'),
      'EndpointSlice',
    ),
  ).toHaveLength(1)
  const cost = costOfService(cluster, 'default', 'web', 3000)
  expect(cost.addresses).toBe(3000)
  expect(cost.oneChange.slice.protobuf).toBeLessThan((cost.oneChange.endpoints?.protobuf ?? 0) / 5)
  expect(cost.oneChange.slice.protobuf / 3000).toBeGreaterThan(10_000)
  expect(checkClaim(3000, 3000).slices).toBe(30)
})

test('above 1,000 addresses Endpoints is cut and says so; below, the annotation goes', () => {
  const { steps, cluster } = runOf('over-capacity')
  const endpoints = (objects: StepReport['objects'] | undefined) =>
    objects?.find(({ kind, metadata }) => kind === 'Endpoints' && metadata.name === 'web') as unknown as
      | { metadata: { annotations?: Record<string, string> }; subsets: { addresses: unknown[] }[] }
      | undefined
  const before = endpoints(steps[0]?.objects)
  expect(before?.subsets[0]?.addresses).toHaveLength(1000)
  expect(before?.metadata.annotations?.['endpoints.kubernetes.io/over-capacity']).toBe('truncated')
  const after = endpoints(steps.at(-1)?.objects)
  expect(after?.subsets[0]?.addresses).toHaveLength(900)
  expect(after?.metadata.annotations?.['endpoints.kubernetes.io/over-capacity']).toBeUndefined()
  expect(slicesOfWeb(cluster).reduce((sum, { endpoints: all }) => sum + (all?.length ?? 0), 0)).toBe(900)
})
