import type { Cluster } from '../../api/cluster.ts'
import { find, list } from '../../api/cluster.ts'
import { type BackendRef, GATEWAY_GROUP, type ReferenceGrant } from '../../api/kinds/gateway.ts'
import type { Service } from '../../api/kinds/service.ts'

/** From where to where a reference goes: a ReferenceGrant in the target's namespace must say exactly this. */
export type Reference = {
  readonly from: { readonly kind: string; readonly namespace: string }
  readonly to: { readonly group: string; readonly kind: string; readonly namespace: string; readonly name: string }
}

/** Whether a reference may be made: always within a namespace, else only with a grant that names group, kind and namespace of both ends. */
export function permitted(cluster: Cluster, { from, to }: Reference): boolean {
  if (from.namespace === to.namespace) return true
  return (list(cluster, 'ReferenceGrant') as readonly ReferenceGrant[]).some(
    (grant) =>
      grant.metadata.namespace === to.namespace &&
      grant.spec.from?.some((one) => one.group === GATEWAY_GROUP && one.kind === from.kind && one.namespace === from.namespace) &&
      grant.spec.to?.some((one) => one.group === to.group && one.kind === to.kind && (!one.name || one.name === to.name)),
  )
}

/** A backend reference looked up: the Service, or the reason of `ResolvedRefs: False`. */
export type ResolvedRef =
  | { readonly service: Service; readonly port: number }
  | { readonly reason: 'InvalidKind' | 'RefNotPermitted' | 'BackendNotFound' | 'UnsupportedValue' }

/** Looks a route's backend up. Only core Services are backends here; the `port` is the Service's port and required. */
export function resolveRef(cluster: Cluster, route: { readonly kind: string; readonly namespace: string }, ref: BackendRef): ResolvedRef {
  const group = ref.group ?? ''
  const kind = ref.kind ?? 'Service'
  if (group !== '' || kind !== 'Service') return { reason: 'InvalidKind' }
  const namespace = ref.namespace ?? route.namespace
  if (!permitted(cluster, { from: { kind: route.kind, namespace: route.namespace }, to: { group, kind, namespace, name: ref.name } }))
    return { reason: 'RefNotPermitted' }
  const service = find(cluster, 'Service', namespace, ref.name)
  if (!service) return { reason: 'BackendNotFound' }
  if (ref.port === undefined || !service.spec.ports?.some((port) => port.port === ref.port)) return { reason: 'BackendNotFound' }
  return { service, port: ref.port }
}
