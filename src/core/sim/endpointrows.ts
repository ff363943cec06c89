import type { Cluster } from '../api/cluster.ts'
import { find, list } from '../api/cluster.ts'
import { type EndpointSlice, SERVICE_NAME_LABEL, ZONE_LABEL } from '../api/kinds/endpointslice.ts'
import { hostPort } from '../base/ip.ts'
import type { Packet } from '../kernel/packet.ts'
import type { ModeId } from '../kernel/program.ts'
import { type ProxyEndpoint, type ProxyView, proxyViewsOf, type ServicePortView } from '../proxy/view.ts'
import type { Choice, EndpointRow, Hop, Step } from '../trace/trace.ts'

type Entry = { readonly port: ServicePortView; readonly external: boolean }

/**
 * The "why this endpoint" table of a request: every endpoint of the Service port that was dialled, as seen by the node that decided, with
 * its share and, where it had none, the reason. Undefined where no Service was dialled.
 */
export function endpointRows(
  seen: (node: string) => Cluster,
  mode: ModeId,
  sent: Packet,
  hops: readonly Hop[],
): readonly EndpointRow[] | undefined {
  const deciding = hops.find(isDeciding)
  const node = deciding?.place.name ?? hops.find(({ place }) => place.at === 'node')?.place.name
  if (node === undefined) return undefined
  const cluster = seen(node)
  const view = proxyViewsOf(cluster, node, mode).find(({ family }) => family === sent.family)
  const entry = view && entryOf(view, sent)
  if (!entry) return undefined
  const steps = deciding?.steps ?? []
  const chosen = chosenOf(steps)
  const candidates = candidatesOf(entry, steps, chosen)
  const remembered = steps.some(isRemembered)
  if (remembered)
    return [
      ...entry.port.endpoints.map((endpoint) => rowOf(cluster, node, entry, endpoint, candidates, { chosen })),
      ...portlessRows(cluster, node, entry.port),
    ]
  return rowsFor(cluster, node, entry, candidates, chosen)
}

const isDeciding = ({ place, steps }: Hop) => place.at === 'node' && steps.some(({ step }) => step === 'rule' || step === 'choose')

const isRemembered = (step: Step) =>
  step.step === 'choose' && (step.by === 'recent' || step.by === 'affinity' || step.by === 'ipvs persistence')

type Drawn = {
  readonly cluster: Cluster
  readonly node: string
  readonly candidates: ReadonlySet<string>
  readonly rows: readonly EndpointRow[]
  readonly byChosen: Map<string | undefined, readonly EndpointRow[]>
}
const drawn = new WeakMap<Entry, Drawn>()

/** The rows of a request: the same for all by the same door that have the same endpoints to choose from and get the same one. */
function rowsFor(
  cluster: Cluster,
  node: string,
  entry: Entry,
  candidates: ReadonlySet<string>,
  chosen: string | undefined,
): readonly EndpointRow[] {
  let known = drawn.get(entry)
  if (!known || known.cluster !== cluster || known.node !== node || known.candidates !== candidates) {
    const own = entry.port.endpoints.map((endpoint) => rowOf(cluster, node, entry, endpoint, candidates))
    const rows = [...own, ...portlessRows(cluster, node, entry.port)]
    known = { cluster, node, candidates, rows, byChosen: new Map() }
    drawn.set(entry, known)
  }
  let rows = known.byChosen.get(chosen)
  if (!rows) {
    rows = known.rows.map((row) => (row.endpoint === chosen ? { ...row, chosen: true } : row))
    known.byChosen.set(chosen, rows)
  }
  return rows
}

function entryOf({ servicePorts, interfaceAddresses, nodeIp }: ProxyView, { dst, dport, protocol }: Packet): Entry | undefined {
  const doors = doorsOf(servicePorts)
  const entry = doors.byAddress.get(dst)?.find(({ port }) => port.port === dport && port.protocol === protocol)
  if (entry) return entry
  const isOwn = dst === nodeIp || interfaceAddresses.includes(dst)
  return isOwn ? doors.byNodePort.get(dport)?.find(({ port }) => port.protocol === protocol) : undefined
}

