import { describe, expect, test } from 'vitest'
import { createSession } from '../core/sim/frontdoor.ts'
import type { RequestTrace } from '../core/trace/trace.ts'
import { scenarios } from '../scenarios/index.ts'
import { graphOf } from './graph.ts'
import { layoutOf, type Rect, type StageLayout } from './layout.ts'
import { outer, pictureFor, typeAt, viewOf } from './picture.ts'
import { journeyOf, objectsOf, outsidePlacesOf } from './scene.ts'
import { rectOf, tagsOf } from './tags.ts'
import { ADDRESS, linesIn, widthOf } from './words.ts'

/** Every scene of the gallery, before and after its first request. */
const SCENES = scenarios.flatMap(({ name, text }) => {
  const session = createSession()
  const loaded = session.answer({ ask: 'load', files: [{ name: 'a.yaml', text }], seed: 42, bare: false })
  if (loaded.answer !== 'load' || !loaded.snapshot) return []
  const { snapshot } = loaded
  const request = snapshot.scenario?.requests[0]
  const sent = request && session.answer({ ask: 'send', request: { ...request, count: 1 }, all: false })
  const trace = sent?.answer === 'send' ? sent.traces[0] : undefined
  return [{ name, snapshot, trace }]
})
/** The stage in windows of 1920, 1440, 1280 and 1024 px, and on a phone, which shows it in part. */
const WINDOWS = [
  { width: 960, height: 640 },
  { width: 719, height: 495 },
  { width: 639, height: 422 },
  { width: 511, height: 399 },
  { width: 390, height: 420 },
]

function seen(scene: (typeof SCENES)[number], trace: RequestTrace | undefined, window: (typeof WINDOWS)[number]) {
  const promoted = trace ? objectsOf(trace) : new Set<string>()
  const graph = graphOf(scene.snapshot, { showSystem: false, promoted, places: trace ? outsidePlacesOf(trace) : new Set() })
  const layout = pictureFor((wish) => layoutOf(graph, { promoted, ...wish }), window)
  const view = viewOf(layout, window, false)
  return { layout, view, scale: typeAt(view.zoom) }
}

const overlap = (a: Rect, b: Rect) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h

/** What has not enough room for its lines or its address. */
function cramped(layout: StageLayout, scale: number): readonly string[] {
  const low = (name: string, height: number, lines: number) =>
    linesIn(height, scale) < lines ? [`${name} is ${height} high at ${scale}`] : []
  const narrow = (name: string, room: number) =>
    room / scale < widthOf('P 10.244.1.2', ADDRESS) ? [`${name} has ${room} px for an address at ${scale}`] : []
  return [
    ...layout.pods.flatMap(({ box, rect, form }) =>
      form === 'card' ? [...low(box.key, rect.h, 1), ...narrow(box.key, rect.w - 33)] : low(box.key, rect.h, 0),
    ),
    ...layout.entries.flatMap(({ box, rect }) => low(box.key, rect.h - 4, 1)),
    ...layout.clients.flatMap(({ box, rect }) => low(box.name, rect.h, 1)),
    ...layout.services.flatMap(({ box, rect, form }) => low(box.key, rect.h, form === 'chip' ? 0 : 1)),
    ...layout.nodes.flatMap(({ box, kernel, tab }) => [
      ...low(box.key, tab.h, 0),
      ...(kernel ? [...low(`kernel of ${box.name}`, kernel.h, 3), ...narrow(`kernel of ${box.name}`, kernel.w - 24)] : []),
    ]),
  ]
}

describe.each(WINDOWS)('every scene in a stage of $width × $height', (window) => {
  test.each(SCENES)('$name: boxes have room for their words, before and after', (scene) => {
    for (const trace of [undefined, scene.trace]) {
      const { layout, view, scale } = seen(scene, trace, window)
      expect(cramped(layout, scale)).toEqual([])
      // A phone, and a small window on a thousand Pods, see a part.
      if (window.width < 400 || (window.width < 600 && layout.nodes.some(({ cells }) => cells))) continue
      const { x, w } = outer(layout.core)
      expect(view.x + x * view.zoom).toBeGreaterThanOrEqual(-1)
      expect(view.x + (x + w) * view.zoom).toBeLessThanOrEqual(window.width + 1)
    }
  })

  test.each(SCENES)('$name: numbers and addresses cover no other', (scene) => {
    if (!scene.trace) return
    const { layout, scale } = seen(scene, scene.trace, window)
    const { badges, labels } = tagsOf(journeyOf(scene.trace, layout).legs, layout, scale)
    const rects = [
      ...badges.map((badge) => ({ name: badge.text, rect: rectOf(badge) })),
      ...labels.map(({ text, rect }) => ({ name: text, rect })),
    ]
    rects.forEach((a, i) => {
      for (const b of rects.slice(i + 1)) expect(overlap(a.rect, b.rect), `${a.name} on ${b.name}`).toBe(false)
    })
    for (const { numbers, text, ...badge } of badges)
      for (const { box, rect } of layout.pods)
        if (numbers.length === 1) expect(overlap(rectOf({ numbers, text, ...badge }), rect), `${text} on ${box.name}`).toBe(false)
  })
})
