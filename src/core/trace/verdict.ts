import { hostPort } from '../base/ip.ts'
import { serviceName } from '../kernel/ipvsstate.ts'
import type { ModeId, Rule, VirtualServer } from '../kernel/program.ts'
import type { AnswerReason } from '../l7/reasons.ts'
import type { Arrival } from './carry.ts'
import type { Decider } from './run.ts'
import type { Place, RequestVerdict, VerdictCode } from './trace.ts'

type Params = Readonly<Record<string, string | number>>

/** Every reason that a verdict may have, besides `proxy-…` of an answer that a proxy gives by itself. */
export const verdictReasons = [
  'delivered',
  'resolved',
  'application-answer',
  'upstream-failed',
  'no-listener',
  'no-listener-on-node',
  'listens-elsewhere',
  'proxy-protocol',
  'no-endpoints',
  'unused-service-port',
  'reject-rule',
  'no-local-endpoints',
  'source-range',
  'unallocated-cluster-ip',
  'invalid-state',
  'drop-rule',
  'no-such-pod',
  'no-such-address',
  'no-route-outside',
  'no-address-of-family',
  'default-route',
  'endpoint-outside',
  'load-balancer-address',
  'reply-bypasses-node',
  'reply-lost',
  'node-firewall',
  'node-down',
  'link-down',
  'hairpin-off',
  'martian-source',
  'no-load-balancer-node',
  'no-such-name',
  'other-namespace',
  'headless-no-ready',
  'external-name',
  'not-cluster-dns',
  'dns-unreachable',
  'certificate',
  'plain-port',
  'ttl',
  'proxies',
  'application',
  'middleware',
] as const

export type VerdictReason = (typeof verdictReasons)[number] | `proxy-${AnswerReason}`

/** A verdict. `message` is English; `reason` and `params` let the page say the same in any language. */
export function verdict(
  code: VerdictCode,
  reason: VerdictReason,
  message: string,
  params: Params = {},
  by?: RequestVerdict['by'],
): RequestVerdict {
  return { code, reason, message, params, ...(by && { by }) }
}

/** The verdict on a packet that ended before any socket. `mode` is the deciding node's. */
export function verdictOnArrival(arrival: Exclude<Arrival, { end: 'socket' }>, mode: ModeId | undefined): RequestVerdict {
  switch (arrival.end) {
    case 'filtered':
      return arrival.verdict === 'reject' ? rejected(arrival, mode) : dropped(arrival)
    case 'unreachable':
      return unreachable(arrival)
    case 'left':
      return left(arrival)
    case 'lost':
      return lost(arrival)
    case 'loop':
      return verdict('LOOP', 'ttl', `The packet went round until its time to live ran out at ${arrival.node.name}.`, {
        node: arrival.node.name,
      })
  }
}

type Filtered = Extract<Arrival, { end: 'filtered' }>

function commentOf(rule: Rule | undefined): string {
  const comment = rule?.matches.find((match) => match.match === 'comment')
  return comment?.match === 'comment' ? comment.text : (rule?.comment ?? '')
}

function ruleBy(by: Decider | undefined, node: string): NonNullable<RequestVerdict['by']> {
  const place: Place = { at: 'node', name: node }
  return { place, ...(by && { rule: by.rule.id }), ...(by?.origin && { origin: by.origin }) }
}

function serverBy(server: VirtualServer, node: string): NonNullable<RequestVerdict['by']> {
  const place: Place = { at: 'node', name: node }
  const rule = serviceName(server.protocol, server.address, server.port)
  return { place, rule, ...(server.origin && { origin: server.origin }) }
}

function target(arrival: Filtered): Params {
  const { packet, node } = arrival
  return { node: node.name, hook: arrival.hook, to: packet.protocol === 'ICMP' ? packet.dst : hostPort(packet.dst, packet.dport) }
}

function rejected(arrival: Filtered, mode: ModeId | undefined): RequestVerdict {
  const params = target(arrival)
  const by = arrival.server ? serverBy(arrival.server, arrival.node.name) : ruleBy(arrival.by, arrival.node.name)
  const isEmpty =
    arrival.by === undefined
      ? mode === 'ipvs'
      : commentOf(arrival.by.rule).includes('has no endpoints') || arrival.by.chain === 'reject-chain'
  if (isEmpty) {
    const message = `${params['node']} rejects packets to ${params['to']}: the Service has no endpoint that could take them.`
    return verdict('REJECTED_NO_ENDPOINTS', 'no-endpoints', message, params, by)
  }
  const isService = arrival.by?.chain === 'cluster-ips-check' || arrival.by?.chain === 'KUBE-IPVS-FILTER'
  return isService
    ? verdict('REJECTED', 'unused-service-port', `${params['to']} is a Service's address, but not one of its ports.`, params, by)
    : verdict('REJECTED', 'reject-rule', `A rule on ${params['node']} rejects packets to ${params['to']}.`, params, by)
}

