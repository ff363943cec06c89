import { answerKey, type Comparison, type Difference, isDetail } from '../../core/l7/compare/compared.ts'
import { useSelect } from '../../store/hooks.tsx'
import { kindOfAddress } from '../../store/select.ts'
import { Prose } from '../../ui/Prose.tsx'
import { shortAnswer } from './Answer.tsx'
import { lettersOf } from './asked.ts'
import { useProfileName, useReasons, useTexts } from './texts.ts'

/** Whether all answer alike, and each difference with its name, who behaves so, and why. */
export function Differences({ comparison }: { readonly comparison: Comparison }) {
  const t = useTexts()
  const { differences, same, profiles, together, ingress } = comparison
  const main = differences.filter((difference) => !isDetail(difference))
  const details = differences.filter(isDetail)
  const letters = lettersOf(profiles.map(({ outcome }) => answerKey(outcome)))
  const beside = together.filter((key) => key !== ingress).map((key) => key.split('/').at(-1) ?? key)
  return (
    <section className="profiles-differences" aria-label={t.differences}>
      <p className="profiles-verdict" role="status" data-testid="profiles-verdict" data-same={same}>
        <strong>
          <span aria-hidden="true">{same ? '= ' : '≠ '}</span>
          {same ? t.alike(profiles.length) : t.differ(new Set(letters).size, profiles.length)}
        </strong>
        {differences.length === 0 && t.nothing}
        {!same && <Answers comparison={comparison} letters={letters} />}
        {same && main.length === 0 && details.length > 0 && t.onlyDetails}
      </p>
      <List differences={[...main, ...details]} />
      {comparison.certified === false && <p className="profiles-quiet">{t.uncertified(comparison.request.host)}</p>}
      {beside.length > 0 && <p className="profiles-quiet">{t.together(t.list(beside.slice(0, 5)) + (beside.length > 5 ? ' …' : ''))}</p>}
    </section>
  )
}

/** Who gives which answer. */
function Answers({ comparison: { profiles }, letters }: { readonly comparison: Comparison; readonly letters: readonly string[] }) {
  const t = useTexts()
  const nameOf = useProfileName()
  return [...new Set(letters)].map((letter) => {
    const members = profiles.filter((_, i) => letters[i] === letter)
    return (
      <span key={letter}>
        <span className="profiles-letter">{letter}</span> {t.list(members.map(({ profile }) => nameOf(profile)))}{' '}
        <b>{members[0] && shortAnswer(members[0].outcome)}</b>
      </span>
    )
  })
}

function List({ differences }: { readonly differences: readonly Difference[] }) {
  if (differences.length === 0) return null
  return (
    <ul className="profiles-lines" data-testid="profiles-differences">
      {differences.map((difference) => (
        <DifferenceLine key={JSON.stringify([difference.code, difference.params])} difference={difference} />
      ))}
    </ul>
  )
}

/** A difference as a line: who, its name, its sentence. */
export function DifferenceLine({ difference }: { readonly difference: Difference }) {
  const t = useTexts()
  const nameOf = useProfileName()
  const words = useReasons(difference)
  const { code, params, profiles } = difference
  return (
    <li className="profiles-line" data-code={code} data-detail={isDetail(difference)}>
      <span className="profiles-who">{profiles.length > 0 ? t.list(profiles.map(nameOf)) : t.nobody}</span>
      <span>
        <b>{t.difference[code] ?? code}.</b> <Marked text={t.sentence[code]?.(shortened(params), words) ?? ''} />
      </span>
    </li>
  )
}

/** A sentence in which what stands between backticks is code. */
function Marked({ text }: { readonly text: string }) {
  const kindOf = useSelect(kindOfAddress)
  return text.split('`').map((part, i) =>
    // The parts of one text have no identity but their place in it.
    i % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: see above
      <code key={i}>{part}</code>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: see above
      <Prose key={i} text={part} kindOf={kindOf} bare />
    ),
  )
}

/** Two rules that begin with the same host are told apart by the rest. */
function shortened(params: Difference['params']): Difference['params'] {
  const { winner = '', loser = '' } = params
  const [host = ''] = /^Host\("[^"]*"\) && /.exec(winner) ?? []
  if (host === '' || !loser.startsWith(host)) return params
  return { ...params, winner: winner.slice(host.length), loser: loser.slice(host.length) }
}
