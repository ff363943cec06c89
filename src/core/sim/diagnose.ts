import type { Cluster } from '../api/cluster.ts'
import { type Finding, findingDiagnostics } from '../api/finding.ts'
import type { Loaded } from '../api/load.ts'
import { checkMeaning } from '../api/meaning.ts'
import { settle } from '../controllers/settle.ts'
import type { Diagnostic, SourceFile } from '../source/diagnostic.ts'
import { withoutIgnored } from '../source/ignore.ts'
import { longCommentFindings } from './longcomments.ts'

export type RouteFindings = (cluster: Cluster) => readonly Finding[]

/**
 * Everything there is to say about an input: what loading found, and what the settled cluster says that cannot be meant. `settled` may be
 * given where it is known already. Comments in the files silence warnings and hints. What there is to say about Ingresses and Gateways comes
 * as `routeFindings` from whoever has it: the worker fetches it when a text first speaks of them.
 */
export function diagnose(
  loaded: Loaded,
  files: readonly SourceFile[],
  routeFindings: RouteFindings | undefined,
  settled?: Cluster,
): Diagnostic[] {
  const cluster = settled ?? settle(loaded.cluster, { now: 0 }).cluster
  return withoutIgnored(
    [
      ...loaded.diagnostics,
      ...findingDiagnostics(
        [...checkMeaning(cluster), ...(routeFindings?.(cluster) ?? []), ...longCommentFindings(cluster)],
        loaded.located,
      ),
    ],
    files,
  )
}
