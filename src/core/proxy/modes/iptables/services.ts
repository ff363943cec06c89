import type { Ip } from '../../../base/ip.ts'
import type { Chain, Match, Origin, Rule, Verdict } from '../../../kernel/program.ts'
import { decide, detectorMatch, nodeIsAllowed } from '../../decide.ts'
import type { ProxyEndpoint, ProxyView, ServicePortView } from '../../view.ts'
import { endpointChainName, serviceChainName } from './names.ts'

/** What one service port contributes: rules in the shared chains, and chains of its own. */
export type ServiceRules = {
  readonly natServices: readonly Rule[]
  readonly natNodePorts: readonly Rule[]
  readonly filterServices: readonly Rule[]
  readonly filterExternal: readonly Rule[]
  readonly filterNodePorts: readonly Rule[]
  readonly filterFirewall: readonly Rule[]
  readonly chains: readonly Chain[]
}

/** What kube-proxy decides for one service port before it writes a rule (facts of `syncProxyRules`). */
type Decisions = {
  readonly any: boolean
  readonly cluster: readonly ProxyEndpoint[]
  readonly local: readonly ProxyEndpoint[]
  readonly reachable: readonly ProxyEndpoint[]
  readonly svc: string
  readonly svl: string
  readonly ext: string
  readonly fw: string
  readonly internalChain: string
  readonly externalChain: string
  readonly hasInternal: boolean
  readonly hasExternal: boolean
  readonly useExt: boolean
  readonly useFw: boolean
  readonly internalFilter: Refusal
  readonly externalFilter: Refusal
}
type Refusal = { readonly verdict: Verdict; readonly comment: string }

/** The rules of one service port on a node: kube-proxy pkg/proxy/iptables/proxier.go, v1.36, one full sync. */
export function serviceRules(port: ServicePortView, view: ProxyView): ServiceRules {
  const decisions = decisionsOf(port)
  return { ...dispatchRules(port, view, decisions), chains: ownChains(port, view, decisions) }
}

function decisionsOf(port: ServicePortView): Decisions {
  const { cluster, local, reachable } = port.categories
  const { any, hasInternal, hasExternal, guarded } = decide(port)
  const name = (chain: 'SVC' | 'SVL' | 'EXT' | 'FW') => serviceChainName(chain, port.name, port.protocol)
  const svc = name('SVC')
  const svl = name('SVL')
  const refusal = (localOnly: boolean): Refusal =>
    any && localOnly
      ? { verdict: { verdict: 'drop' }, comment: `${port.name} has no local endpoints` }
      : { verdict: { verdict: 'reject' }, comment: `${port.name} has no endpoints` }
  return {
    any,
    cluster: port.usesCluster ? cluster : [],
    local: port.usesLocal ? local : [],
    reachable,
    svc,
    svl,
    ext: name('EXT'),
    fw: name('FW'),
    internalChain: port.internalPolicyLocal ? svl : svc,
    externalChain: port.externalPolicyLocal ? svl : svc,
    hasInternal,
    hasExternal,
    useExt: any && port.externallyAccessible,
    useFw: any && guarded,
    internalFilter: refusal(port.internalPolicyLocal),
    externalFilter: refusal(port.externalPolicyLocal),
  }
}

const jump = (chain: string): Verdict => ({ verdict: 'jump', chain })
const comment = (text: string): Match => ({ match: 'comment', text })
const portOrigin = (port: ServicePortView, field: string): Origin => ({
  object: port.service,
  path: ['spec', 'ports', port.portIndex, field],
})
const specOrigin = (port: ServicePortView, ...path: readonly (string | number)[]): Origin => ({ object: port.service, path })

function protocolMatch(port: ServicePortView): Match {
  return { match: 'protocol', is: port.protocol, module: true }
}
function to(port: ServicePortView, ip: Ip): readonly Match[] {
  return [protocolMatch(port), { match: 'dst', in: [ip] }, { match: 'dst-port', is: port.port }]
}

