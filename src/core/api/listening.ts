import { type Ip, parseIp } from '../base/ip.ts'
import type { Pod } from './kinds/pod.ts'
import type { TransportProtocol } from './kinds/service.ts'

/** One thing a Pod listens on. Without `port` every port, without `ip` every address of the Pod. */
export type Listener = { readonly protocol?: TransportProtocol; readonly port?: number; readonly ip?: Ip }

/** Overrides on which ports a Pod listens, and says on which a Client outside does: `8080,9090/UDP`, `127.0.0.1:8080`, `none`. */
export const LISTEN_ANNOTATION = 'kubehop.dev/listen'

/**
 * What a Pod listens on: what the annotation says, else its declared containerPorts, else everything. Parts of the annotation that
 * make no sense are passed over.
 */
export function listenersOf(pod: Pod): readonly Listener[] {
  const annotation = pod.metadata.annotations?.[LISTEN_ANNOTATION]
  if (annotation !== undefined) return readListeners(annotation)
  const sidecars = (pod.spec.initContainers ?? []).filter((container) => container.restartPolicy === 'Always')
  const ports = [...pod.spec.containers, ...sidecars].flatMap((container) => container.ports ?? [])
  if (ports.length === 0) return [{}]
  return ports.map((port) => ({ port: port.containerPort, protocol: port.protocol ?? 'TCP' }))
}

/** The listeners that an annotation's text names. */
export function readListeners(text: string): readonly Listener[] {
  return text.split(',').flatMap(readListener)
}

/** Whether a connection to this address of the Pod finds a listener. */
export function listens(pod: Pod, protocol: TransportProtocol, ip: string, port: number): boolean {
  return finds(listenersOf(pod), protocol, ip, port)
}

/** Whether one of these listeners takes a connection to this address. */
export function finds(listeners: readonly Listener[], protocol: TransportProtocol, ip: string, port: number): boolean {
  return listeners.some(
    (listener) =>
      (listener.protocol ?? protocol) === protocol && (listener.port ?? port) === port && (listener.ip === undefined || listener.ip === ip),
  )
}

const LISTEN = /^(?:(?<ip>\d+\.\d+\.\d+\.\d+|\[[0-9a-fA-F:.]+\]):)?(?<port>\d{1,5})(?:\/(?<protocol>TCP|UDP|SCTP))?$/i

function readListener(text: string): readonly Listener[] {
  const { ip, port, protocol } = LISTEN.exec(text.trim())?.groups ?? {}
  if (port === undefined) return []
  // 0.0.0.0 and [::] are every address.
  const bound = ip === undefined ? undefined : parseIp(ip.replace(/[[\]]/g, ''))
  if (ip !== undefined && bound === undefined) return []
  return [
    {
      port: Number(port),
      protocol: (protocol?.toUpperCase() ?? 'TCP') as TransportProtocol,
      ...(bound === undefined || bound === '0.0.0.0' || bound === '::' ? {} : { ip: bound }),
    },
  ]
}
