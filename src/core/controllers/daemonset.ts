import { at, type Cluster, list } from '../api/cluster.ts'
import type { Node } from '../api/kinds/node.ts'
import { isPodReady, type Pod, type PodTemplate } from '../api/kinds/pod.ts'
import type { DaemonSet } from '../api/kinds/workload.ts'
import { keyOf } from '../api/meta.ts'
import { sameData } from '../base/copy.ts'
import { type Change, type Controller, type ReconcileContext, update } from './controller.ts'
import { podsOwned } from './lookup.ts'
import { generatedName } from './names.ts'
import { nodeTaints, tolerates } from './nodes.ts'
import { availableAt, deletePod, isActive, ownerKeys, podFrom } from './pods.ts'
import { scaled } from './rollout.ts'
import { selectsNode } from './scheduler.ts'
import { templateHash } from './templatehash.ts'
import { because } from './why.ts'

const NAME = 'daemonset-controller'
const REVISION_LABEL = 'controller-revision-hash'

/** DaemonSets: one Pod on every node that its selectors and taints let it run on. */
export const daemonSetController: Controller = {
  name: NAME,
  everything: (cluster) => list(cluster, 'DaemonSet').map(keyOf),
  watches: ['DaemonSet', 'Node', 'Pod'],
  concerns: ({ key, before, after }, cluster) => {
    if (key.startsWith('DaemonSet/')) return [key]
    if (key.startsWith('Node/')) {
      const isOld = before && after && before.metadata === after.metadata && (before as Node).spec === (after as Node).spec
      return isOld ? [] : list(cluster, 'DaemonSet').map(keyOf)
    }
    return key.startsWith('Pod/') ? ownerKeys(before, after, 'DaemonSet') : []
  },
  reconcile: (cluster, keys, context) =>
    keys.flatMap((key) => {
      const set = at(cluster, key) as DaemonSet | undefined
      return set && set.metadata.deletionTimestamp === undefined ? sync(cluster, set, context) : []
    }),
}

function sync(cluster: Cluster, set: DaemonSet, context: ReconcileContext): readonly Change[] {
  const pods = podsOwned(cluster, set)
  const byNode = new Map<string, Pod[]>()
  for (const pod of pods) {
    const node = targetNode(pod) ?? ''
    const there = byNode.get(node)
    if (there) there.push(pod)
    else byNode.set(node, [pod])
  }
  const template = daemonTemplate(set)
  const revision = templateHash(set.spec.template)
  const eligible = list(cluster, 'Node').filter((node) => mayRun(template, node))
  const changes: Change[] = []
  for (const node of eligible) {
    const here = byNode.get(node.metadata.name) ?? []
    changes.push(...here.filter(hasFailed).flatMap((pod) => deletePod(pod, because('daemonset-failed'), context)))
    if (here.length === 0) changes.push(create(cluster, set, template, node, revision, context))
  }
  const names = new Set(eligible.map((node) => node.metadata.name))
  for (const pod of pods) {
    const node = targetNode(pod)
    if (node === undefined || names.has(node) || !mustLeave(cluster, template, node)) continue
    changes.push(...deletePod(pod, because('daemonset-not-here', { name: set.metadata.name, node: node ?? '' }), context))
  }
  if (changes.length === 0) changes.push(...replaceOld(set, pods, revision, eligible.length, context))
  return [...changes, ...status(set, pods, revision, names, context)]
}

const hasFailed = (pod: Pod) => pod.status?.phase === 'Failed' && pod.metadata.deletionTimestamp === undefined

/** The template with what `AddOrUpdateDaemonPodTolerations` adds: a daemon bears a node in trouble. */
function daemonTemplate({ spec: { template } }: DaemonSet): PodTemplate {
  const added = [
    { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
    { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
    ...[
      'disk-pressure',
      'memory-pressure',
      'pid-pressure',
      'unschedulable',
      ...(template.spec.hostNetwork ? ['network-unavailable'] : []),
    ].map((condition) => ({ key: `node.kubernetes.io/${condition}`, operator: 'Exists', effect: 'NoSchedule' })),
  ]
  return { ...template, spec: { ...template.spec, tolerations: [...(template.spec.tolerations ?? []), ...added] } }
}

/** Whether the set wants a Pod on the node: cordons and nodes in trouble do not matter. */
function mayRun(template: PodTemplate, node: Node): boolean {
  return selectsNode(asPod(template), node) && untolerated(template, node, ['NoSchedule', 'NoExecute']).length === 0
}

/** A Pod that is there already leaves only where the node does not select it any more or expels it. */
function mustLeave(cluster: Cluster, template: PodTemplate, name: string): boolean {
  const node = list(cluster, 'Node').find(({ metadata }) => metadata.name === name)
  return !node || !selectsNode(asPod(template), node) || untolerated(template, node, ['NoExecute']).length > 0
}

function untolerated(template: PodTemplate, node: Node, effects: readonly string[]) {
  // What the node lifecycle controller taints for readiness, NoSchedule too, daemons bear.
  const trouble = new Set(['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'])
  return nodeTaints(node).filter((taint) => effects.includes(taint.effect) && !trouble.has(taint.key) && !tolerates(asPod(template), taint))
}

function asPod({ spec }: PodTemplate): Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: '' }, spec }
}

