import { keptCookies } from '../core/l7/cookies.ts'
import type { RequestSpec } from '../core/sim/session.ts'
import type { RequestTrace } from '../core/trace/trace.ts'
import type { WorkbenchState } from './state.ts'

type Jars = WorkbenchState['cookies']

/** The host that a client keeps a request's cookies under: its Host header's, else its URL's. */
export function cookieHost({ to, headers = {} }: Pick<RequestSpec, 'to' | 'headers'>): string {
  const written = Object.entries(headers).find(([name]) => name.toLowerCase() === 'host')?.[1]
  const authority = written ?? /^https?:\/\/([^/?#]+)/.exec(to)?.[1] ?? ''
  return authority.toLowerCase().replace(/:\d+$/, '')
}

/** The client's cookies after answers: what is set joins or replaces, what is set to have expired goes. */
export function withCookies(jars: Jars, host: string, traces: readonly Pick<RequestTrace, 'response'>[]): Jars {
  const set = traces.flatMap(({ response }) => response?.headers['set-cookie'] ?? [])
  if (host === '' || set.length === 0) return jars
  const jar = set.reduce(keptCookies, new Map(Object.entries(jars[host] ?? {})) as ReadonlyMap<string, string>)
  const { [host]: _old, ...others } = jars
  return jar.size === 0 ? others : { ...others, [host]: Object.fromEntries(jar) }
}