function dispatchRules(port: ServicePortView, view: ProxyView, d: Decisions): Omit<ServiceRules, 'chains'> {
  const natServices: Rule[] = []
  const natNodePorts: Rule[] = []
  const filterServices: Rule[] = []
  const filterExternal: Rule[] = []
  const filterNodePorts: Rule[] = []
  const filterFirewall: Rule[] = []
  const { name } = port

  const clusterOrigin = portOrigin(port, 'port')
  if (d.hasInternal) {
    natServices.push({
      id: `nat/KUBE-SERVICES/${name}/cluster`,
      matches: [comment(`${name} cluster IP`), ...to(port, port.clusterIp)],
      verdict: jump(d.internalChain),
      origin: clusterOrigin,
    })
  } else {
    filterServices.push({
      id: `filter/KUBE-SERVICES/${name}/cluster`,
      matches: [comment(d.internalFilter.comment), ...to(port, port.clusterIp)],
      verdict: d.internalFilter.verdict,
      origin: refusalOrigin(port, d.any, 'internalTrafficPolicy'),
    })
  }

  const refuse = (id: string, matches: readonly Match[]) =>
    filterExternal.push({
      id: `filter/KUBE-EXTERNAL-SERVICES/${name}/${id}`,
      matches: [comment(d.externalFilter.comment), ...matches],
      verdict: d.externalFilter.verdict,
      origin: refusalOrigin(port, d.any, 'externalTrafficPolicy'),
    })

  for (const ip of port.externalIps) {
    if (d.any) {
      natServices.push({
        id: `nat/KUBE-SERVICES/${name}/external/${ip}`,
        matches: [comment(`${name} external IP`), ...to(port, ip)],
        verdict: jump(d.ext),
        origin: specOrigin(port, 'spec', 'externalIPs'),
      })
    }
    // A ClusterIP Service's own clusterIP rule may stand for it already, but kube-proxy does not look.
    if (!d.hasExternal) refuse(`external/${ip}`, to(port, ip))
  }

  const balancerOrigin = specOrigin(port, 'status', 'loadBalancer', 'ingress')
  for (const ip of port.loadBalancerVips) {
    if (d.any) {
      natServices.push({
        id: `nat/KUBE-SERVICES/${name}/loadbalancer/${ip}`,
        matches: [comment(`${name} loadbalancer IP`), ...to(port, ip)],
        verdict: jump(d.useFw ? d.fw : d.ext),
        origin: balancerOrigin,
      })
    }
    if (d.useFw) {
      filterFirewall.push({
        id: `filter/KUBE-PROXY-FIREWALL/${name}/${ip}`,
        matches: [comment(`${name} traffic not accepted by ${d.fw}`), ...to(port, ip)],
        verdict: { verdict: 'drop' },
        origin: specOrigin(port, 'spec', 'loadBalancerSourceRanges'),
      })
    }
  }
  if (!d.hasExternal) for (const ip of port.loadBalancerVips) refuse(`loadbalancer/${ip}`, to(port, ip))

  if (port.nodePort !== 0) {
    const origin = portOrigin(port, 'nodePort')
    const at: Match = { match: 'dst-port', is: port.nodePort }
    if (d.any) {
      if (view.localhostNodePorts && view.nfacct) {
        natNodePorts.push({
          id: `nat/KUBE-NODEPORTS/${name}/localhost`,
          matches: [
            comment(name),
            protocolMatch(port),
            { match: 'dst', in: ['127.0.0.0/8'] },
            at,
            { match: 'nfacct', name: 'localhost_nps_accepted_pkts' },
          ],
          verdict: jump(d.ext),
          origin,
        })
      }
      natNodePorts.push({
        id: `nat/KUBE-NODEPORTS/${name}`,
        matches: [comment(name), protocolMatch(port), at],
        verdict: jump(d.ext),
        origin,
      })
    }
    if (!d.hasExternal) refuse('nodeport', [{ match: 'dst-local' }, protocolMatch(port), at])
  }

  if (port.healthCheckNodePort !== 0) {
    filterNodePorts.push({
      id: `filter/KUBE-NODEPORTS/${name}/health`,
      matches: [
        comment(`${name} health check node port`),
        { match: 'protocol', is: 'TCP', module: true },
        { match: 'dst-port', is: port.healthCheckNodePort },
      ],
      verdict: { verdict: 'accept' },
      origin: specOrigin(port, 'spec', 'healthCheckNodePort'),
    })
  }
  return { natServices, natNodePorts, filterServices, filterExternal, filterNodePorts, filterFirewall }
}

