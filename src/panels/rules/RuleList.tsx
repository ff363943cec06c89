import { useEffect, useRef, useState } from 'react'
import type { PrintedLine } from '../../core/proxy/mode.ts'
import { useText } from '../../store/hooks.tsx'
import { type Lit, lightOf } from './lit.ts'

type RuleListProps = { readonly lines: readonly PrintedLine[]; readonly lit: Lit }

/** Only the lines in sight are in the document once there are more than this. */
const VIRTUAL_FROM = 500
const SPARE = 30

/** The printed lines; many thousands scroll as easily as ten. */
export function RuleList({ lines, lit }: RuleListProps) {
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
  const wanted = current >= 0 ? current : decided >= 0 ? decided : lit.size === 0 ? firstRule : -1
  useEffect(() => {
    const element = box.current
    if (!element || wanted < 0) return
    const line = element.querySelector('li')?.getBoundingClientRect().height || 20
    const top = wanted * line
    if (top < element.scrollTop || top + 2 * line > element.scrollTop + element.clientHeight) {
      element.scrollTop = Math.max(0, top - element.clientHeight / 2)
    }
  }, [wanted])
  if (lines.length === 0) return <p className="empty">{t.none}</p>
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="rules-scroll" ref={box} onScroll={virtual ? look : undefined} tabIndex={0} aria-label={t.list}>
      <ol style={{ paddingBlock: `${first * view.line}px ${(lines.length - last) * view.line}px` }}>
        {lines.slice(first, last).map((line, i) => (
          // A printed line's number is its name.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <RuleRow key={first + i} line={line} light={lightOf(line, lit)} />
        ))}
      </ol>
    </section>
  )
}

function RuleRow({ line, light }: { readonly line: PrintedLine; readonly light: ReturnType<Lit['get']> }) {
  const { rules: t } = useText().shell
  const note = light === 'decided' ? t.decided : light === 'missed' ? t.missed : light ? t.visited : ''
  return (
    <li data-testid="rules-row" data-light={light} data-plain={line.rule === undefined}>
      <code>{line.text === '' ? ' ' : line.text}</code>
      {light && <span className={light === 'decided' ? 'rules-note' : 'visually-hidden'}> ← {note}</span>}
    </li>
  )
}
