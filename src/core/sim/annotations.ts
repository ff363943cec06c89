import { type Cluster, find, list } from '../api/cluster.ts'
import type { Finding } from '../api/finding.ts'
import type { Ingress } from '../api/kinds/ingress.ts'
import { keyOf } from '../api/meta.ts'
import { claimOf } from '../l7/classes.ts'
import { ingressControllerOf } from '../l7/controllers.ts'
import type { Profile } from '../l7/profile.ts'
import { cloud } from '../l7/profiles/cloud.ts'
import { profiles } from '../l7/profiles/index.ts'
import { traefik } from '../l7/profiles/traefik.ts'
import { missingMiddlewares, notModelledIn } from '../l7/profiles/traefik-middlewares.ts'

/** Prefixes by which controllers that are not modelled read annotations. */
const FOREIGN = ['nginx.org/', 'haproxy-ingress.github.io/', 'alb.ingress.kubernetes.io/', 'konghq.com/', 'projectcontour.io/']

/**
 * Annotations by which a controller changes what it does: those of another controller than the one that serves the Ingress are read by
 * nobody, and of the others some have no effect here.
 */
export function annotationFindings(cluster: Cluster): readonly Finding[] {
  return [...list(cluster, 'Ingress'), ...list(cluster, 'Service')].flatMap((object) => {
    const names = Object.keys(object.metadata.annotations ?? {})
    if (names.length === 0) return []
    const serving = object.kind === 'Ingress' ? servingProfile(cluster, object as Ingress) : undefined
    return names.flatMap((name): readonly Finding[] => {
      const profile = profiles.find(({ annotations }) => name.startsWith(annotations.prefix) && annotations.prefix !== 'kubehop.dev/')
      const at = { severity: 'info', object: keyOf(object), path: ['metadata', 'annotations', name], atKey: true } as const
      if (serving && profile !== serving && (profile || FOREIGN.some((prefix) => name.startsWith(prefix)))) {
        const message = `${serving.name} serves this Ingress and does not read ${name}: it changes nothing`
        return [{ code: 'INGRESS_ANNOTATION_FOREIGN', message, params: { field: name, controller: serving.name }, ...at }]
      }
      if (!profile || profile.annotations.modelled.includes(name.slice(profile.annotations.prefix.length))) return []
      const message = `${name} is accepted, but ${profile.name}'s effect of it is not modelled`
      return [{ code: 'NOT_MODELLED', message, params: { field: name }, ...at }]
    })
  })
}

/** The profile whose class an Ingress names; none for one that leaves its class open. */
function servingProfile(cluster: Cluster, ingress: Ingress): Profile | undefined {
  return profiles.find((profile) => {
    const { claimed, why } = claimOf(cluster, ingress, profile.classes({}))
    return claimed && why !== 'classless'
  })
}

const MIDDLEWARES = 'traefik.ingress.kubernetes.io/router.middlewares'

/** Traefik's Middlewares: those that an Ingress names and nobody has made, and what of them is not reckoned with. */
export function middlewareFindings(cluster: Cluster): readonly Finding[] {
  const named = list(cluster, 'Ingress').flatMap((ingress) => {
    const annotation = ingress.metadata.annotations?.[MIDDLEWARES]
    if (annotation === undefined || (servingProfile(cluster, ingress) ?? traefik) !== traefik) return []
    return missingMiddlewares(cluster, annotation).map((name): Finding => {
      const message = `there is no Middleware "${name}" (NAMESPACE-NAME@kubernetescrd): Traefik makes no router for this Ingress`
      const path = ['metadata', 'annotations', MIDDLEWARES]
      return { code: 'MIDDLEWARE_NOT_FOUND', severity: 'warning', message, object: keyOf(ingress), path, params: { name } }
    })
  })
  const parts = list(cluster, 'Middleware').flatMap((middleware) =>
    notModelledIn(middleware).map((path): Finding => {
      const field = String(path.at(-1))
      const message = `${field} is accepted, but what it does to requests is not modelled`
      return {
        code: 'NOT_MODELLED',
        severity: 'info',
        message,
        object: keyOf(middleware),
        path: ['spec', ...path],
        atKey: true,
        params: { field },
      }
    }),
  )
  return [...named, ...parts]
}

/** Ingresses whose class is there, but no Pod of its controller: nothing will happen with them. */
export function unclaimedFindings(cluster: Cluster): readonly Finding[] {
  const ingresses = list(cluster, 'Ingress')
  if (ingresses.length === 0) return []
  const running = new Set(list(cluster, 'Pod').map(ingressControllerOf))
  return ingresses.flatMap((ingress): readonly Finding[] => {
    const name = ingress.spec.ingressClassName
    const controller = name === undefined ? undefined : find(cluster, 'IngressClass', '', name)?.spec.controller
    if (name === undefined || controller === undefined || controller === cloud.controller || running.has(controller)) return []
    const message = `no running controller serves IngressClass "${name}" (${controller}): nobody acts on this Ingress`
    const path = ['spec', 'ingressClassName']
    return [{ code: 'INGRESS_CLASS_UNCLAIMED', severity: 'info', message, object: keyOf(ingress), path, params: { name } }]
  })
}
