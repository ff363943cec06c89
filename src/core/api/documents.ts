import type { Diagnostic, SourceFile } from '../source/diagnostic.ts'
import { child, type Located, placeOf, rangeOf, textAt } from '../source/located.ts'
import { parseYaml } from '../source/yaml.ts'

/** One object of the input, before it is decoded. */
export type InputDocument = { readonly apiVersion: string; readonly kind: string; readonly at: Located }

/** All objects of the input in order, `kind: List` and the like taken apart, and what did not parse. */
export function readDocuments(files: readonly SourceFile[]): { documents: InputDocument[]; diagnostics: Diagnostic[] } {
  const documents: InputDocument[] = []
  const diagnostics: Diagnostic[] = []
  for (const file of files) {
    const parsed = parseYaml(file)
    diagnostics.push(...parsed.diagnostics)
    for (const at of parsed.documents) collect(at, documents, diagnostics)
  }
  return { documents, diagnostics }
}

function collect(
  at: Located,
  documents: InputDocument[],
  diagnostics: Diagnostic[],
  itemKind?: { apiVersion: string; kind: string },
): void {
  const refuse = (code: string, message: string, place: Located = at) =>
    diagnostics.push({ code, severity: 'error', message, range: place === at ? rangeOf(at, []) : placeOf(place) })
  if (at.at !== 'map') {
    refuse('NOT_AN_OBJECT', 'error validating data: invalid object to validate')
    return
  }
  const kind = textAt(at, 'kind') ?? itemKind?.kind
  const apiVersion = textAt(at, 'apiVersion') ?? itemKind?.apiVersion
  if (!kind || !apiVersion) {
    if (kind) refuse('API_VERSION_MISSING', 'error validating data: apiVersion not set')
    else refuse('KIND_MISSING', 'error validating data: kind not set')
    return
  }
  const items = child(at, 'items')
  if (!kind.endsWith('List') || (items === undefined && kind !== 'List')) {
    documents.push({ apiVersion, kind, at })
    return
  }
  if (items?.at !== 'list') {
    if (items && !(items.at === 'scalar' && items.value === null)) refuse('NOT_AN_OBJECT', 'items of a List must be a list', items)
    return
  }
  const inner = kind === 'List' ? undefined : { apiVersion, kind: kind.slice(0, -'List'.length) }
  for (const item of items.items) collect(item, documents, diagnostics, inner)
}
