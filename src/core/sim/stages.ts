import { type Cluster, find, list } from '../api/cluster.ts'
import type { Gateway, Listener } from '../api/kinds/gateway.ts'
import type { Ingress } from '../api/kinds/ingress.ts'
import type { Pod } from '../api/kinds/pod.ts'
import type { Packet } from '../kernel/packet.ts'
import { coversName, certifies as hasCertificate, secretNames } from '../l7/certificates.ts'
import { claimOf } from '../l7/classes.ts'
import { configOf, ingressControllerOf, runningControllers, schemeOn, servicesOf } from '../l7/controllers.ts'
import { certificatesOf, conflictOf, served } from '../l7/gateway/attach.ts'
import { compileGateway } from '../l7/gateway/compile.ts'
import type { ControllerConfig, Profile } from '../l7/profile.ts'
import { profileOf } from '../l7/profiles/index.ts'
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
  const controller = object && ingressControllerOf(object)
  const profile = controller === undefined ? undefined : profileOf(controller)
  if (!object || !profile) return undefined
  const config = configOf(cluster, object)
  const scheme = schemeOn({ pod: object, profile, config }, packet.dport)
  if (scheme === undefined) return undefined
  const table = tableOf(cluster, `${profile.controller} ${JSON.stringify(config)}`, () => profile.compile(cluster, config))
  const key = `${object.metadata.namespace ?? 'default'}/${object.metadata.name}`
  const certifies = (asked: string) => ingressCertifies(cluster, profile, config, table, asked)
  return { name: profile.name, key, table, scheme, certifies, ...failures(profile) }
}

/** Whether a Secret that the controller's Ingresses name is for a host; all others see the controller's own certificate. */
function ingressCertifies(cluster: Cluster, profile: Profile, config: ControllerConfig, table: RouteTable, name: string): boolean {
  const classes = profile.classes(config)
  const own = list(cluster, 'Ingress').filter((ingress) => claimOf(cluster, ingress, classes).claimed)
  return hasCertificate(cluster, table, own, name)
}

/** What the profiles do when an endpoint takes no connection: nginx and HAProxy try others, and HAProxy says 503 where the others say 502. */
function failures(profile: Profile): Pick<Stage, 'refused' | 'timedOut' | 'tries'> {
  const haproxy = profile.controller.includes('haproxy')
  // proxy_next_upstream_tries is 3; HAProxy retries 3 times, the last time elsewhere (redispatch).
  const tries = profile.controller === 'k8s.io/ingress-nginx' ? 3 : haproxy ? 2 : 1
  return { refused: haproxy ? 503 : 502, timedOut: 504, tries }
}

function outsideStage(cluster: Cluster, proxy: string, packet: Packet): Stage | undefined {
  const [kind = '', namespace = '', name = ''] = proxy.split('/')
  const key = `${namespace}/${name}`
  if (kind === 'Gateway') {
    const gateway = find(cluster, kind as never, namespace, name) as Gateway | undefined
    const here = gateway && served(cluster, gateway) ? gateway.spec.listeners.filter(({ port }) => port === packet.dport) : []
    const listeners = here.filter((listener) => gateway && !conflictOf(gateway, listener))
    const protocol = listeners[0]?.protocol
    const scheme = protocol === 'HTTPS' || protocol === 'TLS' ? 'https' : 'http'
    if (!gateway || listeners.length === 0) return undefined
    return {
      name: 'gateway',
      key,
      certifies: (asked) => protocol === 'TLS' || gatewayCertifies(cluster, gateway, listeners, asked),
      table: tableOf(cluster, proxy, () => compileGateway(cluster, gateway)),
      scheme,
      refused: 502,
      timedOut: 504,
      tries: 1,
    }
  }
  const ingress: Ingress | undefined = find(cluster, 'Ingress', namespace, name)
  const profile = profileOf('kubehop.dev/cloud')
  if (!ingress || !profile || !claimOf(cluster, ingress, profile.classes({})).claimed) return undefined
  if (packet.dport !== 80 && packet.dport !== 443) return undefined
  const table = tableOf(cluster, profile.controller, () => profile.compile(cluster, {}))
  const certifies = (asked: string) => ingressCertifies(cluster, profile, {}, table, asked)
  return { name: profile.name, key, table, scheme: packet.dport === 443 ? 'https' : 'http', certifies, ...failures(profile) }
}

/** A listener's certificates are for the names in them, or where they cannot be read for the listener's own hostname. */
function gatewayCertifies(cluster: Cluster, gateway: Gateway, listeners: readonly Listener[], name: string): boolean {
  return listeners.some((listener) =>
    certificatesOf(cluster, gateway, listener).secrets.some((secret) => {
      const [, namespace = '', own = ''] = secret.split('/')
      const names = secretNames(cluster, namespace, own) ?? []
      return (names.length > 0 ? names : [listener.hostname ?? '*']).some((pattern) => coversName(pattern, name))
    }),
  )
}

const published = new WeakMap<Cluster, ReadonlyMap<string, readonly string[]>>()

/**
 * Hosts of Ingresses at the load balancer's address of the controller that serves them: what an administrator tells the DNS of the world
 * outside, by hand or with external-dns.
 */
export function publishedHosts(cluster: Cluster): ReadonlyMap<string, readonly string[]> {
  const known = published.get(cluster)
  if (known) return known
  const hosts = new Map<string, readonly string[]>()
  if (list(cluster, 'Ingress').length > 0) {
    for (const { pod, profile, config } of runningControllers(cluster)) {
      const ips = balancerAddresses(cluster, pod)
      if (ips.length === 0) continue
      const classes = profile.classes(config)
      for (const ingress of list(cluster, 'Ingress')) {
        if (!claimOf(cluster, ingress, classes).claimed) continue
        for (const { host } of ingress.spec.rules ?? []) if (host) hosts.set(host.toLowerCase(), ips)
      }
    }
  }
  published.set(cluster, hosts)
  return hosts
}

/** The load balancer's addresses of the Services that select a Pod. */
function balancerAddresses(cluster: Cluster, pod: Pod): readonly string[] {
  return servicesOf(cluster, pod).flatMap(({ spec, status }) =>
    spec.type === 'LoadBalancer' ? (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []) : [],
  )
}
