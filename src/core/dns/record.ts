export type RecordType = 'A' | 'AAAA' | 'CNAME' | 'SRV' | 'PTR' | 'TXT' | 'SOA' | 'NS'

/** One resource record; `value` is its data as zone files write it. */
export type DnsRecord = { readonly name: string; readonly type: RecordType; readonly ttl: number; readonly value: string }

export type Rcode = 'NOERROR' | 'NXDOMAIN' | 'NODATA' | 'SERVFAIL'

/** What a server answers to one question. `NODATA` is NOERROR without an answer record. */
export type DnsAnswer = {
  readonly rcode: Rcode
  readonly authoritative: boolean
  readonly answers: readonly DnsRecord[]
  readonly additional: readonly DnsRecord[]
}

/** Answers questions outside the cluster's zone: the host's resolver. */
export type Upstream = (name: string, type: string) => DnsAnswer

/** The name with exactly one dot at its end. */
export function absolute(name: string): string {
  return name.endsWith('.') ? name : `${name}.`
}

/** An answer that carries records, or NODATA. */
export function answered(answers: readonly DnsRecord[], authoritative: boolean, additional: readonly DnsRecord[] = []): DnsAnswer {
  return { rcode: answers.length > 0 ? 'NOERROR' : 'NODATA', authoritative, answers, additional }
}

/** An answer that is only a code. */
export function failed(rcode: 'NXDOMAIN' | 'SERVFAIL' | 'NODATA', authoritative: boolean): DnsAnswer {
  return { rcode, authoritative, answers: [], additional: [] }
}
