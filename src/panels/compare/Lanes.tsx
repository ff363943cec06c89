import { useEffect, useRef } from 'react'
import type { ModeId } from '../../core/kernel/program.ts'
import { useSelect, useText } from '../../store/hooks.tsx'
import type { TraceEvent } from '../../store/playback.ts'
import { addressesOf, kindOfAddress } from '../../store/select.ts'
import { Prose } from '../../ui/Prose.tsx'
import { MARKS, markOf, placeText, sentenceOf } from '../../view/story.ts'
import type { Station } from './lanes.ts'

type LanesProps = { readonly modes: readonly ModeId[]; readonly stations: readonly Station[]; readonly done: number }

/** A lane a mode, a row a station: all lanes stand at the same station at the same time. */
export function Lanes({ modes, stations, done }: LanesProps) {
  const messages = useText()
  const { race: t } = messages.details
  const current = useRef<HTMLTableRowElement>(null)
  useEffect(() => {
    // Only while stepping: with all stations shown, the start and what differs stay in view.
    if (done < stations.length) current.current?.scrollIntoView({ block: 'nearest' })
  }, [done, stations.length])
  return (
    <table className="compare-lanes" aria-label={t.lanes}>
      <thead>
        <tr>
          <th scope="col">{t.station}</th>
          {modes.map((mode) => (
            <th key={mode} scope="col" data-testid={`compare-col-${mode}`}>
              {mode}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {stations.slice(0, done).map((station, i) => (
          <tr key={station.key} ref={i === done - 1 ? current : null} data-current={done < stations.length && i === done - 1}>
            <th scope="row">
              {station.reply && <span className="compare-reply">{t.reply} </span>}
              {placeText(station.place, messages)}
            </th>
            {modes.map((mode) => (
              <td key={mode} data-differs={differs(station, mode, modes)}>
                <Stay events={station.events.get(mode)} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Whether a mode does something else here than the first one. */
function differs({ events }: Station, mode: ModeId, modes: readonly ModeId[]): boolean {
  const told = (one: ModeId | undefined) => (one === undefined ? '' : JSON.stringify((events.get(one) ?? []).filter(isTold).map(outcomeOf)))
  return told(mode) !== told(modes[0])
}

const TOLD: ReadonlySet<string> = new Set(['rule', 'choose', 'rewrite', 'resolve', 'receive', 'http', 'match', 'end'])
const isTold = ({ step }: TraceEvent) => TOLD.has(step.step)

/** What an event comes to, whatever words its mode has for it. */
function outcomeOf({ step }: TraceEvent): unknown {
  switch (step.step) {
    case 'rule':
      return step.text
    case 'choose':
      return step.options[step.picked]?.to
    case 'rewrite':
      return [step.after.src, step.after.dst, step.after.dport]
    case 'receive':
      return step.outcome
    case 'end':
      return step.verdict.code
    default:
      return step.step
  }
}

function Stay({ events }: { readonly events: readonly TraceEvent[] | undefined }) {
  const messages = useText()
  const { race: t } = messages.details
  const book = useSelect(addressesOf)
  const kindOf = useSelect(kindOfAddress)
  if (!events) return <span className="compare-quiet">– {t.none}</span>
  const told = events.filter(isTold)
  if (told.length === 0) return <span className="compare-quiet">{t.silent}</span>
  return (
    <ol>
      {told.map((event, i) => (
        // A trace never changes: an event's place in it is its name.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <li key={i} data-step={event.step.step}>
          {event.step.step === 'rule' ? (
            <code title={event.step.text}>{shortRule(event.step.text)}</code>
          ) : (
            <>
              <span aria-hidden="true">{MARKS[markOf(event)]} </span>
              <Prose text={sentenceOf(event, book, messages)} kindOf={kindOf} bare />
            </>
          )}
        </li>
      ))}
    </ol>
  )
}

/** A rule without kube-proxy's comment; the whole text is its title. */
function shortRule(text: string): string {
  return text
    .replace(/-m comment --comment ("[^"]*"|\S+) ?/, '')
    .replace(/^add rule \S+ \S+ /, '')
    .replace(/ comment "[^"]*"$/, '')
}
