import type { Cidr, Ip } from '../../../base/ip.ts'
import type { Chain, FamilyProgram, Match, Origin, Verdict } from '../../../kernel/program.ts'
import { decide, detectorMatch, nodeIsAllowed, type PortDecisions, type Reach } from '../../decide.ts'
import type { ProxyEndpoint, ProxyView, ServicePortView } from '../../view.ts'
import { type Contents, noContents, staticChains, staticMaps, staticSets } from './frame.ts'
import { endpointNameBase, portNameBase } from './names.ts'
import { address, chain, type Draft, goto, masqueradeMark } from './rules.ts'

/**
 * The table that kube-proxy's nftables proxier keeps (v1.36 generation), for one node and IP family. Static chains do the dispatch
 * by maps, so that the number of rules a packet sees does not grow with the number of Services.
 */
export function compileNftables(view: ProxyView): FamilyProgram {
  const contents = noContents()
  for (const port of view.servicePorts) addServicePort(view, port, contents)
  return {
    family: view.family,
    chains: [...staticChains(view), ...contents.chains],
    sets: [...staticSets(view, contents), ...contents.affinitySets],
    maps: staticMaps(view, contents),
    servers: [],
    dummyAddresses: [],
    routeLocalnet: false,
  }
}

function addServicePort(view: ProxyView, port: ServicePortView, contents: Contents): void {
  const decisions = decide(port)
  const base = portNameBase(port)
  addDispatch(port, base, decisions, contents)
  if (decisions.useCluster) contents.chains.push(balanceChain(`service-${base}`, port, port.categories.cluster))
  if (decisions.useLocal) contents.chains.push(balanceChain(`local-${base}`, port, port.categories.local))
  if (decisions.any && port.externallyAccessible) contents.chains.push(externalChain(view, port, base, decisions))
  if (decisions.guarded) contents.chains.push(firewallChain(view, port, base))
  if (port.affinitySeconds !== undefined) for (const endpoint of port.categories.reachable) addAffinity(view, port, endpoint, contents)
  for (const endpoint of port.categories.reachable) addHairpin(port, endpoint, contents)
}

function addDispatch(port: ServicePortView, base: string, decisions: PortDecisions, contents: Contents): void {
  const protocol = port.protocol.toLowerCase()
  const from = (...path: (string | number)[]): Origin => ({ object: port.service, path })
  const chainOf = (reach: Reach) => (reach === 'local' ? `local-${base}` : `service-${base}`)
  const refusal = (how: 'reject' | 'drop'): Verdict => (how === 'reject' ? goto('reject-chain') : { verdict: 'drop' })

  contents.clusterIps.set(port.clusterIp, { key: [port.clusterIp], origin: from('spec', 'clusterIP') })
  const inside = { key: [port.clusterIp, protocol, port.port], origin: from('spec', 'ports', port.portIndex) }
  if (decisions.hasInternal) contents.serviceIps.push({ ...inside, verdict: goto(chainOf(decisions.internal)) })
  else contents.noEndpointServices.push({ ...inside, verdict: refusal(decisions.internalRefusal), comment: port.name })

  const enter = (ip: Ip, origin: Origin) => {
    const key = [ip, protocol, port.port]
    if (decisions.any) contents.serviceIps.push({ key, verdict: goto(`external-${base}`), origin })
    if (!decisions.hasExternal)
      contents.noEndpointServices.push({ key, verdict: refusal(decisions.externalRefusal), comment: port.name, origin })
  }
  for (const ip of port.externalIps) enter(ip, from('spec', 'externalIPs'))
  for (const ip of port.loadBalancerVips) {
    enter(ip, from('status', 'loadBalancer', 'ingress'))
    if (decisions.guarded)
      contents.firewallIps.push({
        key: [ip, protocol, port.port],
        verdict: goto(`firewall-${base}`),
        origin: from('spec', 'loadBalancerSourceRanges'),
      })
  }
  if (port.nodePort === 0) return
  const atNode = { key: [protocol, port.nodePort], origin: from('spec', 'ports', port.portIndex, 'nodePort') }
  if (decisions.any) contents.nodePorts.push({ ...atNode, verdict: goto(`external-${base}`) })
  if (!decisions.hasExternal)
    contents.noEndpointNodePorts.push({ ...atNode, verdict: refusal(decisions.externalRefusal), comment: port.name })
}

