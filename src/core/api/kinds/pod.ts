import type { ApiObjectBase } from '../meta.ts'
import type { IntOrString, TransportProtocol } from './service.ts'

export type Condition = {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason?: string
  readonly message?: string
  readonly lastTransitionTime?: string
  readonly lastProbeTime?: string | null
}

export type ContainerPort = {
  readonly name?: string
  readonly containerPort: number
  readonly hostPort?: number
  readonly hostIP?: string
  readonly protocol?: TransportProtocol
}

export type Probe = {
  readonly httpGet?: { readonly path?: string; readonly port: IntOrString; readonly scheme?: string; readonly host?: string }
  readonly tcpSocket?: { readonly port: IntOrString; readonly host?: string }
  readonly exec?: { readonly command?: readonly string[] }
  readonly grpc?: { readonly port: number; readonly service?: string }
  readonly initialDelaySeconds?: number
  readonly periodSeconds?: number
  readonly timeoutSeconds?: number
  readonly successThreshold?: number
  readonly failureThreshold?: number
}

export type Container = {
  readonly name: string
  readonly image?: string
  readonly ports?: readonly ContainerPort[]
  readonly readinessProbe?: Probe
  readonly livenessProbe?: Probe
  readonly startupProbe?: Probe
  readonly lifecycle?: {
    readonly preStop?: { readonly sleep?: { readonly seconds: number }; readonly exec?: { readonly command?: readonly string[] } }
  }
  readonly restartPolicy?: string
  readonly args?: readonly string[]
  readonly command?: readonly string[]
  readonly resources?: unknown
}

export type PodSpec = {
  readonly containers: readonly Container[]
  readonly initContainers?: readonly Container[]
  readonly nodeName?: string
  readonly nodeSelector?: Readonly<Record<string, string>>
  readonly tolerations?: readonly {
    readonly key?: string
    readonly operator?: string
    readonly value?: string
    readonly effect?: string
    readonly tolerationSeconds?: number
  }[]
  readonly hostNetwork?: boolean
  readonly hostname?: string
  readonly subdomain?: string
  readonly readinessGates?: readonly { readonly conditionType: string }[]
  readonly terminationGracePeriodSeconds?: number
  readonly restartPolicy?: string
  readonly dnsPolicy?: string
  readonly dnsConfig?: {
    readonly nameservers?: readonly string[]
    readonly searches?: readonly string[]
    readonly options?: readonly { readonly name: string; readonly value?: string }[]
  }
  readonly affinity?: unknown
  readonly serviceAccountName?: string
}

export type ContainerStatus = {
  readonly name: string
  readonly ready: boolean
  readonly restartCount?: number
  readonly started?: boolean
  readonly state?: Readonly<Record<string, unknown>>
  readonly lastState?: Readonly<Record<string, unknown>>
  readonly image?: string
}

export type PodStatus = {
  readonly phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown'
  readonly podIP?: string
  readonly podIPs?: readonly { readonly ip: string }[]
  readonly hostIP?: string
  readonly hostIPs?: readonly { readonly ip: string }[]
  readonly conditions?: readonly Condition[]
  readonly containerStatuses?: readonly ContainerStatus[]
  readonly initContainerStatuses?: readonly ContainerStatus[]
  readonly startTime?: string
  readonly reason?: string
  readonly message?: string
}

export type Pod = ApiObjectBase & { readonly kind: 'Pod'; readonly spec: PodSpec; readonly status?: PodStatus }

export type PodTemplate = {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly name?: string
  }
  readonly spec: PodSpec
}

/** The Pod's Ready condition is True. */
export function isPodReady(pod: Pod): boolean {
  return pod.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false
}

/** Whether a Pod has run to its end (`podutil.IsPodTerminal`). */
export function hasFinished({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed'
}
