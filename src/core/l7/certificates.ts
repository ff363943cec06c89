import { type Cluster, find } from '../api/cluster.ts'
import type { Ingress } from '../api/kinds/ingress.ts'

/** Whether a Secret that one of these Ingresses names is for a host; all others see the controller's own certificate. */
export function certifiedBy(cluster: Cluster, ingresses: readonly Ingress[], name: string): boolean {
  return ingresses.some((ingress) =>
    (ingress.spec.tls ?? []).some(({ hosts = [], secretName }) => {
      const names = secretNames(cluster, ingress.metadata.namespace ?? 'default', secretName)
      return names !== undefined && (names.length > 0 ? names : hosts).some((pattern) => coversName(pattern, name))
    }),
  )
}

/** The names in a Secret's certificate: none where it cannot be read, undefined where there is no such Secret. */
export function secretNames(cluster: Cluster, namespace: string, name: string | undefined): readonly string[] | undefined {
  const secret =
    name === undefined
      ? undefined
      : (find(cluster, 'Secret' as never, namespace, name) as { readonly tlsNames?: readonly string[] } | undefined)
  return secret && (secret.tlsNames ?? [])
}

/** Whether a name in a certificate is for a host: a star stands for one label. */
export function coversName(pattern: string, name: string): boolean {
  if (pattern === '*' || pattern.toLowerCase() === name.toLowerCase()) return true
  return pattern.startsWith('*.') && name.slice(name.indexOf('.')).toLowerCase() === pattern.slice(1).toLowerCase()
}
