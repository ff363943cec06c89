import type { SourceFile } from '../core/source/diagnostic.ts'
import { noticeOf } from '../store/notices.ts'
import type { Notice, Theme, WorkbenchState } from '../store/state.ts'
import { createWorkbench, type Scenes, type Workbench } from '../store/store.ts'
import { en } from '../text/index.ts'
import type { Language, Messages } from '../text/messages.ts'
import { startWorker } from '../worker/client.ts'
import { listenToDeck } from './deck.ts'
import { loadGallery } from './gallery.ts'
import { startKeyboard } from './keyboard.ts'
import { kubehopOf } from './kubehop.ts'
import { startPlayback } from './playback.ts'
import { readLooks, readSaved, writeLooks, writeSaved } from './saved.ts'
import { type Address, readAddress, writeKnobs } from './url.ts'

/**
 * Puts the page together, once: address bar, storage, worker, store, keys, clock, and `window.kubehop`, which is there before anything
 * is waited for. The language comes last: `spoken` says when it is there.
 */
export function boot(version: string): { readonly workbench: Workbench; readonly spoken: Promise<void> } {
  const address = readAddress(location.search, location.hash)
  const looks = readLooks()
  const language = address.language ?? looks.language ?? (navigator.language.startsWith('zh') ? 'zh' : 'en')
  const still = matchMedia('(prefers-reduced-motion: reduce)')
  const initial: WorkbenchState = {
    ...BLANK,
    knobs: {
      bare: address.bare,
      embed: address.embed,
      manualClock: address.manualClock,
      motionOff: address.motionOff,
      ...(address.at === undefined ? {} : { at: address.at }),
    },
    chosenMode: address.mode ?? address.shared?.mode,
    seed: address.seed ?? address.shared?.seed ?? 42,
    language: 'en',
    messages: en,
    theme: address.theme ?? looks.theme ?? preferredTheme(),
    reducedMotion: address.motionOff || still.matches,
  }
  let workbench: Workbench | undefined
  const worker = startWorker((progress) => workbench?.setProgress(progress))
  workbench = createWorkbench(worker.ask, PLATFORM, initial)
  const spoken = language === 'en' ? Promise.resolve() : workbench.setLanguage(language)
  Object.defineProperty(window, 'kubehop', { value: kubehopOf(workbench, version, spoken) })
  still.addEventListener('change', () => workbench.setReducedMotion(address.motionOff || still.matches))
  watchLooks(workbench)
  startKeyboard(workbench)
  startPlayback(workbench)
  if (address.embed) listenToDeck(workbench)
  void begin(workbench, address)
  return { workbench, spoken }
}

async function begin(workbench: Workbench, address: Address): Promise<void> {
  const gallery = await loadGallery()
  workbench.begin(gallery, startOf(address, gallery))
  keep(workbench)
  const at = address.at ?? address.shared?.at
  if (at === undefined) return
  await workbench.send()
  workbench.seek(at)
}

type Start = Pick<WorkbenchState, 'scene' | 'files' | 'pristine' | 'request' | 'notices'>

/** What is shown first: the fragment wins over saved edits, which win over the scene. */
function startOf({ scene, shared, broken, odd }: Address, gallery: Scenes): Start {
  const notices: Notice[] = odd.map(({ name, value }) => noticeOf('status', (t) => t.shell.notices.badKnob(name, value)))
  if (broken) notices.push(noticeOf('alert', (t) => t.shell.notices.brokenState))
  const saved = broken || shared ? undefined : readSaved()
  const wanted = shared?.scene ?? saved?.scene ?? (broken ? undefined : scene) ?? gallery.first
  const found = gallery.load(wanted)
  if (!found && !saved && !shared?.files) notices.push(noticeOf('alert', (t) => t.shell.notices.noScene(wanted)))
  const pristine = found ?? gallery.load(gallery.first) ?? EMPTY
  const files = shared?.files ?? saved?.files ?? pristine
  if (saved) notices.push(noticeOf('status', (t) => t.shell.notices.editsKept))
  const request = shared?.request ?? saved?.request
  return {
    scene: found ? wanted : gallery.first,
    files,
    pristine,
    request: request ?? { from: '', to: '' },
    notices,
  }
}

const EMPTY: readonly SourceFile[] = [{ name: 'cluster.yaml', text: '' }]

const BLANK = {
  gallery: [],
  scene: '',
  files: EMPTY,
  pristine: EMPTY,
  request: { from: '', to: '' },
  cookies: {},
  notices: [],
  undo: [],
  redo: [],
  revision: 0,
  present: false,
  settled: false,
  progress: undefined,
  diagnostics: [],
  snapshot: undefined,
  live: undefined,
  stale: false,
  run: undefined,
  shown: 0,
  history: [],
  ghost: undefined,
  rules: new Map(),
  ruleSources: new Map(),
  compared: undefined,
  crash: undefined,
  index: 0,
  fraction: 0,
  playing: false,
  speed: 1,
  selected: undefined,
  reveal: undefined,
  drawer: 'rules',
  problemsOpen: true,
  side: 'path',
  rulesNode: undefined,
  helpOpen: false,
  fitCount: 0,
} as const

const preferredTheme = (): Theme => (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')

const PLATFORM = {
  link: (fragment: string) => {
    history.replaceState(null, '', `${location.pathname}${location.search}#${fragment}`)
    return location.href
  },
  copy: (text: string) => navigator.clipboard.writeText(text),
}

/** What follows the store outside of React: the document's attributes. */
function watchLooks({ store }: Workbench): void {
  dress(store.getState())
  store.subscribe((state, before) => {
    if (state.theme === before.theme && state.present === before.present && state.language === before.language) return
    dress(state)
    writeLooks({ theme: state.theme, language: state.language })
  })
}

/** Keeps edits in the browser's storage and settings in the address bar, from the first change on. */
function keep(workbench: Workbench): void {
  let full = false
  workbench.store.subscribe((state, before) => {
    const edited = state.files !== before.files
    if ((edited || state.request !== before.request || state.pristine !== before.pristine) && !writeSaved(state) && !full) {
      full = true
      workbench.notify('alert', (t) => t.shell.notices.storageFull)
    }
    const moved = state.scene !== before.scene || state.chosenMode !== before.chosenMode || state.seed !== before.seed
    if (!moved && !edited && state.language === before.language) return
    // The fragment says what was shared; once something is typed, the storage knows better.
    const hash = edited ? '' : location.hash
    history.replaceState(null, '', `${location.pathname}${writeKnobs(location.search, state)}${hash}`)
  })
}

function dress({
  theme,
  present,
  language,
  reducedMotion,
  messages,
}: {
  theme: Theme
  present: boolean
  language: Language
  reducedMotion: boolean
  messages: Messages
}): void {
  const root = document.documentElement
  root.lang = language
  root.dataset['theme'] = present ? 'projector' : theme
  root.dataset['present'] = String(present)
  root.dataset['motion'] = reducedMotion ? 'off' : 'on'
  document.title = messages.shell.title
}
