import { hostPort } from '../../core/base/ip.ts'
import type { PrintedLine } from '../../core/proxy/mode.ts'
import type { TraceEvent } from '../../store/playback.ts'

/** What the packet did with a rule so far. */
export type Light = 'visited' | 'current' | 'decided' | 'missed'
export type Lit = ReadonlyMap<string, Light>

/** Which rules of a node are lit after `index` events: matched, tried in vain, and the one that ended the request. */
export function litOf(events: readonly TraceEvent[], index: number, node: string | undefined): Lit {
  const lit = new Map<string, Light>()
  const light = (i: number): Light => (i + 1 === index ? 'current' : 'visited')
  for (const [i, { step, place }] of events.slice(0, index).entries()) {
    if (step.step === 'end' && step.verdict.by?.rule !== undefined && step.verdict.by.place?.name === node) {
      for (const family of step.packet ? [step.packet.family] : FAMILIES) lit.set(keyOf(family, step.verdict.by.rule), 'decided')
    }
    if (place.name !== node) continue
    if (step.step === 'rule') {
      const { family } = step.packet
      for (let at = step.missed.from; at < step.missed.to; at++) lit.set(keyOf(family, `@${step.table}/${step.chain}/${at}`), 'missed')
      lit.set(keyOf(family, step.rule), light(i))
    }
    if (step.step === 'rewrite' && step.rule !== undefined) {
      const { family, dst, dport } = step.after
      lit.set(keyOf(family, step.rule), light(i))
      // A virtual server's line, and below it the one of the real server it gave.
      if (step.what === 'ipvs') lit.set(keyOf(family, `${step.rule} ${hostPort(dst, dport)}`), light(i))
    }
  }
  return lit
}

const FAMILIES = ['IPv4', 'IPv6'] as const

/** Rules of both families have the same names. */
function keyOf(family: PrintedLine['family'], name: string): string {
  return `${family} ${name}`
}

/** What the packet did with the rule of a line: a rule that matched once counts as matched, however often it was tried in vain. */
export function lightOf({ family, rule, at }: PrintedLine, lit: Lit): Light | undefined {
  const matched = rule === undefined ? undefined : lit.get(keyOf(family, rule))
  return matched ?? (at === undefined ? undefined : lit.get(keyOf(family, `@${at}`)))
}

/** The lines that pass the filters. */
export function linesOf<L extends PrintedLine>(
  lines: readonly L[],
  lit: Lit,
  { onlyVisited, find }: { readonly onlyVisited: boolean; readonly find: string },
): readonly L[] {
  if (!onlyVisited && find === '') return lines
  const words = find.toLowerCase()
  return lines.filter((line) => {
    const light = lightOf(line, lit)
    if (onlyVisited && (light === undefined || light === 'missed')) return false
    return line.text.toLowerCase().includes(words)
  })
}
