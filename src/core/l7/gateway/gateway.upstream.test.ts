import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Cluster, list } from '../../api/cluster.ts'
import type { Gateway } from '../../api/kinds/gateway.ts'
import { clusterOf, requestOf, serviceWith, stateOf } from '../../testing/l7.ts'
import { applyHeaders, decide } from '../decide.ts'
import { attachments } from './attach.ts'
import { compileGateway } from './compile.ts'
import { gatewayStatus, routeConditions } from './status.ts'

const folder = process.env['KUBEHOP_VECTORS']
// biome-ignore lint/suspicious/noExplicitAny: the vectors are plain JSON
type Loose = any
const read = (file: string): Loose => JSON.parse(readFileSync(join(folder!, 'upstream/ingress', file), 'utf8'))
const base: Loose[] = folder ? read('gateway-api-base.json').objects : []
const tests: Loose[] = folder ? read('gateway-api-httproute.json').tests : []

/** Upstream tests of what is not modelled, with the reason. */
const outside: Record<string, string> = {
  HTTPRouteBackendProtocolWebSocket: 'there is no HTTP vector: the harness opens a WebSocket and looks at frames',
  HTTPRouteHTTPSListenerDetectMisdirectedRequests: 'HTTP/2 connection coalescing (421) is not modelled',
  HTTPRouteObservedGenerationBump: 'is about metadata.generation, which the API server side keeps',
  HTTPRouteRetry: 'retries are experimental upstream and not modelled',
  HTTPRouteTimeoutBackendRequest: 'the echo backend sleeps when asked by the query, which backends here do not',
  HTTPRouteTimeoutRequest: 'the echo backend sleeps when asked by the query, which backends here do not',
}

function world(objects: Loose[]): Cluster {
  const all = [...base, ...objects]
  const className = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'GatewayClass',
    metadata: { name: '{GATEWAY_CLASS_NAME}' },
    spec: { controllerName: 'example.com/c' },
  }
  const gateways = all
    .filter((object) => object.kind === 'Gateway')
    .map((gateway) => ({
      ...gateway,
      spec: { ...gateway.spec, gatewayClassName: '{GATEWAY_CLASS_NAME}', addresses: [{ value: '172.18.255.1' }] },
    }))
  const secrets = gateways.flatMap((gateway) =>
    gateway.spec.listeners.flatMap((listener: Loose) =>
      (listener.tls?.certificateRefs ?? []).map((ref: Loose) => ({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: ref.name, namespace: ref.namespace ?? gateway.metadata.namespace },
      })),
    ),
  )
  let n = 0
  const services = all
    .filter((object) => object.kind === 'Service')
    .flatMap((service) => {
      n += 1
      const given = all.filter(
        (object) => object.kind === 'EndpointSlice' && object.metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name,
      )
      const replicas =
        all.find(
          (object) =>
            object.kind === 'Deployment' &&
            object.metadata.name === service.metadata.name &&
            object.metadata.namespace === service.metadata.namespace,
        )?.spec.replicas ?? 1
      const [, made] = serviceWith(
        service.metadata.namespace,
        service.metadata.name,
        service.spec.ports,
        given.length > 0 ? 0 : replicas,
        n,
      ) as [Loose, Loose]
      const app = service.spec.selector?.app ?? service.metadata.name
      const slice = {
        ...made,
        endpoints: made.endpoints.map((endpoint: Loose, i: number) => ({
          ...endpoint,
          targetRef: { kind: 'Pod', namespace: service.metadata.namespace, name: `${app}-${i}` },
        })),
      }
      return [service, ...(given.length > 0 ? [] : [slice])]
    })
  const backendIps = (family: string) =>
    family === 'IPv6'
      ? []
      : [
          {
            addresses: ['10.244.99.2'],
            conditions: { ready: true },
            targetRef: { kind: 'Pod', namespace: 'gateway-conformance-infra', name: 'infra-backend-v1-0' },
          },
        ]
  const slices = all
    .filter((object) => object.kind === 'EndpointSlice')
    .map((slice) => ({ ...slice, endpoints: backendIps(slice.addressType) }))
  return clusterOf([
    className,
    ...all.filter((object) => !['Gateway', 'Service', 'EndpointSlice'].includes(object.kind)),
    ...gateways,
    ...secrets,
    ...services,
    ...slices,
  ])
}

