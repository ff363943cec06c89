import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { MODE_IDS } from '../core/kernel/program.ts'
import { runCheck } from './check.ts'
import { runCompare } from './compare.ts'
import { BadInput } from './fail.ts'
import type { CommonOptions } from './input.ts'
import { runDescribe, runGet } from './kubectl.ts'
import { runPacket } from './packet.ts'
import { runRules } from './rules.ts'
import { runRun } from './run.ts'
import { runTrace } from './trace.ts'

const folder = mkdtempSync(join(tmpdir(), 'kubehop-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const pod = (name: string, app: string, node: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, labels: {app: ${app}}}\nspec: {nodeName: ${node}, containers: [{name: c, image: i, ports: [{containerPort: 8080}]}]}\n`
const service =
  'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}\n'
const scenario = (code: string) =>
  `apiVersion: kubehop.dev/v1\nkind: Scenario\nmetadata: {name: s}\nspec:\n  title: {en: S}\n  requests:\n  - {name: get, from: pod/default/client, to: "http://web", expect: {code: ${code}}}\n`

const world = file(
  'world.yaml',
  [service, pod('web-a', 'web', 'demo-worker'), pod('web-b', 'web', 'demo-worker2'), pod('client', 'client', 'demo-worker')].join('---\n'),
)
const with_ = (...filename: readonly string[]): CommonOptions => ({ filename, seed: 42 })

/** What a command says when it refuses its input. */
function refusal(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof BadInput) return error.message
    throw error
  }
  return 'not refused'
}

describe('get and describe', () => {
  test('several kinds are tables of their own', () => {
    const { out, code } = runGet(['svc,pods'], with_(world))
    expect(code).toBe(0)
    expect(out.split('\n\n').map((table) => table.split('\n')[0]?.split(/\s+/)[0])).toEqual(['NAME', 'NAME'])
    expect(out).toContain('service/web')
  })

  test('what is not there is kubectl’s error and exit 1', () =>
    expect(runGet(['svc', 'nope'], with_(world))).toEqual({
      out: '',
      err: 'Error from server (NotFound): services "nope" not found\n',
      code: 1,
    }))

  test('an unknown resource is a wrong question', () => expect(runGet(['frobs'], with_(world)).code).toBe(2))

  test('a description ends with its events', () => expect(runDescribe(['svc', 'web'], with_(world)).out).toMatch(/\nEvents: +<none>\n$/))
})

describe('trace', () => {
  test('JSON has the promised shape', () => {
    const { out } = runTrace({ ...with_(world), output: 'json', from: 'pod/default/client', to: 'http://web/', header: [], all: true })
    const [request] = (JSON.parse(out) as { requests: Record<string, unknown>[] }).requests
    expect(Object.keys(request ?? {})).toEqual(
      expect.arrayContaining(['name', 'from', 'to', 'seed', 'verdict', 'backend', 'seenSource', 'hops', 'reply', 'ways', 'response']),
    )
    expect(request).toMatchObject({ verdict: { code: 'DELIVERED', http: 200 }, seenSource: '10.244.1.2' })
  })

  test('a line of answers for a line of questions', () => {
    const requests = file(
      'requests.jsonl',
      '{"from":"pod/default/client","to":"http://web"}\n\n{"from":"outside","to":"10.96.0.1:443","count":2}\n',
    )
    const { out } = runTrace({ ...with_(world), requests, header: [] })
    const answers = out
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { requests: unknown[] }).requests.length)
    expect(answers).toEqual([1, 2])
  })

  test.each([
    [{ to: 'http://web' }, 'error: who asks? --from is missing'],
    [{ from: 'outside' }, 'error: where to? --to is missing'],
    [{ from: 'pod/default/nope', to: 'http://web' }, 'error: from: there is no Pod default/nope'],
    [{ from: 'outside', to: 'http://web', proto: 'tls' }, 'error: tls is no protocol: tcp, udp, sctp or icmp'],
    [{ from: 'outside', to: 'http://web', header: ['nope'] }, 'error: -H "nope" is no "Name: value"'],
  ])('%j', (options, message) => expect(refusal(() => runTrace({ ...with_(world), header: [], ...options }))).toBe(message))
})

describe('packet', () => {
  const vip = { node: 'demo-worker', src: '10.244.1.2', dst: '10.96.1.1:80', all: true, output: 'json' }

  test.each(MODE_IDS)('every way of a ClusterIP in %s mode', (mode) => {
    const { ways } = JSON.parse(runPacket({ ...with_(world), ...vip, mode }).out) as {
      ways: { probability: number; end: string; to: string; rules: string[] }[]
    }
    expect(ways.map(({ end, to }) => `${end} ${to}`).sort()).toEqual(['delivered 10.244.1.3:8080', 'delivered 10.244.2.2:8080'])
    expect(ways.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1)
    expect(ways.every(({ rules }) => rules.length > 0)).toBe(true)
  })

  test('a node’s own packet passes output', () => {
    const { ways } = JSON.parse(runPacket({ ...with_(world), ...vip, src: '172.18.0.3' }).out) as {
      ways: { masquerade: boolean; rules: string[] }[]
    }
    expect(ways.every(({ masquerade, rules }) => masquerade && rules[0]?.startsWith('-A OUTPUT'))).toBe(true)
  })

  test.each([
    [{ dst: '10.96.1.1' }, 'error: --dst 10.96.1.1 has no port: IP:PORT is wanted'],
    [{ src: 'me' }, 'error: --src me is no IP address'],
    [{ node: 'nope' }, 'error: nodes "nope" not found'],
    [{ hook: 'forward' }, 'error: --hook is prerouting or output'],
    [{ dst: '[fd00::1]:80' }, 'error: --src and --dst are of different families'],
  ])('%j', (options, message) => expect(refusal(() => runPacket({ ...with_(world), ...vip, ...options }))).toBe(message))
})

