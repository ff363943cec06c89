import type { Mutable } from '../../base/copy.ts'
import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from '../kinds/workload.ts'
import { defaultPodSpec } from './pod.ts'

type Workload = Mutable<Deployment> | Mutable<ReplicaSet> | Mutable<StatefulSet> | Mutable<DaemonSet>
type Loose = { [field: string]: unknown }

/** The defaults of the four workload kinds (pkg/apis/apps/v1/defaults.go), set in place. */
export function defaultWorkload(workload: Workload): void {
  const spec = (workload.spec ??= {} as never) as unknown as Loose
  const template = (workload.spec.template ??= {} as never)
  template.spec ??= {} as never
  defaultPodSpec(template.spec)
  if (workload.kind !== 'DaemonSet') spec['replicas'] ??= 1
  if (workload.kind !== 'ReplicaSet') spec['revisionHistoryLimit'] ??= 10
  if (workload.kind === 'Deployment') defaultDeployment(spec)
  if (workload.kind === 'StatefulSet') defaultStatefulSet(spec)
  if (workload.kind === 'DaemonSet') {
    const strategy = (spec['updateStrategy'] ??= {}) as Loose
    strategy['type'] ??= 'RollingUpdate'
    if (strategy['type'] === 'RollingUpdate') {
      const rolling = (strategy['rollingUpdate'] ??= {}) as Loose
      rolling['maxUnavailable'] ??= 1
      rolling['maxSurge'] ??= 0
    }
  }
}

function defaultDeployment(spec: Loose): void {
  const strategy = (spec['strategy'] ??= {}) as Loose
  strategy['type'] ??= 'RollingUpdate'
  if (strategy['type'] === 'RollingUpdate') {
    const rolling = (strategy['rollingUpdate'] ??= {}) as Loose
    rolling['maxUnavailable'] ??= '25%'
    rolling['maxSurge'] ??= '25%'
  }
  spec['progressDeadlineSeconds'] ??= 600
}

function defaultStatefulSet(spec: Loose): void {
  spec['podManagementPolicy'] ??= 'OrderedReady'
  const strategy = (spec['updateStrategy'] ??= {}) as Loose
  strategy['type'] ??= 'RollingUpdate'
  if (strategy['type'] === 'RollingUpdate') {
    const rolling = (strategy['rollingUpdate'] ??= {}) as Loose
    rolling['partition'] ??= 0
  }
  const retention = (spec['persistentVolumeClaimRetentionPolicy'] ??= {}) as Loose
  retention['whenDeleted'] ??= 'Retain'
  retention['whenScaled'] ??= 'Retain'
}
