import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Endpoints } from '../api/kinds/endpoints.ts'
import type { EndpointSlice } from '../api/kinds/endpointslice.ts'
import { checkClaim, quotedClaim, sizeOf } from './cost.ts'
import { type OrdinaryNames, ordinaryEndpoints, ordinaryNames, ordinarySlice } from './stored.ts'

type Row = { readonly addresses?: number; readonly endpoints?: number; readonly json: number; readonly protobuf: number }
type Recorded = {
  readonly endpointsWithNodeNameAndTargetRef: readonly Row[]
  readonly endpointsIpOnly: readonly Row[]
  readonly endpointSlice: Readonly<Record<string, readonly Row[]>>
}

const recorded = JSON.parse(readFileSync(new URL('../testing/vectors/object-sizes.json', import.meta.url), 'utf8')) as Recorded

/** The bytes of an object as the recording measured them. */
const bytes = (object: Endpoints | EndpointSlice) => {
  const { json, protobuf, unknown } = sizeOf(object)
  expect(unknown).toEqual([])
  return { json, protobuf }
}

describe('sizes as the real serializers make them', () => {
  test.each(recorded.endpointsWithNodeNameAndTargetRef)('Endpoints of $addresses addresses', ({ addresses = 0, json, protobuf }) =>
    expect(bytes(ordinaryEndpoints(addresses))).toEqual({ json, protobuf }),
  )

  test.each(recorded.endpointsIpOnly)('Endpoints of $addresses bare addresses', ({ addresses = 0, json, protobuf }) => {
    const whole = ordinaryEndpoints(addresses)
    const subsets = whole.subsets?.map((subset) =>
      subset.addresses ? { ...subset, addresses: subset.addresses.map(({ ip }) => ({ ip })) } : subset,
    )
    expect(bytes({ ...whole, ...(subsets ? { subsets } : {}) })).toEqual({ json, protobuf })
  })

  const slices = Object.entries(recorded.endpointSlice).flatMap(([kind, rows]) => rows.map((row) => ({ kind, ...row })))
  test.each(slices)('EndpointSlice of $endpoints, $kind', ({ kind, endpoints = 0, json, protobuf }) => {
    const zone = kind === 'no zone' ? undefined : 'us-east-1a'
    const plain = ordinarySlice(endpoints, zone)
    const hints = {
      ...(kind.includes('forZones') ? { forZones: [{ name: 'us-east-1a' }] } : {}),
      ...(kind.includes('forNodes') ? { forNodes: [{ name: 'node-0000' }] } : {}),
    }
    const hinted = { ...plain, endpoints: plain.endpoints?.map((endpoint) => ({ ...endpoint, hints })) ?? [] }
    expect(bytes(kind.includes('for') ? hinted : plain)).toEqual({ json, protobuf })
  })
})

test('the quoted figure beside the measured ones', () => {
  const { uncut, stored, slice, slices, perChange, reasons } = checkClaim(2000, 3000)
  expect([uncut, stored, slices]).toEqual([{ json: 337_932, protobuf: 221_656 }, { json: 169_356, protobuf: 111_080 }, 20])
  expect(slice).toEqual({ json: 27_251, protobuf: 13_639 })
  expect(perChange.slice.protobuf).toBe(3000 * 13_639)
  expect(perChange.uncut.json).toBeLessThan(quotedClaim.bytesPerChange / 4)
  expect(reasons).toContain('pods-5000')
})

test('longer names, more bytes', () => {
  const long: OrdinaryNames = { ...ordinaryNames, pod: () => 'p'.repeat(50), node: () => 'n'.repeat(45) }
  expect(bytes(ordinaryEndpoints(5000, long)).json).toBeGreaterThan(1_100_000)
})
