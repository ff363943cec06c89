import { expect, describe as group, test } from 'vitest'
import { parse } from 'yaml'
import { type ApiObject, type Cluster, store } from '../api/cluster.ts'
import type { Service } from '../api/kinds/service.ts'
import { createObject } from '../api/registry.ts'
import { rfc3339 } from '../base/time.ts'
import { settings } from '../testing/cluster.ts'
import { documentsOf, kubectlSessions, rowsOf, type SessionStep, secondsOfAge } from '../testing/kubectlsessions.ts'
import { describe } from './describe.ts'
import { get, type Printed } from './get.ts'
import { resourcesOf } from './resource.ts'
import type { DescribedEvent } from './writer.ts'

/** Any moment will do: ages are taken from the transcripts. */
const NOW = 28_106_297_000
const sessions = kubectlSessions()
const byName = new Map(sessions.map((session) => [session.session.slice(0, 1), session]))
const stdinOf = (session: string) =>
  (byName.get(session)?.steps ?? []).flatMap(({ stdin }) => (stdin ? documentsOf(stdin, byName.get(session)?.namespace ?? '') : []))
const outputOf = (session: string, index: number) => byName.get(session)?.steps[index]?.stdout ?? ''

type Given = readonly ApiObject[]
type Loose = Readonly<Record<string, unknown>>

/** Stores objects through the API server's defaults, allocation and validation. */
function created(objects: Given, serviceCidrs: readonly string[] = ['10.96.0.0/12']): Cluster {
  const families = serviceCidrs.length > 1 ? (['IPv4', 'IPv6'] as const) : (['IPv4'] as const)
  let cluster: Cluster = { settings: { ...settings, serviceCidrs, ipFamilies: families }, byKind: new Map() }
  for (const object of objects) {
    const outcome = createObject(cluster, object, { now: NOW })
    if ('refused' in outcome) throw new Error(outcome.refused.message)
    cluster = outcome.cluster
  }
  return cluster
}

const meta = (namespace: string, name: string, more: Loose = {}) => ({ name, namespace, ...more })
const labelled = (labels: Loose) => ({ labels })

// Session A: Services of every type, one Deployment of five Pods.
const A_PODS = rowsOf(outputOf('A', 35))
const A_TABLE = rowsOf(outputOf('A', 3))
const A_SLICES = rowsOf(outputOf('A', 24))
const NODE_OF: Readonly<Record<string, string>> = { 'node-1': 'zone-a', 'node-2': 'zone-b', 'node-3': 'zone-c' }

function servicesA(assigned: boolean): Cluster {
  const balancers: Readonly<Record<string, readonly Loose[]>> = {
    'lb-ip': [{ ip: '203.0.113.10', ipMode: 'VIP' }],
    'lb-two-ips': [
      { ip: '203.0.113.11', ipMode: 'VIP' },
      { ip: '203.0.113.12', ipMode: 'VIP' },
    ],
    'lb-host': [{ hostname: 'a1b2c3d4e5f6g7h8i9j0.elb.us-east-1.amazonaws.com' }],
  }
  const objects = stdinOf('A')
    .filter(({ kind }) => kind === 'Service')
    .map((object) => {
      const { metadata, spec } = object as Service
      const ip = A_TABLE.find((row) => row['NAME'] === metadata.name)?.['CLUSTER-IP'] ?? ''
      const health = metadata.name === 'lb-ip' ? { healthCheckNodePort: 31769 } : {}
      return { ...object, spec: { ...spec, ...(/^\d/.test(ip) ? { clusterIP: ip } : {}), ...health } } as ApiObject
    })
  const kubernetes = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: meta('default', 'kubernetes'),
    spec: { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, targetPort: 6443 }] },
  } as ApiObject
  const cluster = created([...objects, kubernetes])
  const services = [...(cluster.byKind.get('Service')?.values() ?? [])]
  return store(
    cluster,
    services.map(
      (one) => ({ ...one, status: { loadBalancer: assigned ? { ingress: balancers[one.metadata.name] ?? [] } : {} } }) as ApiObject,
    ),
  )
}

