import type { Messages } from '../../text/messages.ts'

/** One step of a scenario as the lesson shows it: something said, something sent, or something done to the cluster. */
export type LessonStep = {
  readonly label: string
  readonly say?: string
  readonly send?: string
  readonly act?: Readonly<Record<string, unknown>>
}

/** Reads a step in the scenario's words. What it does not know it shows as written. */
export function lessonStepOf(step: unknown, messages: Messages): LessonStep {
  const { stepNames: t } = messages.shell.lesson
  if (typeof step !== 'object' || step === null) return { label: String(step), say: String(step) }
  const act = step as Readonly<Record<string, unknown>>
  const text = (key: string) => String(act[key])
  if ('say' in act) return { label: '', say: inLanguage(act['say'], messages) }
  if ('ask' in act) {
    const ask = act['ask'] as Readonly<Record<string, unknown>>
    return { label: t.ask, say: inLanguage(ask['text'], messages) }
  }
  if ('send' in act) return { label: t.send(text('send')), send: text('send') }
  if ('delete' in act) return { label: t.delete(text('delete')), act }
  if ('scale' in act) return { label: t.scale(text('scale'), text('replicas')), act }
  if ('ready' in act) return { label: t.ready(text('ready'), text('value')), act }
  if ('wait' in act) return { label: t.wait(text('wait')), act }
  if ('freeze' in act) return { label: t.freeze(text('freeze')), act }
  if ('thaw' in act) return { label: t.thaw(text('thaw')), act }
  if ('apply' in act) return { label: t.apply, act }
  if ('patch' in act) return { label: t.patch(text('patch')), act }
  if ('fault' in act) return { label: t.fault(whatOf(act, 'fault')), act }
  if ('heal' in act) return { label: t.heal(whatOf(act, 'heal')), act }
  return { label: JSON.stringify(act), act }
}

function whatOf(act: Readonly<Record<string, unknown>>, verb: string): string {
  const nodes = Array.isArray(act['nodes']) ? act['nodes'].join(' – ') : (act['node'] ?? '')
  return `${String(act[verb])} ${String(nodes)}`.trim()
}

function inLanguage(text: unknown, messages: Messages): string {
  if (typeof text !== 'object' || text === null) return String(text ?? '')
  const texts = text as Readonly<Record<string, unknown>>
  return String(texts[messages.language] ?? texts['en'] ?? '')
}
