import type { ObjectKey } from '../core/api/meta.ts'
import type { ClientBox, EntryBox, NodeBox, PodBox, ServiceBox, StageGraph } from './graph.ts'

export type Point = { readonly x: number; readonly y: number }
export type Rect = Point & { readonly w: number; readonly h: number }
/** Four sizes of the same picture, so that text stays readable in a small window: nothing is scaled below 12 px. */
export type Size = 'roomy' | 'compact' | 'dense' | 'tiny'
/** From the largest to the smallest. */
export const SIZES: readonly Size[] = ['roomy', 'compact', 'dense', 'tiny']
/** What had which place before: whatever is still there keeps it, what is new takes the next free one. */
export type Slots = ReadonlyMap<string, number>

export type Metrics = {
  readonly podW: number
  readonly podH: number
  readonly chipW: number
  readonly chipH: number
  readonly rowGap: number
  /** Between the asking Pods and the kernel, wide enough for an address. */
  readonly leftGap: number
  readonly kernelW: number
  readonly kernelH: number
  readonly rightGap: number
  readonly pad: number
  readonly tabH: number
  readonly frameGap: number
  readonly apiGap: number
  readonly hexW: number
  readonly hexH: number
  readonly hexSmallH: number
  readonly selectGap: number
  readonly sliceW: number
  readonly clientW: number
  readonly clientH: number
  readonly entryH: number
  readonly stripH: number
}

export const METRICS: Readonly<Record<Size, Metrics>> = {
  roomy: {
    podW: 176,
    podH: 46,
    chipW: 136,
    chipH: 28,
    rowGap: 14,
    leftGap: 150,
    kernelW: 204,
    kernelH: 140,
    rightGap: 58,
    pad: 16,
    tabH: 26,
    frameGap: 46,
    apiGap: 42,
    hexW: 236,
    hexH: 92,
    hexSmallH: 66,
    selectGap: 84,
    sliceW: 226,
    clientW: 168,
    clientH: 44,
    entryH: 60,
    stripH: 28,
  },
  compact: {
    podW: 160,
    podH: 42,
    chipW: 120,
    chipH: 26,
    rowGap: 10,
    leftGap: 108,
    kernelW: 180,
    kernelH: 116,
    rightGap: 46,
    pad: 12,
    tabH: 24,
    frameGap: 34,
    apiGap: 28,
    hexW: 208,
    hexH: 74,
    hexSmallH: 58,
    selectGap: 72,
    sliceW: 196,
    clientW: 148,
    clientH: 42,
    entryH: 56,
    stripH: 26,
  },
  dense: {
    podW: 132,
    podH: 38,
    chipW: 108,
    chipH: 24,
    rowGap: 8,
    leftGap: 84,
    kernelW: 160,
    kernelH: 86,
    rightGap: 36,
    pad: 10,
    tabH: 22,
    frameGap: 26,
    apiGap: 25,
    hexW: 186,
    hexH: 62,
    hexSmallH: 48,
    selectGap: 74,
    sliceW: 146,
    clientW: 126,
    clientH: 38,
    entryH: 42,
    stripH: 24,
  },
  tiny: {
    podW: 131,
    podH: 36,
    chipW: 92,
    chipH: 24,
    rowGap: 8,
    leftGap: 42,
    kernelW: 174,
    kernelH: 86,
    rightGap: 30,
    pad: 8,
    tabH: 21,
    frameGap: 24,
    apiGap: 23,
    hexW: 160,
    hexH: 56,
    hexSmallH: 44,
    selectGap: 34,
    sliceW: 142,
    clientW: 118,
    clientH: 36,
    entryH: 40,
    stripH: 22,
  },
}

/** How far left of the kernels the corridor runs by which packets pass a frame that is not theirs. */
export function corridorOf(metrics: Metrics): number {
  return metrics.leftGap > 100 ? 16 : 9
}

/** Pods too many for boxes: `columns` cells of `size` px a row, in name order. */
export type Cells = { readonly rect: Rect; readonly columns: number; readonly size: number; readonly pods: readonly PodBox[] }
const CELL = 14
const CELL_SIZES = [CELL, 10, 7, 5, 4]
/** Cells shrink before they make a frame wider than this. */
const CELLS_AT_MOST = 240

