import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import type { ApiObject, Cluster } from '../api/cluster.ts'
import { keyOf } from '../api/meta.ts'
import { lookup } from './lookup.ts'
import { answered, type DnsRecord, failed, type Upstream } from './record.ts'
import { candidates } from './resolvconf.ts'
import { addressOfReverse, reverseOf } from './reverse.ts'
import { zoneOf } from './zone.ts'

const read = (name: string) => readFileSync(`${import.meta.dirname}/../testing/vectors/${name}`)

type Golden = {
  objectsYaml: string
  endpointSlices: (object & { name: string; labels: Record<string, string> })[]
  vectors: { name: string; type: string; kind: string; rcode: string; aa: boolean; answer: string[]; additional: string[] }[]
}
const golden = JSON.parse(gunzipSync(read('dns-golden.json.gz')).toString()) as Golden

function clusterOf(objects: readonly ApiObject[]): Cluster {
  const byKind = new Map<string, Map<string, ApiObject>>()
  for (const object of objects) {
    const map = byKind.get(object.kind) ?? new Map<string, ApiObject>()
    byKind.set(object.kind, map.set(keyOf(object), object))
  }
  return { settings: { clusterDomain: 'cluster.local' } as Cluster['settings'], byKind }
}

function goldenCluster(): Cluster {
  const written = parseAllDocuments(golden.objectsYaml).map((document) => document.toJS() as ApiObject)
  const services = written.filter(({ kind }) => kind === 'Service').map((service) => withDefaults(service))
  const slices = golden.endpointSlices.map(({ name, labels, ...rest }) => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace: 'dns1', labels },
    ...rest,
  }))
  const manual = written
    .filter(({ kind }) => kind === 'EndpointSlice')
    .map((slice) => ({ ...slice, metadata: { ...slice.metadata, namespace: 'dns1' } }))
  const namespaces = ['default', 'dns1', 'dns2'].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }))
  const kubernetes = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kubernetes', namespace: 'default' },
    spec: { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, protocol: 'TCP' }] },
  }
  return clusterOf([...services, ...slices, ...manual, ...namespaces, kubernetes])
}

function withDefaults(service: ApiObject & { spec?: { ports?: object[] } }): ApiObject {
  const ports = service.spec?.ports?.map((port) => ({ protocol: 'TCP', ...port }))
  return {
    ...service,
    metadata: { ...service.metadata, namespace: 'dns1' },
    spec: { ...service.spec, ...(ports && { ports }) },
  } as ApiObject
}

/** The recording's upstream knew two names and answered SERVFAIL for the others. */
const stub: Upstream = (name, type) => {
  const known: Record<string, DnsRecord[]> = {
    'www.example.com.': [
      { name, type: 'A', ttl: 3600, value: '192.0.2.53' },
      { name, type: 'AAAA', ttl: 3600, value: '2001:db8::53' },
    ],
    'db.example.com.': [{ name, type: 'A', ttl: 3600, value: '192.0.2.53' }],
  }
  const records = known[name]
  return records
    ? answered(
        records.filter((record) => record.type === type),
        true,
      )
    : failed('SERVFAIL', false)
}

const print = (record: DnsRecord) => `${record.name} ${record.ttl} ${record.type} ${record.value}`
/** The serial of a SOA is the time at which CoreDNS started. */
const anySerial = (line: string) => line.replace(/(hostmaster\.\S+) \d+/, '$1 SERIAL')

/** Answers whose additional section CoreDNS cut at 512 bytes: what is left is a part of ours. */
const TRUNCATED = new Set(['hl.dns1.svc.cluster.local. SRV'])

describe('CoreDNS, recorded', () => {
  const zone = zoneOf(goldenCluster())
  test.each(golden.vectors)('$name $type', (vector) => {
    const answer = lookup(zone, vector.name, vector.type, stub)
    expect(answer.rcode === 'NOERROR' ? 'ANSWER' : answer.rcode).toBe(vector.kind)
    expect(answer.answers.map(print).map(anySerial).sort()).toEqual(vector.answer.map(anySerial).sort())
    if (vector.kind !== 'SERVFAIL' && !/example\.com\.$/.test(vector.name)) expect(answer.authoritative).toBe(vector.aa)
    const additional = answer.additional.map(print).sort()
    if (TRUNCATED.has(`${vector.name} ${vector.type}`)) expect(additional).toEqual(expect.arrayContaining(vector.additional))
    else expect(additional).toEqual([...vector.additional].sort())
  })
})

describe('search list', () => {
  const { vectors, resolvConf } = JSON.parse(read('resolver-search-order.json').toString()) as {
    resolvConf: { search: string[] }
    vectors: { name: string; ndots?: number; queriesInOrder: string[] }[]
  }
  test.each(vectors)('$name, ndots $ndots', ({ name, ndots, queriesInOrder }) => {
    expect(candidates(name, { search: resolvConf.search, ndots: ndots ?? 5 })).toEqual(queriesInOrder)
  })
})

test.each(['10.96.0.1', '2001:db8::61', '::1', 'fd00:10:96::a'])('the reverse name of %s leads back to it', (ip) => {
  expect(addressOfReverse(reverseOf(ip))).toBe(ip)
})