const gatewayOf = (cluster: Cluster, ref: Loose) =>
  (list(cluster, 'Gateway') as readonly Gateway[]).find(
    (gateway) => gateway.metadata.name === ref.name && gateway.metadata.namespace === ref.namespace,
  )!

function checkStatus(cluster: Cluster, step: Loose): void {
  const attached = step.gateway
    ? attachments(cluster, gatewayOf(cluster, step.gateway))
    : (list(cluster, 'Gateway') as readonly Gateway[]).flatMap((gateway) => attachments(cluster, gateway))
  const own = step.route
    ? attached.filter((one) => one.route.metadata.name === step.route.name && one.route.metadata.namespace === step.route.namespace)
    : attached
  if (step.condition) {
    const found = own.map((one) => routeConditions(cluster, one).find((condition) => condition.type === step.condition.type))
    const ok = found.some(
      (condition) => condition?.status === step.condition.status && (!step.condition.reason || condition?.reason === step.condition.reason),
    )
    expect(ok, JSON.stringify({ found, wanted: step.condition })).toBe(true)
  }
  if (step.check === 'HTTPRouteMustHaveNoAcceptedParents') expect(own.filter((one) => one.accepted.status === 'True')).toEqual([])
  if (step.attachedRoutes !== undefined)
    expect(
      gatewayStatus(cluster, gatewayOf(cluster, step.gateway)).listeners.reduce((sum, listener) => sum + listener.attachedRoutes, 0),
    ).toBe(step.attachedRoutes)
  for (const parent of step.parents ?? []) {
    const conditions = own.find(
      (one) =>
        one.parentRef.name === parent.parentRef.name &&
        (parent.parentRef.sectionName === undefined || one.parentRef.sectionName === parent.parentRef.sectionName),
    )
    for (const wanted of parent.conditions ?? [])
      expect(routeConditions(cluster, conditions!)).toContainEqual(
        expect.objectContaining({ type: wanted.type, status: wanted.status, ...(wanted.reason ? { reason: wanted.reason } : {}) }),
      )
  }
  for (const listener of step.listeners ?? []) {
    const found = gatewayStatus(cluster, gatewayOf(cluster, step.gateway)).listeners.find((one) => one.name === listener.name)!
    expect(found.attachedRoutes).toBe(listener.attachedRoutes)
    for (const wanted of listener.conditions ?? [])
      expect(found.conditions).toContainEqual(expect.objectContaining({ type: wanted.type, status: wanted.status }))
  }
}

