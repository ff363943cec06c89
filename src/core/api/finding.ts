import type { Diagnostic, Severity } from '../source/diagnostic.ts'
import type { Located } from '../source/located.ts'
import { resolvePlain } from '../source/scalar.ts'
import type { ApiObject } from './cluster.ts'
import { type FieldErrorType, printFieldError, type Refusal } from './field-error.ts'
import { type FieldPath, type ObjectKey, printPath } from './meta.ts'
import { parsePath, rangeOfField } from './path.ts'

/** What is worth saying about a settled cluster: a diagnostic that knows the object and field, not the text. */
export type Finding = {
  readonly code: string
  readonly severity: Severity
  readonly message: string
  readonly object: ObjectKey
  readonly path: FieldPath
  /** The field's name is meant, not its value. */
  readonly atKey?: boolean
  readonly params?: Readonly<Record<string, string | number>>
  /** What the value at the path should become; put in by a quick fix. */
  readonly fix?: { readonly title: string; readonly value: string }
}

const CODES: Readonly<Record<FieldErrorType, string>> = {
  FieldValueRequired: 'FIELD_REQUIRED',
  FieldValueInvalid: 'FIELD_INVALID',
  FieldValueNotSupported: 'FIELD_NOT_SUPPORTED',
  FieldValueDuplicate: 'FIELD_DUPLICATE',
  FieldValueForbidden: 'FIELD_FORBIDDEN',
  FieldValueTooLong: 'FIELD_TOO_LONG',
  FieldValueTooMany: 'FIELD_TOO_MANY',
  FieldValueTypeInvalid: 'FIELD_TYPE_INVALID',
  InternalError: 'FIELD_INTERNAL_ERROR',
}

/** A refusal as diagnostics, one per cause, each at its field. */
export function refusalDiagnostics(refusal: Refusal, object: ApiObject, at: Located): Diagnostic[] {
  const named = nameOf(object)
  if (refusal.causes.length === 0) {
    const message = refusal.message
    return [{ code: 'API_REFUSED', severity: 'error', message, range: rangeOfField(at, []), object: named }]
  }
  // The API server checks some fields twice; once is enough to be told.
  const seen = new Set<string>()
  const causes = refusal.causes.filter((cause) => !seen.has(printFieldError(cause)) && seen.add(printFieldError(cause)))
  return causes.map((cause) => ({
    code: cause.type === '' ? 'API_REFUSED' : CODES[cause.type],
    severity: 'error',
    message: cause.message,
    range: rangeOfField(at, parsePath(cause.field)),
    ...(cause.field === '' ? {} : { field: cause.field }),
    object: named,
  }))
}

/** A warning of the API server, at the field that it begins with. */
export function warningDiagnostic(message: string, object: ApiObject, at: Located): Diagnostic {
  const [, annotation, path] = /^(?:annotation "?([^" ]+)"?|((?:spec|metadata|subsets|endpoints)[\w.[\]]*))/.exec(message) ?? []
  const field = annotation ? `metadata.annotations[${annotation}]` : path
  return {
    code: 'API_WARNING',
    severity: 'warning',
    message,
    range: rangeOfField(at, field ? parsePath(field) : [], annotation !== undefined),
    ...(field ? { field } : {}),
    object: nameOf(object),
  }
}

/** How diagnostics name an object. */
export function nameOf(object: ApiObject): { kind: string; namespace: string; name: string } {
  return { kind: object.kind, namespace: object.metadata?.namespace ?? '', name: object.metadata?.name ?? '' }
}

/** Findings as diagnostics. Those of objects that were never written (made by controllers) have no place and are left out. */
export function findingDiagnostics(findings: readonly Finding[], located: ReadonlyMap<ObjectKey, Located>): Diagnostic[] {
  return findings.flatMap(({ code, severity, message, object, path, params, fix, atKey = false }) => {
    const at = located.get(object)
    if (!at) return []
    const [kind = '', namespace = '', name = ''] = object.split('/')
    const range = rangeOfField(at, path, atKey)
    const field = printPath(path)
    return [
      {
        code,
        severity,
        message,
        range,
        ...(field ? { field } : {}),
        object: { kind, namespace, name },
        ...(params ? { params } : {}),
        ...(fix ? { fix: { title: fix.title, range, text: yamlText(fix.value) } } : {}),
      },
    ]
  })
}

/** A text as one writes it in YAML: in quotes only where it would mean something else without. Digits stay a number. */
function yamlText(value: string): string {
  const bare = /^[A-Za-z0-9][\w./-]*$/.test(value) && (/^\d+$/.test(value) || typeof resolvePlain(value).value === 'string')
  return bare ? value : JSON.stringify(value)
}
