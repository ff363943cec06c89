import type { EndpointAddress, EndpointSubset, Endpoints, EndpointsPort } from '../../api/kinds/endpoints.ts'
import {
  type Endpoint,
  type EndpointPort,
  type EndpointSlice,
  MANAGED_BY_LABEL,
  SERVICE_NAME_LABEL,
} from '../../api/kinds/endpointslice.ts'
import type { Labels, OwnerReference } from '../../api/meta.ts'
import { sameData } from '../../base/copy.ts'
import { type Family, familyOf, parseIp } from '../../base/ip.ts'
import { repack } from '../endpoints/repack.ts'
import { controllerReference, sloppyIp } from '../pods.ts'
import { portKey } from './desired.ts'
import { type Draft, equalBeyondIdentity, identity, type Plan, type SliceUpdate } from './reconcile.ts'
import { TRIGGER_TIME } from './trigger.ts'

export const MIRRORER = 'endpointslicemirroring-controller.k8s.io'
/** `--mirroring-max-endpoints-per-subset`. */
export const MAX_MIRRORED = 1000

/** What the slices of hand-written Endpoints say about themselves. */
export type MirrorMetadata = { readonly labels: Labels; readonly annotations: Labels; readonly ownerReferences: readonly OwnerReference[] }

/** What is copied from the Endpoints, and what says whose the slices are. */
export function mirrorMetadata(endpoints: Endpoints): MirrorMetadata {
  const { [TRIGGER_TIME]: _, 'kubectl.kubernetes.io/last-applied-configuration': __, ...annotations } = endpoints.metadata.annotations ?? {}
  return {
    labels: { ...endpoints.metadata.labels, [SERVICE_NAME_LABEL]: endpoints.metadata.name, [MANAGED_BY_LABEL]: MIRRORER },
    annotations,
    ownerReferences: [controllerReference({ ...endpoints, apiVersion: 'v1', kind: 'Endpoints' })],
  }
}

/**
 * What is to be done with the slices that mirror Endpoints: one for each port list and family, of at most `max` endpoints. Of several
 * slices of a group only the first stays; addresses that are no IPs are passed over (`reconciler.reconcile`).
 */
export function planMirror(endpoints: Endpoints, existing: readonly EndpointSlice[], max: number): Plan {
  const metadata = mirrorMetadata(endpoints)
  const byGroup = new Map<string, EndpointSlice[]>()
  for (const slice of existing) {
    const key = groupKey(slice.addressType, slice.ports ?? [])
    byGroup.set(key, [...(byGroup.get(key) ?? []), slice])
  }
  const create: Draft[] = []
  const update: SliceUpdate[] = []
  const remove: EndpointSlice[] = []
  for (const [key, draft] of desired(endpoints.subsets ?? [], max)) {
    const [first, ...others] = byGroup.get(key) ?? []
    byGroup.delete(key)
    remove.push(...others)
    if (!first) create.push(draft)
    else if (!says(first, draft, metadata)) update.push({ slice: first, draft, relabel: true })
  }
  for (const slices of byGroup.values()) remove.push(...slices)
  return recycled({ create, update, remove, unchanged: [] })
}

function groupKey(family: string, ports: readonly EndpointPort[]): string {
  return `${family} ${portKey(ports)}`
}

function desired(subsets: readonly EndpointSubset[], max: number): ReadonlyMap<string, Draft> {
  const drafts = new Map<string, Draft & { readonly endpoints: Endpoint[] }>()
  for (const { addresses = [], notReadyAddresses = [], ports: written = [] } of repack(subsets)) {
    const ports = written.map(slicePort)
    let added = 0
    for (const [i, address] of [...addresses, ...notReadyAddresses].entries()) {
      if (added >= max) break
      const endpoint = mirrored(address, i < addresses.length)
      if (!endpoint) continue
      added++
      const family = familyOf(endpoint.addresses[0] ?? '')
      const key = groupKey(family, ports)
      const draft = drafts.get(key)
      if (draft) draft.endpoints.push(endpoint)
      else drafts.set(key, { family, ports, endpoints: [endpoint] })
    }
  }
  return drafts
}

function slicePort({ name = '', port, protocol = 'TCP', appProtocol }: EndpointsPort): EndpointPort {
  return { name, port, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }
}

/** An address of Endpoints as an endpoint, or undefined if it is no IP address. It says only whether it is ready. */
export function mirrored({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint | undefined {
  const address = parseIp(sloppyIp(ip))
  if (address === undefined) return undefined
  return {
    addresses: [address],
    conditions: { ready },
    ...(hostname ? { hostname } : {}),
    ...(targetRef ? { targetRef } : {}),
    ...(nodeName === undefined ? {} : { nodeName }),
  }
}

/** Whether a slice says all that it should already. */
function says(slice: EndpointSlice, { endpoints }: Draft, metadata: MirrorMetadata): boolean {
  const old = slice.endpoints ?? []
  const wanted = new Map(endpoints.map((endpoint) => [identity(endpoint), endpoint] as const))
  const isSame = old.every((endpoint) => {
    const current = wanted.get(identity(endpoint))
    return current !== undefined && equalBeyondIdentity(current, endpoint)
  })
  return (
    isSame &&
    old.length === wanted.size &&
    sameData(slice.metadata.labels ?? {}, metadata.labels) &&
    sameData(slice.metadata.annotations ?? {}, metadata.annotations) &&
    // Endpoints that were deleted and made anew take the slices of the old ones over.
    !slice.metadata.ownerReferences?.some(({ kind, name, uid }) =>
      metadata.ownerReferences.some((own) => own.kind === kind && own.name === name && own.uid !== uid),
    )
  )
}

/** Slices due for deletion take, family by family, those that were to be created: `recycleSlices`. */
function recycled(plan: Plan): Plan {
  const remove = [...plan.remove]
  const update = [...plan.update]
  const create = plan.create.filter((draft) => {
    const i = remove.findIndex((slice) => (slice.addressType as Family) === draft.family)
    const [slice] = i < 0 ? [] : remove.splice(i, 1)
    if (slice) update.push({ slice, draft, relabel: true })
    return slice === undefined
  })
  return { ...plan, create, update, remove }
}