export type PlacedNode = {
  readonly box: NodeBox
  /** `frame` with everything in it, `mini` with one cell a Pod, `strip` for a node where nothing is shown. */
  readonly form: 'frame' | 'mini' | 'strip'
  readonly rect: Rect
  readonly tab: Rect
  readonly kernel?: Rect
  readonly cells?: Cells
}
export type PlacedPod = {
  readonly box: PodBox
  readonly rect: Rect
  readonly form: 'card' | 'chip'
  readonly column: number
  readonly asks: boolean
}
export type PlacedService = {
  readonly box: ServiceBox
  readonly form: 'full' | 'small' | 'chip'
  readonly rect: Rect
  readonly slices?: Rect
}

export type StageLayout = {
  readonly size: Size
  readonly metrics: Metrics
  readonly clients: readonly { readonly box: ClientBox; readonly rect: Rect }[]
  readonly balancer?: Rect
  readonly internet?: Rect
  readonly entries: readonly { readonly box: EntryBox; readonly rect: Rect }[]
  readonly services: readonly PlacedService[]
  readonly nodes: readonly PlacedNode[]
  readonly pods: readonly PlacedPod[]
  readonly matrix?: Rect
  readonly pending?: Rect
  readonly frameLeft: number
  readonly frameRight: number
  readonly bounds: Rect
  /** The same without nodes where nothing is shown: what must be seen first. */
  readonly core: Rect
  readonly slots: Slots
}

export type LayoutOptions = {
  readonly size: Size
  readonly promoted: ReadonlySet<ObjectKey>
  readonly previous?: Slots
  /** Pixels of width to spare, given to where words are. */
  readonly stretch?: number
}

const UNITS_AT_MOST = 3
const CHIPS_AT_MOST = 18
const ENTRIES_A_ROW = 2
const FRAMES_AT_MOST = 8
/** More Pods than this on one node are chips there: cards would make every word small. */
const CARDS_IN_A_FRAME = 6
const STRIPS_A_ROW = 3
const MINIS_A_ROW = 4

/**
 * Where everything stands. API objects above, node frames stacked below, who asks to the left. The kernels' left edge is x = 0 and the
 * first frame's top is y = 0, so that what grows does so to the right, up or down, and moves nothing that stands.
 * The same graph gives the same picture; `previous` keeps places over edits.
 */
export function layoutOf(graph: StageGraph, options: LayoutOptions): StageLayout {
  const metrics = stretched(METRICS[options.size], options.stretch ?? 0)
  const slots = new Map<string, number>()
  const machines = placeNodes(graph, metrics, options, slots)
  const top = placeServices(graph, metrics, options, slots)
  const outside = placeOutside(graph, metrics, slots, options)
  const strips = machines.nodes.flatMap(({ form, rect }) => (form === 'strip' ? [rect] : []))
  const rects = [
    ...machines.nodes.flatMap(({ form, rect }) => (form === 'strip' ? [] : [rect])),
    ...top.services.flatMap(({ rect, slices }) => (slices ? [rect, slices] : [rect])),
    ...top.entries.map(({ rect }) => rect),
    ...outside.clients.map(({ rect }) => rect),
    ...[outside.balancer, outside.internet, machines.matrix, machines.pending].flatMap((rect) => rect ?? []),
  ]
  return {
    size: options.size,
    metrics,
    ...outside,
    ...top,
    ...machines,
    bounds: boundsOf([...rects, ...strips]),
    core: boundsOf(rects),
    slots,
  }
}

/** The metrics with a width to spare put into Pods, kernels, addresses and names. */
function stretched(m: Metrics, spare: number): Metrics {
  const by = (part: number) => Math.round(Math.max(0, Math.min(spare, 260)) * part)
  return {
    ...m,
    podW: m.podW + by(0.2),
    leftGap: m.leftGap + by(0.28),
    kernelW: m.kernelW + by(0.22),
    rightGap: m.rightGap + by(0.1),
    hexW: m.hexW + by(0.16),
    selectGap: m.selectGap + by(0.08),
    sliceW: m.sliceW + by(0.26),
    clientW: m.clientW + by(0.14),
  }
}

