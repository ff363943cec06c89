import { lazy, Suspense, useEffect } from 'react'
import { useSelect, useText } from '../../store/hooks.tsx'
import { currentEvent, shownEvents, traceOf } from '../../store/select.ts'
import { Intro } from './Intro.tsx'
import { VerdictLine } from './VerdictLine.tsx'
import './packet.css'

/** Before the first request there is nothing to detail: it comes when the page stands, so that no request waits for it. */
const details = () => import('./Details.tsx').then(({ Details: component }) => ({ default: component }))
const Details = lazy(details)

/** The packet at the current event: how the request ends, what has changed on it, what decided, and why. */
export function PacketPanel() {
  const { packet: t } = useText().shell
  const trace = useSelect(traceOf)
  // What cannot be fetched now is fetched again with the first request.
  useEffect(() => void details().catch(() => undefined), [])
  const events = useSelect(shownEvents)
  const event = useSelect(currentEvent)
  const index = useSelect((state) => state.index)
  return (
    <section className="packet-panel" aria-label={t.label}>
      {trace ? (
        <>
          <VerdictLine trace={trace} event={event} index={index} length={events.length} />
          <Suspense>
            <Details trace={trace} events={events} index={index} />
          </Suspense>
        </>
      ) : (
        <Intro />
      )}
    </section>
  )
}
