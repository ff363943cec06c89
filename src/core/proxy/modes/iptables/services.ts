import type { Chain, Rule, Verdict } from '../../../kernel/program.ts'
import { decide } from '../../decide.ts'
import type { ProxyEndpoint, ProxyView, ServicePortView } from '../../view.ts'
import { ownChains } from './chains.ts'
import { dispatchRules } from './dispatch.ts'
import { serviceChainName } from './names.ts'

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
export type Decisions = {
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
