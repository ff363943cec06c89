import type { ComparedOutcome } from '../../core/l7/compare/compared.ts'
import { useSelect } from '../../store/hooks.tsx'
import { kindOfAddress } from '../../store/select.ts'
import { Prose } from '../../ui/Prose.tsx'
import { useProfileName, useReasons, useTexts } from './texts.ts'

/** An answer in a word: the Service that gets the request, or the status. */
export function shortAnswer(outcome: ComparedOutcome): string {
  if (outcome.do === 'forward') return `→ ${serviceOf(outcome.service)}`
  if (outcome.do === 'unknown') return '?'
  return outcome.location === undefined ? String(outcome.status) : `${outcome.status} ↪`
}

const serviceOf = (key: string) => key.split('/').at(-1) ?? key

type AnswerProps = {
  readonly outcome: ComparedOutcome
  readonly profile: string
  readonly asked: { readonly path: string; readonly host: string }
}

/** Who answers, with what, and what the backend is sent. */
export function Answer({ outcome, profile, asked }: AnswerProps) {
  const t = useTexts()
  const nameOf = useProfileName()
  const { reason } = useReasons()
  if (outcome.do === 'unknown') {
    return (
      <div className="profiles-answer">
        <strong>?</strong>
        <span className="profiles-quiet">{t.unknown(outcome.what)}</span>
      </div>
    )
  }
  if (outcome.do === 'respond') {
    return (
      <div className="profiles-answer">
        <strong>
          <span aria-hidden="true">{outcome.location === undefined ? '✕ ' : '↪ '}</span>
          {outcome.status}
        </strong>
        {outcome.location !== undefined && <code>{outcome.location}</code>}
        <span className="profiles-quiet">{t.self(profile === 'spec' ? undefined : nameOf(profile), reason(outcome.why))}</span>
      </div>
    )
  }
  return <Forwarded outcome={outcome} asked={asked} />
}

function Forwarded({ outcome, asked }: { readonly outcome: ComparedOutcome & { readonly do: 'forward' } } & Pick<AnswerProps, 'asked'>) {
  const t = useTexts()
  const kindOf = useSelect(kindOfAddress)
  const { service, endpoints, more, path, host, headers, cookie, canary } = outcome
  return (
    <div className="profiles-answer">
      <strong>
        <span aria-hidden="true">✓ </span>
        {t.backend(serviceOf(service))}
      </strong>
      <ul className="profiles-endpoints">
        {endpoints.map(({ to, pod }) => (
          <li key={to}>
            <Prose text={to} kindOf={kindOf} /> {pod && <span className="profiles-quiet">{serviceOf(pod)}</span>}
          </li>
        ))}
        {more > 0 && <li className="profiles-quiet">{t.morePods(more)}</li>}
      </ul>
      {canary && canary.share < 1 && <span>{t.canary(serviceOf(canary.service), String(Math.round(canary.share * 1000) / 10))}</span>}
      {(path !== asked.path || host !== asked.host) && (
        <span>
          {t.sends} <code>{host !== asked.host ? `${host}${path}` : path}</code>
        </span>
      )}
      {cookie !== undefined && (
        <span>
          {t.sets} <code>{cookie}</code>
        </span>
      )}
      {headers.length > 0 && (
        <details>
          <summary>
            {t.adds} <span className="count">{headers.length}</span>
          </summary>
          <code>{headers.join(', ')}</code>
        </details>
      )}
    </div>
  )
}
