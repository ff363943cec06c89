import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ModeId } from '../../src/core/kernel/program.ts'
import { inNetns, Lab, labMissing } from './lab.ts'
import {
  affinitySets,
  dialOf,
  FIRST_SPORT,
  kernelWord,
  labWorldOf,
  loadRules,
  openSockets,
  outcomeOf,
  rulesOf,
  send,
  Traces,
  worldFrom,
} from './parity.ts'
import { type Probe, randomWorld } from './worlds.ts'

const missing = labMissing()
if (missing) console.log(`The kernel parity test does not run here: ${missing}.`)

const MODES: readonly ModeId[] = ['iptables', 'nftables']
const WORLDS = Number(process.env['KUBEHOP_KERNEL_WORLDS'] ?? 200)
const counts = { worlds: 0, connections: 0, traced: 0 }
const hostOf = (from: string) => (from === 'outside' ? 'outside' : from)
/** Every connection of the whole run has its own source port: a UDP port that came back within its conntrack timeout would ride an old entry. */
let sport = FIRST_SPORT
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Outside packets for cluster addresses are handed to a node: the client's route says to which. */
function routeBy(lab: Lab, probe: Probe): void {
  if (probe.from !== 'outside' || !probe.via) return
  const address = probe.to.replace(/:\d+$/, '')
  const node = inNetns(lab.netnsOf(`node/${probe.via}`), ['ip', '-4', '-br', 'addr', 'show', 'eth0'])
    .trim()
    .split(/\s+/)[2]!
    .split('/')[0]!
  inNetns(lab.netnsOf('outside'), ['ip', 'route', 'replace', address, 'via', node, 'dev', 'eth0'])
  // What answers for foreign addresses answers through the same node: conntrack there must see both directions.
  const client = inNetns(lab.netnsOf('outside'), ['ip', '-4', '-br', 'addr', 'show', 'eth0']).trim().split(/\s+/)[2]!.split('/')[0]!
  inNetns(lab.netnsOf('gateway'), ['ip', 'route', 'replace', client, 'via', node, 'dev', 'eth0', 'onlink'])
}

/** Affinity is state between connections; Kubehop's predictions start without any. */
function forgetAffinity(lab: Lab, sets: ReadonlyMap<string, readonly string[]>, mode: ModeId): void {
  for (const [node, names] of sets) {
    const netns = lab.netnsOf(`node/${node}`)
    if (mode === 'nftables') inNetns(netns, ['nft', '-f', '-'], names.map((name) => `flush set ip kube-proxy ${name}\n`).join(''))
    else inNetns(netns, ['sh', '-c', 'for list in /proc/net/xt_recent/*; do [ -e "$list" ] && echo / > "$list"; done; true'])
  }
}

/** Every probe of a world in one mode: outcomes among Kubehop's ways, and the first connection's rules as some seed of Kubehop visits them. */
async function compare(lab: Lab, yaml: string, probes: readonly Probe[], mode: ModeId): Promise<string[]> {
  const world = worldFrom(yaml, mode)
  const faults: string[] = []
  const traces = new Traces(lab, loadRules(lab, world))
  await pause(150)
  const affinity = affinitySets(world)
  const hasAffinity = yaml.includes('sessionAffinity')
  const used = new Set<number>()
  const later: Promise<void>[] = []
  // Further connections wait until every traced one is through, so that no trace has foreign packets in it.
  const rest: (() => Promise<void>)[] = []
  const vias: boolean[] = []
  for (const probe of probes) {
    const predicted = send(world, probe, true)
    const allowed = new Set((predicted.ways ?? [predicted]).map(kernelWord))
    const label = `${mode}: ${probe.from} → ${probe.to}/${probe.protocol}${probe.via ? ` via ${probe.via}` : ''}`
    sport += 1
    const dial = dialOf(predicted, probe, sport)
    if (!dial) {
      if (!allowed.has('NO_ROUTE')) faults.push(`${label}: nothing is sent, though the verdict is ${[...allowed].join(', ')}`)
      continue
    }
    routeBy(lab, probe)
    if (hasAffinity) forgetAffinity(lab, affinity, mode)
    traces.clear()
    const first = lab.dial(hostOf(probe.from), [dial])
    await Promise.race([first, pause(60)])
    await traces.quiet()
    const visited = traces.visited(used)
    used.add(sport)
    const check = (outcome: string) => {
      counts.connections += 1
      if (!allowed.has(outcome)) faults.push(`${label}: the kernel says ${outcome}, Kubehop ${[...allowed].join(' | ')}`)
    }
    later.push(first.then(([result]) => check(outcomeOf(result!))))
    const more = [1, 2, 3].map((i) => ({ ...dial, sport: sport + i }))
    sport += 3
    for (const one of more) used.add(one.sport)
    vias.push(probe.via !== undefined)
    rest.push(async () => {
      routeBy(lab, probe)
      for (const result of await lab.dial(hostOf(probe.from), more)) check(outcomeOf(result))
    })
    const wanted = JSON.stringify(sorted(visited))
    const seeds = Array.from({ length: 80 }, (_, seed) => seed)
    const same = seeds.some((seed) => JSON.stringify(sorted(rulesOf(send({ ...world, seed }, probe, false)))) === wanted)
    counts.traced += 1
    if (!same) faults.push(`${label}: rules differ\n  kernel  ${wanted}\n  Kubehop ${JSON.stringify(sorted(rulesOf(predicted)))}`)
  }
  await Promise.all(later)
  for (const start of rest.filter((_, i) => vias[i])) await start()
  await Promise.all(rest.filter((_, i) => !vias[i]).map((start) => start()))
  traces.stop()
  return faults
}

const sorted = (visited: readonly { readonly node: string; readonly rules: readonly string[] }[]) =>
  [...visited].sort((a, b) => (a.node < b.node ? -1 : 1))

describe.skipIf(missing)('random worlds against the kernel', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = new Lab()
    await lab.build(labWorldOf(worldFrom(randomWorld(1).yaml, 'iptables')))
    await openSockets(lab, worldFrom(randomWorld(1).yaml, 'iptables'), [8080, 9090])
  })
  afterAll(async () => {
    await lab.close()
    console.log(`kernel parity: ${counts.worlds} worlds, ${counts.connections} connections, ${counts.traced} compared rule by rule`)
  })
  const rows = Array.from({ length: WORLDS }, (_, i) => i + 1).flatMap((seed) => MODES.map((mode) => [seed, mode] as const))
  test.each(rows)('world %i in %s', async (seed, mode) => {
    const world = randomWorld(seed)
    for (const node of ['n1', 'n2', 'n3'])
      inNetns(lab.netnsOf(`node/${node}`), ['sysctl', '-q', '-w', `net.ipv4.conf.all.route_localnet=${mode === 'iptables' ? 1 : 0}`])
    const faults = await compare(lab, world.yaml, world.probes, mode)
    counts.worlds += 1
    expect(faults.join('\n')).toBe('')
  })
})
