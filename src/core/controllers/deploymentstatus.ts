import type { Condition } from '../api/kinds/pod.ts'
import { type Deployment, REVISION_ANNOTATION, type ReplicaSet } from '../api/kinds/workload.ts'
import { sameData } from '../base/copy.ts'
import { rfc3339 } from '../base/time.ts'
import { type Change, type ReconcileContext, update } from './controller.ts'
import { availableOf, desiredReplicas, maxUnavailable, sumOf } from './rollout.ts'
import { because } from './why.ts'

/** The status that the Deployment's ReplicaSets add up to: `calculateStatus`. Answers nothing if it is stored already. */
export function deploymentStatus(
  deployment: Deployment,
  fresh: ReplicaSet | undefined,
  all: readonly ReplicaSet[],
  { now }: ReconcileContext,
): readonly Change[] {
  const available = sumOf(all, availableOf)
  const replicas = sumOf(all, (replicaSet) => replicaSet.status?.replicas ?? 0)
  const counts = {
    replicas,
    updatedReplicas: fresh?.status?.replicas ?? 0,
    readyReplicas: sumOf(all, (replicaSet) => replicaSet.status?.readyReplicas ?? 0),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, sumOf(all, desiredReplicas) - available),
    terminatingReplicas: sumOf(all, (replicaSet) => replicaSet.status?.terminatingReplicas ?? 0),
  }
  const enough = available >= desiredReplicas(deployment) - maxUnavailable(deployment)
  const isDone =
    fresh !== undefined &&
    counts.updatedReplicas === desiredReplicas(deployment) &&
    replicas === counts.updatedReplicas &&
    available === replicas
  const conditions = [
    condition(deployment, now, 'Available', enough, enough ? AVAILABLE : UNAVAILABLE),
    condition(deployment, now, 'Progressing', true, progress(fresh, isDone)),
  ]
  const generation = deployment.metadata.generation
  const status = { ...(generation === undefined ? {} : { observedGeneration: generation }), ...writtenCounts(counts), conditions }
  const revision = fresh?.metadata.annotations?.[REVISION_ANNOTATION] ?? deployment.metadata.annotations?.[REVISION_ANNOTATION]
  const isNoted = revision === deployment.metadata.annotations?.[REVISION_ANNOTATION]
  if (isNoted && sameData(status, deployment.status)) return []
  const annotations = { ...deployment.metadata.annotations, ...(revision === undefined ? {} : { [REVISION_ANNOTATION]: revision }) }
  const metadata = isNoted ? deployment.metadata : { ...deployment.metadata, annotations }
  return [update<Deployment>({ ...deployment, metadata, status }, because('replicasets-changed'))]
}

/** A count of zero is left out of what is stored (`omitempty`), but for terminating Pods, where the API has a pointer. */
export function writtenCounts<T extends Readonly<Record<string, number>>>(counts: T): Partial<T> {
  return Object.fromEntries(Object.entries(counts).filter(([name, count]) => count !== 0 || name === 'terminatingReplicas')) as Partial<T>
}

type Text = { readonly reason: string; readonly message: string }
const AVAILABLE: Text = { reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' }
const UNAVAILABLE: Text = { reason: 'MinimumReplicasUnavailable', message: 'Deployment does not have minimum availability.' }

function progress(fresh: ReplicaSet | undefined, isDone: boolean): Text {
  const name = fresh?.metadata.name ?? ''
  if (isDone) return { reason: 'NewReplicaSetAvailable', message: `ReplicaSet "${name}" has successfully progressed.` }
  if (!fresh) return { reason: 'NewReplicaSetReason', message: 'The ReplicaSet of the present template is not made yet.' }
  return { reason: 'ReplicaSetUpdated', message: `ReplicaSet "${name}" is progressing.` }
}

function condition(deployment: Deployment, now: number, type: string, holds: boolean, text: Text): Condition {
  const old = deployment.status?.conditions?.find((one) => one.type === type)
  const status = holds ? 'True' : 'False'
  if (old && old.status === status && old.reason === text.reason && old.message === text.message) return old
  const lastTransitionTime = old?.status === status && old.lastTransitionTime !== undefined ? old.lastTransitionTime : rfc3339(now)
  return { type, status, ...text, lastTransitionTime }
}
