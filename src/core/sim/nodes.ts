import { type ApiObject, type Cluster, find, list, store } from '../api/cluster.ts'
import type { Condition, Pod } from '../api/kinds/pod.ts'
import { rfc3339 } from '../base/time.ts'

/**
 * The cluster after the node lifecycle controller has given a node up (`ready` false) or heard of it again: the node's Ready condition, and with
 * a lost node those of its Pods.
 */
export function withNodeReady(
  cluster: Cluster,
  name: string,
  ready: boolean,
  now: number,
): { readonly cluster: Cluster; readonly changed: readonly ApiObject[] } {
  const node = find(cluster, 'Node', '', name)
  if (!node) return { cluster, changed: [] }
  const state: Condition = ready
    ? {
        type: 'Ready',
        status: 'True',
        reason: 'KubeletReady',
        message: 'kubelet is posting ready status',
        lastTransitionTime: rfc3339(now),
      }
    : {
        type: 'Ready',
        status: 'Unknown',
        reason: 'NodeStatusUnknown',
        message: 'Kubelet stopped posting node status.',
        lastTransitionTime: rfc3339(now),
      }
  const changed: ApiObject[] = [
    { ...node, status: { ...node.status, conditions: withCondition(node.status?.conditions, state) } } as ApiObject,
  ]
  const pods = list(cluster, 'Pod').filter((pod) => pod.spec.nodeName === name && pod.status?.phase === 'Running')
  for (const pod of pods) changed.push(withPodReady(pod, ready, now))
  return { cluster: store(cluster, changed), changed }
}

/** The Pod with its Ready condition set, as the node lifecycle controller does. */
function withPodReady(pod: Pod, ready: boolean, now: number): Pod {
  const container = pod.status?.conditions?.find(({ type }) => type === 'ContainersReady')
  const isReady = ready && container?.status !== 'False'
  const condition: Condition = { type: 'Ready', status: isReady ? 'True' : 'False', lastTransitionTime: rfc3339(now) }
  return { ...pod, status: { ...pod.status, conditions: withCondition(pod.status?.conditions, condition) } }
}

function withCondition(conditions: readonly Condition[] | undefined, condition: Condition): readonly Condition[] {
  const old = conditions ?? []
  const known = old.some(({ type }) => type === condition.type)
  return known
    ? old.map((one) => (one.type !== condition.type ? one : one.status === condition.status ? one : condition))
    : [...old, condition]
}
