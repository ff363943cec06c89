import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'
import { countedIn } from '../../store/many.ts'
import { kindOfAddress } from '../../store/select.ts'
import { Prose } from '../../ui/Prose.tsx'
import './history.css'

/** Every run, each with its own world: choosing one shows the cluster as it was then. */
export function HistoryPanel() {
  const { history: t } = useText().shell
  const { showRun } = useWorkbench()
  const kindOf = useSelect(kindOfAddress)
  const history = useSelect((state) => state.history)
  const shown = useSelect((state) => state.run?.id)
  if (history.length === 0) return <p className="empty">{t.empty}</p>
  return (
    <ul className="history">
      {[...history].reverse().map((run) => (
        <li key={run.id}>
          <button type="button" aria-current={run.id === shown} onClick={() => showRun(run.id)}>
            <span className="mono">#{run.id}</span>
            <strong>{run.traces[0]?.verdict.code}</strong>
            <span className="history-request">
              <Prose text={`${run.request.from} → ${run.request.to}`} kindOf={kindOf} bare />
              {(run.request.count ?? 1) > 1 ? ` ×${run.counts ? countedIn(run.counts) : run.traces.length}` : ''}
            </span>
            <span className="history-side">
              {run.mode} · <Prose text={run.traces[0]?.backend?.pod ?? run.traces[0]?.backend?.ip ?? '–'} kindOf={kindOf} bare />
            </span>
          </button>
        </li>
      ))}
    </ul>
  )
}
