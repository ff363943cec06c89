import { expect, test } from 'vitest'
import { smallWorld } from '../testing/smallworld.ts'
import { worldCluster } from '../testing/worlds.ts'
import { proxyViewsOf } from './view.ts'

type Labels = Readonly<Record<string, string>>

const named = 'service.kubernetes.io/service-proxy-name'
const headless = 'service.kubernetes.io/headless'

/** How many endpoints the first Service of the small world has on `worker`, with labels added to it and to its slices. */
function endpointsOfFirst(onService: Labels, onSlices: Labels): number | undefined {
  const labelled = <T extends { metadata: { labels?: Labels } }>(object: T, labels: Labels): T => ({
    ...object,
    metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...labels } },
  })
  const [service] = smallWorld.services
  const { name } = service?.metadata ?? { name: '' }
  const slices = smallWorld.endpointSlices.filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name)
  const cluster = worldCluster({
    ...smallWorld,
    services: service ? [labelled(service, onService)] : [],
    endpointSlices: slices.map((slice) => labelled(slice, onSlices)),
  })
  return proxyViewsOf(cluster, 'worker', 'iptables')[0]?.servicePorts[0]?.endpoints.length
}

test('a Service without these labels has its endpoints', () => expect(endpointsOfFirst({}, {})).toBeGreaterThan(0))

test.each([
  ['a Service of another proxy', { [named]: 'other' }, {}, undefined],
  ['a Service of another proxy without a name', { [named]: '' }, {}, undefined],
  ['a Service labelled headless', { [headless]: '' }, {}, undefined],
  ['slices of another proxy', {}, { [named]: 'other' }, 0],
  ['slices labelled headless', {}, { [headless]: '' }, 0],
])('%s: kube-proxy does not hear of it', (_, onService, onSlices, endpoints) =>
  expect(endpointsOfFirst(onService as Labels, onSlices as Labels)).toBe(endpoints),
)
