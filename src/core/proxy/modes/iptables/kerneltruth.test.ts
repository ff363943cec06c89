import { describe, expect, test } from 'vitest'
import { observedOutcomes, truthRows } from '../../../testing/lab.ts'

const rows = truthRows('iptables')
const names = rows.map(({ row }, i) => {
  const { probe } = row
  return `${i} world ${row.world} ${row.family} ${probe.kind} ${probe.from.name} → ${probe.dst}:${probe.port}/${probe.protocol}`
})

describe('real packets through these rules in a real kernel', () => {
  test('all rows are there', () => expect(rows.length).toBe(2077))

  test.each(rows.map((each, i) => [names[i]!, each] as const))('%s', (_name, { row, ways }) => {
    const mine = ways()
    expect(mine.reduce((sum, way) => sum + way.probability, 0)).toBeCloseTo(1, 9)
    const outcomes = new Set(mine.map((way) => way.outcome))
    for (const observed of observedOutcomes(row)) expect([...outcomes]).toContain(observed)
    if (outcomes.size === 1) expect(observedOutcomes(row)).toEqual([...outcomes])
    const same = mine.find((way) => JSON.stringify(way.trace) === JSON.stringify(row.trace))
    if (!same) expect(mine.map((way) => way.trace)).toContainEqual(row.trace)
  })
})
