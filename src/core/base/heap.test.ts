import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Heap, heapPush, heapRest } from './heap.ts'

test('what is taken comes in order of time, whatever was added and taken before, and older values stay as they were', () => {
  const step = fc.oneof(fc.constant('take' as const), fc.integer({ min: 0, max: 20 }))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      let heap: Heap<number>
      let list: readonly number[] = []
      const past: [Heap<number>, readonly number[]][] = []
      for (const each of steps) {
        past.push([heap, list])
        if (each === 'take') {
          list = list.slice(1)
          heap = heap && heapRest(heap)
        } else {
          list = [...list, each].sort((a, b) => a - b)
          heap = heapPush(heap, each, each)
        }
      }
      for (const [before, expected] of [...past, [heap, list] as const]) expect(drained(before)).toEqual(expected)
    }),
    { seed: 7, numRuns: 100 },
  )
})

test('ten thousand in any order do not reach deep', () => {
  const times = Array.from({ length: 10_000 }, (_, i) => i)
  for (const order of [times, times.toReversed(), times.map((at) => (at * 7919) % 10_000), times.map(() => 5)]) {
    let heap: Heap<number>
    for (const at of order) heap = heapPush(heap, at, at)
    expect(drained(heap)).toEqual(order.toSorted((a, b) => a - b))
  }
})

function drained(heap: Heap<number>): number[] {
  const all: number[] = []
  for (let rest = heap; rest; rest = heapRest(rest)) {
    expect(rest.value).toBe(rest.at)
    all.push(rest.at)
  }
  return all
}
