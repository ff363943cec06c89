import type { Group } from '../testing/bench.ts'
import { requestOf, serviceWith, stateOf } from '../testing/l7.ts'
import { clusterFor, ingress } from '../testing/routing.ts'
import { decide } from './decide.ts'
import { nginx } from './profiles/nginx.ts'
import { spec } from './profiles/spec.ts'
import { traefik } from './profiles/traefik.ts'

/** A thousand hosts of ten paths: to compile in less than 100 ms, and to route at least 50,000 requests a second. */
const objects = Array.from({ length: 1000 }, (_, host) =>
  ingress(
    `i${host}`,
    { [`h${host}.test`]: Array.from({ length: 10 }, (_, path) => `/p${path} Prefix s${host % 100}`) },
    { tls: [`h${host}.test`] },
  ),
)
const many = Array.from({ length: 100 }, (_, i) => serviceWith('default', `s${i}`, [{ port: 80 }], 3, i + 20)).flat()
const state = stateOf(1)

export const groups: readonly Group[] = [spec, nginx, traefik].map((profile) => ({
  title: profile.name,
  cases: () => {
    const cluster = clusterFor(profile, ...many, ...objects)
    const table = profile.compile(cluster, {})
    const requests = Array.from({ length: 100 }, (_, i) =>
      requestOf({ scheme: 'https', host: `h${i * 7}.test`, path: `/p${i % 10}/x?y=1`, headers: { accept: '*/*' } }),
    )
    const route = () => {
      for (const request of requests) decide(table, request, state)
    }
    route()
    return [
      { name: 'compile 1,000 hosts × 10 paths', run: () => profile.compile(cluster, {}), per: { count: 10_000, of: 'routes' } },
      { name: 'route a request', run: route, per: { count: requests.length, of: 'requests' } },
    ]
  },
}))
