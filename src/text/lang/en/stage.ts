/** Words of the editor panel and the stage. */
export const stage = {
  stageLabel: 'Stage: the cluster and the way of the request',
  api: 'What the API server says',
  beyond: 'Outside the cluster',
  nothing: 'No cluster yet: write some YAML.',
  loading: 'Building the cluster …',

  menu: {
    label: (name: string) => `What to do with ${name}`,
    sendFrom: 'Send from here',
    sendTo: (to: string) => `Send to here: ${to}`,
    rules: 'Show its rules',
    freeze: 'Freeze its kube-proxy',
    thaw: 'Thaw its kube-proxy',
    breakNode: 'Switch it off',
    mendNode: 'Switch it on again',
    unready: 'Make it not ready',
    ready: 'Make it ready',
    remove: 'Delete it',
  },

  // Services
  service: (name: string) => `Service ${name}`,
  nowhere: 'on no machine',
  nowhereShort: 'on no machine',
  everywhere: 'on each kube-ipvs0',
  headless: 'no address: DNS lists the Pods',
  noAddress: 'no address yet',
  alias: (host: string) => `a name for ${host}`,
  nodePort: (ports: string) => `NodePort ${ports}`,
  loadBalancer: 'LoadBalancer',
  pendingBalancer: 'load balancer: pending',
  selects: (pods: number) => (pods === 1 ? 'selects 1' : `selects ${pods}`),
  selectsNone: '✕ no Pod',
  noSelector: 'no selector',
  programmed: 'programmed into every node',
  namespaced: (namespace: string, name: string) => (namespace === 'default' ? name : `${name} · ${namespace}`),

  // EndpointSlices
  noSlice: 'no EndpointSlice',
  slices: (count: number) => `${count} EndpointSlices`,
  sliceCount: (count: number, most: number) => `${count} of ${most}`,
  allReady: 'all ready',
  someReady: (ready: number) => `${ready} ready`,
  noEndpoint: 'no endpoint',
  more: (count: number) => `+${count}`,

  // Machines
  kernel: 'kernel rules',
  proxy: {
    'in-sync': '✓ in sync',
    lagging: (seconds: number) => `◷ ${seconds} s late`,
    frozen: '❄ frozen',
    broken: '⚠ no rules',
  },
  idle: 'no packet yet',
  earlier: (count: number) => (count === 1 ? '1 line before' : `${count} lines before`),
  conntrack: { NEW: 'conntrack: new', ESTABLISHED: 'conntrack: known', RELATED: 'conntrack: related', INVALID: 'conntrack: invalid' },
  chose: 'chose',
  destination: 'destination rewritten',
  source: 'source rewritten',
  routes: 'routes to',
  podsHere: (count: number) => (count === 0 ? 'no Pod' : count === 1 ? '1 Pod' : `${count} Pods`),
  systemHere: (count: number) => (count === 1 ? '1 system Pod not shown' : `${count} system Pods not shown`),

  // Pods
  pending: 'Pods without a node:',
  podState: { ready: 'ready', unready: 'not ready', terminating: 'terminating', chosen: 'chosen', excluded: 'excluded' },
  excluded: {
    'not-ready': 'not ready',
    terminating: 'terminating',
    'not-local': 'other node',
    'other-zone': 'other zone',
    'other-node': 'other node',
    'port-missing': 'no such port',
    affinity: 'affinity elsewhere',
  },
  noIp: 'no IP',
  hostNetwork: 'host network',

  // Beyond
  proxyOf: (kind: string, name: string) => `the data plane of ${kind} ${name}`,
  balancer: 'load balancer',
  internet: 'internet',

  // Names for assistive technology
  describePod: (name: string, ip: string, state: string, node: string) => `Pod ${name}, ${ip}, ${state}, on node ${node}`,
  describeNode: (name: string, ip: string, pods: number) => `Node ${name}, ${ip}, ${pods} Pods`,
  describeService: (name: string, ip: string) => `Service ${name}, ${ip}`,
  describeSlice: (name: string, count: number) => `EndpointSlice ${name}, ${count} endpoints`,
  describeEntry: (kind: string, name: string) => `${kind} ${name}`,
  describeClient: (name: string, ip: string) => `Client ${name}, ${ip}, outside the cluster`,
  describeLeg: (number: number, from: string, to: string) => `Step ${number}: from ${from} to ${to}`,
  problems: (count: number) => (count === 1 ? '1 problem here' : `${count} problems here`),

  // Tools
  legend: 'Legend',
  legendNode: 'machine',
  legendPod: 'process',
  legendVip: 'only a rule',
  legendDeclared: 'declared',
  legendProgrammed: 'programmed',
  legendPacket: 'this packet',
  legendFailed: 'failed',
  legendGhost: 'before the edit',
  fit: 'Fit into view (F)',
  zoomIn: 'Larger',
  zoomOut: 'Smaller',
  system: 'System Pods',
  showing: (shown: number, all: number) => `${shown} of ${all} Pods as boxes, the rest as cells`,
  matrix: 'Nodes × Services: each cell counts endpoints',
  keys: 'Arrow up and down move between objects, Enter opens the YAML, left and right step the request.',
  dismissGhost: 'Forget the old path',

  // Editor
  editorLabel: 'YAML editor',
  editorHelp: 'Tab indents. Press Ctrl+M (macOS: Ctrl+Shift+M), then Tab, to leave the editor by keyboard.',
  files: 'Files',
  noProblems: '✓ no problems',
  problemCount: (errors: number, others: number) =>
    [
      errors > 0 ? (errors === 1 ? '✕ 1 error' : `✕ ${errors} errors`) : '',
      others > 0 ? (others === 1 ? '▲ 1 warning' : `▲ ${others} warnings`) : '',
    ]
      .filter(Boolean)
      .join('  '),
  counts: (services: number, pods: number, slices: number) =>
    `${services} ${services === 1 ? 'Service' : 'Services'} · ${pods} ${pods === 1 ? 'Pod' : 'Pods'} · ${slices} ${slices === 1 ? 'slice' : 'slices'}`,
  decidedHere: 'decided here',
  matchedHere: 'matched the packet',
  choseHere: 'chose these Pods',
  madeEndpoint: 'made this endpoint',
  rewroteHere: 'decided here ✎',
  line: (line: number) => `line ${line}`,
  fixTitle: (title: string, before: string, after: string) =>
    before.trim() && after.trim() ? `Change ${before.trim()} to ${after.trim()}` : title,
  plainEditor: 'The rich editor is loading; this one works meanwhile.',
  plainStays: 'The rich editor could not be loaded; this one has everything but highlighting.',
}
