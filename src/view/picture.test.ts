import { describe, expect, test } from 'vitest'
import type { ApiObject } from '../core/api/cluster.ts'
import type { Snapshot } from '../core/sim/session.ts'
import { graphOf } from './graph.ts'
import { layoutOf } from './layout.ts'
import { outer, pictureFor, typeAt, viewOf } from './picture.ts'
import { type PodSpec, smallCluster, snapshotOf } from './testing.ts'
import { ADDRESS, linesIn, widthOf } from './words.ts'

/** As many Services, Ingresses and Pods as a lesson has at most. */
function dense(nodes: number, podsANode: number, services: number, ingresses: number): Snapshot {
  const names = Array.from({ length: nodes }, (_, i) => `demo-worker${i}`)
  const pods = names.flatMap((node, n): PodSpec[] =>
    Array.from({ length: podsANode }, (_, i) => ({
      name: `nginx-68dddcc4dd-${n}jnl${i}`,
      node,
      ip: `10.244.${n}.${i + 2}`,
      asks: i === 0,
    })),
  )
  const snapshot = snapshotOf({
    nodes: names,
    pods,
    services: Array.from({ length: services }, (_, i) => ({ name: `service-${i}`, ip: `10.96.1.${i}`, pods: [] })),
  })
  const entries = Array.from({ length: ingresses }, (_, i) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: `shop-${i}`, namespace: 'default' },
    spec: { rules: [{ host: 'shop.example.com', http: { paths: [{ path: '/', backend: { service: { name: 'service-0' } } }] } }] },
    status: { loadBalancer: { ingress: [{ ip: '172.18.255.200' }] } },
  }))
  return { ...snapshot, objects: [...snapshot.objects, ...(entries as unknown as ApiObject[])] }
}

const SCENES: readonly (readonly [string, Snapshot])[] = [
  ['small', smallCluster()],
  ['two nodes, four Ingresses', dense(2, 5, 7, 4)],
  ['three nodes, six Ingresses', dense(3, 4, 9, 6)],
  ['many Pods a node', dense(2, 7, 3, 1)],
]
/** The stage at 1920, 1440, 1280 and 1024 px of window; a phone shows it in part. */
const WINDOWS = [
  { width: 960, height: 640 },
  { width: 719, height: 495 },
  { width: 639, height: 422 },
  { width: 511, height: 365 },
  { width: 390, height: 420 },
]
const CASES = SCENES.flatMap(([name, snapshot]) =>
  WINDOWS.map((window) => ({ name, snapshot, window, at: `${window.width}×${window.height}` })),
)

function seen(snapshot: Snapshot, window: { readonly width: number; readonly height: number }) {
  const graph = graphOf(snapshot, { showSystem: false, promoted: new Set(), places: new Set(['load-balancer']) })
  const layout = pictureFor((wish) => layoutOf(graph, { promoted: new Set(), ...wish }), window)
  const view = viewOf(layout, window, false)
  return { layout, view, scale: typeAt(view.zoom) }
}

describe('a picture for a window', () => {
  test.each(CASES)('$name at $at: every box is as tall as its lines', ({ snapshot, window }) => {
    const { layout, scale } = seen(snapshot, window)
    for (const { rect, form } of layout.pods) expect(linesIn(rect.h, scale)).toBeGreaterThanOrEqual(form === 'card' ? 1 : 0)
    for (const { rect } of layout.entries) expect(linesIn(rect.h - 4, scale)).toBeGreaterThanOrEqual(1)
    for (const { rect } of layout.clients) expect(linesIn(rect.h, scale)).toBeGreaterThanOrEqual(1)
    for (const { rect, form } of layout.services) expect(linesIn(rect.h, scale)).toBeGreaterThanOrEqual(form === 'chip' ? 0 : 1)
    for (const { kernel } of layout.nodes) if (kernel) expect(linesIn(kernel.h, scale)).toBeGreaterThanOrEqual(3)
  })

  test.each(CASES)('$name at $at: an address has room in a Pod and in a kernel', ({ snapshot, window }) => {
    const { layout, scale } = seen(snapshot, window)
    const address = widthOf('P 10.244.1.2', ADDRESS)
    for (const { rect, form } of layout.pods) if (form === 'card') expect((rect.w - 33) / scale).toBeGreaterThanOrEqual(address)
    for (const { kernel } of layout.nodes) if (kernel) expect((kernel.w - 22) / scale).toBeGreaterThanOrEqual(address)
  })

  test.each(CASES.filter(({ window }) => window.width > 400))(
    '$name at $at: nothing reaches over the left and right edge',
    ({ snapshot, window }) => {
      const { layout, view } = seen(snapshot, window)
      const { x, w } = outer(layout.core)
      expect(view.x + x * view.zoom).toBeGreaterThanOrEqual(-1)
      expect(view.x + (x + w) * view.zoom).toBeLessThanOrEqual(window.width + 1)
    },
  )

  test('width that is left over is given to words', () => {
    const narrow = seen(dense(2, 5, 7, 4), { width: 719, height: 495 }).layout
    const wide = seen(dense(2, 5, 7, 4), { width: 860, height: 495 }).layout
    expect(wide.metrics.podW).toBeGreaterThan(narrow.metrics.podW)
  })
})
