import { ChevronDown } from 'lucide-react'
import { Popover } from 'radix-ui'
import { useState } from 'react'
import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'
import { Button } from '../../ui/Button.tsx'

/** The gallery: choose a scene by its title, or by words in it. */
export function ScenePicker() {
  const messages = useText()
  const { topbar: t } = messages.shell
  const { scenes, openScene } = useWorkbench()
  const scene = useSelect((state) => state.scene)
  const edited = useSelect((state) => state.files !== state.pristine)
  const [open, setOpen] = useState(false)
  const [words, setWords] = useState('')
  const titleOf = (title: Readonly<Record<string, string>>, name: string) => title[messages.language] ?? title['en'] ?? name
  const current = scenes.list.find((entry) => entry.name === scene)
  const wanted = words.toLowerCase().split(/\s+/)
  const found = scenes.list.filter((entry) => {
    const text = `${entry.name} ${Object.values(entry.title).join(' ')}`.toLowerCase()
    return wanted.every((word) => text.includes(word))
  })
  return (
    <Popover.Root
      open={open}
      onOpenChange={(next) => {
        setOpen(next)
        setWords('')
      }}
    >
      <Popover.Trigger asChild>
        <Button className="topbar-scene" title={t.scene}>
          <span className="topbar-scene-label">{t.scene}</span>
          <strong>{current ? titleOf(current.title, current.name) : t.ownYaml}</strong>
          {edited && current && <span className="topbar-edited">· {t.edited}</span>}
          <ChevronDown size={14} aria-hidden="true" />
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="menu topbar-scenes" align="start" sideOffset={4} aria-label={t.scene}>
          <input
            className="field"
            type="search"
            aria-label={t.searchScenes}
            placeholder={t.searchScenes}
            value={words}
            onChange={(event) => setWords(event.target.value)}
          />
          {found.length === 0 && <p className="topbar-nothing">{t.noSceneFound}</p>}
          <ul>
            {found.map((entry) => (
              <li key={entry.name}>
                <button
                  type="button"
                  className="menu-item"
                  data-testid={`scenario/${entry.name}`}
                  aria-current={entry.name === scene}
                  onClick={() => {
                    setOpen(false)
                    openScene(entry.name)
                  }}
                >
                  <span>{titleOf(entry.title, entry.name)}</span>
                  <span className="topbar-scene-name">{entry.name}</span>
                </button>
              </li>
            ))}
          </ul>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}
