import type { Chain, Match, Rule, Verdict } from '../../../kernel/program.ts'
import type { LocalDetector, ProxyView } from '../../view.ts'
import { TABLE } from './names.ts'

export type Draft = Omit<Rule, 'id'>

export function chain(name: string, rules: readonly Draft[], rest: Partial<Chain> = {}): Chain {
  return { table: TABLE, name, ...rest, rules: rules.map((rule, index) => ({ id: `${TABLE}/${name}/${index}`, ...rule })) }
}

export const jump = (to: string): Verdict => ({ verdict: 'jump', chain: to })
export const goto = (to: string): Verdict => ({ verdict: 'goto', chain: to })

export function markBit(view: ProxyView): number {
  return 2 ** view.masqueradeBit
}

export function masqueradeMark(view: ProxyView) {
  return { statement: 'mark', op: 'or', value: markBit(view) } as const
}

/** "From a local Pod" (or, negated, from elsewhere); undefined where the node cannot tell. */
export function detectorMatch(detector: LocalDetector, not: boolean): Match | undefined {
  const negation = not ? ({ not: true } as const) : {}
  switch (detector.detect) {
    case 'none':
      return undefined
    case 'cidr':
      return { match: 'src', in: [detector.cidr], ...negation }
    case 'interface':
      return { match: 'in-interface', name: detector.prefix ? `${detector.name}*` : detector.name, ...negation }
  }
}

/** nftables' name for the type of an address of this view's family. */
export const address = (view: ProxyView) => (view.family === 'IPv4' ? 'ipv4_addr' : 'ipv6_addr')
