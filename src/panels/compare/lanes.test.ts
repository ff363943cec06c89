import { expect, test } from 'vitest'
import type { ModeId } from '../../core/kernel/program.ts'
import { CLIENT, deployment, documents, send, service, worldFrom } from '../../core/testing/scene.ts'
import { differencesOf, stationsOf } from './lanes.ts'

const text = documents(CLIENT, deployment('web', 2, 8080), service('web', 'selector: {app: web}, ports: [{port: 80, targetPort: 8080}]'))
const modes: readonly ModeId[] = ['iptables', 'nftables', 'ipvs']
const traces = (to: string) => new Map(modes.map((mode) => [mode, send(worldFrom(text, mode), { from: 'pod/default/client', to }).trace]))

test('the same place stands in one row, once for every mode', () => {
  const stations = stationsOf(traces('http://web/'))
  expect(new Set(stations.map(({ key }) => key)).size).toBe(stations.length)
  expect(stations[0]?.place.name).toBe('default/client')
  expect(stations[0]?.events.size).toBe(3)
  const firstReply = stations.findIndex(({ reply }) => reply)
  expect(stations.slice(firstReply).every(({ reply }) => reply)).toBe(true)
  for (const mode of modes) {
    const told = stations.flatMap(({ events }) => events.get(mode) ?? [])
    expect(told.at(-1)?.step.step).toBe('end')
  }
})

test('what differs is said by mode', () => {
  const found = differencesOf(traces('http://web/'))
  expect(found.find(({ what }) => what === 'verdict')).toMatchObject({ same: true })
  expect(found.find(({ what }) => what === 'rules')?.same).toBe(false)
  expect(found.map(({ values }) => [...values.keys()])).toEqual([modes, modes, modes, modes])
})
