import type { PlacedService, Point, StageLayout } from './layout.ts'

/** A line that stands for a relation between objects, and what it says. */
export type RelationWire = {
  readonly key: string
  readonly look: 'declared' | 'programmed' | 'failed'
  readonly points: readonly Point[]
  readonly label?: {
    readonly says: 'selects' | 'none' | 'manual' | 'programmed'
    readonly count: number
    readonly x: number
    readonly y: number
    readonly room: number
    readonly align: 'middle' | 'start'
  }
}

const units = (layout: StageLayout) => layout.services.filter((service) => service.form !== 'chip')

/** Selector → EndpointSlice, and Ingress or route → Service: what the YAML says. A selector that finds nothing is a broken line. */
export function declaredWires(layout: StageLayout): readonly RelationWire[] {
  return [...units(layout).flatMap((service) => selectorWire(service)), ...entryWires(layout)]
}

function selectorWire({ box, rect, slices }: PlacedService): readonly RelationWire[] {
  if (!slices || box.externalName) return []
  const y = rect.y + rect.h / 2
  const [from, to] = [rect.x + rect.w, slices.x]
  const broken = box.hasSelector && box.matched.length === 0
  const says = broken ? 'none' : box.hasSelector ? 'selects' : 'manual'
  return [
    {
      key: `selects ${box.key}`,
      look: broken ? 'failed' : 'declared',
      points: [
        { x: from, y },
        { x: to, y },
      ],
      label: { says, count: box.matched.length, x: (from + to) / 2, y: y - 11, room: to - from, align: 'middle' },
    },
  ]
}

function entryWires(layout: StageLayout): readonly RelationWire[] {
  const places = new Map([
    ...layout.services.filter(({ form }) => form !== 'chip').map(({ box, rect }) => [box.key, rect] as const),
    ...layout.entries.map(({ box, rect }) => [box.key, rect] as const),
  ])
  return layout.entries.flatMap(({ box, rect }) =>
    box.to.flatMap((key): RelationWire[] => {
      const target = places.get(key)
      if (!target) return []
      if (target.y === rect.y) {
        const right = target.x > rect.x
        const y = rect.y + rect.h / 2
        const points = [
          { x: right ? rect.x + rect.w : rect.x, y },
          { x: right ? target.x : target.x + target.w, y },
        ]
        return Math.abs(target.x - rect.x) < rect.w + 20 ? [{ key: `${box.key} ${key}`, look: 'declared', points }] : []
      }
      // Down into the gap above the Services, along their left side, and in from the left: clear of the Services between.
      const bus = target.x - 14
      const gap = rect.y + rect.h + 9
      const x = rect.x + 18
      const y = target.y + target.h / 2
      const points = [
        { x, y: rect.y + rect.h },
        { x, y: gap },
        { x: bus, y: gap },
        { x: bus, y },
        { x: target.x, y },
      ]
      return [{ key: `${box.key} ${key}`, look: 'declared', points }]
    }),
  )
}

/** Service → the kernels: every node's kube-proxy writes it down. Drawn to the topmost frame. */
export function programmedWires(layout: StageLayout): readonly RelationWire[] {
  const top = layout.nodes.find((node) => node.kernel)
  if (!top?.kernel) return []
  const { kernel } = top
  const bus = -layout.metrics.apiGap / 2
  const shown = units(layout).filter(({ box }) => box.vips.length > 0)
  return shown.map(({ box, rect }, index): RelationWire => {
    const x = Math.max(kernel.x + kernel.w / 2, Math.min(kernel.x + kernel.w - 24, rect.x + rect.w / 2))
    // Straight down where the kernel's middle is below.
    const middle = Math.max(rect.x + 24, Math.min(rect.x + rect.w - 24, x))
    const side = rect.x - 26
    const lowest = index === 0
    const points = lowest
      ? [{ x: middle, y: rect.y + rect.h }, { x: middle, y: bus }, ...(x === middle ? [] : [{ x, y: bus }]), { x, y: kernel.y }]
      : [
          { x: rect.x, y: rect.y + rect.h / 2 },
          { x: side, y: rect.y + rect.h / 2 },
          { x: side, y: bus },
          { x, y: bus },
        ]
    return {
      key: `programmed ${box.key}`,
      look: 'programmed',
      points,
      ...(lowest
        ? {
            label: {
              says: 'programmed',
              count: 0,
              x: Math.max(x, middle) + 10,
              y: bus,
              room: layout.frameRight - Math.max(x, middle) - 10,
              align: 'start',
            },
          }
        : {}),
    }
  })
}
