import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'
import { placeIn, rangeOf } from '../../store/select.ts'
import { Button } from '../../ui/Button.tsx'
import { reasonIn } from '../../view/reason.ts'
import type { MatchStep } from './http.ts'

type Candidate = MatchStep['candidates'][number]

/** Losers beyond this many are folded away; the winner never is. */
const MOST = 12

/** The proxy's routing table as this request met it: every candidate in order, the winner, and why each loser lost. */
export function Routing({ match }: { readonly match: MatchStep }) {
  const { routing: t } = useText().details
  const { candidates, by } = match
  const winner = candidates.findIndex(({ won }) => won)
  // Around the winner stand the losers that tell most: those asked before it, then those it outranks.
  const shown = candidates.length <= MOST ? candidates : candidates.filter((_, i) => i === winner || i < MOST - 1)
  const folded = candidates.filter((candidate) => !shown.includes(candidate))
  return (
    <div className="packet-part l7-routing" data-testid="routing-table">
      <h2>{t.title(by)}</h2>
      {candidates.length === 0 && <p className="l7-quiet">{t.none}</p>}
      {candidates.length > 0 && winner < 0 && <p className="l7-quiet">{t.noWinner}</p>}
      <ol aria-label={t.label}>
        {shown.map((candidate, i) => (
          // A decision never changes: a candidate's place in it is its name.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <CandidateRow key={`${candidate.rule} ${candidate.why} ${i}`} candidate={candidate} />
        ))}
      </ol>
      {folded.length > 0 && (
        <details>
          <summary>{t.more(folded.length)}</summary>
          <ol>
            {folded.map((candidate, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: see above
              <CandidateRow key={`${candidate.rule} ${candidate.why} ${i}`} candidate={candidate} />
            ))}
          </ol>
        </details>
      )}
    </div>
  )
}

function CandidateRow({ candidate }: { readonly candidate: Candidate }) {
  const messages = useText()
  const { routing: t } = messages.details
  const { rule, won, reason } = candidate
  return (
    <li data-won={won}>
      <span className="l7-sign">
        <span aria-hidden="true">{won ? '✓' : '✗'}</span>
        <span className="visually-hidden">{won ? t.won : t.lost}</span>
      </span>
      <span className="l7-rule">
        <code>{rule}</code>
        <span className="l7-why">{reasonIn(reason, messages)}</span>
        <Written candidate={candidate} />
      </span>
    </li>
  )
}

/** Where the rule is written; nothing where nobody wrote it. */
function Written({ candidate: { origin } }: { readonly candidate: Candidate }) {
  const { packet: t } = useText().shell
  const workbench = useWorkbench()
  const range = useSelect((state) => origin && rangeOf(state, origin))
  const line = useSelect((state) => (range ? placeIn(state, range).line : 0))
  if (!origin || !range) return null
  const show = () => {
    workbench.select(origin.object)
    workbench.revealRange(range)
  }
  return (
    <Button look="link" className="l7-written" onClick={show}>
      {t.showSource(range.file, line)}
    </Button>
  )
}
