import { useMemo, useState } from 'react'
import { SERVICE_NAME_LABEL } from '../../core/api/kinds/endpointslice.ts'
import type { ObjectKey, OwnerReference } from '../../core/api/meta.ts'
import type { Snapshot } from '../../core/sim/session.ts'
import type { SourceRange } from '../../core/source/diagnostic.ts'
import { useSelect, useWorkbench } from '../../store/hooks.tsx'
import type { StageGraph } from '../../view/graph.ts'
import type { StageView } from './stageContext.ts'

/** What is selected, pointed at, related to that, and wrong: and what a click does. */
export function useRelated(graph: StageGraph | undefined): Pick<StageView, 'selected' | 'linked' | 'problems' | 'onPick' | 'onHover'> {
  const workbench = useWorkbench()
  const selected = useSelect((state) => state.selected)
  const diagnostics = useSelect((state) => state.diagnostics)
  const [hovered, setHovered] = useState<ObjectKey>()
  const snapshot = useSelect((state) => state.snapshot)
  const caret = useSelect((state) => state.caret)
  const linked = useMemo(() => {
    if (hovered ?? selected) return relatedTo(graph, hovered ?? selected)
    const written = snapshot && caret ? objectAt(snapshot, caret) : undefined
    return written ? new Set([written, ...madeFrom(snapshot, written), ...relatedTo(graph, written)]) : relatedTo(graph, undefined)
  }, [graph, hovered, selected, snapshot, caret])
  const problems = useMemo(() => {
    const found = new Map<ObjectKey, string[]>()
    for (const { object, severity, message } of diagnostics) {
      if (!object || severity === 'info') continue
      const key = `${object.kind}/${object.namespace}/${object.name}`
      const list = found.get(key)
      if (list) list.push(message)
      else found.set(key, [message])
    }
    return found
  }, [diagnostics])
  return {
    selected,
    linked,
    problems,
    onHover: setHovered,
    onPick: (key) => {
      const again = workbench.store.getState().selected === key
      workbench.select(again ? undefined : key)
      const { snapshot } = workbench.store.getState()
      const range = snapshot && !again ? rangeOfOwner(snapshot, key) : undefined
      if (range) workbench.revealRange(range)
    },
  }
}

/** Where an object was written; a derived one leads to the object that it was made from. */
function rangeOfOwner(snapshot: Snapshot, key: ObjectKey): SourceRange | undefined {
  const written = snapshot.sources[key]
  if (written) return written
  const object = snapshot.objects.find(({ kind, metadata }) => `${kind}/${metadata.namespace ?? ''}/${metadata.name}` === key)
  const owner: OwnerReference | undefined = object?.metadata.ownerReferences?.[0]
  if (owner) return rangeOfOwner(snapshot, `${owner.kind}/${object?.metadata.namespace ?? ''}/${owner.name}`)
  const service = object?.metadata.labels?.[SERVICE_NAME_LABEL]
  return service ? snapshot.sources[`Service/${object.metadata.namespace ?? ''}/${service}`] : undefined
}

/** The object that is written at a place of the text. */
function objectAt(snapshot: Snapshot, caret: { readonly file: string; readonly offset: number }): ObjectKey | undefined {
  return Object.entries(snapshot.sources).find(
    ([, range]) => range.file === caret.file && range.start <= caret.offset && caret.offset <= range.end,
  )?.[0]
}

/** What controllers made from an object: a Deployment's ReplicaSet's Pods. */
function madeFrom(snapshot: Snapshot | undefined, key: ObjectKey): readonly ObjectKey[] {
  const made = new Set<ObjectKey>([key])
  const objects = snapshot?.objects ?? []
  for (let depth = 0; depth < 2; depth++) {
    for (const { kind, metadata } of objects) {
      const owner = metadata.ownerReferences?.[0]
      if (owner && made.has(`${owner.kind}/${metadata.namespace ?? ''}/${owner.name}`))
        made.add(`${kind}/${metadata.namespace ?? ''}/${metadata.name}`)
    }
  }
  return [...made]
}

function relatedTo(graph: StageGraph | undefined, key: ObjectKey | undefined): ReadonlySet<ObjectKey> {
  const found = new Set<ObjectKey>()
  if (!graph || !key) return found
  for (const service of graph.services) {
    const behind = [...service.matched, ...service.slices.flatMap((slice) => slice.endpoints.flatMap(({ pod }) => pod ?? []))]
    const own = [service.key, ...service.slices.map((slice) => slice.key)]
    if (own.includes(key)) for (const other of [...own, ...behind]) found.add(other)
    else if (behind.includes(key)) for (const other of own) found.add(other)
  }
  for (const entry of graph.entries) {
    if (entry.key === key) for (const other of entry.to) found.add(other)
    else if (entry.to.includes(key)) found.add(entry.key)
  }
  found.delete(key)
  return found
}
