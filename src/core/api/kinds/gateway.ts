import type { ApiObjectBase, LabelSelector } from '../meta.ts'

export const GATEWAY_GROUP = 'gateway.networking.k8s.io'

export type GatewayClass = ApiObjectBase & {
  readonly kind: 'GatewayClass'
  readonly spec: { readonly controllerName: string }
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
}

export type Listener = {
  readonly name: string
  readonly hostname?: string
  readonly port: number
  readonly protocol: string
  readonly tls?: {
    readonly mode?: string
    readonly certificateRefs?: readonly {
      readonly group?: string
      readonly kind?: string
      readonly name: string
      readonly namespace?: string
    }[]
  }
  readonly allowedRoutes?: {
    readonly namespaces?: { readonly from?: 'Same' | 'All' | 'Selector' | 'None'; readonly selector?: LabelSelector }
    readonly kinds?: readonly { readonly group?: string; readonly kind: string }[]
  }
}

export type Gateway = ApiObjectBase & {
  readonly kind: 'Gateway'
  readonly spec: {
    readonly gatewayClassName: string
    readonly listeners: readonly Listener[]
    readonly addresses?: readonly { readonly type?: string; readonly value?: string }[]
  }
}

export type ParentRef = {
  readonly group?: string
  readonly kind?: string
  readonly namespace?: string
  readonly name: string
  readonly sectionName?: string
  readonly port?: number
}

export type HeaderMatch = { readonly type?: 'Exact' | 'RegularExpression'; readonly name: string; readonly value: string }

export type HttpMatch = {
  readonly path?: { readonly type?: 'Exact' | 'PathPrefix' | 'RegularExpression'; readonly value?: string }
  readonly headers?: readonly HeaderMatch[]
  readonly queryParams?: readonly HeaderMatch[]
  readonly method?: string
}

type NameValue = { readonly name: string; readonly value: string }
export type HeaderFilter = { readonly set?: readonly NameValue[]; readonly add?: readonly NameValue[]; readonly remove?: readonly string[] }
export type PathModifier = {
  readonly type: 'ReplaceFullPath' | 'ReplacePrefixMatch'
  readonly replaceFullPath?: string
  readonly replacePrefixMatch?: string
}

export type HttpFilter = {
  readonly type: string
  readonly requestHeaderModifier?: HeaderFilter
  readonly responseHeaderModifier?: HeaderFilter
  readonly requestRedirect?: {
    readonly scheme?: string
    readonly hostname?: string
    readonly path?: PathModifier
    readonly port?: number
    readonly statusCode?: number
  }
  readonly urlRewrite?: { readonly hostname?: string; readonly path?: PathModifier }
  readonly requestMirror?: {
    readonly backendRef: BackendRef
    readonly percent?: number
    readonly fraction?: { readonly numerator: number; readonly denominator?: number }
  }
  readonly cors?: {
    readonly allowOrigins?: readonly string[]
    readonly allowMethods?: readonly string[]
    readonly allowHeaders?: readonly string[]
    readonly exposeHeaders?: readonly string[]
    readonly allowCredentials?: boolean
    readonly maxAge?: number
  }
}

export type BackendRef = {
  readonly group?: string
  readonly kind?: string
  readonly namespace?: string
  readonly name: string
  readonly port?: number
  readonly weight?: number
  readonly filters?: readonly HttpFilter[]
}

export type HttpRoute = ApiObjectBase & {
  readonly kind: 'HTTPRoute'
  readonly spec: {
    readonly parentRefs?: readonly ParentRef[]
    readonly hostnames?: readonly string[]
    readonly rules?: readonly {
      readonly name?: string
      readonly matches?: readonly HttpMatch[]
      readonly filters?: readonly HttpFilter[]
      readonly backendRefs?: readonly BackendRef[]
      readonly timeouts?: { readonly request?: string; readonly backendRequest?: string }
    }[]
  }
}

export type GrpcRoute = ApiObjectBase & {
  readonly kind: 'GRPCRoute'
  readonly spec: {
    readonly parentRefs?: readonly ParentRef[]
    readonly hostnames?: readonly string[]
    readonly rules?: readonly {
      readonly matches?: readonly {
        readonly method?: { readonly type?: 'Exact' | 'RegularExpression'; readonly service?: string; readonly method?: string }
        readonly headers?: readonly HeaderMatch[]
      }[]
      readonly filters?: readonly HttpFilter[]
      readonly backendRefs?: readonly BackendRef[]
    }[]
  }
}

export type ReferenceGrant = ApiObjectBase & {
  readonly kind: 'ReferenceGrant'
  readonly spec: {
    readonly from?: readonly { readonly group: string; readonly kind: string; readonly namespace: string }[]
    readonly to?: readonly { readonly group: string; readonly kind: string; readonly name?: string }[]
  }
}
