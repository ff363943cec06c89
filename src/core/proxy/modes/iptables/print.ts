import { unreachable } from '../../../base/assert.ts'
import { hostPort } from '../../../base/ip.ts'
import { byText } from '../../../base/order.ts'
import type { Chain, FamilyProgram, Field, Match, Rule, Statement, Verdict } from '../../../kernel/program.ts'
import type { PrintedLine } from '../../mode.ts'

const BUILT_IN: Readonly<Record<string, readonly string[]>> = {
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
}

/**
 * The restore text of the nat and filter tables: rules exactly as kube-proxy writes them (`0x00004000`, no `/32`), not as the kernel
 * prints them back. Built-in chains first, then the others by name.
 */
export function print(program: FamilyProgram): readonly PrintedLine[] {
  return ['nat', 'filter'].flatMap((table) => printTable(program, table))
}

function printTable(program: FamilyProgram, table: string): readonly PrintedLine[] {
  const builtIn = BUILT_IN[table] ?? []
  const place = (chain: Chain) => (builtIn.includes(chain.name) ? builtIn.indexOf(chain.name) : builtIn.length)
  const chains = program.chains.filter((chain) => chain.table === table).sort((a, b) => place(a) - place(b) || byText(a.name, b.name))
  return [
    { text: `*${table}` },
    ...chains.map((chain) => ({ text: `:${chain.name} - [0:0]` })),
    ...chains.flatMap((chain) =>
      chain.rules.map((rule, i) => ({ text: printRule(chain.name, rule), rule: rule.id, at: `${table}/${chain.name}/${i}` })),
    ),
    { text: 'COMMIT' },
  ]
}

/** `-A KUBE-SERVICES … -j KUBE-SVC-…`: one rule as kube-proxy writes it. */
function printRule(chain: string, rule: Rule): string {
  const parts = [`-A ${chain}`, ...rule.matches.map(printMatch)]
  for (const statement of rule.statements ?? []) parts.push(printStatement(statement))
  if (rule.verdict) parts.push(printVerdict(rule.verdict))
  return parts.join(' ')
}

function printMatch(match: Match): string {
  const not = 'not' in match && match.not ? '! ' : ''
  switch (match.match) {
    case 'comment':
      return `-m comment --comment ${match.text.includes(' ') ? `"${match.text}"` : match.text}`
    case 'protocol': {
      const protocol = match.is.toLowerCase()
      return match.module ? `-m ${protocol} -p ${protocol}` : `-p ${protocol}`
    }
    case 'src':
      return `${not}-s ${match.in.join(',')}`
    case 'dst':
      return `${not}-d ${match.in.join(',')}`
    case 'dst-port':
      return `--dport ${match.is}`
    case 'in-interface':
      return `${not}-i ${match.name}`
    case 'ct-state':
      return `-m conntrack ${not}--ctstate ${match.in.join(',')}`
    case 'mark':
      return `-m mark ${not}--mark ${hex(match.value)}/${hex(match.mask)}`
    case 'src-local':
      return `-m addrtype ${not}--src-type LOCAL`
    case 'dst-local':
      return `-m addrtype ${not}--dst-type LOCAL`
    case 'recent':
      return match.do === 'set'
        ? `-m recent --name ${match.list} --set`
        : `-m recent --name ${match.list} --rcheck --seconds ${match.seconds} --reap`
    case 'statistic':
      return `-m statistic --mode random --probability ${(1 / match.oneIn).toFixed(10)}`
    case 'nfacct':
      return `-m nfacct --nfacct-name ${match.name}`
    case 'set':
      return `-m set ${not}--match-set ${match.set} ${match.fields.flatMap(setDirection).join(',')}`
    case 'physdev-is-in':
      return `-m physdev ${not}--physdev-is-in`
    case 'ipvs':
      return `-m ipvs --vaddr ${match.address} --vproto ${match.protocol.toLowerCase()} --vport ${match.port}`
    default:
      return unreachable(match)
  }
}

/** ipset writes a direction for each dimension; the protocol belongs to its port. */
function setDirection(field: Field): readonly string[] {
  if (field === 'l4proto') return []
  return [field === 'saddr' || field === 'sport' ? 'src' : 'dst']
}

function printStatement(statement: Statement): string {
  if (statement.statement === 'mark') return `-j MARK --${statement.op}-mark ${hex(statement.value)}`
  throw new Error(`iptables has no ${statement.statement} statement`)
}

function printVerdict(verdict: Verdict): string {
  switch (verdict.verdict) {
    case 'accept':
    case 'drop':
    case 'reject':
    case 'return':
      return `-j ${verdict.verdict.toUpperCase()}`
    case 'masquerade':
      return `-j MASQUERADE${verdict.fully ? ' --random-fully' : ''}`
    case 'jump':
      return `-j ${verdict.chain}`
    case 'goto':
      return `-g ${verdict.chain}`
    case 'dnat':
      return `-j DNAT --to-destination ${hostPort(verdict.to.ip, verdict.to.port)}`
    default:
      throw new Error(`iptables has no ${verdict.verdict} verdict`)
  }
}

/** `0x00004000`: a mark as kube-proxy prints it. */
function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`
}
