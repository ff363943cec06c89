import { type ApiObject, at, type Cluster, find, list } from '../api/cluster.ts'
import type { Gateway, GatewayClass } from '../api/kinds/gateway.ts'
import type { Ingress } from '../api/kinds/ingress.ts'
import type { Service } from '../api/kinds/service.ts'
import { keyOf, type ObjectKey } from '../api/meta.ts'
import { sameData } from '../base/copy.ts'
import { rfc3339 } from '../base/time.ts'
import { type Attachment, attachments, isAccepted, type Route, type StatusCondition, served } from '../l7/gateway/attach.ts'
import { routeConditions, gatewayStatus as statusOf } from '../l7/gateway/status.ts'
import { type Change, type Controller, type ReconcileContext, update } from './controller.ts'
import { because, type Why } from './why.ts'

type Condition = StatusCondition & { readonly lastTransitionTime?: string; readonly observedGeneration?: number }
type Status = Readonly<Record<string, unknown>>

const WATCHED = ['GatewayClass', 'Gateway', 'HTTPRoute', 'GRPCRoute', 'ReferenceGrant', 'Service', 'Secret', 'Namespace']

/**
 * Who serves a GatewayClass: it says what it accepts, gives a Gateway that asks for none an address of the pool, and writes each route's
 * conditions under the Gateways it names. Of a class that is not there nobody says anything.
 */
export const gatewayController: Controller = {
  name: 'gateway-controller',
  everything: concernedKeys,
  watches: WATCHED,
  concerns: ({ key }, cluster) => (WATCHED.includes(key.slice(0, key.indexOf('/'))) ? concernedKeys(cluster) : []),
  reconcile: (cluster, keys, context) => {
    const byRoute = new Map<Route, Attachment[]>()
    for (const gateway of gatewaysOf(cluster).filter((one) => served(cluster, one)))
      for (const attachment of attachments(cluster, gateway))
        byRoute.set(attachment.route, [...(byRoute.get(attachment.route) ?? []), attachment])
    const taken = new Set([...list(cluster, 'Service'), ...list(cluster, 'Ingress'), ...gatewaysOf(cluster)].flatMap(addressesOf))
    return keys.flatMap((key) => {
      const object = at(cluster, key)
      if (object?.kind === 'GatewayClass') return ofClass(object, context)
      if (object?.kind === 'Gateway') return ofGateway(cluster, object as Gateway, taken, context)
      return object ? ofRoute(cluster, object as unknown as Route, byRoute.get(object as unknown as Route) ?? [], context) : []
    })
  },
}

function concernedKeys(cluster: Cluster): readonly ObjectKey[] {
  return ['GatewayClass', 'Gateway', 'HTTPRoute', 'GRPCRoute'].flatMap((kind) =>
    (list(cluster, kind as never) as readonly ApiObject[]).map(keyOf),
  )
}

const gatewaysOf = (cluster: Cluster) => list(cluster, 'Gateway') as readonly Gateway[]
const statusIn = (object: ApiObject): Status => (object as { readonly status?: Status }).status ?? {}

function addressesOf(object: Service | Ingress | Gateway): readonly string[] {
  if (object.kind === 'Gateway') {
    const given = (statusIn(object as ApiObject)['addresses'] ?? []) as readonly { readonly value?: string }[]
    return [...(object.spec.addresses ?? []), ...given].flatMap(({ value }) => value ?? [])
  }
  return (object.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? [])
}

function ofClass(object: ApiObject, context: ReconcileContext): readonly Change[] {
  if (!isAccepted(object as unknown as GatewayClass)) return []
  const accepted: StatusCondition = { type: 'Accepted', status: 'True', reason: 'Accepted', message: 'its controller serves it' }
  return written(object, { conditions: [accepted] }, context, because('gateway-class'))
}

function ofGateway(cluster: Cluster, gateway: Gateway, taken: Set<string>, context: ReconcileContext): readonly Change[] {
  if (!served(cluster, gateway)) return []
  const addresses = gateway.spec.addresses?.length ? {} : { addresses: pooled(cluster, gateway, taken) }
  const status = statusOf(cluster, { ...gateway, spec: { ...gateway.spec, ...addresses } })
  return written(gateway as ApiObject, status, context, because('gateway'))
}

/** The address that it has, else the first free one of the pool: what a Service of type LoadBalancer would bring. */
function pooled(cluster: Cluster, gateway: Gateway, taken: Set<string>): NonNullable<Gateway['spec']['addresses']> {
  const [own] = addressesOf(gateway)
  const value = own ?? cluster.settings.loadBalancerPool.find((ip) => !taken.has(ip))
  if (value === undefined) return []
  taken.add(value)
  return [{ type: 'IPAddress', value }]
}

function ofRoute(cluster: Cluster, route: Route, attached: readonly Attachment[], context: ReconcileContext): readonly Change[] {
  const parents = attached.map((attachment) => ({
    parentRef: { group: 'gateway.networking.k8s.io', kind: 'Gateway', ...attachment.parentRef },
    controllerName: (find(cluster, 'GatewayClass', '', attachment.gateway.spec.gatewayClassName) as GatewayClass).spec.controllerName,
    conditions: routeConditions(cluster, attachment),
  }))
  if (parents.length === 0 && statusIn(route as ApiObject)['parents'] === undefined) return []
  return written(route as ApiObject, { parents }, context, because('route'))
}

/** Stores a status whose conditions know their generation and since when they hold; one that says the same as before is left alone. */
function written(object: ApiObject, status: Status, { now }: ReconcileContext, why: Why): readonly Change[] {
  const old = statusIn(object)
  const next = { ...old, ...(stamped(status, old, object.metadata.generation ?? 1, rfc3339(now)) as Status) }
  return sameData(next, old) ? [] : [update({ ...object, status: next } as ApiObject, why)]
}

function stamped(value: unknown, old: unknown, generation: number, time: string): unknown {
  if (Array.isArray(value)) return value.map((one, i) => stamped(one, (old as readonly unknown[] | undefined)?.[i], generation, time))
  if (typeof value !== 'object' || value === null) return value
  if ('reason' in value && 'status' in value) {
    const before = old as Condition | undefined
    const holds = before?.status === (value as Condition).status && before.type === (value as Condition).type
    return { ...value, observedGeneration: generation, lastTransitionTime: holds ? before.lastTransitionTime : time }
  }
  const was = old as Readonly<Record<string, unknown>> | undefined
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, stamped(one, was?.[name], generation, time)]))
}
