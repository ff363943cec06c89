import kubernetes from './kubernetes.schema.json'

type Schema = { readonly [key: string]: unknown }

const text = (description: string): Schema => ({ type: 'string', description })
const whole = (description: string): Schema => ({ type: 'integer', description })
const yes = (description: string): Schema => ({ type: 'boolean', description })
const list = (items: Schema, description: string): Schema => ({ type: 'array', items, description })
const ref = (name: string): Schema => ({ $ref: `#/definitions/${name}` })
const map = (description: string): Schema => ({ type: 'object', additionalProperties: { type: 'string' }, description })
const open = (properties: Schema, description = ''): Schema => ({ type: 'object', properties, description })

const words = open({ en: text('English'), zh: text('中文') }, 'A text by language')
const request = open(
  {
    name: text('How steps name this request'),
    from: text('outside, client/NAME, node/NAME, pod/NS/NAME or deploy/NAME'),
    to: text('A URL, HOST:PORT, ping HOST or nslookup NAME'),
    via: text('The node by which an outside packet enters'),
    method: text('HTTP method'),
    headers: map('HTTP headers'),
    protocol: { enum: ['tcp', 'udp', 'sctp', 'icmp'], description: 'Transport protocol' },
    connection: { enum: ['new', 'keep-alive'], description: 'A new connection, or the one used before' },
    count: whole('How many times'),
    expect: open(
      {
        code: text('Verdict code'),
        http: whole('HTTP status'),
        backend: text('Pod name or label selector'),
        seenSource: text('Source address'),
        request: open(
          { method: text('HTTP method'), path: text('Path and query'), host: text('Host'), headers: map('HTTP headers') },
          'The request that the backend received',
        ),
        response: open({ headers: map('HTTP headers') }, 'The answer'),
        ways: { type: 'object' },
        modes: { type: 'object' },
      },
      'What must come out; under modes it may differ by proxy mode',
    ),
  },
  'One request',
)
const step = open(
  {
    send: text('The name of a request'),
    apply: text('YAML, as kubectl apply'),
    delete: text('Kind/NS/NAME'),
    patch: text('Kind/NS/NAME'),
    set: { type: 'object', description: 'For patch: field path → value' },
    scale: text('Kind/NS/NAME'),
    replicas: whole('For scale'),
    ready: text('A Pod: NS/NAME or deploy/NS/NAME#i'),
    value: yes('For ready'),
    wait: text('A duration: 1s, 500ms'),
    freeze: text('A node whose kube-proxy stops'),
    thaw: text('A node whose kube-proxy goes on'),
    fault: { enum: ['link', 'node', 'lb-pool'], description: 'What breaks' },
    heal: { enum: ['link', 'node', 'lb-pool'], description: 'What is repaired' },
    node: text('For fault: node'),
    nodes: list(text('A node'), 'For fault: link'),
    say: words,
    ask: open({ text: words, request: text('The name of a request') }, 'A question; its answers are computed'),
  },
  'One step of the scenario',
)

const workload = (kind: string, spec: Schema): Schema =>
  kindOf('apps/v1', kind, {
    spec: open({
      selector: ref('MetaV1LabelSelector'),
      template: ref('CoreV1PodTemplateSpec'),
      minReadySeconds: whole('Seconds a Pod must be ready to count as available'),
      ...spec,
    }),
  })

function kindOf(apiVersion: string, kind: string, properties: Schema): Schema {
  return {
    title: kind,
    type: 'object',
    properties: {
      apiVersion: { type: 'string', enum: [apiVersion] },
      kind: { type: 'string', enum: [kind] },
      metadata: ref('MetaV1ObjectMeta'),
      ...properties,
    },
  }
}

