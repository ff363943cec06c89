import type { Pod } from '../api/kinds/pod.ts'
import type { Ip } from '../base/ip.ts'
import { isLoopback, parseIp } from '../base/ip.ts'
import type { Protocol } from '../kernel/packet.ts'

/** A listening socket: on every address of its host, or on one. `port` 0 stands for every port. */
export type Socket = { readonly protocol?: Protocol; readonly address?: Ip; readonly port: number }

export const LISTEN = 'kubehop.dev/listen'

/**
 * What a Pod listens on: its declared containerPorts, or every port if it declares none; the annotation `kubehop.dev/listen`
 * (`8080,9090/UDP`, `127.0.0.1:8080`, `none`) overrides both.
 */
export function socketsOf(pod: Pod): readonly Socket[] {
  const written = pod.metadata.annotations?.[LISTEN]
  if (written !== undefined) return written.split(',').flatMap(readSocket)
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
  const declared = [...pod.spec.containers, ...sidecars].flatMap(({ ports }) => ports ?? [])
  if (declared.length > 0) return declared.map(({ containerPort, protocol }) => ({ port: containerPort, protocol: protocol ?? 'TCP' }))
  // On the host's network "every port" would swallow the node's own.
  return pod.spec.hostNetwork ? [] : [{ port: 0 }]
}

function readSocket(text: string): readonly Socket[] {
  const match = /^(?:(?:\[([^\]]+)\]|([\d.]+)):)?(\d+)(?:\/(tcp|udp|sctp))?$/i.exec(text.trim())
  if (!match) return []
  const address = parseIp(match[1] ?? match[2] ?? '')
  const protocol = (match[4]?.toUpperCase() ?? 'TCP') as Protocol
  const socket = { protocol, port: Number(match[3]) }
  // A socket on 0.0.0.0 or :: is a socket on every address.
  return [address === undefined || address === '0.0.0.0' || address === '::' ? socket : { ...socket, address }]
}

/** Whether one of the sockets takes a packet; `other` tells that one has the port, but on an address such as 127.0.0.1. */
export function accepts(sockets: readonly Socket[], to: { protocol: Protocol; ip: Ip; port: number }): 'yes' | 'other' | 'no' {
  const fitting = sockets.filter(({ port, protocol }) => (port === 0 || port === to.port) && (protocol ?? to.protocol) === to.protocol)
  if (fitting.some(({ address }) => address === undefined || address === to.ip || (isLoopback(address) && isLoopback(to.ip)))) return 'yes'
  return fitting.length > 0 ? 'other' : 'no'
}
