import { type Cluster, find, list } from '../cluster.ts'
import type { Finding } from '../finding.ts'
import { CLASS_ANNOTATION, type Ingress, type IngressBackend } from '../kinds/ingress.ts'
import { type FieldPath, keyOf } from '../meta.ts'

const DEFAULT_CLASS = 'ingressclass.kubernetes.io/is-default-class'
const CANARY = 'nginx.ingress.kubernetes.io/canary'

/** What Ingresses say together that none of them says alone: a path that two of them claim, several default classes; and resource backends. */
export function checkIngresses(cluster: Cluster): Finding[] {
  const ingresses = list(cluster, 'Ingress')
  return [...duplicatePaths(cluster, ingresses), ...ingresses.flatMap(resourceBackends), ...severalDefaults(cluster)]
}

/** One host, path and pathType in one class is one location: which of two rules keeps it is up to the controller. */
function duplicatePaths(cluster: Cluster, ingresses: readonly Ingress[]): Finding[] {
  const owners = new Map<string, Ingress>()
  return ingresses.flatMap((ingress) => {
    if (isCanary(cluster, ingress)) return []
    const className = ingress.spec.ingressClassName ?? ingress.metadata.annotations?.[CLASS_ANNOTATION] ?? ''
    return (ingress.spec.rules ?? []).flatMap(({ host = '', http }, rule) =>
      (http?.paths ?? []).flatMap(({ path = '', pathType }, at): Finding[] => {
        const key = JSON.stringify([className, host.toLowerCase(), path, pathType])
        const owner = owners.get(key)
        if (!owner) {
          owners.set(key, ingress)
          return []
        }
        const { namespace = '', name } = owner.metadata
        const who = owner === ingress ? 'another rule of this Ingress' : `Ingress ${namespace}/${name}`
        const message = `${who} has the same host, path and pathType: only one of the two gets the requests (ingress-nginx: the older Ingress's; Traefik: either)`
        const place = ['spec', 'rules', rule, 'http', 'paths', at, 'path']
        const params = { namespace, name, host, path }
        return [{ code: 'INGRESS_PATH_DUPLICATE', severity: 'warning', message, object: keyOf(ingress), path: place, params }]
      }),
    )
  })
}

/** A canary of ingress-nginx repeats its main Ingress's path by design; to other controllers it is an Ingress like any other. */
function isCanary(cluster: Cluster, { metadata, spec }: Ingress): boolean {
  if (metadata.annotations?.[CANARY] !== 'true') return false
  const controller = find(cluster, 'IngressClass', '', spec.ingressClassName ?? '')?.spec.controller
  return controller === undefined || controller === 'k8s.io/ingress-nginx'
}

function resourceBackends(ingress: Ingress): Finding[] {
  const backends: (readonly [IngressBackend | undefined, FieldPath])[] = [
    [ingress.spec.defaultBackend, ['spec', 'defaultBackend']],
    ...(ingress.spec.rules ?? []).flatMap(({ http }, rule) =>
      (http?.paths ?? []).map(({ backend }, at) => [backend, ['spec', 'rules', rule, 'http', 'paths', at, 'backend']] as const),
    ),
  ]
  return backends.flatMap(([backend, path]): Finding[] => {
    if (!backend?.resource) return []
    const { kind, name } = backend.resource
    const message = `the controllers modelled here serve no ${kind} as a backend: ingress-nginx answers 404 for it, Traefik makes no router`
    const params = { kind, name }
    return [{ code: 'INGRESS_RESOURCE_BACKEND', severity: 'info', message, object: keyOf(ingress), path: [...path, 'resource'], params }]
  })
}

/** DefaultIngressClass takes the youngest of several, and of equally old ones the first by name (since kubernetes#110974). */
function severalDefaults(cluster: Cluster): Finding[] {
  const defaults = list(cluster, 'IngressClass').filter(({ metadata }) => metadata.annotations?.[DEFAULT_CLASS] === 'true')
  if (defaults.length < 2) return []
  const [chosen, ...others] = [...defaults].sort((a, b) => {
    const [older, newer] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '']
    return older !== newer ? (older < newer ? 1 : -1) : a.metadata.name < b.metadata.name ? -1 : 1
  })
  const name = chosen?.metadata.name ?? ''
  const message = `there are ${defaults.length} default IngressClasses: Ingresses without a class get "${name}", the youngest, or of equally old ones the first by name`
  return others.map((one) => ({
    code: 'INGRESS_CLASS_DEFAULTS',
    severity: 'warning' as const,
    message,
    object: keyOf(one),
    path: ['metadata', 'annotations', DEFAULT_CLASS],
    params: { name },
  }))
}
