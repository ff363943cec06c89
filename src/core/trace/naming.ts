import type { Cluster } from '../api/cluster.ts'
import { list } from '../api/cluster.ts'
import { isHeadless } from '../api/service/fields.ts'
import { parseIp } from '../base/ip.ts'
import { isInZone, lookup } from '../dns/lookup.ts'
import { absolute, type DnsAnswer } from '../dns/record.ts'
import { candidates } from '../dns/resolvconf.ts'
import { type Resolution, resolve } from '../dns/resolve.ts'
import { reverseOf } from '../dns/reverse.ts'
import { zoneOf } from '../dns/zone.ts'
import type { Naming } from './names.ts'
import type { RequestVerdict, Step } from './trace.ts'
import { verdict } from './verdict.ts'

type ResolveStep = Extract<Step, { step: 'resolve' }>

/** Resolves a host name at a client: the steps to show, and the addresses to try or the verdict that ends the request. */
export function resolveAt(
  cluster: Cluster,
  naming: Naming,
  client: string,
  name: string,
): { readonly steps: readonly ResolveStep[]; readonly addresses: readonly string[]; readonly failure?: RequestVerdict } {
  const resolution = resolve(naming.resolver, name)
  const steps = resolution.queries.map(({ question, type, answer }) => stepOf(cluster, naming, question, type, answer))
  if (resolution.addresses.length > 0) return { steps, addresses: resolution.addresses }
  return { steps, addresses: [], failure: failureOf(cluster, naming, client, name, resolution) }
}

/** `nslookup`: the answer is the end. With a type only that type is asked; an address asks for its name. */
export function lookUp(
  cluster: Cluster,
  naming: Naming,
  client: string,
  name: string,
  type: string | undefined,
): { readonly steps: readonly ResolveStep[]; readonly end: RequestVerdict } {
  const ip = parseIp(name)
  if (type === undefined && ip === undefined) {
    const { steps, addresses, failure } = resolveAt(cluster, naming, client, name)
    return { steps, end: failure ?? resolved(name, addresses.join(', ')) }
  }
  const asked = type ?? 'PTR'
  const names = ip === undefined ? candidates(name, naming.resolver.conf) : [reverseOf(ip)]
  const steps: ResolveStep[] = []
  for (const candidate of names) {
    const { zone, upstream } = naming.resolver
    const answer = zone ? lookup(zone, candidate, asked, upstream) : upstream(candidate, asked)
    steps.push(stepOf(cluster, naming, candidate, asked, answer))
    if (answer.answers.length > 0) return { steps, end: resolved(name, answer.answers.map(({ value }) => value).join(', ')) }
  }
  const exists = steps.some(({ rcode }) => rcode === 'NODATA')
  const outcome = exists ? 'nodata' : 'nxdomain'
  return { steps, end: failureOf(cluster, naming, client, name, { queries: [], addresses: [], outcome }) }
}

function resolved(name: string, answer: string): RequestVerdict {
  return verdict('DELIVERED', 'resolved', `${name} is ${answer}.`, { name, answer })
}

function stepOf(cluster: Cluster, naming: Naming, question: string, type: string, answer: DnsAnswer): ResolveStep {
  const object = serviceBehind(cluster, question)
  return {
    step: 'resolve',
    question,
    type,
    server: naming.server,
    rcode: answer.rcode === 'SERVFAIL' ? 'NXDOMAIN' : answer.rcode,
    answers: answer.answers,
    ...(naming.usesCluster && object !== undefined && answer.answers.length > 0 && { origin: { object, path: ['metadata', 'name'] } }),
  }
}

/** The Service that a name of the zone belongs to. */
function serviceBehind(cluster: Cluster, question: string): string | undefined {
  const zone = zoneOf(cluster)
  if (!isInZone(zone, question)) return undefined
  const labels = absolute(question)
    .toLowerCase()
    .slice(0, -(zone.domain.length + 2))
    .split('.')
  if (labels.at(-1) !== 'svc') return undefined
  const [name = '', namespace = ''] = [labels.at(-3), labels.at(-2)]
  return zone.service(namespace, name) && `Service/${namespace}/${name}`
}

function failureOf(cluster: Cluster, naming: Naming, client: string, name: string, { outcome }: Resolution): RequestVerdict {
  const params = { name, client }
  if (outcome === 'nodata') {
    return verdict('NO_ADDRESS', 'no-address-of-family', `${name} exists, but has no address that ${client} could use.`, params)
  }
  if (!naming.usesCluster) {
    return isServiceName(cluster, name)
      ? verdict('NXDOMAIN', 'not-cluster-dns', `${client} does not ask the cluster's DNS: ${name} means nothing to its resolver.`, params)
      : verdict('NXDOMAIN', 'no-such-name', `${name} does not exist.`, params)
  }
  return explained(cluster, name, params)
}

/** A name that means a Service to somebody: a Service's own, or any in the cluster's zone. */
function isServiceName(cluster: Cluster, name: string): boolean {
  const first = name.split('.')[0]?.toLowerCase()
  return isInZone(zoneOf(cluster), name) || list(cluster, 'Service').some(({ metadata }) => metadata.name === first)
}

/** Why a Pod's name did not resolve: a headless Service with nothing ready, a Service of that name elsewhere, or nothing at all. */
function explained(cluster: Cluster, name: string, params: { name: string; client: string }): RequestVerdict {
  const [first = '', second] = name.toLowerCase().replace(/\.$/, '').split('.')
  const own = params.client.split('/')[0] ?? ''
  const named = list(cluster, 'Service').filter(({ metadata }) => metadata.name === first)
  const meant = named.find(({ metadata }) => metadata.namespace === (second ?? own))
  if (meant) {
    const service = `${meant.metadata.namespace}/${meant.metadata.name}`
    const by = { origin: { object: `Service/${service}`, path: ['spec'] } }
    if (isHeadless(meant)) {
      const message = `${service} is headless and has no ready endpoint: its name does not exist.`
      return verdict('NXDOMAIN', 'headless-no-ready', message, { ...params, service }, by)
    }
    if (meant.spec.type === 'ExternalName') {
      const message = `The name that ${service} stands for does not exist: ${meant.spec.externalName ?? ''}.`
      return verdict('NXDOMAIN', 'external-name', message, { ...params, service, target: meant.spec.externalName ?? '' }, by)
    }
  }
  const other = named[0]
  if (other && second === undefined) {
    const namespace = other.metadata.namespace ?? 'default'
    const message = `No Service ${first} in namespace ${own}; there is one in ${namespace}: ${first}.${namespace}.`
    return verdict('NXDOMAIN', 'other-namespace', message, { ...params, namespace, service: `${namespace}/${first}` })
  }
  return verdict('NXDOMAIN', 'no-such-name', `${name} does not exist.`, params)
}
