import type { Family } from '../../../base/ip.ts'
import { byKey } from '../../../base/order.ts'
import type { Chain, Field, Match, Rule, Verdict } from '../../../kernel/program.ts'
import { detectorMatch } from '../../decide.ts'
import type { ProxyView, ServicePortView } from '../../view.ts'
import { builtInChains, forwardRules, type Jump, masqueradeChains } from '../iptables/statics.ts'
import { type SetContents, type SetId, setComment, setName } from './sets.ts'

type Draft = Omit<Rule, 'id'>

/** Made in this order, each put at the top of its built-in chain. */
const JUMPS: readonly Jump[] = [
  { table: 'nat', from: 'OUTPUT', to: 'KUBE-SERVICES', comment: 'kubernetes service portals' },
  { table: 'nat', from: 'PREROUTING', to: 'KUBE-SERVICES', comment: 'kubernetes service portals' },
  { table: 'nat', from: 'POSTROUTING', to: 'KUBE-POSTROUTING', comment: 'kubernetes postrouting rules' },
  { table: 'filter', from: 'FORWARD', to: 'KUBE-FORWARD', comment: 'kubernetes forwarding rules' },
  { table: 'filter', from: 'INPUT', to: 'KUBE-NODE-PORT', comment: 'kubernetes health check rules' },
  { table: 'filter', from: 'INPUT', to: 'KUBE-PROXY-FIREWALL', comment: 'kube-proxy firewall rules' },
  { table: 'filter', from: 'FORWARD', to: 'KUBE-PROXY-FIREWALL', comment: 'kube-proxy firewall rules' },
  { table: 'filter', from: 'INPUT', to: 'KUBE-IPVS-FILTER', comment: 'kubernetes ipvs access filter' },
  { table: 'filter', from: 'OUTPUT', to: 'KUBE-IPVS-OUT-FILTER', comment: 'kubernetes ipvs access filter' },
]

/** The fixed iptables skeleton around ipvs: few rules, however many Services; the sets do the work. */
export function ipvsChains(view: ProxyView, sets: SetContents, guarded: readonly Guard[]): readonly Chain[] {
  const [postrouting, markMasq] = masqueradeChains(view)
  const inOrder = [...guarded].sort(byKey(({ vip, port }) => `${vip} ${port.protocol} ${port.port}`))
  return [
    ...builtInChains(JUMPS),
    chain('nat', 'KUBE-LOAD-BALANCER', loadBalancerRules(view, sets)),
    markMasq,
    chain('nat', 'KUBE-NODE-PORT', nodePortRules(view, sets)),
    { ...postrouting, rules: [...loopBackRules(view, sets), ...postrouting.rules] },
    chain('nat', 'KUBE-SERVICES', servicesRules(view, sets)),
    { table: 'filter', name: 'KUBE-FORWARD', rules: forwardRules(view) },
    chain('filter', 'KUBE-IPVS-FILTER', accessRules(view)),
    chain('filter', 'KUBE-IPVS-OUT-FILTER', inOrder.map(outRule)),
    chain('filter', 'KUBE-NODE-PORT', [asked(view, 'HEALTH-CHECK-NODE-PORT', { verdict: 'accept' })]),
    chain('filter', 'KUBE-PROXY-FIREWALL', ifFilled(sets, view, 'LOAD-BALANCER-FW', jumpTo('KUBE-SOURCE-RANGES-FIREWALL'))),
    chain('filter', 'KUBE-SOURCE-RANGES-FIREWALL', [
      ...ifFilled(sets, view, 'LOAD-BALANCER-SOURCE-CIDR', { verdict: 'return' }),
      ...ifFilled(sets, view, 'LOAD-BALANCER-SOURCE-IP', { verdict: 'return' }),
      { matches: [], verdict: { verdict: 'drop' } },
    ]),
  ]
}

/** A load-balanced address whose source ranges leave the node itself out. */
export type Guard = { readonly vip: string; readonly port: ServicePortView }

// nat ----------------------------------------------------------------------------------------------------------------------------

function servicesRules(view: ProxyView, sets: SetContents): readonly Draft[] {
  const { family } = view
  const mark = jumpTo('KUBE-MARK-MASQ')
  const accept: Verdict = { verdict: 'accept' }
  const rules: Draft[] = [
    { matches: [{ match: 'src', in: [family === 'IPv4' ? '127.0.0.0/8' : '::1/128'] }], verdict: { verdict: 'return' } },
    ...ifFilled(sets, view, 'LOAD-BALANCER', jumpTo('KUBE-LOAD-BALANCER')),
  ]
  if (!sets.isEmpty('CLUSTER-IP')) rules.push(clusterIpMark(view))
  if (!sets.isEmpty('EXTERNAL-IP')) rules.push(asked(view, 'EXTERNAL-IP', mark), ...externalAccepts(view, 'EXTERNAL-IP'))
  if (!sets.isEmpty('EXTERNAL-IP-LOCAL')) rules.push(...externalAccepts(view, 'EXTERNAL-IP-LOCAL'))
  rules.push({ matches: [{ match: 'dst-local' }], verdict: jumpTo('KUBE-NODE-PORT') })
  for (const id of ['CLUSTER-IP', 'LOAD-BALANCER'] as const)
    if (!sets.isEmpty(id)) rules.push({ matches: [inSet(id, family)], verdict: accept })
  return rules
}

