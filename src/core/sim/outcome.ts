import { hostPort } from '../base/ip.ts'
import type { RequestTrace } from '../trace/trace.ts'

/** What a request came to, in one short text: who answered, or why nobody did. Requests are counted by it. */
export function outcomeOf({ backend, verdict }: Pick<RequestTrace, 'verdict' | 'backend'>): string {
  return backend && verdict.code === 'DELIVERED' ? `${backend.pod ?? backend.ip} ${hostPort(backend.ip, backend.port)}` : verdict.code
}
