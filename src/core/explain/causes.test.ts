import { expect, test } from 'vitest'
import { CLIENT, deployment, documents, send, service, worldFrom } from '../testing/scene.ts'

const world = worldFrom(
  documents(
    CLIENT,
    deployment('web', 1, 8080),
    '{apiVersion: v1, kind: Pod, metadata: {name: slow, labels: {app: slow}, annotations: {kubehop.dev/ready: "false"}}, spec: {containers: [{name: c, image: x, ports: [{containerPort: 80}], readinessProbe: {httpGet: {port: 80}}}]}}',
    service('typo', 'selector: {app: wbe}, ports: [{port: 80}]'),
    service('deaf', 'selector: {app: web}, ports: [{port: 80, targetPort: 9090}]'),
    service('named', 'selector: {app: web}, ports: [{port: 80, targetPort: admin}]'),
    service('slow', 'selector: {app: slow}, ports: [{port: 80}]'),
    service('hand', 'ports: [{port: 80}]'),
    service('far', 'internalTrafficPolicy: Local, clusterIP: 10.96.200.9, selector: {app: web}, ports: [{port: 80, targetPort: 8080}]'),
    service(
      'lb',
      'type: LoadBalancer, loadBalancerSourceRanges: [192.0.2.0/24], selector: {app: web}, ports: [{port: 80, targetPort: 8080}]',
    ),
  ),
)

test.each([
  ['pod/default/client', 'http://typo/', 'selector-matches-nothing', 'spec.selector'],
  ['pod/default/client', 'http://deaf/', 'target-port-deaf', 'spec.ports.0.targetPort'],
  ['pod/default/client', 'http://named/', 'target-port-unknown', 'spec.ports.0.targetPort'],
  ['pod/default/client', 'http://slow/', 'no-pod-ready', 'spec.containers.0.readinessProbe'],
  ['pod/default/client', 'http://hand/', 'no-selector', 'spec'],
  ['pod/default/client', 'typo:81', 'unused-service-port', 'spec.ports'],
  ['node/demo-control-plane', 'http://10.96.200.9/', 'internal-policy-local', 'spec.internalTrafficPolicy'],
  ['outside', 'http://172.18.255.200/', 'source-ranges', 'spec.loadBalancerSourceRanges'],
])('%s to %s: %s', (from, to, cause, path) => {
  const { trace } = send(world, { from, to })
  const [nearest] = trace.causes ?? []
  expect(nearest?.cause).toBe(cause)
  expect(nearest?.origin?.path.join('.')).toBe(path)
  expect(nearest?.message).not.toBe('')
  // "Decided here" is the field that a person would change.
  expect(trace.verdict.by?.origin).toEqual(nearest?.origin)
})

test('a request that went well has no causes', () => {
  expect(send(world, { from: 'pod/default/client', to: 'https://kubernetes.default.svc/' }).trace.causes).toBeUndefined()
})
