import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { clusterOf, requestOf, serviceWith, stateOf } from '../../testing/l7.ts'
import { decide } from '../decide.ts'
import { hostMatches, hostPattern } from '../match.ts'
import { spec } from './spec.ts'

const folder = process.env['KUBEHOP_VECTORS']
// biome-ignore lint/suspicious/noExplicitAny: the vectors are plain JSON
type Loose = any
const read = (file: string): Loose => JSON.parse(readFileSync(join(folder!, 'upstream/ingress', file), 'utf8'))
const docs: Loose = folder ? read('k8s-docs-tables.json') : { pathTable: [], hostTable: [], apiDocExamples: [] }
const conformance: Loose[] = folder ? read('ingress-controller-conformance.json').cases : []

const CLASS = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: { name: 'spec' },
  spec: { controller: 'kubehop.dev/spec' },
}
const named = (index: number) => `s${index}`

describe.runIf(folder)('the tables of the Ingress documentation', () => {
  test.each([...docs.pathTable, ...docs.apiDocExamples].map((row: Loose): [string, Loose] => [row.id, row]))('%s', (_, row) => {
    const paths = row.paths.map((path: Loose, i: number) => ({ ...path, backend: { service: { name: named(i), port: { number: 80 } } } }))
    const ingress = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'i', namespace: 'd' },
      spec: { ingressClassName: 'spec', rules: [{ http: { paths } }] },
    }
    const table = spec.compile(
      clusterOf([CLASS, ingress, ...paths.flatMap((_path: Loose, i: number) => serviceWith('d', named(i), [{ port: 80 }], 1, i + 1))]),
      {},
    )
    for (const path of row.anyPath ? ['/', '/x', '/a/b/c', '/a//b'] : [row.requestPath]) {
      const { outcome } = decide(table, requestOf({ path }), stateOf(1))
      expect(outcome.do === 'forward').toBe(row.matches)
      if (row.winner)
        expect(outcome.do === 'forward' && outcome.service).toBe(
          `Service/d/${named(paths.findIndex((one: Loose) => one.path === row.winner.path && one.pathType === row.winner.pathType))}`,
        )
    }
  })
  test.each((docs.hostTable as Loose[]).map((row): [string, Loose] => [row.id, row]))('%s', (_, row) => {
    expect(hostMatches(hostPattern(row.ruleHost, 'one'), row.hostHeader)).toBe(row.matches)
  })
})

/** What the conformance cases ask and we do not model, with the reason. */
const outside: Record<string, string> = {
  'icc/ingress_class/01': 'sends nothing: it looks at the status of an Ingress of a class that nobody serves',
}

describe.runIf(folder)('ingress-controller-conformance', () => {
  test('all cases are there', () => expect(conformance.length).toBe(30))

  test.each(conformance.filter((c) => !outside[c.id]).map((c) => [c.id, c.name, c] as const))('%s %s', (_, __, c) => {
    const services = new Map<string, Loose[]>()
    const objects = c.objects.map((object: Loose) => {
      if (object.kind !== 'Ingress') return object
      const foreign =
        object.spec.ingressClassName !== undefined || object.metadata.annotations?.['kubernetes.io/ingress.class'] !== undefined
      return {
        ...object,
        metadata: { namespace: 'd', ...object.metadata },
        spec: foreign ? object.spec : { ...object.spec, ingressClassName: 'spec' },
      }
    })
    for (const ingress of objects.filter((object: Loose) => object.kind === 'Ingress')) {
      const backends = [
        ingress.spec.defaultBackend,
        ...(ingress.spec.rules ?? []).flatMap((rule: Loose) => (rule.http?.paths ?? []).map((path: Loose) => path.backend)),
      ].filter((backend) => backend?.service)
      for (const { service } of backends) {
        if (services.has(service.name)) continue
        const ports = backends
          .filter((other: Loose) => other.service.name === service.name)
          .map((other: Loose) => ({
            port: other.service.port.number ?? 8080,
            ...(other.service.port.name ? { name: other.service.port.name } : {}),
          }))
        services.set(service.name, serviceWith('d', service.name, ports, c.scale?.[service.name] ?? 1, services.size + 1))
      }
    }
    const table = spec.compile(clusterOf([CLASS, ...objects, ...[...services.values()].flat()]), {})
    const { outcome } = decide(table, requestOf(c.request), stateOf(1))
    if (c.expect.status !== undefined) expect(outcome.do === 'respond' ? outcome.status : 200).toBe(c.expect.status)
    if (c.expect.service !== undefined) expect(outcome.do === 'forward' && outcome.service.split('/')[2]).toBe(c.expect.service)
    if (outcome.do === 'forward' && c.expect.backendSeesPath) expect(outcome.request.path).toBe(c.expect.backendSeesPath)
  })
})
