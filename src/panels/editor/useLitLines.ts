import { useMemo } from 'react'
import type { Origin } from '../../core/kernel/program.ts'
import type { SourceRange } from '../../core/source/diagnostic.ts'
import type { Step } from '../../core/trace/trace.ts'
import { useSelect, useText } from '../../store/hooks.tsx'
import { currentEvent, rangeOf, shownEvents, traceOf } from '../../store/select.ts'
import type { Messages } from '../../text/messages.ts'
import type { LitLine } from './monaco.ts'

/**
 * The lines of YAML that the current event depends on: where each rule that the packet has met on this node was written, and the one
 * that decided. At the verdict it is the line that ended the request.
 */
export function useLitLines(): readonly LitLine[] {
  const t = useText().stage
  const event = useSelect(currentEvent)
  const events = useSelect(shownEvents)
  const index = useSelect((state) => state.index)
  const trace = useSelect(traceOf)
  const run = useSelect((state) => state.run)
  const snapshot = useSelect((state) => state.snapshot)
  const stale = useSelect((state) => state.stale || !state.settled)
  return useMemo(() => {
    if (!event || stale) return []
    const where = (origin: Origin | undefined) => (origin ? rangeOf({ run, snapshot } as Parameters<typeof rangeOf>[0], origin) : undefined)
    const found = new Map<string, LitLine>()
    const put = (range: SourceRange | undefined, decided: boolean, note: string) => {
      if (!range || range.end - range.start > 400) return
      const key = `${range.file} ${range.start}`
      if (decided || !found.has(key)) found.set(key, { range, decided, note })
    }
    for (const other of events.slice(0, index)) {
      if (other.hop === event.hop && other.step !== event.step) put(where(originOf(other.step)), false, '')
    }
    put(where(originOf(event.step)), true, noteOf(event.step, t))
    if (event.step.step === 'end') put(where(trace?.verdict.by?.origin), true, t.decidedHere)
    return [...found.values()]
  }, [event, events, index, trace, run, snapshot, stale, t])
}

function originOf(step: Step): Origin | undefined {
  return 'origin' in step ? step.origin : undefined
}

function noteOf(step: Step, t: Messages['stage']): string {
  const kind = originOf(step)?.object.split('/')[0]
  switch (step.step) {
    case 'rewrite':
      return t.rewroteHere
    case 'rule':
      if (kind === 'EndpointSlice' || kind === 'Pod') return t.madeEndpoint
      return /jump|goto/i.test(step.verdict) ? t.matchedHere : t.decidedHere
    case 'choose':
      return t.choseHere
    default:
      return t.decidedHere
  }
}
