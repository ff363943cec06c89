import { addressText, shorten } from './address.ts'
import type { Point, Rect, StageLayout } from './layout.ts'
import type { Leg } from './scene.ts'
import type { LabelPlace } from './wires.ts'
import { ADDRESS, lettersIn, widthOf } from './words.ts'

/** The number of a leg, or of several whose numbers would cover each other: `4–6`. */
export type Badge = {
  readonly numbers: readonly number[]
  readonly text: string
  readonly at: Point
  readonly w: number
  readonly h: number
}
/** The address that travels along a leg; shortened to its end where the whole has no room. */
export type LegLabel = { readonly leg: Leg; readonly text: string; readonly place: LabelPlace; readonly rect: Rect }

/** On the screen, whatever the zoom. */
const RADIUS = 10
const DIGIT = 8
const LABEL_PAD = 8
const PENCIL = 18

/** The numbers and addresses of the legs seen so far, each where it covers no box and no other: spread, or merged into one. */
export function tagsOf(
  legs: readonly Leg[],
  layout: StageLayout,
  scale: number,
): { readonly badges: readonly Badge[]; readonly labels: readonly LegLabel[] } {
  const boxes = obstacles(layout)
  const labels = labelsOf(legs, boxes, scale)
  const taken = [...boxes, ...labels.map(({ rect }) => rect)]
  const badges: Badge[] = []
  for (const leg of legs) {
    if (leg.reply || !leg.wire) continue
    const { badge, otherBadges = [], upright } = leg.wire
    const twin = badges.find(({ numbers }) => legs.some((other) => numbers.includes(other.number) && isSameWay(other, leg)))
    const first = twin?.at ?? badge
    // Beside the first place is as good; further away it would stand by another line.
    const step = 2.4 * RADIUS * scale
    const beside = [0, step, -step].map((by) => (upright ? { x: first.x, y: first.y + by } : { x: first.x + by, y: first.y }))
    const others = [...taken, ...badges.map(rectOf)]
    const ways = twin ? beside : [...beside, ...otherBadges]
    const free = ways.map((at) => badgeOf([leg.number], at, scale)).find((one) => isFree(rectOf(one), others))
    if (free) badges.push(free)
    else merge(badges, leg.number, first, taken, scale)
  }
  return { badges, labels }
}

/** The same two places again, either way, as behind an L7 proxy: their numbers stand together. */
function isSameWay(a: Leg, b: Leg): boolean {
  const ends = ({ from, to }: Leg) => [`${from.at} ${from.name}`, `${to.at} ${to.name}`].sort().join(' ')
  return !a.reply && ends(a) === ends(b)
}

/** Everything with an outline that no number may cover. */
function obstacles(layout: StageLayout): readonly Rect[] {
  return [
    ...layout.pods.map(({ rect }) => rect),
    ...layout.nodes.flatMap(({ kernel, tab, form, rect }) => (form === 'frame' ? [tab, ...(kernel ? [kernel] : [])] : [rect])),
    ...layout.services.map(({ rect }) => rect),
    ...layout.clients.map(({ rect }) => rect),
    ...[layout.balancer, layout.internet].flatMap((rect) => rect ?? []),
  ]
}

/** Puts a number to the badge that its own would cover, and that to whichever it covers then. */
function merge(badges: Badge[], number: number, at: Point, taken: readonly Rect[], scale: number): void {
  let grown = badgeOf([number], at, scale)
  for (let found = covered(badges, grown); found >= 0; found = covered(badges, grown)) {
    const [other] = badges.splice(found, 1) as [Badge]
    const numbers = [...other.numbers, ...grown.numbers]
    const wide = badgeOf(numbers, other.at, scale)
    const aside = [0, -1, 1].map((side) => badgeOf(numbers, { x: other.at.x + (side * (wide.w - other.w)) / 2, y: other.at.y }, scale))
    grown = aside.find((one) => isFree(rectOf(one), taken)) ?? wide
  }
  badges.push(grown)
}

function covered(badges: readonly Badge[], badge: Badge): number {
  return badges.findIndex((other) => overlaps(rectOf(other), rectOf(badge)))
}

function badgeOf(numbers: readonly number[], at: Point, scale: number): Badge {
  const sorted = [...numbers].sort((a, b) => a - b)
  const text = runs(sorted)
  const h = 2 * RADIUS * scale
  return { numbers: sorted, text, at, w: Math.max(h, (text.length * DIGIT + 7) * scale), h }
}

/** `4–6` for neighbours, `4·6` for others. */
function runs(numbers: readonly number[]): string {
  const groups: number[][] = []
  for (const number of numbers) {
    const last = groups.at(-1)
    if (last && number === (last.at(-1) as number) + 1) last.push(number)
    else groups.push([number])
  }
  return groups.map((group) => (group.length > 1 ? `${group[0]}–${group.at(-1)}` : `${group[0]}`)).join('·')
}

/** The place of a badge. */
export function rectOf({ at, w, h }: Badge): Rect {
  return { x: at.x - w / 2, y: at.y - h / 2, w, h }
}

function overlaps(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
}

const isFree = (rect: Rect, others: readonly Rect[]) => !others.some((other) => overlaps(rect, other))

function labelsOf(legs: readonly Leg[], boxes: readonly Rect[], scale: number): readonly LegLabel[] {
  const last = new Map<string, Leg>()
  // Of the legs whose addresses would stand at the same place, the last one.
  for (const leg of legs) if (leg.wire?.label && !leg.reply && leg.ip !== '') last.set(`${leg.wire.label.x} ${leg.wire.label.y}`, leg)
  const labels: LegLabel[] = []
  for (const leg of last.values()) {
    const { label, otherLabel } = leg.wire ?? {}
    const taken = [...boxes, ...labels.map(({ rect }) => rect)]
    const ways = [label, otherLabel]
      .flatMap((place) => (place ? [labelOf(leg, place, scale)] : []))
      .filter(({ rect }) => isFree(rect, taken))
    // The whole address where one place has room for it; nothing where a Pod stands: its name says more.
    const best = ways.find(({ text }) => !text.startsWith('…')) ?? ways[0]
    if (best) labels.push(best)
  }
  return labels
}

function labelOf(leg: Leg, place: LabelPlace, scale: number): LegLabel {
  const around = LABEL_PAD + widthOf('P ', ADDRESS) + (leg.rewritten ? PENCIL : 0)
  const text = shorten(addressText(leg.ip, leg.port), lettersIn(place.room / scale - around))
  const w = Math.min(place.room, (widthOf(text, ADDRESS) + around) * scale)
  const h = 15 * scale
  const x = place.align === 'start' ? place.x : place.align === 'end' ? place.x - w : place.x - w / 2
  return { leg, text, place, rect: { x, y: place.y - h / 2, w, h } }
}
