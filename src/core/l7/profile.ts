import type { Cluster } from '../api/cluster.ts'
import type { Ingress } from '../api/kinds/ingress.ts'
import type { ClassRules } from './classes.ts'
import type { RouteTable } from './routes.ts'

/** How a controller was started and configured, as far as its behaviour here depends on it. */
export type ControllerConfig = {
  /** Its ConfigMap's data (ingress-nginx, HAProxy). */
  readonly configMap?: Readonly<Record<string, string>>
  /** Command-line flags without dashes: `watch-ingress-without-class` → `true`. */
  readonly flags?: Readonly<Record<string, string>>
}

/** A behaviour profile: one controller's way of turning Ingresses into routes. */
export type Profile = {
  /** The controller's own string, as in `IngressClass.spec.controller`. */
  readonly controller: string
  readonly name: string
  /** The container port on which it serves plain HTTP. */
  readonly httpPort: number
  readonly httpsPort: number
  /** It answers at a provider's load balancer that dials Pods directly, without a controller Pod. */
  readonly outside?: true
  readonly classes: (config: ControllerConfig) => ClassRules
  readonly compile: (cluster: Cluster, config: ControllerConfig) => RouteTable
  /** The table of these Ingresses whoever claims them: what this controller would make of them if they were all its own. */
  readonly tableOf: (cluster: Cluster, ingresses: readonly Ingress[], config: ControllerConfig) => RouteTable
  /** Annotations that this profile gives effect to, without their common prefix; others are said to be not modelled. */
  readonly annotations: { readonly prefix: string; readonly modelled: readonly string[] }
}

/** An annotation under the profile's prefix, or undefined. */
export function annotation(ingress: Ingress, prefix: string, name: string): string | undefined {
  return ingress.metadata.annotations?.[fullName(prefix, name)]
}

const fullNames = new Map<string, Map<string, string>>()

/** Put together once: a thousand Ingresses are asked for the same few names. */
function fullName(prefix: string, name: string): string {
  let names = fullNames.get(prefix)
  if (!names) {
    names = new Map()
    fullNames.set(prefix, names)
  }
  let full = names.get(name)
  if (full === undefined) {
    full = `${prefix}${name}`
    names.set(name, full)
  }
  return full
}
