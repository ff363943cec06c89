import { describe, expect, test } from 'vitest'
import { type ApiObject, type Cluster, find, list, store } from '../api/cluster.ts'
import type { Node } from '../api/kinds/node.ts'
import { isPodReady, type Pod } from '../api/kinds/pod.ts'
import type { DaemonSet, StatefulSet } from '../api/kinds/workload.ts'
import { clusterOf, demoNodes, deployment, names, node, pod, service } from '../testing/cluster.ts'
import { slicesIn } from '../testing/sequences.ts'
import { settle } from './settle.ts'

const namespace: ApiObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } }
const base = (...objects: readonly ApiObject[]) => clusterOf(...demoNodes, namespace, ...objects)
const readyNames = (cluster: Cluster) =>
  list(cluster, 'Pod')
    .filter(isPodReady)
    .map(({ metadata }) => metadata.name)
const only = (cluster: Cluster): Pod => list(cluster, 'Pod')[0] as Pod
const told = (one: Pod, grace: number): Pod => ({
  ...one,
  metadata: {
    ...one.metadata,
    deletionTimestamp: `2026-01-01T00:00:${String(grace).padStart(2, '0')}Z`,
    deletionGracePeriodSeconds: grace,
  },
})
const probe = (more: object) => ({
  containers: [{ name: 'c', ports: [{ name: 'http', containerPort: 80 }], readinessProbe: { tcpSocket: { port: 80 }, ...more } }],
})

describe('readiness', () => {
  test.each([
    ['without a probe at once', {}, 0],
    ['with a probe at its first run', probe({}), 0],
    ['after initialDelaySeconds', probe({ initialDelaySeconds: 5 }), 5000],
    ['after successThreshold runs', probe({ initialDelaySeconds: 5, successThreshold: 3, periodSeconds: 2 }), 9000],
    ['never when the probe asks a port nobody listens on', probe({ tcpSocket: { port: 81 } }), undefined],
    ['never when the probe names no port', probe({ tcpSocket: { port: 'https' } }), undefined],
    ['never while a gate is closed', { readinessGates: [{ conditionType: 'x/y' }] }, undefined],
  ])('%s', (_, spec, after) => {
    const first = settle(base(pod('p', { app: 'web' }, spec)), { now: 250 })
    expect(isPodReady(only(first.cluster))).toBe(after === 0)
    expect(first.wakeAt).toBe(after ? 250 + after : undefined)
    if (!after) return
    expect(settle(first.cluster, { now: 249 + after }).changes).toEqual([])
    const last = settle(first.cluster, { now: 250 + after })
    expect(isPodReady(only(last.cluster))).toBe(true)
    expect(last.wakeAt).toBeUndefined()
  })

  test('a gate that opens makes the Pod ready', () => {
    const { cluster } = settle(base(pod('p', {}, { readinessGates: [{ conditionType: 'x/y' }] })), { now: 0 })
    const waiting = only(cluster)
    const conditions = [...(waiting.status?.conditions ?? []), { type: 'x/y', status: 'True' as const }]
    const opened = settle(store(cluster, [{ ...waiting, status: { ...waiting.status, conditions } } as Pod]), { now: 1000 })
    expect(isPodReady(only(opened.cluster))).toBe(true)
  })

  test('kubehop.dev/ready turns a Pod off and on', () => {
    let { cluster } = settle(base(pod('p', { app: 'web' }), service('web')), { now: 0 })
    for (const value of ['false', 'true']) {
      const annotated = { ...only(cluster), metadata: { ...only(cluster).metadata, annotations: { 'kubehop.dev/ready': value } } }
      cluster = settle(store(cluster, [annotated]), { now: 1000 }).cluster
      expect(slicesIn(cluster)[0]?.endpoints?.[0]?.conditions?.ready).toBe(value === 'true')
    }
  })
})

