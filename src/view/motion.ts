import type { Point, Rect, StageLayout } from './layout.ts'
import type { Journey, Leg } from './scene.ts'
import { boxAt, lengthOf, pointAlong } from './wires.ts'

/** Where the packet is at a moment of the trace's own time, which is the sum of its events' durations. */
export type Keyframe = Point & { readonly time: number }
export type Motion = {
  readonly total: number
  readonly keyframes: readonly Keyframe[]
  /** When each event is done, in ms; entry 0 is the start. */
  readonly times: readonly number[]
}

const SAMPLES = 16

/**
 * A trace as places to be at times. Between two events of one place the packet rests; it moves along a leg's line while the event
 * that sends it out is going on, and along its box's border just before. One thing moves at a time.
 */
export function motionOf(journey: Journey, layout: StageLayout, durations: readonly number[]): Motion {
  const times = [0]
  for (const duration of durations) times.push((times.at(-1) ?? 0) + duration)
  const legs = new Map(journey.legs.map((leg) => [leg.departs, leg]))
  const first = journey.trace.hops[0]
  const start = first && startOf(journey, layout)
  const keyframes: Keyframe[] = [{ time: 0, ...(start ?? { x: 0, y: 0 }) }]
  let at: Point = start ?? { x: 0, y: 0 }
  journey.events.forEach((event, i) => {
    const [from, to] = [times[i] as number, times[i + 1] as number]
    const leg = legs.get(i + 1)
    if (leg) {
      const line = lineOf(leg, layout)
      if (line.length > 1) keyframes.push(...along([at, line[0] as Point], from, from), ...along(line, from, to))
      at = line.at(-1) ?? at
      return
    }
    const next = legs.get(i + 2)
    const box = next && boxAt(layout, event.place)
    const exit = next && lineOf(next, layout)[0]
    if (!box || !exit || (exit.x === at.x && exit.y === at.y)) {
      keyframes.push({ time: to, ...at })
      return
    }
    keyframes.push(...along(aroundBox(box, at, exit), from, to))
    at = exit
  })
  return { total: times.at(-1) ?? 0, keyframes, times }
}

/** The trace's own time when `index` events are done and the next one has come to `fraction`. */
export function timeAt(motion: Motion, index: number, fraction: number): number {
  const from = motion.times[Math.min(index, motion.times.length - 1)] ?? motion.total
  const to = motion.times[index + 1] ?? from
  return from + (to - from) * Math.max(0, Math.min(1, fraction))
}

/** Where the packet is at a time. */
export function pointAt(motion: Motion, time: number): Point {
  const { keyframes } = motion
  const after = keyframes.findIndex((frame) => frame.time >= time)
  const b = keyframes[after] ?? keyframes.at(-1)
  const a = keyframes[after - 1] ?? b
  if (!a || !b) return { x: 0, y: 0 }
  const part = b.time > a.time ? (time - a.time) / (b.time - a.time) : 1
  return { x: a.x + (b.x - a.x) * part, y: a.y + (b.y - a.y) * part }
}

function startOf(journey: Journey, layout: StageLayout): Point | undefined {
  const leg = journey.legs[0]
  const line = leg?.wire?.points[0]
  if (line) return line
  const place = journey.trace.hops[0]?.place
  const box = place && boxAt(layout, place)
  // A packet that goes nowhere waits at the edge, where it covers no words.
  return box && { x: box.x + box.w, y: box.y + box.h / 2 }
}

function lineOf(leg: Leg, layout: StageLayout): readonly Point[] {
  if (leg.wire) return leg.wire.points
  return [middle(boxAt(layout, leg.from)), middle(boxAt(layout, leg.to))].flatMap((point) => point ?? [])
}

function middle(rect: Rect | undefined): Point | undefined {
  return rect && { x: rect.x + rect.w / 2, y: rect.y + rect.h / 2 }
}

/** Samples a line evenly, so that the packet keeps its speed round corners. */
function along(line: readonly Point[], from: number, to: number): readonly Keyframe[] {
  if (from === to || lengthOf(line) === 0) return [{ time: to, ...(line.at(-1) as Point) }]
  return Array.from({ length: SAMPLES + 1 }, (_, i) => ({ time: from + ((to - from) * i) / SAMPLES, ...pointAlong(line, i / SAMPLES) }))
}

/** The shorter way along a box's border from one point on it to another. */
function aroundBox(box: Rect, from: Point, to: Point): readonly Point[] {
  const corners = [
    { x: box.x, y: box.y },
    { x: box.x + box.w, y: box.y },
    { x: box.x + box.w, y: box.y + box.h },
    { x: box.x, y: box.y + box.h },
  ]
  const side = (point: Point) => {
    if (Math.abs(point.y - box.y) < 1) return 0
    if (Math.abs(point.x - (box.x + box.w)) < 1) return 1
    return Math.abs(point.y - (box.y + box.h)) < 1 ? 2 : 3
  }
  const [a, b] = [side(from), side(to)]
  const clockwise: Point[] = []
  for (let s = a; s !== b; s = (s + 1) % 4) clockwise.push(corners[(s + 1) % 4] as Point)
  const back: Point[] = []
  for (let s = a; s !== b; s = (s + 3) % 4) back.push(corners[s] as Point)
  const ways = [
    [from, ...clockwise, to],
    [from, ...back, to],
  ]
  return ways.sort((one, other) => lengthOf(one) - lengthOf(other))[0] as readonly Point[]
}
