import { type LabelSelector, type Labels, mapSelects } from './meta.ts'

/** Whether a `metav1.LabelSelector` selects these labels. An empty selector selects everything; an unknown operator nothing. */
export function labelSelects(selector: LabelSelector, labels: Labels | undefined): boolean {
  if (!mapSelects(selector.matchLabels ?? {}, labels)) return false
  return (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = labels?.[key]
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
  })
}
