import type { Cluster } from '../api/cluster.ts'
import { list } from '../api/cluster.ts'
import type { Pod } from '../api/kinds/pod.ts'
import { controllerOf } from '../api/meta.ts'
import type { Protocol } from '../kernel/packet.ts'
import { type Host, networkOf } from '../trace/network.ts'
import { parseTarget, type Target } from '../trace/target.ts'
import type { RequestSpec } from './session.ts'

/** A request that makes sense in a cluster. */
export type Request = {
  readonly spec: RequestSpec
  readonly client: Host
  readonly pod?: Pod
  /** As people write it: `default/client-…`, `demo-worker`, `outside`. */
  readonly label: string
  readonly target: Target
  readonly protocol: Protocol
  readonly method: string
}

/** Reads a request; a text says what is wrong with it. */
export function readRequest(cluster: Cluster, spec: RequestSpec): Request | string {
  const target = parseTarget(spec.to)
  if (typeof target === 'string') return target
  const from = knownSender(cluster, spec.from)
  if (typeof from === 'string') return from
  const network = networkOf(cluster)
  if (spec.via !== undefined && !network.nodes.has(spec.via)) return `via: there is no node ${spec.via}`
  const protocol = (spec.protocol ?? (target.target === 'ping' ? 'icmp' : 'tcp')).toUpperCase()
  if (protocol !== 'TCP' && protocol !== 'UDP' && protocol !== 'SCTP' && protocol !== 'ICMP')
    return `${spec.protocol} is no protocol: tcp, udp, sctp or icmp`
  const meant: Target =
    protocol === 'ICMP' && (target.target === 'http' || target.target === 'socket') ? { target: 'ping', host: target.host } : target
  return { spec, ...from, target: meant, protocol, method: spec.method ?? 'GET' }
}

type Sender = Pick<Request, 'client' | 'pod' | 'label'>

const MOST_REMEMBERED = 10_000
const senders = new WeakMap<Cluster, Map<string, Sender | string>>()

/** Who a text means, remembered with the cluster: the same one often sends many times. */
function knownSender(cluster: Cluster, from: string): Sender | string {
  const known = senders.get(cluster) ?? new Map<string, Sender | string>()
  senders.set(cluster, known)
  let sender = known.get(from)
  if (sender === undefined) {
    sender = senderOf(cluster, from)
    if (known.size > MOST_REMEMBERED) known.clear()
    known.set(from, sender)
  }
  return sender
}

/** `outside`, `client/NAME`, `node/NAME`, `pod/NS/NAME` or `deploy/[NS/]NAME[#i]` (its i-th Pod by name, the first is 0). */
function senderOf(cluster: Cluster, from: string): Sender | string {
  const network = networkOf(cluster)
  const [kind = '', ...rest] = from.trim().split('/')
  const name = rest.join('/')
  if (rest.length === 0) return clientSender(cluster, from.trim())
  switch (kind.toLowerCase()) {
    case 'client':
      return clientSender(cluster, name)
    case 'node':
    case 'no':
    case 'nodes': {
      const node = network.nodes.get(name)
      return node ? { client: node, label: name } : `from: there is no node ${name}`
    }
    case 'pod':
    case 'po':
    case 'pods':
      return podSender(cluster, name.includes('/') ? name : `default/${name}`)
    case 'deploy':
    case 'deployment':
    case 'sts':
    case 'statefulset':
    case 'ds':
    case 'daemonset':
    case 'rs':
    case 'replicaset':
      return workloadSender(cluster, kind.toLowerCase(), name)
  }
  return `from: "${from}" is none of outside, client/NAME, node/NAME, pod/NS/NAME, deploy/NAME`
}

function clientSender(cluster: Cluster, name: string): Sender | string {
  const { clients, nodes } = networkOf(cluster)
  const client = clients.get(name) ?? (name === 'outside' ? [...clients.values()][0] : undefined)
  if (client) return { client, label: client.name }
  const node = nodes.get(name)
  return node ? { client: node, label: name } : `from: there is nobody called ${name}`
}

function podSender(cluster: Cluster, name: string): Sender | string {
  const { pods, hostPods, nodes } = networkOf(cluster)
  const pod = pods.get(name)
  if (pod) return { client: pod, label: name, ...(pod.pod && { pod: pod.pod }) }
  const hostPod = hostPods.get(name)
  const node = hostPod && nodes.get(hostPod.spec.nodeName ?? '')
  if (node) return { client: node, label: name, pod: hostPod }
  const exists = list(cluster, 'Pod').some(({ metadata }) => `${metadata.namespace}/${metadata.name}` === name)
  return exists ? `from: Pod ${name} does not run` : `from: there is no Pod ${name}`
}

const WORKLOADS: Readonly<Record<string, string>> = {
  deploy: 'Deployment',
  deployment: 'Deployment',
  sts: 'StatefulSet',
  statefulset: 'StatefulSet',
  ds: 'DaemonSet',
  daemonset: 'DaemonSet',
  rs: 'ReplicaSet',
  replicaset: 'ReplicaSet',
}

function workloadSender(cluster: Cluster, short: string, rest: string): Sender | string {
  const name = podOfWorkload(cluster, WORKLOADS[short] ?? 'Deployment', rest)
  return name === undefined ? `from: ${short}/${rest} has no such Pod` : podSender(cluster, name)
}

/** `[NS/]NAME[#i]` of a workload as `namespace/name` of its i-th Pod by name, counted from 0. */
export function podOfWorkload(cluster: Cluster, kind: string, text: string): string | undefined {
  const [path = '', index = '0'] = text.split('#')
  const slash = path.indexOf('/')
  const namespace = slash < 0 ? 'default' : path.slice(0, slash)
  const name = path.slice(slash + 1)
  const owners = new Set([`${kind} ${name}`])
  if (kind === 'Deployment') {
    for (const set of list(cluster, 'ReplicaSet')) {
      const owner = controllerOf(set)
      if (set.metadata.namespace === namespace && owner?.kind === kind && owner.name === name) owners.add(`ReplicaSet ${set.metadata.name}`)
    }
  }
  const pods = list(cluster, 'Pod').filter((pod) => {
    const owner = controllerOf(pod)
    return pod.metadata.namespace === namespace && owner !== undefined && owners.has(`${owner.kind} ${owner.name}`)
  })
  // Those that go on come before those that are being deleted.
  const living = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  const pod = [...living, ...pods.filter((one) => !living.includes(one))][Number(index)]
  return pod && `${namespace}/${pod.metadata.name}`
}
