import type { Fault, ScenarioStep, Texts } from '../../core/api/kinds/scenario.ts'
import { unreachable } from '../../core/base/assert.ts'
import type { Messages } from '../../text/messages.ts'

/** One step of a scenario as the lesson shows it: something said, something sent, or something done to the cluster. */
export type LessonStep =
  | { readonly shows: 'text'; readonly text: string }
  | { readonly shows: 'send'; readonly label: string; readonly request: string }
  | { readonly shows: 'act'; readonly label: string; readonly act: Readonly<Record<string, unknown>> }

/** A step in the page's words; `act` is the same step in a scenario's. */
export function lessonStepOf(step: ScenarioStep, messages: Messages): LessonStep {
  const { stepNames: t } = messages.shell.lesson
  const act = (label: string, words: Readonly<Record<string, unknown>>): LessonStep => ({ shows: 'act', label, act: words })
  switch (step.step) {
    case 'say':
    case 'ask':
      return { shows: 'text', text: inLanguage(step.text, messages) }
    case 'send':
      return { shows: 'send', label: t.send(step.request), request: step.request }
    case 'apply':
      return act(t.apply, { apply: step.text })
    case 'delete':
      return act(t.delete(step.object), { delete: step.object })
    case 'patch':
      return act(t.patch(step.object), { patch: step.object, set: step.set })
    case 'scale':
      return act(t.scale(step.object, String(step.replicas)), { scale: step.object, replicas: step.replicas })
    case 'ready':
      return act(t.ready(step.pod, String(step.value)), { ready: step.pod, value: step.value })
    case 'wait':
      return act(t.wait(`${step.ms / 1000} s`), { wait: `${step.ms}ms` })
    case 'freeze':
      return act(t.freeze(step.node), { freeze: step.node })
    case 'thaw':
      return act(t.thaw(step.node), { thaw: step.node })
    case 'fault':
      return act(t.fault(whatBreaks(step.fault)), wordsOf('fault', step.fault))
    case 'heal':
      return act(t.heal(whatBreaks(step.fault)), wordsOf('heal', step.fault))
    default:
      return unreachable(step)
  }
}

function wordsOf(verb: 'fault' | 'heal', { fault, ...where }: Fault): Readonly<Record<string, unknown>> {
  return { [verb]: fault, ...where }
}

function whatBreaks(fault: Fault): string {
  if (fault.fault === 'link') return `link ${fault.nodes.join(' – ')}`
  return fault.fault === 'node' ? `node ${fault.node}` : fault.fault
}

function inLanguage(texts: Texts, messages: Messages): string {
  return texts[messages.language] ?? texts['en'] ?? ''
}
