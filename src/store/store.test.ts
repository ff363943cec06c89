import { describe, expect, test } from 'vitest'
import { MODE_IDS } from '../core/kernel/program.ts'
import { createSession } from '../core/sim/frontdoor.ts'
import { scenarios } from '../scenarios/index.ts'
import { en } from '../text/index.ts'
import { eventsIn } from './playback.ts'
import { modeOf, routeDiff, rulesNodeOf } from './select.ts'
import { rulesKey, type WorkbenchState } from './state.ts'
import { createWorkbench } from './store.ts'

const text = scenarios.find(({ name }) => name === 'httpbin')?.text ?? ''
const files = [{ name: 'httpbin.yaml', text }]

/** A workbench on the real core, without a worker between them. */
async function workbench(part: Partial<WorkbenchState> = {}) {
  const session = createSession()
  const bench = createWorkbench(
    async (question) => session.answer(question),
    { link: (fragment) => `https://kubehop.test/#${fragment}`, copy: async () => undefined },
    { ...blank, ...part },
  )
  const scenes = { first: 'httpbin', list: [], load: (name: string) => (name === 'httpbin' ? files : undefined) }
  bench.begin(scenes, { scene: 'httpbin', files, pristine: files })
  await bench.whenSettled()
  return { ...bench, get: bench.store.getState }
}

const blank: WorkbenchState = {
  knobs: { bare: false, embed: false, manualClock: true, motionOff: false },
  gallery: [],
  scene: '',
  files: [],
  pristine: [],
  undo: [],
  redo: [],
  revision: 0,
  chosenMode: undefined,
  seed: 42,
  request: { from: '', to: '' },
  cookies: {},
  language: 'en',
  messages: en,
  theme: 'light',
  present: false,
  reducedMotion: false,
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
  notices: [],
}

const without = (from: string, to: string) => [{ name: 'httpbin.yaml', text: text.replace(from, to) }]

describe('a scene', () => {
  test('opens paused, with its first request in the bar and every rule at hand', async () => {
    const { get } = await workbench()
    expect(get()).toMatchObject({ index: 0, playing: false, stale: false, run: undefined })
    expect(get().request).toMatchObject({ from: 'pod/default/client', to: 'http://httpbin/get' })
    for (const mode of MODE_IDS) expect(get().rules.get(rulesKey('demo-worker', mode))).toBeDefined()
    expect(rulesNodeOf(get())).toBe('demo-worker')
  })
})

describe('a request', () => {
  test('is stepped through, by event, by hop, by rewrite, and never past its ends', async () => {
    const { get, send, seek, step, stepHop, nextRewrite } = await workbench()
    await send()
    const events = eventsIn(get().run?.traces[0])
    expect(get().index).toBe(0)
    step(-1)
    expect(get().index).toBe(0)
    step(3)
    expect(get().index).toBe(3)
    nextRewrite()
    expect(events[get().index - 1]?.step.step).toBe('rewrite')
    seek(1)
    const places = new Set<number>()
    for (let i = 0; i < events.length && get().index < events.length; i++) {
      places.add(events[get().index - 1]?.hop ?? -1)
      stepHop(1)
    }
    expect(places.size).toBe(new Set(events.map((event) => event.hop)).size)
    seek(1e9)
    expect(get().index).toBe(events.length)
    for (let i = 0; i < events.length && get().index > 0; i++) stepHop(-1)
    expect(get().index).toBe(0)
    seek(Number.NaN)
    expect(get().index).toBe(0)
  })

  test('plays to its end in time that only ticks move', async () => {
    const { get, send, play, tick } = await workbench({ knobs: { ...blank.knobs, manualClock: false } })
    await send()
    expect(get().playing).toBe(true)
    for (let i = 0; i < 2000 && get().playing; i++) tick(16)
    expect(get()).toMatchObject({ index: eventsIn(get().run?.traces[0]).length, fraction: 0, playing: false })
    play()
    expect(get()).toMatchObject({ index: 0, playing: true })
  })
})

describe('an edit', () => {
  test('is sent again with the same seed, and the difference is said', async () => {
    const { get, send, setFiles, whenSettled, dismissGhost } = await workbench()
    await send()
    const before = get().run
    setFiles(without('\n  selector:\n    app: httpbin\n  ports', '\n  selector:\n    app: httpbim\n  ports'))
    await whenSettled()
    expect(get().run?.traces[0]?.verdict.code).toBe('REJECTED_NO_ENDPOINTS')
    expect(get().ghost).toBe(before)
    expect(routeDiff(get())).toMatchObject({
      verdict: { before: 'DELIVERED', after: 'REJECTED_NO_ENDPOINTS' },
      endpoints: { before: 3, after: 0 },
    })
    expect(get().history).toHaveLength(2)
    dismissGhost()
    expect(routeDiff(get())).toBeUndefined()
  })

  test('that changes nothing about the way leaves no ghost', async () => {
    const { get, send, setFiles, whenSettled } = await workbench()
    await send()
    setFiles(without('kind: Service', 'kind:   Service # the same'))
    await whenSettled()
    expect(get()).toMatchObject({ ghost: undefined, stale: false })
    expect(get().history).toHaveLength(1)
  })

  test('that does not parse leaves the last good world, and says so', async () => {
    const { get, send, setFiles, whenSettled } = await workbench()
    await send()
    const { snapshot, run } = get()
    setFiles(without('spec:', 'spec: ['))
    await whenSettled()
    expect(get()).toMatchObject({ stale: true, snapshot, run })
    expect(get().diagnostics.some(({ severity }) => severity === 'error')).toBe(true)
  })

  test('is undone and redone', async () => {
    const { get, setFiles, undo, redo, reset, whenSettled } = await workbench()
    setFiles(without('replicas: 3', 'replicas: 1'))
    undo()
    expect(get().files).toBe(files)
    redo()
    expect(get().files[0]?.text).toContain('replicas: 1')
    reset()
    await whenSettled()
    expect(get().files).toBe(files)
    undo()
    expect(get().files[0]?.text).toContain('replicas: 1')
    await whenSettled()
  })
})

describe('settings', () => {
  test('another mode carries the same request through other rules', async () => {
    const { get, send, setMode, whenSettled } = await workbench()
    await send()
    setMode('nftables')
    await whenSettled()
    expect(modeOf(get())).toBe('nftables')
    expect(get().run?.traces[0]).toMatchObject({ mode: 'nftables', verdict: { code: 'DELIVERED' } })
  })

  test('the three modes are compared without disturbing what is shown', async () => {
    const { get, send, compare } = await workbench()
    await send()
    const code = get().run?.traces[0]?.verdict.code
    await compare()
    expect([...(get().compared ?? [])].map(([mode, trace]) => [mode, trace.mode])).toEqual([
      ['iptables', 'iptables'],
      ['nftables', 'nftables'],
      ['ipvs', 'ipvs'],
    ])
    expect(get().run?.traces[0]?.verdict.code).toBe(code)
    expect(get().run?.mode).toBe('iptables')
  })

  test('an unknown scene is a notice', async () => {
    const { get, openScene } = await workbench()
    openScene('nope')
    expect(get().notices.at(-1)?.role).toBe('alert')
    expect(get().scene).toBe('httpbin')
  })
})
