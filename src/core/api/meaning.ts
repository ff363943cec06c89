import type { Cluster } from './cluster.ts'
import type { Finding } from './finding.ts'
import { populationOf } from './meaning/population.ts'
import { checkReferences } from './meaning/references.ts'
import { checkServices, checkUnselected } from './meaning/services.ts'

/**
 * What a settled cluster says that cannot be meant: selectors that match nothing, ports that are not there, names of nobody. All of it
 * the API server accepts without a word. One pass over the objects; nothing is compared with everything.
 */
export function checkMeaning(cluster: Cluster): Finding[] {
  const population = populationOf(cluster)
  return [...checkServices(cluster, population), ...checkReferences(cluster), ...checkUnselected(cluster, population)]
}
