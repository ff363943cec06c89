import { at, type Cluster } from '../api/cluster.ts'
import { type EndpointSlice, MANAGED_BY_LABEL, SERVICE_NAME_LABEL } from '../api/kinds/endpointslice.ts'
import type { Service } from '../api/kinds/service.ts'
import type { Loaded } from '../api/load.ts'
import type { FieldPath, ObjectKey } from '../api/meta.ts'
import { rangeOfField } from '../api/path.ts'
import type { Origin } from '../kernel/program.ts'
import type { SourceRange } from '../source/diagnostic.ts'
import type { RequestTrace } from '../trace/trace.ts'
import { originKey } from './session.ts'

/** Where the origins in traces are written, by `originKey`. */
export function rangesOf(
  traces: readonly RequestTrace[],
  cluster: Cluster,
  located: Loaded['located'],
): Readonly<Record<string, SourceRange>> {
  return rangesOfOrigins(traces.flatMap(originsIn), cluster, located)
}

/** Where origins are written, by `originKey`; what nobody wrote is left out. */
export function rangesOfOrigins(
  origins: readonly Origin[],
  cluster: Cluster,
  located: Loaded['located'],
): Readonly<Record<string, SourceRange>> {
  const ranges: Record<string, SourceRange> = {}
  for (const origin of origins) {
    const key = originKey(origin)
    const range = ranges[key] ?? rangeOfOrigin(origin, cluster, located)
    if (range) ranges[key] = range
  }
  return ranges
}

function originsIn({ hops, reply, verdict, causes }: RequestTrace): readonly Origin[] {
  const steps = [...hops, ...(reply?.hops ?? [])].flatMap((hop) => hop.steps)
  const own = steps.flatMap((step) => ('origin' in step && step.origin ? [step.origin] : []))
  const inMatches = steps.flatMap((step) => (step.step === 'match' ? step.candidates.flatMap(({ origin }) => origin ?? []) : []))
  const inCauses = (causes ?? []).flatMap(({ origin }) => origin ?? [])
  return [...own, ...inMatches, ...inCauses, ...(verdict.by?.origin ? [verdict.by.origin] : [])]
}

/** Where an origin is written: at its own object, or at the field of its owner that it was derived from. */
export function rangeOfOrigin(origin: Origin, cluster: Cluster, located: Loaded['located']): SourceRange | undefined {
  let current: Origin | undefined = origin
  // Owners of owners: a Pod's ReplicaSet's Deployment, a slice's Pod's …
  for (let depth = 0; current && depth < 6; depth++) {
    const node = located.get(current.object)
    if (node) return rangeOfField(node, current.path)
    current = ownerOf(current, cluster)
  }
  return undefined
}

/** The field of the object behind a derived one that made it what it is. */
function ownerOf({ object, path }: Origin, cluster: Cluster): Origin | undefined {
  const kind = object.slice(0, object.indexOf('/'))
  if (kind === 'EndpointSlice') return behindSlice(object, path, cluster)
  if (kind === 'Endpoints') return { object: object.replace(/^Endpoints/, 'Service'), path: ['spec', 'selector'] }
  const owner = at(cluster, object)?.metadata.ownerReferences?.find(({ controller }) => controller)
  if (!owner) return undefined
  const namespace = object.split('/')[1] ?? ''
  return { object: `${owner.kind}/${namespace}/${owner.name}`, path: kind === 'Pod' ? templatePath(path) : path }
}

/** A Pod's field as its owner's template writes it. */
function templatePath(path: FieldPath): FieldPath {
  return path[0] === 'spec' || path[0] === 'metadata' ? ['spec', 'template', ...path] : ['spec', 'template']
}

function behindSlice(key: ObjectKey, path: FieldPath, cluster: Cluster): Origin | undefined {
  const slice = at(cluster, key) as EndpointSlice | undefined
  const name = slice?.metadata.labels?.[SERVICE_NAME_LABEL]
  if (!slice || name === undefined) return undefined
  const namespace = slice.metadata.namespace ?? ''
  const mirrored = slice.metadata.labels?.[MANAGED_BY_LABEL] === 'endpointslicemirroring-controller.k8s.io'
  if (mirrored) return { object: `Endpoints/${namespace}/${name}`, path: ['subsets'] }
  if (path[0] === 'endpoints' && typeof path[1] === 'number' && path[2] !== 'port') {
    const target = slice.endpoints?.[path[1]]?.targetRef
    if (target?.kind === 'Pod' && target.name !== undefined)
      return { object: `Pod/${namespace}/${target.name}`, path: ['metadata', 'labels'] }
  }
  const service = `Service/${namespace}/${name}`
  if (path[0] !== 'ports' || typeof path[1] !== 'number') return { object: service, path: ['spec', 'selector'] }
  const port = slice.ports?.[path[1]]
  const index = ((at(cluster, service) as Service | undefined)?.spec.ports ?? []).findIndex(
    (one) => (one.name ?? '') === (port?.name ?? ''),
  )
  return { object: service, path: index < 0 ? ['spec', 'ports'] : ['spec', 'ports', index, 'targetPort'] }
}
