import type { Service } from '../kinds/service.ts'

/** Questions about a Service's type that defaulting, allocation and validation share (pkg/registry/core/service/strategy.go). */
export function needsClusterIp(service: Service): boolean {
  return service.spec.type !== 'ExternalName'
}

/** Whether its ports get node ports. */
export function needsNodePort(service: Service): boolean {
  return service.spec.type === 'NodePort' || service.spec.type === 'LoadBalancer'
}

/** Whether it gets a node port for health checks. */
export function needsHealthCheck(service: Service): boolean {
  return service.spec.type === 'LoadBalancer' && service.spec.externalTrafficPolicy === 'Local'
}

/** Headless: `clusterIP: None`. */
export function isHeadless(service: Service): boolean {
  return service.spec.clusterIP === 'None'
}

/** Whether it selects Pods at all; an empty selector selects none. */
export function hasSelector(service: Service): boolean {
  return Object.keys(service.spec.selector ?? {}).length > 0
}

/** Whether two lists hold the same items in the same order; none is as good as an empty one. */
export function sameList(a: readonly unknown[] | undefined, b: readonly unknown[] | undefined): boolean {
  return (a?.length ?? 0) === (b?.length ?? 0) && (a ?? []).every((item, index) => item === b?.[index])
}

/** A Service's cluster IPs; none for headless and ExternalName Services. */
export function clusterIpsOf(service: Service): readonly string[] {
  const all = service.spec.clusterIPs ?? (service.spec.clusterIP ? [service.spec.clusterIP] : [])
  return all.filter((ip) => ip !== 'None' && ip !== '')
}
