import { describe, expect, test } from 'vitest'
import { type ConntrackTable, confirm, emptyConntrack, forget, liveConnections, printConntrack, sweep, track } from './conntrack.ts'
import type { Packet } from './packet.ts'
import { applyKnown, dnat, settleSource, snat } from './translate.ts'

const base = { family: 'IPv4', ttl: 64, mark: 0 } as const
const tcp = (src: string, sport: number, dst: string, dport: number, flags: NonNullable<Packet['flags']>): Packet => ({
  ...base,
  protocol: 'TCP',
  src,
  sport,
  dst,
  dport,
  flags,
})
const udp = (src: string, sport: number, dst: string, dport: number): Packet => ({ ...base, protocol: 'UDP', src, sport, dst, dport })

const CLIENT = '10.244.1.9'
const VIP = '10.96.0.10'
const POD = '10.244.2.5'
const NODE = '172.18.0.3'

/** A connection from the client to the VIP, sent on to the Pod as the node. */
function translated(first: Packet, at = 0): ConntrackTable {
  const tracked = dnat(track(emptyConntrack, first, at), { ip: POD, port: 8080 })
  return confirm(emptyConntrack, snat(emptyConntrack, tracked, NODE, undefined, at), at)
}

describe('both translations are undone on the way back', () => {
  const syn = tcp(CLIENT, 40_000, VIP, 80, 'SYN')
  const table = translated(syn)

  test('destination first, then source', () => {
    const answer = track(table, tcp(POD, 8080, NODE, 40_000, 'SYN-ACK'), 10)
    expect(answer).toMatchObject({ state: 'ESTABLISHED', direction: 'reply' })
    const inside = applyKnown(answer, 'dst')
    expect(inside.packet).toMatchObject({ src: POD, sport: 8080, dst: CLIENT, dport: 40_000 })
    expect(applyKnown(inside, 'src').packet).toMatchObject({ src: VIP, sport: 80, dst: CLIENT, dport: 40_000 })
  })

  test('later packets of the request go the same way', () => {
    const ack = track(table, tcp(CLIENT, 40_000, VIP, 80, 'ACK'), 20)
    const out = applyKnown(applyKnown(ack, 'dst'), 'src')
    expect(out.packet).toMatchObject({ src: NODE, sport: 40_000, dst: POD, dport: 8080 })
  })

  test("an ICMP error of the Pod's host is translated outside and inside", () => {
    const about = udp(NODE, 40_000, POD, 8080)
    const known = translated(udp(CLIENT, 40_000, VIP, 80))
    const error: Packet = {
      ...base,
      protocol: 'ICMP',
      src: POD,
      sport: 0,
      dst: NODE,
      dport: 0,
      message: { icmp: 'port-unreachable', about },
    }
    const tracked = track(known, error, 5)
    expect(tracked).toMatchObject({ state: 'RELATED', direction: 'reply' })
    const back = applyKnown(applyKnown(tracked, 'dst'), 'src').packet
    expect(back).toMatchObject({ src: VIP, dst: CLIENT, message: { about: { src: CLIENT, sport: 40_000, dst: VIP, dport: 80 } } })
  })

  test('an error about nothing known is invalid', () => {
    const about = udp(CLIENT, 1, VIP, 2)
    const error: Packet = {
      ...base,
      protocol: 'ICMP',
      src: POD,
      sport: 0,
      dst: NODE,
      dport: 0,
      message: { icmp: 'port-unreachable', about },
    }
    expect(track(table, error, 0).state).toBe('INVALID')
  })
})

test.each([
  ['SYN', 'NEW'],
  ['ACK', 'NEW'],
  ['DATA', 'NEW'],
  ['SYN-ACK', 'INVALID'],
  ['FIN', 'INVALID'],
  ['RST', 'INVALID'],
] as const)('a %s that belongs to nothing is %s', (flags, state) => {
  expect(track(emptyConntrack, tcp(CLIENT, 1, VIP, 80, flags), 0).state).toBe(state)
})

