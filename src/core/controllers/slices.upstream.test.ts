import { describe, expect, test } from 'vitest'
import { store } from '../api/cluster.ts'
import type { Endpoint, EndpointPort, EndpointSlice } from '../api/kinds/endpointslice.ts'
import type { Node } from '../api/kinds/node.ts'
import type { Pod } from '../api/kinds/pod.ts'
import type { Service, ServicePort } from '../api/kinds/service.ts'
import type { Family } from '../base/ip.ts'
import { millisOf } from '../base/time.ts'
import { madeByControllers, settings } from '../testing/cluster.ts'
import { type FinalSlice, type ReconcileExpected, slicesIn, sliceText, stable } from '../testing/sequences.ts'
import { controlPlane, upstreamFolder } from '../testing/upstream.ts'
import { endpointSliceController, familiesOf, sliceLabels } from './endpointslice/controller.ts'
import { belongsInEndpoints, endpointOf, findPort, hasHostname, inHashOrder, portResolver } from './endpointslice/desired.ts'
import { closeHinted, proportional, wantsTopology } from './endpointslice/hints.ts'
import { equalBeyondIdentity, type Plan } from './endpointslice/reconcile.ts'
import { allocations, cpuRatios, hintsByZone, redistribute, transfers } from './endpointslice/topology.ts'
import { closeness } from './endpointslice/trafficdist.ts'
import { triggerTime } from './endpointslice/trigger.ts'
import { openMemory } from './memory.ts'
import { settle } from './settle.ts'

/** The fields of the inputs, which differ by function; each test takes what it knows to be there. */
// biome-ignore lint/suspicious/noExplicitAny: the vectors' inputs have no type of their own
type Input = Readonly<Record<string, any>>
type Vector = { readonly id: string; readonly fn?: string; readonly input: Input; readonly expected: never }

const asService = (service: Service): Service => ({ ...service, apiVersion: 'v1', kind: 'Service' })
const asPod = (pod: Pod): Pod => ({ ...pod, apiVersion: 'v1', kind: 'Pod' })

describe.runIf(upstreamFolder)('endpointslice-reconcile', () => {
  const vectors = upstreamFolder ? controlPlane<Vector>('endpointslice-reconcile.json') : []
  /** Vectors of gates that are on in 1.36, switched off: what those releases did is not modelled. */
  const gatesOff: Readonly<Record<string, string>> = {
    'TestReconcileTopology/no_change,_topologyCache_disabled,_annotation_==_auto': 'topology hints cannot be switched off',
    'TestReconcile_TrafficDistribution/trafficDistribution=PreferSameZone,_PSTD_disabled':
      'gate PreferSameTrafficDistribution is GA in 1.35',
  }
  test.each(vectors.map((vector) => [vector.id, vector] as const))('%s', (id, vector) => {
    if (gatesOff[id]) return
    const input = vector.input as unknown as {
      service: Service
      pods: readonly Pod[]
      nodes: readonly Node[]
      existingSlices: readonly EndpointSlice[]
      maxEndpointsPerSlice: number
    }
    const expected = vector.expected as unknown as ReconcileExpected & { actions: readonly { verb: string; length: number | null }[] }
    const service = asService(input.service)
    const own = {
      'kubernetes.io/service-name': service.metadata.name,
      'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
    }
    const cluster = store({ settings: { ...settings, maxEndpointsPerSlice: input.maxEndpointsPerSlice }, byKind: new Map() }, [
      service,
      // Those tests hand the Pods over by hand: they need not match the selector.
      ...input.pods.map((pod) => asPod({ ...pod, metadata: { ...pod.metadata, labels: service.spec.selector ?? {} } })),
      ...input.nodes.map((node) => ({ ...node, apiVersion: 'v1', kind: 'Node' })),
      ...input.existingSlices.map((slice) => ({
        ...slice,
        kind: 'EndpointSlice',
        metadata: { ...slice.metadata, namespace: service.metadata.namespace ?? '', labels: { ...own, ...slice.metadata.labels } },
      })),
    ])
    const { cluster: after, changes } = settle(madeByControllers(cluster), { now: 0, controllers: [endpointSliceController] })
    const full = (expected.finalSlices ?? []).every((slice) => slice.endpoints || !slice.endpointCount)
    // Slices that a test made without labels keep none upstream, where nobody had to find them by label.
    const isBare = input.existingSlices.some(({ metadata }) => !metadata.labels)
    const isTopology = wantsTopology(service.metadata.annotations)
    const asText = (slice: FinalSlice) => sliceText(loosened(slice, isBare, isTopology), full)
    const verbs = changes.map((one) =>
      one.change === 'delete' ? 'delete' : `${one.change} ${(one.object as EndpointSlice).endpoints?.length}`,
    )
    expect([expected.creates, expected.updates, expected.deletes]).toEqual(
      ['create', 'update', 'delete'].map((verb) => changes.filter(({ change }) => change === verb).length),
    )
    expect(verbs.sort()).toEqual(expected.actions.map(({ verb, length }) => (verb === 'delete' ? verb : `${verb} ${length}`)).sort())
    expect(
      slicesIn(after)
        .map(({ metadata: { labels = {} }, ...slice }) => asText({ ...slice, labels }))
        .sort(),
    ).toEqual((expected.finalSlices ?? []).map(asText).sort())
    const hints = (slices: readonly FinalSlice[]) =>
      slices.flatMap(({ endpoints = [] }) => endpoints.map(({ hints: one, zone }) => `${zone} ${stable(one)}`)).sort()
    if (isTopology && full) expect(hintCounts(hints(slicesIn(after)))).toEqual(hintCounts(hints(expected.finalSlices ?? [])))
  })

  /** Which endpoint of a zone is lent to another zone is chance upstream: those hints are compared by number. */
  function loosened({ labels, endpoints, ...slice }: FinalSlice, isBare: boolean, isTopology: boolean): FinalSlice {
    return {
      ...slice,
      ...(isBare || !labels ? {} : { labels }),
      ...(endpoints ? { endpoints: isTopology ? endpoints.map(({ hints: _, ...one }) => one) : endpoints } : {}),
    }
  }

  function hintCounts(hints: readonly string[]): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {}
    for (const hint of hints) counts[hint] = (counts[hint] ?? 0) + 1
    return counts
  }
})

