import { type Cluster, find } from '../api/cluster.ts'
import type { Ingress } from '../api/kinds/ingress.ts'
import type { RouteTable } from './routes.ts'

/** Whether a controller shows a certificate for a host that a Secret of its Ingresses holds; all others see the controller's own. */
export function certifies(cluster: Cluster, table: RouteTable, ingresses: readonly Ingress[], name: string): boolean {
  return table.profile === 'nginx' ? certifiedByServer(cluster, table, name.toLowerCase()) : certifiedBy(cluster, ingresses, name)
}

/**
 * ingress-nginx: the certificate of the server with this name, else with its wildcard (certificate.lua). A Secret that is not for the
 * server's own host was never taken for it.
 */
function certifiedByServer(cluster: Cluster, { servers }: RouteTable, name: string): boolean {
  const wildcard = name.replace(/^[^.]+\./, '*.')
  const holding = servers.filter(({ certificates }) => certificates !== undefined)
  const server = holding.find((one) => one.name === name) ?? holding.find((one) => one.name === wildcard)
  const [, namespace = '', secret] = server?.certificates?.[0]?.secret.split('/') ?? []
  const names = server && secretNames(cluster, namespace, secret)
  if (!server || !names) return false
  if (names.length === 0) return coversName(server.name, name)
  return [server.name, name].every((host) => names.some((pattern) => coversName(pattern, host)))
}

/** Chosen by the name that the client asks for, of all that any of these Ingresses names. */
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
