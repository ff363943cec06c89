import type { Ip } from '../base/ip.ts'
import type { NodeKernel } from './kernel.ts'

/** `xt_recent`'s ip_list_tot: a list forgets its least recently used source beyond this many. */
const LIST_SIZE = 100

/** `-m recent --rcheck --seconds N`: whether a source was seen in the last N seconds, the N-th included. */
export function seenWithin(kernel: NodeKernel, list: string, source: Ip, seconds: number, now: number): boolean {
  const seen = kernel.recent.get(list)?.get(source)
  return seen !== undefined && seen >= now - seconds * 1000
}

/** `-m recent --set`: the source is seen now, and is the list's most recently used one. */
export function rememberSource(kernel: NodeKernel, list: string, source: Ip, now: number): NodeKernel {
  const entries = new Map(kernel.recent.get(list))
  entries.delete(source)
  if (entries.size >= LIST_SIZE) for (const oldest of [...entries.keys()].slice(0, entries.size - LIST_SIZE + 1)) entries.delete(oldest)
  entries.set(source, now)
  return { ...kernel, recent: new Map(kernel.recent).set(list, entries) }
}

/** nftables `update @set { addr }`: the element lives for the set's timeout from now on. Expired ones go. */
export function updateElement(kernel: NodeKernel, set: string, address: Ip, timeoutSeconds: number, now: number): NodeKernel {
  const elements = new Map([...(kernel.dynamicSets.get(set) ?? [])].filter(([, expiresAt]) => expiresAt > now))
  elements.set(address, now + timeoutSeconds * 1000)
  return { ...kernel, dynamicSets: new Map(kernel.dynamicSets).set(set, elements) }
}
