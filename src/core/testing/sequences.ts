import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type Cluster, store } from '../api/cluster.ts'
import type { Endpoints } from '../api/kinds/endpoints.ts'
import type { Endpoint, EndpointPort, EndpointSlice } from '../api/kinds/endpointslice.ts'
import type { Node } from '../api/kinds/node.ts'
import type { Container, Pod } from '../api/kinds/pod.ts'
import type { Service } from '../api/kinds/service.ts'
import { keyOf } from '../api/meta.ts'
import type { Settled } from '../controllers/settle.ts'
import { settings } from './cluster.ts'

/** A Pod, a node and a step in the recorded sequences' shorthand. */
export type SequencePod = {
  readonly name: string
  readonly ip?: string
  readonly ips?: readonly string[]
  readonly node?: string
  readonly ready?: boolean
  readonly terminating?: boolean
  readonly phase?: NonNullable<Pod['status']>['phase']
  readonly labels?: Record<string, string>
  readonly hostname?: string
  readonly subdomain?: string
  readonly ports?: Container['ports']
}
export type SequenceNode = {
  readonly name: string
  readonly zone?: string
  readonly cpu?: string
  readonly ready?: boolean
  readonly labels?: Record<string, string>
}
export type SequenceStep = {
  readonly note?: string
  readonly pods: readonly SequencePod[] | null
  readonly service?: Service
  readonly nodes?: readonly SequenceNode[]
}

export type RecordedSequence = {
  readonly id?: number
  readonly name?: string
  readonly sequence: {
    readonly service: Service
    readonly maxEndpointsPerSlice?: number
    readonly nodes: readonly SequenceNode[]
    readonly steps: readonly SequenceStep[]
  }
  readonly expected: readonly {
    readonly slices: readonly {
      readonly name: string
      readonly labels: Record<string, string>
      readonly addressType: string
      readonly ports: readonly EndpointPort[]
      readonly endpoints: readonly Endpoint[] | null
    }[]
    readonly creates: number
    readonly updates: number
    readonly deletes: number
    readonly stable?: { readonly contents: boolean; readonly sizes: boolean; readonly counts: boolean }
    readonly endpoints?: {
      readonly action?: string
      readonly labels?: Record<string, string>
      readonly annotations?: Record<string, string>
      readonly subsets?: Endpoints['subsets']
    }
    readonly error?: string
    readonly events?: readonly string[]
  }[]
}

/** A recorded file of one JSON value a line. */
export function recordedLines<T>(file: string): readonly T[] {
  const text = gunzipSync(readFileSync(join(import.meta.dirname, 'vectors', file))).toString('utf8')
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T)
}

/** A recorded file that is one JSON value. */
export function recorded<T>(file: string): T {
  return JSON.parse(gunzipSync(readFileSync(join(import.meta.dirname, 'vectors', file))).toString('utf8')) as T
}

/** The clusters of a sequence: each step changes what the answer of the last one left. */
export function stepCluster(previous: Cluster | undefined, { sequence }: RecordedSequence, step: SequenceStep): Cluster {
  const base = previous ?? { settings: { ...settings, maxEndpointsPerSlice: sequence.maxEndpointsPerSlice ?? 100 }, byKind: new Map() }
  const service = step.service ?? (base.byKind.get('Service') ? undefined : sequence.service)
  const nodes = step.nodes ?? (base.byKind.get('Node') ? undefined : sequence.nodes)
  const pods = (step.pods ?? []).map((pod) => podOf(pod, sequence.service))
  const kept = new Set([...pods, ...(nodes ?? []).map(nodeOf)].map(keyOf))
  const gone = [...(base.byKind.get('Pod')?.keys() ?? []), ...(nodes ? (base.byKind.get('Node')?.keys() ?? []) : [])].filter(
    (key) => !kept.has(key),
  )
  const identified = service && { ...service, metadata: { uid: `uid-${service.metadata.name}`, ...service.metadata } }
  return store(base, [...(nodes ?? []).map(nodeOf), ...(identified ? [identified] : []), ...pods], gone)
}

