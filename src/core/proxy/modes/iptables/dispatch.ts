import type { Ip } from '../../../base/ip.ts'
import type { Match, Origin, Rule } from '../../../kernel/program.ts'
import type { ProxyView, ServicePortView } from '../../view.ts'
import type { Decisions, ServiceRules } from './services.ts'
import { comment, jump, portOrigin, protocolMatch, serviceOrigin, to } from './words.ts'

/** The rules of one service port in the shared chains, in the order in which kube-proxy writes them. */
export function dispatchRules(port: ServicePortView, view: ProxyView, d: Decisions): Omit<ServiceRules, 'chains'> {
  return {
    natServices: [
      ...(d.hasInternal ? [clusterRule(port, d)] : []),
      ...(d.any
        ? [...port.externalIps.map((ip) => externalRule(port, d, ip)), ...port.loadBalancerVips.map((ip) => balancerRule(port, d, ip))]
        : []),
    ],
    natNodePorts: d.any && port.nodePort !== 0 ? nodePortRules(port, view, d) : [],
    filterServices: d.hasInternal ? [] : [clusterRefusal(port, d)],
    filterExternal: d.hasExternal ? [] : externalRefusals(port, d),
    filterNodePorts: port.healthCheckNodePort === 0 ? [] : [healthRule(port)],
    filterFirewall: d.useFw ? port.loadBalancerVips.map((ip) => firewallDrop(port, d, ip)) : [],
  }
}

function clusterRule(port: ServicePortView, d: Decisions): Rule {
  return {
    id: `nat/KUBE-SERVICES/${port.name}/cluster`,
    matches: [comment(`${port.name} cluster IP`), ...to(port, port.clusterIp)],
    verdict: jump(d.internalChain),
    origin: portOrigin(port, 'port'),
  }
}

function clusterRefusal(port: ServicePortView, d: Decisions): Rule {
  return {
    id: `filter/KUBE-SERVICES/${port.name}/cluster`,
    matches: [comment(d.internalFilter.comment), ...to(port, port.clusterIp)],
    verdict: d.internalFilter.verdict,
    origin: refusalOrigin(port, d, 'internalTrafficPolicy'),
  }
}

function externalRule(port: ServicePortView, d: Decisions, ip: Ip): Rule {
  return {
    id: `nat/KUBE-SERVICES/${port.name}/external/${ip}`,
    matches: [comment(`${port.name} external IP`), ...to(port, ip)],
    verdict: jump(d.ext),
    origin: serviceOrigin(port, 'spec', 'externalIPs'),
  }
}

function balancerRule(port: ServicePortView, d: Decisions, ip: Ip): Rule {
  return {
    id: `nat/KUBE-SERVICES/${port.name}/loadbalancer/${ip}`,
    matches: [comment(`${port.name} loadbalancer IP`), ...to(port, ip)],
    verdict: jump(d.useFw ? d.fw : d.ext),
    origin: serviceOrigin(port, 'status', 'loadBalancer', 'ingress'),
  }
}

/** What the FW chain has not let through is not translated: it still carries the VIP, and ends here. */
function firewallDrop(port: ServicePortView, d: Decisions, ip: Ip): Rule {
  return {
    id: `filter/KUBE-PROXY-FIREWALL/${port.name}/${ip}`,
    matches: [comment(`${port.name} traffic not accepted by ${d.fw}`), ...to(port, ip)],
    verdict: { verdict: 'drop' },
    origin: serviceOrigin(port, 'spec', 'loadBalancerSourceRanges'),
  }
}

function externalRefusals(port: ServicePortView, d: Decisions): readonly Rule[] {
  const refuse = (id: string, matches: readonly Match[]): Rule => ({
    id: `filter/KUBE-EXTERNAL-SERVICES/${port.name}/${id}`,
    matches: [comment(d.externalFilter.comment), ...matches],
    verdict: d.externalFilter.verdict,
    origin: refusalOrigin(port, d, 'externalTrafficPolicy'),
  })
  const nodePort: readonly Match[] = [{ match: 'dst-local' }, protocolMatch(port), { match: 'dst-port', is: port.nodePort }]
  return [
    ...port.externalIps.map((ip) => refuse(`external/${ip}`, to(port, ip))),
    ...port.loadBalancerVips.map((ip) => refuse(`loadbalancer/${ip}`, to(port, ip))),
    ...(port.nodePort === 0 ? [] : [refuse('nodeport', nodePort)]),
  ]
}

function nodePortRules(port: ServicePortView, view: ProxyView, d: Decisions): readonly Rule[] {
  const at: Match = { match: 'dst-port', is: port.nodePort }
  const rule = (id: string, matches: readonly Match[]): Rule => ({
    id: `nat/KUBE-NODEPORTS/${port.name}${id}`,
    matches: [comment(port.name), protocolMatch(port), ...matches],
    verdict: jump(d.ext),
    origin: portOrigin(port, 'nodePort'),
  })
  const counted = rule('/localhost', [{ match: 'dst', in: ['127.0.0.0/8'] }, at, { match: 'nfacct', name: 'localhost_nps_accepted_pkts' }])
  return [...(view.localhostNodePorts && view.nfacct ? [counted] : []), rule('', [at])]
}

function healthRule(port: ServicePortView): Rule {
  return {
    id: `filter/KUBE-NODEPORTS/${port.name}/health`,
    matches: [
      comment(`${port.name} health check node port`),
      { match: 'protocol', is: 'TCP', module: true },
      { match: 'dst-port', is: port.healthCheckNodePort },
    ],
    verdict: { verdict: 'accept' },
    origin: serviceOrigin(port, 'spec', 'healthCheckNodePort'),
  }
}

/** A refusal has its cause in the policy if there are endpoints elsewhere, in the selector if there are none at all. */
function refusalOrigin(port: ServicePortView, d: Decisions, policy: string): Origin {
  return serviceOrigin(port, 'spec', d.any ? policy : 'selector')
}
