import { clusterIpsOf, isHeadless } from '../api/service/fields.ts'
import { familyOf, parseIp } from '../base/ip.ts'
import { absolute, answered, type DnsAnswer, type DnsRecord, failed, type Upstream } from './record.ts'
import { addressOfReverse, isReverse } from './reverse.ts'
import type { Zone } from './zone.ts'

/** CoreDNS' msg.Service: something found under a name, before it is turned into records of the asked type. */
type Found = { readonly host: string; readonly port: number; readonly target: string }
type Search = { readonly found: readonly Found[]; readonly exists: boolean }

const TTL = 30
const VERSION_TTL = 28_800
const NOTHING: Search = { found: [], exists: false }
const EMPTY: Search = { found: [], exists: true }

/**
 * Answers one question as CoreDNS with kubeadm's Corefile does (plugin/kubernetes: parse.go, kubernetes.go, reverse.go; plugin/backend_lookup.go):
 * the cluster zone and the reverse zones itself, reverse names it does not know and everything else by `upstream`.
 */
export function lookup(zone: Zone, question: string, type: string, upstream: Upstream): DnsAnswer {
  const name = absolute(question)
  if (isReverse(name)) return reverseAnswer(zone, name, type, upstream)
  if (!isInZone(zone, name)) return upstream(name, type)
  const answer = zoneAnswer(zone, name, type, upstream)
  return answer === 'NXDOMAIN' ? failed('NXDOMAIN', true) : answer
}

/** Whether a name lies in the cluster's zone. */
export function isInZone(zone: Zone, name: string): boolean {
  const lower = absolute(name).toLowerCase()
  return lower === `${zone.domain}.` || lower.endsWith(`.${zone.domain}.`)
}

function zoneAnswer(zone: Zone, name: string, type: string, upstream: Upstream): DnsAnswer | 'NXDOMAIN' {
  const base = baseOf(zone, name)
  switch (type) {
    case 'A':
    case 'AAAA': {
      const result = addresses(zone, name, type, upstream, [])
      return result.exists ? answered(result.records, true) : 'NXDOMAIN'
    }
    case 'CNAME': {
      const search = searchFor(zone, name)
      if (!search.exists) return 'NXDOMAIN'
      const first = search.found[0]
      const isName = first !== undefined && parseIp(first.host) === undefined
      return answered(isName ? [record(name, 'CNAME', absolute(first.host))] : [], true)
    }
    case 'SRV': {
      const search = searchFor(zone, name)
      return search.exists ? srvAnswer(name, search.found) : 'NXDOMAIN'
    }
    case 'TXT':
      if (base === 'dns-version') return answered([{ name, type: 'TXT', ttl: VERSION_TTL, value: '"1.1.0"' }], true)
      return searchFor(zone, name).found.length > 0 ? failed('NODATA', true) : 'NXDOMAIN'
    case 'SOA':
      if (base === '') return answered([soa(zone, name)], true)
      break
    case 'NS':
      if (base === '') return nsAnswer(zone, name)
      break
  }
  return searchFor(zone, name).exists ? failed('NODATA', true) : 'NXDOMAIN'
}

/** The labels before the zone, lower case, without dots at the ends. */
function baseOf(zone: Zone, name: string): string {
  return absolute(name)
    .toLowerCase()
    .slice(0, -(zone.domain.length + 1))
    .replace(/\.$/, '')
}

type Addresses = { readonly records: readonly DnsRecord[]; readonly exists: boolean }

/** Address records of one family, with CNAMEs chased: inside the zone only as far as they lead to an address. */
function addresses(zone: Zone, name: string, type: 'A' | 'AAAA', upstream: Upstream, seen: readonly string[]): Addresses {
  const search = searchFor(zone, name)
  if (!search.exists) return { records: [], exists: false }
  const records: DnsRecord[] = []
  for (const { host } of search.found) {
    const ip = parseIp(host)
    if (ip !== undefined) {
      const fits = (familyOf(ip) === 'IPv4') === (type === 'A')
      if (fits && !records.some((other) => other.type === type && other.value === ip)) records.push(record(name, type, ip))
    } else records.push(...chase(zone, name, absolute(host), type, upstream, seen))
  }
  return { records, exists: true }
}

function chase(
  zone: Zone,
  name: string,
  target: string,
  type: 'A' | 'AAAA',
  upstream: Upstream,
  seen: readonly string[],
): readonly DnsRecord[] {
  if (target.toLowerCase() === name.toLowerCase() || seen.includes(target.toLowerCase()) || seen.length > 7) return []
  const cname = record(name, 'CNAME', target)
  if (!isInZone(zone, target)) return [cname, ...upstream(target, type).answers]
  const next = addresses(zone, target, type, upstream, [...seen, target.toLowerCase()])
  return next.records.length > 0 ? [cname, ...next.records] : []
}

/** Weights are 100 shared by all that was found, duplicates counted, at least 1 (plugin/backend_lookup.go SRV). */
function srvAnswer(name: string, found: readonly Found[]): DnsAnswer {
  const internal = found.filter(({ host }) => parseIp(host) !== undefined)
  const weight = Math.max(1, Math.floor(100 / internal.length))
  const answers = new Map<string, DnsRecord>()
  const additional = new Map<string, DnsRecord>()
  for (const { host, port, target } of internal) {
    if (port === -1) continue
    answers.set(`${target} ${port}`, record(name, 'SRV', `0 ${weight} ${port} ${target}`))
    additional.set(`${target} ${host}`, record(target, familyOf(host) === 'IPv4' ? 'A' : 'AAAA', host))
  }
  return answered([...answers.values()], true, [...additional.values()])
}

