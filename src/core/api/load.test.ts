import { describe, expect, test } from 'vitest'
import { find, list } from './cluster.ts'
import type { Node } from './kinds/node.ts'
import type { Service } from './kinds/service.ts'
import { type LoadOptions, load } from './load.ts'
import { internalIps } from './nodes.ts'

const read = (text: string, options: LoadOptions = { bare: false }) => load([{ name: 'f', text }], options)
const nodesOf = (nodes: readonly Node[]) =>
  nodes.map((node) => [node.metadata.name, internalIps(node).join(','), (node.spec?.podCIDRs ?? []).join(',')])
const kind = (networking: string, more = '') => `kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n${more}networking: {${networking}}\n`
const service = (name: string, spec: string, namespace = 'default') =>
  `---\napiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: {ports: [{port: 80}], ${spec}}\n`

describe('the default cluster', () => {
  const { cluster, diagnostics } = read('# nothing\n')

  test('nodes', () => {
    expect(nodesOf(list(cluster, 'Node'))).toEqual([
      ['demo-control-plane', '172.18.0.2', '10.244.0.0/24'],
      ['demo-worker', '172.18.0.3', '10.244.1.0/24'],
      ['demo-worker2', '172.18.0.4', '10.244.2.0/24'],
    ])
    expect(list(cluster, 'Node').map((node) => node.spec?.taints?.[0]?.effect)).toEqual(['NoSchedule', undefined, undefined])
  })

  test('what every cluster has', () => {
    expect(list(cluster, 'Namespace').map(({ metadata }) => metadata.name)).toEqual([
      'default',
      'kube-node-lease',
      'kube-public',
      'kube-system',
    ])
    expect(list(cluster, 'Service').map(({ metadata, spec }) => [metadata.name, spec.clusterIP, spec.type])).toEqual([
      ['kubernetes', '10.96.0.1', 'ClusterIP'],
      ['kube-dns', '10.96.0.10', 'ClusterIP'],
    ])
    expect(find(cluster, 'EndpointSlice', 'default', 'kubernetes')?.endpoints?.[0]?.addresses).toEqual(['172.18.0.2'])
    expect(find(cluster, 'Endpoints', 'default', 'kubernetes')?.subsets?.[0]?.ports?.[0]?.port).toBe(6443)
    expect(diagnostics.map(({ severity }) => severity)).toEqual(['info'])
  })

  test('nothing is added to a bare input', () => {
    const bare = read('# nothing\n', { bare: true }).cluster
    expect([...bare.byKind.keys()]).toEqual([])
    expect(bare.settings.mode).toBe('iptables')
  })
})