describe('states and timers', () => {
  /** Sends packets of one connection, `>` from the client, `<` from the server, and gives the table. */
  function run(packets: readonly string[], step = 10): { readonly table: ConntrackTable; readonly now: number } {
    let table: ConntrackTable = emptyConntrack
    let now = 0
    for (const each of packets) {
      const flags = each.slice(1) as NonNullable<Packet['flags']>
      const packet = each.startsWith('>') ? tcp(CLIENT, 5000, POD, 80, flags) : tcp(POD, 80, CLIENT, 5000, flags)
      table = confirm(table, track(table, packet, now), now)
      now += step
    }
    return { table, now: now - step }
  }

  test.each([
    [['>SYN'], 'SYN_SENT', 120],
    [['>SYN', '<SYN-ACK'], 'SYN_RECV', 60],
    [['>SYN', '<SYN-ACK', '>ACK'], 'ESTABLISHED', 86_400],
    [['>SYN', '<SYN-ACK', '>ACK', '>DATA', '<DATA', '>FIN'], 'FIN_WAIT', 120],
    [['>SYN', '<SYN-ACK', '>ACK', '>FIN', '<ACK'], 'CLOSE_WAIT', 3600],
    [['>SYN', '<SYN-ACK', '>ACK', '>FIN', '<FIN'], 'LAST_ACK', 30],
    [['>SYN', '<SYN-ACK', '>ACK', '>FIN', '<FIN', '>ACK'], 'TIME_WAIT', 120],
    [['>SYN', '<SYN-ACK', '<RST'], 'CLOSE', 10],
    [['>SYN', '<SYN-ACK', '>ACK', '<FIN', '>FIN'], 'LAST_ACK', 30],
    [['>SYN', '<SYN-ACK', '>ACK', '>FIN', '<FIN', '>ACK', '<FIN'], 'TIME_WAIT', 120],
    [['>ACK'], 'ESTABLISHED', 300],
    [['>ACK', '<ACK'], 'ESTABLISHED', 300],
    [['>ACK', '<ACK', '>ACK'], 'ESTABLISHED', 86_400],
  ] as const)('%s → %s for %i s', (packets, state, seconds) => {
    const { table, now } = run(packets)
    const [entry] = liveConnections(table, now)
    expect(entry?.tcp).toBe(state)
    expect(entry?.expiresAt).toBe(now + seconds * 1000)
    expect(liveConnections(table, now + seconds * 1000)).toEqual([])
  })

  test('a connection whose only answer is a reset leaves nothing', () => {
    const { table, now } = run(['>SYN', '<RST'])
    expect(liveConnections(table, now)).toEqual([])
    expect(track(table, tcp(POD, 80, CLIENT, 5000, 'RST'), now).state).toBe('INVALID')
  })

  test.each([
    [['>SYN'], false],
    [['>SYN', '<SYN-ACK'], false],
    [['>SYN', '<SYN-ACK', '>ACK'], true],
    [['>ACK', '<ACK'], false],
    [['>ACK', '<ACK', '>ACK'], true],
  ] as const)('%s: assured %s', (packets, assured) => {
    const { table, now } = run(packets)
    expect(liveConnections(table, now)[0]?.assured).toBe(assured)
  })

  test('an SCTP association through its states', () => {
    let table: ConntrackTable = emptyConntrack
    const seen = ['>SYN', '<SYN-ACK', '>ACK', '<ACK', '>DATA', '>FIN', '<FIN', '>ACK'].map((each) => {
      const flags = each.slice(1) as NonNullable<Packet['flags']>
      const there = each.startsWith('>')
      const packet = { ...(there ? tcp(CLIENT, 5000, POD, 80, flags) : tcp(POD, 80, CLIENT, 5000, flags)), protocol: 'SCTP' as const }
      table = confirm(table, track(table, packet, 0), 0)
      const [entry] = liveConnections(table, 0)
      return `${entry?.tcp} ${(entry?.expiresAt ?? 0) / 1000}${entry?.assured ? ' assured' : ''}`
    })
    expect(seen).toEqual([
      'CLOSED 10',
      'COOKIE_WAIT 3',
      'COOKIE_ECHOED 3',
      'ESTABLISHED 210 assured',
      'ESTABLISHED 210 assured',
      'SHUTDOWN_SENT 3 assured',
      'SHUTDOWN_ACK_SENT 3 assured',
      'CLOSED 10 assured',
    ])
  })

  test('a closed connection is opened anew by a SYN of the same socket', () => {
    const { table, now } = run(['>SYN', '<SYN-ACK', '<RST'])
    const again = track(table, tcp(CLIENT, 5000, POD, 80, 'SYN'), now + 1)
    expect(again).toMatchObject({ state: 'NEW', connection: { serial: 0 } })
    expect(liveConnections(confirm(table, again, now + 1), now + 1)).toMatchObject([{ tcp: 'SYN_SENT', seenReply: false }])
  })

  test('UDP lives 30 s, 120 s once it has been answered and goes on after 2 s', () => {
    const there = udp(CLIENT, 53_000, POD, 53)
    const back = udp(POD, 53, CLIENT, 53_000)
    let table = confirm(emptyConntrack, track(emptyConntrack, there, 0), 0)
    expect(liveConnections(table, 29_999)).toHaveLength(1)
    expect(liveConnections(table, 30_000)).toHaveLength(0)
    table = confirm(table, track(table, back, 1000), 1000)
    expect(liveConnections(table, 0)[0]).toMatchObject({ expiresAt: 31_000, assured: false })
    table = confirm(table, track(table, there, 3000), 3000)
    expect(liveConnections(table, 0)[0]).toMatchObject({ expiresAt: 123_000, assured: true })
  })

  test('sweeping gives room back and changes no answer', () => {
    const { table, now } = run(['>SYN'])
    expect(sweep(table, now)).toBe(table)
    expect(sweep(table, now + 121_000).byTuple.size).toBe(0)
  })
})

