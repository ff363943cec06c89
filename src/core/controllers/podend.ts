import { at, type Cluster, find, list } from '../api/cluster.ts'
import type { Pod } from '../api/kinds/pod.ts'
import { keyOf } from '../api/meta.ts'
import { millisOf } from '../base/time.ts'
import type { Change, Controller, ReconcileContext } from './controller.ts'
import { podsOnNode } from './lookup.ts'
import { isNodeSilent } from './nodes.ts'
import { stopDelay } from './readiness.ts'
import { because } from './why.ts'

const NAME = 'kubelet-termination'

/**
 * Takes deleted Pods away when their containers have ended (see `stopDelay`). A Pod given with a `deletionTimestamp` stays until it is
 * deleted by somebody; one on a node that is not heard of (`Ready` is Unknown) stays until the node is back; one on a node that does
 * not exist goes at once.
 */
export const podEnd: Controller = {
  name: NAME,
  everything: (cluster) => list(cluster, 'Pod').filter(isDeleted).map(keyOf),
  watches: ['Pod', 'Node'],
  concerns: ({ key, after }, cluster) => {
    if (key.startsWith('Pod/')) return after && isDeleted(after as Pod) ? [key] : []
    if (!key.startsWith('Node/')) return []
    return podsOnNode(cluster, key.slice('Node//'.length)).filter(isDeleted).map(keyOf)
  },
  reconcile: (cluster, keys, context) =>
    keys.flatMap((key) => {
      const pod = at(cluster, key) as Pod | undefined
      return pod && isDeleted(pod) && !context.memory.isFact(key) ? end(cluster, pod, context) : []
    }),
}

const isDeleted = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined

function end(cluster: Cluster, pod: Pod, { now, memory }: ReconcileContext): readonly Change[] {
  const key = keyOf(pod)
  const node = pod.spec.nodeName ? find(cluster, 'Node', '', pod.spec.nodeName) : undefined
  if (!node) return [{ change: 'delete', key, why: because('nothing-to-end') }]
  if (isNodeSilent(node) || memory.wakesOf(NAME).has(key)) return []
  const { deletionTimestamp, deletionGracePeriodSeconds = 30 } = pod.metadata
  const told = (millisOf(deletionTimestamp) ?? now) - deletionGracePeriodSeconds * 1000
  const ends = told + stopDelay(pod)
  if (ends <= now) return [{ change: 'delete', key, why: because('containers-ended') }]
  // The timestamp is cut to seconds: within its second, now is when the Pod was told to go.
  memory.wake(NAME, key, now - told < 1000 ? now + stopDelay(pod) : ends)
  return []
}