function nsAnswer(zone: Zone, name: string): DnsAnswer {
  const service = zone.dnsService
  if (!service || clusterIpsOf(service).length === 0) return failed('NODATA', true)
  const target = `${service.metadata.name}.${service.metadata.namespace}.svc.${zone.domain}.`
  const glue = clusterIpsOf(service).map((ip) => record(target, familyOf(ip) === 'IPv4' ? 'A' : 'AAAA', ip))
  return answered([record(name, 'NS', target)], true, glue)
}

function soa(zone: Zone, name: string): DnsRecord {
  // CoreDNS puts the time of its start as serial; the virtual clock starts at 2026-01-01T00:00:00Z.
  return record(name, 'SOA', `ns.dns.${zone.domain}. hostmaster.${zone.domain}. 1767225600 7200 1800 86400 ${TTL}`)
}

function reverseAnswer(zone: Zone, name: string, type: string, upstream: Upstream): DnsAnswer {
  const ip = addressOfReverse(name)
  if (type !== 'PTR' || ip === undefined) return upstream(name, type)
  const service = zone.serviceAt(ip)
  if (service) return answered([record(name, 'PTR', `${service.metadata.name}.${service.metadata.namespace}.svc.${zone.domain}.`)], true)
  const targets = zone.endpointsAt(ip).map((endpoint) => `${endpoint.label}.${endpoint.service}.${endpoint.namespace}.svc.${zone.domain}.`)
  const unique = [...new Set(targets)].map((target) => record(name, 'PTR', target))
  return unique.length > 0 ? answered(unique, true) : upstream(name, type)
}

function record(name: string, type: DnsRecord['type'], value: string): DnsRecord {
  return { name, type, ttl: TTL, value }
}

/** What a name of the zone stands for. Not existing (`exists` false) is NXDOMAIN; existing with nothing found is NODATA. */
function searchFor(zone: Zone, name: string): Search {
  const base = baseOf(zone, name)
  if (base === 'ns.dns') return dnsServer(zone, name)
  if (base === '' || base === 'svc' || base === 'pod') return EMPTY
  const labels = base.split('.')
  const kind = labels.pop()
  const namespace = labels.pop()
  if ((kind !== 'svc' && kind !== 'pod') || namespace === undefined) return NOTHING
  if (!zone.hasNamespace(namespace)) return NOTHING
  const label = labels.pop()
  if (label === undefined) return EMPTY
  if (labels.length > 2) return NOTHING
  if (kind === 'pod') return podRecord(label)
  const [first, second] = labels
  if (second === undefined) return serviceRecords(zone, namespace, label, first, undefined, undefined)
  return serviceRecords(zone, namespace, label, undefined, first?.replace(/^_/, ''), second.replace(/^_/, ''))
}

function dnsServer(zone: Zone, name: string): Search {
  const ips = zone.dnsService ? clusterIpsOf(zone.dnsService) : []
  return { found: ips.map((host) => ({ host, port: 53, target: name })), exists: true }
}

/** `pods insecure`: any address is answered, whether a Pod has it or not. */
function podRecord(label: string): Search {
  const isV4 = (label.match(/-/g)?.length ?? 0) === 3 && !label.includes('--')
  const ip = parseIp(label.replaceAll('-', isV4 ? '.' : ':'))
  return ip === undefined ? NOTHING : { found: [{ host: ip, port: 0, target: '' }], exists: true }
}

function serviceRecords(zone: Zone, namespace: string, name: string, endpoint?: string, port?: string, protocol?: string): Search {
  const service = zone.service(namespace, name)
  if (!service) return NOTHING
  const own = `${service.metadata.name}.${namespace}.svc.${zone.domain}.`
  const fits = (named: { readonly name?: string; readonly protocol: string }) =>
    (port === undefined || port === '' || (named.name ?? '').toLowerCase() === port) &&
    (protocol === undefined || protocol === '' || named.protocol.toLowerCase() === protocol)
  if (service.spec.type === 'ExternalName') {
    const host = service.spec.externalName ?? ''
    const answers = endpoint === undefined && port === undefined && protocol === undefined && parseIp(host) === undefined
    return answers ? { found: [{ host, port: 0, target: own }], exists: true } : NOTHING
  }
  if (isHeadless(service) || endpoint !== undefined) {
    const found = zone
      .endpoints(namespace, service.metadata.name)
      .filter(({ label }) => endpoint === undefined || label.toLowerCase() === endpoint)
      .flatMap(({ ip, label, ports }) => ports.filter(fits).map((p) => ({ host: ip, port: p.port, target: `${label}.${own}` })))
    return { found, exists: found.length > 0 }
  }
  const ports = (service.spec.ports ?? []).filter(fits)
  const found = ports.flatMap((p) => clusterIpsOf(service).map((host) => ({ host, port: p.port, target: own })))
  return { found, exists: ports.length > 0 }
}