describe.runIf(upstreamFolder)('endpointslice-utils', () => {
  const vectors = upstreamFolder ? controlPlane<Vector>('endpointslice-utils.json') : []
  /** Functions that have no counterpart here, and why none is needed. */
  const without: Readonly<Record<string, string>> = {
    podEndpointsChanged: 'which Pod changes matter: we look at the Service after every change of its Pods, with the same result',
    determineNeededServiceUpdates: 'likewise: we look at the union',
    ServiceControllerKey: 'keys are made from labels in one line (serviceKeyOf); its errors are Go nil pointers',
    finalize: 'takes slices that no reconciliation yields; recycling is covered by endpointslice-reconcile',
  }
  const tests: Readonly<Record<string, (input: Input) => unknown>> = {
    hintsEnabled: ({ annotations }) => [wantsTopology(annotations)],
    FindPort: ({ pod, servicePort }) => findPort(withContainers(pod), servicePort),
    ShouldPodBeInEndpoints: ({ pod, includeTerminating }) => [
      belongsInEndpoints(pod) && (includeTerminating || (pod as Pod).metadata?.deletionTimestamp === undefined),
    ],
    ShouldSetHostname: ({ pod, service }) => [hasHostname(pod, service)],
    podToEndpoint: ({ pod, service, addressType, node }) => [
      endpointOf(pod, service, (node as Node | undefined)?.metadata.labels?.['topology.kubernetes.io/zone'], addressType),
    ],
    getAddressTypesForService: ({ service }) => [[...familiesOf(service)].sort()],
    EndpointsEqualBeyondHash: ({ endpoint1, endpoint2 }) => [equalBeyondIdentity(endpoint1, endpoint2)],
    getEndpointPorts: ({ service, pod }) => [portResolver(service)(withContainers(pod)).ports],
    setEndpointSliceLabels: ({ service, sliceLabels: old }) => {
      const labels = sliceLabels(service)
      const reserved = ['kubernetes.io/service-name', 'endpointslice.kubernetes.io/managed-by', 'service.kubernetes.io/headless']
      const own = (all: Readonly<Record<string, string>> | undefined) =>
        stable(Object.entries(all ?? {}).filter(([key]) => !reserved.includes(key)))
      return [labels, own(labels) !== own(old)]
    },
    newEndpointSlice: (input) => [placeholder(input)],
    GetServicesToUpdate: ({ key, services }) => selected(key, services),
    ComputeEndpointLastChangeTriggerTime: (input) => trigger(input),
  }
  test.each(vectors.map((vector) => [`${vector.fn} ${vector.id}`, vector] as const))('%s', (_, { fn = '', input, expected }) => {
    if (without[fn]) return
    const actual = tests[fn]?.(input)
    if (fn === 'FindPort') {
      const { value, error } = expected as { value: number; error: string | null }
      expect(actual).toEqual(error === null ? value : undefined)
    } else if (fn === 'getEndpointPorts' || fn === 'GetServicesToUpdate' || fn === 'getAddressTypesForService') {
      expect(inOrder(actual)).toEqual(inOrder(expected))
    } else expect(actual).toEqual(expected)
  })

  /** Ports and keys, of which the order says nothing. */
  function inOrder(value: unknown): unknown {
    if (!Array.isArray(value)) return (value as { services?: readonly string[] }).services?.toSorted() ?? []
    return value.map((list: readonly unknown[]) => list.map(stable).sort())
  }

  function withContainers(pod: Pod): Pod {
    return { ...pod, spec: { ...pod.spec, containers: pod.spec.containers ?? [] } }
  }

  function placeholder({ service, addressType, ports }: Input): unknown {
    const { cluster } = settle(
      store({ settings, byKind: new Map() }, [
        { ...asService(service), spec: { ...(service as Service).spec, ipFamilies: [addressType] } } as Service,
      ]),
      {
        now: 0,
        controllers: [endpointSliceController],
      },
    )
    const made = [...(cluster.byKind.get('EndpointSlice')?.values() ?? [])][0] as EndpointSlice
    const { generateName, namespace, labels, ownerReferences, annotations } = made.metadata
    const metadata = {
      ...(generateName ? { generateName } : {}),
      ...(namespace ? { namespace } : {}),
      ...(annotations ? { annotations } : {}),
      labels,
      ownerReferences,
    }
    return { metadata, addressType: made.addressType, endpoints: made.endpoints, ports }
  }

  function selected(key: Readonly<Record<string, unknown>>, services: readonly Service[]): unknown {
    const pod = asPod({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', namespace: key['Namespace'] as string, labels: key['Labels'] as Record<string, string> },
      spec: { containers: [] },
    })
    const cluster = store({ settings, byKind: new Map() }, services.map(asService))
    const keys = [...endpointSliceController.concerns({ key: 'Pod/test/p', after: pod }, cluster)]
    const found = keys.map((one) => one.slice('Service/'.length))
    return found.length > 0 ? { services: found } : {}
  }

  function trigger({ service, pods, stateBefore }: Input): string {
    const memory = openMemory(undefined, [], { settings, byKind: new Map() })
    const before = stateBefore as { service: string; pods?: Readonly<Record<string, string>> } | undefined
    if (before && millisOf(before.service) !== millisOf('0001-01-01T00:00:00Z')) {
      const times = Object.entries(before.pods ?? {}).map(([name, time]) => [name, millisOf(time) ?? 0] as const)
      memory.setTriggers('k', { ...Object.fromEntries(times), '\u0000service': millisOf(before.service) ?? 0 })
    }
    return triggerTime('k', service, pods ?? [], memory) ?? '0001-01-01T00:00:00Z'
  }
})

