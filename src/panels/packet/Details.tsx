import { lazy, Suspense } from 'react'
import type { RequestTrace } from '../../core/trace/trace.ts'
import type { TraceEvent } from '../../store/playback.ts'
import { Decided } from './Decided.tsx'
import { InOut } from './InOut.tsx'
import { Sources } from './Sources.tsx'
import { Spread } from './Spread.tsx'
import { WhyEndpoint } from './WhyEndpoint.tsx'

/** Most requests are looked at below HTTP first: it comes when it is wanted. */
const Layer7 = lazy(() => import('./Layer7.tsx').then(({ Layer7: component }) => ({ default: component })))

type DetailsProps = { readonly trace: RequestTrace; readonly events: readonly TraceEvent[]; readonly index: number }

/** What a request that was sent has to show below its verdict. */
export function Details({ trace, events, index }: DetailsProps) {
  const isHttp = events.some(({ step }) => step.step === 'http')
  return (
    <>
      <Spread />
      <InOut events={events} index={index} />
      <Suspense>{isHttp && <Layer7 events={events} index={index} />}</Suspense>
      <Decided events={events} index={index} />
      <WhyEndpoint trace={trace} />
      <Sources events={events} index={index} />
    </>
  )
}
