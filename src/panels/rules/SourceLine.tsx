import type { ReactNode } from 'react'
import type { LineSource } from '../../core/sim/writtenby.ts'
import { useText, useWorkbench } from '../../store/hooks.tsx'

type SourceLineProps = { readonly children: ReactNode; readonly sources: readonly LineSource[]; readonly reachable: boolean }

/** The text of a printed line; where somebody wrote what it says, it leads there, and further places follow it. */
export function SourceLine({ children, sources, reachable }: SourceLineProps) {
  const { rules: t } = useText().shell
  const { revealRange, setCaret } = useWorkbench()
  const go = ({ range }: LineSource) => {
    revealRange(range)
    setCaret({ file: range.file, offset: range.start })
  }
  const [first, ...others] = sources
  if (!first) return <code>{children}</code>
  const tabIndex = reachable ? 0 : -1
  return (
    <>
      <button type="button" className="rules-go" tabIndex={tabIndex} title={t.source(first.label)} onClick={() => go(first)}>
        <code>{children}</code>
      </button>
      {others.map((source) => (
        <button
          key={source.label}
          type="button"
          className="rules-also"
          tabIndex={tabIndex}
          title={t.source(source.label)}
          onClick={() => go(source)}
        >
          ↗ {source.label}
        </button>
      ))}
    </>
  )
}

/** Up and down go from one line that leads somewhere to the next; Tab leaves the list. */
export function onLineKey(event: React.KeyboardEvent<HTMLElement>): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('.rules-go')]
  const at = rows.findIndex((row) => row.parentElement?.contains(document.activeElement))
  const next = rows[at < 0 ? 0 : at + (event.key === 'ArrowDown' ? 1 : -1)]
  if (!next) return
  event.preventDefault()
  next.focus()
}

/** Places longer than this are whole objects: a caret in them says nothing of one line. */
const LONGEST = 600

/** Whether the caret stands in one of the places. */
export function isAt(sources: readonly LineSource[], caret: { readonly file: string; readonly offset: number } | undefined): boolean {
  return (
    caret !== undefined &&
    sources.some(
      ({ range }) =>
        range.file === caret.file && range.start <= caret.offset && caret.offset <= range.end && range.end - range.start < LONGEST,
    )
  )
}
