import { type LabelSelector, type Labels, mapSelects } from './meta.ts'

/** One requirement of a selector on the value of a label; also a node selector's, which knows two operators more. */
export type Requirement = { readonly key: string; readonly operator: string; readonly values?: readonly string[] }

/** Whether a `metav1.LabelSelector` selects these labels. An empty selector selects everything; an unknown operator nothing. */
export function labelSelects(selector: LabelSelector, labels: Labels | undefined): boolean {
  if (!mapSelects(selector.matchLabels ?? {}, labels)) return false
  return (selector.matchExpressions ?? []).every((requirement) => requirementHolds(requirement, labels?.[requirement.key]))
}

/** Whether a value (undefined where there is none) meets a requirement. An unknown operator is never met. */
export function requirementHolds({ operator, values = [] }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    default:
      return false
  }
}
