import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { load } from '../api/load.ts'
import { readStep } from '../api/scenario.ts'
import { MODE_IDS } from '../kernel/program.ts'
import { mutatedFiles, mutations, nonsense } from '../testing/nonsense.ts'
import { brokenPromises } from '../trace/promises.ts'
import { act } from './act.ts'
import { createSession } from './frontdoor.ts'
import { openWorld } from './open.ts'
import { sendRequest } from './send.ts'
import type { RequestSpec } from './session.ts'

/** Whatever a person types into the request bar, a scenario or the console: an answer, never an exception. */

const CLUSTER = `
{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, targetPort: 8080, nodePort: 30080}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, labels: {app: web}}, spec: {containers: [{name: c, image: web, ports: [{containerPort: 8080}]}]}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: client}, spec: {selector: {matchLabels: {app: client}}, template: {metadata: {labels: {app: client}}, spec: {containers: [{name: c, image: c}]}}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: edge, labels: {app: edge}}, spec: {containers: [{name: c, image: registry.k8s.io/ingress-nginx/controller:v1.15.1, ports: [{containerPort: 80}]}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: edge}, spec: {type: LoadBalancer, selector: {app: edge}, ports: [{port: 80}]}}
---
{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: nginx}, spec: {controller: k8s.io/ingress-nginx}}
---
{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: i, annotations: {nginx.ingress.kubernetes.io/rewrite-target: /$1}}, spec: {ingressClassName: nginx, rules: [{host: a.example, http: {paths: [{path: /(.*), pathType: ImplementationSpecific, backend: {service: {name: web, port: {number: 80}}}}]}}]}}
`
const loaded = load([{ name: 'a.yaml', text: CLUSTER }], { bare: false })

/** Pieces from which targets, origins and objects are written, and others that fit nowhere. */
const words = fc.oneof(
  fc
    .array(
      fc.oneof(
        fc.constantFrom(
          'http://',
          'https://',
          'ping ',
          'nslookup ',
          'web',
          'edge',
          'a.example',
          '.default.svc',
          '.cluster.local',
          ':',
          ':80',
          ':99999',
          ':-1',
          '/',
          '//',
          '?a=b',
          '#1',
          '#-1',
          '#x',
          '@',
          '[',
          ']',
          '[::1]',
          '::',
          '10.96.0.1',
          '172.18.0.3:30080',
          '999.1.1.1',
          '%',
          '%zz',
          ' ',
          '*',
          '..',
          'pod/',
          'node/',
          'deploy/',
          'client/',
          'Pod/default/web',
          'demo-worker',
          'outside',
          '__proto__',
          'constructor',
          '\u0000',
          '🦊',
        ),
        fc.string({ maxLength: 4 }),
      ),
      { maxLength: 6 },
    )
    .map((pieces) => pieces.join('')),
  fc.string(),
)
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const request = fc
  .record({
    from: fc.oneof(fc.constantFrom('outside', 'pod/default/web', 'deploy/client', 'node/demo-worker'), words),
    to: fc.oneof(fc.constantFrom('http://web/', 'http://edge/', 'web:80', 'ping web', 'http://a.example/'), words),
    via: optional(fc.oneof(fc.constant('demo-worker'), words)),
    method: optional(fc.oneof(fc.constantFrom('GET', 'OPTIONS', 'POST'), words)),
    headers: optional(
      fc.dictionary(fc.oneof(fc.constantFrom('Host', 'Cookie', 'Origin', 'X-Forwarded-For'), words), words, { maxKeys: 3 }),
    ),
    protocol: optional(fc.oneof(fc.constantFrom('tcp', 'udp', 'sctp', 'icmp'), words)),
    connection: optional(fc.oneof(fc.constantFrom('new', 'keep-alive'), words)),
    count: optional(fc.constantFrom(0, 1, 3, -1, 0.5, Number.NaN)),
  })
  .map((spec) => Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined)) as unknown as RequestSpec)
