import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ApiObject, type Cluster, list, store } from '../api/cluster.ts'
import type { Endpoints } from '../api/kinds/endpoints.ts'
import type { Node } from '../api/kinds/node.ts'
import type { Pod } from '../api/kinds/pod.ts'
import { keyOf } from '../api/meta.ts'
import { clusterOf, deployment, node, pod, service } from '../testing/cluster.ts'
import { slicesIn, stable } from '../testing/sequences.ts'
import { settle } from './settle.ts'
import { whyText } from './why.ts'

type World = { readonly cluster: Cluster; readonly now: number }
type Action = (world: World) => World

const zones = ['a', 'b', 'c']
const nodes = zones.map((zone, i) => node(`node-${i + 1}`, i, { labels: { 'topology.kubernetes.io/zone': zone } }))
const apps = ['web', 'api', 'db']
const app = fc.constantFrom(...apps)
const put =
  (...objects: readonly ApiObject[]): Action =>
  ({ cluster, now }) => ({ cluster: store(cluster, objects), now })
const remove =
  (key: string): Action =>
  ({ cluster, now }) => ({ cluster: store(cluster, [], [key]), now })

/** A change of the `n`-th Pod, whichever that is by then. */
const toPod =
  (n: number, change: (pod: Pod) => Pod | undefined): Action =>
  (world) => {
    const pods = list(world.cluster, 'Pod')
    const chosen = pods[n % Math.max(1, pods.length)]
    if (!chosen) return world
    const changed = change(chosen)
    return { ...world, cluster: changed ? store(world.cluster, [changed]) : store(world.cluster, [], [keyOf(chosen)]) }
  }

const template = (image: string, delay: number, named: number) => ({
  terminationGracePeriodSeconds: 30,
  containers: [
    {
      name: 'c',
      image,
      ports: [{ name: 'http', containerPort: named, protocol: 'TCP' as const }],
      ...(delay > 0 ? { readinessProbe: { tcpSocket: { port: 'http' }, initialDelaySeconds: delay } } : {}),
      ...(delay > 5 ? { lifecycle: { preStop: { sleep: { seconds: delay } } } } : {}),
    },
  ],
})

const deploy = fc
  .record({
    app,
    replicas: fc.nat(7),
    image: fc.constantFrom('a:1', 'a:2'),
    delay: fc.constantFrom(0, 0, 3, 10),
    port: fc.constantFrom(80, 8080),
    recreate: fc.boolean(),
  })
  .map(({ app, replicas, image, delay, port, recreate }): Action => {
    const strategy = recreate ? { strategy: { type: 'Recreate' as const } } : {}
    return put(deployment(app, replicas, strategy, template(image, delay, port)))
  })

const serve = fc
  .record({
    app,
    target: fc.constantFrom<number | string>(80, 8080, 'http'),
    publish: fc.boolean(),
    label: fc.boolean(),
    close: fc.constantFrom(undefined, 'PreferSameZone', 'PreferSameNode'),
    extra: fc.boolean(),
  })
  .map(({ app, target, publish, label, close, extra }): Action => {
    const ports = [
      { name: 'main', port: 80, protocol: 'TCP' as const, targetPort: target },
      ...(extra ? [{ name: 'more', port: 81, protocol: 'TCP' as const, targetPort: 9000 }] : []),
    ]
    // Whether a Service is headless can never change.
    const clusterIP = app === 'db' ? 'None' : '10.96.0.20'
    return put(
      service(
        app,
        { ports, clusterIP, publishNotReadyAddresses: publish, ...(close ? { trafficDistribution: close } : {}) },
        label ? { labels: { team: 'x' } } : {},
      ),
    )
  })