describe('settings', () => {
  test.each([
    ['nothing', '# nothing\n', { mode: 'iptables', podCidrs: ['10.244.0.0/16'], serviceCidrs: ['10.96.0.0/16'], ipFamilies: ['IPv4'] }],
    ['IPv6', kind('ipFamily: ipv6'), { podCidrs: ['fd00:10:244::/56'], serviceCidrs: ['fd00:10:96::/112'], ipFamilies: ['IPv6'] }],
    ['both', kind('ipFamily: dual'), { serviceCidrs: ['10.96.0.0/16', 'fd00:10:96::/112'], ipFamilies: ['IPv4', 'IPv6'] }],
    [
      'subnets',
      kind('podSubnet: 10.1.0.0/16, serviceSubnet: 10.2.0.0/24'),
      { podCidrs: ['10.1.0.0/16'], serviceCidrs: ['10.2.0.0/24'], dnsServiceIps: ['10.2.0.10'] },
    ],
    ['mode of the Cluster', kind('kubeProxyMode: ipvs'), { mode: 'ipvs' }],
    [
      'KubeProxyConfiguration wins',
      `${kind('kubeProxyMode: ipvs')}---\napiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmode: nftables\n`,
      { mode: 'nftables', proxy: expect.not.objectContaining({ clusterCIDR: expect.anything() }) },
    ],
    [
      'controller manager',
      'apiVersion: kubecontrollermanager.config.k8s.io/v1alpha1\nkind: KubeControllerManagerConfiguration\nendpointSliceController: {maxEndpointsPerSlice: 7}\n',
      { maxEndpointsPerSlice: 7 },
    ],
    [
      'kubeadm, old form',
      'apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\ncontrollerManager: {extraArgs: {max-endpoints-per-slice: "8"}}\nnetworking: {dnsDomain: corp.local}\n',
      { maxEndpointsPerSlice: 8, clusterDomain: 'corp.local' },
    ],
    [
      'kubeadm, new form',
      'apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\napiServer: {extraArgs: [{name: service-node-port-range, value: 31000-31100}]}\n',
      { nodePortRange: { from: 31000, to: 31100 } },
    ],
    [
      'a ConfigMap of kubeadm',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kube-proxy, namespace: kube-system}\ndata:\n  config.conf: |\n    apiVersion: kubeproxy.config.k8s.io/v1alpha1\n    kind: KubeProxyConfiguration\n    mode: ipvs\n    ipvs: {scheduler: lc}\n',
      { mode: 'ipvs', proxy: expect.objectContaining({ ipvs: { scheduler: 'lc' } }) },
    ],
    [
      'nonsense is not used',
      kind('ipFamily: ipv5, podSubnet: x, kubeProxyMode: userspace'),
      { mode: 'iptables', podCidrs: ['10.244.0.0/16'] },
    ],
  ])('%s', (_, text, expected) => expect(read(text).cluster.settings).toMatchObject(expected))

  test('the mode that is asked for wins over all', () =>
    expect(read(kind('kubeProxyMode: ipvs'), { bare: false, mode: 'nftables' }).cluster.settings.mode).toBe('nftables'))

  test('a timeout that is no duration is told', () => {
    const proxy = (ipvs: string) =>
      read(`apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmode: ipvs\nipvs: {${ipvs}}\n`).diagnostics.map(
        ({ code, field }) => [code, field],
      )
    expect(proxy('tcpTimeout: 2h, tcpFinTimeout: 0s, udpTimeout: 1m30s')).toEqual([])
    expect(proxy('tcpTimeout: -1s, udpTimeout: soon')).toEqual([
      ['SETTINGS_INVALID', 'ipvs.tcpTimeout'],
      ['SETTINGS_INVALID', 'ipvs.udpTimeout'],
    ])
  })

  test('nonsense is told', () => {
    expect(
      read(kind('ipFamily: ipv5, podSubnet: x, kubeProxyMode: userspace')).diagnostics.map(({ code, field }) => [code, field]),
    ).toEqual([
      ['SETTINGS_INVALID', 'networking.ipFamily'],
      ['SETTINGS_INVALID', 'networking.kubeProxyMode'],
      ['SETTINGS_INVALID', 'networking.podSubnet'],
    ])
  })
})

describe('nodes', () => {
  test('of kind: names, both families', () => {
    const { cluster } = read(
      kind('ipFamily: dual', 'name: k\nnodes: [{role: control-plane}, {role: worker}, {role: worker, labels: {zone: a}}]\n'),
    )
    expect(nodesOf(list(cluster, 'Node'))).toEqual([
      ['k-control-plane', '172.18.0.2,fc00:f853:ccd:e793::2', '10.244.0.0/24,fd00:10:244::/64'],
      ['k-worker', '172.18.0.3,fc00:f853:ccd:e793::3', '10.244.1.0/24,fd00:10:244:1::/64'],
      ['k-worker2', '172.18.0.4,fc00:f853:ccd:e793::4', '10.244.2.0/24,fd00:10:244:2::/64'],
    ])
  })

  test('objects replace them; what they leave out is filled in around what they say', () => {
    const node = (name: string, rest = '') => `---\napiVersion: v1\nkind: Node\nmetadata: {name: ${name}}\n${rest}\n`
    const text =
      node('b') + node('a', 'spec: {podCIDR: 10.244.0.0/24}\nstatus: {addresses: [{type: InternalIP, address: 172.18.0.2}]}') + node('c')
    expect(nodesOf(list(read(text).cluster, 'Node'))).toEqual([
      ['a', '172.18.0.2', '10.244.0.0/24'],
      ['b', '172.18.0.3', '10.244.1.0/24'],
      ['c', '172.18.0.4', '10.244.2.0/24'],
    ])
  })
})

