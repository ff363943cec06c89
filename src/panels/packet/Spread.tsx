import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'
import { kindOfAddress, spreadOf } from '../../store/select.ts'
import { Prose } from '../../ui/Prose.tsx'

/** Who answered how often, when one send was many requests. Each bar leads to one of its requests. */
export function Spread() {
  const { shell, details } = useText()
  const { packet: t } = shell
  const { showTrace } = useWorkbench()
  const spread = useSelect(spreadOf)
  const kindOf = useSelect(kindOfAddress)
  const shown = useSelect((state) => state.shown)
  if (!spread) return null
  const most = Math.max(...spread.bars.map((bar) => Math.max(bar.count, (bar.expected ?? 0) * spread.total)))
  return (
    <div className="packet-part">
      <h2>
        {t.distribution} · {t.requests(spread.total)}
      </h2>
      <ul className="packet-bars">
        {spread.bars.map((bar) => (
          <li key={bar.label}>
            <button
              type="button"
              aria-pressed={bar.traces.includes(shown)}
              disabled={bar.traces.length === 0}
              onClick={() => showTrace(bar.traces[0] ?? 0)}
            >
              <span className="packet-bar-label">
                <Prose text={bar.label} kindOf={kindOf} bare />
              </span>
              <span className="packet-bar-room">
                <span className="packet-bar" style={{ width: `${(bar.count / most) * 100}%` }} />
                {bar.expected !== undefined && (
                  <span className="packet-bar-expected" style={{ left: `${((bar.expected * spread.total) / most) * 100}%` }} />
                )}
              </span>
              <span className="mono">
                {bar.count} · {((bar.count / spread.total) * 100).toFixed(1)} %
                {bar.expected !== undefined && (
                  <span className="packet-expected"> {details.expected(`${(bar.expected * 100).toFixed(1)} %`)}</span>
                )}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}
