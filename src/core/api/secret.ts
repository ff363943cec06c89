import { certificateNames, decodeBase64 } from './certificate.ts'
import type { ApiObject } from './cluster.ts'

/** A Secret as it is kept: everything that is secret is dropped on reading. */
export type Secret = ApiObject & {
  readonly kind: 'Secret'
  readonly type?: string
  readonly keys?: readonly string[]
  /** Of a TLS certificate: the names it is for. */
  readonly tlsNames?: readonly string[]
}

/** Takes the contents out of a Secret, leaving its type, the names of its keys and the names in its certificate. Other objects pass as they are. */
export function withoutSecrets(object: ApiObject): ApiObject {
  if (object.kind !== 'Secret') return object
  const { data, stringData, ...rest } = object as ApiObject & { data?: Record<string, string>; stringData?: Record<string, string> }
  const encoded = data?.['tls.crt']
  const pem =
    stringData?.['tls.crt'] ?? (encoded === undefined ? '' : String.fromCharCode(...(decodeBase64(encoded) ?? []).slice(0, 65_536)))
  const tlsNames = certificateNames(pem)
  const keys = [...new Set([...Object.keys(data ?? {}), ...Object.keys(stringData ?? {})])].sort()
  const { annotations, ...metadata } = rest.metadata
  const kept = Object.fromEntries(
    Object.entries(annotations ?? {}).filter(([key]) => key !== 'kubectl.kubernetes.io/last-applied-configuration'),
  )
  return {
    ...rest,
    metadata: { ...metadata, ...(annotations ? { annotations: kept } : {}) },
    ...(keys.length > 0 ? { keys } : {}),
    ...(tlsNames.length > 0 ? { tlsNames } : {}),
  } as Secret
}
