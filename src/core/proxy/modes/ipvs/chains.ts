import type { Family } from '../../../base/ip.ts'
import { byKey } from '../../../base/order.ts'
import type { Chain, Field, Hook, Match, Rule, Verdict } from '../../../kernel/program.ts'
import type { LocalDetector, ProxyView, ServicePortView } from '../../view.ts'
import { type SetContents, type SetId, setComment, setName } from './sets.ts'

type Draft = Omit<Rule, 'id'>

/** The fixed iptables skeleton around ipvs: few rules, however many Services; the sets do the work. */
export function ipvsChains(view: ProxyView, sets: SetContents, guarded: readonly Guard[]): readonly Chain[] {
  const jump = (comment: string, chain: string): Draft => ({ matches: [{ match: 'comment', text: comment }], verdict: jumpTo(chain) })
  const services = jump('kubernetes service portals', 'KUBE-SERVICES')
  const access = 'kubernetes ipvs access filter'
  const firewall = jump('kube-proxy firewall rules', 'KUBE-PROXY-FIREWALL')
  return [
    builtIn('nat', 'PREROUTING', [services]),
    builtIn('nat', 'INPUT', []),
    builtIn('nat', 'OUTPUT', [services]),
    builtIn('nat', 'POSTROUTING', [jump('kubernetes postrouting rules', 'KUBE-POSTROUTING')]),
    chain('nat', 'KUBE-LOAD-BALANCER', loadBalancerRules(view, sets)),
    chain('nat', 'KUBE-MARK-MASQ', [{ matches: [], statements: [{ statement: 'mark', op: 'or', value: markBit(view) }] }]),
    chain('nat', 'KUBE-NODE-PORT', nodePortRules(view, sets)),
    chain('nat', 'KUBE-POSTROUTING', postroutingRules(view, sets)),
    chain('nat', 'KUBE-SERVICES', servicesRules(view, sets)),
    // Each jump was inserted at the top, so the last made stands first.
    builtIn('filter', 'INPUT', [jump(access, 'KUBE-IPVS-FILTER'), firewall, jump('kubernetes health check rules', 'KUBE-NODE-PORT')]),
    builtIn('filter', 'FORWARD', [firewall, jump('kubernetes forwarding rules', 'KUBE-FORWARD')]),
    builtIn('filter', 'OUTPUT', [jump(access, 'KUBE-IPVS-OUT-FILTER')]),
    chain('filter', 'KUBE-FORWARD', forwardRules(view)),
    chain('filter', 'KUBE-IPVS-FILTER', accessRules(view)),
    chain(
      'filter',
      'KUBE-IPVS-OUT-FILTER',
      [...guarded].sort(byKey(({ vip, port }) => `${vip} ${port.protocol} ${port.port}`)).map(outRule),
    ),
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
  const outside = fromOutside(view.detector)
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

function fromOutside(detector: LocalDetector): Match | undefined {
  switch (detector.detect) {
    case 'none':
      return undefined
    case 'cidr':
      return { match: 'src', in: [detector.cidr], not: true }
    case 'interface':
      return { match: 'in-interface', name: detector.prefix ? `${detector.name}+` : detector.name, not: true }
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

function postroutingRules(view: ProxyView, sets: SetContents): readonly Draft[] {
  const bit = markBit(view)
  return [
    ...ifFilled(sets, view, 'LOOP-BACK', { verdict: 'masquerade', fully: false }),
    { matches: [{ match: 'mark', value: bit, mask: bit, not: true }], verdict: { verdict: 'return' } },
    // The mark has done its work: left set, it would masquerade again whatever the packet is wrapped in.
    { matches: [], statements: [{ statement: 'mark', op: 'xor', value: bit }] },
    {
      matches: [{ match: 'comment', text: 'kubernetes service traffic requiring SNAT' }],
      verdict: { verdict: 'masquerade', fully: view.randomFully },
    },
  ]
}

// filter -------------------------------------------------------------------------------------------------------------------------

function forwardRules(view: ProxyView): readonly Draft[] {
  const bit = markBit(view)
  return [
    {
      matches: [
        { match: 'comment', text: 'kubernetes forwarding rules' },
        { match: 'mark', value: bit, mask: bit },
      ],
      verdict: { verdict: 'accept' },
    },
    {
      matches: [
        { match: 'comment', text: 'kubernetes forwarding conntrack rule' },
        { match: 'ct-state', in: ['RELATED', 'ESTABLISHED'] },
      ],
      verdict: { verdict: 'accept' },
    },
  ]
}

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

function markBit(view: ProxyView): number {
  return 2 ** view.masqueradeBit
}

function chain(table: string, name: string, rules: readonly Draft[], rest: Partial<Chain> = {}): Chain {
  return { table, name, ...rest, rules: rules.map((rule, index) => ({ id: `${table}/${name}/${index}`, ...rule })) }
}

function builtIn(table: 'nat' | 'filter', name: string, rules: readonly Draft[]): Chain {
  const hook = name.toLowerCase() as Hook
  const destination = hook === 'prerouting' || hook === 'output'
  const priority = table === 'filter' ? 0 : destination ? -100 : 100
  return chain(table, name, rules, { attachment: { hook, priority, type: table } })
}
