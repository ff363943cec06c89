import type { Mutable } from '../../base/copy.ts'
import type { Family, Ip } from '../../base/ip.ts'
import type { Allocators } from '../allocate.ts'
import { type FieldError, internalError, invalid, invalidObject, type Refusal } from '../field-error.ts'
import type { Service } from '../kinds/service.ts'
import { needsHealthCheck, needsNodePort } from './fields.ts'
import { initIpFamilies, keepsPreferDualStack } from './ip-families.ts'

/** What an allocation took and what it would free: undone if the request is refused later, carried out if not. */
class Ledger {
  private readonly allocators: Allocators
  readonly dryRun: boolean
  private readonly ips: Ip[] = []
  private readonly ports: number[] = []
  private readonly freedIps: Ip[] = []
  private readonly freedPorts: number[] = []

  constructor(allocators: Allocators, dryRun: boolean) {
    this.allocators = allocators
    this.dryRun = dryRun
  }

  ip(ip: Ip): string | undefined {
    const refused = this.allocators.takeIp(ip, this.dryRun)
    if (refused === undefined && !this.dryRun) this.ips.push(ip)
    return refused
  }

  nextIp(family: Family): Ip | undefined {
    const ip = this.allocators.nextIp(family)
    if (ip !== undefined) this.ips.push(ip)
    return ip
  }

  port(port: number): string | undefined {
    const refused = this.allocators.takePort(port, this.dryRun)
    if (refused === undefined && !this.dryRun) this.ports.push(port)
    return refused
  }

  nextPort(): number | undefined {
    const port = this.allocators.nextPort()
    if (port !== undefined) this.ports.push(port)
    return port
  }

  freeIp(ip: Ip | undefined): void {
    if (ip) this.freedIps.push(ip)
  }

  freePort(port: number | undefined): void {
    if (port) this.freedPorts.push(port)
  }

  undo(): void {
    for (const ip of this.ips) this.allocators.releaseIp(ip)
    for (const port of this.ports) this.allocators.releasePort(port)
  }

  settle(): void {
    if (this.dryRun) {
      this.undo()
      return
    }
    for (const ip of this.freedIps) this.allocators.releaseIp(ip)
    for (const port of this.freedPorts) this.allocators.releasePort(port)
  }
}

/** An allocation that is done but not yet for good: `settle` keeps it, `undo` gives everything back. */
export type Allocation = { readonly undo: () => void; readonly settle: () => void }
export type AllocationResult = Allocation | { readonly refused: Refusal }

/** Stops an allocation. Thrown only within this file. */
class Refused extends Error {
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(refusal.message)
    this.refusal = refusal
  }
}

/**
 * Gives a Service its IP families, cluster IPs, node ports and health-check port, set in place; the first thing that cannot be had
 * refuses the whole (pkg/registry/core/service/storage/alloc.go). With `old`, keeps and frees what an update changes.
 */
export function allocateService(
  service: Mutable<Service>,
  old: Service | undefined,
  allocators: Allocators,
  dryRun: boolean,
): AllocationResult {
  const ledger = new Ledger(allocators, dryRun)
  const name = service.metadata?.name ?? ''
  try {
    const errors = initIpFamilies(service, old, allocators.families)
    if (errors.length > 0) return { refused: invalidObject('Service', name, errors) }
    if (old) {
      updateClusterIps(service, old, ledger)
      updateNodePorts(service, old, ledger)
      updateHealthCheckPort(service, old, ledger)
    } else {
      allocateClusterIps(service, ledger)
      if (needsNodePort(service)) initNodePorts(service, ledger)
      if (needsHealthCheck(service)) allocateHealthCheckPort(service, ledger)
    }
    return ledger
  } catch (error) {
    ledger.undo()
    if (error instanceof Refused) return { refused: error.refusal }
    throw error
  }
}

function refuse(service: Service, error: FieldError): never {
  throw new Refused(invalidObject('Service', service.metadata?.name ?? '', [error]))
}

function allocateClusterIps(service: Mutable<Service>, ledger: Ledger): void {
  const { spec } = service
  if (spec.type === 'ExternalName' || spec.clusterIPs?.[0] === 'None') return
  const ips = [...(spec.clusterIPs ?? [])]
  for (const [index, family] of (spec.ipFamilies ?? []).entries())
    ips[index] = takeClusterIp(service, ips[index] ?? '', family, ips, ledger)
  if (ips.length === 0) return
  spec.clusterIPs = ips
  spec.clusterIP = ips[0] ?? ''
}

function takeClusterIp(service: Service, wanted: string, family: Family, all: readonly string[], ledger: Ledger): Ip {
  if (wanted === '') {
    const ip = ledger.nextIp(family)
    if (ip === undefined) throw new Refused(internalError('failed to allocate a serviceIP: range is full'))
    // The address is kept as an object that must name its Service; one without a name cannot be named.
    if (!service.metadata?.name) {
      const detail = `failed to allocate IP: IPAddress.networking.k8s.io "${ip}" is invalid: spec.parentRef.name: Required value`
      refuse(service, invalid('spec.clusterIPs', [''], detail))
    }
    return ip
  }
  const why = ledger.ip(wanted)
  if (why !== undefined) refuse(service, invalid('spec.clusterIPs', all, `failed to allocate IP ${wanted}: ${why}`))
  return wanted
}

