import { byText } from '../../base/order.ts'
import { type Cluster, list } from '../cluster.ts'
import type { Pod } from '../kinds/pod.ts'
import { type Labels, mapSelects, type ObjectKey } from '../meta.ts'

/** Pods that carry the very same labels, and what made them. */
export type Cohort = { readonly labels: Labels; readonly pods: readonly Pod[]; readonly source?: ObjectKey }

/** Who is where, by labels: thousands of Pods of a few templates are a few cohorts. */
export type Population = {
  readonly cohorts: (namespace: string) => readonly Cohort[]
  readonly selectedBy: (namespace: string, selector: Labels) => readonly Cohort[]
  readonly namespaces: readonly string[]
}

/** Labels that controllers add to what the template says. */
const ADDED = new Set([
  'pod-template-hash',
  'controller-revision-hash',
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'pod-template-generation',
])

/** Gathers the cluster's Pods by namespace and labels. Workloads without any Pod count with their template's labels. */
export function populationOf(cluster: Cluster): Population {
  const spaces = new Map<string, Map<string, { labels: Labels; pods: Pod[]; source?: ObjectKey }>>()
  const cohort = (namespace: string, labels: Labels) => {
    const space = spaces.get(namespace) ?? new Map()
    spaces.set(namespace, space)
    const own = Object.entries(labels)
      .filter(([key]) => !ADDED.has(key))
      .sort(([a], [b]) => byText(a, b))
    const key = JSON.stringify(own)
    const known = space.get(key) ?? { labels: Object.fromEntries(own), pods: [] }
    space.set(key, known)
    return known
  }
  for (const pod of list(cluster, 'Pod')) cohort(pod.metadata.namespace ?? '', pod.metadata.labels ?? {}).pods.push(pod)
  for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'] as const)
    for (const workload of list(cluster, kind)) {
      if (kind === 'ReplicaSet' && workload.metadata.ownerReferences?.length) continue
      const { name, namespace = '' } = workload.metadata
      cohort(namespace, workload.spec.template.metadata?.labels ?? {}).source ??= `${kind}/${namespace}/${name}`
    }
  const cohorts = (namespace: string) => [...(spaces.get(namespace)?.values() ?? [])]
  return {
    cohorts,
    selectedBy: (namespace, selector) => cohorts(namespace).filter((one) => mapSelects(selector, one.labels)),
    namespaces: [...spaces.keys()].sort(),
  }
}
