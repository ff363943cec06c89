import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ApiObject, type Cluster, store } from '../api/cluster.ts'
import { worldCluster } from '../testing/worlds.ts'
import { modes } from './modes/index.ts'
import { printProgram, programOf } from './program.ts'

const nodes = ['n1', 'n2', 'n3']
const zones = ['a', 'b']
const start = worldCluster({
  nodes: nodes.map((name, i) => ({ name, ip: `192.168.0.${i + 1}`, zone: zones[i % 2]!, podCIDR: `10.244.${i}.0/24` })),
  services: [],
  endpointSlices: [],
  options: { clusterCIDR: '10.244.0.0/16' },
})

/** One write to the cluster; which Service or slice it concerns is part of it. */
type Write = { readonly put?: ApiObject; readonly remove?: string }

const policy = fc.constantFrom('Cluster', 'Local')
const service = fc
  .record({ n: fc.integer({ min: 1, max: 3 }), type: fc.constantFrom('ClusterIP', 'NodePort'), internal: policy, external: policy })
  .map(
    ({ n, type, internal, external }): Write => ({
      put: {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { namespace: 'default', name: `s${n}` },
        spec: {
          type,
          clusterIP: `10.96.0.${n}`,
          ports: [{ name: 'p', protocol: 'TCP', port: 80, ...(type === 'NodePort' ? { nodePort: 30_000 + n } : {}) }],
          internalTrafficPolicy: internal,
          externalTrafficPolicy: external,
        },
      } as ApiObject,
    }),
  )
const endpoint = fc.record({
  addresses: fc.integer({ min: 1, max: 9 }).map((n) => [`10.244.0.${n}`]),
  nodeName: fc.constantFrom(...nodes),
  conditions: fc.record({ ready: fc.boolean(), serving: fc.boolean(), terminating: fc.boolean() }),
  hints: fc.option(
    fc.record({
      forZones: fc.subarray(zones).map((names) => names.map((name) => ({ name }))),
      forNodes: fc.subarray(nodes).map((names) => names.map((name) => ({ name }))),
    }),
    { nil: undefined },
  ),
})
const slice = fc
  .record({ n: fc.integer({ min: 1, max: 3 }), part: fc.constantFrom('x', 'y'), endpoints: fc.array(endpoint, { maxLength: 4 }) })
  .map(
    ({ n, part, endpoints }): Write => ({
      put: {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { namespace: 'default', name: `s${n}-${part}`, labels: { 'kubernetes.io/service-name': `s${n}` } },
        addressType: 'IPv4',
        ports: [{ name: 'p', protocol: 'TCP', port: 8080 }],
        endpoints,
      } as ApiObject,
    }),
  )
const removal = fc
  .constantFrom('Service/default/s1', 'EndpointSlice/default/s1-x', 'EndpointSlice/default/s2-y')
  .map((remove): Write => ({ remove }))

/** The same cluster as new values: nothing that was computed before is remembered for it. */
function anew(cluster: Cluster): Cluster {
  return { settings: cluster.settings, byKind: new Map([...cluster.byKind].map(([kind, objects]) => [kind, structuredClone(objects)])) }
}

test('what nodes share and what is remembered over changes is what a fresh kube-proxy would program', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(service, slice, slice, removal), { minLength: 1, maxLength: 12 }), (writes) => {
      let cluster = start
      for (const { put, remove } of writes) {
        cluster = store(cluster, put ? [put] : [], remove ? [remove] : [])
        for (const { id } of modes) {
          // Another copy for each node: it shares nothing with the others either.
          for (const node of nodes)
            expect(printProgram(programOf(cluster, node, id))).toEqual(printProgram(programOf(anew(cluster), node, id)))
        }
      }
    }),
    { seed: 3, numRuns: 20 },
  )
})
