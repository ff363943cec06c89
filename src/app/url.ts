import { MODE_IDS, type ModeId } from '../core/kernel/program.ts'
import { decodeState, type SharedState } from '../store/share.ts'
import type { Theme, WorkbenchState } from '../store/state.ts'
import type { Language } from '../text/messages.ts'

/** What the address bar says. Knobs that mean nothing are listed, not obeyed. */
export type Address = {
  readonly scene?: string
  readonly mode?: ModeId
  readonly seed?: number
  readonly language?: Language
  readonly theme?: Theme
  readonly motionOff: boolean
  readonly manualClock: boolean
  readonly embed: boolean
  readonly bare: boolean
  readonly at?: number
  readonly shared?: SharedState
  /** There is a fragment, and it could not be read. */
  readonly broken: boolean
  readonly odd: readonly { readonly name: string; readonly value: string }[]
}

const WORDS: Readonly<Record<string, readonly string[]>> = {
  mode: MODE_IDS,
  lang: ['en', 'zh'],
  theme: ['light', 'dark', 'projector'],
  motion: ['on', 'off'],
  clock: ['manual', 'auto'],
}

/** Reads the knobs and the fragment. */
export function readAddress(search: string, hash: string): Address {
  const knobs = new URLSearchParams(search)
  const odd: { name: string; value: string }[] = []
  const word = (name: string): string | undefined => {
    const value = knobs.get(name)
    if (value === null || value === '') return undefined
    if (WORDS[name]?.includes(value)) return value
    odd.push({ name, value })
    return undefined
  }
  const whole = (name: string): number | undefined => {
    const value = knobs.get(name)
    if (value === null || value === '') return undefined
    if (/^-?\d{1,15}$/.test(value)) return Number(value)
    odd.push({ name, value })
    return undefined
  }
  const flag = (name: string) => ['1', 'true', ''].includes(knobs.get(name) ?? 'no')
  const shared = hash.length > 1 ? decodeState(hash) : undefined
  const scene = knobs.get('scene')
  return {
    ...present('scene', scene === null || scene === '' ? undefined : scene),
    ...present('mode', word('mode') as ModeId | undefined),
    ...present('seed', whole('seed')),
    ...present('language', word('lang') as Language | undefined),
    ...present('theme', word('theme') as Theme | undefined),
    ...present('at', whole('at')),
    ...present('shared', shared),
    motionOff: word('motion') === 'off',
    manualClock: word('clock') === 'manual',
    embed: flag('embed'),
    bare: flag('bare'),
    broken: hash.length > 1 && !shared,
    odd,
  }
}

function present<K extends string, T>(key: K, value: T | undefined): { readonly [P in K]?: T } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: T }
}

/** The knobs of a state, written over those that the page was opened with. */
export function writeKnobs(search: string, state: WorkbenchState): string {
  const knobs = new URLSearchParams(search)
  const put = (name: string, value: string | undefined) => (value === undefined ? knobs.delete(name) : knobs.set(name, value))
  put('scene', state.scene === '' ? undefined : state.scene)
  put('mode', state.chosenMode)
  if (knobs.has('seed') || state.seed !== 42) put('seed', String(state.seed))
  put('lang', state.language)
  if (knobs.has('at') && state.revision > 1) knobs.delete('at')
  return `?${knobs}`
}