function nodeOf({ name, zone, cpu, ready = true, labels }: SequenceNode): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { ...labels, ...(zone ? { 'topology.kubernetes.io/zone': zone } : {}) } },
    status: {
      ...(cpu ? { allocatable: { cpu } } : {}),
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    },
  }
}

function podOf(pod: SequencePod, service: Service): Pod {
  const ips = pod.ips ?? (pod.ip ? [pod.ip] : [])
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: pod.name,
      namespace: service.metadata.namespace ?? 'default',
      uid: `uid-${pod.name}`,
      labels: pod.labels ?? service.spec.selector ?? {},
      ...(pod.terminating ? { deletionTimestamp: '2026-01-01T00:00:30Z', deletionGracePeriodSeconds: 30 } : {}),
    },
    spec: {
      containers: [{ name: 'c', image: 'i', ...(pod.ports ? { ports: pod.ports } : {}) }],
      ...(pod.node ? { nodeName: pod.node } : {}),
      ...(pod.hostname ? { hostname: pod.hostname } : {}),
      ...(pod.subdomain ? { subdomain: pod.subdomain } : {}),
    },
    status: {
      phase: pod.phase ?? 'Running',
      ...(ips[0] ? { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) } : {}),
      conditions: [{ type: 'Ready', status: pod.ready ? 'True' : 'False' }],
    },
  }
}

/** What a slice holds, without its name, in an order of its own. */
export function contents(slice: {
  readonly addressType: string
  readonly ports?: readonly EndpointPort[]
  readonly endpoints?: readonly Endpoint[] | null
  readonly labels?: Record<string, string>
}) {
  return {
    addressType: slice.addressType,
    ports: slice.ports ?? [],
    endpoints: [...(slice.endpoints ?? [])].sort((a, b) => ((a.addresses[0] ?? '') < (b.addresses[0] ?? '') ? -1 : 1)),
    labels: slice.labels,
  }
}

export function slicesIn(cluster: Cluster): readonly EndpointSlice[] {
  return [...(cluster.byKind.get('EndpointSlice')?.values() ?? [])] as EndpointSlice[]
}

/** What a recorded reconciliation wrote and left. */
export type ReconcileExpected = {
  readonly creates: number
  readonly updates: number
  readonly deletes: number
  readonly actionsSorted?: readonly (readonly [verb: string, length: number])[]
  readonly finalSliceLengths: readonly number[]
  readonly finalSlices?: readonly FinalSlice[]
}
export type FinalSlice = {
  readonly addressType: string
  readonly ports?: readonly EndpointPort[]
  readonly labels?: Record<string, string>
  readonly endpointCount?: number
  readonly endpoints?: readonly Endpoint[]
}

/** A slice as one text, its ports and endpoints in an order of their own; without `full` only how many endpoints it has. */
export function sliceText({ addressType, ports = [], labels, endpointCount, endpoints }: FinalSlice, full: boolean): string {
  const count = endpointCount ?? endpoints?.length ?? 0
  const lists = { ports: ports.map(stable).sort(), ...(full ? { endpoints: (endpoints ?? []).map(stable).sort() } : {}) }
  return stable({ addressType, labels, count, ...lists })
}

/** Of large clusters the recording kept only the numbers. */
export const isFull = (slices: readonly FinalSlice[]): boolean => slices.every((slice) => slice.endpoints || !slice.endpointCount)

/** JSON with its keys in order. */
export function stable(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}

/** What one settling wrote to slices, in the form of `ReconcileExpected`. */
export function reconciled({ cluster, changes }: Settled, full: boolean) {
  const count = (kind: string) => changes.filter((one) => one.change === kind).length
  const slices = slicesIn(cluster)
  return {
    counts: [count('create'), count('update'), count('delete')],
    actions: changes
      .flatMap((one) => [one.change === 'delete' ? 'delete null' : `${one.change} ${(one.object as EndpointSlice).endpoints?.length}`])
      .sort(),
    lengths: slices.map(({ endpoints = [] }) => endpoints.length).sort((a, b) => a - b),
    slices: slices.map((slice) => sliceText({ ...slice, labels: { ...slice.metadata.labels } }, full)).sort(),
  }
}
