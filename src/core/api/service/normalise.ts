import type { Mutable } from '../../base/copy.ts'
import { isExternallyAccessible } from '../defaults/service.ts'
import type { Service } from '../kinds/service.ts'
import { needsClusterIp, needsHealthCheck, needsNodePort, sameList } from './fields.ts'

/** Keeps values that were allocated before and that the update leaves out: who sends the same YAML again wants no change. */
export function patchAllocatedValues(service: Mutable<Service>, old: Service): void {
  const { spec } = service
  if (needsClusterIp(old) && needsClusterIp(service)) {
    if (!spec.clusterIP && old.spec.clusterIP) spec.clusterIP = old.spec.clusterIP
    if (!spec.clusterIPs?.length && old.spec.clusterIPs) spec.clusterIPs = [...old.spec.clusterIPs]
  }
  if (givesNodePorts(old) && givesNodePorts(service)) {
    // By name: a port that is renamed loses its node port.
    const byName = new Map((old.spec.ports ?? []).map((port) => [port.name ?? '', port.nodePort]))
    const key = (port: { protocol?: string; nodePort?: number }) => `${port.protocol}/${port.nodePort}`
    const used = new Set((spec.ports ?? []).map(key))
    for (const port of spec.ports ?? []) {
      const known = byName.get(port.name ?? '')
      if (port.nodePort || !known || used.has(key({ ...port, nodePort: known }))) continue
      port.nodePort = known
      used.add(key(port))
    }
  }
  if (needsHealthCheck(old) && needsHealthCheck(service) && !spec.healthCheckNodePort && old.spec.healthCheckNodePort)
    spec.healthCheckNodePort = old.spec.healthCheckNodePort
}

/** Keeps `clusterIP` and `clusterIPs` in step, guessing which of the two the client meant to change. */
export function normalizeClusterIps(service: Mutable<Service>, old?: Service): void {
  const { spec } = service
  if (!old) {
    if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP]
    return
  }
  if (old.spec.clusterIPs?.length && !spec.clusterIPs?.length && (old.spec.clusterIP ?? '') === (spec.clusterIP ?? ''))
    spec.clusterIPs = [...old.spec.clusterIPs]
  if ((old.spec.clusterIP ?? '') === (spec.clusterIP ?? '')) return
  if (!sameList(old.spec.clusterIPs, spec.clusterIPs)) return
  if (old.spec.clusterIP && !spec.clusterIP) delete spec.clusterIPs
  else if (spec.clusterIP) spec.clusterIPs = [spec.clusterIP]
}

/**
 * Wipes fields that the new type has no use for, where the client has not changed them: they were ours, or do no good any more. A
 * changed one is left for validation to refuse.
 */
export function dropTypeDependentFields(service: Mutable<Service>, old: Service): void {
  const { spec } = service
  if (needsClusterIp(old) && !needsClusterIp(service)) {
    if ((old.spec.clusterIP ?? '') === (spec.clusterIP ?? '') && sameList(old.spec.clusterIPs, spec.clusterIPs)) {
      delete spec.clusterIP
      delete spec.clusterIPs
    }
    if (sameList(old.spec.ipFamilies, spec.ipFamilies)) delete spec.ipFamilies
    if (old.spec.ipFamilyPolicy === spec.ipFamilyPolicy) delete spec.ipFamilyPolicy
  }
  if (needsNodePort(old) && !needsNodePort(service) && addsNoNodePorts(service, old))
    for (const port of spec.ports ?? []) delete port.nodePort
  if (needsHealthCheck(old) && !needsHealthCheck(service) && (old.spec.healthCheckNodePort ?? 0) === (spec.healthCheckNodePort ?? 0))
    delete spec.healthCheckNodePort
  if (old.spec.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    if (spec.allocateLoadBalancerNodePorts === old.spec.allocateLoadBalancerNodePorts) delete spec.allocateLoadBalancerNodePorts
    if (spec.loadBalancerClass === old.spec.loadBalancerClass) delete spec.loadBalancerClass
  }
  if (isExternallyAccessible(old) && !isExternallyAccessible(service) && old.spec.externalTrafficPolicy === spec.externalTrafficPolicy)
    delete spec.externalTrafficPolicy
}

/** Whether ports without a node port are given one. */
function givesNodePorts({ spec }: Service): boolean {
  return spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false)
}

function addsNoNodePorts(service: Service, old: Service): boolean {
  const known = new Set((old.spec.ports ?? []).map((port) => port.nodePort))
  return (service.spec.ports ?? []).every((port) => !port.nodePort || known.has(port.nodePort))
}
