import type { WorldEvent } from '../../core/sim/session.ts'
import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'
import { Button } from '../../ui/Button.tsx'
import './events.css'

const MOST = 400

/** What the control plane did and why, newest first, and each node's kube-proxy with a switch to freeze it. */
export function EventsPanel() {
  const { events: t } = useText().shell
  const { act, select } = useWorkbench()
  const snapshot = useSelect((state) => state.snapshot)
  const events = snapshot?.events ?? []
  return (
    <div className="events">
      <div className="events-proxies">
        <strong>{t.proxies}</strong>
        {(snapshot?.proxies ?? []).slice(0, 12).map(({ node, state }) => (
          <span key={node} className="events-proxy" data-state={state}>
            {node}: {t.states[state]}
            {(state === 'frozen' || state === 'in-sync' || state === 'lagging') && (
              <Button onClick={() => void act(state === 'frozen' ? { thaw: node } : { freeze: node })}>
                {state === 'frozen' ? t.thaw : t.freeze}
              </Button>
            )}
          </span>
        ))}
        <Button onClick={() => void act({ wait: '1s' })}>{t.wait}</Button>
      </div>
      {events.length === 0 ? (
        <p className="empty">{t.empty}</p>
      ) : (
        <table>
          <thead>
            <tr>
              {[t.time, t.component, t.what, t.object, t.why].map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {newestFirst(events).map(({ event, number }) => (
              <EventRow key={number} event={event} onSelect={select} />
            ))}
          </tbody>
        </table>
      )}
    </div>
  )
}

/** The last events, the newest on top; their number in the list is their name. */
function newestFirst(events: readonly WorldEvent[]): readonly { readonly event: WorldEvent; readonly number: number }[] {
  return events
    .map((event, number) => ({ event, number }))
    .slice(-MOST)
    .reverse()
}

function EventRow({ event, onSelect }: { readonly event: WorldEvent; readonly onSelect: (key: string) => void }) {
  const { events: t } = useText().shell
  return (
    <tr data-op={event.op}>
      <td className="mono">t+{(event.at / 1000).toFixed(1)} s</td>
      <td>{event.component}</td>
      <td>{t.ops[event.op]}</td>
      <td>
        <button type="button" className="button" data-look="link" onClick={() => onSelect(event.object)}>
          {event.object.replace('//', ' ').replace('/', ' ')}
        </button>
      </td>
      <td className="events-why">{event.why}</td>
    </tr>
  )
}