type PodPhase = 'waiting' | 'bound' | 'running'

function podsA(phase: PodPhase, ready: readonly string[]): Given {
  return A_PODS.map((row) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: meta('demo', row['NAME'] ?? '', labelled({ app: 'web' })),
    spec: { containers: [{ name: 'nginx', image: 'nginx:1.29' }], ...(phase === 'waiting' ? {} : { nodeName: row['NODE'] }) },
    status:
      phase === 'running'
        ? {
            phase: 'Running',
            podIP: row['IP'],
            podIPs: [{ ip: row['IP'] }],
            containerStatuses: [{ name: 'nginx', ready: ready.includes(row['IP'] ?? ''), restartCount: 0, state: { running: {} } }],
          }
        : { phase: 'Pending' },
  })) as Given
}

function workloadA(available: number): Given {
  const [deployment] = stdinOf('A').filter(({ kind }) => kind === 'Deployment')
  const spec = (deployment as ApiObject & { readonly spec: Loose }).spec
  const set = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: meta('demo', 'web-78b698988b'),
    spec: { ...spec, selector: { matchLabels: { app: 'web', 'pod-template-hash': '78b698988b' } } },
    status: { replicas: 5, readyReplicas: available },
  }
  return [
    { ...deployment, status: { replicas: 5, updatedReplicas: 5, readyReplicas: available, availableReplicas: available } },
    set,
  ] as unknown as Given
}

const A_ORDER = ['10.244.0.2', '10.244.1.2', '10.244.2.2', '10.244.1.3', '10.244.0.3']
const UNORDERED = ['10.244.0.2', '10.244.1.2', '10.244.2.2', '10.244.0.3', '10.244.1.3']