const bare = fc
  .record({
    app,
    n: fc.nat(5),
    ready: fc.boolean(),
    phase: fc.constantFrom('Running' as const, 'Running' as const, 'Succeeded' as const),
    going: fc.boolean(),
    on: fc.constantFrom('node-1', 'node-2', 'nowhere'),
  })
  .map(({ app, n, ready, phase, going, on }): Action => {
    const ip = `10.244.9.${n + 10}`
    const made = pod(
      `bare-${n}`,
      { app },
      { nodeName: on },
      { phase, podIP: ip, podIPs: [{ ip }], conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
    )
    return put(going ? { ...made, metadata: { ...made.metadata, deletionTimestamp: '2026-01-01T00:00:30Z' } } : made)
  })

const flip = fc.record({ n: fc.nat(40), ready: fc.boolean() }).map(
  ({ n, ready }): Action =>
    toPod(n, (one) => ({
      ...one,
      metadata: { ...one.metadata, annotations: { ...one.metadata.annotations, 'kubehop.dev/ready': String(ready) } },
    })),
)
const relabel = fc
  .record({ n: fc.nat(40), app })
  .map(
    ({ n, app: label }): Action =>
      toPod(n, (one) => ({ ...one, metadata: { ...one.metadata, labels: { ...one.metadata.labels, app: label } } })),
  )
const kill = fc
  .record({ n: fc.nat(40), force: fc.boolean() })
  .map(
    ({ n, force }): Action =>
      toPod(n, (one) =>
        force || one.metadata.deletionTimestamp
          ? undefined
          : { ...one, metadata: { ...one.metadata, deletionTimestamp: '2026-01-01T01:00:00Z', deletionGracePeriodSeconds: 30 } },
      ),
  )
const move = fc.record({ n: fc.nat(2), zone: fc.constantFrom(...zones), ready: fc.boolean() }).map(
  ({ n, zone, ready }): Action =>
    ({ cluster, now }) => {
      const old = list(cluster, 'Node')[n] as Node
      const changed: Node = {
        ...old,
        metadata: { ...old.metadata, labels: { ...old.metadata.labels, 'topology.kubernetes.io/zone': zone } },
        status: {
          ...old.status,
          conditions: [{ type: 'Ready', status: ready ? 'True' : 'Unknown', lastTransitionTime: '2026-01-01T00:00:00Z' }],
        },
      }
      return { cluster: store(cluster, [changed]), now }
    },
)
const wait = fc.nat(20_000).map(
  (ms): Action =>
    ({ cluster, now }) => ({ cluster, now: now + ms }),
)
const gone = fc.oneof(
  app.map((name) => remove(`Deployment/default/${name}`)),
  app.map((name) => remove(`Service/default/${name}`)),
)
const action = fc.oneof(
  { weight: 3, arbitrary: deploy },
  { weight: 3, arbitrary: serve },
  { weight: 4, arbitrary: bare },
  { weight: 3, arbitrary: flip },
  { weight: 2, arbitrary: kill },
  { weight: 1, arbitrary: relabel },
  { weight: 1, arbitrary: move },
  { weight: 3, arbitrary: wait },
  { weight: 2, arbitrary: gone },
)

/** What the slices and Endpoints say, whichever slice says it. */
function said(cluster: Cluster): readonly string[] {
  const slices = slicesIn(cluster).flatMap(({ metadata, addressType, ports = [], endpoints = [] }) =>
    // A hint on an endpoint that is not ready is neither given nor taken away.
    endpoints.map(({ hints, ...endpoint }) =>
      stable([metadata.labels, addressType, ports, endpoint, endpoint.conditions?.ready ? hints : undefined]),
    ),
  )
  const endpoints = list(cluster, 'Endpoints').map(({ metadata, subsets }: Endpoints) => stable([metadata.name, metadata.labels, subsets]))
  return [...slices, ...endpoints].sort()
}

/** The same objects, but the slices and Endpoints made from nothing. */
function afresh(cluster: Cluster): Cluster {
  const byKind = new Map(cluster.byKind)
  byKind.delete('EndpointSlice')
  byKind.delete('Endpoints')
  return { settings: cluster.settings, byKind }
}

test('whatever happened on the way, the slices say what the present Pods and Services say', () => {
  const small = clusterOf(...nodes, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } })
  const start: Cluster = { ...small, settings: { ...small.settings, maxEndpointsPerSlice: 3 } }
  fc.assert(
    fc.property(fc.array(action, { minLength: 1, maxLength: 200, size: 'max' }), (actions) => {
      let world: World = { cluster: settle(start, { now: 0 }).cluster, now: 0 }
      for (const each of actions) {
        const next = each(world)
        world = { ...next, cluster: settle(next.cluster, { now: next.now }).cluster }
        expect(slicesIn(world.cluster).every(({ endpoints = [] }) => endpoints.length <= 3)).toBe(true)
      }
      expect(settle(world.cluster, { now: world.now }).changes).toEqual([])
      const fresh = settle(afresh(world.cluster), { now: world.now })
      const others = fresh.changes.filter(({ controller }) => !controller.startsWith('endpoint'))
      expect(others.map(({ change, controller, why }) => `${controller} ${change} ${whyText(why)}`)).toEqual([])
      expect(said(world.cluster)).toEqual(said(fresh.cluster))
    }),
    { seed: 42, numRuns: 10 },
  )
}, 180_000)
