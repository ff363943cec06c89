import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { everyWay } from './chance.ts'
import { track } from './conntrack.ts'
import { runHook } from './evaluate.ts'
import { freshKernel, type HookIo, type HookResult, type NodeKernel } from './kernel.ts'
import type { Packet } from './packet.ts'
import type { AddressSet, Chain, FamilyProgram, Match, Rule, Verdict, VerdictMap } from './program.ts'
import { rememberSource } from './recent.ts'

const packet: Packet = {
  family: 'IPv4',
  protocol: 'TCP',
  src: '10.244.1.9',
  sport: 40_000,
  dst: '10.96.0.1',
  dport: 80,
  flags: 'SYN',
  ttl: 64,
  mark: 0,
}
const io: HookIo = { isLocal: (ip) => ip === '172.18.0.3', now: 0, choose: () => 0, draw: () => 0 }

const program = (chains: readonly Chain[], sets: readonly AddressSet[] = [], maps: readonly VerdictMap[] = []): FamilyProgram => ({
  family: 'IPv4',
  chains,
  sets,
  maps,
  servers: [],
  dummyAddresses: [],
  routeLocalnet: false,
})
const rule = (matches: readonly Match[], verdict?: Verdict, rest: Partial<Rule> = {}): Rule => ({
  id: JSON.stringify([matches, verdict]),
  matches,
  ...(verdict ? { verdict } : {}),
  ...rest,
})
const chain = (name: string, rules: readonly Rule[]): Chain => ({ table: 'filter', name, rules })
const forward = (rules: readonly Rule[], priority = 0): Chain => ({
  table: 'filter',
  name: `FORWARD${priority}`,
  attachment: { hook: 'forward', priority, type: 'filter' },
  rules,
})
const jump = (to: string): Verdict => ({ verdict: 'jump', chain: to })
const run = (made: FamilyProgram, sent: Packet = packet, kernel: NodeKernel = freshKernel, more: Partial<HookIo> = {}): HookResult =>
  runHook(kernel, made, 'forward', track(kernel.conntrack, sent, 0), { ...io, ...more })
/** The rules that matched and the chains that ended, as one line. */
const story = ({ steps, verdict }: HookResult): string =>
  [
    ...steps.map((step) =>
      step.step === 'rule' ? `${step.chain}#${step.index} ${step.verdict}` : step.step === 'chain-end' ? `${step.chain} end` : step.step,
    ),
    verdict,
  ].join(', ')

describe('the way through chains', () => {
  test.each<[string, readonly Chain[], string]>([
    [
      'jump comes back',
      [forward([rule([], jump('A')), rule([], { verdict: 'drop' })]), chain('A', [])],
      'FORWARD0#0 jump A, A end, FORWARD0#1 drop, drop',
    ],
    [
      'goto does not',
      [forward([rule([], { verdict: 'goto', chain: 'A' }), rule([], { verdict: 'drop' })]), chain('A', [])],
      'FORWARD0#0 goto A, A end, FORWARD0 end, accept',
    ],
    [
      'return leaves one chain',
      [
        forward([rule([], jump('A')), rule([], { verdict: 'drop' })]),
        chain('A', [rule([], { verdict: 'return' }), rule([], { verdict: 'reject' })]),
      ],
      'FORWARD0#0 jump A, A#0 return, FORWARD0#1 drop, drop',
    ],
    [
      'accept ends one base chain only',
      [forward([rule([], { verdict: 'accept' })]), forward([rule([], { verdict: 'drop' })], 10)],
      'FORWARD0#0 accept, FORWARD10#0 drop, drop',
    ],
    ['drop ends all', [forward([rule([], { verdict: 'drop' })], -5), forward([])], 'FORWARD-5#0 drop, drop'],
    [
      'return in a base chain is its policy',
      [forward([rule([], { verdict: 'return' }), rule([], { verdict: 'drop' })])],
      'FORWARD0#0 return, FORWARD0 end, accept',
    ],
    [
      'a rule without verdict goes on',
      [forward([rule([]), rule([], { verdict: 'reject' })])],
      'FORWARD0#0 continue, FORWARD0#1 reject, reject',
    ],
  ])('%s', (_name, chains, expected) => expect(story(run(program(chains)))).toBe(expected))

  test('rules tried in vain are told as a range', () => {
    const port = (is: number): Match => ({ match: 'dst-port', is })
    const result = run(program([forward([rule([port(1)]), rule([port(2)]), rule([port(80)]), rule([port(3)])])]))
    expect(result.steps).toMatchObject([
      { step: 'rule', index: 2, missed: { from: 0, to: 2 } },
      { step: 'chain-end', missed: { from: 3, to: 4 }, policy: 'accept' },
    ])
  })
})