/** The smallest rectangle around all of these. */
export function boundsOf(rects: readonly Rect[]): Rect {
  if (rects.length === 0) return { x: 0, y: 0, w: 0, h: 0 }
  const x = Math.min(...rects.map((rect) => rect.x))
  const y = Math.min(...rects.map((rect) => rect.y))
  return { x, y, w: Math.max(...rects.map((rect) => rect.x + rect.w)) - x, h: Math.max(...rects.map((rect) => rect.y + rect.h)) - y }
}

/**
 * Gives each item its old slot, or the next free one; answers the items in slot order. When the old places no longer fit into
 * `capacity`, all are dealt afresh.
 */
function inSlots<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  previous: Slots | undefined,
  slots: Map<string, number>,
  capacity = Number.POSITIVE_INFINITY,
): readonly { readonly item: T; readonly slot: number }[] {
  const taken = new Set(items.flatMap((item) => previous?.get(keyOf(item)) ?? []))
  const used = new Set<number>()
  let next = 0
  const placed = items.map((item) => {
    let slot = previous?.get(keyOf(item))
    if (slot === undefined || used.has(slot)) {
      while (taken.has(next) || used.has(next)) next += 1
      slot = next
    }
    used.add(slot)
    return { item, slot }
  })
  if (previous && placed.some(({ slot }) => slot >= capacity)) return inSlots(items, keyOf, undefined, slots)
  for (const { item, slot } of placed) slots.set(keyOf(item), slot)
  return placed.sort((a, b) => a.slot - b.slot)
}

type Split = { readonly left: readonly PodBox[]; readonly right: readonly PodBox[]; readonly cells: readonly PodBox[] }

/** Rows of Pods in a frame: a few size classes, so that one Pod more seldom changes a frame's height. */
function rowsFor(pods: number, chips: boolean): number {
  if (chips) return pods <= 9 ? 3 : pods <= 16 ? 4 : 6
  if (pods === 3 || (pods > 4 && pods <= 9)) return 3
  if (pods <= 4) return 2
  return pods <= 16 ? 4 : 5
}

