import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Chooser, everyWay, pickByShare, seededChooser } from './chance.ts'

describe('everyWay', () => {
  test('one choice of n gives n ways, in the order of the options', () => {
    const third = 1 / 3
    expect(everyWay((choose) => choose('a', [third, third, third]))).toEqual([0, 1, 2].map((value) => ({ probability: third, value })))
  })

  test('later choices may depend on earlier ones', () => {
    const ways = everyWay((choose) => (choose('first', [0.25, 0.75]) === 0 ? 'short' : `long ${choose('second', [0.5, 0.5])}`))
    expect(ways).toEqual([
      { probability: 0.25, value: 'short' },
      { probability: 0.375, value: 'long 0' },
      { probability: 0.375, value: 'long 1' },
    ])
  })

  test('what cannot happen is no way', () => {
    expect(everyWay((choose) => choose('a', [0, 1, 0])).map((way) => way.value)).toEqual([1])
  })

  test('probabilities sum to 1 and no combination comes twice, whatever the tree', () => {
    const tree = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(tree, (sizes) => {
        const run = (choose: Chooser) => {
          const picks: number[] = []
          for (const size of sizes) {
            picks.push(choose('x', Array<number>(size).fill(1 / size)))
            if (picks.at(-1) === 3) break
          }
          return picks.join()
        }
        const ways = everyWay(run)
        expect(ways.reduce((sum, way) => sum + way.probability, 0)).toBeCloseTo(1, 9)
        expect(new Set(ways.map((way) => way.value)).size).toBe(ways.length)
      }),
      { seed: 11, numRuns: 100 },
    )
  })

  test('a thousand endpoints are a thousand runs', () => {
    let runs = 0
    everyWay((choose) => {
      runs++
      return choose('a', Array<number>(1000).fill(0.001))
    })
    expect(runs).toBe(1000)
  })
})

describe('seededChooser', () => {
  test('shares are met over many requests', () => {
    const counts = [0, 0, 0]
    for (let i = 0; i < 30_000; i++) counts[seededChooser(42, i)('rule', [0.5, 0.3, 0.2])]!++
    for (const [i, share] of [0.5, 0.3, 0.2].entries()) expect(Math.abs(counts[i]! / 30_000 - share)).toBeLessThan(0.01)
  })

  test('the same question has the same answer', () => {
    const choose = seededChooser(42, 'request', 1)
    expect(choose('rule', [0.5, 0.5])).toBe(seededChooser(42, 'request', 1)('rule', [0.5, 0.5]))
  })

  test('rounding leaves nobody out', () => expect(pickByShare(0.9999999999, [1 / 3, 1 / 3, 1 / 3 - 1e-9])).toBe(2))
})
