import { type Cluster, list } from '../api/cluster.ts'
import type { Service, ServicePort } from '../api/kinds/service.ts'

/** The Service that an address and port belong to, and by which of its doors it was dialled. */
export type Dialled = {
  readonly service: Service
  /** `namespace/name`. */
  readonly name: string
  readonly door: 'cluster-ip' | 'external-ip' | 'load-balancer' | 'node-port'
  /** Index in `spec.ports`; undefined where the Service has the address, but not this port. */
  readonly portIndex?: number
  readonly port?: ServicePort
}

export type Destination = { readonly ip: string; readonly port: number; readonly protocol: string; readonly isNode: boolean }

/** Which Service an address and port are, if any. An address that is a Service's counts also with a port that is not. */
export function dialledService(cluster: Cluster, to: Destination): Dialled | undefined {
  let nearest: Dialled | undefined
  for (const service of list(cluster, 'Service')) {
    const door = doorOf(service, to.ip)
    const wanted = door ? to.port : undefined
    const ports = service.spec.ports ?? []
    const portIndex = ports.findIndex(
      (port) => port.protocol === to.protocol && (door ? port.port === wanted : to.isNode && port.nodePort === to.port),
    )
    const name = `${service.metadata.namespace ?? 'default'}/${service.metadata.name}`
    const port = ports[portIndex]
    if (port) return { service, name, door: door ?? 'node-port', portIndex, port }
    if (door) nearest ??= { service, name, door }
  }
  return nearest
}

function doorOf({ spec, status }: Service, ip: string): Dialled['door'] | undefined {
  if (spec.clusterIP === ip || spec.clusterIPs?.includes(ip)) return 'cluster-ip'
  if (spec.externalIPs?.includes(ip)) return 'external-ip'
  return status?.loadBalancer?.ingress?.some((entry) => entry.ip === ip) ? 'load-balancer' : undefined
}
