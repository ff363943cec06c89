import { useId, useState } from 'react'
import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'

/** The seed of every draw. Taken over when it is left or Enter is pressed, so that typing 123 sends no 1 and no 12. */
export function SeedField() {
  const { topbar: t } = useText().shell
  const workbench = useWorkbench()
  const seed = useSelect((state) => state.seed)
  const [draft, setDraft] = useState<string>()
  const id = useId()
  const commit = () => {
    const value = Number(draft)
    if (draft !== undefined && draft.trim() !== '' && Number.isSafeInteger(value) && value !== seed) workbench.setSeed(value)
    setDraft(undefined)
  }
  return (
    <span className="topbar-seed" title={t.seedHint}>
      <label htmlFor={id}>{t.seed}</label>
      <input
        id={id}
        className="field"
        aria-label={t.seed}
        data-testid="seed"
        inputMode="numeric"
        autoComplete="off"
        value={draft ?? String(seed)}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') commit()
          if (event.key === 'Escape') setDraft(undefined)
        }}
      />
    </span>
  )
}
