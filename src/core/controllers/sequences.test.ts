import { describe, expect, test } from 'vitest'
import type { Cluster } from '../api/cluster.ts'
import type { Endpoints } from '../api/kinds/endpoints.ts'
import { contents, type RecordedSequence, recordedLines, slicesIn, stepCluster } from '../testing/sequences.ts'
import { endpointsController } from './endpoints/controller.ts'
import { endpointSliceController } from './endpointslice/controller.ts'
import { settle } from './settle.ts'

const controllers = [endpointSliceController, endpointsController]
const text = (value: unknown) => JSON.stringify(sortKeys(value))
const inOrder = (values: readonly unknown[]) => values.map(text).sort()

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sortKeys(inner)]),
  )
}

describe.each([
  ['EndpointSlice reconciler', 'slice-sequences.jsonl.gz', 67],
  ['Endpoints truncation', 'endpoints-truncation.jsonl.gz', 11],
] as const)('%s', (_, file, count) => {
  const sequences = recordedLines<RecordedSequence>(file)
  test('all are there', () => expect(sequences).toHaveLength(count))

  test.each(sequences.map((each) => [each.name ?? String(each.id), each] as const))('%s', (_, each) => {
    let cluster: Cluster | undefined
    each.sequence.steps.forEach((step, i) => {
      const expected = each.expected[i]
      const at = `step ${i} (${step.note})`
      const settled = settle(stepCluster(cluster, each, step), { now: i * 1000, controllers })
      cluster = settled.cluster
      const slices = slicesIn(cluster)
      if (expected?.stable) {
        const mine = slices.map((slice) => contents({ ...slice, labels: { ...slice.metadata.labels } }))
        const theirs = expected.slices.map((slice) => contents(slice))
        // The recording had chance taken out of it in the same way as we do, so even steps that are not stable upstream are equal.
        expect(inOrder(mine), at).toEqual(inOrder(theirs))
        const ofSlices = settled.changes.filter((change) => change.controller === 'endpointslice-controller')
        const counts = ['create', 'update', 'delete'].map((kind) => ofSlices.filter((one) => one.change === kind).length)
        expect(counts, at).toEqual([expected.creates, expected.updates, expected.deletes])
      }
      if (expected?.endpoints?.subsets) {
        const endpoints = cluster.byKind.get('Endpoints')?.values().next().value as Endpoints | undefined
        expect(sortKeys(endpoints?.subsets), at).toEqual(sortKeys(expected.endpoints.subsets))
        expect(endpoints?.metadata.labels, at).toEqual(expected.endpoints.labels)
        const { 'endpoints.kubernetes.io/last-change-trigger-time': __, ...annotations } = endpoints?.metadata.annotations ?? {}
        expect(annotations, at).toEqual(expected.endpoints.annotations ?? {})
      }
    })
  })
})
