import { draw } from '../base/chance.ts'
import { copyOf, type Mutable, sameData } from '../base/copy.ts'
import { rfc3339 } from '../base/time.ts'
import { Allocators } from './allocate.ts'
import { type ApiObject, at, type Cluster, find, list, store } from './cluster.ts'
import { setDefaults } from './defaults/index.ts'
import { goQuote, invalidObject, type Refusal } from './field-error.ts'
import { kindInfo, qualifiedKind, qualifiedResource } from './kind.ts'
import type { ClusterSettings } from './kinds/config.ts'
import type { EndpointSlice } from './kinds/endpointslice.ts'
import type { IngressClass } from './kinds/ingress.ts'
import type { Service } from './kinds/service.ts'
import { keyOf, type ObjectKey } from './meta.ts'
import { type AllocationResult, allocateService } from './service/allocation.ts'
import { dropTypeDependentFields, normalizeClusterIps, patchAllocatedValues } from './service/normalise.ts'
import { uidOf } from './uid.ts'
import { validateObject } from './validation/index.ts'
import { validateMetadataUpdate } from './validation/metadata.ts'
import { validateServiceStatus } from './validation/service-update.ts'
import { warningsOf } from './validation/warnings.ts'

export type WriteOptions = {
  /** Virtual milliseconds since 2026-01-01T00:00:00Z: the creation timestamp. */
  readonly now: number
  readonly dryRun?: boolean
  /** Replaced as given: what an API server guards against change may change (by default it may not). */
  readonly fact?: boolean
}

/** A write that was accepted: what is stored, and what `kubectl` prints after `Warning: `. */
export type Accepted = { readonly cluster: Cluster; readonly object: ApiObject; readonly warnings: readonly string[] }
export type Outcome = Accepted | { readonly refused: Refusal }
export type Admitted = { readonly object: ApiObject; readonly warnings: readonly string[] } | { readonly refused: Refusal }

/** What admitting an object asks of the rest of the cluster. One desk serves many writes without looking at every Service again. */
export type Desk = {
  readonly settings: ClusterSettings
  readonly allocators: Allocators
  readonly lookup: (key: ObjectKey) => ApiObject | undefined
  readonly ingressClasses: () => readonly IngressClass[]
}

/** A desk in front of a cluster as it is stored. */
export function deskOf(cluster: Cluster): Desk {
  return {
    settings: cluster.settings,
    allocators: new Allocators(cluster.settings, list(cluster, 'Service')),
    lookup: (key) => at(cluster, key),
    ingressClasses: () => list(cluster, 'IngressClass'),
  }
}

/**
 * Creates an object as the API server does: defaults, allocation, validation, in this order; the first stage that objects ends it. An
 * existing object of the same key refuses it (409 AlreadyExists).
 */
export function createObject(cluster: Cluster, object: ApiObject, options: WriteOptions): Outcome {
  const named = withNamespace(object)
  const info = kindInfo(object.kind)
  if (at(cluster, keyOf(named))) {
    const message = `${info ? qualifiedResource(info) : object.kind} ${goQuote(object.metadata.name)} already exists`
    return { refused: { reason: 'AlreadyExists', code: 409, message, causes: [] } }
  }
  return stored(cluster, admit(deskOf(cluster), named, undefined, options), options)
}

/** Replaces a stored object as PUT does: allocated values are kept, immutable fields guarded. A missing one is 404 NotFound. */
export function updateObject(cluster: Cluster, object: ApiObject, options: WriteOptions): Outcome {
  const named = withNamespace(object)
  const old = at(cluster, keyOf(named))
  if (!old) return { refused: notFound(object.kind, object.metadata.name) }
  return stored(cluster, admit(deskOf(cluster), named, old, options), options)
}

/** Creates the object, or replaces the one of the same key: what applying a whole document does. */
export function applyObject(cluster: Cluster, object: ApiObject, options: WriteOptions): Outcome {
  const named = withNamespace(object)
  const fact = isFact(named)
  return stored(cluster, admit(deskOf(cluster), named, at(cluster, keyOf(named)), { ...options, fact }), options)
}

/** A Pod given with its status is told as it was found: nothing of it depends on what stood there before. */
function isFact({ kind, ...rest }: ApiObject): boolean {
  return kind === 'Pod' && (rest as { status?: unknown }).status !== undefined
}

