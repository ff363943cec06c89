import { cidrContains } from '../base/ip.ts'
import type { Match } from '../kernel/program.ts'
import type { LocalDetector, ProxyView, ServicePortView } from './view.ts'

/** Which endpoints a policy sends traffic to: all usable ones of the cluster, or this node's only. */
export type Reach = 'cluster' | 'local'

/** What follows for one service port from its policies and its usable endpoints, before any mode puts it in its own words. */
export type PortDecisions = {
  /** Some endpoint somewhere could take traffic. */
  readonly any: boolean
  readonly useCluster: boolean
  readonly useLocal: boolean
  readonly internal: Reach
  readonly hasInternal: boolean
  readonly external: Reach
  readonly hasExternal: boolean
  /** LoadBalancer addresses with source ranges. */
  readonly guarded: boolean
  /** What happens to a packet that the policy has no endpoint for. */
  readonly internalRefusal: 'reject' | 'drop'
  readonly externalRefusal: 'reject' | 'drop'
}

/** The decisions that kube-proxy's iptables and nftables proxiers share (their `syncProxyRules`, per service port). */
export function decide(port: ServicePortView): PortDecisions {
  const { cluster, local, any } = port.categories
  const useCluster = port.usesCluster && cluster.length > 0
  const useLocal = port.usesLocal && local.length > 0
  const refusal = any ? 'drop' : 'reject'
  return {
    any,
    useCluster,
    useLocal,
    internal: port.internalPolicyLocal ? 'local' : 'cluster',
    hasInternal: any && !(port.internalPolicyLocal && local.length === 0),
    external: port.externalPolicyLocal ? 'local' : 'cluster',
    hasExternal: any && !(port.externalPolicyLocal && local.length === 0),
    guarded: port.loadBalancerVips.length > 0 && port.sourceRanges.length > 0,
    internalRefusal: refusal,
    externalRefusal: refusal,
  }
}

/** Whether the node's own address lies in a LoadBalancer's source ranges: then the node may also come from the VIP itself. */
export function nodeIsAllowed(view: ProxyView, port: ServicePortView): boolean {
  const { nodeIp } = view
  return nodeIp !== undefined && port.sourceRanges.some((range) => cidrContains(range, nodeIp))
}

/** The masquerade mark: `0x00004000` for bit 14. */
export function markOf(view: ProxyView): number {
  return 2 ** view.masqueradeBit
}

/**
 * The match for traffic from local Pods, or (`not`) from elsewhere; undefined where the node cannot tell. A prefix of interface names ends
 * in `+` for iptables and `*` for nftables.
 */
export function detectorMatch(detector: LocalDetector, wildcard: '+' | '*', not: boolean): Match | undefined {
  const negation = not ? ({ not: true } as const) : {}
  switch (detector.detect) {
    case 'none':
      return undefined
    case 'cidr':
      return { match: 'src', in: [detector.cidr], ...negation }
    case 'interface':
      return { match: 'in-interface', name: detector.prefix ? `${detector.name}${wildcard}` : detector.name, ...negation }
  }
}
