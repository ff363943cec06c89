import type { Cluster } from '../api/cluster.ts'
import { find, list } from '../api/cluster.ts'
import { CLASS_ANNOTATION, type Ingress, type IngressClass } from '../api/kinds/ingress.ts'

/** On an IngressClass: it is the class of Ingresses that name none. */
export const DEFAULT_CLASS_ANNOTATION = 'ingressclass.kubernetes.io/is-default-class'

/** How a controller claims Ingresses. */
export type ClassRules = {
  /** `spec.controller` of the IngressClasses it serves. */
  readonly controller: string
  /** Whether it takes an Ingress that names no class at all (Traefik does, ingress-nginx only with its flag). */
  readonly takesClassless: boolean
  /** Values of the old annotation that it also claims. */
  readonly annotations: readonly string[]
}

/** Why an Ingress is or is not this controller's: a stable reason. */
export type Claim = {
  readonly claimed: boolean
  readonly why: 'class' | 'annotation' | 'classless' | 'no-class' | 'class-missing' | 'other-controller' | 'other-annotation'
}

/** Whether a controller takes an Ingress: by `ingressClassName` first, then by the old annotation, then as a class-less one. */
export function claimOf(cluster: Cluster, ingress: Ingress, rules: ClassRules): Claim {
  const name = ingress.spec.ingressClassName
  if (name !== undefined) {
    const found: IngressClass | undefined = find(cluster, 'IngressClass', '', name)
    if (!found) return { claimed: false, why: 'class-missing' }
    return found.spec.controller === rules.controller ? { claimed: true, why: 'class' } : { claimed: false, why: 'other-controller' }
  }
  const annotation = ingress.metadata.annotations?.[CLASS_ANNOTATION]
  if (annotation) {
    const own = rules.annotations.includes(annotation)
    return { claimed: own, why: own ? 'annotation' : 'other-annotation' }
  }
  return rules.takesClassless ? { claimed: true, why: 'classless' } : { claimed: false, why: 'no-class' }
}

/** The Ingresses that a controller takes, oldest first; on equal times by the given order of names. */
export function claimedIngresses(cluster: Cluster, rules: ClassRules, ties: Ties = 'name'): readonly Ingress[] {
  return oldestFirst(
    list(cluster, 'Ingress').filter((ingress) => claimOf(cluster, ingress, rules).claimed),
    ties,
  )
}

/** The order of Ingresses that are equally old. */
type Ties = 'name' | 'name-descending'

/** Ingresses in the order of their creation. */
export function oldestFirst(ingresses: readonly Ingress[], ties: Ties = 'name'): readonly Ingress[] {
  const keyOf = (ingress: Ingress) => `${ingress.metadata.namespace}/${ingress.metadata.name}`
  return [...ingresses].sort((a, b) => {
    const [older, newer] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '']
    if (older !== newer) return older < newer ? -1 : 1
    const order = keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0
    return ties === 'name' ? order : -order
  })
}
