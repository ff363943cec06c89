import { draw } from '../../src/core/base/chance.ts'

/** One connection to open: who dials what, by which node an outside packet enters. */
export type Probe = { readonly from: string; readonly to: string; readonly via?: string; readonly protocol: 'tcp' | 'udp' }
export type RandomWorld = { readonly name: string; readonly yaml: string; readonly probes: readonly Probe[] }

const NODES = ['n1', 'n2', 'n3'] as const
const BACKENDS = ['b1', 'b2', 'b3', 'b4', 'b5', 'b6'] as const
const nodeOf = (index: number) => NODES[index % 3]!
const ipOf = (index: number) => `10.244.${(index % 3) + 1}.${Math.floor(index / 3) + 10}`

/** The network that all random worlds share: three nodes, two Pods to dial from, six to be dialled, one client outside. */
export const NETWORK = [
  ...NODES.map((name, i) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'topology.kubernetes.io/zone': i === 2 ? 'z2' : 'z1' } },
    spec: { podCIDR: `10.244.${i + 1}.0/24`, podCIDRs: [`10.244.${i + 1}.0/24`] },
    status: { addresses: [{ type: 'InternalIP', address: `172.18.0.${i + 2}` }], conditions: [{ type: 'Ready', status: 'True' }] },
  })),
  ...['c1', 'c2'].map((name, i) => pod(name, NODES[i]!, `10.244.${i + 1}.200`)),
  ...BACKENDS.map((name, i) => pod(name, nodeOf(i), ipOf(i))),
]

function pod(name: string, nodeName: string, podIP: string) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'w', annotations: { 'kubehop.dev/listen': '8080,8080/UDP,9090,9090/UDP' } },
    spec: { nodeName, containers: [{ name: 'c', image: 'echo' }] },
    status: { phase: 'Running', podIP, podIPs: [{ ip: podIP }], conditions: [{ type: 'Ready', status: 'True' }] },
  }
}

/** A world of one to four Services with hand-written slices in every state, and probes at every way in. The same seed, the same world. */
export function randomWorld(seed: number): RandomWorld {
  const chance = (...key: (string | number)[]) => draw(seed, ...key)
  const pick = <T>(list: readonly T[], ...key: (string | number)[]): T => list[Math.floor(chance(...key) * list.length)]!
  const config = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clusterCIDR: chance('cidr') < 0.85 ? '10.244.0.0/16' : '',
    ...(chance('all') < 0.15 ? { iptables: { masqueradeAll: true }, nftables: { masqueradeAll: true } } : {}),
    ...(chance('nodecidr') < 0.15 ? { detectLocalMode: 'NodeCIDR' } : {}),
  }
  const services: object[] = []
  const probes: Probe[] = []
  const count = 1 + Math.floor(chance('count') * 4)
  for (let s = 0; s < count; s++) {
    const made = randomService(s, chance, pick)
    services.push(...made.objects)
    probes.push(...made.probes)
  }
  const chosen = probes
    .map((probe, i) => ({ probe, at: chance('probe', i) }))
    .sort((a, b) => a.at - b.at)
    .slice(0, 14)
  return {
    name: `random ${seed}`,
    yaml: [config, ...NETWORK, ...services].map((object) => JSON.stringify(object)).join('\n---\n'),
    probes: chosen.map(({ probe }) => probe),
  }
}

type Chance = (...key: (string | number)[]) => number
type Pick = <T>(list: readonly T[], ...key: (string | number)[]) => T

