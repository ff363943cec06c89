import { type ApiObject, type Cluster, find, store } from '../api/cluster.ts'
import type { Condition } from '../api/kinds/pod.ts'
import { rfc3339 } from '../base/time.ts'

/** The cluster after the control plane has given a node up (`ready` false) or heard of it again: the node's Ready condition. */
export function withNodeReady(
  cluster: Cluster,
  name: string,
  ready: boolean,
  now: number,
): { readonly cluster: Cluster; readonly changed: readonly ApiObject[] } {
  const node = find(cluster, 'Node', '', name)
  if (!node) return { cluster, changed: [] }
  const lastTransitionTime = rfc3339(now)
  const state: Condition = ready
    ? { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status', lastTransitionTime }
    : { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.', lastTransitionTime }
  const changed: ApiObject = { ...node, status: { ...node.status, conditions: withCondition(node.status?.conditions, state) } } as ApiObject
  return { cluster: store(cluster, [changed]), changed: [changed] }
}

function withCondition(conditions: readonly Condition[] | undefined, condition: Condition): readonly Condition[] {
  const old = conditions ?? []
  const known = old.some(({ type }) => type === condition.type)
  return known ? old.map((one) => (one.type === condition.type ? condition : one)) : [...old, condition]
}
