import { useReactFlow } from '@xyflow/react'
import { Maximize2, Minus, Plus, X } from 'lucide-react'
import { useText, useWorkbench } from '../../store/hooks.tsx'
import { Button } from '../../ui/Button.tsx'

type StageToolsProps = {
  readonly onFit: () => void
  readonly showSystem: boolean
  readonly onSystem: (show: boolean) => void
  readonly ghost: boolean
}

/** Zoom, fit, system Pods; and what is not shown, said. */
export function StageTools({ onFit, showSystem, onSystem, ghost }: StageToolsProps) {
  const t = useText().stage
  const workbench = useWorkbench()
  const { zoomIn, zoomOut } = useReactFlow()
  return (
    <div className="stage-tools">
      {ghost && (
        <Button onClick={() => workbench.dismissGhost()}>
          <X size={14} aria-hidden="true" /> {t.dismissGhost}
        </Button>
      )}
      <Button aria-pressed={showSystem} onClick={() => onSystem(!showSystem)}>
        {t.system}
      </Button>
      <Button square aria-label={t.zoomOut} title={t.zoomOut} onClick={() => void zoomOut()}>
        <Minus size={14} aria-hidden="true" />
      </Button>
      <Button square aria-label={t.zoomIn} title={t.zoomIn} onClick={() => void zoomIn()}>
        <Plus size={14} aria-hidden="true" />
      </Button>
      <Button square aria-label={t.fit} title={t.fit} onClick={onFit}>
        <Maximize2 size={14} aria-hidden="true" />
      </Button>
    </div>
  )
}

/** What shapes and lines mean. */
export function Legend() {
  const t = useText().stage
  return (
    <ul className="stage-legend" aria-label={t.legend}>
      <li>
        <span className="legend-node">N</span> {t.legendNode}
      </li>
      <li>
        <span className="legend-pod">P</span> {t.legendPod}
      </li>
      <li>
        <span className="legend-vip">V</span> {t.legendVip}
      </li>
      {(['declared', 'programmed', 'packet', 'failed'] as const).map((look) => (
        <li key={look}>
          <svg width="26" height="10" aria-hidden="true">
            <path className={`wire wire-${look}`} d="M1 5H25" />
          </svg>
          {t[`legend${look[0]?.toUpperCase()}${look.slice(1)}` as 'legendDeclared']}
        </li>
      ))}
    </ul>
  )
}
