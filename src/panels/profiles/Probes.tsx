import { useId, useState } from 'react'
import {
  answerKey,
  type ComparedOutcome,
  type ComparedRequest,
  type Comparison,
  type Difference,
  type ProbedRow,
} from '../../core/l7/compare/compared.ts'
import { Button } from '../../ui/Button.tsx'
import { shortAnswer } from './Answer.tsx'
import { lettersOf } from './asked.ts'
import { DifferenceLine } from './Differences.tsx'
import { type Named, namedIn } from './named.ts'
import { useProfileName, useReasons, useTexts } from './texts.ts'

type ProbesProps = { readonly comparison: Comparison; readonly onAsk: (request: ComparedRequest) => void }

/** The Ingress's own paths and hosts with their near misses under every controller: rows that differ are marked and named. */
export function Probes({ comparison, onAsk }: ProbesProps) {
  const t = useTexts()
  const title = useId()
  const { probes, moreProbes, ingressDifferences, profiles } = comparison
  const [only, setOnly] = useState<string>()
  const [differing, setDiffering] = useState(false)
  const named = namedIn(probes)
  const filter = named.find(({ code }) => code === only)
  const rows = probes.filter((row, i) => (filter ? filter.rows.has(i) : !differing || !row.same))
  const different = probes.filter(({ same }) => !same).length
  return (
    <section className="profiles-probes" aria-labelledby={title}>
      <div className="profiles-head">
        <h3 id={title}>{t.probes}</h3>
        <span data-testid="profiles-differing">
          {different === 0 ? t.noneDiffers(probes.length) : t.differing(different, probes.length)}
        </span>
        <label className="profiles-only">
          <input type="checkbox" checked={differing} onChange={() => setDiffering(!differing)} />
          {t.onlyDiffering}
        </label>
      </div>
      <p className="profiles-quiet">{t.probesHint}</p>
      {ingressDifferences.length > 0 && <Annotations differences={ingressDifferences} />}
      {named.length > 0 && <Summary named={named} only={filter?.code} onFilter={setOnly} />}
      <div className="profiles-table">
        <table className="profiles-rows" aria-labelledby={title} data-testid="profiles-probes">
          <Head names={profiles.map(({ profile }) => profile)} />
          {groupsOf(rows).map(({ origin, members }) => (
            <tbody key={JSON.stringify(members[0]?.request)}>
              <tr>
                <th scope="rowgroup" colSpan={profiles.length + 2} className="profiles-origin">
                  <code>{origin}</code>
                </th>
              </tr>
              {members.map((row) => (
                <Row
                  key={JSON.stringify(row.request)}
                  row={row}
                  isCurrent={isSame(row.request, comparison.request)}
                  onAsk={() => onAsk(row.request)}
                />
              ))}
            </tbody>
          ))}
        </table>
      </div>
      {moreProbes > 0 && <p className="profiles-quiet">{t.moreProbes(moreProbes)}</p>}
    </section>
  )
}

const originOf = ({ scheme, host }: ComparedRequest) => `${scheme}://${host}`

/** Rows that stand together and ask the same host in the same way. */
function groupsOf(rows: readonly ProbedRow[]): readonly { readonly origin: string; readonly members: readonly ProbedRow[] }[] {
  const groups: { origin: string; members: ProbedRow[] }[] = []
  for (const row of rows) {
    const origin = originOf(row.request)
    const last = groups.at(-1)
    if (last?.origin === origin) last.members.push(row)
    else groups.push({ origin, members: [row] })
  }
  return groups
}

function isSame(a: ComparedRequest, b: ComparedRequest): boolean {
  return a.method === b.method && a.scheme === b.scheme && a.host === b.host && a.path === b.path
}

function Annotations({ differences }: { readonly differences: readonly Difference[] }) {
  return (
    <ul className="profiles-lines">
      {differences.map((difference) => (
        <DifferenceLine key={difference.params['annotation']} difference={difference} />
      ))}
    </ul>
  )
}

type SummaryProps = {
  readonly named: readonly Named[]
  readonly only: string | undefined
  readonly onFilter: (key: string | undefined) => void
}

/** Every difference of all the rows once, with who and how often: a click leaves its rows alone. */
function Summary({ named, only, onFilter }: SummaryProps) {
  const t = useTexts()
  const label = useLabel()
  return (
    <fieldset className="profiles-summary" aria-label={t.summary} data-testid="profiles-summary">
      {named.map((one) => (
        <Button
          key={one.code}
          className="profiles-chip"
          aria-pressed={one.code === only}
          title={t.filter(label(one))}
          data-code={one.code}
          onClick={() => onFilter(one.code === only ? undefined : one.code)}
        >
          {label(one)}
          <span className="count">{one.rows.size}</span>
        </Button>
      ))}
    </fieldset>
  )
}

function useLabel(): (one: Named) => string {
  const t = useTexts()
  const nameOf = useProfileName()
  return ({ code, profiles }) => `${t.difference[code] ?? code} · ${t.list(profiles.map(nameOf))}`
}

function Head({ names }: { readonly names: readonly string[] }) {
  const t = useTexts()
  const nameOf = useProfileName()
  return (
    <thead>
      <tr>
        <th scope="col" className="profiles-names">
          {t.request}
        </th>
        {names.map((name) => (
          <th key={name} scope="col" className="profiles-names">
            {nameOf(name)}
          </th>
        ))}
        <th scope="col" className="profiles-names">
          {t.why}
        </th>
      </tr>
    </thead>
  )
}

type RowProps = { readonly row: ProbedRow; readonly isCurrent: boolean; readonly onAsk: () => void }

function Row({ row, isCurrent, onAsk }: RowProps) {
  const t = useTexts()
  const label = useLabel()
  const words = useReasons()
  const { request, kind, outcomes, same } = row
  const letters = lettersOf(outcomes.map(({ outcome }) => answerKey(outcome)))
  const named = namedIn([row])
  return (
    <tr className="profiles-row" data-same={same} data-current={isCurrent}>
      <th scope="row" className="profiles-asked">
        <Button look="plain" className="profiles-probe" aria-current={isCurrent} onClick={onAsk}>
          <code>
            <span className="visually-hidden">{originOf(request)}</span>
            {request.path}
          </code>
          <span className="profiles-quiet">{t.kinds[kind]}</span>
        </Button>
      </th>
      {outcomes.map(({ profile, outcome }, i) => (
        <td key={profile} className="profiles-short" data-answer={letters[i]} title={hintOf(outcome, { ...words, unknown: t.unknown })}>
          {shortAnswer(outcome)}
          {outcome.do === 'forward' && outcome.path !== request.path && <code className="profiles-sent"> {outcome.path}</code>}
          {!same && <span className="profiles-letter">{letters[i]}</span>}
        </td>
      ))}
      <td>
        {named.length === 0 ? (
          <span className="profiles-quiet">{same ? t.same : t.differs}</span>
        ) : (
          named.map((one) => (
            <span key={one.code} className="profiles-named">
              {label(one)}
            </span>
          ))
        )}
      </td>
    </tr>
  )
}

type HintWords = { readonly reason: (code: string) => string; readonly unknown: (what: string) => string }

/** What a short answer leaves out. */
function hintOf(outcome: ComparedOutcome, { reason, unknown }: HintWords): string {
  if (outcome.do === 'forward') return outcome.path
  if (outcome.do === 'unknown') return unknown(outcome.what)
  return [outcome.status, outcome.location, reason(outcome.why)].filter((part) => part !== undefined).join(' ')
}
