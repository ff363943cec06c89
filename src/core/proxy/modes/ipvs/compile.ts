import type { Ip } from '../../../base/ip.ts'
import { byText } from '../../../base/order.ts'
import { durationOf } from '../../../base/time.ts'
import type { FamilyProgram, Origin, VirtualServer } from '../../../kernel/program.ts'
import { nodeIsAllowed } from '../../decide.ts'
import type { ProxyView } from '../../view.ts'
import { type Guard, ipvsChains } from './chains.ts'
import { nodePortIps, serverName, virtualServers } from './servers.ts'
import { addToSets, SetContents } from './sets.ts'

/**
 * What kube-proxy's ipvs proxier programs on one node in one IP family: virtual servers that balance, addresses on kube-ipvs0 that
 * make the packets come in, ipsets and a fixed set of iptables rules that masquerade and filter (pkg/proxy/ipvs, v1.36).
 */
export function compileIpvs(view: ProxyView): FamilyProgram {
  const sets = new SetContents()
  const nodeIps = nodePortIps(view)
  const servers = new Map<string, VirtualServer>()
  const bound = new Map<Ip, Origin>()
  const guarded: Guard[] = []
  const elsewhere = new Set(view.interfaceAddresses)

  for (const port of view.servicePorts) {
    addToSets(view, port, nodeIps, sets)
    for (const server of virtualServers(view, port, nodeIps)) servers.set(serverName(server), server)
    bound.set(port.clusterIp, { object: port.service, path: ['spec', 'clusterIP'] })
    for (const ip of port.externalIps) if (!elsewhere.has(ip)) bound.set(ip, { object: port.service, path: ['spec', 'externalIPs'] })
    for (const ip of port.loadBalancerVips) {
      if (!elsewhere.has(ip)) bound.set(ip, { object: port.service, path: ['status', 'loadBalancer', 'ingress'] })
      if (port.sourceRanges.length > 0 && !nodeIsAllowed(view, port)) guarded.push({ vip: ip, port })
    }
  }
  for (const [ip, origin] of bound) sets.add('IPVS-IPS', [ip], origin)

  return {
    family: view.family,
    chains: ipvsChains(view, sets, guarded),
    sets: sets.all(view.family),
    maps: [],
    servers: [...servers.values()],
    ...ipvsTimeouts(view),
    dummyAddresses: [...bound.keys()].sort(byText),
    routeLocalnet: false,
  }
}

/** `--ipvs-tcp-timeout` and its kin, in whole seconds; kube-proxy sets all three as soon as one is given. */
function ipvsTimeouts({ config: { ipvs = {} } }: ProxyView): Pick<FamilyProgram, 'ipvsTimeouts'> {
  const seconds = (text: string | undefined) => Math.floor(durationOf(text) / 1000)
  const ipvsTimeouts = { tcp: seconds(ipvs.tcpTimeout), tcpFin: seconds(ipvs.tcpFinTimeout), udp: seconds(ipvs.udpTimeout) }
  return Object.values(ipvsTimeouts).some((value) => value > 0) ? { ipvsTimeouts } : {}
}
