import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Chooser } from './chance.ts'
import { foldAddress, hsiphash1u32 } from './ipvshash.ts'
import { type Question, type Scheduled, schedule } from './ipvsschedulers.ts'
import { type Load, NO_LOAD, type RealServer, type SchedulerMemory } from './ipvsstate.ts'
import { bucketOf, maglevPlaceOf, maglevTable } from './ipvstables.ts'
import type { Packet } from './packet.ts'
import type { SchedulerName } from './program.ts'

const names = ['a', 'b', 'c', 'd'] as const
const ipOf = (name: string) => `10.244.1.${names.indexOf(name as 'a') + 5}`
const nameOf = (ip: string) => names[Number(ip.split('.')[3]) - 5] ?? '?'

/** `a:3` is the server a with weight 3; `b` has weight 1. */
function servers(text: string): readonly RealServer[] {
  return text.split(' ').map((word) => {
    const [name = '', weight = '1'] = word.split(':')
    return { ip: ipOf(name), port: 8080, weight: Number(weight), lastWeight: Number(weight) || 1 }
  })
}

/** `a:2+5` has 2 active and 5 inactive connections. */
function loads(text: string): ReadonlyMap<string, Load> {
  const words = text.split(' ').filter((word) => word !== '')
  return new Map(
    words.map((word) => {
      const [name = '', counts = ''] = word.split(':')
      const [active = '0', inactive = '0'] = counts.split('+')
      return [ipOf(name), { active: Number(active), inactive: Number(inactive) }]
    }),
  )
}

const packet = (src = '172.18.0.100', sport = 40000): Packet => ({
  family: 'IPv4',
  protocol: 'TCP',
  src,
  dst: '10.96.0.10',
  sport,
  dport: 80,
  flags: 'SYN',
  ttl: 64,
  mark: 0,
})

type Rest = Partial<Omit<Question, 'service'>> & { readonly loads?: ReadonlyMap<string, Load> }

function question(scheduler: SchedulerName, list: string, rest: Rest = {}, memory: SchedulerMemory = {}, flags = 0): Question {
  const server = { address: '10.96.0.10', port: 80, protocol: 'TCP', scheduler, flags, timeout: 0, realServers: [] } as const
  const { loads: open, ...asked } = rest
  const realServers = servers(list)
  const counts = realServers.map(({ ip }) => open?.get(ip) ?? NO_LOAD)
  return { service: { server, realServers, loads: counts, memory, since: 0 }, packet: packet(), now: 0, ...asked }
}

const never: Chooser = () => {
  throw new Error('a kernel throws no dice')
}
const ask = (asked: Question): Scheduled | undefined => schedule(asked, never, 'key')
const pickedBy = (asked: Question) => {
  const { index } = ask(asked) ?? {}
  return index === undefined ? undefined : nameOf(asked.service.realServers[index]!.ip)
}

/** The servers of so many connections in a row. Connections are not counted, only the scheduler remembers. */
function run(scheduler: SchedulerName, list: string, times: number): string {
  let memory: SchedulerMemory = {}
  const picked: (string | undefined)[] = []
  for (let i = 0; i < times; i++) {
    const asked = question(scheduler, list, {}, memory)
    const answer = ask(asked)
    picked.push(answer && nameOf(asked.service.realServers[answer.index]!.ip))
    memory = answer?.memory ?? memory
  }
  return picked.join('')
}

describe('round robin', () => {
  test.each([
    ['rr', 'a b c', 'abcabca'],
    ['rr', 'a b:0 c', 'acacaca'],
    ['rr', 'a', 'aaaaaaa'],
    ['rr', 'a:9 b', 'abababa'],
    ['wrr', 'a b c', 'abcabca'],
    // Descending rounds: everyone of weight 3 or more, then 2 or more, then all.
    ['wrr', 'a:4 b:3 c:2', 'aababcabc'],
    ['wrr', 'a:4 b:2', 'aabaaba'],
    ['wrr', 'a:1 b:0 c:2', 'caccacc'],
  ] as const)('%s over %s', (scheduler, list, expected) => {
    expect(run(scheduler, list, expected.length)).toBe(expected)
  })

  test('an empty or quiesced list has no answer', () => {
    expect(ask(question('rr', 'a:0 b:0'))).toBeUndefined()
    expect(ask(question('wrr', 'a:0 b:0'))).toBeUndefined()
  })

  test('wrr gives everybody its weight in each full descent', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 4 }), (weights) => {
        const total = weights.reduce((sum, weight) => sum + weight, 0)
        fc.pre(total > 0)
        const list = weights.map((weight, i) => `${names[i]}:${weight}`).join(' ')
        const divisor = weights.reduce(function gcd(a, b): number {
          return b === 0 ? a : gcd(b, a % b)
        }, 0)
        const round = run('wrr', list, total / divisor)
        for (const [i, weight] of weights.entries()) expect(round.split(names[i]!).length - 1).toBe(weight / divisor)
      }),
      { seed: 42, numRuns: 200 },
    )
  })
})

