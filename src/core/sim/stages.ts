import { type Cluster, find, list } from '../api/cluster.ts'
import type { Gateway } from '../api/kinds/gateway.ts'
import type { Ingress } from '../api/kinds/ingress.ts'
import type { Pod } from '../api/kinds/pod.ts'
import type { ApiObjectBase } from '../api/meta.ts'
import type { Packet } from '../kernel/packet.ts'
import { claimOf } from '../l7/classes.ts'
import { served } from '../l7/gateway/attach.ts'
import { compileGateway } from '../l7/gateway/compile.ts'
import type { ControllerConfig, Profile } from '../l7/profile.ts'
import { controllerOfImage, profileOf } from '../l7/profiles/index.ts'
import type { RouteTable } from '../l7/routes.ts'
import type { Host } from '../trace/network.ts'
import type { Stage } from '../trace/stage.ts'

const tables = new WeakMap<Cluster, Map<string, RouteTable>>()

function tableOf(cluster: Cluster, key: string, make: () => RouteTable): RouteTable {
  let byKey = tables.get(cluster)
  if (!byKey) {
    byKey = new Map()
    tables.set(cluster, byKey)
  }
  const known = byKey.get(key) ?? make()
  byKey.set(key, known)
  return known
}

/** Which ingress controller a Pod is: by annotation, or by its image. */
export function controllerOf(pod: Pod): string | undefined {
  const said = pod.metadata.annotations?.['kubehop.dev/controller']
  if (said !== undefined) return said
  for (const { image } of pod.spec.containers) {
    const known = controllerOfImage(image ?? '')
    if (known !== undefined) return known
  }
  return undefined
}

/** The proxy behind a socket: an ingress controller's Pod on its ports, a gateway, or a provider's load balancer of an Ingress. */
export function stageOf(
  cluster: Cluster,
  host: Host,
  pod: { namespace: string; name: string } | undefined,
  packet: Packet,
): Stage | undefined {
  if (packet.protocol !== 'TCP') return undefined
  if (host.host === 'client') return host.proxy === undefined ? undefined : outsideStage(cluster, host.proxy, packet)
  const object = pod && find(cluster, 'Pod', pod.namespace, pod.name)
  const controller = object && controllerOf(object)
  const profile = controller === undefined ? undefined : profileOf(controller)
  if (!object || !profile || (packet.dport !== profile.httpPort && packet.dport !== profile.httpsPort)) return undefined
  const config = configOf(cluster, object)
  const table = tableOf(cluster, `${profile.controller} ${JSON.stringify(config)}`, () => profile.compile(cluster, config))
  const key = `${object.metadata.namespace ?? 'default'}/${object.metadata.name}`
  return { name: profile.name, key, table, scheme: packet.dport === profile.httpsPort ? 'https' : 'http', ...failures(profile) }
}

/** HAProxy answers 503 where it cannot connect; the others say 502. */
function failures(profile: Profile): Pick<Stage, 'refused' | 'timedOut'> {
  return { refused: profile.name.includes('haproxy') ? 503 : 502, timedOut: 504 }
}

function outsideStage(cluster: Cluster, proxy: string, packet: Packet): Stage | undefined {
  const [kind = '', namespace = '', name = ''] = proxy.split('/')
  const key = `${namespace}/${name}`
  if (kind === 'Gateway') {
    const gateway = find(cluster, kind as never, namespace, name) as Gateway | undefined
    const listeners = gateway && served(cluster, gateway) ? gateway.spec.listeners.filter(({ port }) => port === packet.dport) : []
    const scheme = listeners[0]?.protocol === 'HTTPS' ? 'https' : 'http'
    if (!gateway || listeners.length === 0) return undefined
    return {
      name: 'gateway',
      key,
      table: tableOf(cluster, proxy, () => compileGateway(cluster, gateway)),
      scheme,
      refused: 502,
      timedOut: 504,
    }
  }
  const ingress: Ingress | undefined = find(cluster, 'Ingress', namespace, name)
  const profile = profileOf('kubehop.dev/cloud')
  if (!ingress || !profile || !claimOf(cluster, ingress, profile.classes({})).claimed) return undefined
  if (packet.dport !== 80 && packet.dport !== 443) return undefined
  const table = tableOf(cluster, profile.controller, () => profile.compile(cluster, {}))
  return { name: profile.name, key, table, scheme: packet.dport === 443 ? 'https' : 'http', ...failures(profile) }
}

/** How a controller was started: its flags, and the ConfigMap that they name. */
function configOf(cluster: Cluster, pod: Pod): ControllerConfig {
  const namespace = pod.metadata.namespace ?? 'default'
  const words = pod.spec.containers.flatMap(({ args, command }) => [...(command ?? []), ...(args ?? [])])
  const flags: Record<string, string> = {}
  for (const word of words) {
    const match = /^--?([^=\s]+)(?:=(.*))?$/.exec(word)
    if (match?.[1] !== undefined) flags[match[1]] = (match[2] ?? 'true').replaceAll('$(POD_NAMESPACE)', namespace)
  }
  const named = flags['configmap'] ?? flags['configMap']
  const [space = namespace, name = 'ingress-nginx-controller'] = named?.includes('/')
    ? named.split('/')
    : [namespace, named ?? 'ingress-nginx-controller']
  const map = (list(cluster, 'ConfigMap') as readonly ApiObjectBase[]).find(
    ({ metadata }) => metadata.namespace === space && metadata.name === name,
  )
  const data = (map as { readonly data?: Readonly<Record<string, string>> } | undefined)?.data
  return { flags, ...(data && { configMap: data }) }
}
