import { type Cluster, list } from '../api/cluster.ts'
import type { Finding } from '../api/finding.ts'
import type { Service } from '../api/kinds/service.ts'
import { keyOf } from '../api/meta.ts'
import type { FamilyProgram } from '../kernel/program.ts'
import { programOf } from '../proxy/program.ts'

/** NFTNL_UDATA_COMMENT_MAXLEN. Names of objects are ASCII, so characters are bytes. */
const COMMENT_BYTES = 128

/** Whether nft refuses a program over a comment; it takes all of a transaction or nothing. */
export function nftRefuses({ maps }: FamilyProgram): boolean {
  return maps.some(({ elements }) => elements.some(({ comment = '' }) => comment.length > COMMENT_BYTES))
}

/** The name of a Service port as kube-proxy writes it into a comment, where it is too long for nft. */
function tooLong({ metadata, spec }: Service): string | undefined {
  const own = `${metadata.namespace ?? 'default'}/${metadata.name}`
  return spec?.ports?.map(({ name }) => (name ? `${own}:${name}` : own)).find((text) => text.length > COMMENT_BYTES)
}

const known = new WeakMap<object, boolean>()

/** Whether the cluster has a Service whose name could be too long. Every request asks, so each table of Services is read once. */
export function hasLongNames(cluster: Cluster): boolean {
  const table = cluster.byKind.get('Service')
  if (!table) return false
  let found = known.get(table)
  if (found === undefined) {
    found = list(cluster, 'Service').some((service) => tooLong(service) !== undefined)
    known.set(table, found)
  }
  return found
}

/**
 * Services that stop kube-proxy in nftables mode: up to 1.36 it writes `namespace/service:port` as the comment of a no-endpoints element,
 * nft takes 128 bytes, and one refusal fails the node's whole sync (kubernetes/kubernetes#139515, fixed in 1.37).
 */
export function longCommentFindings(cluster: Cluster): readonly Finding[] {
  if (cluster.settings.mode !== 'nftables' || !hasLongNames(cluster)) return []
  const written = new Set(
    list(cluster, 'Node').flatMap(({ metadata }) =>
      programOf(cluster, metadata.name, 'nftables').families.flatMap(({ maps }) =>
        maps.flatMap(({ elements }) => elements.flatMap(({ comment }) => comment ?? [])),
      ),
    ),
  )
  return list(cluster, 'Service').flatMap((service): readonly Finding[] => {
    const name = tooLong(service)
    if (name === undefined || !written.has(name)) return []
    const bytes = name.length
    const message = `kube-proxy writes "${name}" (${bytes} bytes) as a comment, and nft takes ${COMMENT_BYTES}: while this Service has no endpoints, every sync fails and no Service is programmed anew (fixed in 1.37)`
    return [
      {
        code: 'NFT_COMMENT_TOO_LONG',
        severity: 'warning',
        message,
        object: keyOf(service),
        path: ['metadata', 'name'],
        params: { name, bytes },
      },
    ]
  })
}
