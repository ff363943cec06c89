import { heapPush } from '../base/heap.ts'
import { trieDelete, trieGet, trieSet } from '../base/trie.ts'
import type { IpvsConnection, IpvsState, Template, TemplateId } from './ipvsstate.ts'

/** How long a template whose time is up goes on while connections made from it live, until the kernel looks again. */
const HELD_MILLIS = 60_000

/** The template of this name as it is in a state, if it still is the same one. */
export function templateOf({ templates }: IpvsState, id: TemplateId | undefined): Template | undefined {
  const template = id && trieGet(templates, id.name)
  return template && template.serial === id.serial ? template : undefined
}

/**
 * A template is made for the affinity's timeout, and each connection made from it sets that timer again. If the timer ran out while
 * connections lived on, the kernel has shortened it to a minute for good (`ip_vs_conn_expire`, `expire_later`).
 */
export function renewTemplate(
  state: IpvsState,
  name: string,
  before: Template | undefined,
  made: Pick<Template, 'service' | 'client' | 'real'>,
  seconds: number,
  now: number,
): { readonly state: IpvsState; readonly id: TemplateId } {
  const held = before?.held ?? false
  const id = { name, serial: before?.serial ?? state.nextTemplate }
  const template = templateWith(
    before ?? { ...made, ...id, controls: 0, assured: false },
    now + (held ? HELD_MILLIS : seconds * 1000),
    held,
  )
  return { state: withTemplate(state, id, template, before?.queuedAt), id }
}

/** The state once a connection made from a template has been established, or, in UDP, answered. */
export function assureTemplate(state: IpvsState, { template: id }: IpvsConnection): IpvsState {
  const template = templateOf(state, id)
  return !id || !template || template.assured ? state : withTemplate(state, id, { ...template, assured: true }, template.queuedAt)
}

/**
 * A template's time is up at `at`, as far as the queue knew: it waits on if it was renewed, goes on a minute at a time while it has
 * connections, or goes. `again`: when to look again that looks every so often.
 */
export function checkTemplate(state: IpvsState, id: TemplateId, at: number, again: (period: number) => number): IpvsState {
  const template = templateOf(state, id)
  if (template?.queuedAt !== at) return state
  if (template.expiresAt > at) return withTemplate(state, id, template, undefined)
  if (template.controls === 0) return { ...state, templates: trieDelete(state.templates, id.name) }
  return withTemplate(state, id, templateWith(template, again(HELD_MILLIS), true), undefined)
}

function templateWith(template: Omit<Template, 'expiresAt' | 'held' | 'queuedAt'>, expiresAt: number, held: boolean): Template {
  const { service, client, real, assured, serial, controls } = template
  return { service, client, real, expiresAt, assured, held, serial, queuedAt: expiresAt, controls }
}

/** Puts a template in its place, and into the queue unless it stands there early enough (`queuedAt`). */
function withTemplate(state: IpvsState, id: TemplateId, template: Template, queuedAt: number | undefined): IpvsState {
  const { programmed, services, connections, timeouts, ends } = state
  const isQueued = queuedAt !== undefined && queuedAt <= template.expiresAt
  const { service, client, real, expiresAt, assured, held, serial, controls } = template
  const placed = { service, client, real, expiresAt, assured, held, serial, queuedAt: isQueued ? queuedAt : expiresAt, controls }
  const templates = trieSet(state.templates, id.name, placed)
  const checks = isQueued ? state.checks : heapPush(state.checks, expiresAt, { check: 'template' as const, template: id })
  const nextTemplate = Math.max(state.nextTemplate, serial + 1)
  return { programmed, services, connections, templates, nextTemplate, timeouts, ends, checks }
}
