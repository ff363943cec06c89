import type { ApiObject, Cluster } from '../api/cluster.ts'
import { type ApiObjectBase, keyOf, type ObjectKey } from '../api/meta.ts'
import { draw } from '../base/chance.ts'
import { type HttpRequest, hostOf } from '../l7/http.ts'
import type { RoutingState } from '../l7/routes.ts'

type Loose = Record<string, unknown> & {
  readonly kind: string
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** A cluster of just these objects, with creation times in their order; enough for the L7 profiles, which read objects only. */
export function clusterOf(objects: readonly Loose[]): Cluster {
  const byKind = new Map<string, Map<ObjectKey, ApiObject>>()
  objects.forEach((object, i) => {
    const stamped = {
      ...object,
      metadata: {
        creationTimestamp: `2026-01-01T00:${String(Math.floor(i / 60)).padStart(2, '0')}:${String(i % 60).padStart(2, '0')}Z`,
        ...object.metadata,
        name: object.metadata?.['name'] || `unnamed-${i}`,
      },
    } as unknown as ApiObjectBase
    if (!byKind.has(object.kind)) byKind.set(object.kind, new Map())
    byKind.get(object.kind)!.set(keyOf(stamped), stamped)
  })
  return { settings: {} as Cluster['settings'], byKind }
}

/** A Service and one slice with this many ready endpoints. */
export function serviceWith(
  namespace: string,
  name: string,
  ports: readonly { readonly name?: string; readonly port: number; readonly targetPort?: number | string }[],
  endpoints: number,
  ipBase: number,
): Loose[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace, name },
      spec: {
        type: 'ClusterIP',
        clusterIP: `10.96.${ipBase}.1`,
        ports: ports.map((port) => ({ protocol: 'TCP', targetPort: port.port, ...port })),
      },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      addressType: 'IPv4',
      metadata: { namespace, name: `${name}-1`, labels: { 'kubernetes.io/service-name': name } },
      ports: ports.map((port) => ({
        name: port.name ?? '',
        protocol: 'TCP',
        port: typeof port.targetPort === 'number' ? port.targetPort : port.port,
      })),
      endpoints: Array.from({ length: endpoints }, (_, i) => ({
        addresses: [`10.244.${ipBase}.${i + 2}`],
        conditions: { ready: true },
        targetRef: { kind: 'Pod', namespace, name: `${name}-${i}` },
      })),
    },
  ]
}

/** A request as the vectors write it. */
export function requestOf(request: {
  readonly method?: string
  readonly scheme?: string
  readonly host?: string
  readonly path?: string
  readonly headers?: Record<string, string | string[]>
  readonly cookies?: Record<string, string>
  readonly port?: number
  readonly serverName?: string
  readonly proxyProtocolV1?: string
}): HttpRequest {
  const [path, query] = (request.path || '/').split(/\?(.*)/s) as [string, string | undefined]
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers ?? {}))
    headers[name.toLowerCase()] = Array.isArray(value) ? value.join(',') : value
  const cookies = Object.entries(request.cookies ?? {}).map(([name, value]) => `${name}=${value}`)
  if (cookies.length > 0) headers['cookie'] = cookies.join('; ')
  const line = request.proxyProtocolV1?.split(' ')
  const hostHeader = headers['host'] ?? request.host ?? ''
  const scheme = request.scheme?.toLowerCase() === 'https' ? 'https' : 'http'
  return {
    method: request.method || 'GET',
    scheme,
    hostHeader,
    host: hostOf(hostHeader),
    path,
    ...(query === undefined ? {} : { query }),
    headers,
    port: request.port ?? (scheme === 'https' ? 443 : 80),
    peer: '10.0.0.9',
    ...(line ? { proxyLine: { source: line[2]!, port: Number(line[5]) } } : {}),
    ...(request.serverName ? { serverName: request.serverName } : {}),
  }
}

/** Chance and turns for the n-th request of a test. */
export function stateOf(seed: number, turn = 0): RoutingState {
  return {
    draw: (key) => draw(seed, key, turn),
    turns: { get: () => turn } as unknown as ReadonlyMap<string, number>,
    httpDate: (seconds) => `<now+${seconds}s GMT>`,
  }
}