describe('Services', () => {
  const addresses = (text: string) =>
    list(read(text).cluster, 'Service').flatMap(({ metadata, spec }) =>
      metadata.namespace === 'default' && metadata.name !== 'kubernetes'
        ? [[metadata.name, spec.clusterIP, spec.ports?.[0]?.nodePort]]
        : [],
    )

  test('get the first free address and node port of the upper band, in the order of their names', () => {
    expect(addresses(service('b', 'type: NodePort') + service('a', 'type: NodePort'))).toEqual([
      ['a', '10.96.1.1', 30086],
      ['b', '10.96.1.2', 30087],
    ])
  })

  test('what another one asks for is not given away', () => {
    expect(addresses(service('a', 'type: ClusterIP') + service('b', 'clusterIP: 10.96.1.1'))).toEqual([
      ['a', '10.96.1.2', undefined],
      ['b', '10.96.1.1', undefined],
    ])
  })

  test('of two that want the same the first by name has it', () => {
    const { cluster, diagnostics } = read(service('b', 'clusterIP: 10.96.5.5') + service('a', 'clusterIP: 10.96.5.5'))
    expect(find(cluster, 'Service', 'default', 'b')).toBeUndefined()
    expect(diagnostics.map(({ message, object, field }) => [object?.name, field, message])).toEqual([
      ['b', 'spec.clusterIPs', 'Invalid value: ["10.96.5.5"]: failed to allocate IP 10.96.5.5: provided IP is already allocated'],
    ])
  })

  test('both families on request', () => {
    const { cluster } = read(kind('ipFamily: dual') + service('a', 'ipFamilyPolicy: PreferDualStack'))
    expect((find(cluster, 'Service', 'default', 'a') as Service).spec).toMatchObject({
      ipFamilies: ['IPv4', 'IPv6'],
      clusterIPs: ['10.96.1.1', 'fd00:10:96::101'],
    })
  })
})

