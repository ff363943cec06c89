import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { ApiObject } from '../api/cluster.ts'
import type { Pod } from '../api/kinds/pod.ts'
import { millisOf } from '../base/time.ts'
import { tableOf } from './columns.ts'

type Vector = {
  readonly fn: string
  readonly id: string
  readonly input: { readonly object: ApiObject; readonly wide: boolean }
  readonly expected: readonly { readonly cells: readonly (string | number)[] }[]
}

const folder = process.env['KUBEHOP_VECTORS']

describe.runIf(folder)('the API server’s printers', () => {
  const file = folder ? readFileSync(`${folder}/upstream/control-plane/kubectl-printers.json`, 'utf8') : '{"vectors":[]}'
  const { vectors } = JSON.parse(file) as { vectors: readonly Vector[] }
  // When the vectors were recorded: some objects in them were made almost two seconds in the future, which still counts as now.
  const now = millisOf('2026-11-22T07:08:08.9Z') ?? 0

  test.each(vectors)('$fn $id', ({ fn, input: { object, wide }, expected }) => {
    const table = tableOf(fn.slice('print'.length))
    const cells = table.row(restored(object), now, wide)
    const row = wide ? cells : cells.slice(0, table.narrow)
    expect([row]).toEqual(expected.map((one) => one.cells.map(String)))
  })
})

/**
 * What the recording dropped as empty: a missing `metadata`, and `state: {running: {}}`, which in upstream's test objects every ready
 * container of a Pod of phase Running has, and of the other Pods only the first.
 */
function restored(object: ApiObject): ApiObject {
  const pod = object as Pod
  let given = false
  const containerStatuses = pod.status?.containerStatuses?.map((status) => {
    if (!status.ready || status.state || (given && pod.status?.phase !== 'Running')) return status
    given = true
    return { ...status, state: { running: {} } }
  })
  const whole = { ...object, metadata: object.metadata ?? { name: '' } }
  return containerStatuses ? { ...whole, ...{ status: { ...pod.status, containerStatuses } } } : whole
}
