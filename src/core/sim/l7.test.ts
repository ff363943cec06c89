import { describe, expect, test } from 'vitest'
import { CLIENT, deployment, documents, send, service, worldFrom } from '../testing/scene.ts'
import { brokenPromises } from '../trace/promises.ts'
import { sendRequest } from './send.ts'

const backendsOf = (...rows: readonly (readonly [path: string, service: string])[]) =>
  rows.map(([path, name]) => `{path: ${path}, pathType: Prefix, backend: {service: {name: ${name}, port: {number: 80}}}}`).join(', ')

const apps = documents(
  CLIENT,
  deployment('web', 2, 8080),
  deployment('api', 1, 8080),
  service('web', 'selector: {app: web}, ports: [{port: 80, targetPort: 8080}]'),
  service('api', 'selector: {app: api}, ports: [{port: 80, targetPort: 8080}]'),
  service('deaf', 'selector: {app: api}, ports: [{port: 80, targetPort: 9999}]'),
  service('none', 'selector: {app: none}, ports: [{port: 80}]'),
)

const nginx = (annotations = '') =>
  documents(
    apps,
    '{apiVersion: v1, kind: Namespace, metadata: {name: ingress}}',
    deployment('nginx', 1, 80, 'ingress', 'registry.k8s.io/ingress-nginx/controller:v1.15.1'),
    service('nginx', 'type: NodePort, selector: {app: nginx}, ports: [{port: 80, nodePort: 30080}]', 'ingress'),
    '{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: nginx}, spec: {controller: k8s.io/ingress-nginx}}',
    `{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: shop, annotations: {${annotations}}}, spec: {ingressClassName: nginx, rules: [{host: shop.test, http: {paths: [${backendsOf(['/api', 'api'], ['/deaf', 'deaf'], ['/none', 'none'], ['/', 'web'])}]}}]}}`,
  )

const ask = (path: string, host = 'shop.test') => ({ from: 'outside', to: `http://172.18.0.3:30080${path}`, headers: { Host: host } })

describe('an ingress controller', () => {
  const world = worldFrom(nginx())

  test('two connections: to the controller by its Service, from it straight to a Pod', () => {
    const { trace } = send(world, ask('/api/x?y=1'), true)
    expect(trace.verdict).toMatchObject({ code: 'DELIVERED', http: 200 })
    expect(trace.backend).toMatchObject({ namespace: 'default', port: 8080, request: { path: '/api/x?y=1', host: 'shop.test' } })
    const controller = trace.hops.find(({ place }) => place.name.startsWith('ingress/nginx-'))
    expect(controller?.steps.map(({ step }) => step)).toEqual(['enter', 'receive', 'http', 'match', 'choose', 'http', 'send', 'exit'])
    // The application's Service is never dialled: its ClusterIP is in no packet.
    const packets = trace.hops.flatMap(({ steps }) => steps.flatMap((step) => ('packet' in step && step.packet ? [step.packet.dst] : [])))
    expect(packets.some((ip) => ip.startsWith('10.96.'))).toBe(false)
    expect(brokenPromises(trace)).toEqual([])
  })

  test.each([
    ['/', 'other.test', 'HTTP_404'],
    ['/none', 'shop.test', 'HTTP_503'],
    ['/deaf', 'shop.test', 'HTTP_502'],
  ])('%s at %s: %s', (path, host, code) => {
    const { trace } = send(world, ask(path, host), true)
    expect(trace.verdict.code).toBe(code)
    expect(trace.response?.status).toBe(Number(code.slice(5)))
    expect(brokenPromises(trace)).toEqual([])
  })

  test('round robin goes on from request to request', () => {
    const sent = sendRequest(world, { ...ask('/'), count: 4 }, { all: false })
    if (typeof sent === 'string') throw new Error(sent)
    const pods = sent.traces.map(({ backend }) => backend?.pod)
    expect(new Set(pods).size).toBe(2)
    expect(pods[0]).toBe(pods[2])
    expect(pods[1]).toBe(pods[3])
  })

  test('an endpoint that takes no connection: the next is tried', () => {
    const half = worldFrom(
      nginx().replace(
        deployment('web', 2, 8080),
        documents(
          deployment('web', 1, 8080),
          '{apiVersion: v1, kind: Pod, metadata: {name: mute, labels: {app: web}, annotations: {kubehop.dev/listen: none}}, spec: {containers: [{name: c, image: x}]}}',
        ),
      ),
    )
    const { trace } = send(half, ask('/'), true)
    expect(trace.ways?.map(({ verdict, probability }) => `${verdict.code} ${probability}`)).toEqual(['DELIVERED 1'])
    const sent = sendRequest(half, { ...ask('/'), count: 2 }, { all: false })
    if (typeof sent === 'string') throw new Error(sent)
    for (const one of sent.traces) expect(brokenPromises(one)).toEqual([])
    expect(sent.traces.some((one) => one.hops.some(({ place }) => place.name === 'default/mute'))).toBe(true)
  })

  test('a session cookie holds its client, within one --count', () => {
    const sticky = worldFrom(nginx('nginx.ingress.kubernetes.io/affinity: cookie'))
    const sent = sendRequest(sticky, { ...ask('/'), count: 5 }, { all: false })
    if (typeof sent === 'string') throw new Error(sent)
    expect(sent.traces[0]?.response?.headers['set-cookie']).toContain('INGRESSCOOKIE=')
    expect(new Set(sent.traces.map(({ backend }) => backend?.pod)).size).toBe(1)
  })
})