function endpointsA(pods: PodPhase, ready: readonly string[]): Given {
  const names: Readonly<Record<string, string>> = { 8443: 'https', 53: 'dns' }
  return A_SLICES.flatMap((row) => {
    const service = (row['NAME'] ?? '').replace(/-[^-]+$/, '')
    const named = service === 'multiport' || service === 'nodeport'
    const ports = (row['PORTS'] === '<unset>' ? [] : (row['PORTS'] ?? '').split(',')).map((port) => ({
      name: named ? (names[port] ?? (port === '9100' ? 'metrics' : 'http')) : '',
      port: Number(port),
      protocol: port === '53' ? 'UDP' : 'TCP',
    }))
    const order = service === 'headless-noports' ? UNORDERED : A_ORDER
    const endpoints = pods === 'running' ? order.map((ip) => endpointA(ip, ready.includes(ip))) : []
    const own = service === 'clusterip' ? { app: 'web', tier: 'front' } : {}
    const headless = service === 'headless-noports' ? { 'service.kubernetes.io/headless': '' } : {}
    const managed = { 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io', 'kubernetes.io/service-name': service }
    const annotations = { 'endpoints.kubernetes.io/last-change-trigger-time': '2026-11-22T07:15:35Z' }
    const sorted = [...A_ORDER].sort().map((ip) => ({ ip }))
    const subset = {
      addresses: sorted.filter(({ ip }) => ready.includes(ip)),
      notReadyAddresses: sorted.filter(({ ip }) => !ready.includes(ip)),
      ports: ports.map(({ name, ...port }) => (name === '' ? port : { name, ...port })),
    }
    return [
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: meta('demo', row['NAME'] ?? '', { labels: { ...own, ...managed, ...headless }, annotations }),
        addressType: 'IPv4',
        endpoints,
        ports: pods === 'running' ? ports : [],
      },
      {
        apiVersion: 'v1',
        kind: 'Endpoints',
        metadata: meta('demo', service, { labels: { ...own, 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' }, annotations }),
        subsets: pods === 'running' ? [subset] : [],
      },
    ]
  }) as unknown as Given
}

function endpointA(ip: string, ready: boolean) {
  const pod = A_PODS.find((row) => row['IP'] === ip)
  const nodeName = pod?.['NODE'] ?? ''
  return {
    addresses: [ip],
    conditions: { ready, serving: ready, terminating: false },
    targetRef: { kind: 'Pod', namespace: 'demo', name: pod?.['NAME'] },
    nodeName,
    zone: NODE_OF[nodeName],
  }
}

function worldA(index: number): Cluster {
  const ready = index < 26 ? [] : index < 31 ? A_ORDER.slice(0, 3) : index < 34 ? [...A_ORDER.slice(0, 3), '10.244.0.3'] : A_ORDER
  const pods: PodPhase = index < 18 ? 'waiting' : index < 20 ? 'bound' : 'running'
  const services = servicesA(index > 1)
  return index < 12 ? services : store(services, [...podsA(pods, ready), ...workloadA(ready.length), ...endpointsA(pods, ready)])
}

// Session D: Ingresses.
function worldD(index: number): Cluster {
  const cluster = created(stdinOf('D').filter(({ kind }) => kind !== 'Deployment'))
  const addresses: Readonly<Record<string, readonly Loose[]>> = {
    fanout: [{ ip: '203.0.113.20' }],
    manyhosts: [{ ip: '203.0.113.20' }, { ip: '203.0.113.21' }],
    tls: [{ hostname: 'verylonghostname-1234567890.elb.us-east-1.amazonaws.com' }],
  }
  const slice = (service: string, name: string, port: number, ips: readonly string[]) => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: meta('ing', `${service}-x`, labelled({ 'kubernetes.io/service-name': service })),
    addressType: 'IPv4',
    endpoints: ips.map((ip) => ({ addresses: [ip], conditions: { ready: true } })),
    ports: ips.length > 0 ? [{ name, port, protocol: 'TCP' }] : [],
  })
  const ingresses = [...(cluster.byKind.get('Ingress')?.values() ?? [])]
  const after = ingresses.map((one) => ({ ...one, status: { loadBalancer: { ingress: addresses[one.metadata.name] ?? [] } } }))
  if (index < 13) return cluster
  return store(cluster, [
    ...after,
    slice('web', 'http', 8080, ['10.244.0.2', '10.244.1.2']),
    slice('api', '', 8080, []),
  ] as unknown as Given)
}

// Session E: Pods in every state.
function worldE(index: number): Cluster {
  const ago = rfc3339(NOW - (index === 2 ? 33_000 : 32_000))
  const waiting = (reason: string) => ({ phase: 'Pending', statuses: [{ ready: false, state: { waiting: { reason } } }] })
  const ended = (phase: string, reason: string, exitCode: number) => ({
    phase,
    statuses: [{ ready: false, state: { terminated: { reason, exitCode } } }],
  })
  const running = { ready: true, state: { running: { startedAt: '2026-11-22T07:18:17Z' } } }
  const lost = { metadata: { deletionTimestamp: '2026-11-22T07:18:47Z' }, status: { reason: 'NodeLost' } }
  const shapes: Readonly<Record<string, Loose>> = {
    completed: ended('Succeeded', 'Completed', 0),
    crashloop: {
      statuses: [
        {
          ready: false,
          restartCount: 4,
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: { terminated: { exitCode: 1, finishedAt: ago } },
        },
      ],
    },
    creating: waiting('ContainerCreating'),
    errimagepull: waiting('ErrImagePull'),
    error: ended('Failed', 'Error', 1),
    evicted: { phase: 'Failed', status: { reason: 'Evicted' } },
    gates: { spec: { readinessGates: [{ conditionType: 'example.com/gate' }] }, statuses: [running] },
    imagepull: waiting('ImagePullBackOff'),
    init: waiting('PodInitializing'),
    oom: ended('Failed', 'OOMKilled', 137),
    pending: { phase: 'Pending' },
    'running-notready': { statuses: [{ ...running, ready: false }] },
    'running-ready': { statuses: [running] },
    sidecar: {
      statuses: [running],
      spec: { initContainers: [{ name: 's', restartPolicy: 'Always' }] },
      status: { initContainerStatuses: [{ name: 's', ready: true, started: true, state: { running: {} } }] },
    },
    terminating: { metadata: { deletionTimestamp: '2026-11-22T07:18:47Z' }, statuses: [running] },
    'two-containers': {
      statuses: [running, { ...running, ready: false }],
      spec: { containers: [{ name: 'c' }, { name: 'd' }] },
    },
    unknown: { ...lost, statuses: [running] },
  }
  const pods = rowsOf(outputOf('E', 1)).map((row) => podE(row, shapes[row['NAME'] ?? ''] ?? {}))
  const service = created([
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: meta('states', 'st'),
      spec: { clusterIP: '10.102.107.68', selector: { app: 'st' }, ports: [{ port: 80 }] },
    } as ApiObject,
  ])
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: meta('states', 'st-x', labelled({ 'kubernetes.io/service-name': 'st' })),
    addressType: 'IPv4',
    endpoints: ['27', '23', '32', '33'].map((last) => ({
      addresses: [`10.244.0.${last}`],
      conditions: { ready: last.startsWith('3') },
    })),
    ports: [{ name: '', port: 80, protocol: 'TCP' }],
  }
  const endpoints = parse(outputOf('E', 5)) as ApiObject
  return store(service, [...pods, slice, endpoints] as unknown as Given)
}

