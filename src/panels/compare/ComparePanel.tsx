import { useState } from 'react'
import type { RequestTrace } from '../../core/trace/trace.ts'
import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'
import { eventsIn } from '../../store/playback.ts'
import { kindOfAddress } from '../../store/select.ts'
import { Button } from '../../ui/Button.tsx'
import { Prose } from '../../ui/Prose.tsx'
import { verdictText } from '../../view/story.ts'
import './compare.css'

/** One request, three modes, side by side. */
export function ComparePanel() {
  const { compare: t } = useText().shell
  const { compare } = useWorkbench()
  const compared = useSelect((state) => state.compared)
  const [running, setRunning] = useState(false)
  const run = async () => {
    setRunning(true)
    await compare()
    setRunning(false)
  }
  const traces = compared ? [...compared] : []
  const codes = new Set(traces.map(([, trace]) => trace.verdict.code))
  return (
    <div className="compare">
      <p>
        {t.intro}{' '}
        <Button disabled={running} onClick={() => void run()}>
          {running ? t.running : t.run}
        </Button>{' '}
        {traces.length > 0 && <strong role="status">{codes.size === 1 ? t.same : t.differ}</strong>}
      </p>
      {traces.length > 0 && (
        <div className="compare-columns">
          {traces.map(([mode, trace]) => (
            <Column key={mode} mode={mode} trace={trace} odd={codes.size > 1} />
          ))}
        </div>
      )}
    </div>
  )
}

function Column({ mode, trace, odd }: { readonly mode: string; readonly trace: RequestTrace; readonly odd: boolean }) {
  const messages = useText()
  const { compare: t, packet } = messages.shell
  const kindOf = useSelect(kindOfAddress)
  const events = eventsIn(trace)
  const rules = events.flatMap(({ step }) => (step.step === 'rule' ? [step] : []))
  const missed = rules.reduce((sum, rule) => sum + rule.missed.to - rule.missed.from, 0)
  return (
    <section className="compare-column" data-testid={`compare-col-${mode}`} aria-label={mode}>
      <h2>{mode}</h2>
      <p data-odd={odd}>
        <strong>{trace.verdict.code}</strong> <Prose text={verdictText(trace.verdict, messages)} kindOf={kindOf} bare />
      </p>
      <dl>
        <dt>{t.backend}</dt>
        <dd>{trace.backend ? <Prose text={`${trace.backend.pod ?? ''} ${trace.backend.ip}`} kindOf={kindOf} bare /> : packet.nobody}</dd>
        <dt>{t.source}</dt>
        <dd>{trace.seenSource ? <Prose text={trace.seenSource} kindOf={kindOf} bare /> : packet.nobody}</dd>
        <dt>{t.events}</dt>
        <dd>{events.length}</dd>
        <dt>{t.rules}</dt>
        <dd>
          {t.matched(rules.length)}, {t.missed(missed)}
        </dd>
      </dl>
      <ol>
        {rules.map((rule, i) => (
          // A trace never changes: a rule's place in it is its name.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <li key={i}>
            <code>{rule.text}</code>
          </li>
        ))}
      </ol>
    </section>
  )
}
