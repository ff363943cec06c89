import { type ApiObject, at, type Cluster, list, store } from '../api/cluster.ts'
import { GATEWAY_GROUP, type Gateway, type GatewayClass } from '../api/kinds/gateway.ts'
import { keyOf } from '../api/meta.ts'
import { printYaml } from '../kubectl/yaml.ts'
import { type Conversion, ingressToGateway } from '../l7/convert.ts'
import { hostOf } from '../l7/http.ts'
import { hostMatches, hostPattern } from '../l7/match.ts'
import { networkOf } from '../trace/network.ts'
import { sendRequest } from './send.ts'
import type { ConversionView, RequestSpec } from './session.ts'
import type { World } from './world.ts'

/**
 * The cluster's Ingresses as ingress2gateway would write them, made to work here: with a GatewayClass where there is none, and an address
 * for each Gateway. With a request, that request through the Ingress and through the Gateway, each in a world of its own.
 */
export function convertIngresses(world: World, request: RequestSpec | undefined): ConversionView | undefined {
  const ingresses = list(world.cluster, 'Ingress')
  if (ingresses.length === 0) return undefined
  const { objects, notes } = completed(world.cluster, ingressToGateway(world.cluster, ingresses))
  const missing = objects.filter((object) => !at(world.cluster, keyOf(object)))
  return {
    yaml: objects.map((object) => printYaml(object)).join('---\n'),
    objects: objects.map(keyOf),
    applied: missing.length === 0,
    notes,
    ...(request && { both: both(world, store(world.cluster, missing), objects, request) }),
  }
}

/** The conversion with what a Gateway controller and its administrator would add: a class, and an address of the load balancers' pool. */
function completed(
  cluster: Cluster,
  { objects, notes }: Conversion,
): Pick<ConversionView, 'notes'> & { readonly objects: readonly ApiObject[] } {
  const gateways = objects.filter((object): object is Gateway => object.kind === 'Gateway')
  const own = objects.filter(({ kind }) => kind !== 'Gateway')
  const free = freeAddresses(cluster)
  const said: ConversionView['notes'][number][] = notes.filter(({ code }) => code !== 'no-address')
  const addressed = gateways.map((gateway) => {
    const known = at(cluster, keyOf(gateway)) as Gateway | undefined
    const value = known?.spec.addresses?.[0]?.value ?? free.next().value
    if (value === undefined) {
      said.push({ code: 'no-address', params: { gateway: gateway.metadata.name } })
      return gateway
    }
    said.push({ code: 'address-chosen', params: { gateway: gateway.metadata.name, address: value } })
    return { ...gateway, spec: { ...gateway.spec, addresses: [{ type: 'IPAddress', value }] } }
  })
  const names = [...new Set(gateways.map(({ spec }) => spec.gatewayClassName))]
  const classes = names.map(
    (name): GatewayClass => ({
      apiVersion: `${GATEWAY_GROUP}/v1`,
      kind: 'GatewayClass',
      metadata: { name },
      spec: { controllerName: 'example.com/gateway-controller' },
    }),
  )
  for (const { metadata } of classes) said.push({ code: 'class-added', params: { name: metadata.name } })
  return { objects: [...classes, ...addressed, ...own], notes: said }
}

/** Addresses of the load balancers' pool that nobody has yet. */
function* freeAddresses(cluster: Cluster): Generator<string, undefined> {
  const { owner, loadBalancers } = networkOf(cluster)
  for (const ip of cluster.settings.loadBalancerPool) if (!ip.includes(':') && !owner.has(ip) && !loadBalancers.has(ip)) yield ip
  return undefined
}

function both(
  world: World,
  withGateway: Cluster,
  objects: readonly ApiObject[],
  request: RequestSpec,
): NonNullable<ConversionView['both']> {
  const target = /^(https?):\/\/([^/]+)(.*)$/.exec(request.to)
  const through = sendRequest(world, request, { all: false })
  const ingress = typeof through === 'string' ? {} : { ingress: through.traces[0]! }
  if (!target) return { to: '', error: 'no-http', ...ingress }
  const [, scheme = 'http', authority = '', path = ''] = target
  const written = Object.entries(request.headers ?? {}).find(([name]) => name.toLowerCase() === 'host')?.[1]
  const host = written ?? authority
  const address = gatewayFor(withGateway, objects, hostOf(host))
  if (address === undefined) return { to: '', error: 'no-address', ...ingress }
  const to = `${scheme}://${address.includes(':') ? `[${address}]` : address}${path}`
  const others = Object.entries(request.headers ?? {}).filter(([name]) => name.toLowerCase() !== 'host')
  const spec: RequestSpec = { ...request, to, headers: { ...Object.fromEntries(others), Host: host } }
  const sent = sendRequest({ ...world, cluster: withGateway }, spec, { all: false })
  return typeof sent === 'string' ? { to, error: sent, ...ingress } : { to, ...ingress, gateway: sent.traces[0]! }
}

/** The address of the converted Gateway that has a listener for a host; without one, of the first. */
function gatewayFor(cluster: Cluster, objects: readonly ApiObject[], host: string): string | undefined {
  const gateways = objects
    .filter(({ kind }) => kind === 'Gateway')
    .flatMap((object) => (at(cluster, keyOf(object)) as Gateway | undefined) ?? [])
  const fits = ({ spec }: Gateway) => spec.listeners.some(({ hostname }) => hostMatches(hostPattern(hostname, 'more'), host))
  return (gateways.find(fits) ?? gateways[0])?.spec.addresses?.[0]?.value
}
