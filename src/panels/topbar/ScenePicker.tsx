import { ChevronDown } from 'lucide-react'
import { useState } from 'react'
import { groupBy } from '../../core/base/order.ts'
import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'
import { Popover } from '../../ui/Popover.tsx'

/** The gallery: choose a scene by its title, or by words in it. */
export function ScenePicker() {
  const messages = useText()
  const { topbar: t } = messages.shell
  const gallery = useSelect((state) => state.gallery)
  const scene = useSelect((state) => state.scene)
  const edited = useSelect((state) => state.files !== state.pristine)
  const current = gallery.find((entry) => entry.name === scene)
  return (
    <Popover
      label={t.scene}
      className="topbar-scene"
      boxClassName="topbar-scenes"
      button={
        <>
          <span className="topbar-scene-label">{t.scene}</span>
          <strong>{current ? titleIn(messages.language, current) : t.ownYaml}</strong>
          {edited && current && <span className="topbar-edited">· {t.edited}</span>}
          <ChevronDown size={14} aria-hidden="true" />
        </>
      }
    >
      {(close) => <SceneList close={close} />}
    </Popover>
  )
}

function SceneList({ close }: { readonly close: () => void }) {
  const messages = useText()
  const { topbar: t } = messages.shell
  const { openScene } = useWorkbench()
  const gallery = useSelect((state) => state.gallery)
  const scene = useSelect((state) => state.scene)
  const [words, setWords] = useState('')
  const groupName = (group: string) => (t.groups as Readonly<Record<string, string | undefined>>)[group] ?? group
  const wanted = words.toLowerCase().split(/\s+/)
  const found = gallery.filter((entry) => {
    const text = `${entry.name} ${Object.values(entry.title).join(' ')}`.toLowerCase()
    return wanted.every((word) => text.includes(word))
  })
  return (
    <>
      <input
        className="field"
        type="search"
        aria-label={t.searchScenes}
        placeholder={t.searchScenes}
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      {found.length === 0 && <p className="topbar-nothing">{t.noSceneFound}</p>}
      {[...groupBy(found, (entry) => entry.group)].map(([group, entries]) => (
        <section key={group} aria-label={groupName(group)}>
          <h2>{groupName(group)}</h2>
          <ul>
            {entries.map((entry) => (
              <li key={entry.name}>
                <button
                  type="button"
                  className="menu-item"
                  data-testid={`scenario/${entry.name}`}
                  aria-current={entry.name === scene}
                  onClick={() => {
                    close()
                    openScene(entry.name)
                  }}
                >
                  <span>{titleIn(messages.language, entry)}</span>
                  <span className="topbar-scene-name">{entry.name}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  )
}

function titleIn(language: string, { name, title }: { readonly name: string; readonly title: Readonly<Record<string, string>> }): string {
  return title[language] ?? title['en'] ?? name
}
