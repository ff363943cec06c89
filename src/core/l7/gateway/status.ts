import type { Cluster } from '../../api/cluster.ts'
import { GATEWAY_GROUP, type Gateway, type Listener } from '../../api/kinds/gateway.ts'
import {
  type Attachment,
  attachments,
  certificatesOf,
  conflictOf,
  kindsOf,
  type ListenerStatus,
  type StatusCondition,
  served,
} from './attach.ts'
import { resolveRef } from './references.ts'

const condition = (type: string, status: StatusCondition['status'], reason: string, message = ''): StatusCondition => ({
  type,
  status,
  reason,
  message,
})

/** What a Gateway's status says: its own conditions, its addresses, and each listener's. Without a class nobody has looked at it. */
export function gatewayStatus(
  cluster: Cluster,
  gateway: Gateway,
): {
  readonly conditions: readonly StatusCondition[]
  readonly addresses: readonly { readonly type: string; readonly value: string }[]
  readonly listeners: readonly ListenerStatus[]
} {
  if (!served(cluster, gateway)) {
    return {
      conditions: [
        condition('Accepted', 'Unknown', 'Pending', 'Waiting for controller'),
        condition('Programmed', 'Unknown', 'Pending', 'Waiting for controller'),
      ],
      addresses: [],
      listeners: [],
    }
  }
  const attached = attachments(cluster, gateway)
  const listeners = gateway.spec.listeners.map((listener) => listenerStatus(cluster, gateway, listener, attached))
  const allGood = listeners.every((listener) => listener.conditions.every((one) => one.type === 'Conflicted' || one.status === 'True'))
  const addresses = (gateway.spec.addresses ?? []).flatMap((address) =>
    address.value ? [{ type: address.type ?? 'IPAddress', value: address.value }] : [],
  )
  const programmed =
    addresses.length > 0
      ? condition('Programmed', 'True', 'Programmed')
      : condition('Programmed', 'False', 'AddressNotAssigned', 'the Gateway has no address')
  return {
    conditions: [
      allGood
        ? condition('Accepted', 'True', 'Accepted')
        : condition('Accepted', 'True', 'ListenersNotValid', 'some listeners are not valid'),
      programmed,
    ],
    addresses,
    listeners,
  }
}

function listenerStatus(cluster: Cluster, gateway: Gateway, listener: Listener, attached: readonly Attachment[]): ListenerStatus {
  const { kinds, invalid } = kindsOf(listener)
  const conflict = conflictOf(gateway, listener)
  const certificate = listener.protocol === 'HTTPS' ? certificatesOf(cluster, gateway, listener) : undefined
  const known = ['HTTP', 'HTTPS', 'TLS', 'TCP', 'UDP'].includes(listener.protocol)
  const refs = certificate?.reason ?? (invalid ? 'InvalidRouteKinds' : undefined)
  const usable = known && !conflict && (!certificate || certificate.secrets.length > 0)
  return {
    name: listener.name,
    supportedKinds: kinds.map((kind) => ({ group: GATEWAY_GROUP, kind })),
    attachedRoutes: new Set(
      attached.filter((one) => one.listeners.some((live) => live.listener.name === listener.name)).map((one) => one.route),
    ).size,
    conditions: [
      known
        ? condition('Accepted', 'True', 'Accepted')
        : condition('Accepted', 'False', 'UnsupportedProtocol', `${listener.protocol} is not supported`),
      refs ? condition('ResolvedRefs', 'False', refs) : condition('ResolvedRefs', 'True', 'ResolvedRefs'),
      conflict ? condition('Conflicted', 'True', conflict.reason, conflict.message) : condition('Conflicted', 'False', 'NoConflicts'),
      usable ? condition('Programmed', 'True', 'Programmed') : condition('Programmed', 'False', 'Invalid'),
    ],
  }
}

/** A route's conditions under one parent: `Accepted` by attachment, `ResolvedRefs` by its backends; traffic flows to the good references either way. */
export function routeConditions(cluster: Cluster, attachment: Attachment): readonly StatusCondition[] {
  const { route } = attachment
  const refs = (route.spec.rules ?? []).flatMap((rule) => [
    ...(rule.backendRefs ?? []),
    ...(rule.filters ?? []).flatMap((filter) => (filter.requestMirror ? [filter.requestMirror.backendRef] : [])),
  ])
  const owner = { kind: route.kind, namespace: route.metadata.namespace ?? '' }
  for (const ref of refs) {
    const resolved = resolveRef(cluster, owner, ref)
    if ('reason' in resolved)
      return [
        attachment.accepted,
        condition('ResolvedRefs', 'False', resolved.reason, `${ref.kind ?? 'Service'} ${ref.namespace ?? owner.namespace}/${ref.name}`),
      ]
  }
  return [attachment.accepted, condition('ResolvedRefs', 'True', 'ResolvedRefs')]
}
