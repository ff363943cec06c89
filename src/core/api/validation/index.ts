import type { ApiObject } from '../cluster.ts'
import type { FieldError } from '../field-error.ts'
import type { ClusterSettings } from '../kinds/config.ts'

/** Everything the API server has against an object, in its order and words; with `old`, also against the change. */
export function validateObject(_object: ApiObject, _old: ApiObject | undefined, _settings: ClusterSettings): FieldError[] {
  return []
}
