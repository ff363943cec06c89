import type { RequestSpec } from '../core/sim/session.ts'
import type { SourceFile } from '../core/source/diagnostic.ts'
import { requestOf } from '../store/share.ts'
import type { Theme, WorkbenchState } from '../store/state.ts'

/** What outlives a reload: edits of the YAML with the request that goes with them, and how the page looks. */
export type Saved = {
  readonly scene: string
  readonly files: readonly SourceFile[]
  readonly request?: RequestSpec
}

const EDITS = 'kubehop.edits'
const LOOKS = 'kubehop.looks'

/** The edits kept in this browser, if there are any that can be read. */
export function readSaved(): Saved | undefined {
  const saved = read(EDITS)
  if (!saved || typeof saved['scene'] !== 'string' || !Array.isArray(saved['files'])) return undefined
  const request = requestOf(saved['request'])
  const files = (saved['files'] as readonly Partial<SourceFile>[]).flatMap(({ name, text }) =>
    typeof name === 'string' && typeof text === 'string' ? [{ name, text }] : [],
  )
  return files.length === 0 ? undefined : { scene: saved['scene'], files, ...(request ? { request } : {}) }
}

/** Keeps the edits, or forgets them where there are none. False if the browser would not. */
export function writeSaved({ scene, files, pristine, request }: WorkbenchState): boolean {
  try {
    if (files === pristine) localStorage.removeItem(EDITS)
    else localStorage.setItem(EDITS, JSON.stringify({ scene, files, request } satisfies Saved))
    return true
  } catch {
    return false
  }
}

export type Looks = { readonly theme?: Theme; readonly language?: 'en' | 'zh' }

/** The person's last theme and language. */
export function readLooks(): Looks {
  const looks = read(LOOKS)
  return {
    ...(looks?.['theme'] === 'light' || looks?.['theme'] === 'dark' || looks?.['theme'] === 'projector' ? { theme: looks['theme'] } : {}),
    ...(looks?.['language'] === 'en' || looks?.['language'] === 'zh' ? { language: looks['language'] } : {}),
  }
}

/** Keeps theme and language; a browser that does not let us is no trouble. */
export function writeLooks(looks: Looks): void {
  try {
    localStorage.setItem(LOOKS, JSON.stringify(looks))
  } catch {
    // Nothing depends on it.
  }
}

function read(key: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? 'null')
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
