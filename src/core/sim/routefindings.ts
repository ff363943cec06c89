import type { Cluster } from '../api/cluster.ts'
import type { Finding } from '../api/finding.ts'
import { checkIngresses } from '../api/meaning/ingresses.ts'
import { annotationFindings, middlewareFindings, unclaimedFindings } from './annotations.ts'
import { gatewayFindings } from './gatewayfindings.ts'

/** What there is to say about Ingresses and Gateways beyond names that lead nowhere. It is large, and few texts speak of them. */
export function routeFindings(cluster: Cluster): readonly Finding[] {
  return [
    ...checkIngresses(cluster),
    ...annotationFindings(cluster),
    ...middlewareFindings(cluster),
    ...unclaimedFindings(cluster),
    ...gatewayFindings(cluster),
  ]
}
