import type { Step } from '../../core/trace/trace.ts'
import { useSelect, useText } from '../../store/hooks.tsx'
import type { TraceEvent } from '../../store/playback.ts'
import { kindOfAddress, ruleTexts } from '../../store/select.ts'
import { Prose } from '../../ui/Prose.tsx'

type DecidedProps = { readonly events: readonly TraceEvent[]; readonly index: number }
type RuleStep = Extract<Step, { step: 'rule' }>

/** The rules visited at this place so far, in order, in the words of the mode; those tried in vain are folded away. */
export function Decided({ events, index }: DecidedProps) {
  const { packet: t } = useText().shell
  const here = events[index - 1]
  if (!here) return null
  const steps = events
    .slice(0, index)
    .filter((event) => event.hop === here.hop && (event.step.step === 'rule' || event.step.step === 'choose'))
  if (steps.length === 0) return null
  return (
    <div className="packet-part">
      <h2>{t.decided}</h2>
      <ol className="packet-rules">
        {steps.map((event, i) => (
          // Steps never move within a trace: their place is their name.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <li key={i} data-current={event === here} data-step={event.step.step}>
            <DecidedStep step={event.step} node={event.place.name} />
          </li>
        ))}
      </ol>
    </div>
  )
}

function DecidedStep({ step, node }: { readonly step: Step; readonly node: string }) {
  const kindOf = useSelect(kindOfAddress)
  if (step.step === 'rule') return <RuleLine step={step} node={node} />
  if (step.step === 'choose') {
    const drew = step.drew === undefined ? '' : ` · ${step.drew.toFixed(3)}`
    return (
      <code>
        {step.by}
        {drew} → <Prose text={step.options[step.picked]?.to ?? ''} kindOf={kindOf} bare /> ({step.picked + 1}/{step.options.length})
      </code>
    )
  }
  return null
}

function RuleLine({ step, node }: { readonly step: RuleStep; readonly node: string }) {
  const { packet: t } = useText().shell
  const texts = useSelect(ruleTexts)
  const count = step.missed.to - step.missed.from
  return (
    <>
      {count > 0 && (
        <details className="packet-missed">
          <summary>
            {step.chain} · {t.missed(count)}
          </summary>
          <ol>
            {missedIds(step).map((id) => (
              <li key={id}>
                <code>✗ {shortRule(texts(node, id) ?? id)}</code>
              </li>
            ))}
          </ol>
        </details>
      )}
      <code title={step.text}>
        <span className="packet-chain">
          {step.chain} #{step.index + 1}
        </span>{' '}
        {shortRule(step.text)}
      </code>
    </>
  )
}

/** A rule without what the line before it already says: its chain, and kube-proxy's comment. The whole text is in the drawer. */
function shortRule(text: string): string {
  return text
    .replace(/^(-A|add rule \S+ \S+) \S+ /, '')
    .replace(/-m comment --comment ("[^"]*"|\S+) ?/, '')
    .replace(/-m (tcp|udp|sctp) -p \1/, '-p $1')
    .replace(/ comment "[^"]*"$/, '')
}

/** The ids of the chain's rules before the one that matched: a rule's id ends in its place in the chain. */
function missedIds({ rule, missed }: RuleStep): readonly string[] {
  const chain = rule.slice(0, rule.lastIndexOf('/'))
  return Array.from({ length: Math.min(200, missed.to - missed.from) }, (_, i) => `${chain}/${missed.from + i}`)
}
