import type { ApiObjectBase } from '../meta.ts'

export type IngressBackend = {
  readonly service?: { readonly name: string; readonly port?: { readonly name?: string; readonly number?: number } }
  readonly resource?: { readonly apiGroup?: string; readonly kind: string; readonly name: string }
}

export type Ingress = ApiObjectBase & {
  readonly kind: 'Ingress'
  readonly spec: {
    readonly ingressClassName?: string
    readonly defaultBackend?: IngressBackend
    readonly rules?: readonly {
      readonly host?: string
      readonly http?: { readonly paths: readonly { readonly path?: string; readonly pathType: string; readonly backend: IngressBackend }[] }
    }[]
    readonly tls?: readonly { readonly hosts?: readonly string[]; readonly secretName?: string }[]
  }
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] } }
}

export type IngressClass = ApiObjectBase & {
  readonly kind: 'IngressClass'
  readonly spec: { readonly controller: string; readonly parameters?: unknown }
}

/** How an Ingress named its class before `ingressClassName`. */
export const CLASS_ANNOTATION = 'kubernetes.io/ingress.class'
