/** Names an object everywhere: `Service/default/web`, `Node//demo-worker` (no namespace: empty middle). */
export type ObjectKey = string
/** A path into an object as Kubernetes names fields: `['spec', 'ports', 0, 'port']` is `spec.ports[0].port`. */
export type FieldPath = readonly (string | number)[]
export type Labels = Readonly<Record<string, string>>

export type OwnerReference = {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
  readonly blockOwnerDeletion?: boolean
}

export type ObjectMeta = {
  readonly name: string
  readonly namespace?: string
  readonly generateName?: string
  readonly labels?: Labels
  readonly annotations?: Labels
  readonly uid?: string
  readonly resourceVersion?: string
  readonly generation?: number
  /** RFC 3339, second precision. */
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly deletionGracePeriodSeconds?: number
  readonly finalizers?: readonly string[]
  readonly ownerReferences?: readonly OwnerReference[]
}

/** What every Kubernetes object has. Kinds that are not modelled are kept as this. */
export type ApiObjectBase = {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
}

export type LabelSelector = {
  readonly matchLabels?: Labels
  readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[]
}

/** The controller of an object, if it has one (`metav1.GetControllerOf`). */
export function controllerOf({ metadata }: { readonly metadata: ObjectMeta }): OwnerReference | undefined {
  return metadata.ownerReferences?.find((reference) => reference.controller)
}

/** The key of an object. */
export function keyOf(object: {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
}): ObjectKey {
  return `${object.kind}/${object.metadata.namespace ?? ''}/${object.metadata.name}`
}

/** `spec.ports[0].port`: a path as Kubernetes prints it. Keys that are no plain identifiers go in brackets: `metadata.labels[a/b]`. */
export function printPath(path: FieldPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    return text === '' ? part : /[./]/.test(part) ? `${text}[${part}]` : `${text}.${part}`
  }, '')
}

/** Whether every pair of a plain map selector is among the labels. An empty selector matches everything. */
export function mapSelects(selector: Labels, labels: Labels | undefined): boolean {
  for (const key in selector) if (labels?.[key] !== selector[key]) return false
  return true
}
