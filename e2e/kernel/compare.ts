import type { ModeId } from '../../src/core/kernel/program.ts'
import type { World } from '../../src/core/sim/world.ts'
import { type Dial, inNetns, type Lab } from './lab.ts'
import {
  affinitySets,
  dialOf,
  FIRST_SPORT,
  kernelWord,
  loadRules,
  outcomeOf,
  portsOf,
  rulesOf,
  send,
  Traces,
  type Visited,
} from './parity.ts'
import type { Probe } from './worlds.ts'

/** What was compared in the whole run. */
export const counts = { worlds: 0, connections: 0, traced: 0 }

/** Every connection of the whole run has its own source port: a UDP port that came back within its conntrack timeout would ride an old entry. */
let lastSport = FIRST_SPORT
function nextSport(): number {
  lastSport = lastSport >= 60_900 ? FIRST_SPORT : lastSport + 1
  return lastSport
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const hostOf = (from: string) => (from.startsWith('client/') ? 'outside' : from)
const SEEDS = Array.from({ length: 120 }, (_, seed) => seed)
const TRIES = 3

const sorted = (visited: readonly Visited[]) => JSON.stringify([...visited].sort((a, b) => (a.node < b.node ? -1 : 1)))
const labelOf = (probe: Probe, mode: ModeId) =>
  `${mode}: ${probe.from} → ${probe.to}/${probe.protocol}${probe.via ? ` via ${probe.via}` : ''}`

const addressOf = (netns: string) => inNetns(netns, ['ip', '-4', '-br', 'addr', 'show', 'eth0']).trim().split(/\s+/)[2]!.split('/')[0]!

/** Outside packets for cluster addresses are handed to a node: the client's route says to which. */
function routeBy(lab: Lab, probe: Probe, { dst, src }: Dial): void {
  const client = src ?? addressOf(lab.netnsOf('outside'))
  if (hostOf(probe.from) !== 'outside') return
  // Without a node that it hands packets to, an outside client knows only its own network.
  if (!probe.via) {
    inNetns(lab.netnsOf('outside'), ['sh', '-c', `ip route del ${dst} 2>/dev/null; true`])
    return
  }
  const node = addressOf(lab.netnsOf(`node/${probe.via}`))
  inNetns(lab.netnsOf('outside'), ['ip', 'route', 'replace', dst, 'via', node, 'dev', 'eth0'])
  // What answers for foreign addresses answers through the same node: conntrack there must see both directions.
  inNetns(lab.netnsOf('gateway'), ['ip', 'route', 'replace', client, 'via', node, 'dev', 'eth0', 'onlink'])
}

/** Affinity is state between connections; Kubehop's predictions start without any. */
function forgetAffinity(lab: Lab, world: World): void {
  for (const [node, names] of affinitySets(world)) {
    const netns = lab.netnsOf(`node/${node}`)
    if (world.mode === 'nftables' && names.length > 0)
      inNetns(netns, ['nft', '-f', '-'], names.map((name) => `flush set ip kube-proxy ${name}\n`).join(''))
    if (world.mode === 'iptables')
      inNetns(netns, ['sh', '-c', 'for list in /proc/net/xt_recent/*; do [ -e "$list" ] && echo / > "$list"; done; true'])
  }
}

type Prepared = {
  readonly probe: Probe
  readonly label: string
  readonly dial: Dial
  readonly allowed: ReadonlySet<string>
  readonly predicted: readonly Visited[]
}

/**
 * Opens every probe's connections for real, in a world whose rules are loaded: each outcome must be among Kubehop's ways, and the first
 * connection's rules, rule by rule, as Kubehop visits them under some draw. Answers what differs, one sentence each.
 */
export async function compare(lab: Lab, world: World, probes: readonly Probe[]): Promise<string[]> {
  const faults: string[] = []
  const traces = new Traces(lab, loadRules(lab, world))
  await pause(150)
  const prepared = probes.flatMap((probe) => prepare(world, probe, faults))
  const used = new Set<number>()
  for (const one of prepared) {
    const difference = await compareRules(lab, world, one, traces, used, faults)
    if (difference) faults.push(difference)
  }
  traces.stop()
  // Further connections come when every traced one is through, so that no trace has foreign packets in it.
  const again = async ({ probe, dial, label, allowed }: Prepared) => {
    routeBy(lab, probe, dial)
    const dials = [1, 2, 3].map(() => ({ ...dial, sport: nextSport() }))
    for (const result of await lab.dial(hostOf(probe.from), dials)) check(label, allowed, outcomeOf(result), faults)
  }
  // One way in after the other: the routes of the client and of what answers outside lead through one node at a time.
  for (const via of new Set(prepared.map(({ probe }) => probe.via)))
    await Promise.all(prepared.filter(({ probe }) => probe.via === via).map(again))
  counts.worlds += 1
  return [...new Set(faults)]
}

function check(label: string, allowed: ReadonlySet<string>, outcome: string, faults: string[]): void {
  counts.connections += 1
  if (!allowed.has(outcome)) faults.push(`${label}: the kernel says ${outcome}, Kubehop ${[...allowed].join(' | ')}`)
}

function prepare(world: World, probe: Probe, faults: string[]): Prepared[] {
  const trace = send(world, probe, true)
  const allowed = new Set((trace.ways ?? [trace]).map(kernelWord))
  const label = labelOf(probe, world.mode)
  const dial = dialOf(trace, probe, 0)
  if (dial) return [{ probe, label, dial, allowed, predicted: rulesOf(trace) }]
  if (![...allowed].every((word) => word === 'NO_ROUTE' || word === 'NXDOMAIN' || word === 'NO_ADDRESS'))
    faults.push(`${label}: nothing is sent, though the verdict is ${[...allowed].join(', ')}`)
  return []
}

/** One traced connection. The kernel tells its trace when it likes, so a difference counts only if it shows every time. */
async function compareRules(
  lab: Lab,
  world: World,
  { probe, label, dial, allowed, predicted }: Prepared,
  traces: Traces,
  used: Set<number>,
  faults: string[],
): Promise<string | undefined> {
  let kernel = ''
  const servers = new Set(portsOf(world))
  counts.traced += 1
  for (let attempt = 0; attempt < TRIES; attempt++) {
    routeBy(lab, probe, dial)
    forgetAffinity(lab, world)
    const sport = nextSport()
    traces.clear()
    // Where nothing may answer, the further connections wait long enough for both.
    const timeout = [...allowed].every((word) => word === 'timeout') ? 500 : dial.timeout
    const answer = lab.dial(hostOf(probe.from), [{ ...dial, sport, timeout }])
    await Promise.race([answer, pause(60 * (attempt + 1))])
    await traces.quiet()
    const visited = traces.visited(used, servers)
    used.add(sport)
    kernel = sorted(visited)
    const [result] = await answer
    check(label, allowed, outcomeOf(result!), faults)
    if (SEEDS.some((seed) => sorted(rulesOf(send({ ...world, seed }, probe, false))) === kernel)) return undefined
  }
  return `${label}: rules differ\n  kernel  ${kernel}\n  Kubehop ${sorted(predicted)}`
}

/** Pearson's statistic of outcomes against Kubehop's probabilities, and the value that it exceeds once in 10,000 runs. */
export async function chiSquare(
  lab: Lab,
  world: World,
  probe: Probe,
  n: number,
): Promise<{ readonly statistic: number; readonly limit: number; readonly outcomes: Readonly<Record<string, number>> }> {
  new Traces(lab, loadRules(lab, world)).stop()
  const trace = send(world, probe, true)
  const expected = new Map<string, number>()
  for (const way of trace.ways ?? []) expected.set(kernelWord(way), (expected.get(kernelWord(way)) ?? 0) + way.probability)
  const outcomes: Record<string, number> = {}
  for (let done = 0; done < n; done += 50) {
    const dials = Array.from({ length: Math.min(50, n - done) }, () => ({ ...dialOf(trace, probe, 0)!, sport: nextSport() }))
    for (const result of await lab.dial(hostOf(probe.from), dials)) outcomes[outcomeOf(result)] = (outcomes[outcomeOf(result)] ?? 0) + 1
  }
  const foreign = Object.keys(outcomes).filter((outcome) => !expected.has(outcome))
  if (foreign.length > 0) throw new Error(`not among Kubehop's ways: ${foreign.join(', ')}`)
  const statistic = [...expected].reduce((sum, [outcome, share]) => sum + ((outcomes[outcome] ?? 0) - share * n) ** 2 / (share * n), 0)
  // Wilson and Hilferty's approximation of the chi-square quantile.
  const free = expected.size - 1
  if (free === 0) return { statistic, limit: statistic, outcomes }
  const limit = free * (1 - 2 / (9 * free) + 3.719 * Math.sqrt(2 / (9 * free))) ** 3
  return { statistic, limit, outcomes }
}