describe('the end of a Pod', () => {
  test.each([
    ['at once', {}, {}, 0],
    ['after its preStop hook', { containers: [{ name: 'c', lifecycle: { preStop: { sleep: { seconds: 5 } } } }] }, {}, 5000],
    [
      'after the sleep its hook runs',
      { containers: [{ name: 'c', lifecycle: { preStop: { exec: { command: ['sh', '-c', 'sleep 7'] } } } }] },
      {},
      7000,
    ],
    ['when its containers take their time', {}, { 'kubehop.dev/stop-after': '4s' }, 4000],
    ['at the end of its grace period', {}, { 'kubehop.dev/stop-after': '5m' }, 30_000],
    [
      'two seconds after a hook that took all of it',
      { containers: [{ name: 'c', lifecycle: { preStop: { sleep: { seconds: 90 } } } }] },
      { 'kubehop.dev/stop-after': '9s' },
      32_000,
    ],
  ])('comes %s', (_, spec, annotations, after) => {
    const made = pod('p', { app: 'web' }, spec)
    const { cluster } = settle(base({ ...made, metadata: { ...made.metadata, annotations } } as Pod, service('web')), { now: 0 })
    const going = settle(store(cluster, [told(only(cluster), 30)]), { now: 0 })
    if (after > 0) {
      expect(slicesIn(going.cluster)[0]?.endpoints?.[0]?.conditions).toEqual({ ready: false, serving: true, terminating: true })
      expect(find(going.cluster, 'Endpoints', 'default', 'web')?.subsets).toEqual([])
      expect(going.wakeAt).toBe(after)
    }
    expect(list(settle(going.cluster, { now: after }).cluster, 'Pod')).toEqual([])
  })

  test('kubehop.dev/ready moves a fact, on whatever node it says it is', () => {
    const fact = pod('p', { app: 'web' }, {}, { podIP: '10.244.1.9', conditions: [{ type: 'Ready', status: 'True' }] })
    const { cluster } = settle(base(fact, service('web')), { now: 0 })
    const annotated = { ...fact, metadata: { ...fact.metadata, annotations: { 'kubehop.dev/ready': 'false' } } }
    const { cluster: after } = settle(store(cluster, [annotated]), { now: 0 })
    expect(slicesIn(after)[0]?.endpoints?.[0]?.conditions?.ready).toBe(false)
  })

  test('a Pod given with a status stays as it is until it is deleted', () => {
    const fact = pod(
      'p',
      {},
      { nodeName: 'demo-worker' },
      { phase: 'Running', podIP: '10.244.1.9', conditions: [{ type: 'Ready', status: 'False' }] },
    )
    const { cluster, changes } = settle(base(fact), { now: 0 })
    expect(changes.filter(({ controller }) => controller !== 'endpoints-controller')).toEqual([])
    expect(only(cluster)).toEqual(fact)
    expect(list(settle(store(cluster, [told(fact, 30)]), { now: 0 }).cluster, 'Pod')).toEqual([])
    expect(list(settle(base(told(fact, 30)), { now: 99_000 }).cluster, 'Pod')).toHaveLength(1)
  })

  test.each([
    ['False', 0],
    ['Unknown', 1],
  ])('a deleted Pod on a node whose Ready is %s: %i left', (status, left) => {
    const fact = pod('p', {}, { nodeName: 'lame' }, { phase: 'Running', podIP: '10.244.9.9' })
    const lame = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'lame' }, status: { conditions: [{ type: 'Ready', status }] } } as Node
    const { cluster } = settle(store(base(fact), [lame]), { now: 0 })
    expect(list(settle(store(cluster, [told(fact, 30)]), { now: 0 }).cluster, 'Pod')).toHaveLength(left)
  })
})

describe('addresses', () => {
  test('the next one is never the one that just came free', () => {
    const { cluster } = settle(base(pod('a', {}), pod('b', {})), { now: 0 })
    expect(list(cluster, 'Pod').map(({ status }) => status?.podIP)).toEqual(['10.244.1.2', '10.244.2.2'])
    const next = settle(store(cluster, [pod('c', {}), pod('d', {})], ['Pod/default/a']), { now: 0 }).cluster
    expect(find(next, 'Pod', 'default', 'c')?.status?.podIP).toBe('10.244.1.3')
    expect(find(next, 'Pod', 'default', 'd')?.status?.podIP).toBe('10.244.1.4')
  })

  test('hostNetwork takes the node’s, and nobody takes what a fact holds', () => {
    const fact = pod('fact', {}, { nodeName: 'demo-worker' }, { phase: 'Running', podIP: '10.244.1.2' })
    const { cluster } = settle(
      base(fact, pod('host', {}, { hostNetwork: true, nodeName: 'demo-worker' }), pod('x', {}, { nodeName: 'demo-worker' })),
      { now: 0 },
    )
    expect(find(cluster, 'Pod', 'default', 'host')?.status?.podIP).toBe('172.18.0.3')
    expect(find(cluster, 'Pod', 'default', 'x')?.status?.podIP).toBe('10.244.1.3')
  })

  test('dual stack: one of each family', () => {
    const dual = { ...node('n', 1), spec: { podCIDRs: ['10.244.1.0/24', 'fd00:10:244:1::/64'] } } as Node
    const { cluster } = settle(clusterOf(dual, pod('p', {})), { now: 0 })
    expect(only(cluster).status?.podIPs).toEqual([{ ip: '10.244.1.2' }, { ip: 'fd00:10:244:1::2' }])
  })

  test('a node without a Pod CIDR gets the block after the highest', () => {
    const bare = { ...node('z', 9), spec: {} } as Node
    expect(find(settle(base(bare), { now: 0 }).cluster, 'Node', '', 'z')?.spec).toEqual({
      podCIDR: '10.244.3.0/24',
      podCIDRs: ['10.244.3.0/24'],
    })
  })
})

