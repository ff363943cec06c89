import { describe, expect, test } from 'vitest'
import { type Replayed, type Verified, verifiedTraces } from '../../testing/verified.ts'

const cases = verifiedTraces()
const named = cases.map((each) => {
  const { id, mode, config, from, to } = each.recorded
  return [`${id} ${mode} ${config}: ${from} → ${to}`, each] as const
})

/** In that lab a packet that nothing captured met a gateway that does not exist: no route, or silence. */
function endsOf({ ok, error = '' }: Verified): readonly string[] {
  if (ok) return ['answered']
  if (error.includes('refused')) return ['refused']
  return /No route|left the node/.test(error) ? ['left'] : ['timeout', 'left']
}

/** Uncaptured connections of a node are written with RPORT for the client's own port. */
function spelled({ config }: Verified, text: string): string {
  return config === 'wrong-port' ? text.replaceAll('RPORT', 'CPORT') : text
}

function expectSameConntrack(recorded: Verified, mine: Replayed): void {
  if (!recorded.conntrack) return
  for (const node of ['nA', 'nB'] as const) {
    const entries = recorded.conntrack[node].map(({ original, reply }) => ({
      original: spelled(recorded, original),
      reply: spelled(recorded, reply),
    }))
    expect(new Set(mine.conntrack?.[node])).toEqual(new Set(entries))
  }
}

/** What the missing gateway caused is left out; long texts were cut there; what timed out was sent again. */
function expectSameHops(recorded: Verified, mine: Replayed): void {
  const seen = recorded.hops.filter((hop) => !hop.startsWith('…') && !hop.includes('ICMP host'))
  if (recorded.ok) expect(mine.hops).toHaveLength(seen.length)
  for (const [i, hop] of seen.entries()) {
    const own = mine.hops[i] ?? mine.hops[i % mine.hops.length] ?? ''
    const same = hop.includes('ICMP') ? own.startsWith(hop) || hop.startsWith(own) : own === hop
    expect(same ? hop : own).toBe(hop)
  }
}

describe('174 real TCP connections, packet by packet', () => {
  test('all are there', () => expect(cases.length).toBe(174))

  test.each(named)('%s', (_name, { recorded, replay }) => {
    const mine = replay()
    expect(endsOf(recorded)).toContain(mine.end)
    if (mine.end === 'left') expect(['wrong-port', 'no-endpoints']).toContain(recorded.config)
    expect(mine.server).toBe(recorded.server)
    expect(mine.clientSees).toEqual(recorded.clientSees)
    expectSameConntrack(recorded, mine)
    expectSameHops(recorded, mine)
  })
})
