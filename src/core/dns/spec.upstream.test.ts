import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { ApiObject, Cluster } from '../api/cluster.ts'
import { keyOf } from '../api/meta.ts'
import { lookup } from './lookup.ts'
import { answered, type DnsRecord, type Upstream } from './record.ts'
import { zoneOf } from './zone.ts'

/**
 * The examples of the DNS specification (kubernetes/dns, schema 1.1.0). TTLs, SRV priorities and weights are illustrative there. One cluster
 * per section, made so that the section's example holds.
 */
const folder = process.env['KUBEHOP_VECTORS']
type Vector = {
  readonly section: string
  readonly question: { readonly name: string; readonly type: string }
  readonly answer: readonly string[]
}

const meta = (name: string, labels?: Record<string, string>) => ({ name, namespace: 'default', ...(labels && { labels }) })
const service = (name: string, spec: object): ApiObject => ({ apiVersion: 'v1', kind: 'Service', metadata: meta(name), spec }) as ApiObject
const slice = (name: string, of: string, addressType: string, endpoints: readonly object[]): ApiObject =>
  ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: meta(name, { 'kubernetes.io/service-name': of }),
    addressType,
    ports: [{ name: 'https', port: 443, protocol: 'TCP' }],
    endpoints,
  }) as ApiObject
const https = [{ name: 'https', port: 443, protocol: 'TCP' }]
const headless = service('headless', { clusterIP: 'None', ports: https })
const kubernetes = service('kubernetes', { clusterIP: '10.3.0.1', clusterIPs: ['10.3.0.1', '2001:db8::1'], ports: https })
const at = (ip: string, hostname?: string) => ({ addresses: [ip], ...(hostname !== undefined && { hostname }) })

const objectsOf: Readonly<Record<string, readonly ApiObject[]>> = {
  '2.2': [],
  '2.3.1': [kubernetes],
  '2.3.2': [kubernetes],
  '2.3.3': [kubernetes],
  '2.4.1': [
    headless,
    slice('plain', 'headless', 'IPv4', [at('10.3.0.1'), at('10.3.0.2'), at('10.3.0.3')]),
    slice('plain6', 'headless', 'IPv6', [at('2001:db8::1', 'my-pet'), at('2001:db8::2'), at('2001:db8::3')]),
  ],
  // The pet has an address of its own there, which the list before it lacks.
  '2.4.1 my-pet': [
    headless,
    slice('pet', 'headless', 'IPv4', [at('10.3.0.100', 'my-pet')]),
    slice('pet6', 'headless', 'IPv6', [at('2001:db8::1', 'my-pet')]),
  ],
  '2.4.2': [
    headless,
    slice('pets', 'headless', 'IPv4', [at('10.3.0.1', 'my-pet'), at('10.3.0.2', 'my-pet-2'), at('10.3.0.3', '438934893')]),
  ],
  '2.4.3': [headless, slice('pet', 'headless', 'IPv4', [at('10.3.0.100', 'my-pet')])],
  '2.5': [service('foo', { type: 'ExternalName', externalName: 'www.example.com' })],
}

const outside: Upstream = (name, type) => {
  const records: DnsRecord[] = [
    { name, type: 'A', ttl: 28_715, value: '192.0.2.53' },
    { name, type: 'AAAA', ttl: 28_715, value: '2001:db8::1' },
  ]
  return answered(
    records.filter((record) => record.type === type),
    false,
  )
}

function clusterOf(objects: readonly ApiObject[]): Cluster {
  const byKind = new Map<string, Map<string, ApiObject>>()
  const namespace: ApiObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } }
  for (const object of [namespace, ...objects]) {
    const map = byKind.get(object.kind) ?? new Map<string, ApiObject>()
    byKind.set(object.kind, map.set(keyOf(object), object))
  }
  return { settings: { clusterDomain: 'cluster.local' } as Cluster['settings'], byKind }
}

/** `name type value`, without the illustrative numbers. */
const bare = (line: string) =>
  line.replace(
    /^(\S+) \d+ (?:IN )?(\S+) (.*)$/,
    (_, name: string, type: string, value: string) => `${name} ${type} ${type === 'SRV' ? value.replace(/^\d+ \d+ /, '') : value}`,
  )

describe.runIf(folder)('the DNS specification', () => {
  const { vectors } = folder
    ? (JSON.parse(readFileSync(`${folder}/upstream/control-plane/dns-spec-examples.json`, 'utf8')) as { vectors: readonly Vector[] })
    : { vectors: [] }
  test.each(vectors)('$section $question.name $question.type', ({ section, question, answer }) => {
    const pet = question.name.startsWith('my-pet.') && section === '2.4.1'
    const objects = objectsOf[pet ? '2.4.1 my-pet' : section] ?? []
    const { answers } = lookup(zoneOf(clusterOf(objects)), question.name, question.type, outside)
    const mine = answers.map(({ name, ttl, type, value }) => bare(`${name} ${ttl} ${type} ${value}`))
    expect(mine.sort()).toEqual(answer.map(bare).sort())
  })
})
