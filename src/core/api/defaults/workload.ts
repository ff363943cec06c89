import type { Mutable } from '../../base/copy.ts'
import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from '../kinds/workload.ts'
import { defaultPodSpec } from './pod.ts'

type Workload = Mutable<Deployment> | Mutable<ReplicaSet> | Mutable<StatefulSet> | Mutable<DaemonSet>
type Loose = { [field: string]: unknown }

/** The defaults of the four workload kinds (pkg/apis/apps/v1/defaults.go), set in place. */
export function defaultWorkload(workload: Workload): void {
  workload.spec ??= {} as never
  workload.spec.template ??= {} as never
  workload.spec.template.spec ??= {} as never
  defaultPodSpec(workload.spec.template.spec)
  const spec = workload.spec as unknown as Loose
  if (workload.kind !== 'DaemonSet') spec['replicas'] ??= 1
  if (workload.kind !== 'ReplicaSet') spec['revisionHistoryLimit'] ??= 10
  if (workload.kind === 'Deployment') defaultDeployment(spec)
  if (workload.kind === 'StatefulSet') defaultStatefulSet(spec)
  if (workload.kind === 'DaemonSet') {
    const strategy = member(spec, 'updateStrategy')
    strategy['type'] ??= 'RollingUpdate'
    if (strategy['type'] === 'RollingUpdate') {
      const rolling = member(strategy, 'rollingUpdate')
      rolling['maxUnavailable'] ??= 1
      rolling['maxSurge'] ??= 0
    }
  }
}

function defaultDeployment(spec: Loose): void {
  const strategy = member(spec, 'strategy')
  strategy['type'] ??= 'RollingUpdate'
  if (strategy['type'] === 'RollingUpdate') {
    const rolling = member(strategy, 'rollingUpdate')
    rolling['maxUnavailable'] ??= '25%'
    rolling['maxSurge'] ??= '25%'
  }
  spec['progressDeadlineSeconds'] ??= 600
}

function defaultStatefulSet(spec: Loose): void {
  spec['podManagementPolicy'] ??= 'OrderedReady'
  const strategy = member(spec, 'updateStrategy')
  strategy['type'] ??= 'RollingUpdate'
  if (strategy['type'] === 'RollingUpdate') {
    const rolling = member(strategy, 'rollingUpdate')
    rolling['partition'] ??= 0
  }
  const retention = member(spec, 'persistentVolumeClaimRetentionPolicy')
  retention['whenDeleted'] ??= 'Retain'
  retention['whenScaled'] ??= 'Retain'
}

/** The struct under a key, made if it is not there. */
function member(of: Loose, key: string): Loose {
  of[key] ??= {}
  return of[key] as Loose
}
