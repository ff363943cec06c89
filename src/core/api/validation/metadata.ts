import { byText } from '../../base/order.ts'
import { utf8Bytes } from '../../base/text.ts'
import { type FieldError, forbidden, invalid, required, tooLong } from '../field-error.ts'
import type { Labels, ObjectMeta } from '../meta.ts'
import { dnsLabel, labelValue, qualifiedName } from './name.ts'

/** What is wrong with a name of some kind. A `generateName` prefix may end in `-`, as what follows is appended. */
export type NameRule = (name: string) => string[]

const ANNOTATIONS_BYTES = 256 * 1024

/** Checks of the metadata of any object (apimachinery's ValidateObjectMeta); `field` is `metadata` or a template's. */
export function validateMetadata(metadata: ObjectMeta | undefined, namespaced: boolean, rule: NameRule, field = 'metadata'): FieldError[] {
  const { name = '', generateName = '', namespace = '', labels, annotations } = metadata ?? {}
  const errors: FieldError[] = []
  if (generateName) for (const why of rule(maskTrailingDash(generateName))) errors.push(invalid(`${field}.generateName`, generateName, why))
  if (!name) errors.push(required(`${field}.name`, 'name or generateName is required'))
  else for (const why of rule(name)) errors.push(invalid(`${field}.name`, name, why))
  if (namespaced) {
    if (!namespace) errors.push(required(`${field}.namespace`))
    else for (const why of dnsLabel(namespace)) errors.push(invalid(`${field}.namespace`, namespace, why))
  } else if (namespace) errors.push(forbidden(`${field}.namespace`, 'not allowed on this type'))
  const { generation = 0 } = metadata ?? {}
  if (generation < 0) errors.push(invalid(`${field}.generation`, generation, 'must be greater than or equal to 0'))
  return [...errors, ...validateLabels(labels, `${field}.labels`), ...validateAnnotations(annotations, `${field}.annotations`)]
}

function maskTrailingDash(name: string): string {
  return name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name
}

/** Keys must be qualified names, values label values; errors come in the keys' order. */
export function validateLabels(labels: Labels | undefined, field: string): FieldError[] {
  return sortedEntries(labels).flatMap(([key, value]) => [
    ...qualifiedName(key).map((why) => invalid(field, key, why)),
    ...labelValue(value).map((why) => invalid(field, value, why)),
  ])
}

export function validateAnnotations(annotations: Labels | undefined, field: string): FieldError[] {
  const errors: FieldError[] = []
  let size = 0
  for (const [key, value] of sortedEntries(annotations)) {
    // Annotation keys may be written in any case.
    errors.push(...qualifiedName(key.toLowerCase()).map((why) => invalid(field, key, why)))
    size += utf8Bytes(key).length + utf8Bytes(value).length
  }
  if (size > ANNOTATIONS_BYTES) errors.push(tooLong(field, ANNOTATIONS_BYTES))
  return errors
}

/** The entries of a map in the order of its keys: Go's own order is random, so any is right. */
function sortedEntries(map: Labels | undefined): [string, string][] {
  return Object.entries(map ?? {}).sort(([a], [b]) => byText(a, b))
}

/** What may never change in metadata, and labels and annotations once more (ValidateObjectMetaAccessorUpdate). */
export function validateMetadataUpdate(metadata: ObjectMeta, old: ObjectMeta): FieldError[] {
  const immutable = (key: 'name' | 'namespace') =>
    (metadata[key] ?? '') === (old[key] ?? '') ? [] : [invalid(`metadata.${key}`, metadata[key] ?? '', 'field is immutable')]
  return [
    ...immutable('name'),
    ...immutable('namespace'),
    ...validateLabels(metadata.labels, 'metadata.labels'),
    ...validateAnnotations(metadata.annotations, 'metadata.annotations'),
  ]
}
