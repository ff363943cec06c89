import { unreachable } from '../../../base/assert.ts'
import { hostPort } from '../../../base/ip.ts'
import { byKey, byText } from '../../../base/order.ts'
import type { AddressSet, Chain, FamilyProgram, Field, Match, Rule, Statement, Verdict, VerdictMap } from '../../../kernel/program.ts'
import type { PrintedLine } from '../../mode.ts'
import { TABLE } from './names.ts'

/**
 * The `add …` lines that make this table, in kube-proxy's wording (what it pipes into `nft -f -`, not what `nft list` shows): objects
 * by name, rules in order, elements by text.
 */
export function printNftables(program: FamilyProgram): readonly PrintedLine[] {
  const ip = program.family === 'IPv4' ? 'ip' : 'ip6'
  const add = (what: string, text: string) => `add ${what} ${ip} ${TABLE}${text}`
  const chains = [...program.chains].sort(byKey(({ name }) => name))
  const sets = [...program.sets].sort(byKey(({ name }) => name))
  const maps = [...program.maps].sort(byKey(({ name }) => name))
  return [
    { text: `${add('table', '')} { comment "rules for kube-proxy" ; }` },
    ...chains.map((chain) => ({ text: add('chain', ` ${chain.name}${chainBody(chain)}`) })),
    ...sets.map((set) => ({ text: add('set', ` ${set.name} ${setBody(set)}`) })),
    ...maps.map((map) => ({ text: add('map', ` ${map.name} ${mapBody(map)}`) })),
    ...chains.flatMap((chain) =>
      chain.rules.map((rule, i) => ({
        text: add('rule', ` ${chain.name} ${printRule(rule, program.family)}`),
        rule: rule.id,
        at: `${TABLE}/${chain.name}/${i}`,
      })),
    ),
    ...[...sets, ...maps].flatMap((container) => elementLines(container).map(({ text, rule }) => ({ text: add('element', text), rule }))),
  ]
}

/** One rule as kube-proxy writes it, without its chain: `ip daddr @cluster-ips reject comment "…"`. */
function printRule(rule: Rule, family: 'IPv4' | 'IPv6'): string {
  const ip = family === 'IPv4' ? 'ip' : 'ip6'
  const parts = rule.matches.map((match) => printMatch(match, ip))
  for (const statement of rule.statements ?? []) parts.push(printStatement(statement, ip))
  if (rule.verdict) parts.push(printVerdict(rule.verdict, ip))
  if (rule.comment !== undefined) parts.push(`comment "${rule.comment}"`)
  return parts.filter((part) => part !== '').join(' ')
}

/** How an element is named among a program's printed lines and in traces. */
function elementId(container: string, key: readonly (string | number)[]): string {
  return `@${container}/${key.join(' . ')}`
}

function chainBody({ attachment, comment }: Chain): string {
  if (attachment) return ` { type ${attachment.type} hook ${attachment.hook} priority ${attachment.priority} ; }`
  return comment === undefined ? '' : ` { comment "${comment}" ; }`
}

function setBody({ type, timeout, comment }: AddressSet): string {
  const flags = timeout === undefined ? '' : ` flags dynamic,timeout ; timeout ${timeout}s ;`
  return `{ type ${type} ;${flags}${comment === undefined ? '' : ` comment "${comment}" ;`} }`
}

function mapBody({ type, comment }: VerdictMap): string {
  return `{ type ${type} : verdict ;${comment === undefined ? '' : ` comment "${comment}" ;`} }`
}

function elementLines(container: AddressSet | VerdictMap): readonly { readonly text: string; readonly rule: string }[] {
  const lines = container.elements.map((element) => {
    const key = element.key.join(' . ')
    const comment = 'comment' in element && element.comment !== undefined ? ` comment "${element.comment}"` : ''
    const verdict = 'verdict' in element ? ` : ${printVerdict(element.verdict, 'ip')}` : ''
    return { text: ` ${container.name} { ${key}${comment}${verdict} }`, rule: elementId(container.name, element.key) }
  })
  return lines.sort((a, b) => byText(a.text, b.text))
}

const FIELDS: Record<Field, (ip: string) => string> = {
  saddr: (ip) => `${ip} saddr`,
  daddr: (ip) => `${ip} daddr`,
  l4proto: () => 'meta l4proto',
  sport: () => 'th sport',
  dport: () => 'th dport',
}
const fieldsText = (fields: readonly Field[], ip: string) => fields.map((field) => FIELDS[field](ip)).join(' . ')

function printMatch(match: Match, ip: string): string {
  switch (match.match) {
    case 'protocol':
      return `meta l4proto ${match.is.toLowerCase()}`
    case 'src':
      return `${ip} saddr ${not(match)}${match.braces ? `{ ${match.in.join(' , ')} }` : match.in.join(' , ')}`
    case 'dst':
      return `${ip} daddr ${not(match)}${match.braces ? `{ ${match.in.join(',')} }` : match.in.join(',')}`
    case 'in-interface':
      return `iifname ${not(match)}${match.name}`
    case 'ct-state':
      return match.in[0] === 'DNAT' ? 'ct status dnat' : `ct state ${not(match)}${match.in.map((state) => state.toLowerCase()).join(',')}`
    case 'mark':
      return `mark and ${hex(match.mask)} ${match.not ? '!=' : '=='} ${match.value}`
    case 'src-local':
      return `fib saddr type ${not(match)}local`
    case 'dst-local':
      return `fib daddr type ${not(match)}local`
    case 'set':
      return `${fieldsText(match.fields, ip)} ${not(match)}@${match.set}`
    case 'comment':
    case 'dst-port':
    case 'recent':
    case 'statistic':
    case 'nfacct':
    case 'physdev-is-in':
    case 'ipvs':
      throw new Error(`kube-proxy writes no nftables rule with ${match.match}`)
    default:
      return unreachable(match)
  }
}

function printStatement(statement: Statement, ip: string): string {
  switch (statement.statement) {
    case 'mark':
      return `mark set mark ${statement.op} ${hex(statement.value)}`
    case 'update':
      return `update @${statement.set} { ${fieldsText([statement.field], ip)} }`
    default:
      return unreachable(statement)
  }
}

function printVerdict(verdict: Verdict, ip: string): string {
  switch (verdict.verdict) {
    case 'accept':
    case 'drop':
    case 'reject':
    case 'return':
      return verdict.verdict
    case 'masquerade':
      return verdict.fully ? 'masquerade fully-random' : 'masquerade'
    case 'jump':
    case 'goto':
      return `${verdict.verdict} ${verdict.chain}`
    case 'dnat':
      return `dnat to ${hostPort(verdict.to.ip, verdict.to.port)}`
    case 'lookup':
      return `${fieldsText(verdict.fields, ip)} vmap @${verdict.map}`
    case 'spread':
      return numgen(
        'vmap',
        verdict.chains.map((chain) => `goto ${chain}`),
      )
    case 'dnat-spread':
      return `dnat ${ip} addr . port to ${numgen(
        'map',
        verdict.to.map((to) => `${to.ip} . ${to.port}`),
      )}`
    default:
      return unreachable(verdict)
  }
}

function numgen(map: 'map' | 'vmap', values: readonly string[]): string {
  return `numgen random mod ${values.length} ${map} { ${values.map((value, index) => `${index} : ${value}`).join(' , ')} }`
}

function not(match: { readonly not?: true }): string {
  return match.not ? '!= ' : ''
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`
}
