import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Snapshot } from '../core/sim/session.ts'
import { graphOf } from './graph.ts'
import { layoutOf, type Rect, SIZES, type StageLayout } from './layout.ts'
import { declaredWires, programmedWires } from './relations.ts'
import { journeyOf, objectsOf, outsidePlacesOf } from './scene.ts'
import { droppedTrace, type PodSpec, smallCluster, smallTrace, snapshotOf } from './testing.ts'
import { stubAt, wireBetween } from './wires.ts'

const graph = (snapshot: Snapshot, promoted: Iterable<string> = []) =>
  graphOf(snapshot, { showSystem: false, promoted: new Set(promoted), places: new Set() })
const draw = (snapshot: Snapshot, size: (typeof SIZES)[number] = 'roomy', promoted: Iterable<string> = []) =>
  layoutOf(graph(snapshot, promoted), { size, promoted: new Set(promoted) })

const overlap = (a: Rect, b: Rect) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
const inside = (inner: Rect, outer: Rect) =>
  inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.w <= outer.x + outer.w && inner.y + inner.h <= outer.y + outer.h

/** Everything with an outline that nothing may cover: all but the frames, which hold others. */
function boxesOf(layout: StageLayout): readonly { readonly name: string; readonly rect: Rect }[] {
  return [
    ...layout.pods.map(({ box, rect }) => ({ name: box.key, rect })),
    ...layout.nodes.flatMap(({ box, kernel, tab, form, rect }) => [
      ...(kernel ? [{ name: `kernel ${box.name}`, rect: kernel }] : []),
      form === 'frame' ? { name: `tab ${box.name}`, rect: tab } : { name: box.key, rect },
    ]),
    ...layout.services.flatMap(({ box, rect, slices }) => [
      { name: box.key, rect },
      ...(slices ? [{ name: `slices ${box.key}`, rect: slices }] : []),
    ]),
    ...layout.entries.map(({ box, rect }) => ({ name: box.key, rect })),
    ...layout.clients.map(({ box, rect }) => ({ name: box.name, rect })),
  ]
}

/** The strip that a line covers: each of its straight parts, without the ends that touch boxes. */
function segments(points: readonly { readonly x: number; readonly y: number }[]): readonly Rect[] {
  return points.slice(1).map((b, i) => {
    const a = points[i] as { x: number; y: number }
    const rect = { x: Math.min(a.x, b.x), y: Math.min(a.y, b.y), w: Math.abs(a.x - b.x), h: Math.abs(a.y - b.y) }
    return {
      x: rect.x + (rect.w > 2 ? 1 : 0),
      y: rect.y + (rect.h > 2 ? 1 : 0),
      w: Math.max(0.5, rect.w - 2),
      h: Math.max(0.5, rect.h - 2),
    }
  })
}

const clusters = fc
  .record({
    nodes: fc.integer({ min: 1, max: 5 }),
    pods: fc.array(fc.record({ node: fc.nat(4), asks: fc.boolean(), ready: fc.boolean() }), { maxLength: 30 }),
    services: fc.integer({ min: 0, max: 7 }),
  })
  .map(({ nodes, pods, services }) => {
    const names = Array.from({ length: nodes }, (_, i) => `node-${i}`)
    const all: PodSpec[] = pods.map((pod, i) => ({
      ...pod,
      name: `pod-${i}`,
      node: names[pod.node % nodes] as string,
      ip: `10.244.${pod.node % nodes}.${i + 2}`,
    }))
    return snapshotOf({
      nodes: names,
      pods: all,
      services: Array.from({ length: services }, (_, i) => ({
        name: `svc-${i}`,
        ip: `10.96.0.${i + 20}`,
        pods: all.filter(({ asks }) => !asks).map(({ name }) => name),
      })),
    })
  })