describe('scheduling', () => {
  test.each<[string, Partial<Pod['spec']>, string | undefined]>([
    ['the untainted node with fewest Pods, the first by name', {}, 'demo-worker'],
    ['what nodeSelector says', { nodeSelector: { 'kubernetes.io/hostname': 'demo-worker2' } }, 'demo-worker2'],
    [
      'a tainted node for whom tolerates it',
      { nodeSelector: { 'kubernetes.io/hostname': 'demo-control-plane' }, tolerations: [{ operator: 'Exists' }] },
      'demo-control-plane',
    ],
    ['no node for whom does not', { nodeSelector: { 'kubernetes.io/hostname': 'demo-control-plane' } }, undefined],
  ])('%s', (_, spec, where) => {
    const { cluster } = settle(base(pod('p', {}, spec)), { now: 0 })
    expect(only(cluster).spec.nodeName).toBe(where)
    expect(only(cluster).status?.phase).toBe(where ? 'Running' : 'Pending')
  })

  test('a Pod that found no node is bound when one comes', () => {
    const { cluster } = settle(base(pod('p', {}, { nodeSelector: { disk: 'ssd' } })), { now: 0 })
    const next = settle(store(cluster, [node('new', 7, { labels: { disk: 'ssd' } })]), { now: 0 }).cluster
    expect(only(next).status?.podIP).toBe('10.244.7.2')
  })
})

describe('a node that fails', () => {
  const down = (cluster: Cluster, name: string, status: 'True' | 'Unknown', at: string) => {
    const old = find(cluster, 'Node', '', name) as Node
    return store(cluster, [{ ...old, status: { ...old.status, conditions: [{ type: 'Ready', status, lastTransitionTime: at }] } } as Node])
  }

  test('takes its Pods’ readiness, gives it back, and after five minutes they are replaced elsewhere', () => {
    const { cluster } = settle(base(deployment('web', 2), service('web')), { now: 0 })
    const failed = settle(down(cluster, 'demo-worker', 'Unknown', '2026-01-01T00:01:00Z'), { now: 60_000 })
    expect(readyNames(failed.cluster)).toHaveLength(1)
    expect(failed.wakeAt).toBe(360_000)
    expect(readyNames(settle(down(failed.cluster, 'demo-worker', 'True', '2026-01-01T00:02:00Z'), { now: 120_000 }).cluster)).toHaveLength(
      2,
    )
    const evicted = settle(failed.cluster, { now: 360_000 }).cluster
    expect(
      list(evicted, 'Pod')
        .map(({ spec, metadata }) => [spec.nodeName, metadata.deletionTimestamp !== undefined])
        .sort(),
    ).toEqual([
      ['demo-worker', true],
      ['demo-worker2', false],
      ['demo-worker2', false],
    ])
  })
})

test('a NoExecute taint drives out who does not tolerate it, and who does only for a while', () => {
  const spec = (tolerations: Pod['spec']['tolerations'] & object) => ({ nodeName: 'demo-worker', tolerations })
  const patient = { key: 'k', operator: 'Exists', tolerationSeconds: 60 }
  const { cluster } = settle(base(pod('a', {}), pod('b', {}, spec([patient])), pod('c', {}, spec([{ operator: 'Exists' }]))), { now: 0 })
  const old = find(cluster, 'Node', '', 'demo-worker') as Node
  const tainted = settle(store(cluster, [{ ...old, spec: { ...old.spec, taints: [{ key: 'k', effect: 'NoExecute' }] } } as Node]), {
    now: 1000,
  })
  const left = (one: Cluster) =>
    list(one, 'Pod')
      .filter(({ spec: { nodeName } }) => nodeName === 'demo-worker')
      .map(({ metadata }) => metadata.name)
  expect([left(tainted.cluster), tainted.wakeAt]).toEqual([['b', 'c'], 61_000])
  const touched = { ...find(tainted.cluster, 'Pod', 'default', 'b'), extra: 1 } as unknown as Pod
  const later = settle(store(tainted.cluster, [touched]), { now: 30_000 })
  expect([left(later.cluster), later.wakeAt]).toEqual([['b', 'c'], 61_000])
  expect(left(settle(later.cluster, { now: 61_000 }).cluster)).toEqual(['c'])
})

