import type { ObjectKey } from '../core/api/meta.ts'
import type { ClientBox, EntryBox, NodeBox, PodBox, ServiceBox, StageGraph } from './graph.ts'
import { heightFor } from './words.ts'

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
  /** Between rows of cards where there are several columns: there the lines run to those behind. */
  readonly laneGap: number
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
  readonly entryW: number
  readonly entryH: number
  readonly ruleW: number
  readonly ruleH: number
  readonly stripH: number
}

export const METRICS: Readonly<Record<Size, Metrics>> = {
  roomy: {
    podW: 176,
    podH: 46,
    chipW: 136,
    chipH: 28,
    rowGap: 14,
    laneGap: 18,
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
    entryW: 200,
    entryH: 60,
    ruleW: 170,
    ruleH: 34,
    stripH: 28,
  },
  compact: {
    podW: 160,
    podH: 42,
    chipW: 120,
    chipH: 26,
    rowGap: 10,
    laneGap: 18,
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
    entryW: 180,
    entryH: 56,
    ruleW: 150,
    ruleH: 34,
    stripH: 26,
  },
  dense: {
    podW: 132,
    podH: 38,
    chipW: 108,
    chipH: 24,
    rowGap: 8,
    laneGap: 17,
    leftGap: 84,
    kernelW: 160,
    kernelH: 86,
    rightGap: 40,
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
    entryW: 136,
    entryH: 42,
    ruleW: 128,
    ruleH: 30,
    stripH: 24,
  },
  tiny: {
    podW: 124,
    podH: 36,
    chipW: 92,
    chipH: 24,
    rowGap: 8,
    laneGap: 17,
    leftGap: 42,
    kernelW: 160,
    kernelH: 86,
    rightGap: 38,
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
    entryW: 122,
    entryH: 40,
    ruleW: 116,
    ruleH: 28,
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
  readonly row: number
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
  /** By how much letters are larger than the picture, for which every box is tall enough. */
  readonly type: number
  /** Between the rows of Pods that answer. */
  readonly lane: number
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
  /** By how much letters will be larger than the picture: see `StageLayout`. */
  readonly type?: number
  /** Pods one below another, for a window that is narrow. */
  readonly slim?: boolean
}

const UNITS_AT_MOST = 3
const CHIPS_AT_MOST = 18
const ENTRIES_A_ROW = 2
const RULES_A_ROW = 3
/** What names of Services and their slices are given at most. */
const HEX_AT_MOST = 290
const SLICE_AT_MOST = 320
/** Between who is outside and the API objects: their lines run there. */
export const API_AISLE = 44
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
  const type = options.type ?? 1
  const plain = typed(METRICS[options.size], type)
  const plan = planNodes(graph, options)
  const metrics = stretched(plain, options.stretch ?? 0, plan.columns)
  const slots = new Map<string, number>()
  const machines = placeNodes(graph, metrics, options, plan, slots)
  const top = placeServices(graph, metrics, options, slots, machines.frameRight)
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
    type,
    ...outside,
    ...top,
    ...machines,
    bounds: boundsOf([...rects, ...strips]),
    core: boundsOf(rects),
    slots,
  }
}

/** The least widths of what must be readable in the smallest picture: an address in a Pod and a kernel, `4–6` in a gap. */
const LEAST = { podW: 122, kernelW: 152, kernelH: 86, rightGap: 33, selectGap: 34, clientW: 130, entryW: 119, ruleW: 104 }

/** The metrics with boxes as large as their words are, where letters are larger than the picture. */
function typed(m: Metrics, type: number): Metrics {
  const tall = (height: number, lines: number) => Math.max(height, Math.ceil(heightFor(lines) * type))
  const least = (name: keyof typeof LEAST) => Math.max(m[name], Math.ceil(LEAST[name] * type))
  return {
    ...m,
    podH: tall(m.podH, 1),
    chipH: tall(m.chipH, 0),
    podW: least('podW'),
    kernelW: least('kernelW'),
    kernelH: least('kernelH'),
    rightGap: least('rightGap'),
    selectGap: least('selectGap'),
    clientW: least('clientW'),
    entryW: least('entryW'),
    ruleW: least('ruleW'),
    tabH: tall(m.tabH, 0),
    frameGap: tall(m.frameGap, 0),
    apiGap: tall(m.apiGap, 0),
    hexH: tall(m.hexH, 2),
    hexSmallH: tall(m.hexSmallH, 1),
    clientH: tall(m.clientH, 1),
    entryH: Math.max(m.entryH, Math.ceil((heightFor(1) + 4) * type)),
    ruleH: tall(m.ruleH, 0),
    stripH: tall(m.stripH, 0),
  }
}

