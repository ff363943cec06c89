import type { Chain, Match, Origin, Rule } from '../../../kernel/program.ts'
import { detectorMatch, nodeIsAllowed } from '../../decide.ts'
import type { ProxyEndpoint, ProxyView, ServicePortView } from '../../view.ts'
import { endpointChainName } from './names.ts'
import type { Decisions } from './services.ts'
import { comment, jump, portOrigin, protocolMatch, serviceOrigin, to } from './words.ts'

/** The chains of one service port, in the order in which kube-proxy writes them. */
export function ownChains(port: ServicePortView, view: ProxyView, d: Decisions): readonly Chain[] {
  const chains: Chain[] = []
  const masquerade = d.hasInternal ? clusterMasquerade(port, view, d.internalChain) : []
  const nat = (name: string, rules: readonly Rule[]) => chains.push({ table: 'nat', name, rules })
  const before = (chain: string) => (chain === d.internalChain ? masquerade : [])

  if (d.useExt) nat(d.ext, externalRules(port, view, d))
  if (d.useFw) nat(d.fw, firewallRules(port, view, d))
  const svc = d.cluster.length > 0 ? spreadRules(port, view, d.svc, d.cluster) : []
  const svl = d.local.length > 0 ? spreadRules(port, view, d.svl, d.local) : []
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
  const origin = serviceOrigin(port, 'spec', 'externalTrafficPolicy')
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
  const origin = (i: number) => serviceOrigin(port, 'spec', 'loadBalancerSourceRanges', i)
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
  rules.push({ id: `nat/${d.fw}/rest`, matches: [rest], origin: serviceOrigin(port, 'spec', 'loadBalancerSourceRanges') })
  return rules
}

/** One endpoint out of several: those remembered for this client first, then a row of coin tosses. The last has no dice: what is left is its. */
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
        origin: serviceOrigin(port, 'spec', 'sessionAffinity'),
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
      also: [portOrigin(port, 'targetPort'), { object: endpoint.slice, path: ['endpoints', endpoint.index] }],
    },
  ]
}