function create(
  cluster: Cluster,
  set: DaemonSet,
  template: PodTemplate,
  node: Node,
  revision: string,
  { now, memory }: ReconcileContext,
): Change {
  const { namespace, name, generation = 1 } = set.metadata
  const generateName = `${name}-`
  const owner = `DaemonSet/${namespace}/${name} on ${node.metadata.name}`
  let serial = memory.serial(owner)
  let podName = generatedName(generateName, owner, serial)
  while (at(cluster, `Pod/${namespace ?? ''}/${podName}`)) {
    serial = memory.serial(owner)
    podName = generatedName(generateName, owner, serial)
  }
  const labels = { [REVISION_LABEL]: revision, 'pod-template-generation': String(generation) }
  const pod = podFrom(template, set, { name: podName, generateName, labels, serial }, now)
  const spec = { ...pod.spec, affinity: pinnedTo(pod, node.metadata.name) }
  return { change: 'create', object: { ...pod, spec } as Pod, why: because('daemonset-wants', { name, node: node.metadata.name }) }
}

/** The scheduler is told the node by a required affinity, as `ReplaceDaemonSetPodNodeNameNodeAffinity` does. */
function pinnedTo({ spec }: Pod, node: string): unknown {
  const term = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }
  const { nodeAffinity, ...others } = (spec.affinity ?? {}) as { nodeAffinity?: object }
  return { ...others, nodeAffinity: { ...nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } } }
}

/** The node that a daemon's Pod is on, or is meant for. */
function targetNode({ spec }: Pod): string | undefined {
  if (spec.nodeName) return spec.nodeName
  type Pinned = {
    nodeAffinity?: { requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms?: { matchFields?: { values?: string[] }[] }[] } }
  }
  const terms = (spec.affinity as Pinned | undefined)?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  return terms?.[0]?.matchFields?.[0]?.values?.[0]
}

type RollingUpdate = { readonly type?: string; readonly rollingUpdate?: { readonly maxUnavailable?: number | string } }

/** Old Pods are deleted as long as not too many are unavailable; the new ones come by themselves. */
function replaceOld(set: DaemonSet, pods: readonly Pod[], revision: string, wanted: number, context: ReconcileContext): readonly Change[] {
  const strategy = set.spec.updateStrategy as RollingUpdate | undefined
  if (strategy?.type === 'OnDelete') return []
  const limit = Math.max(1, scaled(strategy?.rollingUpdate?.maxUnavailable ?? 1, wanted, 'up'))
  const isAvailable = (pod: Pod) =>
    isActive(pod) && (availableAt(pod, set.spec.minReadySeconds ?? 0) ?? Number.POSITIVE_INFINITY) <= context.now
  let spare = limit - (wanted - pods.filter(isAvailable).length)
  const old = pods.filter((pod) => isActive(pod) && ![undefined, revision].includes(pod.metadata.labels?.[REVISION_LABEL]))
  // Those that do not work anyway go first and cost nothing.
  return [...old.filter((pod) => !isAvailable(pod)), ...old.filter(isAvailable)].flatMap((pod) => {
    if (isAvailable(pod) && spare-- <= 0) return []
    return deletePod(pod, because('daemonset-replaces', { name: set.metadata.name, revision }), context)
  })
}

function status(
  set: DaemonSet,
  pods: readonly Pod[],
  revision: string,
  names: ReadonlySet<string>,
  { now, memory }: ReconcileContext,
): readonly Change[] {
  const placed = pods.filter((pod) => isActive(pod) && names.has(targetNode(pod) ?? ''))
  const from = placed.map((pod) => availableAt(pod, set.spec.minReadySeconds ?? 0) ?? Number.POSITIVE_INFINITY)
  const later = from.filter((time) => time > now && Number.isFinite(time))
  memory.wake(NAME, keyOf(set), later.length > 0 ? Math.min(...later) : undefined)
  const available = from.filter((time) => time <= now).length
  const counts = {
    currentNumberScheduled: placed.length,
    numberMisscheduled: pods.filter((pod) => isActive(pod) && !names.has(targetNode(pod) ?? '')).length,
    desiredNumberScheduled: names.size,
    numberReady: placed.filter(isPodReady).length,
    ...(set.metadata.generation === undefined ? {} : { observedGeneration: set.metadata.generation }),
    updatedNumberScheduled: placed.filter((pod) => pod.metadata.labels?.[REVISION_LABEL] === revision).length,
    ...(available > 0 ? { numberAvailable: available } : {}),
    ...(names.size > available ? { numberUnavailable: names.size - available } : {}),
  }
  return sameData(counts, set.status) ? [] : [update<DaemonSet>({ ...set, status: counts }, because('pods-changed'))]
}
