import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Place } from '../core/trace/trace.ts'
import { graphOf } from './graph.ts'
import { layoutOf, type Rect, SIZES, type StageLayout } from './layout.ts'
import type { Leg } from './scene.ts'
import { rectOf, tagsOf } from './tags.ts'
import { snapshotOf } from './testing.ts'
import { wireBetween } from './wires.ts'

const NODES = ['a', 'b', 'c']
const PODS = NODES.flatMap((node, n) =>
  Array.from({ length: 6 }, (_, i) => ({ name: `${node}${i}`, node, ip: `10.244.${n}.${i + 2}`, asks: i === 0 })),
)
const snapshot = snapshotOf({ nodes: NODES, pods: PODS, services: [{ name: 'web', ip: '10.96.1.1', pods: [] }] })
const graph = graphOf(snapshot, { showSystem: false, promoted: new Set(), places: new Set() })
const draw = (size: (typeof SIZES)[number], type = 1) => layoutOf(graph, { size, type, promoted: new Set() })

const node = (name: string): Place => ({ at: 'node', name })
const pod = (name: string): Place => ({ at: 'pod', name: `default/${name}` })
const client: Place = { at: 'client', name: 'outside' }

/** A walk over places, as legs of a request. */
function legsOver(layout: StageLayout, places: readonly Place[]): readonly Leg[] {
  return places.slice(1).map((to, i) => {
    const from = places[i] as Place
    const wire = wireBetween(layout, from, to, false)
    return {
      number: i + 1,
      from,
      to,
      departs: i + 1,
      reply: false,
      ip: '172.18.255.201',
      port: 80,
      rewritten: i % 2 === 1,
      ...(wire ? { wire } : {}),
    }
  })
}

const overlap = (a: Rect, b: Rect) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h

const walks = fc
  .array(fc.record({ node: fc.constantFrom(...NODES), pod: fc.nat(5) }), { minLength: 1, maxLength: 5 })
  .map((stops) => [client, ...stops.flatMap((stop) => [node(stop.node), pod(`${stop.node}${stop.pod}`), node(stop.node)])])

describe('numbers and addresses of legs', () => {
  test('no two badges overlap, and every leg has its number in one', () => {
    fc.assert(
      fc.property(walks, fc.constantFrom(...SIZES), fc.constantFrom(1, 1.25), (places, size, type) => {
        const layout = draw(size, type)
        const legs = legsOver(layout, places).filter(({ wire }) => wire)
        const { badges, labels } = tagsOf(legs, layout, type)
        expect(badges.flatMap(({ numbers }) => numbers).sort((a, b) => a - b)).toEqual(legs.map(({ number }) => number))
        badges.forEach((a, i) => {
          for (const b of badges.slice(i + 1)) expect(overlap(rectOf(a), rectOf(b)), `${a.text} on ${b.text}`).toBe(false)
        })
        labels.forEach(({ rect }, i) => {
          for (const other of labels.slice(i + 1)) expect(overlap(rect, other.rect)).toBe(false)
          for (const { rect: box, box: one } of layout.pods) expect(overlap(rect, box), `label on ${one.name}`).toBe(false)
        })
      }),
      { seed: 3, numRuns: 300 },
    )
  })

  test.each([
    ['there and back where there is no room beside', 'tiny', [node('a'), pod('a1'), node('a'), pod('a2')], ['1–2', '3']],
    ['one each', 'roomy', [client, node('a'), node('b'), pod('b1')], ['1', '2', '3']],
    ['from where it stands to the same', 'tiny', [node('a'), pod('a1'), node('a'), pod('a2'), node('a'), pod('a1')], ['1–2·5', '3–4']],
  ] as const)('%s', (_, size, places, shown) => {
    const layout = draw(size)
    expect(
      tagsOf(legsOver(layout, places), layout, 1)
        .badges.map(({ text }) => text)
        .sort(),
    ).toEqual(shown)
  })

  test('a whole address stands over a free row', () => {
    const layout = draw('tiny', 1.25)
    expect(tagsOf(legsOver(layout, [client, node('a')]), layout, 1.25).labels.map(({ text }) => text)).toEqual(['172.18.255.201:80'])
  })

  test('request and reply to a Pod in the second column run apart and do not cross', () => {
    const layout = draw('tiny')
    for (const { box, column } of layout.pods) {
      if (column === 0) continue
      const [there, back] = [false, true].map((reply) => wireBetween(layout, node(box.node), pod(box.name), reply)?.points ?? [])
      const [a, b] = [there?.[0]?.y ?? 0, back?.[0]?.y ?? 0]
      expect(Math.abs(a - b)).toBeGreaterThanOrEqual(6)
      // The line nearer to the Pod turns to it further away, so that the other's turn is outside of its own.
      const nearer = Math.abs(a - (there?.at(-1)?.y ?? 0)) < Math.abs(b - (back?.at(-1)?.y ?? 0)) ? there : back
      const further = nearer === there ? back : there
      expect(nearer?.at(-1)?.x).toBeLessThan(further?.at(-1)?.x ?? 0)
    }
  })
})