function checkRequest(cluster: Cluster, step: Loose): void {
  const gateway = gatewayOf(cluster, step.gateway)
  const listener = gateway.spec.listeners.find((one) => one.name === step.gateway.listeners?.[0]) ?? gateway.spec.listeners[0]!
  const table = compileGateway(cluster, gateway)
  const address = '172.18.255.1'
  const host = step.request.host || address
  const request = requestOf({
    ...step.request,
    host,
    scheme: step.scheme ?? step.request.scheme,
    port: step.request.port ? Number(step.request.port) : listener.port,
  })
  const e = step.expect
  if (e.distribution) {
    const counts: Record<string, number> = {}
    for (let i = 0; i < 2000; i++) {
      const { outcome } = decide(table, request, stateOf(i, i))
      if (outcome.do === 'forward') counts[outcome.service.split('/')[2]!] = (counts[outcome.service.split('/')[2]!] ?? 0) + 1 / 2000
    }
    for (const [service, share] of Object.entries<number>(e.distribution))
      expect(Math.abs((counts[service] ?? 0) - share)).toBeLessThan(0.05)
    return
  }
  const { outcome } = decide(table, request, stateOf(3))
  const allowed: number[] = [e.status ?? 200].flat()
  // A backend answers 200; where upstream lists several statuses, any of them is a pass.
  if (outcome.do === 'respond') expect(allowed).toContain(outcome.status)
  else expect(allowed.some((status) => status < 300)).toBe(true)
  if (e.redirect && outcome.do === 'respond') {
    const location = new URL(outcome.headers['location']!)
    const wantedScheme = e.redirect.scheme ?? step.scheme ?? step.request.scheme ?? 'http'
    expect(location.protocol).toBe(`${wantedScheme.toLowerCase()}:`)
    expect(location.hostname).toBe((e.redirect.host ?? host).replace(/:\d+$/, ''))
    expect(location.pathname).toBe(e.redirect.path ?? request.path)
    expect(location.port).toBe(e.redirect.port && !['80', '443'].includes(String(e.redirect.port)) ? String(e.redirect.port) : '')
  }
  const response =
    outcome.do === 'forward'
      ? applyHeaders(
          Object.fromEntries(
            Object.entries<string>(step.request.backendSetsResponseHeaders ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
          ),
          outcome.responseHeaders,
        )
      : outcome.headers
  const loose = (text: string) => (e.response?.ignoreWhitespace ? text.replace(/\s/g, '') : text)
  for (const [name, value] of Object.entries<string>(e.response?.headers ?? {}))
    expect({ [name]: loose(response[name.toLowerCase()] ?? '(none)') }).toEqual({ [name]: loose(value) })
  for (const name of e.response?.absentHeaders ?? []) expect(response[name.toLowerCase()]).toBeUndefined()
  if (outcome.do !== 'forward') return
  if (e.backend && !step.unassertedUpstream) {
    const endpoint = outcome.endpoint
    expect('pod' in endpoint && endpoint.pod).toMatch(new RegExp(`^Pod/${e.namespace ?? 'gateway-conformance-infra'}/${e.backend}`))
  }
  const sees = e.backendSees
  if (sees?.path !== undefined) expect(outcome.request.path).toBe(sees.path)
  if (sees?.host !== undefined) expect(outcome.request.host).toBe(sees.host)
  if (sees?.method !== undefined) expect(outcome.request.method).toBe(sees.method)
  for (const [name, value] of Object.entries<string>(sees?.headers ?? {}))
    expect({ [name]: outcome.request.headers[name.toLowerCase()] }).toEqual({ [name]: value })
  for (const name of sees?.absentHeaders ?? []) expect(outcome.request.headers[name.toLowerCase()]).toBeUndefined()
  if (!sees) expect(outcome.request.path).toBe(step.request.path || '/')
  const mirrored: Loose[] = e.mirroredTo ?? []
  if (mirrored.length > 0 && mirrored.every((one) => one.percent === undefined))
    expect(outcome.mirrors.map((service) => service.split('/')[2]).sort()).toEqual(
      mirrored.map((one) => one.backend ?? one.name ?? one).sort(),
    )
}

describe.runIf(folder)('Gateway API conformance', () => {
  test('all tests are there', () => expect(tests.length).toBe(55))

  test.each(tests.filter((t) => !outside[t.shortName]).map((t) => [t.shortName, t] as const))('%s', (_, t) => {
    let objects: Loose[] = t.objects
    for (const [i, step] of t.steps.entries()) {
      const gone = /^delete (\w+) ([\w-]+)\/([\w-]+)$/.exec(step.before ?? '')
      if (gone)
        objects = objects.filter(
          (object) => !(object.kind === gone[1] && object.metadata.namespace === gone[2] && object.metadata.name === gone[3]),
        )
      const cluster = world(objects)
      try {
        if (step.kind === 'status') checkStatus(cluster, step)
        else checkRequest(cluster, step)
      } catch (error) {
        throw new Error(`step ${i} ${JSON.stringify(step).slice(0, 600)}\n${error}`)
      }
    }
  })
})
