import { describe, expect, test } from 'vitest'
import { type Cluster, find, list, store } from '../api/cluster.ts'
import { isPodReady, type Pod } from '../api/kinds/pod.ts'
import type { Deployment } from '../api/kinds/workload.ts'
import { keyOf } from '../api/meta.ts'
import { rfc3339 } from '../base/time.ts'
import { clusterOf, demoNodes, deployment, service } from '../testing/cluster.ts'
import { recorded, slicesIn } from '../testing/sequences.ts'
import { controllers } from './index.ts'
import { kubelet } from './kubelet.ts'
import { podEnd } from './podend.ts'
import { fenceposts } from './rollout.ts'
import { settle } from './settle.ts'
import { whyText } from './why.ts'

type Row = {
  readonly action: string
  readonly oldSpec: number
  readonly newSpec: number
  readonly oldReady: number
  readonly newReady: number
  readonly podsTerminating: number
  readonly podsTotal: number
  readonly deploymentStatus: Readonly<Record<string, number>>
  readonly slices: number
  readonly endpointConditions: readonly string[]
}
type Trace = {
  readonly tag: string
  readonly replicas: number
  readonly strategy: NonNullable<Deployment['spec']['strategy']>
  readonly trace: readonly Row[]
  readonly events: readonly string[]
}

/** The recording's kubelets were a script that made one Pod ready at a time, so ours stand still. */
const withoutKubelets = controllers.filter((controller) => controller !== kubelet && controller !== podEnd)

describe('rollouts as a live control plane made them', () => {
  const { vectors } = recorded<{ vectors: readonly Trace[] }>('rollout-traces.json.gz')
  test('all are there', () => expect(vectors).toHaveLength(7))

  test.each(vectors.map((trace) => [trace.tag, trace] as const))('%s', (_, { replicas, strategy, trace, events }) => {
    let clock = 0
    const said: string[] = []
    let cluster = clusterOf()
    const run = (next: Cluster) => {
      clock += 1000
      const settled = settle(next, { now: clock, controllers: withoutKubelets })
      for (const { why } of settled.changes) said.push(...(/Scaled (?:up|down) replica set \S+ from \d+ to \d+/.exec(whyText(why)) ?? []))
      cluster = settled.cluster
    }
    const pods = () => list(cluster, 'Pod')
    const become = (some: readonly Pod[], first: number) =>
      run(
        store(
          cluster,
          some.map((pod, i) => started(pod, first + i, clock)),
        ),
      )
    run(clusterOf(...demoNodes, service('web'), deployment('web', replicas, { strategy })))
    const oldHash = list(cluster, 'ReplicaSet')[0]?.metadata.name ?? ''
    become(pods(), 2)
    run(store(cluster, [deployment('web', replicas, { strategy }, { containers: [{ name: 'c', image: 'nginx:1.28' }] })]))
    trace.forEach((row, i) => {
      if (row.action.includes('became Ready')) {
        const fresh = pods().filter((pod) => !pod.metadata.name.startsWith(oldHash) && !isPodReady(pod))
        become(fresh.slice(0, 1), 100 + i)
      } else if (row.action.startsWith('kubelet')) {
        const doomed = pods().filter((pod) => pod.metadata.deletionTimestamp !== undefined)
        run(store(cluster, [], doomed.map(keyOf)))
      }
      expect(state(cluster, oldHash), `row ${i}: ${row.action}`).toEqual({ ...row, action: undefined })
    })
    const names = (text: string) => text.replace(/replica set \S+/, 'replica set X').replace('ScalingReplicaSet: ', '')
    // The event recorder folds what is said after the tenth time into one.
    const expected = events.map(names).filter((text) => !text.startsWith('(combined'))
    expect(said.map(names).slice(0, expected.length)).toEqual(expected)
    expect(said).toHaveLength(events.length > expected.length ? 17 : expected.length)
  })
})

function started(pod: Pod, n: number, now: number): Pod {
  const ip = `10.244.1.${n}`
  const lastTransitionTime = rfc3339(now)
  return {
    ...pod,
    status: { phase: 'Running', podIP: ip, podIPs: [{ ip }], conditions: [{ type: 'Ready', status: 'True', lastTransitionTime }] },
  }
}

function state(cluster: Cluster, oldHash: string) {
  const sets = list(cluster, 'ReplicaSet')
  const old = sets.find((one) => one.metadata.name === oldHash)
  const fresh = sets.find((one) => one !== old)
  const pods = list(cluster, 'Pod')
  const {
    observedGeneration: _,
    conditions: __,
    terminatingReplicas: ___,
    ...status
  } = find(cluster, 'Deployment', 'default', 'web')?.status ?? {}
  const letter = (on: boolean | undefined, name: string) => (on ? name : name.toLowerCase())
  const conditions = slicesIn(cluster)
    .flatMap(({ endpoints = [] }) => endpoints)
    .map(({ conditions: at }) => letter(at?.ready, 'R') + letter(at?.serving, 'S') + letter(at?.terminating, 'T'))
  return {
    action: undefined,
    oldSpec: old?.spec.replicas ?? 0,
    newSpec: fresh?.spec.replicas ?? 0,
    oldReady: old?.status?.readyReplicas ?? 0,
    newReady: fresh?.status?.readyReplicas ?? 0,
    podsTerminating: pods.filter((pod) => pod.metadata.deletionTimestamp !== undefined).length,
    podsTotal: pods.length,
    // The recording's script wrote the zeros that the API leaves out.
    deploymentStatus: { replicas: 0, updatedReplicas: 0, readyReplicas: 0, availableReplicas: 0, unavailableReplicas: 0, ...status },
    slices: slicesIn(cluster).length,
    endpointConditions: conditions.sort((a, b) => (a < b ? -1 : 1)),
  }
}

test.each([
  [1, '25%', '25%', 1, 0],
  [3, '25%', '25%', 1, 0],
  [4, '25%', '25%', 1, 1],
  [10, '25%', '25%', 3, 2],
  [10, undefined, undefined, 0, 1],
  [10, 0, '5%', 0, 1],
])('%d replicas, maxSurge %s, maxUnavailable %s: %d and %d', (replicas, maxSurge, maxUnavailable, surge, unavailable) => {
  expect(fenceposts(maxSurge, maxUnavailable, replicas)).toEqual({ surge, unavailable })
})
