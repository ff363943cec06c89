import type { RequestTrace } from '../core/trace/trace.ts'
import type { Run } from './state.ts'

/** What an edit changed about where the request goes; absent parts did not change. */
export type RouteDiff = {
  readonly verdict?: { readonly before: string; readonly after: string }
  readonly backend?: { readonly before: string | undefined; readonly after: string | undefined }
  readonly endpoints?: { readonly before: number; readonly after: number }
  readonly seenSource?: { readonly before: string | undefined; readonly after: string | undefined }
  readonly places?: { readonly before: readonly string[]; readonly after: readonly string[] }
}

/** Compares the routes of two runs of a request. Nothing in it means the same route. */
export function routeDiffOf(before: Run | undefined, after: Run | undefined): RouteDiff | undefined {
  const a = before?.traces[0]
  const b = after?.traces[0]
  if (!a || !b || a === b) return undefined
  return {
    ...changed('verdict', a.verdict.code, b.verdict.code),
    ...changed('backend', backendOf(a), backendOf(b)),
    ...changed('endpoints', usable(a), usable(b)),
    ...changed('seenSource', a.seenSource, b.seenSource),
    ...(placesOf(a).join() === placesOf(b).join() ? {} : { places: { before: placesOf(a), after: placesOf(b) } }),
  } as RouteDiff
}

/** Whether two runs went the same way to the same end. */
export function sameRoute(before: Run | undefined, after: Run | undefined): boolean {
  const diff = routeDiffOf(before, after)
  return !diff || Object.keys(diff).length === 0
}

function changed<T>(key: string, before: T, after: T): Record<string, unknown> {
  return before === after ? {} : { [key]: { before, after } }
}

function backendOf(trace: RequestTrace): string | undefined {
  const { backend } = trace
  return backend && (backend.pod ? `${backend.pod} ${backend.ip}:${backend.port}` : `${backend.ip}:${backend.port}`)
}

function usable(trace: RequestTrace): number {
  return (trace.endpoints ?? []).filter((row) => row.excluded === undefined).length
}

function placesOf(trace: RequestTrace): readonly string[] {
  return trace.hops.map((hop) => hop.place.name)
}