describe('matches', () => {
  const holds = (match: Match, sent: Packet = packet, more: Partial<HookIo> = {}) =>
    run(program([forward([rule([match], { verdict: 'drop' })])]), sent, freshKernel, more).verdict === 'drop'

  test.each<[Match, boolean, Partial<Packet>?, Partial<HookIo>?]>([
    [{ match: 'protocol', is: 'TCP', module: true }, true],
    [{ match: 'protocol', is: 'UDP', module: true }, false],
    [{ match: 'src', in: ['10.244.0.0/16'] }, true],
    [{ match: 'src', in: ['10.244.0.0/16'], not: true }, false],
    [{ match: 'src', in: ['10.244.2.0/24', '10.244.1.9'] }, true],
    [{ match: 'dst', in: ['10.96.0.1'] }, true],
    [{ match: 'dst', in: ['fd00::/8'] }, false],
    [{ match: 'dst', in: ['fd00::/8'] }, true, { dst: 'fd00::1' }],
    [{ match: 'dst-port', is: 80 }, true],
    [{ match: 'in-interface', name: 'cni0' }, true, {}, { inInterface: 'cni0' }],
    [{ match: 'in-interface', name: 'veth+' }, true, {}, { inInterface: 'veth12' }],
    [{ match: 'in-interface', name: 'veth*' }, true, {}, { inInterface: 'veth12' }],
    [{ match: 'in-interface', name: 'veth+', not: true }, true, {}, { inInterface: 'eth0' }],
    [{ match: 'in-interface', name: 'cni0', not: true }, true],
    [{ match: 'ct-state', in: ['NEW'] }, true],
    [{ match: 'ct-state', in: ['RELATED', 'ESTABLISHED'] }, false],
    [{ match: 'ct-state', in: ['INVALID'] }, true, { flags: 'SYN-ACK' }],
    [{ match: 'ct-state', in: ['DNAT'], not: true }, true],
    [{ match: 'mark', value: 0x4000, mask: 0x4000 }, true, { mark: 0x4001 }],
    [{ match: 'mark', value: 0x4000, mask: 0x4000, not: true }, true],
    [{ match: 'mark', value: 0x8000_0000, mask: 0x8000_0000 }, true, { mark: 0x8000_0000 }],
    [{ match: 'src-local' }, true, { src: '172.18.0.3' }],
    [{ match: 'dst-local', not: true }, true],
    [{ match: 'physdev-is-in' }, false],
    [{ match: 'physdev-is-in', not: true }, true],
    [{ match: 'nfacct', name: 'x' }, true],
  ])('%j: %s', (match, expected, sent = {}, more = {}) => expect(holds(match, { ...packet, ...sent }, more)).toBe(expected))
})

