import { useMemo } from 'react'
import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'

/** Under the text: how many problems, and what it makes. */
export function EditorFoot() {
  const t = useText().stage
  const workbench = useWorkbench()
  const diagnostics = useSelect((state) => state.diagnostics)
  const snapshot = useSelect((state) => state.snapshot)
  const count = useMemo(() => {
    const of = (kind: string) =>
      (snapshot?.objects ?? []).filter((object) => object.kind === kind && object.metadata.namespace !== 'kube-system').length
    return { services: of('Service'), pods: of('Pod'), slices: of('EndpointSlice') }
  }, [snapshot])
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length
  const open = useSelect((state) => state.problemsOpen)
  return (
    <p className="editor-foot">
      <button
        type="button"
        className="button"
        data-look="link"
        aria-expanded={open && diagnostics.length > 0}
        onClick={() => workbench.setProblemsOpen(!open)}
      >
        <span className={errors > 0 ? 'editor-bad' : ''}>
          {diagnostics.length === 0 ? t.noProblems : t.problemCount(errors, diagnostics.length - errors)}
        </span>
      </button>
      <span>{t.counts(count.services, count.pods, count.slices)}</span>
    </p>
  )
}