/** Replaces a stored object's status only, as PUT to `/status` does; Services' statuses are checked. */
export function updateStatus(cluster: Cluster, object: ApiObject, options: WriteOptions): Outcome {
  const named = withNamespace(object)
  const old = at(cluster, keyOf(named))
  if (!old) return { refused: notFound(object.kind, object.metadata.name) }
  const draft = copyOf({ ...old, status: (named as { status?: unknown }).status }) as ApiObject
  if (draft.kind === 'Service') {
    setDefaults(draft as Mutable<ApiObject>)
    const errors = validateServiceStatus(draft as Service, old as Service)
    if (errors.length > 0) return { refused: invalidObject('Service', draft.metadata.name, errors) }
  }
  return { cluster: options.dryRun ? cluster : store(cluster, [draft]), object: draft, warnings: [] }
}

/** Removes an object; what it held is free again. A missing one is 404 NotFound. */
export function deleteObject(cluster: Cluster, kind: string, namespace: string, name: string): Outcome {
  const object = find(cluster, kind, namespace, name)
  if (!object) return { refused: notFound(kind, name) }
  return { cluster: store(cluster, [], [keyOf(object)]), object, warnings: [] }
}

function stored(cluster: Cluster, admitted: Admitted, options: WriteOptions): Outcome {
  if ('refused' in admitted) return admitted
  return { ...admitted, cluster: options.dryRun ? cluster : store(cluster, [admitted.object]) }
}

function notFound(kind: string, name: string): Refusal {
  const info = kindInfo(kind)
  return { reason: 'NotFound', code: 404, message: `${info ? qualifiedResource(info) : kind} ${goQuote(name)} not found`, causes: [] }
}

/** Namespaced objects without a namespace belong to `default`; cluster-scoped ones have none. */
export function withNamespace<T extends ApiObject>(object: T): T {
  const info = kindInfo(object.kind)
  const { namespace, ...metadata } = object.metadata
  if (info && !info.namespaced) return namespace === undefined ? object : { ...object, metadata }
  return namespace ? object : { ...object, metadata: { ...object.metadata, namespace: 'default' } }
}

/**
 * Takes one object through defaulting, allocation and validation. With `old`, as an update of it. What it is given at the desk's
 * allocators is counted as used at once, and given back if it is refused.
 */
export function admit(desk: Desk, object: ApiObject, old: ApiObject | undefined, options: WriteOptions): Admitted {
  const draft = copyOf(withGeneratedName(object, options.now))
  keepStatus(draft, old)
  keepPlacement(draft, old)
  setDefaults(draft)
  defaultIngressClass(draft, old, desk)
  // Counted on what was sent, before anything is dropped from it.
  const changed = old !== undefined && !sameBody(draft as ApiObject, old)
  if (draft.kind === 'EndpointSlice') dropTopology(draft as never, old as EndpointSlice | undefined)
  const allocation = draft.kind === 'Service' ? allocate(draft as never, old as Service | undefined, desk, options) : undefined
  if (allocation && 'refused' in allocation) return allocation
  // The generic store looks at the metadata's changes before the kind does: some errors are told more than once.
  const guarded = options.fact ? undefined : old
  const errors = [
    ...(guarded ? validateMetadataUpdate(draft.metadata, guarded.metadata) : []),
    ...validateObject(draft as ApiObject, guarded),
  ]
  if (errors.length > 0) {
    allocation?.undo()
    const info = kindInfo(draft.kind)
    return { refused: invalidObject(info ? qualifiedKind(info) : draft.kind, draft.metadata?.name ?? '', errors) }
  }
  allocation?.settle()
  setSystemMetadata(draft, old, changed, options)
  return { object: draft as ApiObject, warnings: warningsOf(draft as ApiObject, old) }
}

function allocate(service: Mutable<Service>, old: Service | undefined, desk: Desk, { dryRun = false }: WriteOptions): AllocationResult {
  if (old) patchAllocatedValues(service, old)
  normalizeClusterIps(service, old)
  const result = allocateService(service, old, desk.allocators, dryRun)
  if (old && !('refused' in result)) dropTypeDependentFields(service, old)
  return result
}

/** `deprecatedTopology` can be kept, not written: what a new or changed slice says there is dropped (dropTopologyOnV1). */
function dropTopology(slice: Mutable<EndpointSlice>, old: EndpointSlice | undefined): void {
  if (old && sameData(slice.endpoints, old.endpoints)) return
  const known = new Set((old?.endpoints ?? []).flatMap((endpoint) => endpoint.deprecatedTopology?.['kubernetes.io/hostname'] ?? []))
  for (const endpoint of slice.endpoints ?? []) {
    const topology = endpoint.deprecatedTopology
    const host = topology?.['kubernetes.io/hostname']
    const kept = endpoint.nodeName === undefined && host !== undefined && known.has(host) && Object.keys(topology ?? {}).length === 1
    if (!kept) delete endpoint.deprecatedTopology
  }
}

