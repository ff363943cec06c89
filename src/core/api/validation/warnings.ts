import type { ApiObject } from '../cluster.ts'

/** What the API server warns of on a write that it accepts. */
export function warningsOf(_object: ApiObject, _old: ApiObject | undefined): string[] {
  return []
}