test("the world outside knows an Ingress host at its controller's balancer", () => {
  const world = worldFrom(nginx().replace('type: NodePort, selector: {app: nginx}', 'type: LoadBalancer, selector: {app: nginx}'))
  const { trace } = send(world, { from: 'outside', to: 'http://shop.test/' })
  expect(trace.verdict).toMatchObject({ code: 'DELIVERED', http: 200 })
  expect(trace.hops[0]?.steps[0]).toMatchObject({ step: 'resolve', rcode: 'NOERROR' })
  const wild = nginx().replace('type: NodePort, selector: {app: nginx}', 'type: LoadBalancer, selector: {app: nginx}')
  const deep = send(worldFrom(wild.replace('host: shop.test', 'host: "*.shop.test"')), { from: 'outside', to: 'http://a.shop.test/' })
  expect(deep.trace.verdict).toMatchObject({ code: 'DELIVERED', http: 200 })
  // Without a balancer the controller gives the address of its node, where nothing listens on port 80.
  expect(send(worldFrom(nginx()), { from: 'outside', to: 'http://shop.test/' }).trace.verdict.code).toBe('REFUSED')
})

describe('a gateway', () => {
  const world = worldFrom(
    documents(
      apps,
      '{apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name: any}, spec: {controllerName: example.com/any}}',
      '{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: edge}, spec: {gatewayClassName: any, addresses: [{value: 172.18.255.250}], listeners: [{name: http, port: 80, protocol: HTTP}]}}',
      '{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: split}, spec: {parentRefs: [{name: edge}], rules: [{backendRefs: [{name: web, port: 80, weight: 90}, {name: api, port: 80, weight: 10}]}]}}',
    ),
  )

  test('weights are the ways', () => {
    const { trace } = send(world, { from: 'outside', to: 'http://172.18.255.250/' }, true)
    expect(trace.seenSource).toBe('172.18.255.250')
    const shares = trace.ways?.map(({ probability, backend }) => `${backend?.pod?.split('-')[0]} ${probability.toFixed(6)}`).sort()
    expect(shares).toEqual(['api 0.100000', 'web 0.450000', 'web 0.450000'])
    expect(brokenPromises(trace)).toEqual([])
  })

  test('Pods reach it too; a port without a listener is refused', () => {
    expect(send(world, { from: 'pod/default/client', to: 'http://172.18.255.250/' }).trace.verdict.code).toBe('DELIVERED')
    expect(send(world, { from: 'outside', to: '172.18.255.250:81' }).trace.verdict.code).toBe('REFUSED')
  })
})

describe('TLS', () => {
  const secret = '{apiVersion: v1, kind: Secret, metadata: {name: cert}, type: kubernetes.io/tls, data: {tls.crt: "", tls.key: ""}}'
  const scene = (...more: readonly string[]) =>
    worldFrom(
      documents(
        nginx()
          .replace(
            'ports: [{port: 80, nodePort: 30080}]',
            'ports: [{name: http, port: 80, nodePort: 30080}, {name: https, port: 443, nodePort: 30443}]',
          )
          .replace('containerPort: 80}', 'containerPort: 80}, {containerPort: 443}')
          .replace('ingressClassName: nginx, rules', 'ingressClassName: nginx, tls: [{hosts: [shop.test], secretName: cert}], rules'),
        ...more,
      ),
    )
  const https = (host: string) => ({ from: 'outside', to: 'https://172.18.0.3:30443/', headers: { Host: host } })

  test('a certificate for the name, none for another, and none at all', () => {
    expect(send(scene(secret), https('shop.test')).trace.verdict).toMatchObject({ code: 'DELIVERED', http: 200 })
    expect(send(scene(secret), https('other.test')).trace.verdict.code).toBe('TLS_MISMATCH')
    expect(send(scene(), https('shop.test')).trace.verdict).toMatchObject({ code: 'TLS_MISMATCH', reason: 'certificate' })
  })

  test('plain HTTP is sent over to https where there is a certificate; TLS to a plain port fails', () => {
    const { trace } = send(scene(secret), ask('/x'))
    expect(trace.verdict.code).toBe('HTTP_308')
    expect(trace.response?.headers['location']).toBe('https://shop.test/x')
    expect(send(scene(secret), { ...ask('/'), to: 'https://172.18.0.3:30080/' }).trace.verdict).toMatchObject({
      code: 'TLS_MISMATCH',
      reason: 'plain-port',
    })
  })
})
