import type { Chain, Rule, Verdict } from '../../../kernel/program.ts'
import { markOf } from '../../decide.ts'
import type { ProxyView } from '../../view.ts'
import { TABLE } from './names.ts'

export type Draft = Omit<Rule, 'id'>

export function chain(name: string, rules: readonly Draft[], rest: Partial<Chain> = {}): Chain {
  return { table: TABLE, name, ...rest, rules: rules.map((rule, index) => ({ id: `${TABLE}/${name}/${index}`, ...rule })) }
}

export const jump = (to: string): Verdict => ({ verdict: 'jump', chain: to })
export const goto = (to: string): Verdict => ({ verdict: 'goto', chain: to })

export function masqueradeMark(view: ProxyView) {
  return { statement: 'mark', op: 'or', value: markOf(view) } as const
}

/** nftables' name for the type of an address of this view's family. */
export const address = (view: ProxyView) => (view.family === 'IPv4' ? 'ipv4_addr' : 'ipv6_addr')
