import type { Pod } from '../api/kinds/pod.ts'

/** Images of ingress controllers that are known by sight, and the controller's own string. */
const IMAGES: readonly (readonly [pattern: RegExp, controller: string])[] = [
  [/ingress-nginx\/controller/, 'k8s.io/ingress-nginx'],
  [/(^|\/)traefik([:@]|$)/, 'traefik.io/ingress-controller'],
  [/haproxytech\/kubernetes-ingress|haproxy-ingress/, 'haproxy.org/ingress-controller'],
]

/** Which ingress controller a Pod is, by annotation or by its image; undefined for an ordinary Pod. */
export function controllerOf(pod: Pod): string | undefined {
  const said = pod.metadata.annotations?.['kubehop.dev/controller']
  if (said !== undefined) return said
  for (const { image } of pod.spec.containers) {
    const known = IMAGES.find(([pattern]) => pattern.test(image ?? ''))
    if (known) return known[1]
  }
  return undefined
}