describe.runIf(upstreamFolder)('trafficdist-hints', () => {
  const vectors = upstreamFolder ? controlPlane<Vector>('trafficdist-hints.json') : []
  test.each(vectors.map((vector) => [vector.id, vector] as const))('%s', (_, { input, expected }) => {
    const plan = closeHinted(
      planOf(input['slicesToCreate'], input['slicesToUpdate'], input['slicesUnchanged']),
      closeness(input['trafficDistribution']),
    )
    const want = expected as { slicesToCreate?: Slices; slicesToUpdate?: Slices; slicesUnchanged?: Slices }
    expect(plan.create.map(({ endpoints }) => endpoints)).toEqual(lists(want.slicesToCreate))
    expect(plan.update.map(({ draft }) => draft.endpoints)).toEqual(lists(want.slicesToUpdate))
    expect(plan.unchanged.map(({ endpoints }) => endpoints)).toEqual(lists(want.slicesUnchanged))
  })
})

type Slices = readonly { readonly endpoints?: readonly Endpoint[] }[]
const lists = (slices: Slices | undefined) => (slices ?? []).map(({ endpoints = [] }) => endpoints)

function planOf(create: Slices | undefined, update: Slices | undefined, unchanged: Slices | undefined): Plan {
  const draft = ({ endpoints = [] }: Slices[number]) => ({ family: 'IPv4' as Family, ports: [] as EndpointPort[], endpoints })
  const slice = ({ endpoints = [] }: Slices[number]) => ({ endpoints }) as unknown as EndpointSlice
  return {
    create: (create ?? []).map(draft),
    update: (update ?? []).map((one) => ({ slice: slice(one), draft: draft(one), relabel: false })),
    remove: [],
    unchanged: (unchanged ?? []).map(slice),
  }
}

