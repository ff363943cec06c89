const texts = import.meta.glob<string>('./*.yaml', { query: '?raw', import: 'default', eager: true })

/** The gallery's parts, in the order in which one learns. */
export type CategoryId =
  | 'first-steps'
  | 'addresses'
  | 'endpoints'
  | 'slices'
  | 'balancing'
  | 'policies'
  | 'outside'
  | 'ingress'
  | 'modes'
  | 'time'

/** Which scenario stands where. A file that is not listed here comes last, so that adding one is adding a file. */
const categories: Readonly<Record<CategoryId, readonly string[]>> = {
  'first-steps': [
    'httpbin',
    'pod-dies',
    'selector-typo',
    'wrong-target-port',
    'named-target-port',
    'nodeport',
    'readiness-lost',
    'seventeen-slices',
    'get-and-describe',
  ],
  addresses: [
    'three-ips',
    'wrong-port-on-the-vip',
    'host-network',
    'headless',
    'routed-cluster-ip',
    'udp-and-sctp',
    'hairpin',
    'address-types',
  ],
  endpoints: ['no-endpoints', 'endpoints-beside-slices', 'external-etcd', 'externalname', 'terminating-serving', 'over-capacity'],
  slices: ['slice-anatomy', 'two-managers', 'three-thousand-pods', 'zones'],
  balancing: ['random-is-random', 'keep-alive', 'scale-up-idle', 'session-affinity', 'affinity-behind-a-balancer'],
  policies: ['source-ip', 'external-traffic-local', 'local-imbalance', 'internal-traffic-local', 'drop-or-reject'],
  outside: [
    'nodeport-everywhere',
    'nodeport-range',
    'node-firewall',
    'localhost-nodeport',
    'load-balancer-pending',
    'load-balancer-from-inside',
    'external-ips',
  ],
  ingress: [
    'ingress-data-path',
    'ingress-own-choice',
    'ingress-needs-a-controller',
    'ingress-other-namespace',
    'ingress-controllers-differ',
    'ingress-cloud',
    'ingress-hosts',
    'ingress-path-table',
    'ingress-grammar',
    'ingress-rewrite',
    'ingress-status-codes',
    'ingress-affinity',
    'ingress-source-address',
    'traefik-helm',
    'ingress-beside-gateway',
    'grpc-not-balanced',
    'externalname-host',
  ],
  modes: ['three-modes', 'ipvs-round-robin', 'ipvs-source-hash', 'ipvs-ping', 'ipvs-unavailable'],
  time: ['rolling-update', 'prestop-keep-alive', 'udp-black-hole', 'udp-before-the-rules'],
}

/** A gallery scene: its file's name without the ending, where it stands, and its text (first document `kind: Scenario`). */
export type Scenario = { readonly name: string; readonly category: CategoryId; readonly text: string }

const listed = (Object.keys(categories) as CategoryId[]).flatMap((category) => categories[category].map((name) => ({ name, category })))

const textOf: ReadonlyMap<string, string> = new Map(
  Object.entries(texts).map(([path, text]) => [path.slice('./'.length, -'.yaml'.length), text]),
)

/** Every scene of this folder, found by itself, in the order of the gallery. */
export const scenarios: readonly Scenario[] = [
  ...listed,
  ...[...textOf.keys()]
    .filter((name) => !listed.some((one) => one.name === name))
    .sort()
    .map((name) => ({ name, category: 'first-steps' as const })),
].flatMap(({ name, category }) => {
  const text = textOf.get(name)
  return text === undefined ? [] : [{ name, category, text }]
})
