import { type ApiObject, type Cluster, store } from '../api/cluster.ts'
import type { ClusterSettings } from '../api/kinds/config.ts'
import type { Node } from '../api/kinds/node.ts'
import type { Pod } from '../api/kinds/pod.ts'
import type { Service } from '../api/kinds/service.ts'
import type { Deployment } from '../api/kinds/workload.ts'
import { keyOf } from '../api/meta.ts'

/** Objects as the API server would store them, for tests that start behind it. */
export const settings: ClusterSettings = {
  kubernetesVersion: '1.36',
  mode: 'iptables',
  ipFamilies: ['IPv4'],
  podCidrs: ['10.244.0.0/16'],
  serviceCidrs: ['10.96.0.0/16'],
  nodePortRange: { from: 30000, to: 32767 },
  maxEndpointsPerSlice: 100,
  proxy: {},
  clusterDomain: 'cluster.local',
  dnsServiceIps: ['10.96.0.10'],
  loadBalancerPool: Array.from({ length: 51 }, (_, i) => `172.18.255.${200 + i}`),
}

export function clusterOf(...objects: readonly ApiObject[]): Cluster {
  return store({ settings, byKind: new Map() }, objects)
}

export function node(
  name: string,
  n: number,
  more: { labels?: Record<string, string>; taints?: NonNullable<Node['spec']>['taints'] } = {},
): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: `uid-${name}`, labels: { 'kubernetes.io/hostname': name, ...more.labels } },
    spec: { podCIDR: `10.244.${n}.0/24`, podCIDRs: [`10.244.${n}.0/24`], ...(more.taints ? { taints: more.taints } : {}) },
    status: { addresses: [{ type: 'InternalIP', address: `172.18.0.${n + 2}` }], conditions: [{ type: 'Ready', status: 'True' }] },
  }
}

export const demoNodes: readonly Node[] = [
  node('demo-control-plane', 0, { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] }),
  node('demo-worker', 1),
  node('demo-worker2', 2),
]

export function service(name: string, spec: Partial<Service['spec']> = {}, metadata: Partial<Service['metadata']> = {}): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default', uid: `uid-svc-${name}`, creationTimestamp: '2026-01-01T00:00:00Z', ...metadata },
    spec: {
      type: 'ClusterIP',
      selector: { app: name },
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
      clusterIP: '10.96.0.20',
      clusterIPs: ['10.96.0.20'],
      ipFamilies: ['IPv4'],
      ...spec,
    },
  }
}

export function pod(name: string, labels: Record<string, string>, more: Partial<Pod['spec']> = {}, status?: Pod['status']): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid: `uid-${name}`, labels },
    spec: { containers: [{ name: 'c', image: 'nginx' }], ...more },
    ...(status ? { status } : {}),
  }
}

export function deployment(
  name: string,
  replicas: number,
  more: Partial<Deployment['spec']> = {},
  spec: Partial<Pod['spec']> = {},
): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default', uid: `uid-deploy-${name}`, generation: 1 },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'nginx:1.27' }], ...spec } },
      ...more,
    },
  }
}

/** `namespace/name` of every object of a kind. */
export function names(cluster: Cluster, kind: string): readonly string[] {
  return [...(cluster.byKind.get(kind)?.values() ?? [])].map((object) => keyOf(object).slice(kind.length + 1)).sort()
}

/** The cluster as if the controllers had made all that is in it: nothing is a fact that they leave alone, and all is looked at again. */
export function madeByControllers(cluster: Cluster): Cluster {
  const memory = {
    settled: cluster.byKind,
    settings: { ...cluster.settings },
    serials: new Map(),
    lastIps: new Map(),
    wakes: new Map(),
    facts: new Set<string>(),
    triggers: new Map(),
  }
  return { ...cluster, memory }
}
