import { ChevronFirst, ChevronLast, Pause, Play, StepBack, StepForward } from 'lucide-react'
import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'
import { shownEvents } from '../../store/select.ts'
import { SPEEDS } from '../../store/state.ts'
import { Button } from '../../ui/Button.tsx'
import { ControlTrack } from './ControlTrack.tsx'
import { Scrubber } from './Scrubber.tsx'
import './transport.css'

/** Play, step and scrub through the events of the shown request. */
export function Transport() {
  const { transport: t } = useText().shell
  const workbench = useWorkbench()
  const playing = useSelect((state) => state.playing)
  const index = useSelect((state) => state.index)
  const length = useSelect((state) => shownEvents(state).length)
  const speed = useSelect((state) => state.speed)
  const none = length === 0
  return (
    <section className="transport" aria-label={t.label}>
      <div className="transport-buttons">
        <Step id="start" label={t.start} disabled={none} onClick={() => workbench.seek(0)} icon={ChevronFirst} />
        <Step id="prev" label={t.prev} disabled={none} onClick={() => workbench.step(-1)} icon={StepBack} />
        <Button
          square
          look="solid"
          data-testid="transport-play"
          aria-label={playing ? t.pause : t.play}
          title={playing ? t.pause : t.play}
          onClick={() => workbench.togglePlay()}
        >
          {playing ? <Pause size={15} aria-hidden="true" /> : <Play size={15} aria-hidden="true" />}
        </Button>
        <Step id="next" label={t.next} disabled={none} onClick={() => workbench.step(1)} icon={StepForward} />
        <Step id="end" label={t.end} disabled={none} onClick={() => workbench.seek(length)} icon={ChevronLast} />
      </div>
      <div className="transport-tracks">
        <Scrubber />
        <ControlTrack />
      </div>
      <output className="transport-count mono" aria-label={t.position(index, length)}>
        {index}/{length}
      </output>
      <select
        className="field"
        aria-label={t.speed}
        data-testid="transport-speed"
        value={speed}
        onChange={(event) => workbench.setSpeed(Number(event.target.value))}
      >
        {SPEEDS.map((value) => (
          <option key={value} value={value}>
            {value}×
          </option>
        ))}
      </select>
    </section>
  )
}

type StepProps = {
  readonly id: string
  readonly label: string
  readonly disabled: boolean
  readonly onClick: () => void
  readonly icon: typeof Play
}

function Step({ id, label, disabled, onClick, icon: Icon }: StepProps) {
  return (
    <Button square data-testid={`transport-${id}`} aria-label={label} title={label} disabled={disabled} onClick={onClick}>
      <Icon size={15} aria-hidden="true" />
    </Button>
  )
}
