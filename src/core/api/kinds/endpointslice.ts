import type { ApiObjectBase } from '../meta.ts'
import type { TransportProtocol } from './service.ts'

export type ObjectReference = {
  readonly apiVersion?: string
  readonly kind?: string
  readonly namespace?: string
  readonly name?: string
  readonly uid?: string
  readonly resourceVersion?: string
  readonly fieldPath?: string
}

export type EndpointConditions = { readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean }

export type Endpoint = {
  readonly addresses: readonly string[]
  readonly conditions?: EndpointConditions
  readonly hostname?: string
  readonly targetRef?: ObjectReference
  readonly nodeName?: string
  readonly zone?: string
  readonly hints?: {
    readonly forZones?: readonly { readonly name: string }[]
    readonly forNodes?: readonly { readonly name: string }[]
  }
  readonly deprecatedTopology?: Readonly<Record<string, string>>
}

export type EndpointPort = {
  readonly name?: string
  readonly protocol?: TransportProtocol
  readonly port?: number
  readonly appProtocol?: string
}

export type EndpointSlice = ApiObjectBase & {
  readonly kind: 'EndpointSlice'
  readonly addressType: 'IPv4' | 'IPv6' | 'FQDN'
  readonly endpoints?: readonly Endpoint[]
  readonly ports?: readonly EndpointPort[]
}

export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name'
export const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by'
export const HEADLESS_LABEL = 'service.kubernetes.io/headless'
export const ZONE_LABEL = 'topology.kubernetes.io/zone'
