import { type Rect, SIZES, type Size, type StageLayout } from './layout.ts'

export type Window = { readonly width: number; readonly height: number }
/** What a picture is asked for: see `LayoutOptions`. */
export type Wish = { readonly size: Size; readonly stretch: number; readonly type: number; readonly slim: boolean }

export const PADDING = 5
/** Headings stand above the bounds, the lane of what comes from outside to their left. */
const MARGIN = { left: 26, top: 24, right: 2, bottom: 1 }
/** Fewest pixels of screen for a pixel of picture, before the next smaller picture is taken. */
const LEAST_ZOOM = 0.97
/** Shrunk pictures that are tried, from the largest: letters keep their size, so what shrinks is the air between. */
const ZOOMS = [0.96, 0.92, 0.88, 0.84, 0.8, 0.76]
/** What is seen in part is shrunk somewhat, so that more is seen; more than that only with its Pods one below another. */
const PARTS = [
  { slim: false, zoom: 0.84 },
  { slim: true, zoom: 0.84 },
  { slim: true, zoom: 0.8 },
  { slim: true, zoom: 0.76 },
]
/** Below this zoom a picture is not readable: then it is shown in part, from its top left, and follows the packet. */
const READABLE = 0.76
/** Letters may be this much larger than a picture that was not made for it; in the smallest one boxes are as tall as their lines. */
const SLACK = { roomy: 1.1, compact: 1.1, dense: 1.05, tiny: 1.05 }

/** By how much letters are larger than a picture at this zoom, so that they are 12 px on the screen; in steps, so that zooming is smooth. */
export function typeAt(zoom: number): number {
  const step = Math.floor(zoom * 25 + 1e-6) / 25
  return step >= 1 ? 1 : 1 / Math.max(step, 0.36)
}

/**
 * The largest picture that fits; what width it leaves over is given to it. Where none fits as it is, the smallest one is drawn for
 * letters as large as they will be; where that is too tall, it is made for the window's width and seen in part.
 */
export function pictureFor(draw: (wish: Wish) => StageLayout, window: Window): StageLayout {
  const room = { w: window.width - 2 * PADDING, h: window.height - 2 * PADDING }
  const plain = { stretch: 0, type: 1, slim: false }
  const zoomOf = ({ core }: StageLayout) => Math.min(room.w / outer(core).w, room.h / outer(core).h)
  const stretchTo = (zoom: number, wish: Omit<Wish, 'stretch'>, drawn: StageLayout) => {
    const stretch = Math.floor(room.w / zoom - outer(drawn.bounds).w)
    return stretch > 8 ? draw({ ...wish, stretch }) : drawn
  }
  for (const size of SIZES) {
    const drawn = draw({ ...plain, size })
    const zoom = zoomOf(drawn)
    if (zoom >= LEAST_ZOOM) return stretchTo(Math.min(1, zoomOf({ ...drawn, core: { ...drawn.core, w: 0 } })), { ...plain, size }, drawn)
  }
  for (const zoom of ZOOMS) {
    const wish = { size: 'tiny' as const, type: typeAt(zoom), slim: false }
    const drawn = draw({ ...wish, stretch: 0 })
    if (room.w / zoom < outer(drawn.core).w) continue
    const wide = stretchTo(zoom, wish, drawn)
    if (room.h / zoom >= outer(wide.core).h) return wide
  }
  // In part. Where the window is too narrow for that too, it is seen in part both ways.
  for (const { slim, zoom } of PARTS) {
    const wish = { size: 'tiny' as const, type: typeAt(zoom), slim }
    const drawn = draw({ ...wish, stretch: 0 })
    if (room.w / zoom >= outer(drawn.core).w) return stretchTo(zoom, wish, drawn)
  }
  return draw({ size: 'tiny', type: typeAt(READABLE), slim: true, stretch: 0 })
}

/** Where a window looks at a picture: `all` of it, or as much as is readable. */
export function viewOf(layout: StageLayout, window: Window, all: boolean): { x: number; y: number; zoom: number; whole: boolean } {
  const [width, height] = [window.width - 2 * PADDING, window.height - 2 * PADDING]
  const zoomFor = ({ w, h }: Rect) => Math.min(width / w, height / h, 1.6)
  const full = outer(layout.bounds)
  // Nodes where nothing is shown may lie below the edge, where words would become too large for their boxes otherwise.
  const isRoomy = (zoom: number) => typeAt(zoom) <= Math.max(layout.type, SLACK[layout.size])
  const bounds = all || isRoomy(zoomFor(full)) ? full : outer(layout.core)
  const exact = zoomFor(bounds)
  // What is too tall to be read whole is shown as wide as the window.
  const zoom = all || isRoomy(exact) ? exact : Math.max(Math.min(READABLE, 1 / layout.type), Math.min(1, width / bounds.w))
  const spare = (room: number, need: number) => PADDING + Math.max(0, (room - need * zoom) / 2)
  return { zoom, x: spare(width, bounds.w) - bounds.x * zoom, y: spare(height, bounds.h) - bounds.y * zoom, whole: zoom === exact }
}

/** A picture with its headings and its lane. */
export function outer(bounds: Rect): Rect {
  return {
    x: bounds.x - MARGIN.left,
    y: bounds.y - MARGIN.top,
    w: bounds.w + MARGIN.left + MARGIN.right,
    h: bounds.h + MARGIN.top + MARGIN.bottom,
  }
}
