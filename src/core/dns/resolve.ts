import type { Family } from '../base/ip.ts'
import { familyOf, parseIp } from '../base/ip.ts'
import { lookup } from './lookup.ts'
import type { DnsAnswer, DnsRecord, Upstream } from './record.ts'
import { candidates, type ResolvConf } from './resolvconf.ts'
import type { Zone } from './zone.ts'

/** One question of a resolver and what came back. */
export type Query = { readonly question: string; readonly type: 'A' | 'AAAA'; readonly answer: DnsAnswer }

/** How a name became addresses: every question in order, and the outcome. */
export type Resolution = {
  readonly queries: readonly Query[]
  /** In the order in which a client tries them: IPv6 first where it has both (glibc's RFC 3484 table). */
  readonly addresses: readonly string[]
  /** `found`, `nxdomain` (no candidate exists), `nodata` (one exists, without an address of the client's families), `servfail`. */
  readonly outcome: 'found' | 'nxdomain' | 'nodata' | 'servfail'
  /** The name that answered, and the CNAME chain's last target if there was one. */
  readonly canonical?: string
  /** From /etc/hosts: nothing was asked. */
  readonly hosts?: true
}

export type Resolver = {
  readonly conf: ResolvConf
  /** The cluster's zone where the cluster's DNS is asked; absent for the host's resolver. */
  readonly zone?: Zone
  readonly upstream: Upstream
  readonly families: readonly Family[]
  /** /etc/hosts: lower-case names to addresses. */
  readonly hosts: ReadonlyMap<string, readonly string[]>
}

/** Resolves a host name as glibc's getaddrinfo does: hosts file, then the candidates in order; NODATA goes on to the next. */
export function resolve(resolver: Resolver, name: string): Resolution {
  const known = resolver.hosts.get(name.toLowerCase().replace(/\.$/, ''))
  if (known) return { queries: [], addresses: ordered(known, resolver.families), outcome: 'found', hosts: true }
  const queries: Query[] = []
  let best: Resolution['outcome'] = 'nxdomain'
  for (const candidate of candidates(name, resolver.conf)) {
    const asked = ask(resolver, candidate)
    queries.push(...asked)
    const records = asked.flatMap(({ answer }) => answer.answers)
    const addresses = records.filter(({ type }) => type === 'A' || type === 'AAAA').map(({ value }) => value)
    if (addresses.length > 0) {
      return { queries, addresses: ordered(addresses, resolver.families), outcome: 'found', canonical: canonicalOf(records, candidate) }
    }
    if (asked.some(({ answer }) => answer.rcode === 'NODATA' || answer.rcode === 'NOERROR')) best = 'nodata'
    else if (best === 'nxdomain' && asked.some(({ answer }) => answer.rcode === 'SERVFAIL')) best = 'servfail'
  }
  return { queries, addresses: [], outcome: best }
}

/** Asks for one absolute name, once a family. */
function ask({ zone, upstream, families }: Resolver, question: string): readonly Query[] {
  const types = families.map((family) => (family === 'IPv4' ? ('A' as const) : ('AAAA' as const)))
  return types.map((type) => ({ question, type, answer: zone ? lookup(zone, question, type, upstream) : upstream(question, type) }))
}

function ordered(ips: readonly string[], families: readonly Family[]): readonly string[] {
  const usable = ips.filter((ip) => parseIp(ip) !== undefined && families.includes(familyOf(ip)))
  return [...usable.filter((ip) => familyOf(ip) === 'IPv6'), ...usable.filter((ip) => familyOf(ip) === 'IPv4')]
}

function canonicalOf(records: readonly DnsRecord[], asked: string): string {
  return records.filter(({ type }) => type === 'CNAME').at(-1)?.value ?? asked
}
