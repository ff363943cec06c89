import { CircleQuestionMark, Link2, Moon, Presentation, Projector, Redo2, RotateCcw, Sun, Undo2 } from 'lucide-react'
import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'
import type { Theme } from '../../store/state.ts'
import { Button } from '../../ui/Button.tsx'
import { ModeSelect } from './ModeSelect.tsx'
import { ScenePicker } from './ScenePicker.tsx'
import { SeedField } from './SeedField.tsx'
import './topbar.css'

const THEMES = { light: Sun, dark: Moon, projector: Projector } satisfies Record<Theme, typeof Sun>

/** What holds for the whole page: scene, mode, seed, undo, sharing, looks, language. */
export function TopBar() {
  return (
    <header className="topbar">
      <h1 className="topbar-brand">
        <Logo />
        <span className="topbar-name">Kubehop</span>
      </h1>
      <ScenePicker />
      <ModeSelect />
      <span className="topbar-version">Kubernetes 1.36</span>
      <SeedField />
      <span className="topbar-gap" />
      <History />
      <Looks />
    </header>
  )
}

function History() {
  const { topbar: t } = useText().shell
  const workbench = useWorkbench()
  const canUndo = useSelect((state) => state.undo.length > 0)
  const canRedo = useSelect((state) => state.redo.length > 0)
  const changed = useSelect((state) => state.files !== state.pristine)
  return (
    <>
      <Button square look="plain" aria-label={t.undo} title={t.undo} disabled={!canUndo} onClick={workbench.undo}>
        <Undo2 size={16} aria-hidden="true" />
      </Button>
      <Button square look="plain" aria-label={t.redo} title={t.redo} disabled={!canRedo} onClick={workbench.redo}>
        <Redo2 size={16} aria-hidden="true" />
      </Button>
      <Button aria-label={t.reset} title={t.resetHint} disabled={!changed} onClick={workbench.reset}>
        <RotateCcw size={14} aria-hidden="true" />
        <span className="topbar-word">{t.reset}</span>
      </Button>
      <Button aria-label={t.share} title={t.shareHint} onClick={() => void workbench.share()}>
        <Link2 size={14} aria-hidden="true" />
        <span className="topbar-word">{t.share}</span>
      </Button>
    </>
  )
}

function Looks() {
  const { topbar: t } = useText().shell
  const workbench = useWorkbench()
  const theme = useSelect((state) => state.theme)
  const present = useSelect((state) => state.present)
  const language = useSelect((state) => state.language)
  const Icon = THEMES[theme]
  const names = Object.keys(THEMES) as readonly Theme[]
  const next = names[(names.indexOf(theme) + 1) % names.length] ?? 'light'
  return (
    <>
      <Button
        aria-pressed={present}
        aria-label={present ? t.leavePresent : t.present}
        title={present ? t.leavePresent : t.presentHint}
        look={present ? 'solid' : 'normal'}
        onClick={() => workbench.setPresent(!present)}
      >
        <Presentation size={14} aria-hidden="true" />
        {present ? <span>P</span> : <span className="topbar-word">{t.present}</span>}
      </Button>
      <Button
        square
        look="plain"
        aria-label={`${t.theme}: ${t.themes[theme]}`}
        title={`${t.theme}: ${t.themes[theme]}`}
        onClick={() => workbench.setTheme(next)}
      >
        <Icon size={16} aria-hidden="true" />
      </Button>
      <fieldset className="topbar-languages" aria-label={t.language}>
        <Button look="plain" lang="en" aria-pressed={language === 'en'} onClick={() => void workbench.setLanguage('en')}>
          EN
        </Button>
        <Button look="plain" lang="zh" aria-pressed={language === 'zh'} onClick={() => void workbench.setLanguage('zh')}>
          中文
        </Button>
      </fieldset>
      <Button square look="plain" aria-label={t.help} title={t.help} onClick={() => workbench.setHelp(true)}>
        <CircleQuestionMark size={16} aria-hidden="true" />
      </Button>
    </>
  )
}

/** A rule (dashed, hollow) with a process inside it. */
function Logo() {
  return (
    <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
      <path d="M16 3 27.3 9.5v13L16 29 4.7 22.5v-13z" fill="none" stroke="var(--cluster-ip)" strokeWidth="2.6" strokeDasharray="5 2.4" />
      <circle cx="16" cy="16" r="5.4" fill="var(--pod-ip)" />
    </svg>
  )
}