function randomService(s: number, chance: Chance, pick: Pick): { readonly objects: object[]; readonly probes: Probe[] } {
  const name = `s${s}`
  const type = pick(['ClusterIP', 'NodePort', 'LoadBalancer'], s, 'type')
  const clusterIP = `10.96.1.${s + 1}`
  const protocol = chance(s, 'udp') < 0.25 ? 'UDP' : 'TCP'
  const external = type === 'ClusterIP' && chance(s, 'external') < 0.3
  const ranges = type === 'LoadBalancer' && chance(s, 'ranges') < 0.4
  const affinity = chance(s, 'affinity') < 0.2
  const lbIp = `172.18.250.${s + 1}`
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'w' },
    spec: {
      type,
      clusterIP,
      clusterIPs: [clusterIP],
      ports: [{ name: 'p', port: 80, targetPort: 8080, protocol, ...(type === 'ClusterIP' ? {} : { nodePort: 30100 + s }) }],
      ...(chance(s, 'itp') < 0.25 ? { internalTrafficPolicy: 'Local' } : {}),
      ...((type !== 'ClusterIP' || external) && chance(s, 'etp') < 0.45 ? { externalTrafficPolicy: 'Local' } : {}),
      ...(external ? { externalIPs: [`192.0.2.${s + 1}`] } : {}),
      ...(ranges
        ? { loadBalancerSourceRanges: [pick(['172.18.0.100/32', '10.0.0.0/8', '203.0.113.0/24', '172.18.0.0/16'], s, 'range')] }
        : {}),
      ...(affinity ? { sessionAffinity: 'ClientIP' } : {}),
    },
    ...(type === 'LoadBalancer'
      ? { status: { loadBalancer: { ingress: [{ ip: lbIp, ipMode: chance(s, 'proxy') < 0.2 ? 'Proxy' : 'VIP' }] } } }
      : {}),
  }
  return { objects: [service, randomSlice(name, s, protocol, chance)], probes: probesOf({ s, type, clusterIP, protocol, external, lbIp }) }
}

function randomSlice(name: string, s: number, protocol: string, chance: Chance): object {
  const many = Math.floor(chance(s, 'endpoints') * 6)
  const endpoints = BACKENDS.map((backend, i) => ({ backend, i, at: chance(s, backend) }))
    .sort((a, b) => a.at - b.at)
    .slice(0, many)
    .map(({ backend, i }) => {
      const state = chance(s, backend, 'state')
      const conditions =
        state < 0.65
          ? { ready: true, serving: true, terminating: false }
          : state < 0.8
            ? { ready: false, serving: true, terminating: true }
            : state < 0.9
              ? { ready: false, serving: false, terminating: false }
              : { ready: false, serving: false, terminating: true }
      return { addresses: [ipOf(i)], conditions, nodeName: nodeOf(i), targetRef: { kind: 'Pod', namespace: 'w', name: backend } }
    })
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${name}-x`, namespace: 'w', labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: 'p', port: 8080, protocol }],
    endpoints,
  }
}

function probesOf(service: {
  readonly s: number
  readonly type: string
  readonly clusterIP: string
  readonly protocol: string
  readonly external: boolean
  readonly lbIp: string
}): Probe[] {
  const protocol = service.protocol === 'UDP' ? ('udp' as const) : ('tcp' as const)
  const insiders = ['pod/w/c1', 'pod/w/c2', 'node/n1', 'node/n3', ...BACKENDS.slice(0, 2).map((name) => `pod/w/${name}`)]
  const to = (from: string, address: string, via?: string): Probe => ({ from, to: address, protocol, ...(via ? { via } : {}) })
  const out: Probe[] = insiders.flatMap((from) => [to(from, `${service.clusterIP}:80`), to(from, `${service.clusterIP}:81`)])
  out.push(to('outside', `${service.clusterIP}:80`, 'n2'))
  if (service.type !== 'ClusterIP') {
    for (const node of [2, 3, 4])
      out.push(to('outside', `172.18.0.${node}:${30100 + service.s}`), to('pod/w/c1', `172.18.0.${node}:${30100 + service.s}`))
    out.push(to('node/n1', `127.0.0.1:${30100 + service.s}`), to('node/n2', `172.18.0.3:${30100 + service.s}`))
  }
  if (service.external)
    out.push(
      ...insiders.slice(0, 4).map((from) => to(from, `192.0.2.${service.s + 1}:80`)),
      to('outside', `192.0.2.${service.s + 1}:80`, 'n1'),
    )
  if (service.type === 'LoadBalancer')
    out.push(
      ...insiders.slice(0, 4).map((from) => to(from, `${service.lbIp}:80`)),
      to('outside', `${service.lbIp}:80`, 'n1'),
      to('outside', `${service.lbIp}:80`, 'n3'),
    )
  return out
}
