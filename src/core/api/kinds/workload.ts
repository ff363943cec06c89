import type { ApiObjectBase, LabelSelector } from '../meta.ts'
import type { Condition, PodTemplate } from './pod.ts'
import type { IntOrString } from './service.ts'

type WorkloadStatus = {
  readonly observedGeneration?: number
  readonly replicas?: number
  readonly updatedReplicas?: number
  readonly readyReplicas?: number
  readonly availableReplicas?: number
  readonly unavailableReplicas?: number
  readonly fullyLabeledReplicas?: number
  readonly currentReplicas?: number
  readonly terminatingReplicas?: number
  readonly conditions?: readonly Condition[]
  readonly [other: string]: unknown
}

export type Deployment = ApiObjectBase & {
  readonly kind: 'Deployment'
  readonly spec: {
    readonly replicas?: number
    readonly selector: LabelSelector
    readonly template: PodTemplate
    readonly strategy?: {
      readonly type?: 'RollingUpdate' | 'Recreate'
      readonly rollingUpdate?: { readonly maxSurge?: IntOrString; readonly maxUnavailable?: IntOrString }
    }
    readonly minReadySeconds?: number
    readonly paused?: boolean
    readonly progressDeadlineSeconds?: number
    readonly revisionHistoryLimit?: number
  }
  readonly status?: WorkloadStatus
}

export type ReplicaSet = ApiObjectBase & {
  readonly kind: 'ReplicaSet'
  readonly spec: {
    readonly replicas?: number
    readonly selector: LabelSelector
    readonly template: PodTemplate
    readonly minReadySeconds?: number
  }
  readonly status?: WorkloadStatus
}

export type StatefulSet = ApiObjectBase & {
  readonly kind: 'StatefulSet'
  readonly spec: {
    readonly replicas?: number
    readonly serviceName?: string
    readonly selector: LabelSelector
    readonly template: PodTemplate
    readonly podManagementPolicy?: string
    readonly minReadySeconds?: number
    readonly updateStrategy?: unknown
    readonly [other: string]: unknown
  }
  readonly status?: WorkloadStatus
}

export type DaemonSet = ApiObjectBase & {
  readonly kind: 'DaemonSet'
  readonly spec: {
    readonly selector: LabelSelector
    readonly template: PodTemplate
    readonly minReadySeconds?: number
    readonly updateStrategy?: unknown
  }
  readonly status?: WorkloadStatus
}

/** Which of a Deployment's revisions a ReplicaSet is, and which one the Deployment is at. */
export const REVISION_ANNOTATION = 'deployment.kubernetes.io/revision'

/** What is made of one workload at most: the API takes 2³¹-1 replicas, no cluster holds them (Kubernetes is built for 150,000 Pods in all). */
export const MOST_REPLICAS = 20_000
