import { type KeyboardEvent, useEffect, useRef } from 'react'
import { useSelect, useWorkbench } from '../../store/hooks.tsx'

type PlainEditorProps = {
  readonly label: string
  readonly note: string
  readonly file: string
  readonly text: string
  readonly onChange: (text: string) => void
}

/** The YAML in a textarea: everything but colours. Tab leaves it, as in any form. */
export function PlainEditor({ label, note, file, text, onChange }: PlainEditorProps) {
  const area = useRef<HTMLTextAreaElement>(null)
  const workbench = useWorkbench()
  const reveal = useSelect((state) => state.reveal)
  useEffect(() => {
    const element = area.current
    if (!element || reveal?.range.file !== file) return
    const { start, end } = reveal.range
    element.setSelectionRange(start, end)
    const line = element.value.slice(0, start).split('\n').length
    element.scrollTop = (line - 4) * 20
  }, [reveal, file])
  return (
    <textarea
      ref={area}
      className="editor-plain"
      aria-label={label}
      title={note}
      value={text}
      spellCheck={false}
      autoCapitalize="off"
      autoCorrect="off"
      wrap="off"
      onFocus={() => workbench.pause()}
      onChange={(event) => onChange(event.target.value)}
      onSelect={(event) => workbench.setCaret({ file, offset: event.currentTarget.selectionStart })}
      onKeyDown={(event) => keepIndent(event, onChange)}
    />
  )
}

/** Enter keeps the line's indentation. */
function keepIndent(event: KeyboardEvent<HTMLTextAreaElement>, onChange: (text: string) => void): void {
  if (event.key !== 'Enter' || event.nativeEvent.isComposing) return
  const { currentTarget: area } = event
  const { selectionStart: start, selectionEnd: end, value } = area
  const line = value.slice(value.lastIndexOf('\n', start - 1) + 1, start)
  const indent = /^\s*/.exec(line)?.[0] ?? ''
  if (indent === '') return
  event.preventDefault()
  const next = `${value.slice(0, start)}\n${indent}${value.slice(end)}`
  onChange(next)
  requestAnimationFrame(() => area.setSelectionRange(start + 1 + indent.length, start + 1 + indent.length))
}
