import type { ApiObject } from '../core/api/cluster.ts'
import type { Client } from '../core/api/kinds/config.ts'
import type { Node } from '../core/api/kinds/node.ts'
import type { Pod } from '../core/api/kinds/pod.ts'
import type { Service } from '../core/api/kinds/service.ts'
import type { RequestSpec, Snapshot } from '../core/sim/session.ts'
import { nodeIpsOf } from '../view/address.ts'

/** The request that a fresh cluster is opened with: the scenario's first, else from the first own Pod to the first own Service. */
export function firstRequest(snapshot: Snapshot): RequestSpec {
  const written = snapshot.scenario?.requests[0]
  if (written) return written
  const services = ofKind<Service>(snapshot, 'Service').filter((service) => !isSystem(service))
  const service = services[0]
  const port = service?.spec.ports?.[0]?.port
  const to = service ? `http://${hostOf(service)}${port === undefined || port === 80 ? '' : `:${port}`}/` : 'http://kubernetes.default/'
  return { from: clientFor(snapshot, service), to }
}

/** Whether an object belongs to the cluster rather than to the person who typed. */
export function isSystem(object: ApiObject): boolean {
  const { name, namespace } = object.metadata
  return namespace === 'kube-system' || (object.kind === 'Service' && namespace === 'default' && name === 'kubernetes')
}

/** A client Pod: one that the Service does not select, else any, else outside. */
function clientFor(snapshot: Snapshot, service: Service | undefined): string {
  const pods = ofKind<Pod>(snapshot, 'Pod').filter((pod) => !isSystem(pod))
  const selector = Object.entries(service?.spec.selector ?? {})
  const selected = (pod: Pod) => selector.length > 0 && selector.every(([key, value]) => pod.metadata.labels?.[key] === value)
  const pod = pods.find((candidate) => !selected(candidate)) ?? pods[0]
  return pod ? `pod/${pod.metadata.namespace ?? 'default'}/${pod.metadata.name}` : 'outside'
}

function hostOf(service: Service): string {
  const { name, namespace } = service.metadata
  return namespace === 'default' ? name : `${name}.${namespace}`
}

/** The snapshot's objects of one kind. */
export function ofKind<T extends ApiObject>(snapshot: Snapshot, kind: T['kind'] & string): readonly T[] {
  return snapshot.objects.filter((object) => object.kind === kind) as readonly ApiObject[] as readonly T[]
}

/** Every place a request can start from, in the words of `from`, grouped for a menu. */
export function originsOf(
  snapshot: Snapshot,
): readonly { readonly group: 'clients' | 'nodes' | 'pods'; readonly values: readonly string[] }[] {
  const named = (object: ApiObject) => object.metadata.name
  const clients = snapshot.objects.filter((object) => object.kind === 'Client').map((client) => `client/${named(client)}`)
  return [
    { group: 'clients', values: ['outside', ...clients.filter((client) => client !== 'client/outside')] },
    { group: 'pods', values: ofKind<Pod>(snapshot, 'Pod').map((pod) => `pod/${pod.metadata.namespace ?? 'default'}/${named(pod)}`) },
    { group: 'nodes', values: snapshot.objects.filter((object) => object.kind === 'Node').map((node) => `node/${named(node)}`) },
  ]
}

/** Likely targets, for completion: every Service by name and address, nodePorts, Pods by address, and the two tools. */
export function targetsOf(snapshot: Snapshot): readonly string[] {
  const nodeIp = ofKind<Node>(snapshot, 'Node').flatMap((node) => node.status?.addresses?.[0]?.address ?? [])[1]
  const services = ofKind<Service>(snapshot, 'Service').filter((service) => !isSystem(service))
  const byService = services.slice(0, MOST).flatMap((service) => serviceTargets(service, nodeIp))
  const pods = ofKind<Pod>(snapshot, 'Pod').filter((pod) => !isSystem(pod))
  const byPod = pods.slice(0, MOST).flatMap((pod) => {
    const port = pod.spec.containers[0]?.ports?.[0]?.containerPort
    return pod.status?.podIP ? [`http://${urlHost(pod.status.podIP)}:${port ?? 80}/`] : []
  })
  return [...new Set([...byService, ...byPod])]
}

const MOST = 50

function serviceTargets(service: Service, nodeIp: string | undefined): readonly string[] {
  const host = hostOf(service)
  const { clusterIP, ports = [] } = service.spec
  const perPort = ports.flatMap(({ port, nodePort, protocol }) => {
    const at = (name: string, number: number) =>
      protocol === 'TCP' ? `http://${urlHost(name)}${number === 80 ? '' : `:${number}`}/` : `${urlHost(name)}:${number}`
    return [
      at(host, port),
      ...(clusterIP && clusterIP !== 'None' ? [at(clusterIP, port)] : []),
      ...(nodePort && nodeIp ? [at(nodeIp, nodePort)] : []),
    ]
  })
  return [...perPort, `nslookup ${host}`, ...(clusterIP && clusterIP !== 'None' ? [`ping ${clusterIP}`] : [])]
}

const urlHost = (host: string) => (host.includes(':') ? `[${host}]` : host)

/** Whether the place a request starts from exists; `deploy/…` and clients are left to the core to find. */
export function originExists(snapshot: Snapshot, from: string): boolean {
  return !/^(pod|node)\//.test(from) || originOf(snapshot, from) !== undefined
}

/** The address a request starts from, if the place is there. */
export function addressOf(snapshot: Snapshot, from: string): string | undefined {
  const object = originOf(snapshot, from)
  if (object?.kind === 'Pod') return (object as Pod).status?.podIP
  if (object?.kind === 'Node') return nodeIpsOf(object as Node)[0]
  return object?.kind === 'Client' ? (object as Client).spec?.ip : undefined
}

/** The node a request starts on; undefined for clients outside. */
export function nodeOf(snapshot: Snapshot, from: string): string | undefined {
  const object = originOf(snapshot, from)
  return object?.kind === 'Pod' ? (object as Pod).spec.nodeName : object?.kind === 'Node' ? object.metadata.name : undefined
}

function originOf(snapshot: Snapshot, from: string): ApiObject | undefined {
  const [kind = '', ...rest] = from === 'outside' ? ['client', 'outside'] : from.split('/')
  const name = rest.at(-1) ?? ''
  const namespace = rest.length > 1 ? rest[0] : 'default'
  const wanted = { pod: 'Pod', node: 'Node', client: 'Client', deploy: 'Pod' }[kind]
  return snapshot.objects.find((object) => {
    if (object.kind !== wanted) return false
    if (wanted === 'Pod' && (object.metadata.namespace ?? 'default') !== namespace) return false
    // The first Pod of a Deployment: its name begins with the Deployment's.
    return kind === 'deploy' ? object.metadata.name.startsWith(`${name}-`) : object.metadata.name === name
  })
}