function placeNodes(graph: StageGraph, m: Metrics, options: LayoutOptions, slots: Map<string, number>) {
  const isPromoted = (node: NodeBox) => options.promoted.has(node.key) || node.pods.some((pod) => options.promoted.has(pod.key))
  const isBusy = (node: NodeBox) => node.pods.length > 0 || isPromoted(node)
  const busy = graph.nodes.filter((node) => node.pods.length > 0)
  const order = [...graph.nodes.filter(isBusy), ...graph.nodes.filter((node) => !isBusy(node))]
  const sorted = inSlots(order, (node) => node.key, options.previous, slots).map(({ item }) => item)
  const small = graph.scale === 'cards' || graph.scale === 'chips'
  const allFrames = small && busy.length <= FRAMES_AT_MOST
  const isFrame = (node: NodeBox) => isPromoted(node) || (allFrames && node.pods.length > 0)
  const frames = sorted.filter(isFrame)
  const rest = sorted.filter((node) => !isFrame(node))
  const minis = graph.scale === 'matrix' ? [] : rest.filter((node) => node.pods.length > 0)
  const strips = graph.scale === 'matrix' ? [] : rest.filter((node) => node.pods.length === 0)

  const splits = new Map(frames.map((node) => [node.key, split(node, graph, options)]))
  const count = (side: (of: Split) => number) => Math.max(0, ...[...splits.values()].map(side))
  const chips = graph.scale !== 'cards' || count((of) => of.right.length) > CARDS_IN_A_FRAME
  const rows = rowsFor(
    count((of) => of.right.length),
    chips,
  )
  // One row on the left stays free: there an outside packet enters.
  const leftRows = count((of) => of.left.length) + 1
  const cell = { w: chips ? m.chipW : m.podW, h: chips ? m.chipH : m.podH }
  const innerH = Math.max(rows * cell.h + (rows - 1) * m.rowGap, leftRows * m.podH + (leftRows - 1) * m.rowGap, m.kernelH)
  const frameH = m.tabH + innerH + 2 * m.pad - 4
  const columns = Math.max(1, ...[...splits.values()].map((of) => Math.ceil(of.right.length / rows)))
  const most = count((of) => of.cells.length)
  const columnsFor = (size: number) => Math.ceil(most / Math.floor(innerH / size))
  const cellSize = CELL_SIZES.find((size) => columnsFor(size) * size <= CELLS_AT_MOST) ?? 4
  const cellColumns = columnsFor(cellSize)
  const cellsX = m.kernelW + m.rightGap + columns * (cell.w + m.rowGap)
  const frameLeft = -(m.podW + m.leftGap + m.pad)
  const frameRight = cellsX - m.rowGap + m.pad + (cellColumns > 0 ? cellColumns * cellSize + m.pad : 0)
  const frameW = frameRight - frameLeft

  const nodes: PlacedNode[] = []
  const pods: PlacedPod[] = []
  let y = 0
  for (const node of frames) {
    const inner = y + m.tabH + m.pad - 4
    const { left, right, cells } = splits.get(node.key) as Split
    for (const { item, slot } of inSlots(left, (pod) => pod.key, options.previous, slots, leftRows - 1)) {
      const rect = { x: frameLeft + m.pad, y: inner + slot * (m.podH + m.rowGap), w: m.podW, h: m.podH }
      pods.push({ box: item, rect, form: 'card', column: 0, asks: true })
    }
    for (const { item, slot } of inSlots(right, (pod) => pod.key, options.previous, slots, rows * columns)) {
      const column = Math.floor(slot / rows)
      const x = m.kernelW + m.rightGap + column * (cell.w + m.rowGap)
      const rect = { x, y: inner + (slot % rows) * (cell.h + m.rowGap), ...cell }
      pods.push({ box: item, rect, form: chips ? 'chip' : 'card', column, asks: false })
    }
    nodes.push({
      box: node,
      form: 'frame',
      rect: { x: frameLeft, y, w: frameW, h: frameH },
      tab: { x: frameLeft, y, w: m.podW + m.leftGap + m.pad - (frames.length > 2 ? corridorOf(m) + 5 : -24), h: m.tabH },
      kernel: { x: 0, y: inner, w: m.kernelW, h: innerH },
      ...(cells.length > 0
        ? {
            cells: {
              rect: { x: cellsX, y: inner, w: cellColumns * cellSize, h: innerH },
              columns: cellColumns,
              size: cellSize,
              pods: cells,
            },
          }
        : {}),
    })
    y += frameH + m.frameGap
  }
  const below = { x: frameLeft, y: frames.length > 0 ? y - m.frameGap + 14 : 0, w: frameW }
  const after = placeSmall(minis, strips, below, m)
  nodes.push(...after.nodes)
  const matrix = graph.scale === 'matrix' ? { x: frameLeft, y: after.bottom, w: frameW, h: 420 } : undefined
  const bottom = matrix ? matrix.y + matrix.h + 12 : after.bottom
  const pending = graph.pending.length > 0 ? { x: frameLeft, y: bottom, w: frameW, h: m.stripH } : undefined
  return { nodes, pods, frameLeft, frameRight, ...(matrix ? { matrix } : {}), ...(pending ? { pending } : {}) }
}

/** Who asks, who answers, and who is only a cell. What stood on one side stays there over edits. */
function split(node: NodeBox, graph: StageGraph, options: LayoutOptions): Split {
  const small = graph.scale === 'cards' || graph.scale === 'chips'
  const boxed = small ? node.pods : node.pods.filter((pod) => options.promoted.has(pod.key))
  const cells = small ? [] : node.pods.filter((pod) => !options.promoted.has(pod.key))
  const asks = boxed.filter((pod) => pod.asks)
  // Many that only ask would make the frame tall: then the rest stands with the others.
  const left = asks.slice(0, 4)
  const isLeft = new Set(left)
  return { left, right: boxed.filter((pod) => !isLeft.has(pod)), cells }
}

