import type { ClusterSettings } from '../api/kinds/config.ts'
import { durationOf } from '../base/time.ts'
import { KUBE_PROXY_TIMEOUTS, LINUX_TIMEOUTS } from '../kernel/ctstate.ts'
import { freshKernel, type NodeKernel } from '../kernel/kernel.ts'

const known = new WeakMap<ClusterSettings['proxy'], NodeKernel>()

/** A node's kernel that has just booted, with the conntrack timeouts that kube-proxy is configured to set (`KubeProxyConfiguration.conntrack`). */
export function bootedKernel({ proxy }: Pick<ClusterSettings, 'proxy'>): NodeKernel {
  let kernel = known.get(proxy)
  if (!kernel) {
    kernel = proxy.conntrack ? withTimeouts(proxy.conntrack) : freshKernel
    known.set(proxy, kernel)
  }
  return kernel
}

/** What is absent is kube-proxy's default; 0 leaves Linux's own. */
function withTimeouts(given: NonNullable<ClusterSettings['proxy']['conntrack']>): NodeKernel {
  const seconds = (text: string | undefined, ifAbsent: number, ifZero: number) =>
    text === undefined ? ifAbsent : Math.floor(durationOf(text) / 1000) || ifZero
  const timeouts = {
    tcpEstablished: seconds(given.tcpEstablishedTimeout, KUBE_PROXY_TIMEOUTS.tcpEstablished, LINUX_TIMEOUTS.tcpEstablished),
    tcpCloseWait: seconds(given.tcpCloseWaitTimeout, KUBE_PROXY_TIMEOUTS.tcpCloseWait, LINUX_TIMEOUTS.tcpCloseWait),
    udp: seconds(given.udpTimeout, KUBE_PROXY_TIMEOUTS.udp, LINUX_TIMEOUTS.udp),
    udpStream: seconds(given.udpStreamTimeout, KUBE_PROXY_TIMEOUTS.udpStream, LINUX_TIMEOUTS.udpStream),
  }
  return { ...freshKernel, conntrack: { ...freshKernel.conntrack, timeouts } }
}
