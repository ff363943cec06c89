import type { WorldEvent } from '../../core/sim/session.ts'
import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'

/** The control plane's own time under the packet's: shown once virtual time has passed or a kube-proxy lags. */
export function ControlTrack() {
  const { transport: t, events: words } = useText().shell
  const { setDrawer } = useWorkbench()
  const live = useSelect((state) => state.snapshot)
  const proxies = live?.proxies ?? []
  const behind = proxies.filter((proxy) => proxy.state !== 'in-sync')
  const events = live?.events ?? []
  if (!live || (live.now === 0 && behind.length === 0)) return null
  const end = Math.max(live.now, 1)
  return (
    <button type="button" className="control-track" onClick={() => setDrawer('events')} title={t.controlPlane}>
      <span className="control-track-label">{t.controlPlane}</span>
      <span className="control-track-line">
        {thinned(events).map((event) => (
          <span
            key={`${event.at} ${event.object} ${event.op}`}
            className="control-track-dot"
            data-op={event.op}
            style={{ left: `${(event.at / end) * 100}%` }}
          />
        ))}
      </span>
      <span className="mono">t+{(live.now / 1000).toFixed(1)} s</span>
      {behind.map((proxy) => (
        <span key={proxy.node} className="control-track-behind">
          {proxy.node}: {words.states[proxy.state]}
        </span>
      ))}
    </button>
  )
}

/** One dot for each instant, component and object is enough for the eye. */
function thinned(events: readonly WorldEvent[]): readonly WorldEvent[] {
  const seen = new Set<string>()
  return events
    .filter((event) => {
      const key = `${Math.round(event.at / 100)} ${event.op}`
      if (seen.has(key)) return false
      seen.add(key)
      return true
    })
    .slice(0, 200)
}
