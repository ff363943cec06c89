import type { Family } from '../../../base/ip.ts'
import type { Chain, Hook, Match, Rule } from '../../../kernel/program.ts'
import { markOf } from '../../decide.ts'
import type { ProxyView } from '../../view.ts'

/** Where the kernel calls a built-in chain: netfilter's priorities of the nat and filter tables. */
const attachments: Readonly<Record<string, { readonly hook: Hook; readonly priority: number; readonly type: 'nat' | 'filter' }>> = {
  'nat/PREROUTING': { hook: 'prerouting', priority: -100, type: 'nat' },
  'nat/INPUT': { hook: 'input', priority: 100, type: 'nat' },
  'nat/OUTPUT': { hook: 'output', priority: -100, type: 'nat' },
  'nat/POSTROUTING': { hook: 'postrouting', priority: 100, type: 'nat' },
  'filter/INPUT': { hook: 'input', priority: 0, type: 'filter' },
  'filter/FORWARD': { hook: 'forward', priority: 0, type: 'filter' },
  'filter/OUTPUT': { hook: 'output', priority: 0, type: 'filter' },
}

/** A jump that kube-proxy ensures in a built-in chain. Each is put at the top, so the last one made stands first. */
export type Jump = {
  readonly table: 'nat' | 'filter'
  readonly from: string
  readonly to: string
  readonly comment?: string
  readonly onlyNew?: boolean
}

/** The built-in chains with their jumps, made in the given order. */
export function builtInChains(jumps: readonly Jump[]): readonly Chain[] {
  return Object.entries(attachments).map(([key, attachment]) => {
    const [table = '', name = ''] = key.split('/')
    const own = jumps.filter((jump) => jump.table === table && jump.from === name)
    return { table, name, attachment, rules: own.reverse().map(jumpRule) }
  })
}

function jumpRule({ table, from, to, comment, onlyNew }: Jump): Rule {
  const matches: Match[] = []
  if (onlyNew) matches.push({ match: 'ct-state', in: ['NEW'] })
  if (comment !== undefined) matches.push({ match: 'comment', text: comment })
  return { id: `${table}/${from}/${to}`, matches, verdict: { verdict: 'jump', chain: to } }
}

/** KUBE-POSTROUTING and KUBE-MARK-MASQ: traffic that carries the mark is masqueraded, once. Also in ipvs mode. */
export function masqueradeChains(view: ProxyView): readonly [Chain, Chain] {
  const mark = markOf(view)
  const post = 'nat/KUBE-POSTROUTING'
  return [
    {
      table: 'nat',
      name: 'KUBE-POSTROUTING',
      rules: [
        {
          id: `${post}/unmarked`,
          matches: [{ match: 'mark', value: mark, mask: mark, not: true }],
          verdict: { verdict: 'return' },
        },
        // The mark goes, so that a packet which is looped back through the stack is not masqueraded twice.
        { id: `${post}/unmark`, matches: [], statements: [{ statement: 'mark', op: 'xor', value: mark }] },
        {
          id: `${post}/masquerade`,
          matches: [{ match: 'comment', text: 'kubernetes service traffic requiring SNAT' }],
          verdict: { verdict: 'masquerade', fully: view.randomFully },
        },
      ],
    },
    {
      table: 'nat',
      name: 'KUBE-MARK-MASQ',
      rules: [{ id: 'nat/KUBE-MARK-MASQ/mark', matches: [], statements: [{ statement: 'mark', op: 'or', value: mark }] }],
    },
  ]
}

/** KUBE-FIREWALL: with route_localnet on, nobody else may reach the node's loopback; otherwise it stands empty. */
export function localnetFirewall(routeLocalnet: boolean): Chain {
  const block: Rule = {
    id: 'filter/KUBE-FIREWALL/localnet',
    matches: [
      { match: 'comment', text: 'block incoming localnet connections' },
      { match: 'dst', in: ['127.0.0.0/8'] },
      { match: 'src', in: ['127.0.0.0/8'], not: true },
      { match: 'ct-state', in: ['RELATED', 'ESTABLISHED', 'DNAT'], not: true },
    ],
    verdict: { verdict: 'drop' },
  }
  return { table: 'filter', name: 'KUBE-FIREWALL', rules: routeLocalnet ? [block] : [] }
}

/** KUBE-FORWARD's two accepting rules; ipvs mode writes them too. */
export function forwardRules(view: ProxyView): readonly Rule[] {
  const mark = markOf(view)
  return [
    {
      id: 'filter/KUBE-FORWARD/marked',
      matches: [
        { match: 'comment', text: 'kubernetes forwarding rules' },
        { match: 'mark', value: mark, mask: mark },
      ],
      verdict: { verdict: 'accept' },
    },
    {
      id: 'filter/KUBE-FORWARD/established',
      matches: [
        { match: 'comment', text: 'kubernetes forwarding conntrack rule' },
        { match: 'ct-state', in: ['RELATED', 'ESTABLISHED'] },
      ],
      verdict: { verdict: 'accept' },
    },
  ]
}

/** The networks that are the node itself, by family. */
export function loopbackOf(family: Family): string {
  return family === 'IPv4' ? '127.0.0.0/8' : '::1/128'
}
