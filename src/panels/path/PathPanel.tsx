import { useEffect, useRef } from 'react'
import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'
import type { TraceEvent } from '../../store/playback.ts'
import { addressesOf, kindOfAddress, shownEvents } from '../../store/select.ts'
import { Prose } from '../../ui/Prose.tsx'
import { MARKS, markOf, placeText, sentenceOf } from '../../view/story.ts'
import './path.css'

/** The trace as an ordered list: every event as a sentence, the current one marked. It is the keyboard's and the screen reader's home. */
export function PathPanel() {
  const { path: t } = useText().shell
  const events = useSelect(shownEvents)
  const index = useSelect((state) => state.index)
  const list = useRef<HTMLOListElement>(null)
  useEffect(() => {
    const item = list.current?.children[index - 1]
    item?.scrollIntoView({ block: 'nearest' })
    // Who steps with the keyboard inside the list stays on the current event.
    if (list.current?.contains(document.activeElement)) item?.querySelector('button')?.focus({ preventScroll: true })
  }, [index])
  if (events.length === 0) return <p className="empty">{t.empty}</p>
  return (
    <ol className="path" aria-label="Path" ref={list}>
      {events.map((event, i) => (
        // The trace is immutable: an event's number is its name.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <PathItem key={i} number={i + 1} event={event} before={events[i - 1]} current={i + 1 === index} past={i + 1 <= index} />
      ))}
    </ol>
  )
}

type PathItemProps = {
  readonly number: number
  readonly event: TraceEvent
  readonly before: TraceEvent | undefined
  readonly current: boolean
  readonly past: boolean
}

function PathItem({ number, event, before, current, past }: PathItemProps) {
  const messages = useText()
  const { seek } = useWorkbench()
  const book = useSelect(addressesOf)
  const kindOf = useSelect(kindOfAddress)
  const newPlace = before?.hop !== event.hop
  return (
    <li data-testid={`hop-${number}`} data-hop={event.hop + 1} data-past={past} aria-current={current ? 'step' : undefined}>
      {newPlace && (
        <span className="path-place">
          {event.reply && !before?.reply ? `↩ ${messages.shell.path.reply} · ` : ''}
          {placeText(event.place, messages)}
        </span>
      )}
      <button type="button" tabIndex={current || (number === 1 && !past) ? 0 : -1} onClick={() => seek(number)}>
        <span className="path-number mono">{number}</span>
        <span className="path-mark" aria-hidden="true">
          {MARKS[markOf(event)]}
        </span>
        <span>
          <Prose text={sentenceOf(event, book, messages)} kindOf={kindOf} bare />
        </span>
      </button>
    </li>
  )
}
