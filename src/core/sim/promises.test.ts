import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { load } from '../api/load.ts'
import { brokenPromises } from '../trace/promises.ts'
import { openWorld } from './open.ts'
import { sendRequest } from './send.ts'

/** Random Services over a fixed set of Pods, random requests: whatever happens, a trace keeps its promises and comes to one verdict. */
const service = fc.record({
  type: fc.constantFrom('ClusterIP', 'NodePort', 'LoadBalancer'),
  external: fc.constantFrom('Cluster', 'Local'),
  internal: fc.constantFrom('Cluster', 'Local'),
  affinity: fc.constantFrom('None', 'ClientIP'),
  app: fc.constantFrom('web', 'none', 'host', 'sleepy'),
  target: fc.constantFrom(8080, 9999),
  headless: fc.boolean(),
  ranges: fc.boolean(),
})
const from = fc.constantFrom(
  'outside',
  'pod/default/client',
  'pod/default/web-1',
  'pod/default/host',
  'node/demo-worker',
  'node/demo-control-plane',
)
const to = fc.constantFrom(
  'http://svc/',
  'svc:80',
  'ping svc',
  'nslookup svc',
  'http://10.96.200.1/',
  '10.96.200.1:81',
  '10.96.99.99:80',
  '172.18.0.3:30080',
  '172.18.0.2:30080',
  '127.0.0.1:30080',
  '172.18.255.200:80',
  '10.244.1.77:80',
  '8.8.8.8:53',
  'ping 172.18.0.4',
  'http://missing/',
  '172.18.0.77:80',
  '172.18.0.100:80',
  '192.0.2.5:80',
)
const mode = fc.constantFrom('iptables' as const, 'nftables' as const, 'ipvs' as const)
const protocol = fc.constantFrom('tcp' as const, 'udp' as const)
const via = fc.option(fc.constantFrom('demo-worker', 'demo-worker2'), { nil: undefined })

function clusterOf(spec: typeof service extends fc.Arbitrary<infer T> ? T : never): string {
  const headless = spec.headless && spec.type === 'ClusterIP'
  const isExternal = spec.type !== 'ClusterIP'
  const port = `{port: 80, targetPort: ${spec.target}${isExternal ? ', nodePort: 30080' : ''}}`
  const external = isExternal ? `, externalTrafficPolicy: ${spec.external}` : ''
  const ranges = spec.ranges && spec.type === 'LoadBalancer' ? ', loadBalancerSourceRanges: [10.0.0.0/8]' : ''
  const pod = (name: string, app: string, node: string, more = '') =>
    `{apiVersion: v1, kind: Pod, metadata: {name: ${name}, labels: {app: ${app}}}, spec: {nodeName: ${node}${more}, containers: [{name: c, image: web, ports: [{containerPort: 8080}]}]}}`
  return [
    `{apiVersion: v1, kind: Service, metadata: {name: svc}, spec: {type: ${spec.type}, clusterIP: ${headless ? 'None' : '10.96.200.1'}, selector: {app: ${spec.app}}, internalTrafficPolicy: ${spec.internal}, sessionAffinity: ${spec.affinity}${external}${ranges}, ports: [${port}]}}`,
    pod('client', 'client', 'demo-worker'),
    pod('web-1', 'web', 'demo-worker'),
    pod('web-2', 'web', 'demo-worker2'),
    pod('host', 'host', 'demo-worker2', ', hostNetwork: true'),
    `{apiVersion: v1, kind: Pod, metadata: {name: sleepy, labels: {app: sleepy}, annotations: {kubehop.dev/ready: "false"}}, spec: {containers: [{name: c, image: web}]}}`,
  ].join('\n---\n')
}

describe('promises', () => {
  test('every request ends in one verdict, and its trace keeps its promises', () => {
    fc.assert(
      fc.property(
        service,
        mode,
        fc.array(fc.record({ from, to, protocol, via }), { minLength: 1, maxLength: 6 }),
        (spec, chosen, requests) => {
          let world = openWorld(load([{ name: 'a.yaml', text: clusterOf(spec) }], { bare: false }), { seed: 7, mode: chosen })
          for (const { via: entry, ...request } of requests) {
            const sent = sendRequest(world, entry === undefined ? request : { ...request, via: entry }, { all: true })
            if (typeof sent === 'string') throw new Error(sent)
            world = sent.world
            for (const trace of sent.traces) expect(brokenPromises(trace)).toEqual([])
            for (const trace of sent.traces) expect(structuredClone(trace)).toEqual(trace)
          }
        },
      ),
      { seed: 20_260_101, numRuns: 60 },
    )
  }, 120_000)
})
