import type { EndpointSubset } from '../../api/kinds/endpoints.ts'

/** An Endpoints object holds at most so many addresses. */
export const MAX_ADDRESSES = 1000

/** How many addresses the subsets hold, ready or not. */
export function addressCount(subsets: readonly EndpointSubset[]): number {
  return subsets.reduce((sum, { addresses = [], notReadyAddresses = [] }) => sum + addresses.length + notReadyAddresses.length, 0)
}

/**
 * The first 1000 addresses, ready ones before others, each subset in proportion to its size (`truncateEndpoints`); undefined if
 * nothing has to go.
 */
export function truncated(subsets: readonly EndpointSubset[]): readonly EndpointSubset[] | undefined {
  if (addressCount(subsets) <= MAX_ADDRESSES) return undefined
  const ready = subsets.reduce((sum, { addresses = [] }) => sum + addresses.length, 0)
  const cutsReady = ready > MAX_ADDRESSES
  const room = cutsReady ? MAX_ADDRESSES : MAX_ADDRESSES - ready
  const total = cutsReady ? ready : addressCount(subsets) - ready
  let left = room
  return subsets.map(({ addresses = [], notReadyAddresses = [], ...subset }) => {
    const size = (cutsReady ? addresses : notReadyAddresses).length
    const share = Math.min(left, Math.ceil((size / total) * room))
    const [kept, others] = cutsReady ? [addresses.slice(0, share), []] : [addresses, notReadyAddresses.slice(0, share)]
    left -= cutsReady ? kept.length : others.length
    return {
      ...(kept.length > 0 ? { addresses: kept } : {}),
      ...(others.length > 0 ? { notReadyAddresses: others } : {}),
      ...subset,
    }
  })
}
