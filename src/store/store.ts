import { createStore } from 'zustand/vanilla'
import type { ObjectKey } from '../core/api/meta.ts'
import type { ModeId } from '../core/kernel/program.ts'
import type { Question, RequestSpec } from '../core/sim/session.ts'
import type { SourceFile, SourceRange } from '../core/source/diagnostic.ts'
import { loadMessages } from '../text/index.ts'
import type { Language } from '../text/messages.ts'
import { withNotice } from './notices.ts'
import { durationOf, eventsIn, hopFrom, nextRewrite } from './playback.ts'
import { encodeState, LONG_LINK, MAX_FRAGMENT } from './share.ts'
import { type DrawerTab, type Notice, SPEEDS, type Theme, type WorkbenchState } from './state.ts'
import { type Ask, startWorld } from './world.ts'

/** Where scenes come from: the gallery. */
export type Scenes = {
  readonly first: string
  readonly list: WorkbenchState['gallery']
  readonly load: (name: string) => readonly SourceFile[] | undefined
}

/** What the store asks of the browser. */
export type Platform = {
  /** Puts a state into the address bar; answers the whole link. */
  readonly link: (fragment: string) => string
  readonly copy: (text: string) => Promise<void>
}

export type Workbench = ReturnType<typeof createWorkbench>

const UNDO_DEPTH = 200

