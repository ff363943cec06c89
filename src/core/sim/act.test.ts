import { describe, expect, test } from 'vitest'
import { at, list } from '../api/cluster.ts'
import type { ScenarioStep } from '../api/kinds/scenario.ts'
import { load } from '../api/load.ts'
import { MODE_IDS } from '../kernel/program.ts'
import { CLIENT, deployment, documents, send, service, worldFrom } from '../testing/scene.ts'
import { act, type ControlStep } from './act.ts'
import { diagnose } from './diagnose.ts'
import { nodeProgram } from './programs.ts'
import type { World } from './world.ts'

const WEB = documents(CLIENT, deployment('web', 2, 8080), service('web', 'selector: {app: web}, ports: [{port: 80, targetPort: 8080}]'))
const REQUEST = { from: 'pod/default/client', to: 'http://web/' } as const

const step = (world: World, doing: ScenarioStep) => act(world, doing as ControlStep)
const codeOf = (world: World, request: { from: string; to: string } = REQUEST) => send(world, request).trace.verdict.code
const podNames = (world: World) =>
  list(world.cluster, 'Pod')
    .filter(({ metadata }) => metadata.labels?.['app'] === 'web')
    .map(({ metadata }) => metadata.name)

describe('a Service name that nft takes for no comment', () => {
  const namespace = 'n'.repeat(62)
  const name = 's'.repeat(63)
  const long = (replicas: number) =>
    documents(
      WEB,
      `{apiVersion: v1, kind: Namespace, metadata: {name: ${namespace}}}`,
      deployment('long', replicas, 80, namespace),
      `{apiVersion: v1, kind: Service, metadata: {name: ${name}, namespace: ${namespace}}, spec: {selector: {app: long}, ports: [{name: http, port: 80}]}}`,
    )
  const codes = (text: string, mode: 'iptables' | 'nftables') => {
    const files = [{ name: 'a.yaml', text }]
    return diagnose(load(files, { bare: false, mode }), files, undefined).map(({ code }) => code)
  }

  test('fails every sync while it has no endpoints, and nothing is programmed', () => {
    // The question to the cluster's DNS already leads nowhere.
    expect(codeOf(worldFrom(long(0), 'nftables'))).toBe('LEFT_CLUSTER')
    expect(codeOf(worldFrom(long(0), 'nftables'), { ...REQUEST, to: 'http://10.96.0.10:9153/' })).toBe('LEFT_CLUSTER')
    expect(codeOf(worldFrom(long(0), 'iptables'))).toBe('DELIVERED')
    expect(codes(long(0), 'nftables')).toContain('NFT_COMMENT_TOO_LONG')
    expect(codes(long(1), 'nftables')).not.toContain('NFT_COMMENT_TOO_LONG')
    expect(codes(long(0), 'iptables')).not.toContain('NFT_COMMENT_TOO_LONG')
  })

  test('what was programmed before stays, until a sync succeeds', () => {
    let world = worldFrom(long(1), 'nftables')
    expect(codeOf(world)).toBe('DELIVERED')
    world = step(world, { step: 'scale', object: `Deployment/${namespace}/long`, replicas: 0 }).world
    world = step(world, { step: 'scale', object: 'Deployment/default/web', replicas: 0 }).world
    // Nobody answers at the old addresses, but the old rules still lead there.
    expect(codeOf(world)).toBe('NO_ROUTE')
    world = step(world, { step: 'scale', object: `Deployment/${namespace}/long`, replicas: 1 }).world
    expect(codeOf(world)).toBe('REJECTED_NO_ENDPOINTS')
  })
})

test('no comment of kube-proxy is too long for iptables, which takes 255 characters', () => {
  const namespace = 'n'.repeat(63)
  const text = documents(
    `{apiVersion: v1, kind: Namespace, metadata: {name: ${namespace}}}`,
    deployment('web', 1, 80, namespace),
    `{apiVersion: v1, kind: Service, metadata: {name: ${'s'.repeat(63)}, namespace: ${namespace}}, spec: {type: LoadBalancer, externalTrafficPolicy: Local, loadBalancerSourceRanges: [10.0.0.0/8], sessionAffinity: ClientIP, selector: {app: web}, ports: [{name: ${'p'.repeat(15)}, port: 80}]}}`,
  )
  const program = nodeProgram(worldFrom(text).cluster, 'demo-worker', 'iptables')
  const comments = (program?.families ?? []).flatMap(({ chains }) =>
    chains.flatMap(({ rules }) => rules.flatMap(({ matches }) => matches.flatMap((m) => (m.match === 'comment' ? m.text.length : [])))),
  )
  expect(Math.max(...comments)).toBeGreaterThan(150)
  expect(Math.max(...comments)).toBeLessThan(256)
})