function placeSmall(minis: readonly NodeBox[], strips: readonly NodeBox[], area: { x: number; y: number; w: number }, m: Metrics) {
  const nodes: PlacedNode[] = []
  const gap = 12
  let { y } = area
  if (minis.length > 0) {
    const w = (area.w - (MINIS_A_ROW - 1) * gap) / MINIS_A_ROW
    const columns = Math.floor((w - 16) / CELL)
    const most = Math.max(...minis.map((node) => node.pods.length))
    const h = m.tabH + Math.ceil(most / columns) * CELL + 16
    minis.forEach((box, index) => {
      const rect = { x: area.x + (index % MINIS_A_ROW) * (w + gap), y: y + Math.floor(index / MINIS_A_ROW) * (h + gap), w, h }
      const cells = {
        rect: { x: rect.x + 8, y: rect.y + m.tabH + 8, w: columns * CELL, h: h - m.tabH - 16 },
        columns,
        size: CELL,
        pods: box.pods,
      }
      nodes.push({ box, form: 'mini', rect, tab: { ...rect, h: m.tabH }, cells })
    })
    y += Math.ceil(minis.length / MINIS_A_ROW) * (h + gap)
  }
  const w = strips.length <= 2 ? area.w : (area.w - (STRIPS_A_ROW - 1) * gap) / STRIPS_A_ROW
  const aRow = strips.length <= 2 ? 1 : STRIPS_A_ROW
  strips.forEach((box, index) => {
    const rect = { x: area.x + (index % aRow) * (w + gap), y: y + Math.floor(index / aRow) * (m.stripH + 8), w, h: m.stripH }
    nodes.push({ box, form: 'strip', rect, tab: rect })
  })
  return { nodes, bottom: y + Math.ceil(strips.length / aRow) * (m.stripH + 8) }
}

function placeServices(graph: StageGraph, m: Metrics, options: LayoutOptions, slots: Map<string, number>) {
  const asUnit = (box: ServiceBox) => graph.services.length <= UNITS_AT_MOST || options.promoted.has(box.key)
  // The first by name on top: they grow upwards.
  const units = inSlots([...graph.services.filter(asUnit)].reverse(), (box) => box.key, options.previous, slots)
  const chips = graph.services.filter((box) => !asUnit(box))
  const full = units.length === 1
  const h = full ? m.hexH : m.hexSmallH
  const right = m.kernelW + m.rightGap + m.podW + m.pad
  const x = right - m.sliceW - m.selectGap - m.hexW
  const services: PlacedService[] = units.map(({ item }, index) => {
    const y = -m.apiGap - h - index * (h + 14)
    return {
      box: item,
      form: full ? 'full' : 'small',
      rect: { x, y, w: m.hexW, h },
      slices: { x: x + m.hexW + m.selectGap, y, w: m.sliceW, h },
    }
  })
  let y = -m.apiGap - units.length * (h + 14) - (units.length > 0 ? 4 : 0)
  const width = right - x
  const chipW = (width - 2 * 10) / 3
  const chipRows = Math.ceil(Math.min(chips.length, CHIPS_AT_MOST) / 3)
  y -= chipRows * 42
  for (const [index, box] of chips.slice(0, CHIPS_AT_MOST).entries()) {
    const rect = { x: x + (index % 3) * (chipW + 10), y: y + 8 + Math.floor(index / 3) * 42, w: chipW, h: 34 }
    services.push({ box, form: 'chip', rect })
  }
  const entryW = (width - 14) / ENTRIES_A_ROW
  const entries = inSlots(graph.entries, (box) => box.key, options.previous, slots).map(({ item, slot }) => ({
    box: item,
    rect: {
      x: x + (slot % ENTRIES_A_ROW) * (entryW + 14),
      y: y - 18 - m.entryH - Math.floor(slot / ENTRIES_A_ROW) * (m.entryH + 14),
      w: entryW,
      h: m.entryH,
    },
  }))
  return { services, entries }
}

/** Beyond the cluster: top left, above the frames, so that the way in runs down the left side. */
function placeOutside(graph: StageGraph, m: Metrics, slots: Map<string, number>, options: LayoutOptions) {
  const x = -(m.podW + m.leftGap + m.pad)
  const rectAt = (slot: number): Rect => ({ x, y: -m.apiGap - m.clientH - slot * (m.clientH + 10), w: m.clientW, h: m.clientH })
  const first = graph.balancer ? 1 : 0
  const clients = inSlots(graph.clients, (box) => `client/${box.name}`, options.previous, slots).map(({ item, slot }) => ({
    box: item,
    rect: rectAt(first + slot),
  }))
  const top = first + Math.max(0, ...clients.map(({ box }) => (slots.get(`client/${box.name}`) ?? 0) + 1))
  return {
    clients,
    ...(graph.balancer ? { balancer: rectAt(0) } : {}),
    ...(graph.internet ? { internet: rectAt(top) } : {}),
  }
}