describe('owners', () => {
  test('with a Deployment everything of it goes, with a Service its slices and Endpoints, with a namespace all', () => {
    const { cluster } = settle(base(deployment('web', 2), service('web')), { now: 0 })
    const noDeployment = settle(store(cluster, [], ['Deployment/default/web']), { now: 0 }).cluster
    expect([names(noDeployment, 'ReplicaSet'), names(noDeployment, 'Pod')]).toEqual([[], []])
    const noService = settle(store(cluster, [], ['Service/default/web']), { now: 0 }).cluster
    expect([names(noService, 'EndpointSlice'), names(noService, 'Endpoints'), names(noService, 'Pod').length]).toEqual([[], [], 2])
    const nothing = settle(store(cluster, [], ['Namespace//default']), { now: 0 }).cluster
    expect(['Deployment', 'ReplicaSet', 'Pod', 'Service', 'EndpointSlice', 'Endpoints'].flatMap((kind) => names(nothing, kind))).toEqual([])
  })

  test('Pods of a dump that lacks their ReplicaSet keep their Deployment', () => {
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-7d4b9c', uid: 'uid-rs', controller: true }
    const given = ['x', 'y'].map((suffix): Pod => {
      const one = pod(
        `web-7d4b9c-${suffix}`,
        { app: 'web', 'pod-template-hash': '7d4b9c' },
        { nodeName: 'demo-worker' },
        { phase: 'Running', podIP: `10.244.1.${suffix === 'x' ? 7 : 8}` },
      )
      return { ...one, metadata: { ...one.metadata, ownerReferences: [owner] } }
    })
    const { cluster } = settle(base(deployment('web', 2), ...given), { now: 0 })
    expect([names(cluster, 'ReplicaSet'), names(cluster, 'Pod')]).toEqual([
      ['default/web-7d4b9c'],
      ['default/web-7d4b9c-x', 'default/web-7d4b9c-y'],
    ])
  })

  test('a deleted Pod is replaced under another name', () => {
    const { cluster } = settle(base(deployment('web', 1)), { now: 0 })
    const next = settle(store(cluster, [told(only(cluster), 30)]), { now: 0 }).cluster
    expect(names(next, 'Pod')).toHaveLength(1)
    expect(names(next, 'Pod')).not.toEqual(names(cluster, 'Pod'))
  })
})

test('LoadBalancers: pool order, a class of its own waits, a freed address goes to who waits', () => {
  const lb = (name: string, more = {}) => service(name, { type: 'LoadBalancer', ...more })
  const small = base(lb('a'), lb('b'), lb('c'), lb('d', { loadBalancerClass: 'x/y' }))
  const { cluster } = settle(
    { ...small, settings: { ...small.settings, loadBalancerPool: ['172.18.255.200', '172.18.255.201'] } },
    { now: 0 },
  )
  const given = (one: Cluster) => list(one, 'Service').map(({ status }) => status?.loadBalancer?.ingress?.[0]?.ip)
  expect(given(cluster)).toEqual(['172.18.255.200', '172.18.255.201', undefined, undefined])
  const freed = settle(store(cluster, [], ['Service/default/a']), { now: 0 }).cluster
  expect(given(freed)).toEqual(['172.18.255.201', '172.18.255.200', undefined])
  const more = settle(
    { ...cluster, settings: { ...cluster.settings, loadBalancerPool: [...cluster.settings.loadBalancerPool, '172.18.255.9'] } },
    { now: 0 },
  )
  expect(given(more.cluster)).toEqual(['172.18.255.200', '172.18.255.201', '172.18.255.9', undefined])
})

