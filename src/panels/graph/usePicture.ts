import { useMemo, useRef } from 'react'
import type { ObjectKey } from '../../core/api/meta.ts'
import { useSelect } from '../../store/hooks.tsx'
import { traceOf } from '../../store/select.ts'
import type { WorkbenchState } from '../../store/state.ts'
import { graphOf } from '../../view/graph.ts'
import { layoutOf, SIZES, type Slots, type StageLayout } from '../../view/layout.ts'
import { objectsOf, outsidePlacesOf } from '../../view/scene.ts'

const NOTHING: ReadonlySet<never> = new Set<never>()
/** Fewest pixels of screen for a pixel of picture, before the next smaller picture is taken. */
const LEAST_ZOOM = 0.97

const scenarioOf = (state: WorkbenchState) => state.scene

/** The graph and its layout for a window of this size. Places are kept over edits, and forgotten with the scene. */
export function usePicture(window: { readonly width: number; readonly height: number }, showSystem: boolean) {
  const snapshot = useSelect((state) => state.snapshot)
  const trace = useSelect(traceOf)
  const selected = useSelect((state) => state.selected)
  const from = useSelect((state) => state.request.from)
  const scene = useSelect(scenarioOf)
  const memory = useRef<{ scene: string; slots: Slots | undefined }>({ scene: '', slots: undefined })

  const promoted = useMemo(() => {
    const keys = new Set<ObjectKey>(trace ? objectsOf(trace) : [])
    if (selected) keys.add(selected)
    const pod = /^pod\/([^/]+)\/([^/]+)$/.exec(from)
    if (pod) keys.add(`Pod/${pod[1]}/${pod[2]}`)
    const node = /^node\/(.+)$/.exec(from)
    if (node) keys.add(`Node//${node[1]}`)
    return keys
  }, [trace, selected, from])
  const graph = useMemo(
    () => (snapshot ? graphOf(snapshot, { showSystem, promoted, places: trace ? outsidePlacesOf(trace) : NOTHING }) : undefined),
    [snapshot, showSystem, promoted, trace],
  )
  const layout = useMemo(() => {
    if (!graph) return undefined
    const previous = memory.current.scene === scene ? memory.current.slots : undefined
    const options = { promoted, ...(previous ? { previous } : {}) }
    const layout = SIZES.reduce<StageLayout | undefined>(
      (best, size) => (best && fits(best, window) ? best : layoutOf(graph, { ...options, size })),
      undefined,
    ) as StageLayout
    memory.current = { scene, slots: layout.slots }
    return layout
  }, [graph, promoted, scene, window])
  return { snapshot, graph, layout }
}

function fits({ bounds }: StageLayout, window: { readonly width: number; readonly height: number }): boolean {
  return Math.min(window.width / (bounds.w + 50), window.height / (bounds.h + 50)) >= LEAST_ZOOM
}
