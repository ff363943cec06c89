import { useEffect, useState } from 'react'
import type { ConversionView } from '../../core/sim/session.ts'
import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'
import { Button } from '../../ui/Button.tsx'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { BothWays } from './BothWays.tsx'
import './convert.css'

/** The cluster's Ingresses as Gateway API objects: the YAML, what changes in meaning, and one request through both. */
export function ConvertPanel() {
  const { convert: t } = useText().details
  const live = useSelect((state) => state.live)
  const request = useSelect((state) => state.request)
  const { read } = useWorkbench()
  const [conversion, setConversion] = useState<ConversionView | 'working' | undefined>('working')
  // What is typed in the request bar asks nothing by itself: a click, or another world, does.
  const [asked, setAsked] = useState(request)
  useEffect(() => {
    let current = live !== undefined
    if (live) {
      void read({ ask: 'convert', ...(asked.to !== '' && { request: asked }) }).then((answer) => {
        if (current && answer?.answer === 'convert') setConversion(answer.conversion)
      })
    }
    return () => {
      current = false
    }
  }, [live, asked, read])
  if (conversion === 'working') return <p className="empty">{t.working}</p>
  if (!conversion) return <p className="empty">{t.none}</p>
  return (
    <div className="convert">
      <Objects conversion={conversion} />
      <div className="convert-side">
        <Notes notes={conversion.notes} />
        <section aria-label={t.both}>
          <div className="convert-head">
            <h3>{t.both}</h3>
            <Button onClick={() => setAsked({ ...request })}>{t.again}</Button>
          </div>
          {conversion.both && <BothWays both={conversion.both} from={asked.from} to={asked.to} />}
        </section>
      </div>
    </div>
  )
}

function Objects({ conversion: { yaml, applied } }: { readonly conversion: ConversionView }) {
  const { shell, details } = useText()
  const { convert: t } = details
  const { append } = useWorkbench()
  return (
    <section className="convert-objects" aria-label={t.title}>
      <div className="convert-head">
        <h3>{t.title}</h3>
        {applied ? (
          <span className="convert-quiet" role="status">
            ✓ {t.applied}
          </span>
        ) : (
          <Button look="solid" data-testid="convert-append" onClick={() => append(yaml)}>
            {t.append}
          </Button>
        )}
        <CopyButton text={yaml} label={shell.copy} done={shell.copied} />
      </div>
      {!applied && <p className="convert-quiet">{t.intro}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0} data-testid="convert-yaml">
        {yaml}
      </pre>
    </section>
  )
}

function Notes({ notes }: Pick<ConversionView, 'notes'>) {
  const { convert: t } = useText().details
  return (
    <section aria-label={t.notesTitle}>
      <h3>{t.notesTitle}</h3>
      {notes.length === 0 ? (
        <p className="convert-quiet">{t.noNotes}</p>
      ) : (
        <ul data-testid="convert-notes">
          {notes.map(({ code, params }) => (
            <li key={`${code} ${JSON.stringify(params)}`}>{t.notes[code]?.(params) ?? code}</li>
          ))}
        </ul>
      )}
    </section>
  )
}
