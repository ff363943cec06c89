/**
 * Why something was written, as a code with parameters: each language has its own words for every code. The English ones stand here, for
 * `kubehop run` and its JSON.
 */
const words = {
  scheduled: '{node} has the fewest Pods of the nodes it may run on.',
  /** The scheduler's own message. */
  unschedulable: '{message}',
  started: '{node} gave it the next free address ({ips}) and it runs.',
  'started-on-host': 'It uses the addresses of its node ({ips}) and it runs.',
  'containers-ready': 'Its containers are ready.',
  'containers-not-ready': 'Its containers are not ready.',
  'containers-ended': 'Its containers have ended.',
  'nothing-to-end': 'It runs on no node, so nothing has to end first.',
  'node-not-ready': 'Its node {node} is not ready.',
  'node-back': 'Its node {node} is back.',
  'node-returned': '{node} is back.',
  'node-silent': '{node} has not reported for {seconds} s.',
  'taint-at-once': 'Node {node} has the taint {taint}:NoExecute, which it tolerates not.',
  'taint-after': 'Node {node} has the taint {taint}:NoExecute, which it tolerates for {seconds} s.',
  'namespace-deleted': 'Its namespace {namespace} was deleted.',
  'owner-deleted': 'Its owner, {kind} {name}, was deleted.',
  'deployment-new': 'A Deployment needs a ReplicaSet for its Pod template.',
  'deployment-new-scaled': 'A Deployment needs a ReplicaSet for its Pod template: Scaled up replica set {name} from 0 to {to}.',
  'template-changed': "The Deployment's Pod template changed.",
  'template-changed-scaled': "The Deployment's Pod template changed: Scaled up replica set {name} from 0 to {to}.",
  'revision-now': 'It is the ReplicaSet of revision {revision} now.',
  'scaled-up': 'Scaled up replica set {name} from {from} to {to}.',
  'scaled-down': 'Scaled down replica set {name} from {from} to {to}.',
  'history-limit': 'Only {limit} old ReplicaSets are kept (revisionHistoryLimit).',
  'replicasets-changed': 'Its ReplicaSets changed.',
  'pods-changed': 'Its Pods changed.',
  'replicaset-too-many': 'ReplicaSet {name} has {have} Pods and wants {want}.',
  'replicaset-too-few': 'ReplicaSet {name} wants {want} Pods and has too few.',
  'replicaset-adopts': 'ReplicaSet {name} adopts the Pod: its selector takes it and nobody owns it.',
  'replicaset-releases': 'ReplicaSet {name} lets the Pod go: its selector no longer takes it.',
  'daemonset-wants': 'DaemonSet {name} wants a Pod on {node}.',
  'daemonset-not-here': 'DaemonSet {name} is not to run on {node}.',
  'daemonset-failed': 'It failed; its DaemonSet makes it anew.',
  'daemonset-replaces': 'DaemonSet {name} replaces it by one of revision {revision}.',
  'statefulset-wants': 'StatefulSet {name} wants its Pod number {ordinal}.',
  'statefulset-too-many': 'StatefulSet {name} wants {want} Pods.',
  'statefulset-ended': 'It has ended; its StatefulSet makes it anew.',
  'statefulset-replaces': 'StatefulSet {name} replaces it by one of revision {revision}.',
  'pod-cidrs': 'Its Pods get addresses of {cidrs}.',
  'slice-placeholder': 'Service {name} has no Pods: a placeholder.',
  'slice-emptied': 'Service {name} has no Pods any more: the slice stays as a placeholder.',
  'slice-new': 'Service {name} has {count} more endpoints.',
  'slice-changed': 'Service {name} has {count} endpoints here, of which some changed.',
  'slice-count': 'Service {name} has {count} endpoints here instead of {were}.',
  'slice-unneeded': 'Service {name} has no endpoints left for it.',
  'family-gone': 'Service {name} has no {family} family.',
  'mirror-new': 'Endpoints {name} are mirrored.',
  'mirror-changed': 'Endpoints {name} changed.',
  'mirror-unneeded': 'Endpoints {name} have nothing for it any more.',
  'mirror-gone': 'There are no Endpoints {name} to mirror.',
  'endpoints-new': 'Service {name} has a selector: its Pods are listed.',
  'endpoints-changed': 'The Pods of Service {name} changed.',
  'endpoints-gone': 'Its Service is gone.',
  'balancer-gives': 'The load balancer gives it {addresses}.',
  'balancer-no-more': 'It is of type LoadBalancer no more.',
  'ingress-address': '{by} says where it serves it: {addresses}.',
  'ingress-provided': "the provider's load balancer says where it serves it: {addresses}.",
  'gateway-class': 'Its controller accepts it.',
  gateway: 'Its controller says what it has accepted.',
  route: 'The Gateways it names say whether they take it.',
  'proxy-syncs': 'kube-proxy on {node} programs what it sees.',
  'proxies-sync': '{count} kube-proxies program what they see.',
  'proxy-refused': 'nft refuses what kube-proxy on {node} writes: comment too long',
  applied: 'applied',
  deleted: 'deleted',
  'deleted-with-grace': 'deleted: it has its grace period',
  set: 'set {fields}',
  'probe-succeeds': 'its readiness probe succeeds',
  'probe-fails': 'its readiness probe fails',
} as const

export type WhyCode = keyof typeof words
export type Why = { readonly code: WhyCode; readonly params: Readonly<Record<string, string | number>> }

const NONE = {}

/** A reason with its parameters. */
export function because(code: WhyCode, params: Why['params'] = NONE): Why {
  return { code, params }
}

/** A reason in English. */
export function whyText({ code, params }: Why): string {
  return words[code].replace(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? ''))
}

/** Every code, for those who check that none is left without words. */
export const whyCodes = Object.keys(words) as readonly WhyCode[]
