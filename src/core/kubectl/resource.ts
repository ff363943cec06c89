/** What kubectl knows of a resource: the words it goes by, and where it lives. */
export type Resource = {
  readonly kind: string
  /** API group, empty for the core group. */
  readonly group: string
  readonly plural: string
  readonly singular: string
  readonly shorts: readonly string[]
  readonly namespaced: boolean
}

function resource(kind: string, group: string, plural: string, shorts: readonly string[] = [], namespaced = true): Resource {
  return { kind, group, plural, singular: kind.toLowerCase(), shorts, namespaced }
}

/** In the order in which `kubectl get all` and discovery list them. */
export const resources: readonly Resource[] = [
  resource('ConfigMap', '', 'configmaps', ['cm']),
  resource('Endpoints', '', 'endpoints', ['ep']),
  resource('Namespace', '', 'namespaces', ['ns'], false),
  resource('Node', '', 'nodes', ['no'], false),
  resource('Pod', '', 'pods', ['po']),
  resource('Secret', '', 'secrets'),
  resource('Service', '', 'services', ['svc']),
  resource('DaemonSet', 'apps', 'daemonsets', ['ds']),
  resource('Deployment', 'apps', 'deployments', ['deploy']),
  resource('ReplicaSet', 'apps', 'replicasets', ['rs']),
  resource('StatefulSet', 'apps', 'statefulsets', ['sts']),
  resource('EndpointSlice', 'discovery.k8s.io', 'endpointslices'),
  resource('IngressClass', 'networking.k8s.io', 'ingressclasses', [], false),
  resource('Ingress', 'networking.k8s.io', 'ingresses', ['ing']),
  resource('IPAddress', 'networking.k8s.io', 'ipaddresses', ['ip'], false),
  resource('NetworkPolicy', 'networking.k8s.io', 'networkpolicies', ['netpol']),
  resource('ServiceCIDR', 'networking.k8s.io', 'servicecidrs', [], false),
  resource('GatewayClass', 'gateway.networking.k8s.io', 'gatewayclasses', ['gc'], false),
  resource('Gateway', 'gateway.networking.k8s.io', 'gateways', ['gtw']),
  resource('GRPCRoute', 'gateway.networking.k8s.io', 'grpcroutes'),
  resource('HTTPRoute', 'gateway.networking.k8s.io', 'httproutes'),
  resource('ReferenceGrant', 'gateway.networking.k8s.io', 'referencegrants', ['refgrant']),
  resource('Middleware', 'traefik.io', 'middlewares'),
]

/** The kinds of `kubectl get all` that are modelled. */
const ALL = ['pods', 'services', 'daemonsets', 'deployments', 'replicasets', 'statefulsets']

/** The resources a word names: `svc`, `services`, `Service`, `deployments.apps`, `all`; undefined if it names none. */
export function resourcesOf(word: string): readonly Resource[] | undefined {
  const lower = word.toLowerCase()
  if (lower === 'all') return ALL.flatMap((plural) => resources.find((one) => one.plural === plural) ?? [])
  const found = resources.find((one) => named(one, lower))
  return found && [found]
}

function named(one: Resource, word: string): boolean {
  const dot = word.indexOf('.')
  const name = dot < 0 ? word : word.slice(0, dot)
  if (name !== one.plural && name !== one.singular && !(dot < 0 && one.shorts.includes(name))) return false
  if (dot < 0) return true
  // `deployments.apps` and `deployments.v1.apps` both name the group.
  const rest = word.slice(dot + 1)
  return rest === one.group || /^v\d\w*$/.test(rest) || rest.replace(/^v\d\w*\./, '') === one.group
}

/** `service`, `deployment.apps`: how kubectl names a resource in front of an object's name. */
export function prefixOf(one: Resource): string {
  return one.group === '' ? one.singular : `${one.singular}.${one.group}`
}

/** `services`, `deployments.apps`: how the API server names it in errors. */
export function qualifiedPlural(one: Resource): string {
  return one.group === '' ? one.plural : `${one.plural}.${one.group}`
}
