import { describe, expect, test } from 'vitest'
import { type ApiObject, store } from '../api/cluster.ts'
import type { EndpointSubset, Endpoints } from '../api/kinds/endpoints.ts'
import type { EndpointSlice } from '../api/kinds/endpointslice.ts'
import type { Pod } from '../api/kinds/pod.ts'
import type { Service } from '../api/kinds/service.ts'
import type { Deployment, ReplicaSet } from '../api/kinds/workload.ts'
import { madeByControllers, settings } from '../testing/cluster.ts'
import { slicesIn, sliceText, stable } from '../testing/sequences.ts'
import { controlPlane, upstreamFolder } from '../testing/upstream.ts'
import { addressOf, endpointsController, endpointsPort } from './endpoints/controller.ts'
import { repack } from './endpoints/repack.ts'
import { truncated } from './endpoints/truncate.ts'
import { MAX_MIRRORED, mirrored, mirrorMetadata } from './endpointslice/mirror.ts'
import { mirroringController } from './endpointslice/mirroring.ts'
import { nextIp, rangeOf } from './hostlocal.ts'
import { fenceposts, maxUnavailable, newReplicas } from './rollout.ts'
import { settle } from './settle.ts'

// biome-ignore lint/suspicious/noExplicitAny: the vectors' inputs have no type of their own
type Any = any
type Vector = { readonly id: string; readonly fn: string; readonly input: Any; readonly expected: Any }
const cases = (file: string) =>
  (upstreamFolder ? controlPlane<Vector>(file) : []).map((vector) => [`${vector.fn ?? ''} ${vector.id}`, vector] as const)
const as = <T extends ApiObject>(object: T, kind: string): T => ({ ...object, apiVersion: 'v1', kind })

/** Subsets as texts: of order nothing is said, and neither of empty lists. */
function subsetTexts(subsets: readonly EndpointSubset[] | undefined): readonly string[] {
  const sorted = (items: readonly unknown[] | undefined) => (items?.length ? items.map(stable).sort() : undefined)
  return (subsets ?? [])
    .map(({ addresses, notReadyAddresses, ports }) =>
      stable({ addresses: sorted(addresses), notReadyAddresses: sorted(notReadyAddresses), ports: sorted(ports) }),
    )
    .sort()
}

