import type { ApiObject } from './cluster.ts'

/** A Secret as it is kept: everything that is secret is dropped on reading. */
export type Secret = ApiObject & { readonly kind: 'Secret'; readonly type?: string; readonly keys?: readonly string[] }

/** Takes the contents out of a Secret, leaving its type and the names of its keys. Other objects pass as they are. */
export function withoutSecrets(object: ApiObject): ApiObject {
  if (object.kind !== 'Secret') return object
  const { data, stringData, ...rest } = object as ApiObject & { data?: object; stringData?: object }
  const keys = [...new Set([...Object.keys(data ?? {}), ...Object.keys(stringData ?? {})])].sort()
  const { annotations, ...metadata } = rest.metadata
  const kept = Object.fromEntries(
    Object.entries(annotations ?? {}).filter(([key]) => key !== 'kubectl.kubernetes.io/last-applied-configuration'),
  )
  return {
    ...rest,
    metadata: { ...metadata, ...(annotations ? { annotations: kept } : {}) },
    ...(keys.length > 0 ? { keys } : {}),
  } as Secret
}
