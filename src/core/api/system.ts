import { ipIn, parseCidr } from '../base/ip.ts'
import type { ApiObject } from './cluster.ts'
import type { ClusterSettings } from './kinds/config.ts'
import type { Node } from './kinds/node.ts'
import type { Service } from './kinds/service.ts'
import { internalIps, isControlPlane } from './nodes.ts'

/** Objects that every cluster has, as their makers write them, before defaulting. Those that the input gives itself are not added. */
export function systemObjects(settings: ClusterSettings, nodes: readonly Node[]): ApiObject[] {
  return [...namespaces(), ...kubernetesService(settings, nodes), ...clusterDns(settings, nodes)]
}

function namespaces(): ApiObject[] {
  return ['default', 'kube-node-lease', 'kube-public', 'kube-system'].map((name) => namespace(name))
}

/** A namespace as the API server makes it. */
export function namespace(name: string): ApiObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  } as ApiObject
}

/** `default/kubernetes`: written by the API server itself, its slice and Endpoints too; no controller touches them. */
function kubernetesService(settings: ClusterSettings, nodes: readonly Node[]): ApiObject[] {
  const [primary] = settings.serviceCidrs
  const subnet = primary ? parseCidr(primary) : undefined
  if (!subnet) return []
  const clusterIP = ipIn(subnet, 1n)
  const planes = nodes.filter(isControlPlane)
  const servers = (planes.length > 0 ? planes : nodes.slice(0, 1)).flatMap((node) => internalIps(node, subnet.family).slice(0, 1))
  const service: Service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      type: 'ClusterIP',
      clusterIP,
      clusterIPs: [clusterIP],
      ipFamilies: [subnet.family],
      ipFamilyPolicy: 'SingleStack',
      internalTrafficPolicy: 'Cluster',
      sessionAffinity: 'None',
      ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }],
    },
    status: { loadBalancer: {} },
  }
  if (servers.length === 0) return [service]
  const endpoints = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'kubernetes', namespace: 'default', labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets: [{ addresses: servers.map((ip) => ({ ip })), ports: [{ name: 'https', port: 6443, protocol: 'TCP' }] }],
  }
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: subnet.family,
    endpoints: servers.map((ip) => ({ addresses: [ip], conditions: { ready: true } })),
    ports: [{ name: 'https', port: 6443, protocol: 'TCP' }],
  }
  return [service, endpoints, slice] as ApiObject[]
}

/** CoreDNS as kubeadm sets it up: Service `kube-dns` on the tenth address, a Deployment on the control plane. */
function clusterDns(settings: ClusterSettings, nodes: readonly Node[]): ApiObject[] {
  const [clusterIP] = settings.dnsServiceIps
  if (!clusterIP) return []
  const labels = { 'k8s-app': 'kube-dns' }
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'kube-dns',
      namespace: 'kube-system',
      labels: { ...labels, 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' },
      annotations: { 'prometheus.io/port': '9153', 'prometheus.io/scrape': 'true' },
    },
    spec: {
      clusterIP,
      clusterIPs: settings.dnsServiceIps.length > 1 ? settings.dnsServiceIps : [clusterIP],
      ...(settings.dnsServiceIps.length > 1 ? { ipFamilyPolicy: 'PreferDualStack' } : {}),
      selector: labels,
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
        { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
        { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 },
      ],
    },
  }
  // Without a control plane in the input it must live on somebody's node: one Pod on the node's own network takes no Pod's address.
  const hasControlPlane = nodes.some(isControlPlane)
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'coredns', namespace: 'kube-system', labels },
    spec: {
      replicas: hasControlPlane ? 2 : 1,
      selector: { matchLabels: labels },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
      template: {
        metadata: { labels },
        spec: {
          dnsPolicy: 'Default',
          ...(hasControlPlane || !nodes[0] ? {} : { hostNetwork: true, nodeName: nodes[0].metadata.name }),
          serviceAccountName: 'coredns',
          nodeSelector: { 'kubernetes.io/os': 'linux', ...(hasControlPlane ? { 'node-role.kubernetes.io/control-plane': '' } : {}) },
          tolerations: [
            { key: 'CriticalAddonsOnly', operator: 'Exists' },
            { key: 'node-role.kubernetes.io/control-plane', operator: 'Equal', effect: 'NoSchedule' },
          ],
          containers: [
            {
              name: 'coredns',
              image: 'registry.k8s.io/coredns/coredns:v1.13.1',
              ports: [
                { name: 'dns', containerPort: 53, protocol: 'UDP' },
                { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
                { name: 'metrics', containerPort: 9153, protocol: 'TCP' },
              ],
            },
          ],
        },
      },
    },
  }
  return [service, deployment] as unknown as ApiObject[]
}
