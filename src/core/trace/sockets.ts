import type { Pod } from '../api/kinds/pod.ts'
import { listenersOf } from '../api/listening.ts'
import type { Ip } from '../base/ip.ts'
import { isLoopback } from '../base/ip.ts'
import type { Protocol } from '../kernel/packet.ts'

/** A listening socket: on every address of its host, or on one. `port` 0 stands for every port. */
export type Socket = { readonly protocol?: Protocol; readonly address?: Ip; readonly port: number }

/** A Pod's listeners as sockets. */
export function socketsOf(pod: Pod): readonly Socket[] {
  return listenersOf(pod).flatMap(({ protocol, port, ip }): readonly Socket[] => {
    // On the host's network "every port" would swallow the node's own.
    if (port === undefined) return pod.spec.hostNetwork ? [] : [{ port: 0 }]
    return [{ port, ...(protocol && { protocol }), ...(ip !== undefined && { address: ip }) }]
  })
}

/** Whether one of the sockets takes a packet; `other` tells that one has the port, but on an address such as 127.0.0.1. */
export function accepts(sockets: readonly Socket[], to: { protocol: Protocol; ip: Ip; port: number }): 'yes' | 'other' | 'no' {
  const fitting = sockets.filter(({ port, protocol }) => (port === 0 || port === to.port) && (protocol ?? to.protocol) === to.protocol)
  if (fitting.some(({ address }) => address === undefined || address === to.ip || (isLoopback(address) && isLoopback(to.ip)))) return 'yes'
  return fitting.length > 0 ? 'other' : 'no'
}