/** The kinds that the Kubernetes schema lacks: more workloads, the cluster's settings in their own formats, and ours. */
const added: Readonly<Record<string, Schema>> = {
  ReplicaSet: workload('ReplicaSet', { replicas: whole('How many Pods') }),
  StatefulSet: workload('StatefulSet', {
    replicas: whole('How many Pods'),
    serviceName: text('The headless Service that names the Pods'),
    podManagementPolicy: { enum: ['OrderedReady', 'Parallel'] },
  }),
  DaemonSet: workload('DaemonSet', {}),
  Secret: kindOf('v1', 'Secret', {
    type: text('kubernetes.io/tls and others'),
    data: map('Base64 values'),
    stringData: map('Plain values'),
  }),
  ConfigMap: kindOf('v1', 'ConfigMap', { data: map('Values') }),
  List: kindOf('v1', 'List', { items: { type: 'array', description: 'Any objects' } }),
  Cluster: kindOf('kind.x-k8s.io/v1alpha4', 'Cluster', {
    name: text('Prefix of the node names'),
    nodes: list(open({ role: { enum: ['control-plane', 'worker'] }, labels: map('Node labels'), image: text('Node image') }), 'The nodes'),
    networking: open({
      ipFamily: { enum: ['ipv4', 'ipv6', 'dual'] },
      podSubnet: text('Pod CIDRs, comma separated'),
      serviceSubnet: text('Service CIDRs, comma separated'),
      kubeProxyMode: { enum: ['iptables', 'nftables', 'ipvs', 'none'] },
    }),
  }),
  KubeProxyConfiguration: kindOf('kubeproxy.config.k8s.io/v1alpha1', 'KubeProxyConfiguration', {
    mode: { enum: ['', 'iptables', 'nftables', 'ipvs'] },
    clusterCIDR: text('The Pod network, for local detection'),
    detectLocalMode: { enum: ['ClusterCIDR', 'NodeCIDR', 'BridgeInterface', 'InterfaceNamePrefix'] },
    detectLocal: open({ bridgeInterface: text('Bridge'), interfaceNamePrefix: text('Prefix') }),
    nodePortAddresses: list(text('A CIDR, or primary'), 'Addresses on which nodePorts answer'),
    iptables: open({
      masqueradeAll: yes('Masquerade everything'),
      masqueradeBit: whole('Bit of the mark'),
      localhostNodePorts: yes('Answer on 127.0.0.1'),
      syncPeriod: text('Duration'),
      minSyncPeriod: text('Duration'),
    }),
    nftables: open({
      masqueradeAll: yes('Masquerade everything'),
      masqueradeBit: whole('Bit of the mark'),
      syncPeriod: text('Duration'),
      minSyncPeriod: text('Duration'),
    }),
    ipvs: open({
      scheduler: { enum: ['rr', 'wrr', 'lc', 'wlc', 'lblc', 'lblcr', 'sh', 'dh', 'sed', 'nq', 'mh'] },
      strictARP: yes('arp_ignore and arp_announce'),
      excludeCIDRs: list(text('CIDR'), 'Left alone'),
    }),
    conntrack: open({ tcpBeLiberal: yes('Accept packets out of window') }),
  }),
  KubeControllerManagerConfiguration: kindOf('kubecontrollermanager.config.k8s.io/v1alpha1', 'KubeControllerManagerConfiguration', {
    endpointSliceController: open({ maxEndpointsPerSlice: whole('1 to 1000, default 100') }),
  }),
  ClusterConfiguration: kindOf('kubeadm.k8s.io/v1beta4', 'ClusterConfiguration', {
    kubernetesVersion: text('For example v1.36.0'),
    networking: open({ podSubnet: text('Pod CIDRs'), serviceSubnet: text('Service CIDRs'), dnsDomain: text('Cluster domain') }),
    controllerManager: open({ extraArgs: { description: 'name and value pairs' } }),
  }),
  Client: kindOf('kubehop.dev/v1', 'Client', {
    spec: open({ ip: text('Its address'), via: text('The node its packets for cluster addresses are handed to') }),
  }),
  Scenario: kindOf('kubehop.dev/v1', 'Scenario', {
    spec: open({
      title: words,
      lesson: words,
      requests: list(request, 'Requests, by name'),
      steps: list(step, 'What happens, in order'),
      goal: list(
        open({ request: text('The name of a request'), code: text('Verdict code'), seenSource: text('Source address') }),
        'What must hold in the end',
      ),
      forbid: list(open({ object: text('Kind/NS/NAME'), path: text('Field path'), value: {} }), 'What may not be changed'),
      hints: list(words, 'Hints'),
      solution: list(step, 'Edits that reach the goal'),
      par: whole('Edits a good solution needs'),
    }),
  }),
}

/**
 * The schema behind completion and hover: the bundled Kubernetes 1.36 one, the kinds it lacks, and open enums at the root, since an
 * unknown kind is no mistake here.
 */
export function editorSchema(): Schema {
  const base = kubernetes as unknown as {
    readonly definitions: Schema
    readonly properties: { readonly apiVersion: { enum: readonly string[] }; readonly kind: { enum: readonly string[] } }
    readonly allOf: readonly Schema[]
  }
  const versions = new Set(
    Object.values(added).map((schema) => (schema['properties'] as { apiVersion: { enum: string[] } }).apiVersion.enum[0]),
  )
  const choice = (values: readonly unknown[], description: string): Schema => ({
    anyOf: [{ enum: values }, { type: 'string' }],
    description,
  })
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    definitions: { ...base.definitions, ...Object.fromEntries(Object.entries(added).map(([kind, schema]) => [`Added${kind}`, schema])) },
    type: 'object',
    required: ['apiVersion', 'kind'],
    properties: {
      apiVersion: choice([...new Set([...base.properties.apiVersion.enum, ...versions])], 'API group and version, for example apps/v1'),
      kind: choice([...base.properties.kind.enum, ...Object.keys(added)], 'Type of the object'),
      metadata: ref('MetaV1ObjectMeta'),
    },
    allOf: [
      ...base.allOf,
      ...Object.keys(added).map((kind) => ({
        if: { properties: { kind: { const: kind } }, required: ['kind'] },
        // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own word.
        then: ref(`Added${kind}`),
      })),
    ],
  }
}