describe.runIf(upstreamFolder)('endpoints-controller', () => {
  test.each(cases('endpoints-controller.json'))('%s', (_, { fn, input, expected }) => {
    switch (fn) {
      case 'syncService':
        syncService(input, expected)
        return
      case 'podToEndpointAddressForService': {
        const address = addressOf(input.service as Service, input.pod as Pod)
        expect(address).toEqual(expected.error === null ? expected.address : undefined)
        return
      }
      case 'truncateEndpoints': {
        const address = (i: number) => ({ ip: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}` })
        const some = (count: number) => Array.from({ length: count }, (__, i) => address(i))
        const subsets = (input.subsets ?? []).map(([ready, not]: [number, number]) => ({
          addresses: some(ready),
          notReadyAddresses: some(not),
        }))
        const cut = truncated(subsets)
        const counts = (cut ?? subsets).map(({ addresses = [], notReadyAddresses = [] }: EndpointSubset) => [
          addresses.length,
          notReadyAddresses.length,
        ])
        expect([cut !== undefined, counts]).toEqual([expected.truncated, expected.subsets])
        return
      }
      case 'endpointPortFromServicePort':
        // The API server never leaves the protocol out.
        expect(endpointsPort({ ...input.servicePort }, input.portNum)).toEqual(expected)
        return
      default:
        throw new Error(`no test for ${fn}`)
    }
  })
})

function syncService(input: Any, expected: Any): void {
  // The test's API server had gone already; there is nothing to compare.
  if (expected.error) return
  const isWritten = expected.verb !== undefined
  // The recording drops an empty selector, which is not the same as none: without it nothing would have been written.
  const selector = input.service?.spec?.selector ?? (isWritten ? {} : undefined)
  const service =
    input.service && as({ ...input.service, spec: { ...input.service.spec, ...(selector ? { selector } : {}) } } as Service, 'Service')
  const existing = input.existingEndpoints && existingEndpoints(input.existingEndpoints, service)
  const cluster = store({ settings, byKind: new Map() }, [service, existing, ...podsIn(input.podsInNamespace)].filter(Boolean))
  const { changes } = settle(madeByControllers(cluster), { now: 0, controllers: [endpointsController] })
  const [change] = changes
  if (!isWritten) {
    expect(changes).toEqual([])
    return
  }
  if (!change || change.change === 'delete') throw new Error('nothing was written')
  const written = change.object as Endpoints
  const { labels, annotations, subsets } = expected.write ? { ...expected.write.metadata, subsets: expected.write.subsets } : expected
  const timeless = (all: Any) => ({ ...all, 'endpoints.kubernetes.io/last-change-trigger-time': undefined })
  if (expected.write) expect(subsetTexts(written.subsets)).toEqual(subsetTexts(subsets))
  else expect(counts(written.subsets)).toEqual(subsets.map((subset: Any) => [subset.addresses, subset.notReadyAddresses]))
  expect(written.metadata.labels).toEqual(labels)
  expect(timeless(written.metadata.annotations)).toEqual(timeless(annotations))
}

function counts(subsets: readonly EndpointSubset[] | undefined): unknown {
  return (subsets ?? []).map(({ addresses = [], notReadyAddresses = [] }) => [addresses.length, notReadyAddresses.length])
}

/** `{shorthand, annotations, subsets: [{addresses: 999, …}]}` stands for so many addresses. */
function existingEndpoints(given: Any, service: Service): Endpoints {
  if (!given.shorthand) return as(given as Endpoints, 'Endpoints')
  const some = (count: number) => Array.from({ length: count }, (_, i) => ({ ip: `9.9.${i >> 8}.${i & 255}` }))
  const metadata = { name: service.metadata.name, namespace: service.metadata.namespace ?? '', annotations: given.annotations ?? {} }
  const subsets = (given.subsets ?? []).map((one: Any) => ({
    addresses: some(one.addresses),
    notReadyAddresses: some(one.notReadyAddresses),
  }))
  return { apiVersion: 'v1', kind: 'Endpoints', metadata, subsets }
}

/** `{shorthand, count, ready, sample}` stands for Pods like the sample, the first of them ready. */
function podsIn(given: Any): readonly Pod[] {
  if (!given?.shorthand) return (given ?? []).map((pod: Pod) => as(pod, 'Pod'))
  return Array.from({ length: given.count }, (_, i) => {
    const ip = `1.2.${3 + ((i + 4) >> 8)}.${(i + 4) & 255}`
    const status = { conditions: [{ type: 'Ready', status: i < given.ready ? 'True' : 'False' }], podIP: ip, podIPs: [{ ip }] }
    return as({ ...given.sample, metadata: { ...given.sample.metadata, name: `pod${i}` }, status } as Pod, 'Pod')
  })
}

describe.runIf(upstreamFolder)('endpoints-repack', () => {
  /** The recording lost the targetRef of their inputs. */
  const incomplete = ['TestPackSubsets#call10', 'TestPackSubsets#call11']
  test.each(cases('endpoints-repack.json'))('%s', (_, { id, input, expected }) => {
    if (incomplete.includes(id)) return
    expect(subsetTexts(repack(input.subsets))).toEqual(subsetTexts(expected))
  })
})

describe.runIf(upstreamFolder)('endpointslice-mirroring', () => {
  test.each(cases('endpointslice-mirroring.json'))('%s', (_, { fn, input, expected }) => {
    if (fn === 'addressToEndpoint') {
      expect(mirrored(input.address, input.ready)).toEqual(expected.endpoint)
      return
    }
    const endpoints = as({ ...input.endpoints, subsets: expand(input.endpoints.subsets) } as Endpoints, 'Endpoints')
    if (fn === 'newEndpointSlice') {
      const { labels, annotations, ownerReferences } = mirrorMetadata(endpoints)
      const { generateName: __, namespace: ___, ...wanted } = expected.metadata
      expect({ labels, ownerReferences, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) }).toEqual(wanted)
      return
    }
    mirrorReconcile(endpoints, input, expected)
  })
})

/** `{count, first}` stands for so many addresses that follow each other. */
function expand(subsets: Any): Any {
  return (subsets ?? []).map((subset: Any) => {
    if (!subset.addresses?.count) return subset
    return { ...subset, addresses: Array.from({ length: subset.addresses.count }, (_, i) => ({ ip: `10.0.${i >> 8}.${i & 255}` })) }
  })
}

/** Those tests leave the protocol out, which the API server fills in. */
function tcp(slice: Any): Any {
  return { ...slice, ports: slice.ports?.map((port: Any) => ({ ...port, protocol: port.protocol || 'TCP' })) }
}

function mirrorReconcile(endpoints: Endpoints, input: Any, expected: Any): void {
  const { namespace, name } = endpoints.metadata
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { type: 'ClusterIP', ports: [] },
  } as unknown as Service
  const own = { 'kubernetes.io/service-name': name, 'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io' }
  const existing = ((input.existingSlices ?? []) as EndpointSlice[]).map((slice, i) => {
    const metadata = {
      ...slice.metadata,
      namespace: namespace ?? '',
      name: slice.metadata.name ?? `existing-${i}`,
      labels: slice.metadata.labels ?? own,
    }
    return as({ ...slice, metadata } as EndpointSlice, 'EndpointSlice')
  })
  expect(input.maxEndpointsPerSubset).toBeGreaterThan(0)
  const max = input.maxEndpointsPerSubset === MAX_MIRRORED ? undefined : input.maxEndpointsPerSubset
  const cluster = store({ settings, byKind: new Map() }, [service, endpoints, ...existing])
  const { cluster: after, changes } = settle(madeByControllers(cluster), { now: 0, controllers: [mirroringController(max)] })
  const verbs = changes.map((one) =>
    one.change === 'delete' ? 'delete' : `${one.change} ${(one.object as EndpointSlice).endpoints?.length}`,
  )
  expect(verbs.sort()).toEqual(expected.actions.map(({ verb, length }: Any) => (verb === 'delete' ? verb : `${verb} ${length}`)).sort())
  const slices = slicesIn(after)
  if (expected.finalSliceLengths) expect(slices.map((slice) => slice.endpoints?.length).sort()).toEqual(expected.finalSliceLengths)
  // A slice of somebody else's that the recording shows afterwards, but not before.
  const strangers = (slice: Any) => slice.labels?.['endpointslice.kubernetes.io/managed-by'] === 'something-else'
  if (!expected.finalSlices) return
  const texts = slices.map(
    (slice) =>
      `${sliceText({ ...slice, labels: { ...slice.metadata.labels } }, true)} ${stable(slice.metadata.annotations ?? {})} ${stable(slice.metadata.ownerReferences)}`,
  )
  const wanted = expected.finalSlices
    .filter((slice: Any) => !strangers(slice))
    .map(tcp)
    .map(
      (slice: Any) =>
        `${sliceText({ ...slice, labels: slice.labels ?? {} }, true)} ${stable(slice.annotations ?? {})} ${stable(slice.ownerReferences)}`,
    )
  expect(texts.sort()).toEqual(wanted.sort())
}

describe.runIf(upstreamFolder)('host-local-ipam', () => {
  /** Nobody can ask for a Pod address of his own here. */
  const requests = ['request-specific-ip', 'request-ip-already-allocated']
  test.each(cases('host-local-ipam.json'))('%s', (_, { id, input, expected }) => {
    if (requests.includes(id)) return
    const ranges = (input.subnets as string[]).flatMap((cidr) => rangeOf(cidr) ?? [])
    const used = new Set<string>(input.inUse ?? [])
    if (!input.ops) {
      expect(nextIp(ranges, input.lastReservedIP ?? undefined, (ip) => used.has(ip))).toBe(expected.ip)
      return
    }
    let last: string | undefined
    const results = (input.ops as string[]).map((op) => {
      if (op.startsWith('release')) {
        used.clear()
        return null
      }
      const ip = nextIp(ranges, last, (one) => used.has(one))
      if (ip === undefined) return 'error'
      used.add(ip)
      last = ip
      return `${ip}/${(input.subnets as string[])[0]?.split('/')[1]}`
    })
    expect(results).toEqual(expected.results)
  })
})

describe.runIf(upstreamFolder)('deployment-rollout-math', () => {
  /** The API server refuses such values before any controller sees them. */
  const refused = (value: unknown) => typeof value === 'string' && !/^\d+%$/.test(value)
  test.each(cases('deployment-rollout-math.json'))('%s', (_, { fn, input, expected }) => {
    switch (fn) {
      case 'ResolveFenceposts': {
        if (refused(input.maxSurge) || refused(input.maxUnavailable)) return
        const { surge, unavailable } = expected
        expect(fenceposts(input.maxSurge, input.maxUnavailable, input.desired)).toEqual({ surge, unavailable })
        return
      }
      case 'MaxUnavailable':
        expect(maxUnavailable(input as Deployment)).toBe(expected)
        return
      case 'NewRSNewReplicas':
        expect(newReplicas(input.deployment as Deployment, input.allReplicaSets as ReplicaSet[], input.newReplicaSet.spec.replicas)).toBe(
          expected.replicas,
        )
        return
      default:
        throw new Error(`no test for ${fn}`)
    }
  })
})