/** The metrics with a width to spare put into Pods, kernels and addresses; the more columns of Pods, the less each is given. */
function stretched(m: Metrics, spare: number, columns: number): Metrics {
  const share = Math.max(0, Math.min(spare, 130 * (columns + 1))) / (0.24 * (columns + 1) + 0.54)
  const by = (part: number) => Math.floor(share * part)
  return {
    ...m,
    podW: m.podW + by(0.24),
    chipW: m.chipW + by(0.24),
    leftGap: m.leftGap + by(0.24),
    kernelW: m.kernelW + by(0.2),
    rightGap: m.rightGap + by(0.1),
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
function rowsFor(pods: number, chips: boolean, slim: boolean): number {
  if (slim) return Math.max(2, Math.min(pods, chips ? 12 : CARDS_IN_A_FRAME))
  if (chips) return pods <= 9 ? 3 : pods <= 16 ? 4 : 6
  if (pods === 3 || (pods > 4 && pods <= 9)) return 3
  if (pods <= 4) return 2
  return pods <= 16 ? 4 : 5
}

/** Which nodes are frames, and in how many rows and columns their Pods stand: told before any width is. */
function planNodes(graph: StageGraph, options: LayoutOptions) {
  const isPromoted = (node: NodeBox) => options.promoted.has(node.key) || node.pods.some((pod) => options.promoted.has(pod.key))
  const isBusy = (node: NodeBox) => node.pods.length > 0 || isPromoted(node)
  const busy = graph.nodes.filter((node) => node.pods.length > 0)
  const order = [...graph.nodes.filter(isBusy), ...graph.nodes.filter((node) => !isBusy(node))]
  const small = graph.scale === 'cards' || graph.scale === 'chips'
  const allFrames = small && busy.length <= FRAMES_AT_MOST
  const isFrame = (node: NodeBox) => isPromoted(node) || (allFrames && node.pods.length > 0)
  const splits = new Map(order.filter(isFrame).map((node) => [node.key, split(node, graph, options)]))
  const count = (side: (of: Split) => number) => Math.max(0, ...[...splits.values()].map(side))
  const chips = graph.scale !== 'cards' || count((of) => of.right.length) > CARDS_IN_A_FRAME
  const rows = rowsFor(
    count((of) => of.right.length),
    chips,
    options.slim ?? false,
  )
  const columns = Math.max(1, ...[...splits.values()].map((of) => Math.ceil(of.right.length / rows)))
  return { order, splits, count, chips, rows, columns }
}

function placeNodes(graph: StageGraph, m: Metrics, options: LayoutOptions, plan: ReturnType<typeof planNodes>, slots: Map<string, number>) {
  const { order, splits, count, chips, rows, columns } = plan
  const sorted = inSlots(order, (node) => node.key, options.previous, slots).map(({ item }) => item)
  const frames = sorted.filter((node) => splits.has(node.key))
  const rest = sorted.filter((node) => !splits.has(node.key))
  const minis = graph.scale === 'matrix' ? [] : rest.filter((node) => node.pods.length > 0)
  const strips = graph.scale === 'matrix' ? [] : rest.filter((node) => node.pods.length === 0)
  const lane = columns > 1 && !chips ? Math.max(m.laneGap, m.rowGap) : m.rowGap
  // One row on the left stays free: there an outside packet enters.
  const leftRows = count((of) => of.left.length) + 1
  const cell = { w: chips ? m.chipW : m.podW, h: chips ? m.chipH : m.podH }
  const innerH = Math.max(rows * cell.h + (rows - 1) * lane, leftRows * m.podH + (leftRows - 1) * m.rowGap, m.kernelH)
  const frameH = m.tabH + innerH + 2 * m.pad - 4
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
      pods.push({ box: item, rect, form: 'card', column: 0, row: slot, asks: true })
    }
    for (const { item, slot } of inSlots(right, (pod) => pod.key, options.previous, slots, rows * columns)) {
      const column = Math.floor(slot / rows)
      const x = m.kernelW + m.rightGap + column * (cell.w + m.rowGap)
      const rect = { x, y: inner + (slot % rows) * (cell.h + lane), ...cell }
      pods.push({ box: item, rect, form: chips ? 'chip' : 'card', column, row: slot % rows, asks: false })
    }
    nodes.push({
      box: node,
      form: 'frame',
      rect: { x: frameLeft, y, w: frameW, h: frameH },
      tab: { x: frameLeft, y, w: m.podW + m.leftGap + m.pad - (frames.length > 2 ? corridorOf(m) + 5 : -tabOverKernel(m)), h: m.tabH },
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
  return { nodes, pods, lane, frameLeft, frameRight, ...(matrix ? { matrix } : {}), ...(pending ? { pending } : {}) }
}

/** How far a tab may reach over its kernel: lines enter a kernel from its middle on. */
function tabOverKernel(m: Metrics): number {
  return Math.max(0, m.kernelW / 2 - 24)
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

function placeServices(graph: StageGraph, m: Metrics, options: LayoutOptions, slots: Map<string, number>, frameRight: number) {
  const asUnit = (box: ServiceBox) => graph.services.length <= UNITS_AT_MOST || options.promoted.has(box.key)
  // The first by name on top: they grow upwards.
  const units = inSlots([...graph.services.filter(asUnit)].reverse(), (box) => box.key, options.previous, slots)
  const chips = graph.services.filter((box) => !asUnit(box))
  const full = units.length === 1
  const h = full ? m.hexH : m.hexSmallH
  const right = m.kernelW + m.rightGap + m.podW + m.pad
  const before = right - m.sliceW - m.selectGap - m.hexW
  const x = Math.min(before, -(m.podW + m.leftGap + m.pad) + m.clientW + API_AISLE)
  // What the frames below are wider than is room for names.
  const end = Math.max(right, Math.min(frameRight, x + HEX_AT_MOST + m.selectGap + SLICE_AT_MOST))
  const room = end - x - m.hexW - m.selectGap - m.sliceW
  const hexW = Math.round(Math.min(HEX_AT_MOST, m.hexW + room * 0.45))
  const sliceW = Math.min(SLICE_AT_MOST, end - x - hexW - m.selectGap)
  const services: PlacedService[] = units.map(({ item }, index) => {
    const y = -m.apiGap - h - index * (h + 14)
    return {
      box: item,
      form: full ? 'full' : 'small',
      rect: { x, y, w: hexW, h },
      slices: { x: x + hexW + m.selectGap, y, w: sliceW, h },
    }
  })
  let y = -m.apiGap - units.length * (h + 14) - (units.length > 0 ? 4 : 0)
  const width = end - x
  const inRow = (least: number, gap: number, few: number) => Math.max(few, Math.floor((width + gap) / (least + gap)))
  const rules = inRow(m.ruleW, 10, RULES_A_ROW)
  const chipW = (width - (rules - 1) * 10) / rules
  const pitch = m.ruleH + 8
  const chipRows = Math.ceil(Math.min(chips.length, CHIPS_AT_MOST) / rules)
  y -= chipRows * pitch
  for (const [index, box] of chips.slice(0, CHIPS_AT_MOST).entries()) {
    const rect = { x: x + (index % rules) * (chipW + 10), y: y + 8 + Math.floor(index / rules) * pitch, w: chipW, h: m.ruleH }
    services.push({ box, form: 'chip', rect })
  }
  const aRow = inRow(m.entryW, 14, ENTRIES_A_ROW)
  const entryW = (width - (aRow - 1) * 14) / aRow
  const entries = inSlots(graph.entries, (box) => box.key, options.previous, slots).map(({ item, slot }) => ({
    box: item,
    rect: {
      x: x + (slot % aRow) * (entryW + 14),
      y: y - 18 - m.entryH - Math.floor(slot / aRow) * (m.entryH + 14),
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
