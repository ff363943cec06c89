import type { EndpointAddress, EndpointSubset, EndpointsPort } from '../../api/kinds/endpoints.ts'
import { byText } from '../../base/order.ts'
import { endpointsPortText, fnv1a128, subsetText } from '../endpointslice/goprint.ts'

type Member = { readonly address: EndpointAddress; ready: boolean }
/** The addresses that offer one port; a subset without ports offers the port `undefined`. */
type Offer = { readonly port: EndpointsPort | undefined; readonly members: Map<string, Member> }

/**
 * Endpoints as the API wants them: every port with the very same addresses, in the same state, shares a subset (`RepackSubsets`).
 * An address that one occurrence calls ready and another not ready, is not ready.
 */
export function repack(subsets: readonly EndpointSubset[]): readonly EndpointSubset[] {
  const offers = new Map<string, Offer>()
  for (const subset of subsets) {
    for (const port of subset.ports?.length ? subset.ports : [undefined]) {
      const key = port ? endpointsPortText(port) : ''
      const { addresses = [], notReadyAddresses = [] } = subset
      // A port that nobody offers is no port.
      if (addresses.length + notReadyAddresses.length === 0) continue
      const offer = offers.get(key) ?? { port, members: new Map<string, Member>() }
      offers.set(key, offer)
      for (const address of addresses) join(offer, address, true)
      for (const address of notReadyAddresses) join(offer, address, false)
    }
  }
  return sorted(group(offers.values()))
}

function join({ members }: Offer, address: EndpointAddress, ready: boolean): void {
  const key = `${address.ip}\u0000${address.targetRef?.uid ?? ''}`
  const member = members.get(key)
  if (!member) members.set(key, { address, ready })
  else if (!ready) member.ready = false
}

function group(offers: Iterable<Offer>): readonly EndpointSubset[] {
  const bySet = new Map<string, { readonly members: readonly Member[]; readonly ports: EndpointsPort[] }>()
  for (const { port, members } of offers) {
    const key = [...members]
      .map(([id, { ready }]) => `${id}\u0000${ready}`)
      .sort()
      .join('\u0001')
    let subset = bySet.get(key)
    if (!subset) {
      subset = { members: [...members.values()], ports: [] }
      bySet.set(key, subset)
    }
    // Port 0, like no port, only says that the addresses are there.
    if (port && port.port > 0) subset.ports.push(port)
  }
  return [...bySet.values()].map(({ members, ports }) => {
    const addresses = members.filter(({ ready }) => ready).map(({ address }) => address)
    const notReadyAddresses = members.filter(({ ready }) => !ready).map(({ address }) => address)
    return {
      ...(addresses.length > 0 ? { addresses } : {}),
      ...(notReadyAddresses.length > 0 ? { notReadyAddresses } : {}),
      ...(ports.length > 0 ? { ports } : {}),
    }
  })
}

/** Addresses as texts, then by the Pod's UID; ports and subsets by a hash of their text (`SortSubsets`). */
function sorted(subsets: readonly EndpointSubset[]): readonly EndpointSubset[] {
  const inOrder = subsets.map(({ addresses, notReadyAddresses, ports }) => ({
    ...(addresses ? { addresses: [...addresses].sort(byIpAndUid) } : {}),
    ...(notReadyAddresses ? { notReadyAddresses: [...notReadyAddresses].sort(byIpAndUid) } : {}),
    ...(ports ? { ports: byHash(ports, endpointsPortText) } : {}),
  }))
  return byHash(inOrder, subsetText)
}

function byIpAndUid(a: EndpointAddress, b: EndpointAddress): number {
  return byText(a.ip, b.ip) || byText(a.targetRef?.uid ?? '', b.targetRef?.uid ?? '')
}

function byHash<T>(items: readonly T[], textOf: (item: T) => string): readonly T[] {
  if (items.length < 2) return items
  return items
    .map((item) => ({ item, hash: fnv1a128(textOf(item)) }))
    .sort((a, b) => byText(a.hash, b.hash))
    .map(({ item }) => item)
}
