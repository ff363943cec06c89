import { ReactFlow, ReactFlowProvider, ViewportPortal } from '@xyflow/react'
import '@xyflow/react/dist/base.css'
import { type KeyboardEvent, lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react'
import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'
import { durationOf } from '../../store/playback.ts'
import { addressesOf, nextEvent, traceOf } from '../../store/select.ts'
import type { WorkbenchState } from '../../store/state.ts'
import { motionOf } from '../../view/motion.ts'
import { journeyOf, sceneAt } from '../../view/scene.ts'
import { type MenuAt, menuWish } from './menuWish.ts'
import { ObjectNode } from './ObjectNode.tsx'
import { PacketLayer } from './PacketLayer.tsx'
import { Legend, StageTools } from './StageTools.tsx'
import './stage.css'
import { StageProvider, type StageView } from './stageContext.ts'
import { toFlow } from './toFlow.ts'
import { useFit, useSize, useZoomClass } from './useFit.ts'
import { usePicture } from './usePicture.ts'
import { useRelated } from './useRelated.ts'
import { WireLayer } from './WireLayer.tsx'

// Seldom seen: they come when asked for.
const StageMenu = lazy(() => import('./StageMenu.tsx').then((module) => ({ default: module.StageMenu })))
const Matrix = lazy(() => import('./Matrix.tsx').then((module) => ({ default: module.Matrix })))

const nodeTypes = { object: ObjectNode }
/** How long the old path stays after an edit. */
const GHOST_MS = 4000

/** The stage: the cluster as it is stored, and the way of one request through it. */
export function GraphPanel() {
  return (
    <ReactFlowProvider>
      <Stage />
    </ReactFlowProvider>
  )
}

const isMoving = (state: WorkbenchState) => state.fraction > 0 && nextEvent(state) !== undefined

function Stage() {
  const workbench = useWorkbench()
  const messages = useText()
  const t = messages.stage
  const host = useRef<HTMLDivElement>(null)
  const size = useSize(host)
  const [showSystem, setShowSystem] = useState(false)

  const trace = useSelect(traceOf)
  const index = useSelect((state) => state.index)
  const inFlight = useSelect(isMoving)
  const stale = useSelect((state) => state.stale)
  const book = useSelect(addressesOf)
  const { snapshot, graph, layout } = usePicture(size, showSystem)
  const ghost = useGhost()

  const journey = useMemo(() => (trace && layout ? journeyOf(trace, layout) : undefined), [trace, layout])
  const motion = useMemo(
    () => (journey && layout ? motionOf(journey, layout, journey.events.map(durationOf)) : undefined),
    [journey, layout],
  )
  const scene = useMemo(() => (journey ? sceneAt(journey, index) : undefined), [journey, index])
  const ghostLegs = useMemo(
    () => (ghost && layout ? journeyOf(ghost, layout).legs.filter((leg) => leg.wire && !leg.reply) : []),
    [ghost, layout],
  )
  const moving = inFlight ? journey?.legs.find((leg) => leg.departs === index + 1) : undefined
  const nodes = useMemo(() => (layout && graph ? toFlow(layout, graph.pending) : []), [layout, graph])
  const { zoomClass, scale } = useZoomClass()
  const fit = useFit(layout, size, scene?.place)
  const related = useRelated(graph)
  const [focused, setFocused] = useState<string>()
  const [menu, setMenu] = useState<MenuAt>()

  if (!snapshot || !graph || !layout) {
    return (
      <section className="stage" data-testid="stage" aria-label={t.stageLabel} ref={host}>
        <p className="stage-empty">{stale ? t.nothing : t.loading}</p>
      </section>
    )
  }
  const first = placeId(scene?.place) ?? (graph.clients[0] ? `client/${graph.clients[0].name}` : undefined)
  const some = layout.nodes.some((node) => node.cells)
  const banner = layout.matrix ? t.matrix : some ? t.showing(layout.pods.length, graph.podCount) : undefined
  const view: StageView = {
    t,
    scene,
    index,
    book,
    mode: snapshot.mode,
    scale,
    small: layout.size === 'dense' || layout.size === 'tiny',
    metrics: layout.metrics,
    slicesHold: snapshot.settings.maxEndpointsPerSlice,
    focused: focused ?? first,
    ...related,
  }
  return (
    <section
      className={`stage ${view.small ? 'stage-small' : ''} ${zoomClass}`}
      data-testid="stage"
      aria-label={t.stageLabel}
      aria-describedby="stage-keys"
      style={{ '--stage-scale': scale } as React.CSSProperties}
      onKeyDown={(event) => roam(event, setFocused)}
      onContextMenu={(event) => setMenu(menuWish(event))}
      onFocus={(event) => {
        const id = (event.target as HTMLElement).dataset['box']
        if (id) setFocused(id)
      }}
    >
      <p id="stage-keys" className="visually-hidden">
        {t.keys}
      </p>
      <div className="stage-canvas" ref={host}>
        <StageProvider value={view}>
          <ReactFlow
            nodes={nodes}
            edges={[]}
            nodeTypes={nodeTypes}
            minZoom={0.15}
            maxZoom={2.5}
            nodesDraggable={false}
            nodesConnectable={false}
            nodesFocusable={false}
            edgesFocusable={false}
            elementsSelectable={false}
            disableKeyboardA11y
            deleteKeyCode={null}
            selectionKeyCode={null}
            multiSelectionKeyCode={null}
            panActivationKeyCode={null}
            zoomActivationKeyCode={null}
            zoomOnDoubleClick={false}
            panOnScroll
            attributionPosition="top-left"
            onlyRenderVisibleElements={nodes.length > 300}
            onMoveStart={(event) => {
              if (event) fit.letGo()
            }}
            aria-label={t.stageLabel}
          >
            <ViewportPortal>
              <WireLayer layout={layout} scene={scene} moving={moving} ghost={ghostLegs} heading={{ api: t.api, beyond: t.beyond }} />
              <Suspense>{layout.matrix && <Matrix graph={graph} rect={layout.matrix} />}</Suspense>
              {motion && <PacketLayer motion={motion} moving={moving} />}
            </ViewportPortal>
          </ReactFlow>
        </StageProvider>
        {banner && <p className="stage-banner">{banner}</p>}
      </div>
      <footer className="stage-foot">
        <Legend />
        <StageTools onFit={() => workbench.fit()} showSystem={showSystem} onSystem={setShowSystem} ghost={ghostLegs.length > 0} />
      </footer>
      <Suspense>{menu && <StageMenu at={menu} onClose={() => setMenu(undefined)} />}</Suspense>
    </section>
  )
}

/** The trace before the last edit: for some seconds, or until dismissed where nothing moves by itself. */
function useGhost() {
  const ghost = useSelect((state) => state.ghost?.traces[0])
  const still = useSelect((state) => state.reducedMotion)
  const [gone, setGone] = useState<typeof ghost>()
  useEffect(() => {
    if (!ghost || still) return
    const timer = setTimeout(() => setGone(ghost), GHOST_MS)
    return () => clearTimeout(timer)
  }, [ghost, still])
  return ghost === gone ? undefined : ghost
}

function placeId(place: { readonly at: string; readonly name: string } | undefined): string | undefined {
  return place && ['client', 'node', 'pod'].includes(place.at) ? `${place.at}/${place.name}` : undefined
}

/** Arrow up and down move the focus over the boxes in reading order; left and right stay with the request. */
function roam(event: KeyboardEvent<HTMLElement>, setFocused: (id: string) => void): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
  const here = (event.target as HTMLElement).closest<HTMLElement>('[data-box]')
  if (!here) return
  const place = (box: HTMLElement) => box.getBoundingClientRect()
  const boxes = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-box]')].sort((a, b) => {
    const [one, other] = [place(a), place(b)]
    return Math.abs(one.top - other.top) > 8 ? one.top - other.top : one.left - other.left
  })
  const next = boxes[boxes.indexOf(here) + (event.key === 'ArrowDown' ? 1 : -1)]
  if (!next) return
  event.preventDefault()
  event.stopPropagation()
  setFocused(next.dataset['box'] ?? '')
  next.focus({ preventScroll: true })
}