const NAME_LETTERS = 'bcdfghjklmnpqrstvwxz2456789'

/** `generateName` and five letters; chance is the object's own, so that the same input gives the same name. */
export function withGeneratedName<T extends ApiObject>(object: T, now: number): T {
  const { kind, metadata } = object
  if (metadata.name || !metadata.generateName) return object
  let letters = ''
  for (let i = 0; i < 5; i++) {
    const pick = Math.floor(draw(now, kind, metadata.namespace ?? '', metadata.generateName, i) * NAME_LETTERS.length)
    letters += NAME_LETTERS[pick] ?? ''
  }
  return { ...object, metadata: { ...metadata, name: `${metadata.generateName}${letters}` } }
}

/** Where a Pod was bound and which Pod CIDRs a node was given stays, if a whole document is sent again without it. */
function keepPlacement(draft: Mutable<ApiObject>, old: ApiObject | undefined): void {
  if (!old) return
  const before = (old as { spec?: Record<string, unknown> }).spec ?? {}
  const fields = { Pod: ['nodeName', 'serviceAccountName', 'serviceAccount'], Node: ['podCIDR', 'podCIDRs'] }[draft.kind] ?? []
  const loose = draft as { spec?: Record<string, unknown> }
  for (const field of fields) {
    if (before[field] === undefined || loose.spec?.[field] !== undefined) continue
    loose.spec ??= {}
    loose.spec[field] = copyOf(before[field])
  }
}

/** A write without a status leaves the stored one as it is; only load balancers keep a load balancer's. */
function keepStatus(draft: Mutable<ApiObject>, old: ApiObject | undefined): void {
  const loose = draft as { status?: { loadBalancer?: unknown } }
  const status = (old as { status?: object } | undefined)?.status
  if (loose.status === undefined && status) loose.status = copyOf(status)
  if (draft.kind === 'Ingress') loose.status ??= { loadBalancer: {} }
  if (draft.kind !== 'Service') return
  loose.status ??= {}
  const type = (draft as { spec?: { type?: string } }).spec?.type
  if (old && type !== 'LoadBalancer' && sameData(loose.status, status)) loose.status.loadBalancer = {}
  loose.status.loadBalancer ??= {}
}

/** The admission plugin DefaultIngressClass: the newest class marked default, ties by name; the old annotation opts out. */
function defaultIngressClass(draft: Mutable<ApiObject>, old: ApiObject | undefined, desk: Desk): void {
  if (draft.kind !== 'Ingress' || old) return
  const spec = (draft as { spec?: { ingressClassName?: string } }).spec
  if (!spec || spec.ingressClassName !== undefined || draft.metadata?.annotations?.['kubernetes.io/ingress.class'] !== undefined) return
  const isDefault = (ingressClass: IngressClass) =>
    ingressClass.metadata.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true'
  const created = (ingressClass: IngressClass) => ingressClass.metadata.creationTimestamp ?? ''
  const [first] = desk
    .ingressClasses()
    .filter(isDefault)
    .sort((a, b) => (created(a) > created(b) ? -1 : created(a) < created(b) ? 1 : a.metadata.name < b.metadata.name ? -1 : 1))
  if (first) spec.ingressClassName = first.metadata.name
}

function setSystemMetadata(draft: Mutable<ApiObject>, old: ApiObject | undefined, changed: boolean, { now, fact }: WriteOptions): void {
  const metadata = draft.metadata
  delete (metadata as { managedFields?: unknown }).managedFields
  delete (metadata as { selfLink?: unknown }).selfLink
  delete metadata.resourceVersion
  const given = fact ? metadata.uid : undefined
  metadata.uid = given ?? old?.metadata.uid ?? metadata.uid ?? uidOf(keyOf(draft as ApiObject), now)
  metadata.creationTimestamp = old?.metadata.creationTimestamp ?? metadata.creationTimestamp ?? rfc3339(now)
  if (!kindInfo(draft.kind)?.generation) return
  const before = old?.metadata.generation ?? 0
  metadata.generation = old ? before + (changed ? 1 : 0) : (metadata.generation ?? 1)
}

/** Whether everything but metadata and status is as it was: then the generation stays. */
function sameBody(a: ApiObject, b: ApiObject): boolean {
  const body = (object: ApiObject) => ({ ...object, metadata: undefined, status: undefined })
  return sameData(body(a), body(b))
}