/** A refusal has its cause in the policy if there are endpoints elsewhere, in the selector if there are none at all. */
function refusalOrigin(port: ServicePortView, any: boolean, policy: string): Origin {
  return specOrigin(port, 'spec', any ? policy : 'selector')
}

function ownChains(port: ServicePortView, view: ProxyView, d: Decisions): readonly Chain[] {
  const chains: Chain[] = []
  const masquerade = d.hasInternal ? clusterMasquerade(port, view, d.internalChain) : []
  const nat = (name: string, rules: readonly Rule[]) => chains.push({ table: 'nat', name, rules })
  const before = (chain: string) => (chain === d.internalChain ? masquerade : [])

  if (d.useExt) nat(d.ext, externalRules(port, view, d))
  if (d.useFw) nat(d.fw, firewallRules(port, view, d))
  const svc = d.cluster.length > 0 ? spreadRules(port, view, d.svc, d.cluster) : []
  const svl = d.local.length > 0 ? spreadRules(port, view, d.svl, d.local) : []
  // A chain that only a jump names exists too, empty: kube-proxy declares what it jumps to.
  if (svc.length > 0) nat(d.svc, [...before(d.svc), ...svc])
  if (svl.length > 0) nat(d.svl, [...before(d.svl), ...svl])
  for (const endpoint of d.reachable) nat(endpointChainName(port.name, port.protocol, endpoint.text), endpointRules(port, view, endpoint))
  return chains
}

/** Masquerading of ClusterIP traffic from outside the cluster: first rule of the internal chain. */
function clusterMasquerade(port: ServicePortView, view: ProxyView, chain: string): readonly Rule[] {
  const outside = detectorMatch(view.detector, '+', true)
  if (!outside && !view.masqueradeAll) return []
  return [
    {
      id: `nat/${chain}/masquerade`,
      matches: [comment(`${port.name} cluster IP`), ...to(port, port.clusterIp), ...(outside && !view.masqueradeAll ? [outside] : [])],
      verdict: jump('KUBE-MARK-MASQ'),
      origin: portOrigin(port, 'port'),
    },
  ]
}

function externalRules(port: ServicePortView, view: ProxyView, d: Decisions): readonly Rule[] {
  const rules: Rule[] = []
  const origin = specOrigin(port, 'spec', 'externalTrafficPolicy')
  const add = (id: string, text: string, matches: readonly Match[], chain: string) =>
    rules.push({ id: `nat/${d.ext}/${id}`, matches: [comment(text), ...matches], verdict: jump(chain), origin })
  const destinations = `for ${port.name} external destinations`
  if (!port.externalPolicyLocal) {
    add('masquerade', `masquerade traffic ${destinations}`, [], 'KUBE-MARK-MASQ')
  } else {
    const pods = detectorMatch(view.detector, '+', false)
    if (pods) add('pods', `pod traffic ${destinations}`, [pods], d.svc)
    add('masquerade-local', `masquerade LOCAL traffic ${destinations}`, [{ match: 'src-local' }], 'KUBE-MARK-MASQ')
    add('route-local', `route LOCAL traffic ${destinations}`, [{ match: 'src-local' }], d.svc)
  }
  if (d.hasExternal) rules.push({ id: `nat/${d.ext}/policy`, matches: [], verdict: jump(d.externalChain), origin })
  return rules
}