describe('steps', () => {
  test('a deleted Pod is replaced by another, at another address', () => {
    const world = worldFrom(WEB)
    const [first = ''] = podNames(world)
    const acted = step(world, { step: 'delete', object: `Pod/default/${first}` })
    expect(podNames(acted.world)).toHaveLength(2)
    expect(podNames(acted.world)).not.toContain(first)
    expect(acted.changes.some(({ op, object }) => op === 'delete' && object.metadata.name === first)).toBe(true)
    expect(acted.changes.every(({ reason }) => reason !== '')).toBe(true)
  })

  test('readiness lost and found', () => {
    let world = worldFrom(WEB)
    for (const index of [0, 1]) world = step(world, { step: 'ready', pod: `deploy/default/web#${index}`, value: false }).world
    expect(codeOf(world)).toBe('REJECTED_NO_ENDPOINTS')
    world = step(world, { step: 'ready', pod: 'deploy/default/web#0', value: true }).world
    expect(codeOf(world)).toBe('DELIVERED')
  })

  test.each([
    ['Service', { spec: '300' }, 'cannot unmarshal string'],
    ['Deployment', { 'spec.replicas': 1e30 }, 'cannot unmarshal number'],
    ['Service', { 'spec.ports': [null, 3] }, 'cannot unmarshal number'],
    ['Service', { 'spec.ports[5000000].port': 1 }, 'the list has no such item'],
    ['Service', { 'metadata.name': 'other' }, 'cannot change'],
    ['Service', { kind: 'Pod' }, ''],
  ])('a patch of a %s that makes no sense is refused: %j', (kind, set, message) => {
    const world = worldFrom(WEB)
    const acted = step(world, { step: 'patch', object: `${kind}/default/web`, set })
    expect(acted.refused.map((refused) => refused.message).join()).toContain(message)
    expect(acted.refused).toHaveLength(1)
    expect(acted.world).toBe(world)
  })

  test('scaling to nothing and back', () => {
    const none = step(worldFrom(WEB), { step: 'scale', object: 'Deployment/default/web', replicas: 0 }).world
    expect(codeOf(none)).toBe('REJECTED_NO_ENDPOINTS')
    expect(codeOf(step(none, { step: 'scale', object: 'Deployment/default/web', replicas: 3 }).world)).toBe('DELIVERED')
  })

  test('what the API server refuses changes nothing and is said in its words', () => {
    const world = worldFrom(WEB)
    const acted = step(world, { step: 'patch', object: 'Service/default/web', set: { 'spec.ports[0].port': 99_999 } })
    expect(acted.world).toBe(world)
    expect(acted.refused[0]?.message).toContain('must be between 1 and 65535, inclusive')
    expect(step(world, { step: 'delete', object: 'Service/default/nope' }).refused[0]?.reason).toBe('NotFound')
  })

  test('a Pod applied with its status is a fact: it is replaced as given, whatever an API server would guard', () => {
    const fact = (node: string, image: string, rest: string) =>
      `{apiVersion: v1, kind: Pod, metadata: {name: fact, labels: {app: web}${rest}}, spec: {nodeName: ${node}, containers: [{name: c, image: ${image}}]}, status: {phase: Running, podIP: 10.244.9.9, conditions: [{type: Ready, status: "True"}]}}`
    const first = step(worldFrom(WEB), { step: 'apply', text: fact('demo-worker', 'a', ', uid: one') })
    const moved = step(first.world, { step: 'apply', text: fact('elsewhere', 'b', ', uid: two') })
    const going = step(moved.world, { step: 'apply', text: fact('elsewhere', 'b', ', deletionTimestamp: "2026-01-01T00:01:00Z"') })
    expect([first, moved, going].flatMap(({ refused }) => refused)).toEqual([])
    const pod = (one: World) =>
      at(one.cluster, 'Pod/default/fact') as { spec?: { nodeName?: string }; metadata: { uid?: string } } | undefined
    expect(pod(moved.world)?.spec?.nodeName).toBe('elsewhere')
    expect(pod(moved.world)?.metadata.uid).toBe('two')
    // On a node that does not exist nothing ends it: it was given like this.
    expect(pod(going.world)).toBeDefined()
    const patched = step(moved.world, { step: 'patch', object: 'Pod/default/fact', set: { 'spec.nodeName': 'demo-worker2' } })
    expect(patched.refused[0]?.code).toBe(422)
  })

  test('an apply replaces whole objects in one instant and keeps what was allocated', () => {
    const world = worldFrom(WEB)
    const ip = (one: World) => (at(one.cluster, 'Service/default/web') as { spec?: { clusterIP?: string } } | undefined)?.spec?.clusterIP
    const text = documents(
      service('web', 'selector: {app: web}, ports: [{port: 81, targetPort: 8080}]'),
      service('more', 'ports: [{port: 1}]'),
    )
    const acted = step(world, { step: 'apply', text })
    expect(ip(acted.world)).toBe(ip(world))
    expect(codeOf(acted.world, { ...REQUEST, to: 'http://web:81/' })).toBe('DELIVERED')
    expect(acted.changes.map(({ op, object }) => `${op} ${object.kind}/${object.metadata.name}`).slice(0, 2)).toEqual([
      'update Service/web',
      'create Service/more',
    ])
  })

  test('deleting a Service takes its slices with it', () => {
    const { world } = step(worldFrom(WEB), { step: 'delete', object: 'Service/default/web' })
    expect(
      list(world.cluster, 'EndpointSlice').filter(({ metadata }) => metadata.namespace === 'default' && metadata.name.startsWith('web')),
    ).toEqual([])
    expect(codeOf(world)).toBe('NXDOMAIN')
  })
})

