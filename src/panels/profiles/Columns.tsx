import { Fragment } from 'react'
import { answerKey, type ComparedProfile, type ComparedRoute, type Comparison } from '../../core/l7/compare/compared.ts'
import { originKey } from '../../core/sim/session.ts'
import type { SourceRange } from '../../core/source/diagnostic.ts'
import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'
import { placeIn } from '../../store/select.ts'
import { Button } from '../../ui/Button.tsx'
import { reasonIn } from '../../view/reason.ts'
import { Answer } from './Answer.tsx'
import { lettersOf } from './asked.ts'
import { useProfileName, useTexts } from './texts.ts'

type Ranges = Readonly<Record<string, SourceRange>>
type ColumnsProps = { readonly comparison: Comparison; readonly ranges: Ranges; readonly onReveal: () => void }

/** A column a controller: its answer, and its rules for the host in the order in which it asks them. */
export function Columns({ comparison, ranges, onReveal }: ColumnsProps) {
  const { profiles, request } = comparison
  const letters = lettersOf(profiles.map(({ outcome }) => answerKey(outcome)))
  return (
    <div className="profiles-columns" data-count={profiles.length}>
      {profiles.map((one, i) => (
        <Column key={one.profile} one={one} letter={letters[i] ?? ''} asked={request} ranges={ranges} onReveal={onReveal} />
      ))}
    </div>
  )
}

type ColumnProps = {
  readonly one: ComparedProfile
  readonly letter: string
  readonly asked: Comparison['request']
  readonly ranges: Ranges
  readonly onReveal: () => void
}

function Column({ one, letter, asked, ranges, onReveal }: ColumnProps) {
  const t = useTexts()
  const nameOf = useProfileName()
  const { profile, serves, running, server, routes, more, outcome } = one
  const name = nameOf(profile)
  return (
    <section aria-label={name} className="profiles-column" data-testid={`profiles-col/${profile}`} data-answer={letter}>
      <h3 title={t.hints[profile]}>
        {name}
        <span className="profiles-letter" title={`${t.answer} ${letter}`}>
          <span className="visually-hidden">{t.answer} </span>
          {letter}
        </span>
      </h3>
      <p className="profiles-quiet">{serves ? t.serves : running ? t.running : t.defaults}</p>
      <Answer outcome={outcome} profile={profile} asked={asked} />
      <p className="profiles-quiet">{server === undefined ? t.noServer : (t.servers[profile]?.(server) ?? server)}</p>
      {routes.length === 0 && server !== undefined && <p className="profiles-quiet">{t.noRules}</p>}
      {routes.length > 0 && !routes.some(({ won }) => won) && <p className="profiles-quiet">{t.fallback}</p>}
      <ol className="profiles-routes" aria-label={t.table(name)}>
        {routes.map((route, i) => (
          // A decision never changes: a route's place in it is its name.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <RouteRow key={i} route={route} range={ranges[originKey(route.origin)]} onReveal={onReveal} />
        ))}
      </ol>
      {more > 0 && <p className="profiles-quiet">{t.moreRules(more)}</p>}
    </section>
  )
}

type RouteRowProps = { readonly route: ComparedRoute; readonly range: SourceRange | undefined; readonly onReveal: () => void }

function RouteRow({ route: { rule, won, why, origin }, range, onReveal }: RouteRowProps) {
  const messages = useText()
  const { shell, details } = messages
  const t = useTexts()
  const workbench = useWorkbench()
  const line = useSelect((state) => (range ? placeIn(state, range).line : 0))
  const show = () => {
    if (!range) return
    workbench.select(origin.object)
    workbench.revealRange(range)
    onReveal()
  }
  return (
    <li className="profiles-route" data-won={won}>
      <span className="profiles-sign">
        <span aria-hidden="true">{won ? '✓' : '✗'}</span>
        <span className="visually-hidden">{won ? details.routing.won : details.routing.lost}</span>
      </span>
      <span>
        <code>
          <Breakable text={rule} />
        </code>
        <span className="profiles-why">
          {reasonIn(why, messages)}{' '}
          {range && (
            <Button look="link" title={shell.packet.showSource(range.file, line)} onClick={show}>
              {t.line(line)}
            </Button>
          )}
        </span>
      </span>
    </li>
  )
}

/** A rule that may be broken within a host, after a dot. */
function Breakable({ text }: { readonly text: string }) {
  return text.split(/(?<=\.)/).map((part, i) => (
    // The parts of one text have no identity but their place in it.
    // biome-ignore lint/suspicious/noArrayIndexKey: see above
    <Fragment key={i}>
      {i > 0 && <wbr />}
      {part}
    </Fragment>
  ))
}
