import { RadioGroup } from 'radix-ui'
import { MODE_IDS, type ModeId } from '../../core/kernel/program.ts'
import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'
import { modeOf } from '../../store/select.ts'

/** Which of kube-proxy's modes the nodes run. */
export function ModeSelect() {
  const { topbar: t } = useText().shell
  const workbench = useWorkbench()
  const mode = useSelect(modeOf)
  return (
    <RadioGroup.Root
      className="topbar-modes"
      data-testid="mode-select"
      aria-label={t.mode}
      orientation="horizontal"
      value={mode}
      onValueChange={(value) => workbench.setMode(value as ModeId)}
    >
      {MODE_IDS.map((id) => (
        <RadioGroup.Item key={id} className="topbar-mode" value={id} data-testid={`mode/${id}`}>
          {id}
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  )
}
