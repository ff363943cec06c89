import type { ApiObject } from '../cluster.ts'
import { type FieldError, invalid, required } from '../field-error.ts'

/** What the Gateway API's CRDs require; nothing that reads these kinds asks again. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  GatewayClass: ['spec', 'spec.controllerName'],
  Gateway: ['spec', 'spec.gatewayClassName', 'spec.listeners'],
  HTTPRoute: ['spec'],
  GRPCRoute: ['spec'],
  ReferenceGrant: ['spec', 'spec.from', 'spec.to'],
}

/** Fields that a Gateway API object lacks, in the API server's words; none for other kinds. */
export function validateGatewayObject(object: ApiObject): FieldError[] {
  const missing = (REQUIRED[object.kind] ?? []).filter((field) => at(object, field) === undefined)
  // One cause each: without its spec an object lacks nothing else.
  const first = missing.filter((field) => !missing.some((other) => field.startsWith(`${other}.`)))
  return [...first.map((field) => required(field)), ...(object.kind === 'Gateway' ? listenerErrors(at(object, 'spec.listeners')) : [])]
}

function listenerErrors(listeners: unknown): FieldError[] {
  if (!Array.isArray(listeners)) return []
  if (listeners.length === 0) return [invalid('spec.listeners', 0, 'spec.listeners in body should have at least 1 items')]
  return listeners.flatMap((listener, i) =>
    ['name', 'port', 'protocol']
      .filter((field) => at(listener, field) === undefined)
      .map((field) => required(`spec.listeners[${i}].${field}`)),
  )
}

function at(value: unknown, path: string): unknown {
  return path.split('.').reduce((inner: unknown, key) => (inner as Record<string, unknown> | null | undefined)?.[key] ?? undefined, value)
}
