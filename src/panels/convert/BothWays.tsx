import type { ConversionView } from '../../core/sim/session.ts'
import type { RequestTrace } from '../../core/trace/trace.ts'
import { useSelect, useText } from '../../store/hooks.tsx'
import { eventsIn } from '../../store/playback.ts'
import { kindOfAddress } from '../../store/select.ts'
import { Prose } from '../../ui/Prose.tsx'
import { reasonIn } from '../../view/reason.ts'
import { isGood, placeText, verdictText } from '../../view/story.ts'

type Both = NonNullable<ConversionView['both']>

/** One request by the Ingress and by the Gateway, next to each other. */
export function BothWays({ both, from, to }: { readonly both: Both; readonly from: string; readonly to: string }) {
  const { convert: t } = useText().details
  const { ingress, gateway, error } = both
  if (error === 'no-http') return <p className="convert-quiet">{t.noHttp}</p>
  const alike = ingress && gateway && endOf(ingress) === endOf(gateway)
  return (
    <>
      {error !== undefined && <p role="alert">{error === 'no-address' ? t.noAddress : error}</p>}
      {ingress && gateway && (
        <p role="status" data-testid="convert-both" data-alike={alike}>
          <strong>{alike ? t.alike : t.differ}</strong>
        </p>
      )}
      <div className="convert-both">
        {ingress && <Way title={t.asSent} from={from} to={to} trace={ingress} />}
        {gateway && <Way title={t.gateway} from={from} to={both.to} trace={gateway} />}
      </div>
    </>
  )
}

/** What a client can tell: the answer, and who gave it first. */
function endOf({ verdict, backend }: RequestTrace): string {
  return JSON.stringify([verdict.code, verdict.http, backend?.request?.path, serviceOf(backend?.pod)])
}

/** Pods of one workload answer alike: which of them it is, is chance. */
function serviceOf(pod: string | undefined): string | undefined {
  return pod?.replace(/-[a-z0-9]+$/, '')
}

function Way({
  title,
  from,
  to,
  trace,
}: {
  readonly title: string
  readonly from: string
  readonly to: string
  readonly trace: RequestTrace
}) {
  const messages = useText()
  const { shell, details } = messages
  const { compare: t } = shell
  const kindOf = useSelect(kindOfAddress)
  const match = eventsIn(trace).findLast(({ step }) => step.step === 'match')?.step
  const won = match?.step === 'match' ? match.candidates.find((candidate) => candidate.won) : undefined
  const places = trace.hops.map(({ place }) => placeText(place, messages)).filter((name, i, all) => name !== all[i - 1])
  const { backend, seenSource, verdict } = trace
  return (
    <section aria-label={title} className="convert-way">
      <h4>
        {title}
        {match?.step === 'match' && <span className="convert-quiet"> · {match.by}</span>}
      </h4>
      <dl>
        <dt>{shell.request.from}</dt>
        <dd>{from}</dd>
        <dt>{shell.request.to}</dt>
        <dd className="mono">{to}</dd>
        <dt>{t.verdict}</dt>
        <dd>
          <span aria-hidden="true">{isGood(verdict) ? '✓ ' : '✕ '}</span>
          <strong>{verdict.code}</strong> <Prose text={verdictText(verdict, messages)} kindOf={kindOf} bare />
        </dd>
        <dt>{t.backend}</dt>
        <dd>{backend ? <Prose text={`${backend.pod ?? ''} ${backend.ip}`} kindOf={kindOf} bare /> : shell.packet.nobody}</dd>
        <dt>{t.source}</dt>
        <dd>{seenSource === undefined ? shell.packet.nobody : <Prose text={seenSource} kindOf={kindOf} bare />}</dd>
        {won && match?.step === 'match' && (
          <>
            <dt>{details.routing.title(match.by)}</dt>
            <dd>
              <code>{won.rule}</code> {reasonIn(won.reason, messages)}
            </dd>
          </>
        )}
        <dt>{shell.strips.way}</dt>
        <dd>{places.join(' → ')}</dd>
      </dl>
    </section>
  )
}
