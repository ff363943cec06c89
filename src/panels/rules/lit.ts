import type { PrintedLine } from '../../core/proxy/mode.ts'
import type { TraceEvent } from '../../store/playback.ts'

/** What the packet did with a rule so far. */
export type Light = 'visited' | 'current' | 'decided' | 'missed'
export type Lit = ReadonlyMap<string, Light>

/** Which rules of a node are lit after `index` events: matched, tried in vain, and the one that ended the request. */
export function litOf(events: readonly TraceEvent[], index: number, node: string | undefined): Lit {
  const lit = new Map<string, Light>()
  for (const [i, { step, place }] of events.slice(0, index).entries()) {
    if (step.step === 'end' && step.verdict.by?.rule !== undefined && step.verdict.by.place?.name === node) {
      lit.set(step.verdict.by.rule, 'decided')
    }
    if (place.name !== node) continue
    if (step.step === 'rule') {
      const chain = step.rule.slice(0, step.rule.lastIndexOf('/'))
      for (let at = step.missed.from; at < step.missed.to; at++) if (!lit.has(`${chain}/${at}`)) lit.set(`${chain}/${at}`, 'missed')
      lit.set(step.rule, i + 1 === index ? 'current' : 'visited')
    }
    if (step.step === 'rewrite' && step.rule !== undefined) lit.set(step.rule, i + 1 === index ? 'current' : 'visited')
  }
  return lit
}

/** The lines that pass the filters. */
export function linesOf(
  lines: readonly PrintedLine[],
  lit: Lit,
  { onlyVisited, find }: { readonly onlyVisited: boolean; readonly find: string },
): readonly PrintedLine[] {
  if (!onlyVisited && find === '') return lines
  const words = find.toLowerCase()
  return lines.filter((line) => {
    const light = line.rule === undefined ? undefined : lit.get(line.rule)
    if (onlyVisited && (light === undefined || light === 'missed')) return false
    return line.text.toLowerCase().includes(words)
  })
}
