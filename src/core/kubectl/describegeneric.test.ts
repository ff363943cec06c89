import { expect, test } from 'vitest'
import { clusterOf } from '../testing/cluster.ts'
import { describeObject } from './describe.ts'

test('a custom resource is described field by field', () => {
  const gateway = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: 'web', namespace: 'default', uid: 'u-1' },
    spec: { gatewayClassName: 'x', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }], values: ['a', 'b'] },
  }
  expect(describeObject(clusterOf(gateway), gateway, 0)).toBe(
    `Name:         web
Namespace:    default
Labels:       <none>
Annotations:  <none>
API Version:  gateway.networking.k8s.io/v1
Kind:         Gateway
Metadata:
  UID:  u-1
Spec:
  Gateway Class Name:  x
  Listeners:
    Name:      http
    Port:      80
    Protocol:  HTTP
  Values:
    a
    b
Events:  <none>
`,
  )
})
