import type { Diagnostic } from '../source/diagnostic.ts'
import { child, type Located, plain, rangeOf, textAt } from '../source/located.ts'
import type { ApiObject } from './cluster.ts'
import type { InputDocument } from './documents.ts'
import { badRequest, invalidObject, type Refusal } from './field-error.ts'
import { nameOf, refusalDiagnostics } from './finding.ts'
import { groupOf, kindInfo, kindTable, qualifiedKind } from './kind.ts'
import { type FieldPath, printPath } from './meta.ts'
import { rangeOfField } from './path.ts'
import { decodeStruct } from './schema/decode.ts'
import { structOfKind } from './schema/table.ts'
import { withoutSecrets } from './secret.ts'

export type DecodedDocument = {
  readonly object?: ApiObject
  /** The object, if its kind is none that is modelled. */
  readonly unknown?: ApiObject
  readonly diagnostics: readonly Diagnostic[]
  /** Why the server's decoder would not have it, as a REST answer. */
  readonly refused?: Refusal
}

/** Decodes one document as the API server would, or says why not. Unknown fields are dropped with a warning. */
export function decodeDocument(document: InputDocument): DecodedDocument {
  const { apiVersion, kind, at } = document
  const struct = structOfKind(apiVersion, kind)
  if (!struct || !kindInfo(kind)) return unknownKind(document)
  const decoded = decodeStruct(at, struct)
  // What is a plain struct in Go is there even if it was not written.
  const spec = SPEC_IS_STRUCT.has(kind) ? { spec: {} } : {}
  const object = withoutSecrets({
    ...spec,
    ...decoded.value,
    apiVersion,
    kind,
    metadata: { name: '', ...metadataOf(decoded.value) },
  } as ApiObject)
  const named = nameOf(object)
  const said = (code: string, severity: Diagnostic['severity'], message: string, path: FieldPath, key = false): Diagnostic => ({
    code,
    severity,
    message,
    range: rangeOfField(at, path, key),
    field: printPath(path),
    object: named,
  })
  if (decoded.error) {
    const version = apiVersion.slice(apiVersion.indexOf('/') + 1)
    const message = `${kind} in version "${version}" cannot be handled as a ${kind}: ${decoded.error.message}`
    return { diagnostics: [said('FIELD_TYPE', 'error', message, decoded.error.path)], refused: badRequest(decoded.error.message) }
  }
  if (decoded.invalid.length > 0) {
    const info = kindInfo(kind)
    const refused = invalidObject(info ? qualifiedKind(info) : kind, named.name, decoded.invalid)
    return { diagnostics: refusalDiagnostics(refused, object, at), refused }
  }
  const diagnostics = decoded.unknown.map((path) =>
    said('UNKNOWN_FIELD', 'warning', `strict decoding error: unknown field "${printPath(path)}"`, path, true),
  )
  if (kind === 'NetworkPolicy') diagnostics.push(said('NOT_MODELLED', 'info', 'NetworkPolicy is kept, but not enforced', ['kind']))
  return { object, diagnostics }
}

const SPEC_IS_STRUCT = new Set(['Service', 'Pod', 'Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Ingress', 'IngressClass'])

function metadataOf(value: Readonly<Record<string, unknown>>): object {
  return typeof value['metadata'] === 'object' && value['metadata'] !== null ? value['metadata'] : {}
}

/** Groups whose every kind and version a cluster knows by itself: what is not among them does not exist. */
const BUILT_IN = ['', 'apps', 'extensions', 'discovery.k8s.io', 'networking.k8s.io']

function unknownKind({ apiVersion, kind, at }: InputDocument): DecodedDocument {
  const object = { ...looseObject(at), apiVersion, kind }
  const said = (code: string, severity: Diagnostic['severity'], message: string, field: string): Diagnostic => ({
    code,
    severity,
    message,
    range: rangeOf(at, [field]),
    field,
    object: nameOf(object),
    params: { kind, apiVersion },
  })
  const refused = (message: string, field: string): DecodedDocument => ({ diagnostics: [said('NO_KIND_MATCH', 'error', message, field)] })
  const group = groupOf(apiVersion)
  if (BUILT_IN.includes(group)) {
    const info = kindInfo(kind)
    if (info) return refused(`no matches for kind "${kind}" in version "${apiVersion}"`, 'apiVersion')
    const meant = kindTable.find((candidate) => candidate.kind.toLowerCase() === kind.toLowerCase())
    if (meant) {
      const version = apiVersion.slice(apiVersion.indexOf('/') + 1)
      const why = `no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/api/legacyscheme/scheme.go:30"`
      return refused(`${kind} in version "${version}" cannot be handled as a ${meant.kind}: ${why}`, 'kind')
    }
  }
  return { unknown: object, diagnostics: [said('UNKNOWN_KIND', 'info', `${kind} (${apiVersion}) is kept, but not modelled`, 'kind')] }
}

function looseObject(at: Located): ApiObject {
  const value = plain(at) as Record<string, unknown>
  const metadata = child(at, 'metadata')?.at === 'map' ? (value['metadata'] as ApiObject['metadata']) : undefined
  const name = textAt(at, 'metadata', 'name') ?? ''
  return { ...value, metadata: { ...metadata, name } } as ApiObject
}
