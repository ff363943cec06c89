import { describe, expect, test } from 'vitest'
import { load } from '../core/api/load.ts'
import type { ModeId } from '../core/kernel/program.ts'
import { diagnose } from '../core/sim/diagnose.ts'
import { routeFindings } from '../core/sim/routefindings.ts'
import { runScenario } from '../core/sim/scenario.ts'
import { scenarios } from './index.ts'

/** What each scenario is told before it starts, by severity and code; all others: nothing. */
const diagnosed: Readonly<Record<string, readonly string[]>> = {
  'address-types': ['warning API_WARNING'],
  'external-ips': ['warning API_WARNING'],
  'external-etcd': ['warning API_WARNING', 'warning API_WARNING'],
  'wrong-target-port': ['warning TARGET_PORT_NOT_DECLARED'],
  'no-endpoints': ['info SVC_NO_PODS'],
  'ipvs-ping': ['info SVC_NO_PODS'],
  'two-managers': ['info POD_NOT_SELECTED'],
  'load-balancer-pending': ['info POD_NOT_SELECTED'],
  'udp-before-the-rules': ['info POD_NOT_SELECTED'],
  'ingress-needs-a-controller': ['info INGRESS_CLASS_UNSET', 'warning INGRESS_CLASS_NOT_FOUND'],
  'ingress-other-namespace': ['warning INGRESS_SERVICE_NOT_FOUND', 'warning INGRESS_SERVICE_NOT_FOUND', 'warning REFERENCE_NOT_GRANTED'],
  'ingress-grammar': ['info INGRESS_RESOURCE_BACKEND'],
  'ingress-beside-gateway': ['warning REFERENCE_NOT_GRANTED'],
  'ingress-status-codes': ['warning TARGET_PORT_NOT_DECLARED', 'warning SVC_SELECTOR_NO_MATCH', 'warning INGRESS_SERVICE_NOT_FOUND'],
  'terminating-serving': ['info POD_NOT_SELECTED'],
  'traefik-helm': ['warning SVC_SELECTOR_NO_MATCH'],
  'drop-or-reject': ['warning SVC_SELECTOR_NO_MATCH'],
}

/** Writes that a scenario makes to be refused, with the reason's beginning. */
const refusals: Readonly<Record<string, readonly string[]>> = {
  'ingress-path-table': [
    'Ingress.networking.k8s.io "no-type" is invalid: [spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified, ' +
      `spec.rules[0].http.paths[1].path: Invalid value: "/foo//bar": must not contain '//']`,
  ],
  'ingress-grammar': [
    `Ingress.networking.k8s.io "wrong" is invalid: [spec.rules[0].host: Invalid value: "shop.*.example.com": a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'), ` +
      'spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified, ' +
      'spec.rules[0].http.paths[1].backend: Invalid value: "": cannot set both resource and service backends, ' +
      'spec.rules[0].http.paths[2].backend: Invalid value: "": cannot set both port name & port number]',
  ],
  'nodeport-range': [
    'Service "other" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated',
    'Service "other" is invalid: spec.ports[0].nodePort: Invalid value: 1537: provided port is not in the valid range. The range of valid ports is 30000-32767',
  ],
}

/** The modes that a scenario declares in its annotation; all three if it says nothing. */
function modesOf(text: string): readonly ModeId[] {
  const declared = /kubehop\.dev\/modes: "([^"]*)"/.exec(text)?.[1]
  return (declared?.split(', ') ?? ['iptables', 'nftables', 'ipvs']) as readonly ModeId[]
}

describe.each(scenarios)('$name', ({ name, text }) => {
  const file = { name: `${name}.yaml`, text }

  test('says what it is in both languages', () => {
    const { scenario } = load([file], { bare: false })
    expect(scenario?.name).toBe(name)
    for (const texts of [scenario?.title, scenario?.lesson]) {
      expect(texts?.['en']).toMatch(/\w/)
      expect(texts?.['zh']).toMatch(/\p{Script=Han}/u)
    }
    for (const step of scenario?.steps ?? []) if (step.step === 'say') expect(Object.keys(step.text).sort()).toEqual(['en', 'zh'])
    expect(text).toMatch(/kubehop\.dev\/rows: "/)
    expect(text.startsWith('apiVersion: kubehop.dev/v1\nkind: Scenario\n')).toBe(true)
  })

  test('is diagnosed as expected', () => {
    const diagnostics = diagnose(load([file], { bare: false }), [file], routeFindings)
    expect(diagnostics.map(({ severity, code }) => `${severity} ${code}`)).toEqual(diagnosed[name] ?? [])
  })

  test.each(modesOf(text))('comes out as it says in %s mode', (mode) => {
    const loaded = load([file], { bare: false, mode })
    expect(loaded.scenario).toBeDefined()
    const { steps } = runScenario({ ...loaded, scenario: loaded.scenario! }, { seed: 42, mode })
    expect(steps.flatMap(({ failed }) => failed)).toEqual([])
    expect(steps.flatMap(({ refused }) => refused.map(({ message }) => message))).toEqual(refusals[name] ?? [])
    expect(steps.some(({ request }) => request !== undefined)).toBe(true)
  })
})
