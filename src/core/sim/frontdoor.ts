import { type Loaded, load } from '../api/load.ts'
import { readStep } from '../api/scenario.ts'
import { printConntrack } from '../kernel/conntrack.ts'
import { printIpvsStates } from '../kernel/ipvsprint.ts'
import { freshKernel } from '../kernel/kernel.ts'
import type { FamilyProgram, ModeId } from '../kernel/program.ts'
import { modeOf } from '../proxy/modes/index.ts'
import type { SourceFile } from '../source/diagnostic.ts'
import { act } from './act.ts'
import { diagnose, type RouteFindings } from './diagnose.ts'
import { openWorld } from './open.ts'
import { notRunning, writtenProgram } from './programs.ts'
import { rangesOf } from './ranges.ts'
import { sendRequest } from './send.ts'
import { type Answer, isRare, type Question, type RareQuestion, type RareViews } from './session.ts'
import { snapshotOf } from './snapshot.ts'
import { seenBy, type World } from './world.ts'
import { Sources, type WrittenLine, writtenLines } from './writtenby.ts'

/** How far a long question has come. */
export type OnProgress = (progress: { readonly done: number; readonly of: number; readonly what: string }) => void

/** Answers a page's questions, one after the other; it keeps the world between them. */
export type Session = {
  readonly answer: (question: Question, onProgress?: OnProgress) => Answer
  /** Gives it what answers the rarer questions. */
  readonly teach: (views: RareViews) => void
  /** Gives it what it needs to speak about the mistakes of Ingresses and Gateways. */
  readonly teachRoutes: (findings: RouteFindings) => void
}

type State = { readonly loaded: Loaded; readonly world: World }

/** Opens a session with nothing loaded yet. Without `views` it cannot answer the rarer questions before it is taught. */
export function createSession(views?: RareViews): Session {
  let known = views
  let findings: RouteFindings | undefined
  let state: State | undefined
  let parsed: Parsed | undefined

  const loadInto = (question: Extract<Question, { ask: 'load' }>, onProgress: OnProgress): Answer => {
    onProgress({ done: 0, of: 2, what: 'read' })
    const reused = parsed && sameInput(parsed, question) ? parsed : undefined
    parsed = reused ?? parse(question)
    const { loaded } = parsed
    const { diagnostics } = loaded
    // What was refused or does not parse changes nothing in a real cluster: the last good world stays.
    const broken = diagnostics.some(({ severity, code }) => severity === 'error' && (!question.fresh || code.startsWith('YAML_')))
    if (broken && state && question.fresh !== 'scene') return { answer: 'load', diagnostics }
    onProgress({ done: 1, of: 2, what: 'settle' })
    const world = openWorld(loaded, { seed: question.seed, mode: question.mode ?? loaded.cluster.settings.mode })
    state = { loaded, world }
    return { answer: 'load', diagnostics: diagnose(loaded, question.files, findings, world.cluster), snapshot: snapshotOf(world, loaded) }
  }

  return {
    answer: (question, onProgress = () => undefined) => {
      if (question.ask === 'load') return loadInto(question, onProgress)
      if (!state) return { answer: 'crash', message: 'nothing is loaded', stack: '' }
      if (isRare(question))
        return known?.(question, state.world, state.loaded) ?? { answer: 'crash', message: `cannot ${question.ask} yet`, stack: '' }
      const [answer, world] = answerIn(state, question)
      state = { ...state, world }
      return answer
    },
    teach: (given) => {
      known = given
    },
    teachRoutes: (given) => {
      findings = given
    },
  }
}

type Parsed = { readonly files: readonly SourceFile[]; readonly bare: boolean; readonly mode?: ModeId; readonly loaded: Loaded }

/** Reading is the same whatever mode or seed is chosen: settings take the mode afterwards. */
function parse({ files, bare }: Extract<Question, { ask: 'load' }>): Parsed {
  return { files, bare, loaded: load(files, { bare }) }
}

function sameInput(parsed: Parsed, { files, bare }: Extract<Question, { ask: 'load' }>): boolean {
  if (parsed.bare !== bare || parsed.files.length !== files.length) return false
  return files.every(({ name, text }, index) => parsed.files[index]?.name === name && parsed.files[index]?.text === text)
}

function answerIn({ loaded, world }: State, question: Exclude<Question, { ask: 'load' } | RareQuestion>): readonly [Answer, World] {
  switch (question.ask) {
    case 'send': {
      const sent = sendRequest(world, question.request, { all: question.all })
      if (typeof sent === 'string')
        return [{ answer: 'send', traces: [], ranges: {}, snapshot: snapshotOf(world, loaded), error: sent }, world]
      const ranges = rangesOf(sent.traces, world.cluster, loaded.located)
      return [{ answer: 'send', traces: sent.traces, ranges, snapshot: snapshotOf(sent.world, loaded) }, sent.world]
    }
    case 'tally': {
      const tally = new Map(question.known.map((outcome) => [outcome, 0]))
      const sent = sendRequest(world, question.request, { all: question.all, tally })
      if (typeof sent === 'string') return [{ answer: 'tally', traces: [], ranges: {}, counts: {}, cookies: {}, error: sent }, world]
      const ranges = rangesOf(sent.traces, world.cluster, loaded.located)
      const [counts, cookies] = [Object.fromEntries(tally), Object.fromEntries(sent.cookies)]
      return [{ answer: 'tally', traces: sent.traces, ranges, counts, cookies }, sent.world]
    }
    case 'rules': {
      const program = writtenProgram(seenBy(world, question.node), question.node, question.mode)
      if (!program) return [{ answer: 'rules', lines: [{ text: notRunning(question.node) }], sources: [] }, world]
      const print = modeOf(question.mode).print
      const sources = new Sources(world.cluster, loaded.located)
      const linesOf = (program: FamilyProgram): readonly WrittenLine[] => {
        const { family } = program
        const lines = writtenLines(print(program), program, sources)
        return [{ text: `# ${family}` }, ...lines.map((line) => ({ ...line, family }))]
      }
      return [{ answer: 'rules', lines: program.families.flatMap(linesOf), sources: sources.all }, world]
    }
    case 'act': {
      const step = readStep(question.step)
      if (typeof step === 'string') return [{ answer: 'act', snapshot: snapshotOf(world, loaded), refused: step }, world]
      if (step.step === 'send' || step.step === 'say' || step.step === 'ask') {
        return [{ answer: 'act', snapshot: snapshotOf(world, loaded), refused: `${step.step} is no change of the cluster` }, world]
      }
      const acted = act(world, step)
      const refused = acted.refused.map(({ message }) => message).join('\n')
      return [{ answer: 'act', snapshot: snapshotOf(acted.world, loaded), ...(refused && { refused }) }, acted.world]
    }
    case 'conntrack': {
      const kernel = world.kernels.get(question.node) ?? freshKernel
      return [
        { answer: 'conntrack', lines: [...printConntrack(kernel.conntrack, world.now), ...printIpvsStates(kernel.ipvs, world.now)] },
        world,
      ]
    }
  }
}