describe('each kube-proxy at its own time', () => {
  const lagging = (lag: string) =>
    worldFrom(
      documents(
        WEB,
        `{apiVersion: v1, kind: Node, metadata: {name: demo-worker, annotations: {kubehop.dev/proxy-lag: ${lag}}}, spec: {podCIDR: 10.244.1.0/24}, status: {addresses: [{type: InternalIP, address: 172.18.0.3}]}}`,
        '{apiVersion: v1, kind: Node, metadata: {name: demo-worker2}, spec: {podCIDR: 10.244.2.0/24}, status: {addresses: [{type: InternalIP, address: 172.18.0.4}]}}',
      ),
    )
  const gone = (world: World) => step(world, { step: 'scale', object: 'Deployment/default/web', replicas: 0 }).world

  test('a lagging one still sends to Pods that are gone, until the news arrives', () => {
    const world = gone(lagging('10s'))
    expect(codeOf(world)).toBe('NO_ROUTE')
    expect(codeOf(step(world, { step: 'wait', ms: 9_999 }).world)).toBe('NO_ROUTE')
    expect(codeOf(step(world, { step: 'wait', ms: 10_000 }).world)).toBe('REJECTED_NO_ENDPOINTS')
  })

  test('a frozen one never learns; thawed, at once', () => {
    let world = step(worldFrom(WEB), { step: 'freeze', node: 'demo-worker' }).world
    world = step(gone(world), { step: 'wait', ms: 3_600_000 }).world
    expect(codeOf(world)).toBe('NO_ROUTE')
    expect(codeOf(step(world, { step: 'thaw', node: 'demo-worker' }).world)).toBe('REJECTED_NO_ENDPOINTS')
  })
})

describe('faults', () => {
  const far = documents(
    CLIENT,
    '{apiVersion: v1, kind: Pod, metadata: {name: far, labels: {app: far}}, spec: {nodeName: demo-worker2, containers: [{name: c, image: x, ports: [{containerPort: 80}]}]}}',
    service('far', 'selector: {app: far}, ports: [{port: 80}]'),
  )
  const request = { from: 'pod/default/client', to: 'http://far/' }

  test('a broken link and a mended one', () => {
    const fault = { fault: 'link', nodes: ['demo-worker', 'demo-worker2'] } as const
    const broken = step(worldFrom(far), { step: 'fault', fault }).world
    expect(send(broken, request).trace.verdict).toMatchObject({ code: 'TIMEOUT', reason: 'link-down' })
    expect(codeOf(step(broken, { step: 'heal', fault }).world, request)).toBe('DELIVERED')
  })

  test('a lost node: first silence, then its Pods are no endpoints any more', () => {
    const fault = { fault: 'node', node: 'demo-worker2' } as const
    const lost = step(worldFrom(far), { step: 'fault', fault }).world
    expect(codeOf(lost, request)).toBe('TIMEOUT')
    const noticed = step(lost, { step: 'wait', ms: 60_000 }).world
    expect(codeOf(noticed, request)).toBe('REJECTED_NO_ENDPOINTS')
    expect(codeOf(step(noticed, { step: 'heal', fault }).world, request)).toBe('DELIVERED')
  })

  test('an empty load balancer pool leaves new Services pending until it is mended', () => {
    const fault = { fault: 'lb-pool' } as const
    const ip = (world: World) =>
      (at(world.cluster, 'Service/default/lb') as { status?: { loadBalancer?: { ingress?: { ip?: string }[] } } } | undefined)?.status
        ?.loadBalancer?.ingress?.[0]?.ip
    let world = step(worldFrom(far), { step: 'fault', fault }).world
    world = step(world, { step: 'apply', text: service('lb', 'type: LoadBalancer, selector: {app: far}, ports: [{port: 80}]') }).world
    expect(ip(world)).toBeUndefined()
    expect(ip(step(world, { step: 'heal', fault }).world)).toBe('172.18.255.200')
  })
})