const step = fc.oneof(
  fc.dictionary(
    fc.oneof(
      fc.constantFrom('apply', 'delete', 'patch', 'set', 'scale', 'replicas', 'ready', 'value', 'wait', 'freeze', 'fault', 'nodes'),
      words,
    ),
    fc.oneof(words, nonsense, fc.dictionary(words, nonsense, { maxKeys: 2 })),
    { maxKeys: 3 },
  ),
  words.map((object) => ({ delete: object })),
  fc.record({ patch: fc.constantFrom('Service/web', 'Pod/web', 'Deployment/client'), set: fc.dictionary(words, nonsense, { maxKeys: 3 }) }),
  fc.record({
    patch: fc.constantFrom('Service/web', 'Service/edge', 'Ingress/i', 'Deployment/client'),
    set: fc.dictionary(
      fc.constantFrom(
        'spec',
        'spec.ports',
        'spec.ports[0]',
        'spec.ports[0].port',
        'spec.rules',
        'spec.template',
        'metadata',
        'metadata.labels',
        'status',
      ),
      nonsense,
      { maxKeys: 2 },
    ),
  }),
  fc.record({
    scale: fc.constant('Deployment/client'),
    replicas: fc.oneof(fc.integer({ min: -5, max: 20 }), fc.constantFrom<unknown>(null, 'x', 0.5, 1e30, [])),
  }),
  fc.record({ ready: words, value: fc.oneof(fc.boolean(), nonsense) }),
)
const seeded = (numRuns: number) => ({ seed: 20_260_101, numRuns: Number(process.env['FUZZ_RUNS'] ?? numRuns) })

describe('nothing throws', () => {
  test('whatever is sent, in every mode', () => {
    const worlds = MODE_IDS.map((mode) => openWorld(loaded, { seed: 7, mode }))
    let sent = 0
    fc.assert(
      fc.property(request, fc.nat(2), (spec, mode) => {
        const answer = sendRequest(worlds[mode]!, spec, { all: true })
        if (typeof answer === 'string') return
        sent += 1
        for (const trace of answer.traces) expect(brokenPromises(trace)).toEqual([])
      }),
      seeded(400),
    )
    // Not everything is nonsense: a good part must have got as far as a verdict.
    expect(sent).toBeGreaterThan(20)
  }, 120_000)

  test('whatever is done, and a request afterwards', () => {
    let done = 0
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 4 }), (steps) => {
        let world = openWorld(loaded, { seed: 7, mode: 'iptables' })
        for (const each of steps) {
          const read = readStep(each)
          if (typeof read === 'string' || read.step === 'send' || read.step === 'say' || read.step === 'ask') continue
          const acted = act(world, read)
          if (acted.refused.length === 0) done += 1
          world = acted.world
        }
        for (const to of ['http://web/', 'http://edge/x']) sendRequest(world, { from: 'outside', to }, { all: false })
      }),
      seeded(150),
    )
    expect(done).toBeGreaterThan(10)
  }, 120_000)

  test('whatever stands in the documents, down to a request and the rules', () => {
    let answers = 0
    fc.assert(
      fc.property(mutations, fc.boolean(), fc.constantFrom(...MODE_IDS), (changes, bare, mode) => {
        const page = createSession()
        const { answer } = page.answer({ ask: 'load', files: mutatedFiles(changes), seed: 1, bare, mode, fresh: 'scene' })
        expect(answer).toBe('load')
        for (const to of ['http://web/', 'http://web.default/', 'http://a.b/x', 'db.x:1']) {
          const sent = page.answer({ ask: 'send', request: { from: 'outside', to }, all: true })
          if (sent.answer === 'send') answers += sent.traces.length
        }
        page.answer({ ask: 'rules', node: 'n', mode })
        page.answer({ ask: 'conntrack', node: 'n' })
      }),
      seeded(80),
    )
    expect(answers).toBeGreaterThan(10)
  }, 240_000)
})
