import type { Node, Taint } from '../api/kinds/node.ts'
import type { Pod } from '../api/kinds/pod.ts'

/** A node without a Ready condition is taken to be healthy: hand-written Nodes rarely state one. */
export function isNodeReady(node: Node): boolean {
  const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready')
  return ready === undefined || ready.status === 'True'
}

/** A kubelet that says it is not ready is still there and ends containers; of one that is Unknown nothing more is heard. */
export function isNodeSilent(node: Node): boolean {
  return node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'Unknown') ?? false
}

/** The node's taints, with those that the node lifecycle controller would add to a node that is not ready. */
export function nodeTaints(node: Node): readonly Taint[] {
  const taints = node.spec?.taints ?? []
  const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready')
  if (ready === undefined || ready.status === 'True') return taints
  const key = ready.status === 'Unknown' ? 'node.kubernetes.io/unreachable' : 'node.kubernetes.io/not-ready'
  const added = ['NoSchedule', 'NoExecute'].map((effect) => ({ key, effect }))
  return [...taints, ...added.filter((taint) => !taints.some((old) => old.key === key && old.effect === taint.effect))]
}

/** Whether one of the Pod's tolerations covers the taint: `Toleration.ToleratesTaint`. */
export function tolerates(pod: Pod, taint: Taint): boolean {
  return (pod.spec.tolerations ?? []).some((toleration) => {
    if (toleration.effect && toleration.effect !== taint.effect) return false
    if (toleration.key && toleration.key !== taint.key) return false
    // No key is only meaningful with Exists: it tolerates everything.
    if (toleration.operator === 'Exists') return true
    return Boolean(toleration.key) && (toleration.value ?? '') === (taint.value ?? '')
  })
}

/** The node's internal addresses, IPv4 and IPv6 in the order written. */
export function nodeIps(node: Node | undefined): readonly string[] {
  return (node?.status?.addresses ?? []).filter((address) => address.type === 'InternalIP').map((address) => address.address)
}
