import { describe, expect, test } from 'vitest'
import { type ApiObject, type Cluster, find } from './cluster.ts'
import { decodeDocument } from './decode-document.ts'
import { readDocuments } from './documents.ts'
import { load } from './load.ts'
import { applyObject, createObject, deleteObject, type Outcome, updateObject } from './registry.ts'

const WORLD = `apiVersion: kind.x-k8s.io/v1alpha4
kind: Cluster
networking: {ipFamily: dual}
---
apiVersion: v1
kind: Service
metadata: {name: a}
spec: {type: NodePort, selector: {app: a}, ports: [{name: x, port: 80, nodePort: 31000}]}
---
apiVersion: v1
kind: Service
metadata: {name: lb}
spec: {type: LoadBalancer, externalTrafficPolicy: Local, selector: {app: a}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: headless}
spec: {clusterIP: None, selector: {app: a}}
---
apiVersion: v1
kind: Service
metadata: {name: ext}
spec: {type: ExternalName, externalName: example.com}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: d}
spec: {selector: {matchLabels: {app: d}}, template: {metadata: {labels: {app: d}}, spec: {containers: [{name: c, image: i}]}}}
---
apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {nodeName: demo-worker, containers: [{name: c, image: i}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: s}
addressType: IPv4
endpoints: []
`
const { cluster, diagnostics } = load([{ name: 'f', text: WORLD }], { bare: false })
test('the world is all right', () => expect(diagnostics).toEqual([]))

function objectOf(text: string): ApiObject {
  const decoded = decodeDocument(readDocuments([{ name: 'o', text }]).documents[0]!)
  return decoded.object!
}
const service = (name: string, spec: string) => objectOf(`{apiVersion: v1, kind: Service, metadata: {name: ${name}}, spec: {${spec}}}`)
const message = (outcome: Outcome) => ('refused' in outcome ? outcome.refused.message : 'accepted')
const update = (object: ApiObject, from: Cluster = cluster) => updateObject(from, object, { now: 0 })
const specOf = (outcome: Outcome) =>
  'object' in outcome ? (outcome.object as ApiObject & { spec: Record<string, unknown> }).spec : undefined

describe('updates that are refused', () => {
  test.each([
    [
      'clusterIP',
      service('a', 'type: NodePort, clusterIP: 10.96.5.5, selector: {app: a}, ports: [{name: x, port: 80}]'),
      'spec.clusterIPs[0]: Invalid value: ["10.96.5.5"]: may not change once set',
    ],
    ['headless later', service('ext', 'type: ClusterIP, clusterIP: None, selector: {app: a}, externalName: ""'), 'accepted'],
    [
      'no longer headless',
      service('headless', 'clusterIP: 10.96.5.5, ports: [{port: 80}], selector: {app: a}'),
      'spec.clusterIPs[0]: Invalid value: ["10.96.5.5"]: may not change once set',
    ],
    [
      'health check port',
      service(
        'lb',
        'type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 31555, selector: {app: a}, ports: [{port: 80}]',
      ),
      'spec.healthCheckNodePort: Forbidden: field is immutable',
    ],
    [
      'load balancer class',
      service(
        'lb',
        'type: LoadBalancer, externalTrafficPolicy: Local, loadBalancerClass: example.com/x, selector: {app: a}, ports: [{port: 80}]',
      ),
      'spec.loadBalancerClass: Invalid value: "example.com/x": may not change once set',
    ],
    [
      'node port of another',
      service('lb', 'type: LoadBalancer, externalTrafficPolicy: Local, selector: {app: a}, ports: [{port: 80, nodePort: 31000}]'),
      'spec.ports[0].nodePort: Invalid value: 31000: provided port is already allocated',
    ],
    [
      'two families without a policy',
      service('a', 'type: NodePort, ipFamilies: [IPv4, IPv6], selector: {app: a}, ports: [{name: x, port: 80}]'),
      "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified",
    ],
    [
      'selector of a Deployment',
      objectOf(
        '{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {selector: {matchLabels: {app: e}}, template: {metadata: {labels: {app: e}}, spec: {containers: [{name: c, image: i}]}}}}',
      ),
      'spec.selector: Invalid value: {"matchLabels":{"app":"e"}}: field is immutable',
    ],
    [
      'address type of a slice',
      objectOf('{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: s}, addressType: IPv6, endpoints: []}'),
      'addressType: Invalid value: "IPv6": field is immutable',
    ],
    [
      'a Pod',
      objectOf('{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {hostname: h, containers: [{name: c, image: i}]}}'),
      'spec: Forbidden: pod updates may not change fields other than',
    ],
  ])('%s', (_, object, expected) => expect(message(update(object))).toContain(expected))
})

