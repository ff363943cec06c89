import { lazy, Suspense } from 'react'
import { useSelect, useText } from '../../store/hooks.tsx'
import { currentEvent, shownEvents, traceOf } from '../../store/select.ts'
import { Decided } from './Decided.tsx'
import { InOut } from './InOut.tsx'
import { Intro } from './Intro.tsx'
import { Sources } from './Sources.tsx'
import { Spread } from './Spread.tsx'
import { VerdictLine } from './VerdictLine.tsx'
import { WhyEndpoint } from './WhyEndpoint.tsx'
import './packet.css'

/** Most requests are looked at below HTTP first: it comes when it is wanted. */
const Layer7 = lazy(() => import('./Layer7.tsx').then(({ Layer7: component }) => ({ default: component })))

/** The packet at the current event: how the request ends, what has changed on it, what decided, and why. */
export function PacketPanel() {
  const { packet: t } = useText().shell
  const trace = useSelect(traceOf)
  const events = useSelect(shownEvents)
  const event = useSelect(currentEvent)
  const index = useSelect((state) => state.index)
  const isHttp = events.some(({ step }) => step.step === 'http')
  return (
    <section className="packet-panel" aria-label={t.label}>
      {trace ? (
        <>
          <VerdictLine trace={trace} event={event} index={index} length={events.length} />
          <Spread />
          <InOut events={events} index={index} />
          <Suspense>{isHttp && <Layer7 events={events} index={index} />}</Suspense>
          <Decided events={events} index={index} />
          <WhyEndpoint trace={trace} />
          <Sources events={events} index={index} />
        </>
      ) : (
        <Intro />
      )}
    </section>
  )
}
