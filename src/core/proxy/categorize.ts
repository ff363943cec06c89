import type { EndpointCategories, ProxyEndpoint } from './view.ts'

/** The part of a service port that decides which endpoints it may use. */
export type EndpointUse = { readonly usesCluster: boolean; readonly usesLocal: boolean }

/** Where a node stands for topology hints. */
export type NodeTopology = { readonly node: string; readonly zone: string }

const NOTHING: EndpointCategories = { cluster: [], local: [], reachable: [], any: false }

/**
 * Which endpoints a service port may use on a node: `CategorizeEndpoints` of kube-proxy (pkg/proxy/topology.go, v1.36). Ready endpoints
 * first, terminating but serving ones only where no ready one is left; hints never apply to local or terminating endpoints.
 */
export function categorize(endpoints: readonly ProxyEndpoint[], use: EndpointUse, at: NodeTopology): EndpointCategories {
  if (endpoints.length === 0) return NOTHING
  const hinted = use.usesCluster ? hintedFilter(endpoints, at) : undefined
  let cluster: readonly ProxyEndpoint[] = []
  if (use.usesCluster) {
    cluster = endpoints.filter((endpoint) => endpoint.ready && (!hinted || hinted(endpoint)))
    if (cluster.length === 0) cluster = endpoints.filter(isServingTerminating)
  }
  if (!use.usesLocal) return { cluster, local: [], reachable: cluster, any: cluster.length > 0 }

  const any = endpoints.some((endpoint) => endpoint.ready || isServingTerminating(endpoint))
  const localReady = endpoints.filter((endpoint) => endpoint.local && endpoint.ready)
  const fellBack = localReady.length === 0
  const local = fellBack ? endpoints.filter((endpoint) => endpoint.local && isServingTerminating(endpoint)) : localReady
  if (!use.usesCluster) return { cluster: [], local, reachable: local, any }
  // Without hints every ready local endpoint is in the cluster list already.
  if (!hinted && (!fellBack || local.length === 0)) return { cluster, local, reachable: cluster, any }
  const reached = new Set([...cluster, ...local])
  return { cluster, local, reachable: endpoints.filter((endpoint) => reached.has(endpoint)), any }
}

function isServingTerminating(endpoint: ProxyEndpoint): boolean {
  return endpoint.serving && endpoint.terminating
}

/** The filter of the topology mode in force, or undefined where hints do not apply: one ready endpoint without a hint disables its kind. */
function hintedFilter(endpoints: readonly ProxyEndpoint[], at: NodeTopology): ((endpoint: ProxyEndpoint) => boolean) | undefined {
  const ready = endpoints.filter((endpoint) => endpoint.ready)
  if (ready.length === 0) return undefined
  const onNode = (endpoint: ProxyEndpoint) => endpoint.nodeHints.includes(at.node)
  if (ready.every((endpoint) => endpoint.nodeHints.length > 0) && ready.some(onNode)) return onNode
  const inZone = (endpoint: ProxyEndpoint) => endpoint.zoneHints.includes(at.zone)
  if (at.zone !== '' && ready.every((endpoint) => endpoint.zoneHints.length > 0) && ready.some(inZone)) return inZone
  return undefined
}