function updateClusterIps(service: Mutable<Service>, old: Service, ledger: Ledger): void {
  const { spec } = service
  if (keepsPreferDualStack(service, old)) return
  if (old.spec.type === 'ExternalName' && spec.type !== 'ExternalName') {
    allocateClusterIps(service, ledger)
    return
  }
  if (old.spec.clusterIPs?.[0] === 'None') return
  if (old.spec.type !== 'ExternalName' && spec.type === 'ExternalName') {
    for (const ip of old.spec.clusterIPs ?? []) ledger.freeIp(ip)
    return
  }
  const before = old.spec.ipFamilies?.length ?? 0
  const now = spec.ipFamilies?.length ?? 0
  const second = spec.ipFamilies?.[1]
  if (before === 1 && now === 2 && second) {
    const ips = [...(spec.clusterIPs ?? [])]
    if (ips.length < 2) ips.push('')
    ips[1] = takeClusterIp(service, ips[1] ?? '', second, ips, ledger)
    spec.clusterIPs = ips
  } else if (before === 2 && now === 1) ledger.freeIp(old.spec.clusterIPs?.[1])
}

function allocatesNodePorts(service: Service): boolean {
  return service.spec.type === 'NodePort' || (service.spec.type === 'LoadBalancer' && service.spec.allocateLoadBalancerNodePorts !== false)
}

function nextPort(ledger: Ledger): number {
  const port = ledger.nextPort()
  if (port === undefined) throw new Refused(internalError('failed to allocate a nodePort: range is full'))
  return port
}

function takePort(service: Service, index: number, port: number, ledger: Ledger): void {
  const why = ledger.port(port)
  if (why !== undefined) refuse(service, invalid(`spec.ports[${index}].nodePort`, port, why))
}

function initNodePorts(service: Mutable<Service>, ledger: Ledger): void {
  const ports = service.spec.ports ?? []
  // Two ports of the same number (TCP and UDP) share a node port unless they ask for different ones.
  const given = new Map<number, number>()
  for (const [index, port] of ports.entries()) {
    if (!port.nodePort && !allocatesNodePorts(service)) continue
    const number = port.port ?? 0
    const known = given.get(number)
    if (known === undefined) {
      const wanted = ports.find((candidate) => (candidate.port ?? 0) === number && candidate.nodePort)?.nodePort
      if (wanted) takePort(service, index, wanted, ledger)
      port.nodePort = wanted ?? nextPort(ledger)
      given.set(number, port.nodePort)
    } else if (!port.nodePort) port.nodePort = known
    else if (port.nodePort !== known) takePort(service, index, port.nodePort, ledger)
  }
}

function updateNodePorts(service: Mutable<Service>, old: Service, ledger: Ledger): void {
  const before = (old.spec.ports ?? []).flatMap((port) => (port.nodePort ? [port.nodePort] : []))
  if (needsNodePort(old) && !needsNodePort(service)) for (const port of before) ledger.freePort(port)
  if (!needsNodePort(service)) return
  const held = new Set(before)
  const taken = new Set<string>()
  for (const [index, port] of (service.spec.ports ?? []).entries()) {
    if (!port.nodePort && !allocatesNodePorts(service)) continue
    if (port.nodePort) {
      if (!held.has(port.nodePort)) takePort(service, index, port.nodePort, ledger)
      held.add(port.nodePort)
    } else port.nodePort = nextPort(ledger)
    const key = `${port.protocol} ${port.nodePort}`
    if (taken.has(key)) throw new Refused({ reason: 'Error', code: 500, message: `duplicate nodePort: {${key}}`, causes: [] })
    taken.add(key)
  }
  const now = new Set((service.spec.ports ?? []).map((port) => port.nodePort))
  for (const port of before) if (!now.has(port)) ledger.freePort(port)
}

function allocateHealthCheckPort(service: Mutable<Service>, ledger: Ledger): void {
  const wanted = service.spec.healthCheckNodePort
  if (!wanted) {
    const port = ledger.nextPort()
    if (port === undefined) throw new Refused(internalError('failed to allocate a HealthCheck NodePort 0: range is full'))
    service.spec.healthCheckNodePort = port
    return
  }
  const why = ledger.port(wanted)
  if (why !== undefined) throw new Refused(internalError(`failed to allocate requested HealthCheck NodePort ${wanted}: ${why}`))
}

function updateHealthCheckPort(service: Mutable<Service>, old: Service, ledger: Ledger): void {
  if (!needsHealthCheck(old) && needsHealthCheck(service)) allocateHealthCheckPort(service, ledger)
  else if (needsHealthCheck(old) && !needsHealthCheck(service)) ledger.freePort(old.spec.healthCheckNodePort)
}
