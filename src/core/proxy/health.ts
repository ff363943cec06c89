import type { ProxyView } from './view.ts'

/** A Service's health check on one node: what kube-proxy serves at its healthCheckNodePort. */
export type ServiceHealth = {
  readonly namespace: string
  readonly name: string
  readonly port: number
  /** Distinct addresses of local ready endpoints; terminating ones do not count. */
  readonly localEndpoints: number
}

/** The health checks that a node's kube-proxy answers, in the order of the service ports; endpoints of both families count. */
export function serviceHealths(views: readonly ProxyView[]): readonly ServiceHealth[] {
  const services = new Map<string, { namespace: string; name: string; port: number; ips: Set<string> }>()
  for (const port of views.flatMap((view) => view.servicePorts)) {
    if (port.healthCheckNodePort === 0) continue
    let health = services.get(port.service)
    if (!health) {
      health = { namespace: port.namespace, name: port.serviceName, port: port.healthCheckNodePort, ips: new Set() }
      services.set(port.service, health)
    }
    for (const endpoint of port.endpoints) if (endpoint.local && endpoint.ready) health.ips.add(endpoint.ip)
  }
  return [...services.values()].map(({ ips, ...health }) => ({ ...health, localEndpoints: ips.size }))
}

/** The HTTP answer of a health check (pkg/proxy/healthcheck/service_health.go): any path, any method. */
export function healthResponse(
  health: Pick<ServiceHealth, 'namespace' | 'name' | 'localEndpoints'>,
  proxyHealthy: boolean,
): { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string } {
  const { namespace, name, localEndpoints } = health
  const body = { service: { namespace, name }, localEndpoints, serviceProxyHealthy: proxyHealthy }
  return {
    status: localEndpoints > 0 && proxyHealthy ? 200 : 503,
    headers: {
      'Content-Type': 'application/json',
      'X-Content-Type-Options': 'nosniff',
      'X-Load-Balancing-Endpoint-Weight': String(localEndpoints),
    },
    body: JSON.stringify(body, undefined, '\t'),
  }
}

/**
 * `sync_proxy_rules_no_local_endpoints_total`: service ports whose policy is Local and that have endpoints, but none on this node. A Service
 * without any endpoint does not count.
 */
export function withoutLocalEndpoints(view: ProxyView): { readonly internal: number; readonly external: number } {
  let internal = 0
  let external = 0
  for (const { categories, internalPolicyLocal, externalPolicyLocal, usesLocal } of view.servicePorts) {
    if (!usesLocal || !categories.any || categories.local.length > 0) continue
    if (internalPolicyLocal) internal++
    if (externalPolicyLocal) external++
  }
  return { internal, external }
}
