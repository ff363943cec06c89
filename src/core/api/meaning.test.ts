import { expect, test } from 'vitest'
import { recorded } from '../testing/vectors.ts'
import { codes } from './codes.ts'
import { findingDiagnostics } from './finding.ts'
import { load } from './load.ts'
import { checkMeaning } from './meaning.ts'

const pod = (name: string, labels: string, ports = '') =>
  `---\napiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, labels: {${labels}}}\nspec: {containers: [{name: c, image: i, ports: [${ports}]}]}\n`
const service = (spec: string) => `---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {${spec}}\n`
const ingress = (backend: string) =>
  `---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i, annotations: {kubernetes.io/ingress.class: x}}\nspec: {defaultBackend: {service: ${backend}}}\n`
const slice = (labels: string, rest: string) =>
  `---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: s, labels: {${labels}}}\naddressType: IPv4\n${rest}\n`

/** Each row: what is written, the code, what the message says, and the text as the quick fix leaves it (what it changes, in arrows). */
test.each([
  [
    pod('p', 'app: web') + service('selector: {app: wbe}, ports: [{port: 80}]'),
    'SVC_SELECTOR_NO_MATCH',
    'Pods have app=web',
    'selector: {app: web}',
  ],
  [
    pod('p', 'app: web') + service('selector: {apps: web}, ports: [{port: 80}]'),
    'SVC_SELECTOR_NO_MATCH',
    'no label "apps", but app=web',
    'selector: {app: web}',
  ],
  [
    pod('p', 'app: web') + service('selector: {name: web}, ports: [{port: 80}]'),
    'SVC_SELECTOR_NO_MATCH',
    'no label "name", but app=web',
    'selector: {app: web}',
  ],
  [
    pod('p', 'app: web, tier: front') + service('selector: {app: web, tier: back}, ports: [{port: 80}]'),
    'SVC_SELECTOR_NO_MATCH',
    'Pods have tier=front',
    'tier: front}',
  ],
  [
    pod('p', 'app: other') + service('selector: {app: web}, ports: [{port: 80}]'),
    'SVC_SELECTOR_NO_MATCH',
    'no Pod in namespace default has app=web',
    undefined,
  ],
  [
    pod('p, namespace: kube-public', 'app: web') + service('selector: {app: web}, ports: [{port: 80}]'),
    'SVC_SELECTOR_NO_MATCH',
    'are in namespace kube-public',
    undefined,
  ],
  [
    pod('p', 'app: "yes"') + service('selector: {app: "yse"}, ports: [{port: 80}]'),
    'SVC_SELECTOR_NO_MATCH',
    'Pods have app=yes',
    'selector: {app: "yes"}',
  ],
  [
    pod('p', 'app: web', '{name: http, containerPort: 80}') + service('selector: {app: web}, ports: [{port: 80, targetPort: htpp}]'),
    'TARGET_PORT_NAME_UNKNOWN',
    'did you mean "http"?',
    'targetPort: http}',
  ],
  [
    pod('p', 'app: web', '{name: dns, containerPort: 53, protocol: UDP}') +
      service('selector: {app: web}, ports: [{port: 53, targetPort: dns}]'),
    'TARGET_PORT_NAME_UNKNOWN',
    'is UDP in the Pods, not TCP',
    undefined,
  ],
  [
    pod('p', 'app: web', '{containerPort: 8080}') + service('selector: {app: web}, ports: [{port: 80, targetPort: 80}]'),
    'TARGET_PORT_NOT_DECLARED',
    'they declare 8080',
    'targetPort: 8080}',
  ],
  [pod('p', 'app: web', '{containerPort: 80}'), 'POD_NOT_SELECTED', 'no Service selects', undefined],
  [service('type: ExternalName, externalName: 10.0.0.1'), 'EXTERNAL_NAME_IS_IP', 'looks like an IP', undefined],
  [
    service('ports: [{port: 80}]') + ingress('{name: wbe, port: {number: 80}}'),
    'INGRESS_SERVICE_NOT_FOUND',
    'did you mean "web"?',
    'name: web, port',
  ],
  [service('ports: [{port: 80}]') + ingress('{name: web, port: {number: 81}}'), 'INGRESS_PORT_NOT_FOUND', 'it has 80', 'number: 80}'],
  [ingress('{name: kube-dns, port: {number: 53}}'), 'INGRESS_SERVICE_NOT_FOUND', 'in namespace kube-system', undefined],
  [slice('a: b', 'endpoints: []'), 'SLICE_WITHOUT_SERVICE', 'nobody uses it', undefined],
  [slice('kubernetes.io/service-name: web', 'endpoints: []'), 'SLICE_SERVICE_NOT_FOUND', 'no Service "web"', undefined],
  [
    service('ports: [{name: http, port: 80}]') + slice('kubernetes.io/service-name: web', 'ports: [{name: htpp, port: 80}]'),
    'PORT_NAME_MISMATCH',
    'no port named "htpp"',
    'name: http, port: 80}]\n',
  ],
  [
    service('ports: [{port: 80}]') +
      slice(
        'kubernetes.io/service-name: web',
        'endpoints: [{addresses: [10.0.0.1], nodeName: demo-worker, targetRef: {kind: Pod, name: x}}]',
      ),
    'POD_NOT_FOUND',
    'no Pod "x"',
    undefined,
  ],
  [
    '---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {nodeName: demo-wroker, containers: [{name: c, image: i}]}\n',
    'NODE_NOT_FOUND',
    'did you mean "demo-worker"?',
    'nodeName: demo-worker,',
  ],
  [
    '---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {schedulingGates: [{name: later}], containers: [{name: c, image: i}]}\n',
    'NOT_MODELLED',
    'schedulingGates',
    undefined,
  ],
  [
    '---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {replicas: 2147483647, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}\n',
    'NOT_MODELLED',
    'only 20000 of these Pods',
    undefined,
  ],
  [
    '---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: i, readinessProbe: {tcpSocket: {port: http}}}]}\n',
    'PROBE_PORT_UNKNOWN',
    'can never succeed',
    undefined,
  ],
])('%#', (text, code, message, fixed) => {
  const { cluster, located } = load([{ name: 'f', text }], { bare: false })
  const found = findingDiagnostics(checkMeaning(cluster), located).find((diagnostic) => diagnostic.code === code)
  expect(found?.message).toContain(message)
  const { fix } = found ?? {}
  const after = fix && text.slice(0, fix.range.start) + fix.text + text.slice(fix.range.end)
  if (fixed === undefined) expect(after).toBeUndefined()
  else expect(after).toContain(fixed)
})

test('a cluster that is as it should be is not talked about', () => {
  const text =
    pod('p', 'app: web', '{name: http, containerPort: 80}') +
    service('selector: {app: web}, ports: [{port: 80, targetPort: http}]') +
    ingress('{name: web, port: {number: 80}}')
  const { cluster, located, diagnostics } = load([{ name: 'f', text }], { bare: false })
  expect([...diagnostics.filter(({ code }) => code !== 'API_WARNING'), ...findingDiagnostics(checkMeaning(cluster), located)]).toEqual([])
})

test('every code that is used is listed', () => {
  const used = new Set<string>()
  for (const { yaml } of recorded<{ vectors: { yaml: string | null }[] }>('apiserver-mistakes.json.gz').vectors) {
    const { cluster, diagnostics, located } = load([{ name: 'f', text: yaml ?? '' }], { bare: false })
    for (const { code } of [...diagnostics, ...findingDiagnostics(checkMeaning(cluster), located)]) used.add(code)
  }
  expect([...used].filter((code) => !(code in codes))).toEqual([])
  expect(used.size).toBeGreaterThan(10)
})
