import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'
import './editor.css'
import { EditorFoot } from './EditorFoot.tsx'
import type { Editor } from './monaco.ts'
import { PlainEditor } from './PlainEditor.tsx'
import { useLitLines } from './useLitLines.ts'

/** The YAML. Monaco comes when the page is at rest; a textarea that can do the same job stands there until then, and if it never comes. */
export function EditorPanel() {
  const t = useText().stage
  const files = useSelect((state) => state.files)
  const reveal = useSelect((state) => state.reveal)
  const [wanted, setWanted] = useState<string>()
  const file = files.find(({ name }) => name === wanted) ?? files[0]

  // Whoever asks to see a range asks for its file.
  useEffect(() => {
    if (reveal) setWanted(reveal.range.file)
  }, [reveal])

  if (!file) return null
  return (
    <section className="editor" aria-label={t.editorLabel} data-testid="editor">
      {files.length > 1 && <FileTabs names={files.map(({ name }) => name)} shown={file.name} onShow={setWanted} />}
      <Body file={file.name} text={file.text} />
    </section>
  )
}

type FileTabsProps = { readonly names: readonly string[]; readonly shown: string; readonly onShow: (name: string) => void }

/** One tab a file, over one and the same editor: it keeps each file's place and its undo. */
function FileTabs({ names, shown, onShow }: FileTabsProps) {
  const t = useText().stage
  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    const next = names[names.indexOf(shown) + by]
    if (by === 0 || next === undefined) return
    event.preventDefault()
    onShow(next)
    event.currentTarget.querySelector<HTMLElement>(`[data-tab="${CSS.escape(next)}"]`)?.focus()
  }
  return (
    <div className="tab-list" role="tablist" aria-label={t.files} onKeyDown={move} tabIndex={-1}>
      {names.map((name) => (
        <button
          key={name}
          type="button"
          role="tab"
          className="tab"
          data-tab={name}
          data-state={name === shown ? 'active' : 'inactive'}
          aria-selected={name === shown}
          tabIndex={name === shown ? 0 : -1}
          onClick={() => onShow(name)}
        >
          {name}
        </button>
      ))}
    </div>
  )
}

function Body({ file, text }: { readonly file: string; readonly text: string }) {
  const t = useText().stage
  const workbench = useWorkbench()
  const { host, editor, failed } = useMonaco(file, text)
  return (
    <div className="editor-body">
      <div ref={host} className="editor-monaco" hidden={!editor} />
      {!editor && (
        <PlainEditor
          label={t.editorLabel}
          note={failed ? t.plainStays : t.plainEditor}
          text={text}
          file={file}
          onChange={(next) => workbench.setText(file, next)}
        />
      )}
      <EditorFoot />
    </div>
  )
}

/** Loads Monaco when the stage has been painted and nothing else is to do, and keeps it in step with the store. */
function useMonaco(file: string, text: string) {
  const workbench = useWorkbench()
  const t = useText().stage
  const host = useRef<HTMLDivElement>(null)
  const [editor, setEditor] = useState<Editor>()
  const [failed, setFailed] = useState(false)
  const theme = useSelect((state) => state.theme)
  const painted = useSelect((state) => state.snapshot !== undefined || state.stale)
  const diagnostics = useSelect((state) => state.diagnostics)
  const reveal = useSelect((state) => state.reveal)
  const lines = useLitLines()
  const words = useRef(t)
  words.current = t

  useEffect(() => {
    if (!painted) return
    let dropped = false
    let opened: Editor | undefined
    const load = async () => {
      const { openEditor } = await import('./monaco.ts')
      const element = host.current
      if (!element || dropped) return
      const { language, theme: first } = workbench.store.getState()
      opened = await openEditor(element, {
        language,
        theme: first,
        label: `${words.current.editorLabel}. ${words.current.editorHelp}`,
        readOnly: false,
        onChange: workbench.setText,
        onCursor: (name, offset) => workbench.setCaret({ file: name, offset }),
        onFocus: (focused) => {
          if (focused) workbench.pause()
        },
        fixTitle: (...parts) => words.current.fixTitle(...parts),
      })
      if (dropped) opened.dispose()
      else setEditor(opened)
    }
    const cancel = whenIdle(() => void load().catch(() => setFailed(true)))
    return () => {
      dropped = true
      cancel()
      opened?.dispose()
      setEditor(undefined)
    }
  }, [painted, workbench])

  useEffect(() => editor?.show(file, text), [editor, file, text])
  useEffect(() => editor?.setTheme(theme), [editor, theme])
  const here = useMemo(() => diagnostics.filter((diagnostic) => diagnostic.range.file === file), [diagnostics, file])
  useEffect(() => editor?.mark(file, here), [editor, file, here])
  useEffect(
    () =>
      editor?.light(
        file,
        lines.filter((line) => line.range.file === file),
      ),
    [editor, file, lines],
  )
  useEffect(() => {
    if (reveal?.range.file === file) editor?.reveal(reveal.range)
  }, [editor, file, reveal])
  return { host, editor, failed }
}

/** Calls once the browser has nothing better to do; Safari has no such call and gets a pause instead. */
function whenIdle(call: () => void): () => void {
  if ('requestIdleCallback' in window) {
    const id = requestIdleCallback(call, { timeout: 3000 })
    return () => cancelIdleCallback(id)
  }
  const timer = setTimeout(call, 300)
  return () => clearTimeout(timer)
}