describe('updates that are accepted', () => {
  test('the same document again changes nothing', () => {
    const again = service('a', 'type: NodePort, selector: {app: a}, ports: [{name: x, port: 80}]')
    expect(specOf(update(again))).toEqual((find(cluster, 'Service', 'default', 'a') as unknown as { spec: unknown }).spec)
  })

  test.each([
    [
      'a Pod keeps its node',
      objectOf('{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: j}]}}'),
      { nodeName: 'demo-worker' },
    ],
    [
      'to ClusterIP: the node port goes',
      service('a', 'type: ClusterIP, selector: {app: a}, ports: [{name: x, port: 80}]'),
      { ports: [{ name: 'x', port: 80, protocol: 'TCP', targetPort: 80 }] },
    ],
    [
      'a second family',
      service('a', 'type: NodePort, ipFamilyPolicy: PreferDualStack, selector: {app: a}, ports: [{name: x, port: 80}]'),
      { ipFamilies: ['IPv4', 'IPv6'] },
    ],
    [
      'to ExternalName: the address goes',
      service('a', 'type: ExternalName, externalName: example.com'),
      { type: 'ExternalName', externalName: 'example.com', sessionAffinity: 'None' },
    ],
    [
      'a renamed port loses its node port',
      service('a', 'type: NodePort, selector: {app: a}, ports: [{name: z, port: 80}]'),
      { ports: [expect.not.objectContaining({ nodePort: 31000 })] },
    ],
  ])('%s', (_, object, expected) => expect(specOf(update(object))).toMatchObject(expected))

  test('what is given up can be had by another', () => {
    const gone = update(service('a', 'type: ExternalName, externalName: example.com'))
    const free = 'cluster' in gone ? gone.cluster : cluster
    expect(message(createObject(free, service('new', 'type: NodePort, ports: [{port: 80, nodePort: 31000}]'), { now: 0 }))).toBe('accepted')
    expect(message(createObject(cluster, service('new', 'type: NodePort, ports: [{port: 80, nodePort: 31000}]'), { now: 0 }))).toContain(
      'already allocated',
    )
  })

  test('the generation counts changes of the spec only', () => {
    const d = (replicas: number, label: string) =>
      objectOf(
        `{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, labels: {l: ${label}}}, spec: {replicas: ${replicas}, selector: {matchLabels: {app: d}}, template: {metadata: {labels: {app: d}}, spec: {containers: [{name: c, image: i}]}}}}`,
      )
    const generation = (outcome: Outcome) => ('object' in outcome ? outcome.object.metadata.generation : undefined)
    expect([generation(update(d(1, 'x'))), generation(update(d(2, 'x')))]).toEqual([1, 2])
  })
})

test.each([
  [() => createObject(cluster, service('a', 'ports: [{port: 80}]'), { now: 0 }), 409, 'services "a" already exists'],
  [() => updateObject(cluster, service('nope', 'ports: [{port: 80}]'), { now: 0 }), 404, 'services "nope" not found'],
  [() => deleteObject(cluster, 'Service', 'default', 'nope'), 404, 'services "nope" not found'],
  [
    () =>
      createObject(
        cluster,
        service('big', 'type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 29000, ports: [{port: 80}]'),
        { now: 0 },
      ),
    500,
    'Internal error occurred: failed to allocate requested HealthCheck NodePort 29000: provided port is not in the valid range. The range of valid ports is 30000-32767',
  ],
])('%#', (act, code, expected) => {
  const outcome = act()
  expect('refused' in outcome && [outcome.refused.code, outcome.refused.message]).toEqual([code, expected])
})

test('a dry run stores nothing and takes nothing', () => {
  const outcome = createObject(cluster, service('new', 'type: NodePort, ports: [{port: 80, nodePort: 100}]'), { now: 0, dryRun: true })
  expect(message(outcome)).toBe('accepted')
  expect('cluster' in outcome && outcome.cluster).toBe(cluster)
})

test('a write leaves the cluster it was made from as it was', () => {
  const before = find(cluster, 'Service', 'default', 'a')
  applyObject(cluster, service('a', 'type: ClusterIP, selector: {app: z}, ports: [{port: 81}]'), { now: 0 })
  expect(find(cluster, 'Service', 'default', 'a')).toBe(before)
})
