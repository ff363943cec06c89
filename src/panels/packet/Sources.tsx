import type { Origin } from '../../core/kernel/program.ts'
import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'
import type { TraceEvent } from '../../store/playback.ts'
import { placeIn, rangeOf } from '../../store/select.ts'
import { Button } from '../../ui/Button.tsx'

type SourcesProps = { readonly events: readonly TraceEvent[]; readonly index: number }

/** Which lines of YAML made the current event happen. */
export function Sources({ events, index }: SourcesProps) {
  const { packet: t } = useText().shell
  const origins = originsOf(events[index - 1])
  if (origins.length === 0) return null
  return (
    <div className="packet-part packet-sources">
      <h2>{t.source}</h2>
      <ul>
        {origins.map((origin) => (
          <Source key={`${origin.object} ${origin.path.join('.')}`} origin={origin} />
        ))}
      </ul>
    </div>
  )
}

function Source({ origin }: { readonly origin: Origin }) {
  const { packet: t } = useText().shell
  const workbench = useWorkbench()
  const range = useSelect((state) => rangeOf(state, origin))
  const line = useSelect((state) => (range ? placeIn(state, range).line : 0))
  const [kind, , name] = origin.object.split('/')
  const field = `${kind} ${name} ${origin.path
    .map((part) => (typeof part === 'number' ? `[${part}]` : part))
    .join('.')
    .replaceAll('.[', '[')}`
  return (
    <li>
      {range ? (
        <Button
          look="link"
          onClick={() => {
            workbench.select(origin.object)
            workbench.revealRange(range)
          }}
        >
          {t.showSource(range.file, line)}
        </Button>
      ) : null}{' '}
      <span className="mono">{field}</span>
    </li>
  )
}

function originsOf(event: TraceEvent | undefined): readonly Origin[] {
  const step = event?.step
  if (!step) return []
  if (step.step === 'match') return step.candidates.flatMap((candidate) => (candidate.won && candidate.origin ? [candidate.origin] : []))
  if (step.step === 'end') return step.verdict.by?.origin ? [step.verdict.by.origin] : []
  return 'origin' in step && step.origin ? [step.origin] : []
}