describe.runIf(upstreamFolder)('topology-hints', () => {
  const vectors = upstreamFolder ? controlPlane<Vector>('topology-hints.json') : []
  const mapOf = <T>(object: Readonly<Record<string, T>> | undefined) => new Map(Object.entries(object ?? {}))
  const objectOf = (map: ReadonlyMap<string, number> | undefined) => (map ? Object.fromEntries(map) : null)
  /** A cache that has never heard of nodes; ours asks the nodes themselves. */
  const unborn = 'Test_getGivingAndReceivingZones/ensure_function_can_handle_unexpected_data_(negative_allocations)'
  test.each(vectors.map((vector) => [`${vector.fn} ${vector.id}`, vector] as const))('%s', (_, { id, fn, input, expected }) => {
    if (fn === 'AddHints' && id === unborn) return
    switch (fn) {
      case 'SetNodes': {
        const ratios = cpuRatios(
          ((input['nodes'] as readonly Node[] | undefined) ?? []).map((one) => ({ ...one, status: one.status ?? {} }) as Node),
        )
        const want = (expected as { cpuRatiosByZone?: Record<string, number> }).cpuRatiosByZone
        expect(ratios && Object.fromEntries(ratios)).toEqual(want ?? undefined)
        return
      }
      case 'AddHints': {
        const plan = planOf(input['toCreate'], input['toUpdate'], input['unchanged'])
        const ratios = input['cpuRatiosByZone'] as Record<string, number> | undefined
        const hinted = proportional(plan, ratios && mapOf(ratios), input['addressType'])
        const want = expected as { toCreate?: Slices; toUpdate?: Slices; events?: readonly { Reason: string; Message: string }[] }
        expect(hinted.plan.create.map(({ endpoints }) => endpoints)).toEqual(lists(want.toCreate))
        expect(hinted.plan.update.map(({ draft }) => draft.endpoints)).toEqual(lists(want.toUpdate))
        expect(hinted.disabled).toEqual(want.events?.find(({ Reason }) => Reason === 'TopologyAwareHintsDisabled')?.Message)
        return
      }
      case 'getGivingAndReceivingZones': {
        const { giving, receiving } = transfers(mapOf(input['allocations']), mapOf(input['allocatedHintsByZone']))
        expect([objectOf(giving), objectOf(receiving)]).toEqual(expected)
        return
      }
      case 'getHintsByZone': {
        const { endpoints } = input['slice'] as { endpoints?: readonly Endpoint[] }
        expect([objectOf(hintsByZone(endpoints ?? [], mapOf(input['allocatedHintsByZone']), mapOf(input['allocations'])))]).toEqual(
          expected,
        )
        return
      }
      case 'redistributeHints': {
        const slices = lists(input['slices']).map((endpoints) => [...endpoints])
        expect([objectOf(redistribute(slices, mapOf(input['givingZones']), mapOf(input['receivingZones'])))]).toEqual(expected)
        return
      }
      default:
        throw new Error(`no test for ${fn}`)
    }
  })

  test('an even share of two zones', () => {
    const wanted = allocations(
      new Map([
        ['a', 0.5],
        ['b', 0.5],
      ]),
      4,
    )
    expect(wanted).toEqual(new Map(['a', 'b'].map((zone) => [zone, { minimum: 2, maximum: 2, desired: 2 }])))
  })
})

test('ports are ordered by the hash of their Go text', () => {
  const ports: ServicePort[] = [
    { name: 'https', port: 443, protocol: 'TCP', targetPort: 8081 },
    { name: 'http', port: 80, protocol: 'TCP', targetPort: 8080, appProtocol: 'kubernetes.io/h2c' },
  ]
  const slicePorts = ports.map(({ name, protocol, targetPort, appProtocol }) => ({
    name: name ?? '',
    protocol,
    port: Number(targetPort),
    ...(appProtocol ? { appProtocol } : {}),
  }))
  expect(inHashOrder(slicePorts).map(({ name }) => name)).toEqual(['http', 'https'])
})
