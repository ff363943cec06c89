import { type Ip, isLoopback } from '../../../base/ip.ts'
import type { AddressSet, Chain, Field, MapElement, Match, SetElement, Verdict, VerdictMap } from '../../../kernel/program.ts'
import { detectorMatch, markOf } from '../../decide.ts'
import type { ProxyView } from '../../view.ts'
import { address, chain, type Draft, jump, masqueradeMark } from './rules.ts'

/** What the service ports put into the table, as it grows. Sets are keyed by text: several ports share one ClusterIP. */
export type Contents = {
  readonly chains: Chain[]
  readonly affinitySets: AddressSet[]
  readonly clusterIps: Map<string, SetElement>
  readonly hairpins: Map<string, SetElement>
  readonly serviceIps: MapElement[]
  readonly nodePorts: MapElement[]
  readonly noEndpointServices: MapElement[]
  readonly noEndpointNodePorts: MapElement[]
  readonly firewallIps: MapElement[]
}

export function noContents(): Contents {
  return {
    chains: [],
    affinitySets: [],
    clusterIps: new Map(),
    hairpins: new Map(),
    serviceIps: [],
    nodePorts: [],
    noEndpointServices: [],
    noEndpointNodePorts: [],
    firewallIps: [],
  }
}

const NEW: Match = { match: 'ct-state', in: ['NEW'] }
const ADDRESS_AND_PORT: readonly Field[] = ['daddr', 'l4proto', 'dport']
const PORT: readonly Field[] = ['l4proto', 'dport']

/** The chains that are always there: base chains first, then what they call. */
export function staticChains(view: ProxyView): readonly Chain[] {
  const onNew = (to: string): Draft => ({ matches: [NEW], verdict: jump(to) })
  const always = (to: string): Draft => ({ matches: [], verdict: jump(to) })
  const lookup = (map: string): Draft => ({ matches: [], verdict: { verdict: 'lookup', map, fields: ADDRESS_AND_PORT } })
  return [
    // Before DNAT, so that source ranges see the address that the client dialled.
    chain('filter-prerouting-pre-dnat', [onNew('firewall-check')], base('filter', 'prerouting', -110)),
    chain('filter-output-pre-dnat', [onNew('firewall-check')], base('filter', 'output', -110)),
    chain('filter-input', [onNew('nodeport-endpoints-check'), onNew('service-endpoints-check')], base('filter', 'input', 0)),
    chain('filter-forward', [onNew('service-endpoints-check'), onNew('cluster-ips-check')], base('filter', 'forward', 0)),
    chain('filter-output', [onNew('service-endpoints-check'), onNew('cluster-ips-check')], base('filter', 'output', 0)),
    chain('nat-prerouting', [always('services')], base('nat', 'prerouting', -100)),
    chain('nat-output', [always('services')], base('nat', 'output', -100)),
    chain('nat-postrouting', [always('masquerading')], base('nat', 'postrouting', 100)),
    chain('services', servicesRules(view)),
    chain('masquerading', masqueradingRules(view)),
    chain('cluster-ips-check', clusterIpsCheckRules(view)),
    chain('service-endpoints-check', [lookup('no-endpoint-services')]),
    chain('nodeport-endpoints-check', [nodePortLookup(view, 'no-endpoint-nodeports', false)]),
    chain('firewall-check', [lookup('firewall-ips')]),
    chain('reject-chain', [{ matches: [], verdict: { verdict: 'reject' } }], {
      comment: 'helper for @no-endpoint-services / @no-endpoint-nodeports',
    }),
  ]
}

function base(
  type: 'nat' | 'filter',
  hook: 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting',
  priority: number,
): Partial<Chain> {
  return { attachment: { hook, priority, type } }
}

function servicesRules(view: ProxyView): readonly Draft[] {
  const mark = masqueradeMark(view)
  const toClusterIp: Match = { match: 'set', set: 'cluster-ips', fields: ['daddr'] }
  const outside = detectorMatch(view.detector, '*', true)
  const masquerade: readonly Draft[] = view.masqueradeAll
    ? [{ matches: [toClusterIp], statements: [mark], comment: 'masquerade all clusterIP traffic' }]
    : outside
      ? [{ matches: [toClusterIp, outside], statements: [mark], comment: 'masquerade clusterIP traffic from outside cluster' }]
      : []
  return [
    ...masquerade,
    { matches: [], verdict: { verdict: 'lookup', map: 'service-ips', fields: ADDRESS_AND_PORT } },
    nodePortLookup(view, 'service-nodeports', true),
  ]
}

