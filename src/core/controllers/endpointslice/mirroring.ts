import { at, type Cluster, find, list } from '../../api/cluster.ts'
import type { Endpoints } from '../../api/kinds/endpoints.ts'
import { type EndpointSlice, MANAGED_BY_LABEL } from '../../api/kinds/endpointslice.ts'
import { keyOf, type ObjectKey } from '../../api/meta.ts'
import { type Change, type Controller, type ReconcileContext, update } from '../controller.ts'
import { because } from '../why.ts'
import { MAX_MIRRORED, MIRRORER, mirrorMetadata, planMirror } from './mirror.ts'
import type { Draft } from './reconcile.ts'
import { createdSlice, serviceKeyOf, slicesOf } from './slices.ts'

const SKIP = 'endpointslice.kubernetes.io/skip-mirror'
const LEADER = 'control-plane.alpha.kubernetes.io/leader'

/**
 * Copies hand-written Endpoints of Services without a selector into slices, which is what everybody reads; of each subset at most `max`
 * addresses (`--mirroring-max-endpoints-per-subset`).
 */
export const mirroringController = (max = MAX_MIRRORED): Controller => ({
  name: 'endpointslicemirroring-controller',
  everything: (cluster) => [
    ...list(cluster, 'Endpoints').map(keyOf),
    ...list(cluster, 'EndpointSlice')
      .filter((slice) => slice.metadata.labels?.[MANAGED_BY_LABEL] === MIRRORER)
      .flatMap((slice) => serviceKeyOf(slice, 'Endpoints')),
  ],
  watches: ['Service', 'Endpoints', 'EndpointSlice'],
  concerns: ({ key, before, after }) => {
    if (key.startsWith('Endpoints/')) return [key]
    if (key.startsWith('Service/')) return [`Endpoints${key.slice('Service'.length)}`]
    return key.startsWith('EndpointSlice/') ? [before, after].flatMap((slice) => serviceKeyOf(slice, 'Endpoints')) : []
  },
  reconcile: (cluster, keys, context) => keys.flatMap((key) => sync(cluster, key, max, context)),
})

function sync(cluster: Cluster, key: ObjectKey, max: number, context: ReconcileContext): readonly Change[] {
  const [, namespace = '', name = ''] = key.split('/')
  const endpoints = at(cluster, key) as Endpoints | undefined
  const existing = slicesOf(cluster, MIRRORER, namespace, name)
  if (!endpoints || !isMirrored(cluster, endpoints)) {
    return existing.map((slice) => ({ change: 'delete', key: keyOf(slice), why: because('mirror-gone', { name }) }))
  }
  const plan = planMirror(endpoints, existing, max)
  const creates = endpoints.metadata.deletionTimestamp === undefined ? plan.create : []
  return [
    ...creates.map((draft): Change => {
      return { change: 'create', object: created(cluster, endpoints, draft, context), why: because('mirror-new', { name }) }
    }),
    ...plan.update.map(({ slice, draft }) => update(updated(endpoints, slice, draft), because('mirror-changed', { name }))),
    ...plan.remove.map((slice): Change => ({ change: 'delete', key: keyOf(slice), why: because('mirror-unneeded', { name }) })),
  ]
}

/** Only Endpoints of an existing Service without a selector are, and not where they or an election lock say otherwise. */
function isMirrored(cluster: Cluster, { metadata }: Endpoints): boolean {
  const service = find(cluster, 'Service', metadata.namespace ?? '', metadata.name)
  return (
    service !== undefined &&
    service.spec.selector === undefined &&
    metadata.labels?.[SKIP] !== 'true' &&
    metadata.annotations?.[LEADER] === undefined
  )
}

function created(cluster: Cluster, endpoints: Endpoints, draft: Draft, context: ReconcileContext): EndpointSlice {
  const { labels, annotations, ownerReferences } = mirrorMetadata(endpoints)
  const noted = Object.keys(annotations).length > 0 ? { annotations } : {}
  return createdSlice(cluster, endpoints.metadata, draft, context, { labels, ...noted, ownerReferences })
}

function updated(endpoints: Endpoints, slice: EndpointSlice, draft: Draft): EndpointSlice {
  const { annotations: _, generation = 1, ...metadata } = slice.metadata
  const { labels, annotations, ownerReferences } = mirrorMetadata(endpoints)
  return {
    ...slice,
    metadata: {
      ...metadata,
      generation: generation + 1,
      labels,
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
      ownerReferences,
    },
    endpoints: draft.endpoints,
    ports: draft.ports,
  }
}