type Doors = { readonly byAddress: ReadonlyMap<string, readonly Entry[]>; readonly byNodePort: ReadonlyMap<number, readonly Entry[]> }

const doorsOfPorts = new WeakMap<readonly ServicePortView[], Doors>()

/** Where service ports are dialled, the first one first: remembered with the list, as many requests ask. */
function doorsOf(ports: readonly ServicePortView[]): Doors {
  const known = doorsOfPorts.get(ports)
  if (known) return known
  const byAddress = new Map<string, Entry[]>()
  const byNodePort = new Map<number, Entry[]>()
  for (const port of ports) {
    add(byAddress, port.clusterIp, { port, external: false })
    for (const ip of [...port.externalIps, ...port.loadBalancerVips]) add(byAddress, ip, { port, external: true })
    if (port.nodePort) add(byNodePort, port.nodePort, { port, external: true })
  }
  const doors = { byAddress, byNodePort }
  doorsOfPorts.set(ports, doors)
  return doors
}

const offered = new WeakMap<readonly Choice[], ReadonlySet<string>>()

function add<K>(doors: Map<K, Entry[]>, key: K, entry: Entry): void {
  const known = doors.get(key)
  if (known) known.push(entry)
  else doors.set(key, [entry])
}

/** The list that was chosen from: what the choice itself offered, else what the traffic policy leaves. */
function candidatesOf({ port, external }: Entry, steps: readonly Step[], chosen: string | undefined): ReadonlySet<string> {
  const choice = steps.find((step) => step.step === 'choose' && step.options.length > 1)
  if (choice?.step === 'choose') {
    let set = offered.get(choice.options)
    if (!set) {
      set = new Set(choice.options.map(({ to }) => to))
      offered.set(choice.options, set)
    }
    return set
  }
  const local = external ? port.externalPolicyLocal : port.internalPolicyLocal
  const { categories } = port
  const list = local ? categories.local : categories.cluster
  const texts = new Set(list.map(({ text }) => text))
  // A Pod or the node itself short-circuits a Local policy: then the cluster's list was used.
  return chosen !== undefined && !texts.has(chosen) ? new Set(categories.cluster.map(({ text }) => text)) : texts
}

function chosenOf(steps: readonly Step[]): string | undefined {
  const rewrite = steps.find((step) => step.step === 'rewrite' && (step.what === 'dnat' || step.what === 'ipvs'))
  return rewrite?.step === 'rewrite' ? hostPort(rewrite.after.dst, rewrite.after.dport) : undefined
}

/** `affine`: affinity has decided, for the one endpoint that was chosen. */
function rowOf(
  cluster: Cluster,
  node: string,
  entry: Entry,
  endpoint: ProxyEndpoint,
  candidates: ReadonlySet<string>,
  affine?: { readonly chosen: string | undefined },
): EndpointRow {
  const { text, ready, serving, terminating, local } = endpoint
  const isCandidate = candidates.has(text)
  const isChosen = affine !== undefined && text === affine.chosen
  const placed = placeOf(cluster, endpoint)
  const excluded = isCandidate ? (affine && !isChosen ? ('affinity' as const) : undefined) : whyNot(cluster, node, entry, endpoint)
  const probability = affine ? (isChosen ? 1 : 0) : isCandidate ? 1 / candidates.size : 0
  return {
    endpoint: text,
    ...(endpoint.pod !== undefined && { pod: endpoint.pod.slice('Pod/'.length) }),
    ...placed,
    ready,
    serving,
    terminating,
    local,
    zoneHints: endpoint.zoneHints,
    probability,
    chosen: isChosen,
    ...(excluded && { excluded }),
  }
}

type Placed = { readonly node?: string; readonly zone?: string }
type Placing = { readonly slices: unknown; readonly nodes: unknown; readonly placed: Placed }

const placings = new WeakMap<ProxyEndpoint, Placing>()