/** What is masqueraded on its way to a ClusterIP: everything, what is not from a local Pod, or, where the node cannot tell, a packet *from* a ClusterIP. */
function clusterIpMark(view: ProxyView): Draft {
  const verdict = jumpTo('KUBE-MARK-MASQ')
  if (view.masqueradeAll) return asked(view, 'CLUSTER-IP', verdict)
  const outside = detectorMatch(view.detector, '+', true)
  const rule = asked(view, 'CLUSTER-IP', verdict)
  if (outside) return { ...rule, matches: [...rule.matches, outside] }
  return {
    matches: [
      { match: 'comment', text: setComment('CLUSTER-IP') },
      { match: 'set', set: setName('CLUSTER-IP', view.family), fields: ['saddr', 'l4proto', 'dport'] },
    ],
    verdict,
  }
}

/** Traffic that comes from outside, or from this host to a VIP that is bound here, needs no further nat rules. */
function externalAccepts(view: ProxyView, id: SetId): readonly Draft[] {
  const accept: Verdict = { verdict: 'accept' }
  const { matches } = asked(view, id, accept)
  return [
    { matches: [...matches, { match: 'physdev-is-in', not: true }, { match: 'src-local', not: true }], verdict: accept },
    { matches: [...matches, { match: 'dst-local' }], verdict: accept },
  ]
}

function loadBalancerRules(view: ProxyView, sets: SetContents): readonly Draft[] {
  return [...ifFilled(sets, view, 'LOAD-BALANCER-LOCAL', { verdict: 'return' }), { matches: [], verdict: jumpTo('KUBE-MARK-MASQ') }]
}

function nodePortRules(view: ProxyView, sets: SetContents): readonly Draft[] {
  const ids = [
    ['TCP', 'NODE-PORT-LOCAL-TCP', 'NODE-PORT-TCP'],
    ['UDP', 'NODE-PORT-LOCAL-UDP', 'NODE-PORT-UDP'],
    ['SCTP', 'NODE-PORT-LOCAL-SCTP-HASH', 'NODE-PORT-SCTP-HASH'],
  ] as const
  return ids.flatMap(([protocol, local, all]) => {
    const of = (rule: Draft): Draft => ({ ...rule, matches: [{ match: 'protocol', is: protocol, module: false }, ...rule.matches] })
    return [...ifFilled(sets, view, local, { verdict: 'return' }).map(of), ...ifFilled(sets, view, all, jumpTo('KUBE-MARK-MASQ')).map(of)]
  })
}

/** A local Pod that was sent back to itself must not see its own address as the source. */
function loopBackRules(view: ProxyView, sets: SetContents): readonly Rule[] {
  return chain('nat', 'KUBE-POSTROUTING', ifFilled(sets, view, 'LOOP-BACK', { verdict: 'masquerade', fully: false })).rules
}

// filter -------------------------------------------------------------------------------------------------------------------------

/** The VIPs are addresses of this host: without these rules, any socket on the node would answer on any port of any VIP. */
function accessRules(view: ProxyView): readonly Draft[] {
  const known = ['LOAD-BALANCER', 'CLUSTER-IP', 'EXTERNAL-IP', 'EXTERNAL-IP-LOCAL', 'HEALTH-CHECK-NODE-PORT'] as const
  return [
    ...known.map((id): Draft => ({ matches: [inSet(id, view.family)], verdict: { verdict: 'return' } })),
    { matches: [{ match: 'ct-state', in: ['NEW'] }, inSet('IPVS-IPS', view.family)], verdict: { verdict: 'reject' } },
  ]
}

/** The node dials a bound VIP from that very VIP, which no source range sees; ipvs tells which connection it was. */
function outRule({ vip, port }: Guard): Draft {
  return {
    matches: [
      { match: 'src', in: [vip] },
      { match: 'ipvs', address: vip, protocol: port.protocol, port: port.port },
    ],
    verdict: { verdict: 'drop' },
    origin: { object: port.service, path: ['spec', 'loadBalancerSourceRanges'] },
  }
}

// words --------------------------------------------------------------------------------------------------------------------------

/** Which parts of the packet a set's kind is asked for, by the directions kube-proxy gives: dst, dst,dst or dst,dst,src. */
function fieldsOf(id: SetId): readonly Field[] {
  if (id === 'IPVS-IPS') return ['daddr']
  if (id === 'LOOP-BACK' || id === 'LOAD-BALANCER-SOURCE-IP' || id === 'LOAD-BALANCER-SOURCE-CIDR')
    return ['daddr', 'l4proto', 'dport', 'saddr']
  return /TCP$|UDP$|^HEALTH/.test(id) ? ['dport'] : ['daddr', 'l4proto', 'dport']
}

function inSet(id: SetId, family: Family): Match {
  return { match: 'set', set: setName(id, family), fields: fieldsOf(id) }
}

function asked(view: ProxyView, id: SetId, verdict: Verdict): Draft {
  return { matches: [{ match: 'comment', text: setComment(id) }, inSet(id, view.family)], verdict }
}

function ifFilled(sets: SetContents, view: ProxyView, id: SetId, verdict: Verdict): readonly Draft[] {
  return sets.isEmpty(id) ? [] : [asked(view, id, verdict)]
}

function jumpTo(chain: string): Verdict {
  return { verdict: 'jump', chain }
}

function chain(table: string, name: string, rules: readonly Draft[]): Chain {
  return { table, name, rules: rules.map((rule, index) => ({ id: `${table}/${name}/${index}`, ...rule })) }
}
