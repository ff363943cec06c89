import { type ApiObject, type Cluster, find, list } from '../api/cluster.ts'
import type { EndpointSlice } from '../api/kinds/endpointslice.ts'
import { SERVICE_NAME_LABEL } from '../api/kinds/endpointslice.ts'
import { escapedAsGo, utf8Bytes } from '../base/text.ts'
import { encodeObject } from './protobuf.ts'
import { ordinaryEndpoints, ordinarySlice, withManagedFields } from './stored.ts'

/** Bytes of one object. `protobuf` is absent for kinds without published numbers; with `unknown` fields it is a lower bound. */
export type Size = { readonly json: number; readonly protobuf?: number; readonly unknown: readonly string[] }
/** Bytes in both encodings. */
export type Bytes = { readonly json: number; readonly protobuf: number }

/**
 * How many bytes a real API server would hold and send for an object: JSON with its closing newline, and protobuf in the `k8s` envelope,
 * both with the managed fields of the controllers' objects.
 */
export function sizeOf(object: ApiObject): Size {
  const stored = withManagedFields(object)
  const encoded = encodeObject(stored)
  const json = utf8Bytes(escapedAsGo(JSON.stringify(stored))).length + 1
  return { json, unknown: encoded?.unknown ?? [], ...(encoded ? { protobuf: encoded.bytes.length } : {}) }
}

/** What one Service's endpoints cost, in the old object and in slices. */
export type ServiceCost = {
  readonly addresses: number
  readonly watchers: number
  /** The one Endpoints object, as stored: cut at 1,000 addresses. Absent where the Service has none. */
  readonly endpoints?: Bytes
  readonly slices: readonly { readonly name: string; readonly endpoints: number; readonly bytes: Bytes }[]
  readonly allSlices: Bytes
  /** One Pod changes: the whole Endpoints object, or its one slice (the largest), to every watcher. */
  readonly oneChange: { readonly endpoints?: Bytes; readonly slice: Bytes }
  /** Every Pod is replaced by a new one. */
  readonly rollingUpdate: {
    readonly endpoints?: Bytes
    readonly slices: Bytes
    readonly writes: { readonly endpoints: number; readonly slices: number }
  }
}

/** Of one replaced Pod: in Endpoints the new one comes not ready, gets ready, the old one leaves. */
const ENDPOINTS_WRITES = 3
/** In slices the old one is seen to terminate before it leaves as well. Batching only makes it fewer. */
const SLICE_WRITES = 4

/** What the endpoints of a Service cost with so many watchers, measured on the objects of this cluster. */
export function costOfService(cluster: Cluster, namespace: string, name: string, watchers: number): ServiceCost {
  const slices = list(cluster, 'EndpointSlice').filter(
    ({ metadata }) => metadata.namespace === namespace && metadata.labels?.[SERVICE_NAME_LABEL] === name,
  )
  const endpoints = find(cluster, 'Endpoints', namespace, name)
  const sized = slices.map((slice) => ({ name: slice.metadata.name, endpoints: slice.endpoints?.length ?? 0, bytes: bytesOf(slice) }))
  const addresses = sized.reduce((count, slice) => count + slice.endpoints, 0)
  const whole = endpoints && bytesOf(endpoints)
  return { addresses, watchers, ...(whole ? { endpoints: whole } : {}), slices: sized, ...totals(sized, addresses, watchers, whole) }
}

function totals(sized: ServiceCost['slices'], addresses: number, watchers: number, whole: Bytes | undefined) {
  const largest = sized.reduce<Bytes>((most, { bytes }) => (bytes.protobuf > most.protobuf ? bytes : most), NOTHING)
  const writes = { endpoints: addresses * ENDPOINTS_WRITES, slices: addresses * SLICE_WRITES }
  // Each endpoint's writes carry the slice it lies in.
  const perSlice = sum(sized.map(({ endpoints, bytes }) => times(bytes, endpoints * SLICE_WRITES)))
  return {
    allSlices: sum(sized.map(({ bytes }) => bytes)),
    oneChange: { slice: times(largest, watchers), ...(whole ? { endpoints: times(whole, watchers) } : {}) },
    rollingUpdate: {
      writes,
      slices: times(perSlice, watchers),
      ...(whole ? { endpoints: times(whole, writes.endpoints * watchers) } : {}),
    },
  }
}

/** The figure that courses quote, and where it comes from. */
export const quotedClaim = {
  source: 'https://kubernetes.io/blog/2020/09/02/scaling-kubernetes-networking-with-endpointslices/',
  year: 2020,
  pods: 5000,
  endpointsBytes: 1_500_000,
  watchers: 3000,
  bytesPerChange: 4_500_000_000,
} as const

/** The quoted figure beside what the same cluster measures today. Nothing in it is written down: every size is encoded when asked for. */
export type ClaimCheck = {
  readonly pods: number
  readonly watchers: number
  /** The Endpoints object if it were not cut. */
  readonly uncut: Bytes
  /** As it is stored since 1.22: at most 1,000 addresses. */
  readonly stored: Bytes
  /** A full slice of 100 endpoints with their zone. */
  readonly slice: Bytes
  readonly slices: number
  /** One change, to every watcher. */
  readonly perChange: { readonly uncut: Bytes; readonly stored: Bytes; readonly slice: Bytes }
  /** Why the quoted figure is not what is measured, as stable codes. */
  readonly reasons: readonly ClaimReason[]
}

export type ClaimReason = 'pods-5000' | 'long-names' | 'cut-at-1000' | 'proxy-watches-slices' | 'protobuf'

const CUT = 1000

/** Measures what one change of a Service with so many Pods and ordinary names would send. */
export function checkClaim(pods: number, watchers: number, perSlice = 100): ClaimCheck {
  const uncut = bytesOf(ordinaryEndpoints(pods))
  const stored = bytesOf(ordinaryEndpoints(Math.min(pods, CUT)))
  const slice = bytesOf(ordinarySlice(Math.min(pods, perSlice), 'us-east-1a'))
  return {
    pods,
    watchers,
    uncut,
    stored,
    slice,
    slices: Math.max(1, Math.ceil(pods / perSlice)),
    perChange: { uncut: times(uncut, watchers), stored: times(stored, watchers), slice: times(slice, watchers) },
    reasons: [
      ...(pods === quotedClaim.pods ? [] : (['pods-5000'] as const)),
      'long-names',
      ...(pods > CUT ? (['cut-at-1000'] as const) : []),
      'proxy-watches-slices',
      'protobuf',
    ],
  }
}

const NOTHING: Bytes = { json: 0, protobuf: 0 }

function bytesOf(object: ApiObject | EndpointSlice): Bytes {
  const { json, protobuf = 0 } = sizeOf(object)
  return { json, protobuf }
}

function sum(all: readonly Bytes[]): Bytes {
  return all.reduce((a, b) => ({ json: a.json + b.json, protobuf: a.protobuf + b.protobuf }), NOTHING)
}

function times(bytes: Bytes, factor: number): Bytes {
  return { json: bytes.json * factor, protobuf: bytes.protobuf * factor }
}