function podE(row: Readonly<Record<string, string>>, shape: Loose): Loose {
  const { phase = 'Running', statuses = [], spec = {}, status = {}, metadata = {} } = shape as Record<string, Loose[] & Loose & string>
  const bound = row['NODE'] !== '<none>'
  const ip = row['IP'] === '<none>' ? undefined : row['IP']
  const tolerations = ['not-ready', 'unreachable'].map((why) => ({
    key: `node.kubernetes.io/${why}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 300,
  }))
  const types = ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled']
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: meta('states', row['NAME'] ?? '', {
      labels: { app: 'st', ...(bound ? { 'topology.kubernetes.io/zone': 'zone-a' } : {}) },
      ...metadata,
    }),
    spec: { priority: 0, containers: [{ name: 'c', image: 'nginx' }], tolerations, ...(bound ? { nodeName: row['NODE'] } : {}), ...spec },
    status: {
      phase,
      hostIP: '192.168.1.11',
      startTime: '2026-11-22T07:18:17Z',
      ...(ip ? { podIP: ip, podIPs: [{ ip }] } : {}),
      conditions: types.map((type) => ({ type, status: 'True' })),
      containerStatuses: (statuses as readonly Loose[]).map((one, index) => ({ name: 'cd'[index], restartCount: 0, ...one })),
      ...status,
    },
  }
}

// Sessions F and H: the Services as they then were, by their own `-o jsonpath={.spec}`, else made as they were typed.
function servicesFrom(session: 'F' | 'H', index: number, cidrs: readonly string[]): Cluster {
  const { namespace = '', steps = [] } = byName.get(session) ?? {}
  let cluster = created([], cidrs)
  for (const step of steps.slice(0, index + 1)) {
    const name = /^kubectl get svc (\S+) -o jsonpath=\{\.spec\}$/.exec(step.cmd ?? '')?.[1]
    if (name === undefined || step.rc !== 0) continue
    const object = { apiVersion: 'v1', kind: 'Service', metadata: meta(namespace, name), spec: JSON.parse(step.stdout ?? '') } as ApiObject
    cluster = store(cluster, [object])
  }
  return cluster
}

function worldF(index: number): Cluster {
  const rows = rowsOf(outputOf('F', index)).filter((row) => row['CLUSTER-IP'] !== undefined)
  const typed = rows.map((row) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: meta('upd', row['NAME'] ?? ''),
    spec: {
      type: row['TYPE'],
      clusterIP: row['CLUSTER-IP'],
      ports: (row['PORT(S)'] ?? '').split(',').map((text) => {
        const [, port, nodePort] = /^(\d+)(?::(\d+))?\/TCP$/.exec(text) ?? []
        return { name: `p${port}`, port: Number(port), ...(nodePort ? { nodePort: Number(nodePort) } : {}) }
      }),
    },
  }))
  return rows.length > 0 ? created(typed as unknown as Given) : servicesFrom('F', index, ['10.96.0.0/12'])
}

function worldH(index: number): Cluster {
  const cidrs = ['10.96.0.0/16', 'fd00:10:96::/112']
  const kubernetes = parse(outputOf('H', 34)) as ApiObject
  return store(servicesFrom('H', index, cidrs), [kubernetes])
}

// Session J: scaled down.
const J_TEMPLATE = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } }

function worldJ(index: number): Cluster {
  const shown = byName.get('J')?.steps[index]?.stdout ?? ''
  const wide = rowsOf(outputOf('J', 1))
  const pods = rowsOf(shown)
    .filter((row) => row['READY'] !== undefined)
    .map((row) => podJ(row, wide))
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: meta('scale', 'web'),
    spec: {
      clusterIP: '10.110.178.50',
      selector: { app: 'web' },
      ports: [{ name: 'http', port: 80, targetPort: 8080 }],
      trafficDistribution: 'PreferSameZone',
    },
  } as ApiObject
  const state = index < 3 ? 'four' : index < 16 ? 'two' : 'none'
  const ready = state === 'four' ? UNORDERED.slice(0, 4) : state === 'two' ? ['10.244.1.2', '10.244.2.2'] : []
  const port = { name: 'http', port: 8080, protocol: 'TCP' }
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: meta('scale', 'web-4cjg4', labelled({ 'kubernetes.io/service-name': 'web' })),
    addressType: 'IPv4',
    endpoints: state === 'none' ? [] : UNORDERED.slice(0, 4).map((ip) => ({ addresses: [ip], conditions: { ready: ready.includes(ip) } })),
    ports: state === 'none' ? [] : [port],
  }
  const endpoints = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: meta('scale', 'web'),
    subsets: ready.length > 0 ? [{ addresses: ready.map((ip) => ({ ip })), ports: [port] }] : [],
  }
  return index > 18 ? created([]) : store(created([service]), [...pods, slice, endpoints, ...workloadJ()] as unknown as Given)
}

function podJ(row: Readonly<Record<string, string>>, wide: readonly Readonly<Record<string, string>>[]): Loose {
  const placed = wide.find((one) => one['NAME'] === row['NAME'])
  const ready = row['READY'] === '1/1'
  const going = row['STATUS'] === 'Terminating' ? { deletionTimestamp: '2026-11-22T07:34:26Z' } : {}
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: meta('scale', row['NAME'] ?? '', { ...labelled({ app: 'web' }), ...going }),
    spec: { containers: [{ name: 'c', image: 'nginx' }], ...(placed ? { nodeName: placed['NODE'] } : {}) },
    status: {
      phase: ready ? 'Running' : 'Pending',
      ...(placed ? { podIPs: [{ ip: placed['IP'] }] } : {}),
      containerStatuses: ready ? [{ name: 'c', ready, restartCount: 0, state: { running: {} } }] : [],
    },
  }
}

function workloadJ(): readonly Loose[] {
  const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'u', controller: true }
  const annotations = { 'deployment.kubernetes.io/revision': '1' }
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: meta('scale', 'web', { annotations, creationTimestamp: '2026-11-22T07:33:52Z' }),
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
      template: J_TEMPLATE,
    },
    status: {
      replicas: 2,
      updatedReplicas: 2,
      availableReplicas: 2,
      readyReplicas: 2,
      conditions: [
        { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable' },
        { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
      ],
    },
  }
  const set = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: meta('scale', 'web-64586f5df', { ownerReferences: [owner], annotations }),
    spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, template: J_TEMPLATE },
    status: { replicas: 2 },
  }
  return [deployment, set]
}

const J_EVENTS: readonly DescribedEvent[] = [
  { message: 'Scaled up replica set web-64586f5df from 0 to 4', seconds: 5 },
  { message: 'Scaled down replica set web-64586f5df from 4 to 2', seconds: 2 },
].map(({ message, seconds }) => ({
  type: 'Normal',
  reason: 'ScalingReplicaSet',
  at: rfc3339(NOW - seconds * 1000),
  from: 'deployment-controller',
  message,
}))

// Session C: more than a thousand addresses, and mirrored Endpoints.
function worldC(index: number): Cluster {
  const fill = (count: number, first: readonly string[]) => [
    ...first,
    ...Array.from({ length: count - first.length }, (_, i) => `10.250.${Math.floor(i / 250)}.${i % 250}`),
  ]
  const slice = (name: string, ips: readonly string[], port: Loose, service = 'big') => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: meta('big', name, labelled({ 'kubernetes.io/service-name': service })),
    addressType: ips[0]?.includes(':') ? 'IPv6' : 'IPv4',
    endpoints: ips.map((ip) => ({ addresses: [ip], conditions: { ready: ip !== '192.0.2.12' } })),
    ports: [port],
  })
  const http = { name: 'http', port: 8080, protocol: 'TCP' }
  if (index < 4) {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: meta('big', 'big'),
      spec: { clusterIP: '10.110.196.250', selector: { app: 'big' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
    } as ApiObject
    const listed = fill(900, ['10.245.0.10', '10.245.0.100', '10.245.0.101']).map((ip) => ({ ip }))
    const endpoints = {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: meta('big', 'big'),
      subsets: [{ addresses: listed, ports: [http] }],
    }
    const table = rowsOf(outputOf('C', 3)).map((row) => {
      const [first = '', more = '0'] = (row['ENDPOINTS'] ?? '').split(' + ')
      return slice(row['NAME'] ?? '', fill(3 + Number.parseInt(more, 10), first.split(',')), http)
    })
    const ready = slice('big-x', fill(900, ['10.245.0.207', '10.245.0.200', '10.245.0.204']), http)
    return store(created([service]), [endpoints, ...(index === 3 ? table : [ready])] as unknown as Given)
  }
  const typed = stdinOf('C').filter(({ kind }) => index > 16 || kind !== 'EndpointSlice')
  const ips: Readonly<Record<string, string>> = { ext: '10.98.148.143', skip: '10.99.147.62' }
  const objects = typed.map((object) =>
    object.kind === 'Service'
      ? ({ ...object, spec: { ...(object as Service).spec, clusterIP: ips[object.metadata.name] } } as ApiObject)
      : object,
  )
  const v4 = ['192.0.2.10', '192.0.2.11', '192.0.2.12']
  return store(created(objects), [
    slice('ext-87xz8', v4, { name: 'db', port: 5432 }, 'ext'),
    slice('ext-l7f49', v4, { name: 'm', port: 9187 }, 'ext'),
    slice('ext-mmvvp', ['2001:db8::5'], { name: 'db', port: 5432 }, 'ext'),
  ] as unknown as Given)
}

const worlds: Readonly<Record<string, (index: number) => Cluster>> = {
  A: worldA,
  C: worldC,
  D: worldD,
  E: worldE,
  F: worldF,
  H: worldH,
  J: worldJ,
}

/** Commands that no `get` or `describe` stands for: they write, wait or look at what is not kept. */
const WRITES = /^kubectl (apply|create|delete|expose|patch|rollout|scale)\b/

/** Readings that are left out, by session and step, with the reason. */
const skipped: Readonly<Record<string, string>> = {
  'J 21': 'events are made for a description only: they are no stored objects',
}

const readings = sessions.flatMap(({ session, namespace, steps }) =>
  steps.flatMap((step, index) => {
    const id = `${session.slice(0, 1)} ${index}`
    if (step.cmd === undefined || WRITES.test(step.cmd) || skipped[id] !== undefined) return []
    return [{ id, letter: session.slice(0, 1), index, namespace, cmd: step.cmd, step }]
  }),
)

group('recorded kubectl sessions', () => {
  test.each(readings)('$id $cmd', ({ letter, index, namespace, cmd, step }) => {
    const printed = replay(letter, index, namespace, cmd, step)
    expect(printed.out).toBe(step.stdout)
    expect(printed.err).toBe(step.stderr)
    expect(printed.code).toBe(step.rc)
  })

  test('every command is replayed or is no reading', () => {
    const all = sessions.flatMap(({ steps }) => steps.filter(({ cmd }) => cmd !== undefined))
    const writes = all.filter(({ cmd }) => WRITES.test(cmd ?? ''))
    expect(all).toHaveLength(226)
    expect(readings.length + writes.length + Object.keys(skipped).length).toBe(226)
  })
})

function replay(letter: string, index: number, namespace: string, cmd: string, step: SessionStep): Printed {
  const [, verb, ...words] = cmd.split(' ')
  const resources: string[] = []
  const options: {
    namespace: string
    output?: string
    selector?: string
    allNamespaces?: boolean
    showLabels?: boolean
    noHeaders?: boolean
  } = {
    namespace,
  }
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? ''
    if (word === '-o') options.output = words[++i] ?? ''
    else if (word === '-l') options.selector = words[++i] ?? ''
    else if (word === '-A') options.allNamespaces = true
    else if (word === '--show-labels') options.showLabels = true
    else if (word === '--no-headers') options.noHeaders = true
    else resources.push(word)
  }
  const cluster = withRecorded(worlds[letter]?.(index) ?? created([]), step, resources, options.output)
  if (verb === 'describe') return describe(cluster, resources, options, NOW, ({ kind }) => (kind === 'Deployment' ? J_EVENTS : []))
  return get(cluster, resources, options, NOW)
}

/**
 * What cannot be computed is taken from the transcript: ages from its table; and of `-o yaml` the objects themselves, so that there it is
 * the printing that is tried.
 */
function withRecorded(cluster: Cluster, step: SessionStep, resources: readonly string[], output: string | undefined): Cluster {
  const text = step.stdout ?? ''
  if (step.rc !== 0) return cluster
  if (output === 'yaml') {
    const whole = parse(text) as ApiObject & { readonly items?: Given }
    const bare = store(cluster, [], [...(cluster.byKind.get('EndpointSlice')?.keys() ?? [])])
    return store(bare, whole.items ?? [whole])
  }
  const kinds = (resourcesOf(resources[0]?.split(/[,/]/)[0] ?? '') ?? []).map(({ kind }) => kind)
  const headers = ['NAME', 'READY', 'AGE']
  const table = step.cmd?.includes('--no-headers') ? `${outputOf('A', 2).split('\n')[0]}\n${text}` : text
  let aged = cluster
  for (const row of rowsOf(table)) {
    const age = row[headers[2] ?? '']
    const name = (row['NAME'] ?? '').replace(/^\S*\//, '').replace(/ \(default\)$/, '')
    if (age === undefined) continue
    const creationTimestamp = rfc3339(NOW - secondsOfAge(age) * 1000)
    const all = [...aged.byKind.values()].flatMap((map) => [...map.values()])
    const mine = all.filter(
      (one) => one.metadata.name === name && (kinds.length !== 1 || resources[0]?.includes(',') || one.kind === kinds[0]),
    )
    // The ServiceCIDR is derived: it is as old as the namespaces.
    const namespaceMade = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default', creationTimestamp } }
    aged = store(
      aged,
      kinds.includes('ServiceCIDR') ? [namespaceMade] : mine.map((one) => ({ ...one, metadata: { ...one.metadata, creationTimestamp } })),
    )
  }
  return aged
}
