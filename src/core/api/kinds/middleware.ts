import type { ApiObjectBase } from '../meta.ts'

/** Traefik's own kind (traefik.io/v1alpha1): one named step that a router puts before its service. Exactly one key of the spec says which. */
export type Middleware = ApiObjectBase & {
  readonly kind: 'Middleware'
  readonly spec?: Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>
}
