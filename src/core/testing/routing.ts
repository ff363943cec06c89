import type { Cluster } from '../api/cluster.ts'
import { decide } from '../l7/decide.ts'
import type { ControllerConfig, Profile } from '../l7/profile.ts'
import type { Outcome, RouteTable, RoutingState } from '../l7/routes.ts'
import { clusterOf, requestOf, serviceWith, stateOf } from './l7.ts'

type Loose = Parameters<typeof clusterOf>[0][number]

/** `PATH TYPE SERVICE[:PORT]` of a host: `/foo Exact web:http`; SERVICE `-` is a resource. */
export type Paths = readonly string[]

/** An Ingress in short: hosts with their paths; `''` is a rule without host. */
export function ingress(
  name: string,
  hosts: Readonly<Record<string, Paths>>,
  more: {
    readonly className?: string | undefined
    readonly annotations?: Readonly<Record<string, string>>
    readonly tls?: readonly string[]
    readonly fallback?: string
  } = {},
): Loose {
  const rules = Object.entries(hosts).map(([host, paths]) => ({
    ...(host && { host }),
    http: { paths: paths.map(pathOf) },
  }))
  const className = 'className' in more ? more.className : 'own'
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { namespace: 'default', name, ...(more.annotations && { annotations: more.annotations }) },
    spec: {
      ...(className !== undefined && { ingressClassName: className }),
      ...(more.fallback !== undefined && { defaultBackend: backendOf(more.fallback) }),
      ...(more.tls && { tls: [{ hosts: more.tls, secretName: 'cert' }] }),
      ...(rules.length > 0 && { rules }),
    },
  }
}

function pathOf(text: string): object {
  const [path, pathType, backend = ''] = text.split(' ')
  return { path, pathType, backend: backendOf(backend) }
}

function backendOf(text: string): object {
  if (text === '-') return { resource: { kind: 'Bucket', name: 'b' } }
  const [name, port = '80'] = text.split(':')
  return { service: { name, port: /^\d+$/.test(port) ? { number: Number(port) } : { name: port } } }
}

/** The Services `a`, `b`, `c` with one endpoint each, `two` with two, and `empty` with none; port 80 is called `http` and leads to 8080. */
export const services: readonly Loose[] = [
  ...['a', 'b', 'c', 'two', 'empty'].flatMap((name, i) =>
    serviceWith('default', name, [{ name: 'http', port: 80, targetPort: 8080 }], name === 'two' ? 2 : name === 'empty' ? 0 : 1, i + 1),
  ),
]

/** A cluster with the services, these objects, and a class `own` of the profile. */
export function clusterFor(profile: Profile, ...objects: readonly Loose[]): Cluster {
  const ownClass = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'own' },
    spec: { controller: profile.controller },
  }
  return clusterOf([ownClass, ...services, ...objects])
}

/** The profile's table of these objects. */
export function tableFor(profile: Profile, objects: readonly Loose[], config: ControllerConfig = {}): RouteTable {
  return profile.compile(clusterFor(profile, ...objects), config)
}

/** What becomes of `[METHOD ]http://HOST/PATH`: the Service's name, or the status with the Location of a redirect. */
export function ask(
  table: RouteTable,
  text: string,
  headers: Readonly<Record<string, string>> = {},
  state: RoutingState = stateOf(1),
): string {
  return words(outcomeOf(table, text, headers, state))
}

export function outcomeOf(
  table: RouteTable,
  text: string,
  headers: Readonly<Record<string, string>> = {},
  state: RoutingState = stateOf(1),
): Outcome {
  const match = /^(?:([A-Z]+) )?(https?):\/\/([^/]*)(.*)$/.exec(text)
  if (!match) throw new Error(text)
  const [, method = 'GET', scheme = 'http', host = '', path = '/'] = match
  return decide(table, requestOf({ method, scheme, host, path, headers }), state).outcome
}

function words(outcome: Outcome): string {
  if (outcome.do === 'forward') return outcome.service.replace(/^Service\/default\//, '')
  if (outcome.do === 'unknown') return `unknown ${outcome.what}`
  const location = outcome.headers['location']
  return location === undefined ? String(outcome.status) : `${outcome.status} ${location}`
}
