import fc from 'fast-check'
import { expect, test } from 'vitest'
import { trieEntries, trieGet } from '../base/trie.ts'
import { seededChooser } from './chance.ts'
import { tupleOf } from './conntrack.ts'
import { ipvsIn, ipvsOut } from './ipvs.ts'
import { printIpvsConnections, printIpvsTable } from './ipvsprint.ts'
import { emptyIpvs, type IpvsState, targetName } from './ipvsstate.ts'
import { expire, syncIpvs } from './ipvssync.ts'
import { templateOf } from './ipvstemplates.ts'
import type { Packet, Protocol } from './packet.ts'
import type { SchedulerName, VirtualServer } from './program.ts'

const SCHEDULERS = ['rr', 'wrr', 'lc', 'wlc', 'sed', 'nq', 'lblc', 'lblcr', 'sh'] as const satisfies readonly SchedulerName[]
const PROTOCOLS = ['TCP', 'UDP', 'SCTP'] as const satisfies readonly Protocol[]

type Op =
  | {
      readonly op: 'client' | 'server'
      readonly vip: number
      readonly src: number
      readonly sport: number
      readonly flags: Packet['flags']
    }
  | { readonly op: 'wait'; readonly millis: number }
  | { readonly op: 'program'; readonly hosts: readonly number[]; readonly weight: number; readonly both: boolean }

const ends = { vip: fc.integer({ min: 0, max: 1 }), src: fc.integer({ min: 0, max: 2 }), sport: fc.integer({ min: 1, max: 5 }) }
const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ op: fc.constant('client' as const), ...ends, flags: fc.constantFrom('SYN', 'SYN', 'ACK', 'FIN', 'RST') }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ op: fc.constant('server' as const), ...ends, flags: fc.constantFrom('SYN-ACK', 'ACK', 'FIN', 'RST') }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('wait' as const),
      millis: fc.oneof(fc.constantFrom(1000, 10_000, 60_000, 120_000, 86_400_000), fc.integer({ min: 1, max: 400_000 })),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('program' as const),
      hosts: fc.subarray([5, 6, 7]),
      weight: fc.integer({ min: 0, max: 3 }),
      both: fc.boolean(),
    }),
  },
)
const setting = fc.record({
  scheduler: fc.constantFrom(...SCHEDULERS),
  protocol: fc.constantFrom(...PROTOCOLS),
  timeout: fc.constantFrom(0, 0, 30, 100, 600),
  ops: fc.array(op, { minLength: 10, maxLength: 60, size: 'max' }),
})
type Setting = typeof setting extends fc.Arbitrary<infer T> ? T : never

const runs = { seed: 11, numRuns: 300 }

/** Lets things happen to one host's ipvs; `see` looks at the state after each. `pace`: how far the clock goes at once at most. */
function play(
  { scheduler, protocol, timeout, ops }: Setting,
  see: (state: IpvsState, now: number) => void,
  pace = Number.POSITIVE_INFINITY,
): void {
  const choose = seededChooser(1)
  const virtual = (vip: number, hosts: readonly number[], weight: number): VirtualServer => {
    const realServers = hosts.map((host, i) => ({ ip: `10.244.1.${host}`, port: 8080, weight: i === 0 ? weight : 1 }))
    return { address: `10.96.0.${vip}`, port: 80, protocol, scheduler, flags: timeout > 0 ? 1 : 0, timeout, realServers }
  }
  let now = 0
  let state = syncIpvs(emptyIpvs, [virtual(0, [5, 6, 7], 1), virtual(1, [5, 6], 2)], now)
  for (const each of ops) {
    if (each.op === 'wait') {
      const until = now + each.millis
      while (now < until) {
        now = Math.min(until, now + pace)
        state = expire(state, now)
      }
    } else if (each.op === 'program') {
      const servers = [virtual(0, each.hosts, each.weight), ...(each.both ? [virtual(1, each.hosts, 1)] : [])]
      state = syncIpvs(state, servers, now)
    } else {
      const { vip, src, sport, flags } = each
      const packet: Packet = {
        ...{ family: 'IPv4', protocol, src: `10.1.0.${src}`, sport, dst: `10.96.0.${vip}`, dport: 80, ttl: 64, mark: 0 },
        flags: protocol === 'UDP' ? undefined : flags,
      }
      if (each.op === 'client') state = ipvsIn(state, packet, { now, choose, tracked: flags !== 'SYN' }).state
      else state = ipvsOut(state, tupleOf(packet), packet, now)?.state ?? state
    }
    see(state, now)
  }
}