describe('sets and maps', () => {
  const sets: readonly AddressSet[] = [
    { name: 'exact', type: 'hash:ip,port', elements: [{ key: ['10.96.0.1', 'tcp', 80] }] },
    { name: 'nets', type: 'hash:ip,port,net', elements: [{ key: ['10.96.0.1', 'tcp', 80, '10.244.0.0/16'] }] },
    { name: 'ports', type: 'bitmap:port', elements: [{ key: [80] }] },
    { name: 'affinity', type: 'ipv4_addr', elements: [], timeout: 10 },
  ]
  const inSet = (set: string, fields: Extract<Match, { match: 'set' }>['fields'], sent: Packet = packet) =>
    run(program([forward([rule([{ match: 'set', set, fields }], { verdict: 'drop' })])], sets), sent).verdict === 'drop'

  test('an element is met by all its fields', () => {
    expect(inSet('exact', ['daddr', 'l4proto', 'dport'])).toBe(true)
    expect(inSet('exact', ['daddr', 'l4proto', 'dport'], { ...packet, dport: 81 })).toBe(false)
    expect(inSet('nets', ['daddr', 'l4proto', 'dport', 'saddr'])).toBe(true)
    expect(inSet('nets', ['daddr', 'l4proto', 'dport', 'saddr'], { ...packet, src: '192.168.0.1' })).toBe(false)
    expect(inSet('missing', ['saddr'])).toBe(false)
  })

  test.each([
    ['TCP', true],
    ['UDP', true],
    ['SCTP', false],
    ['ICMP', false],
  ] as const)('a bitmap of ports asked about a packet of %s', (protocol, expected) =>
    expect(inSet('ports', ['dport'], { ...packet, protocol })).toBe(expected),
  )

  test('an updated element lives for the timeout, up to but not including its last moment', () => {
    const update = program(
      [forward([rule([], undefined, { statements: [{ statement: 'update', set: 'affinity', field: 'saddr' }] })])],
      sets,
    )
    const { kernel } = run(update)
    const ask = program([forward([rule([{ match: 'set', set: 'affinity', fields: ['saddr'] }], jump('E'))]), chain('E', [])], sets)
    expect(story(run(ask, packet, kernel, { now: 9999 }))).toContain('choose, FORWARD0#0 jump E')
    expect(story(run(ask, packet, kernel, { now: 10_000 }))).toBe('FORWARD0 end, accept')
  })

  const map: VerdictMap = { name: 'm', type: '', elements: [{ key: ['10.96.0.1', 'tcp', 80], verdict: { verdict: 'goto', chain: 'A' } }] }
  const lookup = rule([], { verdict: 'lookup', map: 'm', fields: ['daddr', 'l4proto', 'dport'] })
  test("a map's element gives the verdict; without one the rule has not matched", () => {
    const made = program([forward([lookup, rule([], { verdict: 'drop' })]), chain('A', [])], [], [map])
    expect(story(run(made))).toBe('FORWARD0#0 goto A, A end, FORWARD0 end, accept')
    expect(story(run(made, { ...packet, dport: 81 }))).toBe('FORWARD0#1 drop, drop')
  })
})

describe('recent lists', () => {
  const check: Match = { match: 'recent', do: 'rcheck', list: 'L', seconds: 10 }
  const made = program([forward([rule([check], { verdict: 'drop' })])])
  const kernel = rememberSource(freshKernel, 'L', '10.244.1.9', 1000)

  test.each([
    [11_000, 'drop'],
    [11_001, 'accept'],
  ] as const)('seen 10 s ago or later: at %i %s', (now, verdict) => expect(run(made, packet, kernel, { now }).verdict).toBe(verdict))

  test('a list keeps its hundred latest sources', () => {
    let full = freshKernel
    for (let i = 0; i < 100; i++) full = rememberSource(full, 'L', `10.0.0.${i}`, i)
    full = rememberSource(full, 'L', '10.0.0.0', 200)
    full = rememberSource(full, 'L', '10.1.1.1', 201)
    const sources = [...full.recent.get('L')!.keys()]
    expect(sources).toHaveLength(100)
    expect(sources).toContain('10.0.0.0')
    expect(sources).not.toContain('10.0.0.1')
  })
})