/** The one store and every verb that changes it. `initial` is what the URL and the browser's storage say. */
export function createWorkbench(ask: Ask, platform: Platform, initial: WorkbenchState) {
  const store = createStore<WorkbenchState>(() => initial)
  const get = store.getState
  const set = (part: Partial<WorkbenchState>) => store.setState(part)
  const world = startWorld(ask, store)
  let typing = false
  let scenes: Scenes | undefined

  const trace = () => get().run?.traces[get().shown]
  const events = () => eventsIn(trace())

  /** Changes what was typed. A burst of typing is one step of undo: it ends when the worker is asked. */
  function edit(files: readonly SourceFile[], delay: number): void {
    const { undo, files: before, revision } = get()
    const kept = typing ? undo : [...undo, { files: before }].slice(-UNDO_DEPTH)
    typing = true
    set({ files, undo: kept, redo: [], revision: revision + 1 })
    world.reload(delay, () => {
      typing = false
    })
  }

  function turn(from: 'undo' | 'redo', to: 'undo' | 'redo'): void {
    const state = get()
    const last = state[from].at(-1)
    if (!last) return
    typing = false
    set({
      files: last.files,
      [from]: state[from].slice(0, -1),
      [to]: [...state[to], { files: state.files }],
      revision: state.revision + 1,
    })
    world.reload(0)
  }

  function change(part: Partial<WorkbenchState>): void {
    set({ ...part, revision: get().revision + 1 })
    world.reload(0)
  }

  const notify = (role: Notice['role'], text: Notice['text']) => set({ notices: withNotice(get().notices, role, text) })

  const seek = (index: number) => {
    const length = events().length
    set({ index: Math.max(0, Math.min(length, Math.round(index) || 0)), fraction: 0, playing: false })
  }

  const play = () => {
    const { index, knobs } = get()
    const { length } = events()
    if (length === 0 || knobs.manualClock) return
    set({ playing: true, ...(index >= length ? { index: 0, fraction: 0 } : {}) })
  }

  /** Makes a link that holds everything, and copies it. */
  async function share(): Promise<void> {
    const { scene, files, pristine, request, chosenMode, seed, index, run } = get()
    const fragment = encodeState({
      scene,
      ...(files === pristine ? {} : { files }),
      request,
      ...(chosenMode ? { mode: chosenMode } : {}),
      seed,
      ...(run ? { at: index } : {}),
    })
    if (fragment.length > MAX_FRAGMENT) return notify('alert', (t) => t.shell.notices.shareTooLong)
    const link = platform.link(fragment)
    try {
      await platform.copy(link)
      notify('status', (t) => (link.length > LONG_LINK ? t.shell.notices.shareLong(link.length) : t.shell.notices.shared(link.length)))
    } catch {
      notify('status', (t) => t.shell.notices.shareFailed)
    }
  }

  return {
    store,
    share,
    /** Resolves when no edit and no request is under way. */
    whenSettled: world.whenSettled,
    /** Begins with what the address bar, the storage and the gallery say. */
    begin: (gallery: Scenes, start: Partial<WorkbenchState>) => {
      scenes = gallery
      set({ gallery: gallery.list, ...start })
      world.reload(0)
    },

    openScene(name: string): void {
      const files = scenes?.load(name)
      if (!files) {
        notify('alert', (t) => t.shell.notices.noScene(name))
        return
      }
      const { undo, files: before } = get()
      typing = false
      world.forget()
      set({
        scene: name,
        undo: [...undo, { files: before }].slice(-UNDO_DEPTH),
        redo: [],
        files,
        pristine: files,
        chosenMode: undefined,
        selected: undefined,
        request: { from: '', to: '' },
      })
      change({})
    },

    setText: (name: string, text: string) => {
      const { files } = get()
      if (files.find((file) => file.name === name)?.text === text) return
      edit(
        files.map((file) => (file.name === name ? { name, text } : file)),
        250,
      )
    },
    /** Puts a quick fix's text into its place. */
    applyFix: (range: SourceRange, text: string) => {
      const fixed = get().files.map((file) =>
        file.name === range.file ? { name: file.name, text: file.text.slice(0, range.start) + text + file.text.slice(range.end) } : file,
      )
      edit(fixed, 0)
    },
    /** Replaces the whole text. */
    setFiles: (files: readonly SourceFile[]) => {
      world.replaced()
      edit(files, 0)
    },
    undo: () => turn('undo', 'redo'),
    redo: () => turn('redo', 'undo'),
    reset: () => {
      world.forget()
      edit(get().pristine, 0)
    },

    setMode: (chosenMode: ModeId) => change({ chosenMode }),
    setSeed: (seed: number) => change({ seed }),
    setRequest: (part: Partial<RequestSpec>) => set({ request: { ...get().request, ...part } }),
    replaceRequest: (request: RequestSpec) => set({ request }),
    /** Sends what the request bar holds; resolves when the trace is there. */
    send: () => world.send(),
    /** Carries out one control-plane step in a scenario's words. */
    act: (step: Readonly<Record<string, unknown>>) => world.act(step),
    compare: () => world.compare(),
    /** Asks the worker something that changes nothing. */
    read: (question: Question) => world.read(question),
    /** Adds documents to the end of the text. */
    append: (yaml: string) => {
      const { files } = get()
      const last = files.at(-1)
      if (last) edit([...files.slice(0, -1), { ...last, text: `${last.text.trimEnd()}\n---\n${yaml}` }], 0)
    },
    /** The client forgets its cookies for a host. */
    clearCookies: (host: string) => {
      const { [host]: _gone, ...rest } = get().cookies
      set({ cookies: rest })
    },
    needRules: (node: string, mode: ModeId) => world.needRules(node, mode),
    showRun: (id: number) => {
      const run = get().history.find((entry) => entry.id === id)
      if (run) set({ run, snapshot: run.snapshot, shown: 0, index: 0, fraction: 0, playing: false, ghost: undefined, request: run.request })
    },
    showTrace: (shown: number) => set({ shown, index: 0, fraction: 0, playing: false }),
    dismissGhost: () => set({ ghost: undefined }),

    seek,
    step: (count: number) => seek(get().index + count),
    stepHop: (direction: 1 | -1) => seek(hopFrom(events(), get().index, direction)),
    nextRewrite: () => seek(nextRewrite(events(), get().index)),
    play,
    pause: () => set({ playing: false }),
    /** What Space does: play, pause, or send first if nothing was sent. */
    togglePlay: () => {
      if (get().playing) return set({ playing: false })
      if (!get().run) return void world.send()
      play()
    },
    /** Time passes: `milliseconds` of the screen's time, while playing. */
    tick: (milliseconds: number) => {
      const { playing, index, fraction, speed, reducedMotion } = get()
      if (!playing) return
      const all = events()
      let at = index
      let part = fraction + (milliseconds * speed) / durationOf(all[at])
      while (part >= 1 && at < all.length) {
        const left = (part - 1) * durationOf(all[at])
        at += 1
        part = left / durationOf(all[at])
      }
      if (at >= all.length) set({ index: all.length, fraction: 0, playing: false })
      else if (!reducedMotion || at !== index || Math.floor(part * 4) !== Math.floor(fraction * 4)) set({ index: at, fraction: part })
      else set({ fraction: part })
    },
    setSpeed: (speed: number) => set({ speed }),
    changeSpeed: (by: 1 | -1) => {
      const at = SPEEDS.indexOf(get().speed) + by
      set({ speed: SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, at))] ?? 1 })
    },

    setLanguage: async (language: Language) => {
      set({ messages: await loadMessages(language), language })
    },
    setTheme: (theme: Theme) => set({ theme, present: theme === 'projector' ? get().present : false }),
    setPresent: (present: boolean) => set({ present }),
    setReducedMotion: (reducedMotion: boolean) => set({ reducedMotion }),
    select: (selected: ObjectKey | undefined) => set({ selected }),
    setCaret: (caret: NonNullable<WorkbenchState['caret']>) => set({ caret }),
    revealRange: (range: SourceRange) => set({ reveal: { range, count: (get().reveal?.count ?? 0) + 1 } }),
    setSide: (side: WorkbenchState['side']) => set({ side }),
    setDrawer: (drawer: DrawerTab) => set({ drawer }),
    setProblemsOpen: (problemsOpen: boolean) => set({ problemsOpen }),
    setRulesNode: (rulesNode: string | undefined) => set({ rulesNode }),
    setHelp: (helpOpen: boolean) => set({ helpOpen }),
    fit: () => set({ fitCount: get().fitCount + 1 }),
    stopSending: () => world.stop(),
    setProgress: (progress: WorkbenchState['progress']) => set({ progress }),
    notify,
    dismissNotice: (id: number) => set({ notices: get().notices.filter((notice) => notice.id !== id) }),
  }
}
