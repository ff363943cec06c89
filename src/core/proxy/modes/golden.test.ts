import { describe, expect, test } from 'vitest'
import { smallWorld } from '../../testing/smallworld.ts'
import { worldCluster } from '../../testing/worlds.ts'
import { printProgram, programOf } from '../program.ts'
import { modes } from './index.ts'

const cluster = worldCluster(smallWorld)

describe.each(modes.map(({ id }) => id))('%s', (mode) => {
  test.each(smallWorld.nodes.map(({ name }) => name))('what kube-proxy programs on %s', async (node) => {
    const lines = printProgram(programOf(cluster, node, mode)).map((line) => line.text)
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`${mode}/golden/${node}.txt`)
  })

  test('every line of a Service or an endpoint knows where it comes from', () => {
    const { families } = programOf(cluster, 'worker', mode)
    for (const { chains, sets, maps, servers } of families) {
      for (const { elements } of [...sets, ...maps]) for (const element of elements) expect(element.origin).toBeDefined()
      for (const server of servers) expect(server.origin).toBeDefined()
      const perService = /-(web|cart|shop|api|empty)|SVC-|SEP-|EXT-|SVL-|FW-/
      for (const { name, rules } of chains.filter((chain) => perService.test(chain.name)))
        for (const rule of rules) expect(rule.origin, `${name}: ${rule.id}`).toBeDefined()
    }
  })

  test('ids are unique', () => {
    for (const { chains } of programOf(cluster, 'worker', mode).families) {
      const ids = chains.flatMap((chain) => chain.rules.map((rule) => rule.id))
      expect(new Set(ids).size).toBe(ids.length)
    }
  })
})
