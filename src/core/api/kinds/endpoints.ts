import type { ApiObjectBase } from '../meta.ts'
import type { ObjectReference } from './endpointslice.ts'
import type { TransportProtocol } from './service.ts'

export type EndpointAddress = {
  readonly ip: string
  readonly hostname?: string
  readonly nodeName?: string
  readonly targetRef?: ObjectReference
}

export type EndpointsPort = {
  readonly name?: string
  readonly port: number
  readonly protocol?: TransportProtocol
  readonly appProtocol?: string
}

export type EndpointSubset = {
  readonly addresses?: readonly EndpointAddress[]
  readonly notReadyAddresses?: readonly EndpointAddress[]
  readonly ports?: readonly EndpointsPort[]
}

export type Endpoints = ApiObjectBase & { readonly kind: 'Endpoints'; readonly subsets?: readonly EndpointSubset[] }
