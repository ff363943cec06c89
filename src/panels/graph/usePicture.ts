import { useMemo, useRef } from 'react'
import type { ObjectKey } from '../../core/api/meta.ts'
import { useSelect } from '../../store/hooks.tsx'
import { traceOf } from '../../store/select.ts'
import type { WorkbenchState } from '../../store/state.ts'
import { graphOf } from '../../view/graph.ts'
import { layoutOf, type Slots } from '../../view/layout.ts'
import { objectsOf, outsidePlacesOf } from '../../view/scene.ts'

const NOTHING: ReadonlySet<never> = new Set<never>()
/** Fewest pixels of screen for a pixel of picture, before the compact picture is taken. */
const ROOMY_ZOOM = 0.94

const scenarioOf = (state: WorkbenchState) => state.scene

/** The graph and its layout for a window of this size. Places are kept over edits, and forgotten with the scene. */
export function usePicture(size: { readonly width: number; readonly height: number }, showSystem: boolean) {
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
    const roomy = layoutOf(graph, { ...options, size: 'roomy' })
    const fits = Math.min(size.width / (roomy.bounds.w + 60), size.height / (roomy.bounds.h + 60)) >= ROOMY_ZOOM
    const layout = fits ? roomy : layoutOf(graph, { ...options, size: 'compact' })
    memory.current = { scene, slots: layout.slots }
    return layout
  }, [graph, promoted, scene, size])
  return { snapshot, graph, layout }
}