function externalChain(view: ProxyView, port: ServicePortView, base: string, decisions: PortDecisions): Chain {
  const origin: Origin = { object: port.service, path: ['spec', 'externalTrafficPolicy'] }
  const mark = masqueradeMark(view)
  const rules: Draft[] = []
  if (port.externalPolicyLocal) {
    // Traffic that starts inside the cluster is not bound by the policy: it may go to any endpoint, as if it had dialled the ClusterIP.
    const fromPod = detectorMatch(view.detector, '*', false)
    const fromNode: Match = { match: 'src-local' }
    const toAll = goto(`service-${base}`)
    if (fromPod) rules.push({ matches: [fromPod], verdict: toAll, comment: 'short-circuit pod traffic', origin })
    rules.push(
      { matches: [fromNode], statements: [mark], comment: 'masquerade local traffic', origin },
      { matches: [fromNode], verdict: toAll, comment: 'short-circuit local traffic', origin },
    )
  } else rules.push({ matches: [], statements: [mark], comment: 'masquerade', origin })
  if (decisions.hasExternal) rules.push({ matches: [], verdict: goto(`${port.externalPolicyLocal ? 'local' : 'service'}-${base}`), origin })
  return chain(`external-${base}`, rules)
}

function firewallChain(view: ProxyView, port: ServicePortView, base: string): Chain {
  const allowed: (Cidr | Ip)[] = [...port.sourceRanges]
  // A node that may reach the load balancer may also be reached through it by way of its own address of that VIP.
  if (nodeIsAllowed(view, port)) allowed.push(...port.loadBalancerVips)
  const rule: Draft = {
    matches: [{ match: 'src', in: allowed, not: true, braces: true }],
    verdict: { verdict: 'drop' },
    origin: { object: port.service, path: ['spec', 'loadBalancerSourceRanges'] },
  }
  return chain(`firewall-${base}`, [rule])
}

const inSlice = ({ slice, index }: ProxyEndpoint): Origin => ({ object: slice, path: ['endpoints', index] })

function targetPortOf({ service, portIndex }: ServicePortView): Origin {
  return { object: service, path: ['spec', 'ports', portIndex, 'targetPort'] }
}

/** The chain that spreads connections over endpoints. Without affinity it translates at once; with it, each endpoint has a chain. */
function balanceChain(name: string, port: ServicePortView, endpoints: readonly ProxyEndpoint[]): Chain {
  const origin: Origin = { object: port.service, path: ['spec', 'ports', port.portIndex] }
  if (port.affinitySeconds === undefined) {
    const to = endpoints.map(({ ip, port: number }) => ({ ip, port: number }))
    const matches: Match[] = [{ match: 'protocol', is: port.protocol, module: false }]
    return chain(name, [
      { matches, verdict: { verdict: 'dnat-spread', to }, origin, also: [targetPortOf(port), ...endpoints.map(inSlice)] },
    ])
  }
  const bases = endpoints.map((endpoint) => endpointNameBase(port, endpoint))
  const remembered = bases.map((base, index): Draft => {
    const endpoint = endpoints[index]!
    return {
      matches: [{ match: 'set', set: `affinity-${base}`, fields: ['saddr'] }],
      verdict: goto(`endpoint-${base}`),
      origin: { object: endpoint.slice, path: ['endpoints', endpoint.index] },
    }
  })
  const spread: Draft = { matches: [], verdict: { verdict: 'spread', chains: bases.map((base) => `endpoint-${base}`) }, origin }
  return chain(name, [...remembered, spread])
}

function addAffinity(view: ProxyView, port: ServicePortView, endpoint: ProxyEndpoint, contents: Contents): void {
  const base = endpointNameBase(port, endpoint)
  const origin: Origin = { object: endpoint.slice, path: ['endpoints', endpoint.index] }
  const set = `affinity-${base}`
  contents.affinitySets.push({
    name: set,
    type: address(view),
    elements: [],
    timeout: port.affinitySeconds ?? 0,
    origin: { object: port.service, path: ['spec', 'sessionAffinity'] },
  })
  contents.chains.push(
    chain(`endpoint-${base}`, [
      { matches: [], statements: [{ statement: 'update', set, field: 'saddr' }], origin },
      {
        matches: [{ match: 'protocol', is: port.protocol, module: false }],
        verdict: { verdict: 'dnat', to: { ip: endpoint.ip, port: endpoint.port } },
        origin,
        also: [targetPortOf(port)],
      },
    ]),
  )
}

/** Only a Pod of this node can get its own packet back here, so remote endpoints need no element. */
function addHairpin(port: ServicePortView, endpoint: ProxyEndpoint, contents: Contents): void {
  if (!endpoint.local) return
  const key = [endpoint.ip, endpoint.ip, port.protocol.toLowerCase(), endpoint.port]
  contents.hairpins.set(key.join(' . '), { key, origin: { object: endpoint.slice, path: ['endpoints', endpoint.index] } })
}