describe('least connections', () => {
  test.each([
    ['lc', 'a b c', '', 'a'],
    ['lc', 'a b c', 'a:1+0', 'b'],
    // 256 inactive connections are as dear as an active one.
    ['lc', 'a b', 'a:1+0 b:0+255', 'b'],
    ['lc', 'a b', 'a:1+0 b:0+257', 'a'],
    ['lc', 'a:0 b', 'b:9+0', 'b'],
    ['wlc', 'a b:2', 'a:1+0 b:1+0', 'b'],
    ['wlc', 'a b:2', 'a:1+0 b:2+0', 'a'],
    // Without connections all cost nothing, and the first stays.
    ['wlc', 'a b:9', '', 'a'],
    ['sed', 'a b:2', '', 'b'],
    ['sed', 'a b:2', 'b:1+0', 'a'],
    ['sed', 'a b:2', 'a:0+99 b:1+0', 'a'],
    ['nq', 'a b:9', '', 'a'],
    ['nq', 'a b:9', 'a:1+0', 'b'],
    ['nq', 'a b:9', 'a:1+0 b:1+0', 'b'],
  ] as const)('%s over %s with %s takes %s', (scheduler, list, busy, expected) => {
    expect(pickedBy(question(scheduler, list, { loads: loads(busy) }))).toBe(expected)
  })
})

describe('locality', () => {
  const kept = (text: string, changedAt = 0): SchedulerMemory => ({
    kept: new Map([['10.96.0.10', { servers: text.split(' ').map((name) => `${ipOf(name)}:8080`), changedAt, usedAt: changedAt }]]),
  })
  test.each([
    ['lblc', 'a b', '', '', 'a'],
    ['lblc', 'a b', 'b', '', 'b'],
    ['lblc', 'a b', 'b', 'b:1+0', 'b'],
    // More active connections than weight, and another one idle: time to move.
    ['lblc', 'a b', 'b', 'b:2+0', 'a'],
    ['lblc', 'a b', 'b', 'b:2+0 a:1+0', 'b'],
    ['lblc', 'a b:0', 'b', '', 'a'],
    ['lblcr', 'a b c', 'b c', 'b:1+0', 'c'],
    ['lblcr', 'a b c', 'b c', 'b:2+0 c:2+0', 'a'],
  ] as const)('%s over %s, kept on "%s", loads "%s": %s', (scheduler, list, on, busy, expected) => {
    const memory = on === '' ? {} : kept(on)
    expect(pickedBy(question(scheduler, list, { loads: loads(busy) }, memory))).toBe(expected)
  })

  test('lblcr adds to its set, and drops the busiest when nothing has changed for a day', () => {
    const grown = ask(question('lblcr', 'a b', { loads: loads('b:2+0'), now: 5 }, kept('b')))
    expect(grown?.memory.kept?.get('10.96.0.10')).toEqual({ servers: [`${ipOf('a')}:8080`, `${ipOf('b')}:8080`], changedAt: 5, usedAt: 5 })
    const day = 24 * 3600 * 1000
    const shrunk = ask(question('lblcr', 'a b', { loads: loads('b:1+0'), now: day + 6 }, kept('a b', 5)))
    expect(shrunk?.memory.kept?.get('10.96.0.10')).toEqual({ servers: [`${ipOf('a')}:8080`], changedAt: day + 6, usedAt: day + 6 })
  })
})

