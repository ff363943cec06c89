import { familyOf, type Ip, isLoopback } from '../../../base/ip.ts'
import { byText } from '../../../base/order.ts'
import type { Chain, FamilyProgram, Match, Rule } from '../../../kernel/program.ts'
import type { ProxyView, ServicePortView } from '../../view.ts'
import { type ServiceRules, serviceRules } from './services.ts'
import { builtInChains, forwardRules, type Jump, localnetFirewall, loopbackOf, masqueradeChains } from './statics.ts'

const FIREWALL = 'kubernetes load balancer firewall'
const PORTALS = 'kubernetes service portals'
const EXTERNAL = 'kubernetes externally-visible service portals'

/** In the order in which a full sync makes them (`iptablesJumpChains`). */
const jumps: readonly Jump[] = [
  { table: 'filter', from: 'INPUT', to: 'KUBE-EXTERNAL-SERVICES', comment: EXTERNAL, onlyNew: true },
  { table: 'filter', from: 'FORWARD', to: 'KUBE-EXTERNAL-SERVICES', comment: EXTERNAL, onlyNew: true },
  { table: 'filter', from: 'INPUT', to: 'KUBE-NODEPORTS', comment: 'kubernetes health check service ports' },
  { table: 'filter', from: 'FORWARD', to: 'KUBE-SERVICES', comment: PORTALS, onlyNew: true },
  { table: 'filter', from: 'OUTPUT', to: 'KUBE-SERVICES', comment: PORTALS, onlyNew: true },
  { table: 'filter', from: 'FORWARD', to: 'KUBE-FORWARD', comment: 'kubernetes forwarding rules' },
  { table: 'filter', from: 'INPUT', to: 'KUBE-PROXY-FIREWALL', comment: FIREWALL, onlyNew: true },
  { table: 'filter', from: 'OUTPUT', to: 'KUBE-PROXY-FIREWALL', comment: FIREWALL, onlyNew: true },
  { table: 'filter', from: 'FORWARD', to: 'KUBE-PROXY-FIREWALL', comment: FIREWALL, onlyNew: true },
  { table: 'nat', from: 'OUTPUT', to: 'KUBE-SERVICES', comment: PORTALS },
  { table: 'nat', from: 'PREROUTING', to: 'KUBE-SERVICES', comment: PORTALS },
  { table: 'nat', from: 'POSTROUTING', to: 'KUBE-POSTROUTING', comment: 'kubernetes postrouting rules' },
  { table: 'filter', from: 'INPUT', to: 'KUBE-FIREWALL' },
  { table: 'filter', from: 'OUTPUT', to: 'KUBE-FIREWALL' },
]

/**
 * One node's iptables (or ip6tables) program after a full sync: kube-proxy pkg/proxy/iptables, v1.36. Where the real order is that of a
 * random map, it is the order of the service ports' names.
 */
export function compile(view: ProxyView): FamilyProgram {
  const surroundings = JSON.stringify([view.detector, view.masqueradeAll, view.localhostNodePorts, view.nfacct, view.largeCluster])
  const parts = view.servicePorts.map((port) => rulesOf(port, view, surroundings))
  const shared = (table: string, name: string, of: (part: ServiceRules) => readonly Rule[], last: readonly Rule[] = []): Chain => ({
    table,
    name,
    rules: [...parts.flatMap(of), ...last],
  })
  return {
    family: view.family,
    chains: [
      ...builtInChains(jumps),
      shared('filter', 'KUBE-SERVICES', (part) => part.filterServices),
      shared('filter', 'KUBE-EXTERNAL-SERVICES', (part) => part.filterExternal),
      { table: 'filter', name: 'KUBE-FORWARD', rules: [...invalidDrop(view), ...forwardRules(view)] },
      shared('filter', 'KUBE-NODEPORTS', (part) => part.filterNodePorts),
      shared('filter', 'KUBE-PROXY-FIREWALL', (part) => part.filterFirewall),
      localnetFirewall(view.localhostNodePorts),
      shared('nat', 'KUBE-SERVICES', (part) => part.natServices, nodePortJumps(view)),
      shared('nat', 'KUBE-NODEPORTS', (part) => part.natNodePorts),
      ...masqueradeChains(view),
      ...parts.flatMap((part) => part.chains),
    ],
    sets: [],
    maps: [],
    servers: [],
    dummyAddresses: [],
    routeLocalnet: view.localhostNodePorts,
  }
}

type Remembered = { readonly surroundings: string; readonly nodeIp: Ip | undefined; readonly rules: ServiceRules }
const remembered = new WeakMap<ServicePortView, Remembered>()

/** Nodes that see the same service port in the same surroundings share its rules; source ranges look at the node's own address too. */
function rulesOf(port: ServicePortView, view: ProxyView, surroundings: string): ServiceRules {
  const nodeIp = port.sourceRanges.length > 0 ? view.nodeIp : undefined
  const known = remembered.get(port)
  if (known && known.surroundings === surroundings && known.nodeIp === nodeIp) return known.rules
  const rules = serviceRules(port, view)
  remembered.set(port, { surroundings, nodeIp, rules })
  return rules
}

function invalidDrop(view: ProxyView): readonly Rule[] {
  if (view.tcpBeLiberal) return []
  const counter: readonly Match[] = view.nfacct ? [{ match: 'nfacct', name: 'ct_state_invalid_dropped_pkts' }] : []
  return [
    {
      id: 'filter/KUBE-FORWARD/invalid',
      matches: [{ match: 'ct-state', in: ['INVALID'] }, ...counter],
      verdict: { verdict: 'drop' },
    },
  ]
}

/** Node ports come last: a more specific rule for the same address must win. kube-proxy takes the addresses in no order; here by text. */
function nodePortJumps(view: ProxyView): readonly Rule[] {
  const rule = (id: string, matches: readonly Match[]): Rule => ({
    id: `nat/KUBE-SERVICES/nodeports${id}`,
    matches: [{ match: 'comment', text: 'kubernetes service nodeports; NOTE: this must be the last rule in this chain' }, ...matches],
    verdict: { verdict: 'jump', chain: 'KUBE-NODEPORTS' },
  })
  const loopback = loopbackOf(view.family)
  if (view.nodePortAddresses === 'all') {
    const spared: readonly Match[] = view.localhostNodePorts ? [] : [{ match: 'dst', in: [loopback], not: true }]
    return [rule('', [{ match: 'dst-local' }, ...spared])]
  }
  return view.nodePortAddresses
    .filter((ip) => (view.localhostNodePorts && familyOf(ip) === 'IPv4') || !isLoopback(ip))
    .sort(byText)
    .map((ip) => rule(`/${ip}`, [{ match: 'dst', in: [ip] }]))
}
