import type { RequestTrace } from '../../core/trace/trace.ts'
import { useSelect, useText } from '../../store/hooks.tsx'
import type { TraceEvent } from '../../store/playback.ts'
import { addressesOf, kindOfAddress } from '../../store/select.ts'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { Prose } from '../../ui/Prose.tsx'
import { isGood, placeText, sentenceOf, verdictText } from '../../view/story.ts'

type VerdictLineProps = {
  readonly trace: RequestTrace
  readonly event: TraceEvent | undefined
  readonly index: number
  readonly length: number
}

/** The verdict, always in sight, and the current event as a sentence. */
export function VerdictLine({ trace, event, index, length }: VerdictLineProps) {
  const messages = useText()
  const { packet: t } = messages.shell
  const book = useSelect(addressesOf)
  const kindOf = useSelect(kindOfAddress)
  const { verdict } = trace
  return (
    <div className="packet-part">
      <div className="packet-verdict" data-testid="verdict" data-code={verdict.code} data-good={isGood(verdict)}>
        <span className="packet-badge" aria-hidden="true" data-code={verdict.code}>
          {badgeOf(verdict.code)}
        </span>
        <strong>{verdict.code}</strong>
        {verdict.http !== undefined && !verdict.code.startsWith('HTTP_') && <span className="packet-http">HTTP {verdict.http}</span>}
        <span className="packet-copy">
          <CopyButton text={() => JSON.stringify(trace, null, 2)} label={t.copyJson} done={messages.shell.copied} />
        </span>
        <p className="packet-verdict-text">
          <Prose text={verdictText(verdict, messages)} kindOf={kindOf} bare />
        </p>
      </div>
      <p className="packet-where">{event ? t.event(index, length, placeText(event.place, messages)) : t.atStart(length)}</p>
      {event?.step.step !== 'end' && (
        <p className="packet-sentence">
          <Prose text={event ? sentenceOf(event, book, messages) : messages.story.startSent} kindOf={kindOf} />
        </p>
      )}
    </div>
  )
}

/** Shape, not colour, tells good from bad; what is not modelled is neither. */
function badgeOf(code: string): string {
  if (code === 'DELIVERED') return '✓'
  if (code === 'NOT_MODELLED') return '?'
  return code.startsWith('REJECTED') || code === 'REFUSED' ? '↩' : '✕'
}