function recounted(state: IpvsState): Record<string, string> {
  const counts = new Map<string, [number, number]>()
  for (const [name, { realServers }] of trieEntries(state.services))
    for (const real of realServers) counts.set(`${name} ${targetName(real)}`, [0, 0])
  for (const [, { service, real, active }] of trieEntries(state.connections)) {
    const count = counts.get(`${service} ${targetName(real)}`)
    expect(count).toBeDefined()
    if (count) count[active ? 0 : 1]++
  }
  return Object.fromEntries([...counts].map(([name, [active, inactive]]) => [name, `${active}+${inactive}`]))
}

test('each real server counts the connections that lead to it, each template those made from it, and nothing is left after its time', () => {
  fc.assert(
    fc.property(setting, (given) => {
      play(given, (state, now) => {
        const counted = [...trieEntries(state.services)].flatMap(([name, { realServers, loads }]) => {
          expect(loads.length).toBe(realServers.length)
          return realServers.map(
            (real, place) => [`${name} ${targetName(real)}`, `${loads[place]?.active}+${loads[place]?.inactive}`] as const,
          )
        })
        expect(Object.fromEntries(counted)).toEqual(recounted(state))
        const controls = new Map([...trieEntries(state.templates)].map(([name]) => [name, 0]))
        for (const [, { template, expiresAt, queuedAt }] of trieEntries(state.connections)) {
          expect(expiresAt).toBeGreaterThan(now)
          expect(queuedAt).toBeLessThanOrEqual(expiresAt)
          if (template && templateOf(state, template)) controls.set(template.name, (controls.get(template.name) ?? 0) + 1)
        }
        for (const [name, count] of controls) {
          const template = trieGet(state.templates, name)
          expect(template?.controls).toBe(count)
          expect(template?.expiresAt).toBeGreaterThan(now)
        }
      })
    }),
    runs,
  )
})

test('a clock that jumps comes to the same as one that goes by small steps', () => {
  const story = (given: Setting, pace?: number) => {
    const seen: (readonly string[])[] = []
    play(given, (state, now) => seen.push(printIpvsTable(state, now), printIpvsConnections(state, now)), pace)
    return seen
  }
  fc.assert(
    fc.property(setting, (given) => {
      expect(story(given)).toEqual(story(given, 7000))
    }),
    runs,
  )
})

test('ten thousand clients in a hundred seconds: who came a minute ago is forgotten, the others are spread evenly', () => {
  const server = (scheduler: SchedulerName): VirtualServer => ({
    ...{ address: '10.96.0.1', port: 80, protocol: 'TCP', scheduler, flags: 1, timeout: 60 },
    realServers: [5, 6, 7].map((host) => ({ ip: `10.244.1.${host}`, port: 8080, weight: 1 })),
  })
  let state = syncIpvs(emptyIpvs, [server('lc')], 0)
  let looked = 0
  const choose = seededChooser(1)
  for (let i = 0; i < 10_000; i++) {
    const now = i * 10
    const packet: Packet = {
      ...{ family: 'IPv4', protocol: 'TCP', src: `10.1.${i >> 8}.${i & 255}`, sport: 1, dst: '10.96.0.1', dport: 80 },
      ...{ flags: 'SYN', ttl: 64, mark: 0 },
    }
    state = ipvsIn(state, packet, { now, choose, tracked: false }).state
    looked = Math.max(looked, state.connections.size)
  }
  // SYN_RECV lasts a minute.
  expect([looked, state.connections.size, state.templates.size]).toEqual([6000, 6000, 6000])
  const loads = trieGet(state.services, 'TCP 10.96.0.1:80')?.loads.map(({ active }) => active)
  expect(loads).toEqual([2000, 2000, 2000])
})
