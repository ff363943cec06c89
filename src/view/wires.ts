import type { Place } from '../core/trace/trace.ts'
import { corridorOf, type PlacedNode, type Point, type Rect, type StageLayout } from './layout.ts'

/** A line in right angles, with the place for its number and for the address that travels along it. */
export type Wire = {
  readonly points: readonly Point[]
  /** Middle of the number badge. */
  readonly badge: Point
  /** Where else it may stand, if that place is taken. */
  readonly otherBadges?: readonly Point[]
  /** Where the address label stands: `y` is its middle, and it may be as wide as `room`. */
  readonly label?: LabelPlace
  /** Where it stands if it has no room there. */
  readonly otherLabel?: LabelPlace
  /** The badge is on an upright part. */
  readonly upright?: boolean
}
export type LabelPlace = { readonly x: number; readonly y: number; readonly room: number; readonly align: 'middle' | 'start' | 'end' }

const REPLY_SHIFT = 9

/** The box in which a packet rests at a place: a Pod, the kernel of a node, or something outside. */
export function boxAt(layout: StageLayout, place: Place): Rect | undefined {
  switch (place.at) {
    case 'client':
      return (layout.clients.find(({ box }) => box.name === place.name) ?? layout.clients[0])?.rect
    case 'load-balancer':
      return layout.balancer
    case 'internet':
      return layout.internet
    case 'pod':
      return layout.pods.find(({ box }) => `${box.namespace}/${box.name}` === place.name)?.rect
    case 'node':
      return frameAt(layout, place.name)?.kernel
  }
}

function frameAt(layout: StageLayout, name: string): PlacedNode | undefined {
  return layout.nodes.find((node) => node.box.name === name && node.form === 'frame')
}

const centerY = (rect: Rect) => rect.y + rect.h / 2

/**
 * The line that a packet takes between two neighbouring places, clear of every box between them; undefined if either is not on the
 * stage. A reply runs beside the request.
 */
export function wireBetween(layout: StageLayout, from: Place, to: Place, reply: boolean): Wire | undefined {
  const a = boxAt(layout, from)
  const b = boxAt(layout, to)
  if (!a || !b) return undefined
  const shift = reply ? REPLY_SHIFT : 0
  if (from.at === 'node' && to.at === 'node') return between(layout, from.name, to.name, shift)
  if (from.at === 'pod' && to.at === 'node') return reversed(podWire(layout, to.name, from.name, shift))
  if (from.at === 'node' && to.at === 'pod') return podWire(layout, from.name, to.name, shift)
  if (to.at === 'node') return outsideWire(layout, a, to.name, shift)
  if (from.at === 'node') return reversed(outsideWire(layout, b, from.name, shift))
  return beside(layout, a, b, shift)
}

function reversed(wire: Wire | undefined): Wire | undefined {
  return wire && { ...wire, points: [...wire.points].reverse() }
}

function podWire(layout: StageLayout, node: string, pod: string, shift: number): Wire | undefined {
  const kernel = frameAt(layout, node)?.kernel
  const placed = layout.pods.find(({ box }) => `${box.namespace}/${box.name}` === pod)
  if (!kernel || !placed) return undefined
  const { rect, column, row } = placed
  const y = centerY(rect) + shift
  if (placed.asks) {
    const x = rect.x + rect.w
    const middle = (x + kernel.x) / 2
    // Where an address has no room above the line, it stands below the Pod.
    const narrow = kernel.x - x < 80
    const below: LabelPlace = { x: kernel.x - 6, y: rect.y + rect.h + 11, room: kernel.x - rect.x - 10, align: 'end' }
    const above: LabelPlace = { x: middle, y: centerY(rect) - 14, room: kernel.x - x - 10, align: 'middle' }
    return {
      points: [
        { x: kernel.x, y },
        { x, y },
      ],
      badge: { x: middle, y: centerY(rect) - (narrow ? 14 : -17) },
      otherBadges: [centerY(rect) - 15, centerY(rect) + 4].map((y) => ({ x: middle, y })),
      ...(narrow ? { label: below } : { label: above, otherLabel: below }),
    }
  }
  const right = kernel.x + kernel.w
  if (column === 0)
    return {
      points: [
        { x: right, y },
        { x: rect.x, y },
      ],
      badge: { x: (right + rect.x) / 2, y: centerY(rect) - 16 },
      otherBadges: [{ x: (right + rect.x) / 2, y: centerY(rect) + 4 }],
    }
  // Behind other Pods: along the lane above the row, below the first one, then into the Pod; the reply beside it, across nothing.
  const first = row === 0
  const top = first ? rect.y + rect.h : rect.y - layout.lane
  const lane = top + Math.round(layout.lane * (reply(shift) ? 0.7 : 0.32))
  const x = rect.x + 20 + (first === reply(shift) ? REPLY_SHIFT : 0)
  return {
    points: [
      { x: right, y: lane },
      { x, y: lane },
      { x, y: first ? rect.y + rect.h : rect.y },
    ],
    badge: { x: right + layout.metrics.rightGap / 2, y: top + layout.lane / 2 },
  }
}

const reply = (shift: number) => shift > 0

