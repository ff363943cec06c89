import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ModeId } from '../../src/core/kernel/program.ts'
import { chiSquare, compare, counts } from './compare.ts'
import { inNetns, Lab, labMissing } from './lab.ts'
import { labWorldOf, openSockets, portsOf, worldFrom } from './parity.ts'
import { casesOf, sceneFiles } from './scenes.ts'
import { type Probe, randomWorld } from './worlds.ts'

const missing = labMissing()
if (missing) console.log(`The kernel parity test does not run here: ${missing}.`)

const MODES: readonly ModeId[] = ['iptables', 'nftables']
const WORLDS = Number(process.env['KUBEHOP_KERNEL_WORLDS'] ?? 200)

let lab: Lab
beforeAll(() => {
  lab = new Lab()
})
afterAll(async () => {
  await lab.close()
  console.log(`kernel parity: ${counts.worlds} worlds, ${counts.connections} connections, ${counts.traced} compared rule by rule`)
})

const localnet = (nodes: Iterable<string>, mode: ModeId) => {
  for (const node of nodes)
    inNetns(lab.netnsOf(`node/${node}`), ['sysctl', '-q', '-w', `net.ipv4.conf.all.route_localnet=${mode === 'iptables' ? 1 : 0}`])
}

describe.skipIf(missing)('random worlds against the kernel', () => {
  beforeAll(async () => {
    const world = worldFrom(randomWorld(1).yaml, 'iptables')
    await lab.build(labWorldOf(world))
    await openSockets(lab, world, [8080, 9090])
  })
  const rows = Array.from({ length: WORLDS }, (_, i) => i + 1).flatMap((seed) => MODES.map((mode) => [seed, mode] as const))
  test.each(rows)('world %i in %s', async (seed, mode) => {
    const { yaml, probes } = randomWorld(seed)
    localnet(['n1', 'n2', 'n3'], mode)
    expect((await compare(lab, worldFrom(yaml, mode), probes)).join('\n')).toBe('')
  })

  const choices: readonly (readonly [number, Probe])[] = [3, 12, 33].flatMap((seed) =>
    randomWorld(seed)
      .probes.filter((probe) => probe.protocol === 'tcp')
      .slice(0, 1)
      .map((probe) => [seed, probe] as const),
  )
  test.each(choices.flatMap(([seed, probe]) => MODES.map((mode) => [seed, mode, probe] as const)))(
    '400 connections fit the probabilities: world %i in %s',
    async (seed, mode, probe) => {
      localnet(['n1', 'n2', 'n3'], mode)
      const { statistic, limit, outcomes } = await chiSquare(lab, worldFrom(randomWorld(seed).yaml, mode), probe, 400)
      expect(statistic, JSON.stringify(outcomes)).toBeLessThanOrEqual(limit)
    },
  )
})

describe.skipIf(missing)('scenarios against the kernel', () => {
  test.each(sceneFiles.flatMap((file) => MODES.map((mode) => [file, mode] as const)))('%s in %s', async (file, mode) => {
    const { cases, left } = casesOf(file, mode)
    for (const line of left) console.log(`left out: ${line}`)
    for (const { world, probes } of cases) {
      const shape = labWorldOf(world)
      await lab.build(shape)
      await openSockets(lab, world, portsOf(world))
      expect((await compare(lab, world, probes)).join('\n')).toBe('')
    }
  })
})