/** Where an endpoint is, remembered while the slices and Nodes are the same values. */
function placeOf(cluster: Cluster, endpoint: ProxyEndpoint): Placed {
  const [slices, nodes] = [cluster.byKind.get('EndpointSlice'), cluster.byKind.get('Node')]
  const known = placings.get(endpoint)
  if (known && known.slices === slices && known.nodes === nodes) return known.placed
  const placed = findPlace(cluster, endpoint)
  placings.set(endpoint, { slices, nodes, placed })
  return placed
}

function findPlace(cluster: Cluster, endpoint: ProxyEndpoint): Placed {
  const [, namespace = '', name = ''] = endpoint.slice.split('/')
  const source = find(cluster, 'EndpointSlice', namespace, name)?.endpoints?.[endpoint.index]
  const node = source?.nodeName
  const zone = source?.zone ?? (node === undefined ? undefined : find(cluster, 'Node', '', node)?.metadata.labels?.[ZONE_LABEL])
  return { ...(node !== undefined && { node }), ...(zone !== undefined && { zone }) }
}

function whyNot(cluster: Cluster, node: string, { port, external }: Entry, endpoint: ProxyEndpoint): NonNullable<EndpointRow['excluded']> {
  if (endpoint.terminating) return 'terminating'
  if (!endpoint.ready) return 'not-ready'
  const local = external ? port.externalPolicyLocal : port.internalPolicyLocal
  if (local && !endpoint.local) return 'not-local'
  const zone = find(cluster, 'Node', '', node)?.metadata.labels?.[ZONE_LABEL]
  if (endpoint.zoneHints.length > 0 && (zone === undefined || !endpoint.zoneHints.includes(zone))) return 'other-zone'
  return 'other-node'
}

const byService = new WeakMap<object, ReadonlyMap<string, readonly EndpointSlice[]>>()

/** The slices by the Service they belong to, remembered with the cluster's slices: many requests ask. */
function slicesByService(cluster: Cluster): ReadonlyMap<string, readonly EndpointSlice[]> {
  const all = cluster.byKind.get('EndpointSlice')
  const known = all && byService.get(all)
  if (known) return known
  const index = new Map<string, EndpointSlice[]>()
  for (const slice of list(cluster, 'EndpointSlice')) {
    const key = `${slice.metadata.namespace}/${slice.metadata.labels?.[SERVICE_NAME_LABEL]}`
    const slices = index.get(key)
    if (slices) slices.push(slice)
    else index.set(key, [slice])
  }
  if (all) byService.set(all, index)
  return index
}

/** Endpoints of the Service whose slice lacks this port: their Pods have no port of the name that `targetPort` asks for. */
function portlessRows(cluster: Cluster, node: string, port: ServicePortView): readonly EndpointRow[] {
  const slices = slicesByService(cluster).get(`${port.namespace}/${port.serviceName}`) ?? []
  const hasPort = ({ ports }: EndpointSlice) =>
    ports?.some((one) => (one.name ?? '') === port.portName && (one.protocol ?? 'TCP') === port.protocol) ?? false
  const lacking = slices.filter((slice) => !hasPort(slice))
  if (lacking.length === 0) return []
  const known = new Set(port.endpoints.map(({ ip }) => ip))
  const rows = new Map<string, EndpointRow>()
  for (const slice of lacking) {
    for (const { addresses, conditions, nodeName, zone, targetRef } of slice.endpoints ?? []) {
      const endpoint = addresses[0] ?? ''
      if (known.has(endpoint) || endpoint.includes(':') !== port.clusterIp.includes(':')) continue
      rows.set(endpoint, {
        endpoint,
        ...(targetRef?.kind === 'Pod' && { pod: `${slice.metadata.namespace}/${targetRef.name ?? ''}` }),
        ...(nodeName !== undefined && { node: nodeName }),
        ready: conditions?.ready !== false,
        serving: conditions?.serving ?? conditions?.ready !== false,
        terminating: conditions?.terminating ?? false,
        local: nodeName === node,
        ...(zone !== undefined && { zone }),
        zoneHints: [],
        probability: 0,
        chosen: false,
        excluded: 'port-missing',
      })
    }
  }
  return [...rows.values()]
}