function firewallRules(port: ServicePortView, view: ProxyView, d: Decisions): readonly Rule[] {
  const text = comment(`${port.name} loadbalancer IP`)
  const origin = (i: number) => specOrigin(port, 'spec', 'loadBalancerSourceRanges', i)
  const rules: Rule[] = port.sourceRanges.map((cidr, i) => ({
    id: `nat/${d.fw}/${cidr}`,
    matches: [text, { match: 'src', in: [cidr] }],
    verdict: jump(d.ext),
    origin: origin(i),
  }))
  // The node's own traffic to the VIP may carry the VIP as source: allowed if the node is.
  if (nodeIsAllowed(view, port)) {
    for (const vip of port.loadBalancerVips) {
      rules.push({ id: `nat/${d.fw}/vip/${vip}`, matches: [text, { match: 'src', in: [vip] }], verdict: jump(d.ext), origin: origin(0) })
    }
  }
  const rest = comment(`other traffic to ${port.name} will be dropped by KUBE-PROXY-FIREWALL`)
  rules.push({ id: `nat/${d.fw}/rest`, matches: [rest], origin: specOrigin(port, 'spec', 'loadBalancerSourceRanges') })
  return rules
}

/** One endpoint out of several: those remembered for this client first, then a row of coin tosses; the last has no dice, whatever is left is its share. */
function spreadRules(port: ServicePortView, view: ProxyView, chain: string, endpoints: readonly ProxyEndpoint[]): readonly Rule[] {
  const rules: Rule[] = []
  const sepOf = (endpoint: ProxyEndpoint) => endpointChainName(port.name, port.protocol, endpoint.text)
  const text = (endpoint: ProxyEndpoint): readonly Match[] => (view.largeCluster ? [] : [comment(`${port.name} -> ${endpoint.text}`)])
  const { affinitySeconds } = port
  if (affinitySeconds !== undefined) {
    for (const endpoint of endpoints) {
      const sep = sepOf(endpoint)
      rules.push({
        id: `nat/${chain}/remembered/${endpoint.text}`,
        matches: [...text(endpoint), { match: 'recent', do: 'rcheck', list: sep, seconds: affinitySeconds }],
        verdict: jump(sep),
        origin: specOrigin(port, 'spec', 'sessionAffinity'),
      })
    }
  }
  for (const [i, endpoint] of endpoints.entries()) {
    const dice: readonly Match[] = i < endpoints.length - 1 ? [{ match: 'statistic', oneIn: endpoints.length - i }] : []
    rules.push({
      id: `nat/${chain}/${endpoint.text}`,
      matches: [...text(endpoint), ...dice],
      verdict: jump(sepOf(endpoint)),
      origin: { object: endpoint.slice, path: ['endpoints', endpoint.index] },
    })
  }
  return rules
}

function endpointRules(port: ServicePortView, view: ProxyView, endpoint: ProxyEndpoint): readonly Rule[] {
  const sep = endpointChainName(port.name, port.protocol, endpoint.text)
  const text: readonly Match[] = view.largeCluster ? [] : [comment(port.name)]
  const origin: Origin = endpoint.pod
    ? { object: endpoint.pod, path: ['status', 'podIP'] }
    : { object: endpoint.slice, path: ['endpoints', endpoint.index, 'addresses', 0] }
  const remember: readonly Match[] = port.affinitySeconds === undefined ? [] : [{ match: 'recent', do: 'set', list: sep }]
  return [
    // An endpoint that reaches itself through its own Service would see its own address and answer itself directly.
    { id: `nat/${sep}/hairpin`, matches: [...text, { match: 'src', in: [endpoint.ip] }], verdict: jump('KUBE-MARK-MASQ'), origin },
    {
      id: `nat/${sep}/dnat`,
      matches: [...text, ...remember, protocolMatch(port)],
      verdict: { verdict: 'dnat', to: { ip: endpoint.ip, port: endpoint.port } },
      origin,
    },
  ]
}
