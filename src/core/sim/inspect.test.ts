import { expect, test } from 'vitest'
import { CLIENT, deployment, documents, service } from '../testing/scene.ts'
import { createSession } from './frontdoor.ts'
import { rareViews } from './rareviews.ts'
import type { Answer, Question } from './session.ts'

const text = documents(
  CLIENT,
  deployment('web', 2, 8080),
  service('web', 'selector: {app: web}, ports: [{port: 80, targetPort: 8080}]'),
  '{apiVersion: v1, kind: Namespace, metadata: {name: ingress}}',
  deployment('nginx', 1, 80, 'ingress', 'registry.k8s.io/ingress-nginx/controller:v1.15.1'),
  service('nginx', 'type: NodePort, selector: {app: nginx}, ports: [{port: 80, nodePort: 30080}]', 'ingress'),
  '{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: nginx}, spec: {controller: k8s.io/ingress-nginx}}',
  '{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: shop, annotations: {nginx.ingress.kubernetes.io/affinity: cookie}}, spec: {ingressClassName: nginx, rules: [{host: shop.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}}',
)
const request = { from: 'outside', to: 'http://172.18.0.3:30080/', headers: { Host: 'shop.test' } }

function opened(mode: 'iptables' | 'nftables' | 'ipvs' = 'iptables') {
  const session = createSession(rareViews)
  const ask = <A extends Answer['answer']>(question: Question & { readonly ask: A }) =>
    session.answer(question) as Extract<Answer, { answer: A }>
  ask({ ask: 'load', files: [{ name: 'a.yaml', text }], seed: 42, bare: false, mode })
  return ask
}

test('a node reads out its connections, addresses and routes', () => {
  const ask = opened()
  ask({ ask: 'send', request, all: false })
  const { readout } = ask({ ask: 'node', node: 'demo-worker' })
  expect(readout?.conntrack.some((line) => line.includes('dport=30080'))).toBe(true)
  expect(readout?.addresses.join('\n')).toMatch(/2: eth0: <.*\n {4}inet 172\.18\.0\.\d+\/16 scope global eth0/)
  expect(readout?.routes).toContainEqual(expect.stringMatching(/^172\.18\.0\.0\/16 dev eth0 proto kernel scope link src 172\.18\.0\.\d+$/))
  expect(readout?.routes[0]).toBe('default dev eth0')
  expect(ask({ ask: 'node', node: 'nowhere' }).readout).toBeUndefined()
})

