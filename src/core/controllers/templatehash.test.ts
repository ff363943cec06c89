import { describe, expect, test } from 'vitest'
import { list } from '../api/cluster.ts'
import { load } from '../api/load.ts'
import { recorded } from '../testing/sequences.ts'
import { settle } from './settle.ts'

type Vector = { readonly yaml: string; readonly podTemplateHash: string; readonly replicaSetName: string }

describe('pod-template-hash as a real cluster computes it', () => {
  const { vectors } = recorded<{ vectors: readonly Vector[] }>('pod-template-hash.json.gz')
  test('all are there', () => expect(vectors).toHaveLength(7))

  test.each(vectors.map((vector) => [vector.replicaSetName, vector] as const))('%s', (_, { yaml, podTemplateHash, replicaSetName }) => {
    const { cluster } = settle(load([{ name: 'a.yaml', text: yaml }], { bare: false }).cluster, { now: 0 })
    const made = list(cluster, 'ReplicaSet').find(({ metadata }) => metadata.namespace === 'default')
    expect(made?.metadata.name).toBe(replicaSetName)
    expect(made?.metadata.labels?.['pod-template-hash']).toBe(podTemplateHash)
  })
})