describe('layout', () => {
  test.each(SIZES)('the same cluster gives the same picture (%s)', (size) => {
    expect(draw(smallCluster(), size)).toEqual(draw(structuredClone(smallCluster()), size))
  })

  test('no boxes overlap, and Pods stand inside their node', () => {
    fc.assert(
      fc.property(clusters, fc.constantFrom(...SIZES), fc.nat(240), (snapshot, size, stretch) => {
        const layout = layoutOf(graph(snapshot), { size, promoted: new Set(), stretch })
        const boxes = boxesOf(layout)
        boxes.forEach((a, i) => {
          for (const b of boxes.slice(i + 1)) expect(overlap(a.rect, b.rect), `${a.name} on ${b.name}`).toBe(false)
        })
        for (const pod of layout.pods) {
          const frame = layout.nodes.find(({ box }) => box.name === pod.box.node)
          expect(frame && inside(pod.rect, frame.rect), pod.box.key).toBe(true)
        }
      }),
      { seed: 7, numRuns: 300 },
    )
  })

  test('a packet from any Pod to any other crosses no box but those it visits', () => {
    fc.assert(
      fc.property(clusters, fc.constantFrom(...SIZES), fc.boolean(), (snapshot, size, reply) => {
        const layout = draw(snapshot, size)
        const boxes = boxesOf(layout)
        const nodes = layout.nodes.filter(({ form }) => form === 'frame').map(({ box }) => ({ at: 'node' as const, name: box.name }))
        const client = { at: 'client' as const, name: layout.clients[0]?.box.name ?? '' }
        const ways = [
          ...layout.pods.map(
            ({ box }) =>
              [
                { at: 'node' as const, name: box.node },
                { at: 'pod' as const, name: `${box.namespace}/${box.name}` },
              ] as const,
          ),
          ...nodes.flatMap((a) => nodes.filter((b) => a !== b).map((b) => [a, b] as const)),
          ...nodes.map((node) => [client, node] as const),
        ]
        for (const [from, to] of ways) {
          const wire = wireBetween(layout, from, to, reply)
          const own = [from, to].map(({ at, name }) => (at === 'node' ? `kernel ${name}` : at === 'pod' ? `Pod/${name}` : name))
          for (const part of segments(wire?.points ?? []))
            for (const box of boxes)
              if (!own.includes(box.name)) expect(overlap(part, box.rect), `${from.name} → ${to.name} over ${box.name}`).toBe(false)
        }
      }),
      { seed: 11, numRuns: 150 },
    )
  })

  test('the lines of relations cross no box', () => {
    fc.assert(
      fc.property(clusters, fc.constantFrom(...SIZES), (snapshot, size) => {
        const layout = draw(snapshot, size)
        for (const { key, points } of [...declaredWires(layout), ...programmedWires(layout)])
          for (const part of segments(points))
            for (const box of boxesOf(layout)) expect(overlap(part, box.rect), `${key} over ${box.name}`).toBe(false)
      }),
      { seed: 13, numRuns: 150 },
    )
  })

  test('a new object takes a free place and moves nothing', () => {
    const before = smallCluster()
    const spec = { nodes: ['demo-control-plane', 'demo-worker', 'demo-worker2'], services: [{ name: 'web', ip: '10.96.158.93', pods: [] }] }
    const pods = [
      { name: 'client', node: 'demo-worker', ip: '10.244.1.5', asks: true },
      { name: 'web-7c9d8f6b5-fsftf', node: 'demo-worker', ip: '10.244.1.7' },
      { name: 'web-7c9d8f6b5-9v9x2', node: 'demo-worker', ip: '10.244.1.8' },
      { name: 'web-7c9d8f6b5-vvx2c', node: 'demo-worker2', ip: '10.244.2.7' },
    ]
    const first = draw(before)
    const after = snapshotOf({ ...spec, pods: [...pods, { name: 'aaa-first-by-name', node: 'demo-worker2', ip: '10.244.2.9' }] })
    const second = layoutOf(graph(after), { size: 'roomy', promoted: new Set(), previous: first.slots })
    const places = (layout: StageLayout) => new Map(boxesOf(layout).map(({ name, rect }) => [name, rect]))
    for (const [name, rect] of places(first)) expect(places(second).get(name), name).toEqual(rect)
  })

  test('a node where nothing is shown is a strip until a packet visits it', () => {
    const at = (promoted: readonly string[]) =>
      draw(smallCluster(), 'roomy', promoted).nodes.find(({ box }) => box.name === 'demo-control-plane')
    expect(at([])?.form).toBe('strip')
    expect(at(['Node//demo-control-plane'])?.form).toBe('frame')
  })

  test.each([
    [40, 'cards'],
    [100, 'chips'],
    [1000, 'grid'],
    [5000, 'matrix'],
  ])('%i Pods are drawn as %s, with few boxes', (count, scale) => {
    const nodes = Array.from({ length: Math.min(200, Math.ceil(count / 20)) }, (_, i) => `n${i}`)
    const pods = Array.from({ length: count }, (_, i) => ({
      name: `p${i}`,
      node: nodes[i % nodes.length] as string,
      ip: `10.244.${i >> 8}.${i & 255}`,
    }))
    const drawn = graph(snapshotOf({ nodes, pods, services: [] }))
    const layout = layoutOf(drawn, { size: 'roomy', promoted: new Set(['Pod/default/p7']) })
    expect(drawn.scale).toBe(scale)
    expect(layout.pods.length + layout.nodes.length + layout.services.length).toBeLessThan(160)
    expect(layout.pods.map(({ box }) => box.name)).toContain('p7')
  })
})

describe('legs of a trace', () => {
  test('every leg of the request and of the reply has a line', () => {
    const trace = smallTrace()
    const promoted = objectsOf(trace)
    const layout = draw(smallCluster(), 'compact', promoted)
    const { legs } = journeyOf(trace, layout)
    expect(legs.map(({ from, to, reply }) => `${from.name} ${reply ? '⇢' : '→'} ${to.name}`)).toEqual([
      'default/client → demo-worker',
      'demo-worker → demo-worker2',
      'demo-worker2 → default/web-7c9d8f6b5-vvx2c',
      'default/web-7c9d8f6b5-vvx2c ⇢ demo-worker2',
      'demo-worker2 ⇢ demo-worker',
      'demo-worker ⇢ default/client',
    ])
    expect(legs.every(({ wire }) => wire !== undefined)).toBe(true)
    expect(outsidePlacesOf(trace).size).toBe(0)
  })

  test('a drop ends on a stub beside the kernel, over nothing', () => {
    const layout = draw(smallCluster(), 'dense', objectsOf(droppedTrace()))
    const stub = stubAt(layout, 'demo-worker2')
    expect(stub).toBeDefined()
    for (const part of segments(stub?.points ?? []))
      for (const box of boxesOf(layout)) if (box.name !== 'kernel demo-worker2') expect(overlap(part, box.rect), box.name).toBe(false)
  })
})
