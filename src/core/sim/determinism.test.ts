import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { load } from '../api/load.ts'
import { MODE_IDS } from '../kernel/program.ts'
import { openWorld } from './open.ts'
import { runScenario } from './scenario.ts'
import { sendRequest } from './send.ts'
import type { World } from './world.ts'

const folder = `${import.meta.dirname}/../../scenarios`
const scenarios = readdirSync(folder).filter((name) => name.endsWith('.yaml'))

const read = (name: string) => readFileSync(`${folder}/${name}`, 'utf8')

function recordingOf(text: string, mode: (typeof MODE_IDS)[number]): string {
  const loaded = load([{ name: 'scene.yaml', text }], { bare: false, mode })
  if (!loaded.scenario) throw new Error('no scenario')
  const { steps } = runScenario({ ...loaded, scenario: loaded.scenario }, { seed: 42, mode })
  return JSON.stringify(steps)
}

/** Every third scenario, each in another mode: all of them in all MODE_IDS would take minutes. */
const sample = scenarios.filter((_, index) => index % 3 === 0).map((name, index) => [name, MODE_IDS[index % 3] ?? 'iptables'] as const)

describe.each(sample)('%s in %s', (name, mode) => {
  const first = recordingOf(read(name), mode)

  test('same input, same recording, byte for byte', () => {
    expect(recordingOf(read(name), mode)).toBe(first)
  })

  test('another layout of the YAML changes nothing', () => {
    const documents = parseAllDocuments(read(name)).map((document) => JSON.stringify(document.toJS(), null, 4))
    expect(recordingOf(documents.join('\n---\n# a comment\n'), mode)).toBe(first)
  })

  test('another order of the documents changes nothing', () => {
    const documents = read(name).split(/^---$/m)
    expect(recordingOf([...documents].reverse().join('\n---\n'), mode)).toBe(first)
  })

  test('what crosses to the page is plain data', () => {
    const steps = JSON.parse(first) as unknown
    expect(structuredClone(steps)).toEqual(steps)
  })
})

test('a request has the same luck whatever else is in the cluster', () => {
  const scene = read('httpbin.yaml')
  const more = '{apiVersion: v1, kind: Service, metadata: {name: zz-other, namespace: default}, spec: {ports: [{port: 9}]}}'
  const open = (text: string): World => openWorld(load([{ name: 'a', text }], { bare: false }), { seed: 5 })
  const luck = (world: World) => {
    const sent = sendRequest(world, { name: 'r', from: 'node/demo-worker', to: 'nslookup kubernetes.default.svc' }, { all: false })
    return typeof sent === 'string' ? sent : sent.traces[0]?.verdict
  }
  expect(luck(open(`${scene}\n---\n${more}`))).toEqual(luck(open(scene)))
})

test('other seeds choose otherwise, and names and addresses stay', () => {
  const loaded = load([{ name: 'a', text: read('httpbin.yaml') }], { bare: false })
  const picked = new Set<string>()
  const objects = new Set<string>()
  for (let seed = 0; seed < 40; seed++) {
    const world = openWorld(loaded, { seed })
    objects.add(JSON.stringify([...world.cluster.byKind.values()].map((map) => [...map.keys()])))
    const request = loaded.scenario?.requests[0]
    const sent = request && sendRequest(world, { ...request, count: 1 }, { all: false })
    if (sent && typeof sent !== 'string') picked.add(sent.traces[0]?.backend?.pod ?? '')
  }
  expect(objects.size).toBe(1)
  expect(picked.size).toBeGreaterThan(1)
})