describe('spreading', () => {
  const row = (n: number, last: readonly Rule[]) =>
    program([
      forward([...Array.from({ length: n }, (_, i) => rule([{ match: 'statistic', oneIn: n + last.length - i }], jump(`E${i}`))), ...last]),
      ...Array.from({ length: n + 1 }, (_, i) => chain(`E${i}`, [rule([], { verdict: 'accept' })])),
    ])
  const shares = (made: FamilyProgram) =>
    everyWay((choose) => run(made, packet, freshKernel, { choose }).steps.findLast((step) => step.step === 'rule')?.chain).map(
      ({ probability, value }) => [value, Number(probability.toFixed(9))],
    )

  test('a row of coin tosses is one fair draw', () => {
    expect(shares(row(3, [rule([], jump('E3'))]))).toEqual([0, 1, 2, 3].map((i) => [`E${i}`, 0.25]))
  })

  test('without a rule for the rest, nobody may get it', () => {
    const ways = everyWay((choose) =>
      story(run(row(1, [rule([{ match: 'dst-port', is: 1 }], jump('E1'))]), packet, freshKernel, { choose })),
    )
    expect(ways).toEqual([
      { probability: 0.5, value: 'choose, FORWARD0#0 jump E0, E0#0 accept, accept' },
      { probability: 0.5, value: 'choose, FORWARD0 end, accept' },
    ])
  })

  test('nftables draws once', () => {
    const made = program([
      forward([rule([], { verdict: 'spread', chains: ['E0', 'E1'] })]),
      chain('E0', []),
      chain('E1', [rule([], { verdict: 'drop' })]),
    ])
    expect(everyWay((choose) => run(made, packet, freshKernel, { choose }).verdict)).toEqual([
      { probability: 0.5, value: 'accept' },
      { probability: 0.5, value: 'drop' },
    ])
  })
})

test('leaving out rules that cannot match changes nothing', () => {
  const address = fc.constantFrom('10.96.0.1', '10.96.0.2', '10.96.0.3', '10.96.0.4')
  const port = fc.integer({ min: 80, max: 83 })
  const match: fc.Arbitrary<Match> = fc.oneof(
    address.map((ip): Match => ({ match: 'dst', in: [ip] })),
    address.map((ip): Match => ({ match: 'dst', in: [ip], not: true })),
    port.map((is): Match => ({ match: 'dst-port', is })),
    fc.constant<Match>({ match: 'dst', in: ['10.96.0.0/31'] }),
    fc.constant<Match>({ match: 'protocol', is: 'TCP', module: true }),
  )
  const verdict = fc.constantFrom<Verdict | undefined>(undefined, undefined, jump('A'), { verdict: 'drop' }, { verdict: 'return' })
  const rules = fc.array(fc.record({ matches: fc.array(match, { maxLength: 3 }), verdict }), { minLength: 13, maxLength: 60 })
  fc.assert(
    fc.property(rules, address, port, (drawn, dst, dport) => {
      const list = drawn.map((each) => rule(each.matches, each.verdict))
      const sent = { ...packet, dst, dport }
      const whole = run(program([forward([rule([], jump('LONG'))]), chain('LONG', list), chain('A', [])]), sent)
      // The same rules, one a chain: nothing to leave out.
      const links = list.map((each, i) =>
        chain(i === 0 ? 'LONG' : `LONG${i}`, [each, rule([], { verdict: 'goto', chain: `LONG${i + 1}` })]),
      )
      const linked = run(program([forward([rule([], jump('LONG'))]), ...links, chain('A', [])]), sent)
      const matched = ({ steps }: HookResult) =>
        steps.flatMap((step) =>
          step.step === 'rule' && !step.verdict.startsWith('goto') && step.chain.startsWith('LONG') ? [step.rule] : [],
        )
      expect(whole.verdict).toBe(linked.verdict)
      expect(matched(whole)).toEqual(matched(linked))
    }),
    { seed: 5, numRuns: 300 },
  )
})
