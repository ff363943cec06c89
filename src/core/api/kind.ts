/** What the API server calls a kind of object in its URLs and messages. */
export type KindInfo = {
  readonly kind: string
  readonly apiVersion: string
  /** Plural, as in `services "a" not found`. */
  readonly resource: string
  readonly namespaced: boolean
  /** Whether `metadata.generation` counts its changes. Services have none. */
  readonly generation: boolean
}

const row = (apiVersion: string, kind: string, resource: string, scope: 'namespaced' | 'cluster', generation: boolean): KindInfo => ({
  kind,
  apiVersion,
  resource,
  namespaced: scope === 'namespaced',
  generation,
})

/** Every kind that is read. */
export const kindTable: readonly KindInfo[] = [
  row('v1', 'Namespace', 'namespaces', 'cluster', false),
  row('v1', 'Node', 'nodes', 'cluster', false),
  row('v1', 'Pod', 'pods', 'namespaced', true),
  row('v1', 'Service', 'services', 'namespaced', false),
  row('v1', 'Endpoints', 'endpoints', 'namespaced', false),
  row('v1', 'ConfigMap', 'configmaps', 'namespaced', false),
  row('v1', 'Secret', 'secrets', 'namespaced', false),
  row('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices', 'namespaced', true),
  row('apps/v1', 'Deployment', 'deployments', 'namespaced', true),
  row('apps/v1', 'ReplicaSet', 'replicasets', 'namespaced', true),
  row('apps/v1', 'StatefulSet', 'statefulsets', 'namespaced', true),
  row('apps/v1', 'DaemonSet', 'daemonsets', 'namespaced', true),
  row('networking.k8s.io/v1', 'Ingress', 'ingresses', 'namespaced', true),
  row('networking.k8s.io/v1', 'IngressClass', 'ingressclasses', 'cluster', true),
  row('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies', 'namespaced', true),
  row('networking.k8s.io/v1', 'ServiceCIDR', 'servicecidrs', 'cluster', false),
  row('gateway.networking.k8s.io/v1', 'GatewayClass', 'gatewayclasses', 'cluster', true),
  row('gateway.networking.k8s.io/v1', 'Gateway', 'gateways', 'namespaced', true),
  row('gateway.networking.k8s.io/v1', 'HTTPRoute', 'httproutes', 'namespaced', true),
  row('gateway.networking.k8s.io/v1', 'GRPCRoute', 'grpcroutes', 'namespaced', true),
  row('gateway.networking.k8s.io/v1', 'ReferenceGrant', 'referencegrants', 'namespaced', true),
  row('traefik.io/v1alpha1', 'Middleware', 'middlewares', 'namespaced', true),
  row('kubehop.dev/v1', 'Client', 'clients', 'cluster', false),
]

const byKind = new Map(kindTable.map((info) => [info.kind, info]))

/** What is known of a kind, by its name; undefined for kinds that are not read. */
export function kindInfo(kind: string): KindInfo | undefined {
  return byKind.get(kind)
}

/** `Ingress.networking.k8s.io`, `Service`: how REST messages name a kind. */
export function qualifiedKind(info: KindInfo): string {
  const group = groupOf(info.apiVersion)
  return group ? `${info.kind}.${group}` : info.kind
}

/** `services`, `ingresses.networking.k8s.io`: how REST messages name a resource. */
export function qualifiedResource(info: KindInfo): string {
  const group = groupOf(info.apiVersion)
  return group ? `${info.resource}.${group}` : info.resource
}

/** The group of an API version: empty for the core group. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
}