function masqueradingRules(view: ProxyView): readonly Draft[] {
  const bit = markOf(view)
  return [
    {
      matches: [{ match: 'mark', value: 0, mask: bit, not: true }],
      // The mark has done its work: left set, it would masquerade again whatever the packet is wrapped in.
      statements: [{ statement: 'mark', op: 'xor', value: bit }],
      verdict: { verdict: 'masquerade', fully: true },
    },
    {
      matches: [
        { match: 'ct-state', in: ['DNAT'] },
        { match: 'set', set: 'hairpin-connections', fields: ['saddr', 'daddr', 'l4proto', 'dport'] },
      ],
      verdict: { verdict: 'masquerade', fully: true },
    },
  ]
}

function clusterIpsCheckRules(view: ProxyView): readonly Draft[] {
  const invalidPort: Draft = {
    matches: [{ match: 'set', set: 'cluster-ips', fields: ['daddr'] }],
    verdict: { verdict: 'reject' },
    comment: 'Reject traffic to invalid ports of ClusterIPs',
  }
  if (view.serviceCidrs.length === 0) return [invalidPort]
  const unallocated: Draft = {
    matches: [{ match: 'dst', in: view.serviceCidrs, braces: true }],
    verdict: { verdict: 'drop' },
    comment: 'Drop traffic to unallocated ClusterIPs',
  }
  return [invalidPort, unallocated]
}

/** nodePorts answer on a set of addresses, or on every local address but loopback. In `input` the address is local anyway. */
function nodePortLookup(view: ProxyView, map: string, mustBeLocal: boolean): Draft {
  const verdict: Verdict = { verdict: 'lookup', map, fields: PORT }
  if (view.nodePortAddresses !== 'all') return { matches: [{ match: 'set', set: 'nodeport-ips', fields: ['daddr'] }], verdict }
  const noLoopback: Match = { match: 'dst', in: [view.family === 'IPv4' ? '127.0.0.0/8' : '::1'], not: true }
  return { matches: mustBeLocal ? [{ match: 'dst-local' }, noLoopback] : [noLoopback], verdict }
}

/** The sets that are always there; `nodeport-ips` only where nodePorts answer on some addresses and not on all. */
export function staticSets(view: ProxyView, contents: Contents): readonly AddressSet[] {
  const ip = address(view)
  const nodePortIps: readonly AddressSet[] =
    view.nodePortAddresses === 'all'
      ? []
      : [
          {
            name: 'nodeport-ips',
            type: ip,
            comment: 'IPs that accept NodePort traffic',
            elements: nodePortSetAddresses(view.nodePortAddresses).map((node) => ({
              key: [node],
              origin: { object: `Node//${view.node}`, path: ['status', 'addresses'] },
            })),
          },
        ]
  return [
    { name: 'cluster-ips', type: ip, comment: 'Active ClusterIPs', elements: [...contents.clusterIps.values()] },
    ...nodePortIps,
    {
      name: 'hairpin-connections',
      type: `${ip} . ${ip} . inet_proto . inet_service`,
      comment: 'service hairpin connections',
      elements: [...contents.hairpins.values()],
    },
  ]
}

/** Loopback never gets nodePort traffic by nftables: the kernel would refuse to route the answer. */
function nodePortSetAddresses(addresses: readonly Ip[]): readonly Ip[] {
  return addresses.filter((ip) => !isLoopback(ip))
}

/** The verdict maps that dispatch to, refuse and guard service ports. */
export function staticMaps(view: ProxyView, contents: Contents): readonly VerdictMap[] {
  const byAddress = `${address(view)} . inet_proto . inet_service`
  const byPort = 'inet_proto . inet_service'
  return [
    {
      name: 'firewall-ips',
      type: byAddress,
      comment: 'destinations that are subject to LoadBalancerSourceRanges',
      elements: contents.firewallIps,
    },
    {
      name: 'service-ips',
      type: byAddress,
      comment: 'ClusterIP, ExternalIP and LoadBalancer IP traffic',
      elements: contents.serviceIps,
    },
    { name: 'service-nodeports', type: byPort, comment: 'NodePort traffic', elements: contents.nodePorts },
    {
      name: 'no-endpoint-services',
      type: byAddress,
      comment: 'vmap to drop or reject packets to services with no endpoints',
      elements: contents.noEndpointServices,
    },
    {
      name: 'no-endpoint-nodeports',
      type: byPort,
      comment: 'vmap to drop or reject packets to service nodeports with no endpoints',
      elements: contents.noEndpointNodePorts,
    },
  ]
}
