import { expect, test } from 'vitest'
import { load } from '../load.ts'

test.each([
  ['Gateway', '{gatewayClassName: c}', 'spec.listeners: Required value'],
  ['Gateway', '{gatewayClassName: c, listeners: null}', 'spec.listeners: Required value'],
  [
    'Gateway',
    '{gatewayClassName: c, listeners: []}',
    'spec.listeners: Invalid value: 0: spec.listeners in body should have at least 1 items',
  ],
  ['Gateway', '{gatewayClassName: c, listeners: [{name: a, protocol: HTTP}]}', 'spec.listeners[0].port: Required value'],
  ['ReferenceGrant', '{from: []}', 'spec.to: Required value'],
  ['GatewayClass', '{}', 'spec.controllerName: Required value'],
])('%s %s: %s', (kind, spec, wanted) => {
  const text = `{apiVersion: gateway.networking.k8s.io/v1, kind: ${kind}, metadata: {name: x}, spec: ${spec}}`
  const { diagnostics } = load([{ name: 'x.yaml', text }], { bare: true })
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  expect(errors.map(({ field, message }) => `${field}: ${message}`)).toEqual([wanted])
})