test.each([
  ['nftables', /^set cluster-ips \{$/],
  ['ipvs', /^Name: KUBE-CLUSTER-IP$/],
] as const)('%s has its sets', (mode, line) => {
  expect(opened(mode)({ ask: 'node', node: 'demo-worker' }).readout?.sets).toContainEqual(expect.stringMatching(line))
})

test.each([
  [undefined, 'TIME_WAIT'],
  ['keep-alive', 'ESTABLISHED'],
] as const)("a proxy's own connection ends as the client's does (%s)", (connection, state) => {
  const ask = opened()
  const { traces } = ask({ ask: 'send', request: { ...request, ...(connection ? { connection } : {}) }, all: false })
  expect(traces[0]?.verdict.code).toBe('DELIVERED')
  const lines = ['demo-worker', 'demo-worker2', 'demo-control-plane'].flatMap((node) => ask({ ask: 'node', node }).readout?.conntrack ?? [])
  expect(lines.filter((line) => line.includes('dport=8080')).length).toBeGreaterThan(0)
  expect(lines.filter((line) => line.includes('dport=30080')).length).toBeGreaterThan(0)
  for (const line of lines) expect(line).toMatch(new RegExp(`${state} .*\\[ASSURED\\]`))
})

test.each([
  ['', 86_400],
  ['conntrack: {tcpEstablishedTimeout: 2h}', 7200],
  ['conntrack: {tcpEstablishedTimeout: 0s}', 432_000],
] as const)("kube-proxy's conntrack timeouts: %s", (conntrack, seconds) => {
  const session = createSession(rareViews)
  const config = `{apiVersion: kubeproxy.config.k8s.io/v1alpha1, kind: KubeProxyConfiguration, clusterCIDR: 10.244.0.0/16, ${conntrack}}`
  session.answer({ ask: 'load', files: [{ name: 'a.yaml', text: documents(text, config) }], seed: 42, bare: false })
  session.answer({ ask: 'send', request: { from: 'pod/default/client', to: 'http://web/', connection: 'keep-alive' }, all: false })
  const lines = ['demo-worker', 'demo-worker2'].flatMap((node) => {
    const answer = session.answer({ ask: 'conntrack', node })
    return answer.answer === 'conntrack' ? answer.lines : []
  })
  expect(lines.some((line) => line.startsWith(`tcp      6 ${seconds} ESTABLISHED`))).toBe(true)
})

test('an ipvs connection that expires takes its conntrack entry along; its timeouts are the configured ones', () => {
  const session = createSession(rareViews)
  const ask = <A extends Answer['answer']>(question: Question & { readonly ask: A }) =>
    session.answer(question) as Extract<Answer, { answer: A }>
  const config =
    '{apiVersion: kubeproxy.config.k8s.io/v1alpha1, kind: KubeProxyConfiguration, mode: ipvs, ipvs: {tcpTimeout: 1h, tcpFinTimeout: 0s, udpTimeout: 1m30s}}'
  ask({ ask: 'load', files: [{ name: 'a.yaml', text: documents(text, config) }], seed: 42, bare: false, mode: 'ipvs' })
  const { traces } = ask({ ask: 'send', request: { ...request, connection: 'keep-alive' }, all: false })
  const node = traces[0]?.hops.find(({ place }) => place.at === 'node')?.place.name ?? ''
  const read = () => {
    const { conntrack = [], ipvs = [] } = ask({ ask: 'node', node }).readout ?? {}
    return { tracked: conntrack.filter((line) => line.includes('dport=30080')).length, ipvs: ipvs.join('\n') }
  }
  expect(read().ipvs).toContain('Timeout (tcp tcpfin udp): 3600 120 90')
  expect(read().ipvs).toMatch(/TCP 60:00 {2}ESTABLISHED/)
  ask({ ask: 'act', step: { wait: '59m' } })
  expect(read().tracked).toBe(1)
  ask({ ask: 'act', step: { wait: '1m' } })
  expect(read().tracked).toBe(0)
})

test.each([
  ['rr', { last: '10.244.1.3:8080' }],
  ['lc', { last: undefined }],
  ['lblc', { kept: ['10.244.1.3:8080'] }],
  ['sh', { place: expect.objectContaining({ of: 256 }) }],
  ['mh', { place: expect.objectContaining({ of: 4093 }) }],
] as const)('a trace says what the scheduler went by: %s', (scheduler, expected) => {
  const session = createSession(rareViews)
  const config = `{apiVersion: kubeproxy.config.k8s.io/v1alpha1, kind: KubeProxyConfiguration, mode: ipvs, clusterCIDR: 10.244.0.0/16, ipvs: {scheduler: ${scheduler}}}`
  session.answer({ ask: 'load', files: [{ name: 'a.yaml', text: documents(text, config) }], seed: 42, bare: false, mode: 'ipvs' })
  const send = () => {
    const answer = session.answer({
      ask: 'send',
      request: { from: 'pod/default/client', to: 'http://web/', connection: 'keep-alive', count: 1 },
      all: false,
    })
    return answer.answer === 'send' ? answer.traces[0] : undefined
  }
  const first = send()
  expect(first?.scheduler).toMatchObject({ scheduler, servers: { [`${first?.backend?.ip}:8080`]: { weight: 1, active: 0, inactive: 0 } } })
  // Another connection: the first one is open still.
  const answer = session.answer({ ask: 'send', request: { from: 'pod/default/client', to: 'http://web/again' }, all: false })
  const second = answer.answer === 'send' ? answer.traces[0] : undefined
  expect(second?.scheduler?.servers[`${first?.backend?.ip}:8080`]).toEqual({ weight: 1, active: 1, inactive: 0 })
  const { last, kept, place } = second?.scheduler ?? {}
  if (place) expect(place.holds).toBe(`${second?.backend?.ip}:8080`)
  const known = { last: last && `${first?.backend?.ip}:8080`, kept, place }
  const wanted = JSON.parse(JSON.stringify(expected).replaceAll('10.244.1.3', first?.backend?.ip ?? '')) as object
  if (!('place' in expected)) expect(known).toMatchObject(wanted)
  else expect(place).toEqual(expected.place)
})

test('an event shows what it changed', () => {
  const ask = opened()
  const { snapshot } = ask({ ask: 'act', step: { scale: 'Deployment/default/web', replicas: 3 } })
  const event = snapshot.events.find(({ object, component }) => object === 'Deployment/default/web' && component === 'user')
  const { lines } = ask({ ask: 'diff', event: event?.number ?? 0 })
  expect(lines).toContainEqual({ op: '-', text: '  replicas: 2' })
  expect(lines).toContainEqual({ op: '+', text: '  replicas: 3' })
  expect(ask({ ask: 'diff', event: 99_999 }).lines).toBeUndefined()
})

test('an Ingress as a Gateway: the same request through both, and nothing kept', () => {
  const ask = opened()
  const { conversion } = ask({ ask: 'convert', request })
  expect(conversion?.objects).toEqual(['GatewayClass//nginx', 'Gateway/default/nginx', 'HTTPRoute/default/shop-shop-test'])
  expect(conversion?.applied).toBe(false)
  expect(conversion?.both?.ingress?.verdict.code).toBe('DELIVERED')
  expect(conversion?.both?.gateway?.verdict.code).toBe('DELIVERED')
  expect(conversion?.notes).toContainEqual({ code: 'address-chosen', params: { gateway: 'nginx', address: '172.18.255.200' } })
  expect(ask({ ask: 'act', step: { wait: '1s' } }).snapshot.objects.some(({ kind }) => kind === 'Gateway')).toBe(false)
  // Applied, the YAML is the same cluster.
  ask({ ask: 'load', files: [{ name: 'a.yaml', text: documents(text, conversion?.yaml ?? '') }], seed: 42, bare: false })
  expect(ask({ ask: 'convert', request }).conversion?.applied).toBe(true)
})

test('an Ingress under several controllers: their tables, and where each rule is written', () => {
  const ask = opened()
  const { comparison, ranges } = ask({
    ask: 'profiles',
    request: { method: 'GET', scheme: 'http', host: 'shop.test', path: '/x', headers: {} },
    profiles: ['spec', 'ingress-nginx', 'traefik'],
  })
  expect(comparison?.ingress).toBe('Ingress/default/shop')
  expect(comparison?.profiles.map(({ profile, serves }) => [profile, serves])).toEqual([
    ['spec', false],
    ['ingress-nginx', true],
    ['traefik', false],
  ])
  expect(comparison?.differences.map(({ code }) => code)).toContain('cookie')
  const route = comparison?.profiles[2]?.routes[0]
  const range = route && ranges[`${route.origin.object}#spec.rules[0].http.paths[0]`]
  expect(text.slice(range?.start).startsWith('{path: /, pathType: Prefix')).toBe(true)
  expect(ask({ ask: 'profiles', ingress: 'Ingress/default/gone', profiles: [] }).comparison).toBeUndefined()
})

test('cookies that a client holds go with its request', () => {
  const ask = opened()
  const first = ask({ ask: 'send', request, all: false }).traces[0]
  const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(first?.response?.headers['set-cookie'] ?? '') ?? []
  const second = ask({ ask: 'send', request: { ...request, cookies: { [name]: value } }, all: false }).traces[0]
  expect(second?.backend?.pod).toBe(first?.backend?.pod)
  expect(second?.backend?.request?.headers['cookie']).toBe(`${name}=${value}`)
})