function dropped(arrival: Filtered): RequestVerdict {
  const params = target(arrival)
  const by = ruleBy(arrival.by, arrival.node.name)
  const chain = arrival.by?.chain ?? ''
  const node = params['node']
  const to = params['to']
  if (/^(KUBE-PROXY-FIREWALL|KUBE-SOURCE-RANGES-FIREWALL|firewall-|KUBE-IPVS-OUT-FILTER)/.test(chain)) {
    const source = arrival.packet.src
    const message = `${source} is not in loadBalancerSourceRanges, so ${node} drops its packets to ${to}.`
    return verdict('DROPPED_SOURCE_RANGE', 'source-range', message, { ...params, source }, by)
  }
  if (commentOf(arrival.by?.rule).includes('has no local endpoints') || /endpoints-check$/.test(chain)) {
    const message = `${node} has no endpoint of the Service, and its traffic policy is Local: packets to ${to} are dropped.`
    return verdict('DROPPED_NO_LOCAL_ENDPOINTS', 'no-local-endpoints', message, params, by)
  }
  if (chain === 'cluster-ips-check') {
    return verdict(
      'DROPPED',
      'unallocated-cluster-ip',
      `${arrival.packet.dst} lies in the Service range, but no Service has it.`,
      params,
      by,
    )
  }
  if (isInvalidDrop(arrival.by?.rule)) {
    return verdict('DROPPED', 'invalid-state', `${node} drops a packet that belongs to no connection it knows.`, params, by)
  }
  return verdict('DROPPED', 'drop-rule', `A rule on ${node} drops packets to ${to}.`, params, by)
}

function isInvalidDrop(rule: Rule | undefined): boolean {
  return rule?.matches.some((match) => match.match === 'ct-state' && match.in.includes('INVALID')) ?? false
}

function unreachable({ place, packet, why }: Extract<Arrival, { end: 'unreachable' }>): RequestVerdict {
  const params = { place: place.name, address: packet.dst }
  const words = {
    'no-such-pod': `No Pod has ${packet.dst}: ${place.name} has no route for it.`,
    'no-such-address': `Nothing on the network has ${packet.dst}.`,
    'no-route-outside': `${place.name} is outside the cluster and has no route to ${packet.dst}.`,
    'no-address-of-family': `${place.name} has no address of the family of ${packet.dst}.`,
  }
  return verdict('NO_ROUTE', why, words[why], params, { place })
}

function left({ node, packet, loadBalancer }: Extract<Arrival, { end: 'left' }>): RequestVerdict {
  const place: Place = { at: 'node', name: node.name }
  const params = { node: node.name, address: packet.dst }
  if (loadBalancer) {
    const message = `No rule on ${node.name} took the packet: it left for the load balancer's address ${packet.dst}.`
    return verdict('LEFT_CLUSTER', 'load-balancer-address', message, params, { place })
  }
  return verdict(
    'LEFT_CLUSTER',
    'default-route',
    `The packet left ${node.name} by its default route: nobody here has ${packet.dst}.`,
    params,
    { place },
  )
}

function lost({ place, why, params }: Extract<Arrival, { end: 'lost' }>): RequestVerdict {
  const p = { place: place.name, ...params } as Record<string, string>
  const words = {
    'link-down': `The link between ${p['from']} and ${p['to']} is down: nothing answers.`,
    'node-down': `${p['node']} is down: nothing answers.`,
    'hairpin-off': `${p['pod']} would get its own packet back, but ${p['node']} does not send a packet out where it came in (hairpin mode off).`,
    'node-firewall': `The firewall around ${p['node']} lets nothing in from outside the cluster.`,
    'martian-source': `A packet from ${p['source']} may not leave the host: route_localnet is off.`,
    'no-load-balancer-node': `The load balancer has no healthy node for ${p['service']}.`,
  }
  return verdict('TIMEOUT', why, words[why], p, { place })
}
