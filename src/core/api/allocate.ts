import { type Family, familyOf, type Ip, ipOf, ipValue, parseCidr } from '../base/ip.ts'
import type { ClusterSettings } from './kinds/config.ts'
import type { Service } from './kinds/service.ts'

/**
 * How many addresses of a CIDR dynamic allocation leaves to those who ask for a certain one, until the rest is used up
 * (ipallocator.calculateRangeOffset). `size` counts network and broadcast address.
 */
export function clusterIpBand(size: bigint): number {
  if (size <= 16n) return 0
  const part = size / 16n
  return Number(part < 16n ? 16n : part > 256n ? 256n : part)
}

/** The same for the node-port range (portallocator.calculateRangeOffset). */
export function nodePortBand(size: number): number {
  return size <= 16 ? 0 : Math.min(Math.max(16, Math.floor(size / 32)), 128)
}

/** Numbers given out of a range: the next free one of the upper band, or of the lower band once the upper is full. */
class Pool {
  private readonly used = new Set<bigint>()
  /** Asked for by name in objects still to come: not given to others. */
  private readonly wanted = new Set<bigint>()
  private readonly first: bigint
  private readonly last: bigint
  private readonly band: bigint
  private next: bigint

  constructor(first: bigint, last: bigint, band: number) {
    this.first = first
    this.last = last
    this.band = BigInt(band)
    this.next = first + this.band
  }

  contains(value: bigint): boolean {
    return value >= this.first && value <= this.last
  }

  want(value: bigint): void {
    this.wanted.add(value)
  }

  has(value: bigint): boolean {
    return this.used.has(value)
  }

  take(value: bigint): void {
    this.used.add(value)
  }

  release(value: bigint): void {
    this.used.delete(value)
    if (value >= this.first + this.band && value < this.next) this.next = value
  }

  /** The first free number, or undefined if the range is full. */
  takeNext(): bigint | undefined {
    const low = this.first + this.band
    for (let value = this.next; value <= this.last; value++) {
      if (this.used.has(value) || this.wanted.has(value)) continue
      this.next = value + 1n
      this.used.add(value)
      return value
    }
    this.next = this.last + 1n
    for (let value = this.first; value < low; value++) {
      if (this.used.has(value) || this.wanted.has(value)) continue
      this.used.add(value)
      return value
    }
    return undefined
  }
}

/**
 * How an address outside the Service CIDRs is refused. A live 1.36 server says that the network does not match (`network`); the
 * allocators behind a dry run, and those without stored ServiceCIDRs, name the range (`range`).
 */
export type RangeWording = 'network' | 'range'

/**
 * Cluster IPs and node ports in use. Real allocation is random inside the upper band; here it is the first free one, so that the same
 * input gives the same addresses. Bands, conflicts and messages are the API server's (IPAddress-based allocator, 1.33 on).
 */
export class Allocators {
  readonly families: readonly Family[]
  private readonly ips = new Map<Family, Pool[]>()
  private readonly cidrs: readonly string[]
  private readonly ports: Pool
  private readonly range: { readonly from: number; readonly to: number }

  private readonly wording: RangeWording

  /** `services` are counted as stored. */
  constructor(
    settings: Pick<ClusterSettings, 'serviceCidrs' | 'nodePortRange'>,
    services: Iterable<Service> = [],
    wording: RangeWording = 'range',
  ) {
    this.wording = wording
    this.cidrs = settings.serviceCidrs
    for (const cidr of settings.serviceCidrs) {
      const network = parseCidr(cidr)
      if (!network) continue
      const size = network.last - network.first + 1n
      // The network address is never given out, nor is IPv4's broadcast address.
      const last = network.family === 'IPv4' && size > 2n ? network.last - 1n : network.last
      const pools = this.ips.get(network.family) ?? []
      pools.push(new Pool(network.first + 1n, last, clusterIpBand(size)))
      this.ips.set(network.family, pools)
    }
    this.families = [...this.ips.keys()]
    const { from, to } = settings.nodePortRange
    this.range = settings.nodePortRange
    this.ports = new Pool(BigInt(from), BigInt(to), nodePortBand(to - from + 1))
    for (const service of services) this.adopt(service)
  }

  /** Counts a stored Service's addresses and ports as used, wherever they lie. */
  adopt(service: Service): void {
    for (const ip of clusterIpsOf(service)) this.poolOf(ip)?.take(ipValue(ip))
    for (const port of nodePortsOf(service)) this.ports.take(BigInt(port))
  }

  /** Keeps what a Service still to come asks for from being given to others. */
  reserve(service: Service): void {
    for (const ip of clusterIpsOf(service)) this.poolOf(ip)?.want(ipValue(ip))
    for (const port of nodePortsOf(service)) this.ports.want(BigInt(port))
  }

  /** Everything that a Service holds is free again. */
  releaseAll(service: Service): void {
    for (const ip of clusterIpsOf(service)) this.releaseIp(ip)
    for (const port of nodePortsOf(service)) this.releasePort(port)
  }

  /** Takes one certain address; answers why not, in the API server's words. */
  takeIp(ip: Ip, dryRun: boolean): string | undefined {
    const pool = this.poolOf(ip)
    if (!pool) {
      if (!dryRun && this.wording === 'network') return 'the provided network does not match the current range'
      return `the provided IP (${ip}) is not in the valid range. The range of valid IPs is ${this.cidrs.filter((cidr) => familyOf(cidr) === familyOf(ip)).join(',')}`
    }
    if (dryRun) return undefined
    if (pool.has(ipValue(ip))) return 'provided IP is already allocated'
    pool.take(ipValue(ip))
    return undefined
  }

  /** The next free address of a family, or undefined if its ranges are full. */
  nextIp(family: Family): Ip | undefined {
    for (const pool of this.ips.get(family) ?? []) {
      const value = pool.takeNext()
      if (value !== undefined) return ipOf(value, family)
    }
    return undefined
  }

  releaseIp(ip: Ip): void {
    this.poolOf(ip)?.release(ipValue(ip))
  }

  takePort(port: number, dryRun: boolean): string | undefined {
    if (dryRun) return undefined
    if (port < this.range.from || port > this.range.to)
      return `provided port is not in the valid range. The range of valid ports is ${this.range.from}-${this.range.to}`
    if (this.ports.has(BigInt(port))) return 'provided port is already allocated'
    this.ports.take(BigInt(port))
    return undefined
  }

  nextPort(): number | undefined {
    const port = this.ports.takeNext()
    return port === undefined ? undefined : Number(port)
  }

  releasePort(port: number): void {
    this.ports.release(BigInt(port))
  }

  private poolOf(ip: Ip): Pool | undefined {
    return this.ips.get(familyOf(ip))?.find((pool) => pool.contains(ipValue(ip)))
  }
}

function clusterIpsOf(service: Service): Ip[] {
  const { clusterIP, clusterIPs, type } = service.spec
  if (type === 'ExternalName') return []
  const given = clusterIPs?.length ? clusterIPs : clusterIP ? [clusterIP] : []
  return given.filter((ip) => parseCidr(`${ip}/${ip.includes(':') ? 128 : 32}`) !== undefined)
}

function nodePortsOf(service: Service): number[] {
  const ports = (service.spec.ports ?? []).flatMap((port) => (port.nodePort ? [port.nodePort] : []))
  return service.spec.healthCheckNodePort ? [...ports, service.spec.healthCheckNodePort] : ports
}