describe('hashing', () => {
  test.each([
    // SipHash-1-3 of four bytes with a zero key: what CPython 3.11 computes with PYTHONHASHSEED=0, its low 32 bits.
    [0, 2596571888],
    [1, 3279646864],
    [0x12345678, 4196861020],
  ])('hsiphash of %i', (word, expected) => expect(hsiphash1u32(word, [0n, 0n])).toBe(expected))

  test.each([
    ['10.244.1.9', 250],
    ['172.18.0.100', 87],
    ['192.168.0.1', 192],
  ])('the bucket of %s', (ip, bucket) => expect(bucketOf(ip, 0)).toBe(bucket))

  test('an IPv6 address is folded to 32 bits', () => {
    expect(foldAddress('fd00:10:244:1::5')).toBe((0xfd000010 ^ 0x02440001 ^ 5) >>> 0)
    expect(foldAddress('::1')).toBe(1)
  })

  test('the Maglev table, seat by seat as ip_vs_mh.c fills it', () => {
    const three: readonly RealServer[] = [
      { ip: '10.244.1.5', port: 8080, weight: 1, lastWeight: 1 },
      { ip: '10.244.1.6', port: 8080, weight: 1, lastWeight: 1 },
      { ip: '10.244.2.7', port: 8080, weight: 1, lastWeight: 1 },
    ]
    const table = maglevTable(three)
    expect([0, 1, 2].map((index) => table.filter((seat) => seat === index).length)).toEqual([1365, 1364, 1364])
    const picks = Array.from({ length: 20 }, (_, i) => table[maglevPlaceOf('10.244.1.9', 40000 + i)])
    expect(picks).toEqual([1, 2, 1, 0, 2, 0, 2, 1, 1, 1, 1, 0, 1, 2, 0, 1, 2, 0, 0, 0])
    const weighted = maglevTable(three.map((real, i) => ({ ...real, weight: [3, 0, 2][i]!, lastWeight: [3, 0, 2][i]! })))
    expect([0, 1, 2].map((index) => weighted.filter((seat) => seat === index).length)).toEqual([2457, 0, 1636])
  })

  test('sh: a client stays, whatever its port; dh: a destination', () => {
    for (const scheduler of ['sh', 'dh'] as const) {
      const picks = [40000, 40001, 50000].map((sport) => pickedBy(question(scheduler, 'a b c', { packet: packet('10.0.0.7', sport) })))
      expect(new Set(picks).size).toBe(1)
    }
    const clients = Array.from({ length: 64 }, (_, i) => pickedBy(question('sh', 'a b c', { packet: packet(`10.0.${i}.7`) })))
    expect(new Set(clients)).toEqual(new Set(['a', 'b', 'c']))
  })

  test('a quiesced server fails the connections that hash to it', () => {
    const clients = Array.from({ length: 64 }, (_, i) => pickedBy(question('sh', 'a b:0 c', { packet: packet(`10.0.${i}.7`) })))
    expect(new Set(clients)).toEqual(new Set(['a', undefined, 'c']))
  })
})

describe('every way', () => {
  const shares = (scheduler: SchedulerName, list: string, flags = 0) => ask(question(scheduler, list, {}, {}, flags))?.shares
  test.each([
    ['rr', 'a b:0 c:9', [1 / 2, 0, 1 / 2]],
    ['wrr', 'a b:3', [1 / 4, 3 / 4]],
    ['lc', 'a b c d', [1 / 4, 1 / 4, 1 / 4, 1 / 4]],
    ['wlc', 'a b:3', [1 / 4, 3 / 4]],
  ] as const)('%s over %s', (scheduler, list, expected) => expect(shares(scheduler, list)).toEqual(expected))

  test('the hash schedulers know the client', () => {
    for (const scheduler of ['sh', 'dh', 'mh'] as const) expect(shares(scheduler, 'a b c')?.filter((share) => share === 1).length).toBe(1)
  })

  test('with the port in the hash every server is possible', () => {
    const all = shares('mh', 'a b c', 0x10)!
    expect(all.every((share) => Math.abs(share - 1 / 3) < 0.001)).toBe(true)
    expect(all.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12)
  })

  test('a quiesced server keeps its part of the table, and fails it', () => {
    const asked: (readonly number[])[] = []
    const choose: Chooser = Object.assign(
      (_key: string, weights: readonly number[]) => {
        asked.push(weights)
        return weights.length - 1
      },
      { enumerates: true as const },
    )
    expect(schedule(question('mh', 'a b:0 c', {}, {}, 0x10), choose, 'key')).toBeUndefined()
    expect(asked[0]!.map((share) => share.toFixed(2))).toEqual(['0.33', '0.00', '0.33', '0.33'])
  })

  test('an enumerating chooser decides, and the counter follows it', () => {
    const choose: Chooser = Object.assign(() => 1, { enumerates: true as const })
    const answer = schedule(question('rr', 'a b c'), choose, 'key')
    expect(answer?.index).toBe(1)
    expect(answer?.memory.last).toBe(`${ipOf('b')}:8080`)
  })
})
