import { useEffect, useMemo, useRef, useState } from 'react'
import type { LineSource, WrittenLine } from '../../core/sim/writtenby.ts'
import { useSelect, useText } from '../../store/hooks.tsx'
import { type Lit, lightOf } from './lit.ts'
import { isAt, onLineKey, SourceLine } from './SourceLine.tsx'

type RuleListProps = { readonly lines: readonly WrittenLine[]; readonly sources: readonly LineSource[]; readonly lit: Lit }

/** Only the lines in sight are in the document once there are more than this. */
const VIRTUAL_FROM = 500
const SPARE = 30

/** The printed lines; many thousands scroll as easily as ten. */
export function RuleList({ lines, sources, lit }: RuleListProps) {
  const { rules: t } = useText().shell
  const box = useRef<HTMLElement>(null)
  const [view, setView] = useState({ top: 0, height: 600, line: 20 })
  const virtual = lines.length > VIRTUAL_FROM
  const first = virtual ? Math.max(0, Math.floor(view.top / view.line) - SPARE) : 0
  const last = virtual ? Math.min(lines.length, Math.ceil((view.top + view.height) / view.line) + SPARE) : lines.length
  const look = () => {
    const element = box.current
    if (!element) return
    const line = element.querySelector('li')?.getBoundingClientRect().height || 20
    setView({ top: element.scrollTop, height: element.clientHeight, line })
  }
  const current = lines.findIndex((line) => lightOf(line, lit) === 'current')
  const decided = lines.findIndex((line) => lightOf(line, lit) === 'decided')
  // With nothing visited, begin where the rules do, not at the declarations of their chains.
  const firstRule = lines.findIndex((line) => line.rule !== undefined)
  const caret = useSelect((state) => state.caret)
  const written = useMemo(
    () => new Set(caret ? lines.flatMap((line, i) => (isAt(placesOf(line, sources), caret) ? [i] : [])) : []),
    [lines, caret, sources],
  )
  const [firstWritten = -1] = written
  const lights = current >= 0 ? current : decided >= 0 ? decided : lit.size === 0 ? firstRule : -1
  // The caret moved last, or the packet did: whoever did is followed.
  const [followed, setFollowed] = useState({ caret, lights, wanted: lights, byCaret: false })
  if (followed.caret !== caret || followed.lights !== lights) {
    const byCaret = followed.lights === lights && firstWritten >= 0
    setFollowed({ caret, lights, wanted: byCaret ? firstWritten : lights, byCaret })
  }
  const { wanted, byCaret } = followed
  const reachable = lines.findIndex((line, i) => i >= Math.max(0, wanted) && line.from !== undefined)
  useEffect(() => {
    const element = box.current
    // Whoever came from a line of the list stays at it.
    if (!element || wanted < 0 || (byCaret && element.contains(document.activeElement))) return
    const line = element.querySelector('li')?.getBoundingClientRect().height || 20
    const top = wanted * line
    if (top < element.scrollTop || top + 2 * line > element.scrollTop + element.clientHeight) {
      element.scrollTop = Math.max(0, top - element.clientHeight / 2)
    }
  }, [wanted, byCaret])
  if (lines.length === 0) return <p className="empty">{t.none}</p>
  return (
    <section
      className="rules-scroll"
      ref={box}
      onScroll={virtual ? look : undefined}
      onKeyDown={onLineKey}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label={t.list}
    >
      <ol style={{ paddingBlock: `${first * view.line}px ${(lines.length - last) * view.line}px` }}>
        {lines.slice(first, last).map((line, i) => (
          <RuleRow
            // biome-ignore lint/suspicious/noArrayIndexKey: a printed line's number is its name
            key={first + i}
            line={line}
            sources={placesOf(line, sources)}
            light={lightOf(line, lit)}
            written={written.has(first + i)}
            reachable={first + i === reachable}
          />
        ))}
      </ol>
    </section>
  )
}

function placesOf({ from = [] }: WrittenLine, sources: readonly LineSource[]): readonly LineSource[] {
  return from.flatMap((number) => sources[number] ?? [])
}

type RuleRowProps = {
  readonly line: WrittenLine
  readonly sources: readonly LineSource[]
  readonly light: ReturnType<Lit['get']>
  /** The caret stands in the text that it comes from. */
  readonly written: boolean
  readonly reachable: boolean
}

function RuleRow({ line, sources, light, written, reachable }: RuleRowProps) {
  const { rules: t } = useText().shell
  const note = light === 'decided' ? t.decided : light === 'missed' ? t.missed : light ? t.visited : ''
  return (
    <li data-testid="rules-row" data-light={light} data-plain={line.rule === undefined} data-written={written || undefined}>
      <SourceLine sources={sources} reachable={reachable}>
        {line.text === '' ? ' ' : line.text}
      </SourceLine>
      {light && <span className={light === 'decided' ? 'rules-note' : 'visually-hidden'}> ← {note}</span>}
    </li>
  )
}
