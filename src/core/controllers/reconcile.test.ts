import { describe, expect, test } from 'vitest'
import { store } from '../api/cluster.ts'
import type { EndpointSlice } from '../api/kinds/endpointslice.ts'
import type { Pod } from '../api/kinds/pod.ts'
import type { Service } from '../api/kinds/service.ts'
import { clusterOf, madeByControllers, node, settings } from '../testing/cluster.ts'
import { isFull, type ReconcileExpected, reconciled, recorded, sliceText } from '../testing/sequences.ts'
import { endpointSliceController } from './endpointslice/controller.ts'
import { endpointOf } from './endpointslice/desired.ts'
import { settle } from './settle.ts'

type Vector = {
  readonly id: string
  readonly input: {
    readonly service: Service
    readonly maxEndpointsPerSlice: number
    readonly existingSlices: readonly {
      readonly name: string
      readonly ports: EndpointSlice['ports']
      readonly labels: Record<string, string>
      readonly endpointPodNumbers: readonly number[]
    }[]
    readonly pods: readonly (Pod | readonly [from: number, to: number])[]
  }
  readonly expected: ReconcileExpected
}

const { vectors } = recorded<{ vectors: readonly Vector[] }>('endpointslice-reconcile-generated.json.gz')
const nodes = ['a', 'b', 'c'].map((zone, i) => node(`node-${i + 1}`, i, { labels: { 'topology.kubernetes.io/zone': `zone-${zone}` } }))

function numbered(n: number): Pod {
  const number = String(n).padStart(4, '0')
  const podIP = `10.244.${1 + Math.floor(n / 250)}.${2 + (n % 250)}`
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `web-${number}`, namespace: 'default', uid: `uid-${number}`, labels: { app: 'web' } },
    spec: { nodeName: `node-${(n % 3) + 1}`, containers: [{ name: 'c', ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }] }] },
    status: { phase: 'Running', podIP, podIPs: [{ ip: podIP }], conditions: [{ type: 'Ready', status: 'True' }] },
  }
}

describe('what the real reconciler wrote', () => {
  test('all are there', () => expect(vectors).toHaveLength(80))

  test.each(vectors.map((vector) => [vector.id, vector] as const))('%s', (_, { input, expected }) => {
    const service = { ...input.service, apiVersion: 'v1', kind: 'Service' } as Service
    const pods = input.pods.flatMap((pod) => {
      if (!Array.isArray(pod)) return [{ ...(pod as Pod), apiVersion: 'v1', kind: 'Pod' } as Pod]
      const [from, to] = pod as readonly [number, number]
      return Array.from({ length: to - from }, (__, i) => numbered(from + i))
    })
    const slices = input.existingSlices.map(
      (slice): EndpointSlice => ({
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: {
          name: slice.name,
          namespace: 'default',
          labels: slice.labels,
          ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name: 'web', uid: 'svc-uid', controller: true }],
        },
        addressType: 'IPv4',
        ...(slice.ports ? { ports: slice.ports } : {}),
        endpoints: slice.endpointPodNumbers.map((n) => endpointOf(numbered(n), service, `zone-${'abc'[n % 3]}`, 'IPv4')),
      }),
    )
    const cluster = store(
      { settings: { ...settings, maxEndpointsPerSlice: input.maxEndpointsPerSlice }, byKind: clusterOf(...nodes).byKind },
      [service, ...pods, ...slices],
    )
    const settled = settle(madeByControllers(cluster), { now: 0, controllers: [endpointSliceController] })
    const full = isFull(expected.finalSlices ?? [])
    expect(reconciled(settled, full)).toEqual({
      counts: [expected.creates, expected.updates, expected.deletes],
      actions: expected.actionsSorted?.map(([verb, length]) => `${verb} ${length}`).sort(),
      lengths: expected.finalSliceLengths,
      slices: expected.finalSlices?.map((slice) => sliceText(slice, full)).sort(),
    })
  })
})
