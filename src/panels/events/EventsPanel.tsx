import { useState } from 'react'
import type { WorldEvent } from '../../core/sim/session.ts'
import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'
import { Button } from '../../ui/Button.tsx'
import { becauseIn } from '../../view/reason.ts'
import { ObjectDiff } from './ObjectDiff.tsx'
import './events.css'

const MOST = 400

/** What the control plane did and why, newest first, and each node's kube-proxy with a switch to freeze it. */
export function EventsPanel() {
  const { events: t } = useText().shell
  const { act, select } = useWorkbench()
  const snapshot = useSelect((state) => state.snapshot)
  const events = snapshot?.events ?? []
  const [open, setOpen] = useState<number>()
  return (
    <div className="events">
      <div className="events-proxies">
        <strong>{t.proxies}</strong>
        {(snapshot?.proxies ?? []).slice(0, 12).map(({ node, state }) => (
          <span key={node} className="events-proxy" data-state={state}>
            {node}: {t.states[state]}
            {(state === 'frozen' || state === 'in-sync' || state === 'lagging') && (
              <Button
                aria-label={`${state === 'frozen' ? t.thaw : t.freeze} ${node}`}
                onClick={() => void act(state === 'frozen' ? { thaw: node } : { freeze: node })}
              >
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
            {newestFirst(events).map((event) => (
              <EventRow key={event.number} event={event} open={open === event.number} onOpen={setOpen} onSelect={select} />
            ))}
          </tbody>
        </table>
      )}
    </div>
  )
}

/** The last events, the newest on top. */
function newestFirst(events: readonly WorldEvent[]): readonly WorldEvent[] {
  return events.slice(-MOST).reverse()
}

type EventRowProps = {
  readonly event: WorldEvent
  readonly open: boolean
  readonly onOpen: (number: number | undefined) => void
  readonly onSelect: (key: string) => void
}

function EventRow({ event, open, onOpen, onSelect }: EventRowProps) {
  const messages = useText()
  const { shell, details } = messages
  const { events: t } = shell
  const wrote = event.op === 'create' || event.op === 'update' || event.op === 'delete'
  return (
    <>
      <tr data-op={event.op} data-open={open}>
        <td className="mono">t+{(event.at / 1000).toFixed(1)} s</td>
        <td>{event.component}</td>
        <td>
          {wrote ? (
            <button
              type="button"
              className="button events-what"
              data-look="link"
              aria-expanded={open}
              title={open ? details.diff.hide : details.diff.show}
              onClick={() => onOpen(open ? undefined : event.number)}
            >
              <span aria-hidden="true">{open ? '▾' : '▸'}</span>
              {t.ops[event.op]}
            </button>
          ) : (
            t.ops[event.op]
          )}
        </td>
        <td>
          <button type="button" className="button" data-look="link" onClick={() => onSelect(event.object)}>
            {nameOf(event.object)}
          </button>
        </td>
        <td className="events-why">{becauseIn(event, messages)}</td>
      </tr>
      {open && (
        <tr>
          <td colSpan={5}>
            <ObjectDiff event={event} title={details.diff.title(nameOf(event.object))} />
          </td>
        </tr>
      )}
    </>
  )
}

const nameOf = (object: string) => object.replace('//', ' ').replace('/', ' ')
