import type { StoreApi } from 'zustand/vanilla'
import { MODE_IDS, type ModeId } from '../core/kernel/program.ts'
import type { Answer, Question, RequestSpec, Snapshot } from '../core/sim/session.ts'
import type { RequestTrace } from '../core/trace/trace.ts'
import { cookieHost, withCookies } from './cookies.ts'
import { countedIn, MANY, sendMany } from './many.ts'
import { withNotice } from './notices.ts'
import { eventsIn } from './playback.ts'
import { firstRequest, originExists } from './request.ts'
import { sameRoute } from './routediff.ts'
import { type Run, rulesKey, type WorkbenchState } from './state.ts'

export type Ask = (question: Question) => Promise<Answer>
type Done = { readonly send: RequestSpec } | { readonly act: Readonly<Record<string, unknown>> }

const HISTORY_DEPTH = 50
/** Up to here every node's rules are fetched ahead, so that `window.kubehop.rules` answers at once. */
const AHEAD = { nodes: 10, services: 300 }

/**
 * The conversation with the worker. Its world is a function of the text and of what was done since: after an edit the text is loaded
 * afresh and the same sends and acts are done again, so that only the edit can make a difference.
 */
export function startWorld(ask: Ask, store: StoreApi<WorkbenchState>) {
  const get = store.getState
  const set = (part: Partial<WorkbenchState>) => store.setState(part)
  let done: readonly Done[] = []
  let chain: Promise<void> = Promise.resolve()
  let pending = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  /** What the next load's text is: an edit of the last one, a whole new text, or another scene. */
  let fresh: 'text' | 'scene' | undefined = 'scene'
  let count = 0

  const settle = () => {
    if (pending === 0 && timer === undefined && !get().settled) set({ settled: true, progress: undefined })
  }

  /** Jobs run one after the other; what fails is shown and does not stop the next. */
  function enqueue(job: () => Promise<void>): Promise<void> {
    pending += 1
    if (get().settled) set({ settled: false })
    chain = chain
      .then(job)
      .catch((error: unknown) => set({ crash: error instanceof Error ? error.message : String(error) }))
      .finally(() => {
        pending -= 1
        settle()
      })
    return chain
  }

  const stop = () => {
    const { sending } = get()
    if (sending) set({ sending: { ...sending, stopped: true } })
  }

  function reload(delay: number, onStart: () => void = () => undefined): void {
    stop()
    clearTimeout(timer)
    timer = undefined
    const start = () => {
      timer = undefined
      onStart()
      void enqueue(load)
    }
    if (get().settled) set({ settled: false })
    if (delay === 0) start()
    else timer = setTimeout(start, delay)
  }

  async function load(): Promise<void> {
    const { files, chosenMode, seed, knobs, revision } = get()
    const answer = await ask({
      ask: 'load',
      files,
      seed,
      bare: knobs.bare,
      ...(chosenMode ? { mode: chosenMode } : {}),
      ...(fresh ? { fresh } : {}),
    })
    if (get().revision !== revision) return
    if (answer.answer !== 'load') return crashed(answer)
    const { snapshot, diagnostics } = answer
    if (!snapshot) return set({ diagnostics, stale: true, crash: undefined })
    const before = get().live
    set({ diagnostics, stale: false, crash: undefined, live: snapshot, rules: new Map(), ruleSources: new Map(), compared: undefined })
    if (fresh === 'scene' || asksAnother(before, snapshot)) startAfresh(snapshot)
    else if (!originExists(snapshot, get().request.from)) adopt(snapshot)
    fresh = undefined
    await redo(snapshot)
    await fetchAhead(snapshot)
  }

  /** Another scene: its own request, nothing sent yet. A request that came with a link or from the storage stays. */
  function startAfresh(snapshot: Snapshot): void {
    const given = fresh === 'scene' && get().request.to !== ''
    done = []
    if (!given) set({ request: firstRequest(snapshot) })
    set({ run: undefined, ghost: undefined, cookies: {}, index: 0, fraction: 0, playing: false })
  }

  /** The place that requests came from is gone: another takes over; of a whole new text also where they go, unless something was sent. */
  function adopt(snapshot: Snapshot): void {
    const first = firstRequest(snapshot)
    const { request, run } = get()
    set({ request: fresh === 'text' && !run ? first : { ...request, from: first.from } })
  }

  /** Does again, in the new world, what had been done in the old one. */
  async function redo(snapshot: Snapshot): Promise<void> {
    let live = snapshot
    let run: Run | undefined
    for (const step of done) {
      const answer = await ('send' in step ? sendAll(step.send) : ask({ ask: 'act', step: step.act }))
      if (answer.answer === 'crash') crashed(answer)
      if (answer.answer === 'send' || answer.answer === 'act') live = answer.snapshot
      const sent = answer.answer === 'send' || answer.answer === 'tally'
      if ('send' in step && sent && answer.traces.length > 0) run = runOf(step.send, answer, live)
    }
    if (run) rerouted(run)
    set({ live, snapshot: live })
  }

  /** Shows what the edit did to the current request: the way before becomes the ghost if it was another. */
  function rerouted(run: Run): void {
    const { run: before, ghost, index, history } = get()
    const same = !before || sameRoute(before, run)
    const wasAtEnd = !before || index >= eventsIn(before.traces[0]).length
    const length = eventsIn(run.traces[0]).length
    set({
      run,
      shown: 0,
      ghost: same ? ghost : before,
      index: wasAtEnd || !same ? length : Math.min(index, length),
      fraction: 0,
      playing: false,
      history: same ? history.map((entry) => (entry.id === before?.id ? run : entry)) : [...history, run].slice(-HISTORY_DEPTH),
    })
  }

  function runOf(request: RequestSpec, answer: Extract<Answer, { answer: 'send' | 'tally' }>, snapshot: Snapshot): Run {
    count += 1
    const { traces, ranges } = answer
    const counts = answer.answer === 'tally' ? { counts: answer.counts } : {}
    return { id: count, request, traces, ranges, snapshot, mode: snapshot.mode, seed: get().seed, ...counts }
  }

  /** Very many requests go in slices. They change no object, so the snapshot stays. */
  async function sendAll(request: RequestSpec): Promise<Answer> {
    if ((request.count ?? 1) <= MANY) return ask({ ask: 'send', request, all: false })
    set({ sending: { done: 0, of: request.count ?? 1 } })
    const isStopped = () => get().sending?.stopped === true
    const answer = await sendMany(ask, request, isStopped, ({ done, of }) => set({ sending: { ...get().sending, done, of } }))
    set({ sending: undefined })
    return answer
  }

  const send = () =>
    enqueue(async () => {
      const { request, knobs } = get()
      if (get().stale) set({ notices: withNotice(get().notices, 'status', (t) => t.shell.notices.sentInLastValid) })
      const host = cookieHost(request)
      const held = get().cookies[host]
      const sent = held ? { ...request, cookies: held } : request
      const answer = await sendAll(sent)
      const snapshot = answer.answer === 'send' ? answer.snapshot : get().live
      if ((answer.answer !== 'send' && answer.answer !== 'tally') || !snapshot) return crashed(answer)
      const { error } = answer
      if (error !== undefined) return set({ notices: withNotice(get().notices, 'alert', (t) => t.shell.notices.notSent(error)) })
      if (answer.traces.length === 0) return
      done = [...done, { send: answer.answer === 'tally' ? { ...sent, count: countedIn(answer.counts) } : sent }]
      const run = runOf(request, answer, snapshot)
      const length = eventsIn(run.traces[0]).length
      const index = knobs.motionOff && !knobs.manualClock ? length : 0
      set({
        run,
        shown: 0,
        ghost: undefined,
        live: run.snapshot,
        snapshot: run.snapshot,
        history: [...get().history, run].slice(-HISTORY_DEPTH),
        index,
        fraction: 0,
        playing: index === 0 && !knobs.manualClock,
        cookies: answer.answer === 'tally' ? { ...get().cookies, [host]: answer.cookies } : withCookies(get().cookies, host, run.traces),
      })
    })

  const act = (step: Readonly<Record<string, unknown>>) =>
    enqueue(async () => {
      const answer = await ask({ ask: 'act', step })
      if (answer.answer !== 'act') return crashed(answer)
      const { refused, snapshot } = answer
      if (refused) set({ notices: withNotice(get().notices, 'alert', () => refused) })
      else done = [...done, { act: step }]
      set({ live: snapshot, snapshot, rules: new Map(), ruleSources: new Map() })
      await fetchAhead(snapshot)
    })

  /** The same request in the same text under each mode, each in a world of its own. The present world is restored afterwards. */
  const compare = () =>
    enqueue(async () => {
      const { files, seed, knobs, request, stale } = get()
      // What does not load cannot be compared, and trying would put a broken world in the place of the last good one.
      if (stale) return set({ notices: withNotice(get().notices, 'status', (t) => t.shell.notices.notComparable) })
      const compared = new Map<ModeId, RequestTrace>()
      for (const mode of MODE_IDS) {
        const loaded = await ask({ ask: 'load', files, seed, bare: knobs.bare, mode, fresh: 'scene' })
        if (loaded.answer !== 'load' || !loaded.snapshot) continue
        const sent = await ask({ ask: 'send', request: { ...request, count: 1 }, all: false })
        const trace = sent.answer === 'send' ? sent.traces[0] : undefined
        if (trace) compared.set(mode, trace)
      }
      await load()
      set({ compared })
    })

  async function fetchRules(node: string, mode: ModeId): Promise<void> {
    const { live } = get()
    const answer = await ask({ ask: 'rules', node, mode })
    // The world may have moved on meanwhile; these would be another world's rules.
    if (answer.answer !== 'rules' || get().live !== live) return
    const key = rulesKey(node, mode)
    set({ rules: new Map(get().rules).set(key, answer.lines), ruleSources: new Map(get().ruleSources).set(key, answer.sources) })
  }

  async function fetchAhead(snapshot: Snapshot): Promise<void> {
    const nodes = snapshot.objects.filter((object) => object.kind === 'Node')
    const services = snapshot.objects.filter((object) => object.kind === 'Service')
    if (nodes.length > AHEAD.nodes || services.length > AHEAD.services) return
    for (const node of nodes) for (const mode of MODE_IDS) await fetchRules(node.metadata.name, mode)
  }

  const needRules = (node: string, mode: ModeId) => {
    if (get().rules.has(rulesKey(node, mode))) return Promise.resolve()
    return enqueue(() => fetchRules(node, mode))
  }

  /** Asks something that changes nothing, in its turn. */
  const read = (question: Question): Promise<Answer | undefined> => {
    let given: Answer | undefined
    return enqueue(async () => {
      given = await ask(question)
      if (given.answer === 'crash') crashed(given)
    }).then(() => given)
  }

  function crashed(answer: Answer): void {
    set({ crash: answer.answer === 'crash' ? answer.message : `unexpected answer: ${answer.answer}` })
  }

  const whenSettled = () =>
    new Promise<void>((resolve) => {
      if (get().settled) return resolve()
      const stop = store.subscribe((state) => {
        if (!state.settled) return
        stop()
        resolve()
      })
    })

  /** The next load is of another scene: its own request, nothing sent yet. */
  const forget = () => {
    fresh = 'scene'
    done = []
  }
  /** The next load is of a whole new text, not of a few more letters. */
  const replaced = () => {
    fresh ??= 'text'
  }

  return { reload, send, stop, act, compare, read, needRules, whenSettled, forget, replaced }
}

/** Whether the text now holds a scenario with another first request than before. */
function asksAnother(before: Snapshot | undefined, now: Snapshot): boolean {
  const asked = (snapshot: Snapshot | undefined) => JSON.stringify([snapshot?.scenario?.name, snapshot?.scenario?.requests[0]])
  return now.scenario !== undefined && asked(before) !== asked(now)
}
