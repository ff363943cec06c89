import type { ApiObjectBase } from '../meta.ts'
import type { Condition } from './pod.ts'

export type Taint = { readonly key: string; readonly value?: string; readonly effect: string }

export type Node = ApiObjectBase & {
  readonly kind: 'Node'
  readonly spec?: {
    readonly podCIDR?: string
    readonly podCIDRs?: readonly string[]
    readonly taints?: readonly Taint[]
    readonly unschedulable?: boolean
    readonly providerID?: string
  }
  readonly status?: {
    readonly addresses?: readonly { readonly type: string; readonly address: string }[]
    readonly allocatable?: Readonly<Record<string, string>>
    readonly capacity?: Readonly<Record<string, string>>
    readonly conditions?: readonly Condition[]
    readonly nodeInfo?: Readonly<Record<string, string>>
  }
}

export type Namespace = ApiObjectBase & {
  readonly kind: 'Namespace'
  readonly spec?: unknown
  readonly status?: { readonly phase?: string }
}