/** From one kernel to another: straight between neighbours, else round by the corridor left of the kernels. */
function between(layout: StageLayout, from: string, to: string, shift: number): Wire | undefined {
  const a = frameAt(layout, from)
  const b = frameAt(layout, to)
  if (!a?.kernel || !b?.kernel) return undefined
  const down = b.rect.y > a.rect.y
  const [upper, lower] = down ? [a, b] : [b, a]
  const start = { y: (upper.kernel as Rect).y + (upper.kernel as Rect).h }
  const end = { y: (lower.kernel as Rect).y }
  const gap = layout.metrics.frameGap
  const neighbours = lower.rect.y - (upper.rect.y + upper.rect.h) <= gap + 1
  const labelY = upper.rect.y + upper.rect.h + gap / 2
  const x = layout.metrics.kernelW / 2 + (shift ? 14 : 0)
  const beside = { x: layout.metrics.kernelW / 2 + 24, y: labelY, room: 210, align: 'start' as const }
  const badge = { x: layout.metrics.kernelW / 2 - 18, y: labelY }
  if (neighbours) {
    const points = [
      { x, y: start.y },
      { x, y: end.y },
    ]
    return { points: down ? points : points.reverse(), badge, label: beside }
  }
  const corridor = -corridorOf(layout.metrics) - (shift ? 4 : 0)
  const exit = labelY + shift
  const entry = lower.rect.y - gap / 2 + shift
  const points = [
    { x, y: start.y },
    { x, y: exit },
    { x: corridor, y: exit },
    { x: corridor, y: entry },
    { x, y: entry },
    { x, y: end.y },
  ]
  return { points: down ? points : points.reverse(), badge, label: beside }
}

/** From outside into a node: down the left side, in by the border where the node's address is, to the kernel. */
function outsideWire(layout: StageLayout, box: Rect, node: string, shift: number): Wire | undefined {
  const frame = frameAt(layout, node)
  if (!frame?.kernel) return undefined
  const y = freeRow(layout, frame) + shift
  const lane = layout.frameLeft - 16 - shift
  const from = { x: box.x, y: centerY(box) + shift }
  return {
    points: [from, { x: lane, y: from.y }, { x: lane, y }, { x: frame.kernel.x, y }],
    badge: { x: layout.frameLeft + layout.metrics.podW + layout.metrics.pad + layout.metrics.leftGap / 2, y: y - shift + 16 },
    label: {
      x: layout.frameLeft + layout.metrics.pad + 6,
      y: y - shift - 13,
      room: layout.metrics.podW + layout.metrics.leftGap - 8,
      align: 'start',
    },
  }
}

/** The middle of the first row on a frame's left side where no Pod stands. */
function freeRow(layout: StageLayout, frame: PlacedNode): number {
  const kernel = frame.kernel as Rect
  const { podH, rowGap } = layout.metrics
  const pods = layout.pods.filter((pod) => pod.asks && pod.box.node === frame.box.name)
  for (let y = kernel.y; y + podH <= kernel.y + kernel.h + 1; y += podH + rowGap)
    if (!pods.some(({ rect }) => Math.abs(rect.y - y) < 1)) return y + podH / 2
  return kernel.y + kernel.h - 6
}

/** Between two places outside: by the lane on their left. */
function beside(layout: StageLayout, a: Rect, b: Rect, shift: number): Wire {
  const lane = layout.frameLeft - 16 - shift
  const [from, to] = [centerY(a) + shift, centerY(b) + shift]
  return {
    points: [
      { x: a.x, y: from },
      { x: lane, y: from },
      { x: lane, y: to },
      { x: b.x, y: to },
    ],
    badge: { x: lane + shift, y: (from + to) / 2 - shift },
    upright: true,
  }
}

/** The stub on which a packet ends that a kernel did not let through: out of the kernel's right side, between the rows. */
export function stubAt(layout: StageLayout, node: string): { readonly points: readonly Point[]; readonly mark: Point } | undefined {
  const kernel = frameAt(layout, node)?.kernel
  if (!kernel) return undefined
  const { podH, chipH, rightGap } = layout.metrics
  const height = layout.pods.some(({ form }) => form === 'chip') ? chipH : podH
  const y = kernel.y + height + layout.lane / 2
  const x = kernel.x + kernel.w
  return {
    points: [
      { x, y },
      { x: x + Math.min(22, rightGap - 24), y },
    ],
    mark: { x: x + Math.min(33, rightGap - 13), y },
  }
}

/** The length of a line. */
export function lengthOf(points: readonly Point[]): number {
  return points.slice(1).reduce((sum, point, index) => sum + distance(points[index] as Point, point), 0)
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y)
}

/** The point at a part (0 to 1) of a line's length. */
export function pointAlong(points: readonly Point[], part: number): Point {
  let left = Math.max(0, Math.min(1, part)) * lengthOf(points)
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1] as Point, points[i] as Point]
    const length = distance(a, b)
    if (left <= length && length > 0) return { x: a.x + ((b.x - a.x) * left) / length, y: a.y + ((b.y - a.y) * left) / length }
    left -= length
  }
  return points.at(-1) ?? { x: 0, y: 0 }
}

/** An SVG path through the points, with rounded corners. */
export function pathOf(points: readonly Point[], radius = 8): string {
  const [first, ...rest] = points
  if (!first) return ''
  let path = `M${first.x} ${first.y}`
  rest.forEach((point, index) => {
    const before = points[index] as Point
    const after = rest[index + 1]
    if (!after) {
      path += `L${point.x} ${point.y}`
      return
    }
    const r = Math.min(radius, distance(before, point) / 2, distance(point, after) / 2)
    const into = towards(point, before, r)
    const out = towards(point, after, r)
    path += `L${into.x} ${into.y}Q${point.x} ${point.y} ${out.x} ${out.y}`
  })
  return path
}

function towards(from: Point, to: Point, by: number): Point {
  const length = distance(from, to) || 1
  return { x: from.x + ((to.x - from.x) * by) / length, y: from.y + ((to.y - from.y) * by) / length }
}
