import type { WayOf } from '../kernel/chance.ts'
import type { RequestTrace, Way } from './trace.ts'

type End = Pick<RequestTrace, 'verdict' | 'backend' | 'seenSource'>

/** Ways that end alike are one: their probabilities add up. In the order in which they were found. */
export function mergeWays(ways: readonly WayOf<End>[]): readonly Way[] {
  const merged = new Map<string, Way>()
  for (const { probability, value } of ways) {
    const { verdict, backend, seenSource } = value
    const key = JSON.stringify([verdict.code, verdict.reason, verdict.by?.rule, backend?.ip, backend?.port, backend?.pod, seenSource])
    const known = merged.get(key)
    merged.set(key, {
      probability: (known?.probability ?? 0) + probability,
      verdict: known?.verdict ?? verdict,
      ...(backend && { backend }),
      ...(seenSource !== undefined && { seenSource }),
    })
  }
  return [...merged.values()]
}
