import { describe, expect, test } from 'vitest'
import { observedOutcomes, truthRows } from '../../testing/lab.ts'

describe.each([
  ['iptables', 2077],
  ['nftables', 2077],
] as const)('real packets through the rules of %s in a real kernel', (mode, count) => {
  const rows = truthRows(mode)
  const named = rows.map((each, i) => {
    const { probe, world, family } = each.row
    return [`${i} world ${world} ${family} ${probe.kind} ${probe.from.name} → ${probe.dst}:${probe.port}/${probe.protocol}`, each] as const
  })

  test('all rows are there', () => expect(rows.length).toBe(count))

  test.each(named)('%s', (_name, { row, ways }) => {
    const mine = ways()
    expect(mine.reduce((sum, way) => sum + way.probability, 0)).toBeCloseTo(1, 9)
    const outcomes = new Set(mine.map((way) => way.outcome))
    for (const observed of observedOutcomes(row)) expect([...outcomes]).toContain(observed)
    if (outcomes.size === 1) expect(observedOutcomes(row)).toEqual([...outcomes])
    const same = mine.find((way) => JSON.stringify(way.trace) === JSON.stringify(row.trace))
    if (!same) expect(mine.map((way) => way.trace)).toContainEqual(row.trace)
    // `backend port source sourcePort`: the way with this trace ends as the traced connection did.
    const [who = '', port = '', source = ''] = row.traceAnswer.split(' ')
    const said =
      who === 'escaped' ? `escaped seen ${source}` : source ? `${who.includes(':') ? `[${who}]` : who}:${port}|seen ${source}` : undefined
    if (said) expect(same?.outcome).toBe(said)
  })
})