describe('StatefulSets', () => {
  const set = (replicas: number, image: string, more = {}): StatefulSet => ({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db', namespace: 'default', uid: 'uid-db' },
    spec: {
      replicas,
      serviceName: 'db',
      selector: { matchLabels: { app: 'db' } },
      template: {
        metadata: { labels: { app: 'db' } },
        spec: { containers: [{ name: 'c', image, readinessProbe: { exec: {}, initialDelaySeconds: 5 } }] },
      },
      ...more,
    },
  })

  test('one after the other, with a hostname each', () => {
    const first = settle(base(set(3, 'a:1')), { now: 0 })
    expect(names(first.cluster, 'Pod')).toEqual(['default/db-0'])
    expect(only(first.cluster).spec).toMatchObject({ hostname: 'db-0', subdomain: 'db' })
    const second = settle(first.cluster, { now: 5000 })
    expect(names(second.cluster, 'Pod')).toEqual(['default/db-0', 'default/db-1'])
    const down = settle(store(second.cluster, [set(0, 'a:1')]), { now: 20_000 })
    expect(names(down.cluster, 'Pod')).toEqual([])
  })

  test('Parallel: all at once; a new template from the highest down', () => {
    const { cluster } = settle(base(set(3, 'a:1', { podManagementPolicy: 'Parallel' })), { now: 0 })
    expect(names(cluster, 'Pod')).toHaveLength(3)
    const ready = settle(cluster, { now: 5000 }).cluster
    let next = settle(store(ready, [set(3, 'a:2')]), { now: 6000 })
    const images = (one: Cluster) => list(one, 'Pod').map(({ spec }) => spec.containers[0]?.image)
    expect(images(next.cluster)).toEqual(['a:1', 'a:1', 'a:2'])
    next = settle(next.cluster, { now: 11_000 })
    expect(images(next.cluster)).toEqual(['a:1', 'a:2', 'a:2'])
    next = settle(next.cluster, { now: 16_000 })
    expect(images(next.cluster)).toEqual(['a:2', 'a:2', 'a:2'])
  })
})

test('DaemonSets: one on every node that lets it, and on those that come', () => {
  const set = (image: string, tolerations: Pod['spec']['tolerations'] & object): DaemonSet => ({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'agent', namespace: 'default', uid: 'uid-agent' },
    spec: {
      selector: { matchLabels: { app: 'agent' } },
      template: { metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'c', image }], tolerations } },
    },
  })
  const where = (cluster: Cluster) =>
    list(cluster, 'Pod')
      .map(({ spec }) => spec.nodeName)
      .sort()
  const { cluster } = settle(base(set('a:1', [])), { now: 0 })
  expect(where(cluster)).toEqual(['demo-worker', 'demo-worker2'])
  const everywhere = settle(store(cluster, [set('a:1', [{ operator: 'Exists' }]), node('new', 7)]), { now: 0 }).cluster
  expect(where(everywhere)).toEqual(['demo-control-plane', 'demo-worker', 'demo-worker2', 'new'])
  const rolled = settle(store(everywhere, [set('a:2', [{ operator: 'Exists' }])]), { now: 0 }).cluster
  expect(list(rolled, 'Pod').map(({ spec }) => spec.containers[0]?.image)).toEqual(['a:2', 'a:2', 'a:2', 'a:2'])
  expect(where(settle(store(rolled, [], ['Node//new']), { now: 0 }).cluster)).toEqual(['demo-control-plane', 'demo-worker', 'demo-worker2'])
})

test('hand-written Endpoints are mirrored', () => {
  const { selector: _, ...spec } = service('ext').spec
  const endpoints = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'ext', namespace: 'default', uid: 'e' },
    subsets: [{ addresses: [{ ip: '192.0.2.9' }], ports: [{ port: 5432, protocol: 'TCP' }] }],
  }
  const { cluster } = settle(base({ ...service('ext'), spec } as ApiObject, endpoints as ApiObject), { now: 0 })
  expect(slicesIn(cluster)[0]).toMatchObject({
    endpoints: [{ addresses: ['192.0.2.9'], conditions: { ready: true } }],
    ports: [{ name: '', port: 5432, protocol: 'TCP' }],
  })
  expect(slicesIn(settle(store(cluster, [], ['Endpoints/default/ext']), { now: 0 }).cluster)).toEqual([])
})

test('the order of what was put in changes no name and no address', () => {
  const objects = [deployment('web', 3), deployment('api', 2), service('web'), service('api'), pod('solo', { app: 'web' })]
  const all = (cluster: Cluster) => [...list(cluster, 'Pod'), ...list(cluster, 'EndpointSlice'), ...list(cluster, 'Endpoints')]
  const one = settle(base(...objects), { now: 0 }).cluster
  const other = settle(base(...objects.toReversed()), { now: 0 }).cluster
  expect(all(other)).toEqual(all(one))
})
