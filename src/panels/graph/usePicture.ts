import { useMemo, useRef } from 'react'
import type { ObjectKey } from '../../core/api/meta.ts'
import { useSelect } from '../../store/hooks.tsx'
import { traceOf } from '../../store/select.ts'
import type { WorkbenchState } from '../../store/state.ts'
import { addressBookOf } from '../../view/address.ts'
import { graphOf } from '../../view/graph.ts'
import { layoutOf, type Slots } from '../../view/layout.ts'
import { pictureFor, type Window } from '../../view/picture.ts'
import { objectsOf, outsidePlacesOf } from '../../view/scene.ts'

const NOTHING: ReadonlySet<never> = new Set<never>()
/** For a room the picture is made for a smaller window and shown larger. */
const PRESENT_ZOOM = 1.3
const scenarioOf = (state: WorkbenchState) => state.scene

/** The graph and its layout for a window of this size. Places are kept over edits, and forgotten with the scene. */
export function usePicture(window: Window, showSystem: boolean) {
  const snapshot = useSelect((state) => state.snapshot)
  const trace = useSelect(traceOf)
  const selected = useSelect((state) => state.selected)
  const from = useSelect((state) => state.request.from)
  const to = useSelect((state) => state.request.to)
  const scene = useSelect(scenarioOf)
  const present = useSelect((state) => state.present)
  const memory = useRef<{ scene: string; slots: Slots | undefined }>({ scene: '', slots: undefined })

  const promoted = useMemo(() => {
    const keys = new Set<ObjectKey>(trace ? objectsOf(trace) : [])
    if (selected) keys.add(selected)
    const pod = /^pod\/([^/]+)\/([^/]+)$/.exec(from)
    if (pod) keys.add(`Pod/${pod[1]}/${pod[2]}`)
    const node = /^node\/(.+)$/.exec(from)
    if (node) keys.add(`Node//${node[1]}`)
    // A request to a node's address will visit it: better there before than moved in.
    const host = /(\d+\.\d+\.\d+\.\d+)/.exec(to)?.[1]
    const owner = host && snapshot ? addressBookOf(snapshot).ownerOf(host) : undefined
    if (owner?.kind === 'node-ip' && owner.object) keys.add(owner.object)
    return keys
  }, [trace, selected, from, to, snapshot])
  const graph = useMemo(
    () => (snapshot ? graphOf(snapshot, { showSystem, promoted, places: trace ? outsidePlacesOf(trace) : NOTHING }) : undefined),
    [snapshot, showSystem, promoted, trace],
  )
  const layout = useMemo(() => {
    if (!graph) return undefined
    const previous = memory.current.scene === scene ? memory.current.slots : undefined
    const options = { promoted, ...(previous ? { previous } : {}) }
    const far = present ? PRESENT_ZOOM : 1
    const seen = { width: window.width / far, height: window.height / far }
    const layout = pictureFor((wish) => layoutOf(graph, { ...options, ...wish }), seen)
    memory.current = { scene, slots: layout.slots }
    return layout
  }, [graph, promoted, scene, window, present])
  return { snapshot, graph, layout }
}
