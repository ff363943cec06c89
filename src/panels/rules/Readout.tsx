import { useEffect, useState } from 'react'
import type { NodeReadout } from '../../core/sim/readout.ts'
import type { RequestTrace } from '../../core/trace/trace.ts'
import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'
import { kindOfAddress, modeOf, traceOf } from '../../store/select.ts'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { Prose } from '../../ui/Prose.tsx'

export type ReadoutView = keyof NodeReadout

type ReadoutProps = { readonly node: string; readonly view: ReadoutView; readonly find: string }

/** What one of the node's own tools prints at this moment, the lines about the shown request lit. */
export function Readout({ node, view, find }: ReadoutProps) {
  const messages = useText()
  const { node: t } = messages.details
  const mode = useSelect(modeOf)
  const readout = useReadout(node)
  const trace = useSelect(traceOf)
  const ports = view === 'conntrack' ? portsOf(trace) : []
  if (!readout) return <p className="empty">{t.reading}</p>
  const lines = readout[view].filter((line) => line.toLowerCase().includes(find.toLowerCase()))
  const title = view === 'sets' ? t.setsOf[mode] : t.view[view]
  if (readout[view].length === 0) return <p className="empty">{view === 'sets' ? t.empty.sets[mode] : t.empty[view]}</p>
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="rules-scroll" tabIndex={0} aria-label={t.list(title, node)} data-testid={`node-read/${view}`}>
      <div className="rules-command">
        <code>$ {title}</code>
        <CopyButton text={() => lines.join('\n')} label={messages.shell.copy} done={messages.shell.copied} />
      </div>
      <ol>
        {lines.map((line, i) => (
          // A printed line's number is its name.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <ReadoutLine key={i} line={line} lit={ports.some((port) => line.includes(` sport=${port} `))} />
        ))}
      </ol>
    </section>
  )
}

function ReadoutLine({ line, lit }: { readonly line: string; readonly lit: boolean }) {
  const { node: t } = useText().details
  const kindOf = useSelect(kindOfAddress)
  return (
    <li data-light={lit ? 'current' : undefined}>
      <code>
        <Prose text={line === '' ? ' ' : line} kindOf={kindOf} bare />
      </code>
      {lit && <span className="rules-note"> ← {t.thisRequest}</span>}
    </li>
  )
}

/** Asked anew whenever the world has changed: what was read before stays in view until the answer comes. */
function useReadout(node: string): NodeReadout | undefined {
  const { read } = useWorkbench()
  const live = useSelect((state) => state.live)
  const [readout, setReadout] = useState<NodeReadout>()
  useEffect(() => {
    let current = live !== undefined
    if (live) {
      void read({ ask: 'node', node }).then((answer) => {
        if (current && answer?.answer === 'node') setReadout(answer.readout)
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