describe('rules', () => {
  test('each family is headed', () => expect(runRules({ ...with_(world), node: 'demo-worker' }).out).toMatch(/^# IPv4\n\*nat\n/))
  test('a node that is not there', () => expect(refusal(() => runRules({ ...with_(world), node: 'x' }))).toBe('error: nodes "x" not found'))
})

describe('run', () => {
  test('an expectation that holds', () => expect(runRun(with_(world, file('good.yaml', scenario('DELIVERED')))).code).toBe(0))
  test('one that fails', () => {
    const { code, out } = runRun({ ...with_(world, file('fails.yaml', scenario('REFUSED'))), output: 'json' })
    expect(code).toBe(1)
    const { steps } = JSON.parse(out) as { steps: { failed: unknown[]; changes: unknown[]; objects: unknown[] }[] }
    expect(steps).toMatchObject([
      { failed: [{ request: 'get', field: 'code', expected: 'REFUSED', actual: 'DELIVERED' }], changes: [], refused: [] },
    ])
  })
  test('no Scenario', () => expect(refusal(() => runRun(with_(world)))).toBe('error: the input holds no kind: Scenario'))
})

describe('check', () => {
  test('a line for each diagnostic, exit 1 for an error', () => {
    const path = file('wrong.yaml', 'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  ports:\n  - port: 70000\n')
    const { out, code } = runCheck(with_(path))
    expect(code).toBe(1)
    expect(out.split('\n')).toContain(`${path}:6:11 error FIELD_INVALID Invalid value: 70000: must be between 1 and 65535, inclusive`)
    const { diagnostics } = JSON.parse(runCheck({ ...with_(path), output: 'json' }).out) as { diagnostics: Record<string, unknown>[] }
    expect(diagnostics).toContainEqual(
      expect.objectContaining({ file: path, line: 6, col: 11, severity: 'error', field: 'spec.ports[0].port' }),
    )
  })

  test('YAML that does not parse is diagnosed here and refused everywhere else', () => {
    const path = file('broken.yaml', 'a: [b\n')
    expect(runCheck(with_(path)).code).toBe(1)
    expect(refusal(() => runGet(['pods'], with_(path)))).toMatch(/broken\.yaml:\d+:\d+ error YAML_/)
  })
})

describe('input', () => {
  test('a directory stands for its manifests', () => {
    const inner = join(folder, 'inner')
    mkdirSync(inner)
    writeFileSync(join(inner, 'a.yaml'), service)
    writeFileSync(join(inner, 'notes.txt'), 'no manifest')
    expect(runGet(['svc'], { ...with_(inner), bare: true }).out).toContain('web')
  })

  test('a path that is not there', () =>
    expect(refusal(() => runGet(['svc'], with_('nope.yaml')))).toBe('error: the path "nope.yaml" does not exist'))
  test('no -f', () => expect(refusal(() => runGet(['svc'], with_()))).toBe('error: must specify -f'))
})

describe('compare', () => {
  const path = (path: string, type: string) => `{path: ${path}, pathType: ${type}, backend: {service: {name: web, port: {number: 80}}}}`
  const ingress = `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: shop}\nspec: {rules: [{host: shop.test, http: {paths: [${path('/foo', 'Prefix')}]}}]}\n`
  const input = { ...with_(file('shop.yaml', [service, pod('web-a', 'web', 'demo-worker'), ingress].join('---\n'))), header: [] }

  test('answers, the named difference, and the probes', () => {
    const { out, code } = runCompare({ ...input, to: 'http://shop.test/foobar' })
    expect(code).toBe(0)
    expect(out).toMatch(/^Ingress default\/shop: GET http:\/\/shop\.test\/foobar\n/)
    expect(out).toMatch(/^spec +404 +<none>$/m)
    expect(out).toMatch(/^traefik +web +Host\("shop\.test"\) && PathPrefix\("\/foo"\)$/m)
    expect(out).toContain('  traefik: Prefix by letters. Paths are compared as text: /foobar begins with /foo')
    expect(out).toMatch(/^http:\/\/shop\.test\/foobar +404 +404 +web +Prefix by letters \(traefik\)$/m)
  })

  test('as JSON, other profiles, the Host as a header', () => {
    const { out } = runCompare({
      ...input,
      to: 'http://1.2.3.4/foo',
      header: ['Host: shop.test'],
      profiles: 'haproxy,cloud',
      output: 'json',
    })
    expect(JSON.parse(out)).toMatchObject({
      same: true,
      request: { host: 'shop.test' },
      profiles: [{ profile: 'haproxy' }, { profile: 'cloud' }],
    })
  })

  test.each([
    [{ profiles: 'spec,caddy' }, 'error: caddy is no profile'],
    [{ ingress: 'gone' }, 'error: there is no Ingress gone'],
    [{ to: 'shop' }, 'error: --to shop is no URL'],
    [{ header: ['x'], to: 'http://shop.test/' }, 'error: -H "x" is no "Name: value"'],
  ])('%j is refused', (more, message) => expect(refusal(() => runCompare({ ...input, ...more }))).toContain(message))
})
