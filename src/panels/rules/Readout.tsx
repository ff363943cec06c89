import { useEffect, useState } from 'react'
import type { NodeReadout } from '../../core/sim/readout.ts'
import type { Answer } from '../../core/sim/session.ts'
import type { LineSource } from '../../core/sim/writtenby.ts'
import type { RequestTrace } from '../../core/trace/trace.ts'
import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'
import { kindOfAddress, modeOf, traceOf } from '../../store/select.ts'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { Prose } from '../../ui/Prose.tsx'
import { isAt, onLineKey, SourceLine } from './SourceLine.tsx'

type NodeAnswer = Extract<Answer, { answer: 'node' }>
export type ReadoutView = keyof NodeReadout

type ReadoutProps = { readonly node: string; readonly view: ReadoutView; readonly find: string }

/** What one of the node's own tools prints at this moment, the lines about the shown request lit. */
export function Readout({ node, view, find }: ReadoutProps) {
  const messages = useText()
  const { node: t } = messages.details
  const mode = useSelect(modeOf)
  const { readout, from, sources = [] } = useReadout(node)
  const caret = useSelect((state) => state.caret)
  const trace = useSelect(traceOf)
  const ports = view === 'conntrack' ? portsOf(trace) : []
  if (!readout) return <p className="empty">{t.reading}</p>
  const all = readout[view].map((line, i) => ({ line, sources: (from?.[view][i] ?? []).flatMap((number) => sources[number] ?? []) }))
  const lines = all.filter(({ line }) => line.toLowerCase().includes(find.toLowerCase()))
  const reachable = lines.findIndex((line) => line.sources.length > 0)
  const title = view === 'sets' ? t.setsOf[mode] : t.view[view]
  if (readout[view].length === 0) return <p className="empty">{view === 'sets' ? t.empty.sets[mode] : t.empty[view]}</p>
  return (
    <section
      className="rules-scroll"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      onKeyDown={onLineKey}
      aria-label={t.list(title, node)}
      data-testid={`node-read/${view}`}
    >
      <div className="rules-command">
        <code>$ {title}</code>
        <CopyButton text={() => lines.map(({ line }) => line).join('\n')} label={messages.shell.copy} done={messages.shell.copied} />
      </div>
      <ol>
        {lines.map(({ line, sources: places }, i) => (
          <ReadoutLine
            // biome-ignore lint/suspicious/noArrayIndexKey: a printed line's number is its name
            key={i}
            line={line}
            sources={places}
            lit={ports.some((port) => line.includes(` sport=${port} `))}
            written={isAt(places, caret)}
            reachable={i === reachable}
          />
        ))}
      </ol>
    </section>
  )
}

type ReadoutLineProps = {
  readonly line: string
  readonly sources: readonly LineSource[]
  readonly lit: boolean
  readonly written: boolean
  readonly reachable: boolean
}

function ReadoutLine({ line, sources, lit, written, reachable }: ReadoutLineProps) {
  const { node: t } = useText().details
  const kindOf = useSelect(kindOfAddress)
  return (
    <li data-light={lit ? 'current' : undefined} data-written={written || undefined}>
      <SourceLine sources={sources} reachable={reachable}>
        <Prose text={line === '' ? ' ' : line} kindOf={kindOf} bare />
      </SourceLine>
      {lit && <span className="rules-note"> ← {t.thisRequest}</span>}
    </li>
  )
}

/** Asked anew whenever the world has changed: what was read before stays in view until the answer comes. */
function useReadout(node: string): Partial<NodeAnswer> {
  const { read } = useWorkbench()
  const live = useSelect((state) => state.live)
  const [readout, setReadout] = useState<Partial<NodeAnswer>>({})
  useEffect(() => {
    let current = live !== undefined
    if (live) {
      void read({ ask: 'node', node }).then((answer) => {
        if (current && answer?.answer === 'node') setReadout(answer)
      })
    }
    return () => {
      current = false
    }
  }, [live, node, read])
  return readout
}

/** The ports that the shown request went out by, a proxy's second connection included: they name its connections. */
function portsOf(trace: RequestTrace | undefined): readonly number[] {
  return (trace?.hops ?? []).flatMap(({ steps }) => steps.flatMap((step) => (step.step === 'send' ? [step.packet.sport] : [])))
}
