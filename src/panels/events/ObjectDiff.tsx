import { useEffect, useRef, useState } from 'react'
import type { WorldEvent } from '../../core/sim/session.ts'
import { useText, useWorkbench } from '../../store/hooks.tsx'
import { type FoldedLine, folded } from './folded.ts'

/** What an event changed in its object, as lines of YAML. */
export function ObjectDiff({ event, title }: { readonly event: WorldEvent; readonly title: string }) {
  const { diff: t } = useText().details
  const { read } = useWorkbench()
  const [lines, setLines] = useState<readonly FoldedLine[]>()
  const box = useRef<HTMLElement>(null)
  useEffect(() => {
    if (lines) box.current?.scrollIntoView({ block: 'nearest' })
  }, [lines])
  useEffect(() => {
    let current = true
    void read({ ask: 'diff', event: event.number }).then((answer) => {
      if (current && answer?.answer === 'diff') setLines(folded(answer.lines ?? []))
    })
    return () => {
      current = false
    }
  }, [event.number, read])
  if (!lines) return null
  if (lines.length === 0) return <p className="empty">{t.none}</p>
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section ref={box} className="events-diff" tabIndex={0} aria-label={title} data-testid="object-diff">
      <ol>
        {lines.map(({ op, text }, i) => (
          // A comparison never changes: a line's number is its name.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <li key={i} data-op={op}>
            <span className="events-sign" aria-hidden="true">
              {op === '-' ? '−' : op === '+' ? '+' : ''}
            </span>
            {(op === '+' || op === '-') && <span className="visually-hidden">{op === '+' ? t.added : t.removed}: </span>}
            <code>{text}</code>
          </li>
        ))}
      </ol>
    </section>
  )
}