describe('connections', () => {
  test('a kept connection rides conntrack past the nat rules, also to a Pod that is an endpoint no more', () => {
    const keep = { ...REQUEST, connection: 'keep-alive' } as const
    const first = send(worldFrom(WEB), keep)
    const second = send(first.world, keep)
    const nat = (trace: typeof first.trace) =>
      trace.hops
        .flatMap(({ steps }) => steps)
        .filter((one) => one.step === 'rule' && one.table === 'nat' && one.chain.startsWith('KUBE-SVC')).length
    expect(nat(first.trace)).toBeGreaterThan(0)
    expect(nat(second.trace)).toBe(0)
    expect(second.trace.backend?.pod).toBe(first.trace.backend?.pod)
    const unready = step(second.world, {
      step: 'patch',
      object: `Pod/default/${first.trace.backend?.pod}`,
      set: { 'metadata.annotations[kubehop.dev/ready]': 'false' },
    }).world
    expect(send(unready, keep).trace.backend?.pod).toBe(first.trace.backend?.pod)
  })

  describe.each(MODE_IDS)('through a load balancer that passes packets on, %s', (mode) => {
    const LB = documents(
      deployment('web', 3, 8080).replace('containerPort: 8080', 'containerPort: 8080}, {containerPort: 8080, protocol: UDP'),
      service(
        'web',
        'type: LoadBalancer, selector: {app: web}, ports: [{name: t, port: 80, targetPort: 8080}, {name: u, port: 80, targetPort: 8080, protocol: UDP}]',
      ),
    )
    const kept = { from: 'client/outside', to: '172.18.255.200:80', connection: 'keep-alive' } as const
    const met = ({ hops, backend, verdict }: ReturnType<typeof send>['trace']) =>
      [verdict.code, hops.find(({ place }) => place.at === 'node')?.place.name, backend?.pod].join(' ')

    test.each(['tcp', 'udp'] as const)('%s: a kept connection stays on the node that it was given', (protocol) => {
      const nodes = new Set<string>()
      for (const seed of [1, 2, 3, 4, 5]) {
        let { world, trace } = send(worldFrom(LB, mode, seed), { ...kept, protocol })
        const first = met(trace)
        expect(first).toMatch(/^DELIVERED /)
        nodes.add(first)
        for (let i = 0; i < 4; i++) {
          ;({ world, trace } = send(world, { ...kept, protocol }))
          expect(met(trace)).toBe(first)
        }
        expect(send(world, { ...kept, protocol }, true).trace.ways).toHaveLength(1)
      }
      expect(nodes.size).toBeGreaterThan(1)
    })

    test('a node that the load balancer sends nothing new to keeps its TCP connections; a UDP flow goes elsewhere', () => {
      for (const protocol of ['tcp', 'udp'] as const) {
        const first = send(worldFrom(LB, mode), { ...kept, protocol })
        const node = met(first.trace).split(' ')[1]
        const object = `Node/${node}`
        const world = step(first.world, {
          step: 'patch',
          object,
          set: { 'metadata.labels[node.kubernetes.io/exclude-from-external-load-balancers]': '' },
        }).world
        const again = met(send(world, { ...kept, protocol }).trace)
        if (protocol === 'tcp') expect(again).toBe(met(first.trace))
        else expect(again.split(' ')[1]).not.toBe(node)
      }
    })
  })

  test('UDP to a Service without endpoints leaves an entry that a later sync takes away', () => {
    const text = documents(
      CLIENT,
      deployment('dns', 0, 53),
      service('dns', 'selector: {app: dns}, ports: [{port: 53, protocol: UDP, targetPort: 53}]'),
    )
    const udp = { from: 'pod/default/client', to: 'dns:53', protocol: 'udp' } as const
    const world = worldFrom(text.replace('containerPort: 53', 'containerPort: 53, protocol: UDP'))
    const first = send(world, udp)
    expect(first.trace.verdict.code).toBe('REJECTED_NO_ENDPOINTS')
    const scaled = step(first.world, { step: 'scale', object: 'Deployment/default/dns', replicas: 1 }).world
    expect(send(scaled, udp).trace.verdict.code).toBe('DELIVERED')
  })

  test('session affinity keeps a client at its Pod, for its time', () => {
    const sticky = WEB.replace(
      'selector: {app: web}, ports',
      'sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 60}}, selector: {app: web}, ports',
    )
    for (const mode of MODE_IDS) {
      let { world, trace } = send(worldFrom(sticky, mode), REQUEST)
      for (let i = 0; i < 8; i++) {
        const next = send(world, REQUEST)
        expect(next.trace.backend?.pod).toBe(trace.backend?.pod)
        world = next.world
        trace = next.trace
      }
      const later = step(world, { step: 'wait', ms: 600_000 }).world
      expect(send(later, REQUEST, true).trace.ways).toHaveLength(2)
    }
  })
})
