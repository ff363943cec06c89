import type { ApiObject } from '../api/cluster.ts'
import type { Condition, Pod, PodTemplate } from '../api/kinds/pod.ts'
import { hasFinished, isPodReady } from '../api/kinds/pod.ts'
import { controllerOf, keyOf, type ObjectKey, type OwnerReference } from '../api/meta.ts'
import { parseIp } from '../base/ip.ts'
import { millisOf, rfc3339 } from '../base/time.ts'
import type { Change, ReconcileContext } from './controller.ts'
import { uidOf } from './names.ts'
import type { Why } from './why.ts'

/** Neither on its way out nor finished: `controller.IsPodActive`. */
export function isActive(pod: Pod): boolean {
  return pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed' && pod.metadata.deletionTimestamp === undefined
}

/** The Pod's condition of that type, if it has one. */
export function conditionOf(pod: Pod, type: string): Condition | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === type)
}

/** The Pod's addresses in canonical form, the first one first; a Pod of an old dump may state only `podIP`. */
export function podIps({ status }: Pod): readonly string[] {
  if (status?.podIPs?.length) return status.podIPs.map(({ ip }) => sloppyIp(ip))
  return status?.podIP ? [sloppyIp(status.podIP)] : []
}

/** As `netutils.ParseIPSloppy` reads an address: leading zeros of octets mean nothing. What is no address at all stays as it is. */
export function sloppyIp(text: string): string {
  return parseIp(text) ?? parseIp(text.replace(/(^|\.)0+(?=\d)/g, '$1')) ?? text
}

/** When a ready Pod counts as available (virtual ms), or undefined while it is not ready: `podutil.IsPodAvailable`. */
export function availableAt(pod: Pod, minReadySeconds: number): number | undefined {
  if (!isPodReady(pod)) return undefined
  const since = millisOf(conditionOf(pod, 'Ready')?.lastTransitionTime)
  if (minReadySeconds === 0) return since ?? Number.NEGATIVE_INFINITY
  // A Ready condition without a time never becomes available.
  return since === undefined ? undefined : since + minReadySeconds * 1000
}

const NO_KEYS: readonly ObjectKey[] = []

/** The reference that makes `owner` the controller of what it creates. */
export function controllerReference(owner: ApiObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  }
}

/** The key of an object's controller if that is of the kind. */
export function ownerKey(object: ApiObject | undefined, kind: string): readonly ObjectKey[] {
  const owner = object && controllerOf(object)
  return owner?.kind === kind ? [`${kind}/${object?.metadata.namespace ?? ''}/${owner.name}`] : NO_KEYS
}

/** The keys of the controllers of that kind that an object had before a change and has after it. */
export function ownerKeys(before: ApiObject | undefined, after: ApiObject | undefined, kind: string): readonly ObjectKey[] {
  if (!before || !after) return ownerKey(before ?? after, kind)
  const [old, now] = [ownerKey(before, kind), ownerKey(after, kind)]
  return old.length === 0 || old[0] === now[0] ? now : [...old, ...now]
}

/** A Pod made from a template, as `controller.GetPodFromTemplate` makes it; labels are added to the template's. */
export function podFrom(
  template: PodTemplate,
  owner: ApiObject,
  naming: {
    readonly name: string
    readonly generateName?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly serial: number
  },
  now: number,
): Pod {
  const { namespace } = owner.metadata
  const labels = naming.labels ? { ...template.metadata?.labels, ...naming.labels } : (template.metadata?.labels ?? {})
  const annotations = template.metadata?.annotations
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: naming.name,
      ...(naming.generateName === undefined ? {} : { generateName: naming.generateName }),
      ...(namespace === undefined ? {} : { namespace }),
      uid: uidOf(`Pod/${namespace}/${naming.name}`, naming.serial),
      creationTimestamp: rfc3339(now),
      labels,
      ...(annotations ? { annotations } : {}),
      ownerReferences: [controllerReference(owner)],
    },
    spec: template.spec,
  }
}

/**
 * What the API server does with a request to delete a Pod: one that no node runs, or that has finished, goes at once; any other gets
 * its grace period and goes when its containers have ended.
 */
export function deletePod(pod: Pod, why: Why, { now, memory }: ReconcileContext): readonly Change[] {
  if (pod.metadata.deletionTimestamp !== undefined) return []
  const key = keyOf(pod)
  memory.release(key)
  const finished = hasFinished(pod)
  const grace = pod.spec.terminationGracePeriodSeconds ?? 30
  if (!pod.spec.nodeName || finished || grace === 0) return [{ change: 'delete', key, why }]
  const metadata = { ...pod.metadata, deletionTimestamp: rfc3339(now + grace * 1000), deletionGracePeriodSeconds: grace }
  return [{ change: 'update', object: { ...pod, metadata }, why }]
}
