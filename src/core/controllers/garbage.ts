import { type ApiObject, at, type Cluster } from '../api/cluster.ts'
import type { Pod } from '../api/kinds/pod.ts'
import { keyOf, type ObjectKey } from '../api/meta.ts'
import type { Change, Controller, ReconcileContext } from './controller.ts'
import { dependants } from './lookup.ts'
import { deletePod } from './pods.ts'
import { because, type Why } from './why.ts'

/**
 * Deletes what belongs to what is gone: objects whose owners have all been deleted, and everything in a deleted namespace. It acts on
 * deletions only: an input may well name owners that it does not bring.
 */
export const garbageCollector: Controller = {
  name: 'garbage-collector',
  everything: () => [],
  // Pods and slices own nothing.
  watches: ['Namespace', 'Node', 'Service', 'Endpoints', 'Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Ingress', 'Gateway'],
  concerns: ({ before, after }, cluster) => {
    if (!before || after) return []
    return before.kind === 'Namespace' ? inNamespace(cluster, before.metadata.name) : dependants(cluster, before)
  },
  reconcile: (cluster, keys, context) =>
    keys.flatMap((key) => {
      const object = at(cluster, key)
      return object ? collect(cluster, object, context) : []
    }),
}

function inNamespace(cluster: Cluster, namespace: string): readonly ObjectKey[] {
  const found: ObjectKey[] = []
  for (const objects of cluster.byKind.values()) {
    for (const [key, { metadata }] of objects) if (metadata.namespace === namespace) found.push(key)
  }
  return found
}

function collect(cluster: Cluster, object: ApiObject, context: ReconcileContext): readonly Change[] {
  const why = reason(cluster, object)
  if (why === undefined) return []
  return object.kind === 'Pod' ? deletePod(object as Pod, why, context) : [{ change: 'delete', key: keyOf(object), why }]
}

function reason(cluster: Cluster, { metadata }: ApiObject): Why | undefined {
  const { namespace, ownerReferences = [] } = metadata
  if (namespace !== undefined && !at(cluster, `Namespace//${namespace}`) && ownerReferences.length === 0)
    return because('namespace-deleted', { namespace })
  const [owner] = ownerReferences
  if (!owner) return undefined
  const isThere = ownerReferences.some(({ kind, name, uid }) => {
    const found = at(cluster, `${kind}/${namespace ?? ''}/${name}`) ?? at(cluster, `${kind}//${name}`)
    return found !== undefined && (found.metadata.uid ?? '') === uid
  })
  return isThere ? undefined : because('owner-deleted', { kind: owner.kind, name: owner.name })
}