describe('the rest', () => {
  test('a dump is believed: addresses outside of our ranges, missing namespaces, another Service CIDR', () => {
    const dumped = `apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Service, metadata: {name: kubernetes, namespace: default, uid: u1, resourceVersion: "5", managedFields: [{manager: x}]}, spec: {type: ClusterIP, clusterIP: 10.100.0.1, clusterIPs: [10.100.0.1], ipFamilies: [IPv4], ipFamilyPolicy: SingleStack, internalTrafficPolicy: Cluster, sessionAffinity: None, ports: [{name: https, port: 443, protocol: TCP, targetPort: 443}]}}
- {apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop, uid: u2, creationTimestamp: "2025-01-02T03:04:05Z"}, spec: {type: NodePort, clusterIP: 172.30.0.9, clusterIPs: [172.30.0.9], ipFamilies: [IPv4], ipFamilyPolicy: SingleStack, internalTrafficPolicy: Cluster, externalTrafficPolicy: Cluster, sessionAffinity: None, ports: [{port: 80, protocol: TCP, targetPort: 80, nodePort: 40000}]}}
`
    const { cluster, diagnostics } = read(dumped)
    expect(diagnostics).toEqual([])
    expect(cluster.settings.serviceCidrs).toEqual(['10.100.0.0/16'])
    expect(find(cluster, 'Service', 'shop', 'web')?.metadata).toEqual({
      name: 'web',
      namespace: 'shop',
      uid: 'u2',
      creationTimestamp: '2025-01-02T03:04:05Z',
    })
    expect(find(cluster, 'Service', 'kube-system', 'kube-dns')?.spec.clusterIP).toBe('10.100.0.10')
  })

  test.each([
    ['one family', 'podCIDRs: [10.244.0.0/24]', 'fd00::2', ['IPv4']],
    ['Pod CIDRs of both', 'podCIDRs: [10.244.0.0/24, fd00:10:244::/64]', 'fd00::2', ['IPv4', 'IPv6']],
    ['no Pod CIDRs, addresses of both', '', 'fd00::2', ['IPv4', 'IPv6']],
    ['no Pod CIDRs, addresses of one', '', '172.18.0.3', ['IPv4']],
  ])('the families of a dump whose kubernetes has one: %s', (_, spec, second, families) => {
    const { cluster } = read(`apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Service, metadata: {name: kubernetes, namespace: default}, spec: {type: ClusterIP, clusterIP: 10.100.0.1, clusterIPs: [10.100.0.1], ipFamilies: [IPv4], ipFamilyPolicy: SingleStack, ports: [{name: https, port: 443}]}}
- {apiVersion: v1, kind: Service, metadata: {name: web, namespace: default, uid: u2}, spec: {clusterIP: 10.100.0.9, clusterIPs: [10.100.0.9, 'fd00:1::9'], ipFamilies: [IPv4, IPv6], ipFamilyPolicy: PreferDualStack, ports: [{port: 80}]}}
- {apiVersion: v1, kind: Node, metadata: {name: a}, spec: {${spec}}, status: {addresses: [{type: InternalIP, address: 172.18.0.2}, {type: InternalIP, address: '${second}'}]}}
`)
    expect(cluster.settings.ipFamilies).toEqual(families)
    expect((find(cluster, 'Service', 'default', 'web') as Service | undefined)?.spec.clusterIPs?.length).toBe(
      families.length === 2 ? 2 : undefined,
    )
  })

  test('secrets are dropped on reading', () => {
    const { cluster } = read(
      'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ntype: Opaque\ndata: {password: aHVudGVyMg==}\nstringData: {token: hunter2}\n',
    )
    expect(find(cluster, 'Secret', 'default', 's')).toMatchObject({ type: 'Opaque', keys: ['password', 'token'] })
    expect(JSON.stringify([...cluster.byKind])).not.toMatch(/hunter2|aHVudGVyMg/)
  })

  test.each([
    ['a kind of somebody else', 'apiVersion: x.io/v1\nkind: Foo\nmetadata: {name: a}\n', 'info UNKNOWN_KIND'],
    ['a version that does not exist', 'apiVersion: apps/v1\nkind: Service\nmetadata: {name: a}\n', 'error NO_KIND_MATCH'],
    ['a kind in small letters', 'apiVersion: v1\nkind: service\nmetadata: {name: a}\n', 'error NO_KIND_MATCH'],
    ['no kind', 'apiVersion: v1\nmetadata: {name: a}\n', 'error KIND_MISSING'],
    ['no version', 'kind: Service\nmetadata: {name: a}\n', 'error API_VERSION_MISSING'],
    ['no object', 'hello\n', 'error NOT_AN_OBJECT'],
    [
      'a namespace that is not there',
      'apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: x}\nspec: {containers: [{name: c, image: i}]}\n',
      'warning NAMESPACE_NOT_FOUND',
    ],
    [
      'a custom resource',
      'apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: g}\nspec: {gatewayClassName: c, listeners: [{name: a, port: "80", protocol: HTTP}]}\n',
      'error FIELD_TYPE_INVALID',
    ],
    [
      'a field that a custom resource needs',
      'apiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: {name: g}\nspec: {}\n',
      'error FIELD_REQUIRED',
    ],
    [
      'twice the same',
      'apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n',
      'warning DUPLICATE_OBJECT',
    ],
  ])('%s', (_, text, expected) => expect(read(text).diagnostics.map(({ severity, code }) => `${severity} ${code}`)).toEqual([expected]))
})