describe('source ports', () => {
  test('a port in use gets the next free one of its range', () => {
    const table = translated(tcp(CLIENT, 40_000, VIP, 80, 'SYN'))
    const second = dnat(track(table, tcp('10.244.1.77', 40_000, VIP, 80, 'SYN'), 0), { ip: POD, port: 8080 })
    expect(snat(table, second, NODE, undefined, 0).packet).toMatchObject({ src: NODE, sport: 1024 })
  })

  test('--random-fully draws from the whole range', () => {
    const tracked = dnat(track(emptyConntrack, tcp(CLIENT, 40_000, VIP, 80, 'SYN'), 0), { ip: POD, port: 8080 })
    expect(snat(emptyConntrack, tracked, NODE, 0.5, 0).packet.sport).toBe(1024 + 64_512 / 2)
  })

  test('one socket that dials the same endpoint by two addresses is told apart', () => {
    const first = dnat(track(emptyConntrack, tcp(CLIENT, 40_000, VIP, 80, 'SYN'), 0), { ip: POD, port: 8080 })
    const table = confirm(emptyConntrack, settleSource(emptyConntrack, first, 0), 0)
    const second = dnat(track(table, tcp(CLIENT, 40_000, '10.96.0.99', 80, 'SYN'), 0), { ip: POD, port: 8080 })
    const settled = settleSource(table, second, 0)
    expect(settled.packet).toMatchObject({ src: CLIENT, sport: 1024 })
    expect(settled.connection).toMatchObject({ snat: true })
  })
})

test('printed as conntrack -L does', () => {
  const table = translated(tcp(CLIENT, 40_000, VIP, 80, 'SYN'))
  expect(printConntrack(table, 20_000)).toEqual([
    'tcp      6 100 SYN_SENT src=10.244.1.9 dst=10.96.0.10 sport=40000 dport=80 [UNREPLIED] src=10.244.2.5 dst=172.18.0.3 sport=8080 dport=40000 mark=0 use=1',
  ])
})

test('what the table says does not depend on how long ago it was written', () => {
  const syn = (port: number) => tcp(CLIENT, port, VIP, 80, 'SYN')
  const answer = (port: number) => tcp(POD, 8080, CLIENT, port, 'SYN-ACK')
  let table = emptyConntrack
  for (let port = 1000; port < 1100; port++) table = confirm(table, dnat(track(table, syn(port), 0), { ip: POD, port: 8080 }), 0)
  for (let port = 1000; port < 1100; port += 3) table = confirm(table, track(table, answer(port), 5), 5)
  expect(liveConnections(table, 5).map(({ serial }) => serial)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
  for (let port = 1000; port < 1100; port++) {
    const answered = (port - 1000) % 3 === 0
    expect(track(table, tcp(CLIENT, port, VIP, 80, 'ACK'), 6)).toMatchObject({
      state: answered ? 'ESTABLISHED' : 'NEW',
      direction: 'original',
    })
    expect(track(table, answer(port), 6)).toMatchObject({ state: 'ESTABLISHED', direction: 'reply' })
  }
  const left = forget(
    table,
    liveConnections(table, 6).filter(({ seenReply }) => seenReply),
  )
  expect(liveConnections(left, 6)).toHaveLength(66)
  expect(track(left, answer(1003), 6).state).toBe('INVALID')
})
