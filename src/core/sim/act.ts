import { type ApiObject, at, type Cluster, find, list, store } from '../api/cluster.ts'
import { decodeDocument } from '../api/decode-document.ts'
import { readDocuments } from '../api/documents.ts'
import { badRequest, type FieldError, type Refusal } from '../api/field-error.ts'
import { hasFinished, type Pod } from '../api/kinds/pod.ts'
import type { Fault, ScenarioStep } from '../api/kinds/scenario.ts'
import { keyOf } from '../api/meta.ts'
import { parsePath } from '../api/path.ts'
import { applyObject, deleteObject, updateObject, withNamespace } from '../api/registry.ts'
import { rfc3339 } from '../base/time.ts'
import { READY_ANNOTATION } from '../controllers/readiness.ts'
import { because, type Why, whyText } from '../controllers/why.ts'
import { linkKey } from '../trace/run.ts'
import { isPastEnd, withPath } from './path.ts'
import { podOfWorkload } from './request.ts'
import { pass, type Stepped, setFrozen, setNodeReady, settleWorld, type WorldChange } from './time.ts'
import type { World } from './world.ts'

/** An object that the API server would not take. */
export type Refused = {
  readonly object: { readonly kind: string; readonly namespace: string; readonly name: string }
  readonly reason: string
  readonly code: number
  readonly message: string
  readonly causes: readonly FieldError[]
}

export type Acted = {
  readonly world: World
  readonly changes: readonly WorldChange[]
  readonly refused: readonly Refused[]
  readonly warnings: readonly string[]
}

/** A step that changes the world; sending, saying and asking do not. */
export type ControlStep = Exclude<ScenarioStep, { step: 'send' | 'say' | 'ask' }>

/** Carries out one step. What is refused changes nothing, and is said; nothing throws on any input. */
export function act(world: World, step: ControlStep): Acted {
  switch (step.step) {
    case 'apply':
      return apply(world, step.text)
    case 'delete':
      return remove(world, step.object)
    case 'patch':
      return patch(world, step.object, step.set)
    case 'scale':
      return patch(world, step.object, { 'spec.replicas': step.replicas })
    case 'ready':
      return setReady(world, step.pod, step.value)
    case 'wait':
      return quiet(pass(world, step.ms))
    case 'freeze':
    case 'thaw':
      if (!find(world.cluster, 'Node', '', step.node)) return notThere(world, 'Node', '', step.node)
      return quiet({ world: setFrozen(world, step.node, step.step === 'freeze'), changes: [] })
    case 'fault':
    case 'heal':
      return breakOrMend(world, step.fault, step.step === 'fault')
  }
}

function quiet({ world, changes }: Stepped): Acted {
  return { world, changes, refused: [], warnings: [] }
}

function refuse(world: World, object: Pick<ApiObject, 'kind' | 'metadata'>, refusal: Refusal): Acted {
  return { world, changes: [], refused: [refusedAs(object, refusal)], warnings: [] }
}

function refusedAs({ kind, metadata }: Pick<ApiObject, 'kind' | 'metadata'>, refusal: Refusal): Refused {
  const { reason, code, message, causes } = refusal
  return { object: { kind, namespace: metadata.namespace ?? '', name: metadata.name }, reason, code, message, causes }
}

function notThere(world: World, kind: string, namespace: string, name: string): Acted {
  const message = `${plural(kind)} "${name}" not found`
  return refuse(world, { kind, metadata: { name, namespace } }, { reason: 'NotFound', code: 404, message, causes: [] })
}

function plural(kind: string): string {
  const lower = kind.toLowerCase()
  return lower.endsWith('s') ? lower : `${lower}s`
}

/** Every document in one instant, each as a PUT of the whole object, or its creation. */
function apply(world: World, text: string): Acted {
  const { documents, diagnostics } = readDocuments([{ name: 'apply', text }])
  const refused: Refused[] = diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ message }) => refusedAs({ kind: '', metadata: { name: '' } }, { reason: 'BadRequest', code: 400, message, causes: [] }))
  const warnings: string[] = []
  const own: WorldChange[] = []
  let cluster = world.cluster
  for (const document of documents) {
    const decoded = decodeDocument(document)
    for (const { severity, message } of decoded.diagnostics) {
      if (severity === 'warning') warnings.push(message)
      if (severity === 'error') {
        const name = decoded.diagnostics.find(({ object }) => object)?.object
        const metadata = { name: name?.name ?? '', namespace: name?.namespace ?? '' }
        const refusal = decoded.refused ?? { reason: 'BadRequest', code: 400, message, causes: [] }
        refused.push(refusedAs({ kind: document.kind, metadata }, refusal))
      }
    }
    if (!decoded.object) continue
    const object = withNamespace(decoded.object)
    const known = at(cluster, keyOf(object)) !== undefined
    const outcome = applyObject(cluster, object, { now: world.now })
    if ('refused' in outcome) refused.push(refusedAs(object, outcome.refused))
    else {
      cluster = outcome.cluster
      warnings.push(...outcome.warnings)
      own.push(written(known ? 'update' : 'create', outcome.object, because('applied')))
    }
  }
  return { ...quiet(settleWorld(world, cluster, own)), refused, warnings }
}

function written(op: WorldChange['op'], object: ApiObject, why: Why): WorldChange {
  return { op, reason: whyText(why), because: why, component: 'user', object }
}

/** `Kind/NS/NAME`, `Kind/NAME` for the default namespace or none; a kind in any case, a Pod also as `deploy/NS/NAME#i`. */
function objectAt(
  cluster: Cluster,
  text: string,
): { readonly kind: string; readonly namespace: string; readonly name: string; readonly object?: ApiObject } {
  const [written = '', ...rest] = text.split('/')
  if (text.includes('#')) {
    // `deploy/NS/NAME#i`, with or without `Pod/` (and a namespace) before it.
    const pod = podOfWorkload(cluster, 'Deployment', text.replace(/^(?:pod\/)?(?:[^/]+\/)??(?:deploy|deployment)\//i, ''))
    const [namespace = '', name = ''] = (pod ?? '').split('/')
    const object = find(cluster, 'Pod', namespace, name)
    return { kind: 'Pod', namespace, name: name || text, ...(object && { object }) }
  }
  const kind = [...cluster.byKind.keys()].find((one) => one.toLowerCase() === written.toLowerCase()) ?? written
  const name = rest.at(-1) ?? ''
  const namespaces = rest.length > 1 ? [rest[0] ?? ''] : ['default', '']
  for (const namespace of namespaces) {
    const object = at(cluster, `${kind}/${namespace}/${name}`)
    if (object) return { kind, namespace, name, object }
  }
  return { kind, namespace: namespaces[0] ?? '', name }
}

function remove(world: World, text: string): Acted {
  const { kind, namespace, name, object } = objectAt(world.cluster, text)
  if (!object) return notThere(world, kind, namespace, name)
  if (kind === 'Pod') return removePod(world, object as Pod)
  const outcome = deleteObject(world.cluster, kind, namespace, name)
  if ('refused' in outcome) return refuse(world, object, outcome.refused)
  return quiet(settleWorld(world, outcome.cluster, [written('delete', object, because('deleted'))]))
}

/** A Pod is told to go and has its grace period; the kubelet removes it when its containers have ended. */
function removePod(world: World, pod: Pod): Acted {
  if (pod.metadata.deletionTimestamp !== undefined || goesAtOnce(pod))
    return quiet(settleWorld(world, store(world.cluster, [], [keyOf(pod)]), [written('delete', pod, because('deleted'))]))
  const grace = pod.spec.terminationGracePeriodSeconds ?? 30
  const metadata = { ...pod.metadata, deletionTimestamp: rfc3339(world.now + grace * 1000), deletionGracePeriodSeconds: grace }
  const going: Pod = { ...pod, metadata }
  return quiet(settleWorld(world, store(world.cluster, [going]), [written('update', going, because('deleted-with-grace'))]))
}

/** Nothing has to end first: it runs nowhere, is finished, or was given no time. */
function goesAtOnce(pod: Pod): boolean {
  return pod.spec.nodeName === undefined || hasFinished(pod) || pod.spec.terminationGracePeriodSeconds === 0
}

function patch(world: World, text: string, set: Readonly<Record<string, unknown>>): Acted {
  const { kind, namespace, name, object } = objectAt(world.cluster, text)
  if (!object) return notThere(world, kind, namespace, name)
  let next: unknown = object
  for (const [path, to] of Object.entries(set)) {
    const fields = parsePath(path)
    if (isPastEnd(next, fields)) return refuse(world, object, badRequest(`${path}: the list has no such item`))
    next = withPath(next, fields, to)
  }
  const decoded = decodedAgain(next, object)
  if ('refused' in decoded) return refuse(world, object, decoded.refused)
  const outcome = updateObject(world.cluster, decoded.object, { now: world.now })
  if ('refused' in outcome) return refuse(world, object, outcome.refused)
  const own = [written('update', outcome.object, because('set', { fields: Object.keys(set).join(', ') }))]
  return { ...quiet(settleWorld(world, outcome.cluster, own)), warnings: [...decoded.warnings, ...outcome.warnings] }
}

/** A patched object goes through the server's decoder like any other: a value of the wrong type does not get past it. */
function decodedAgain(
  patched: unknown,
  stored: ApiObject,
): { readonly object: ApiObject; readonly warnings: readonly string[] } | { readonly refused: Refusal } {
  const { documents, diagnostics } = readDocuments([{ name: 'patch', text: JSON.stringify(patched) }])
  const [document] = documents
  if (!document) return { refused: badRequest(diagnostics[0]?.message ?? 'the object is empty') }
  const { object, unknown, refused, diagnostics: said } = decodeDocument(document)
  const decoded = object ?? unknown
  if (!decoded) return { refused: refused ?? badRequest(said[0]?.message ?? `this is no ${stored.kind}`) }
  if (keyOf(withNamespace(decoded)) !== keyOf(stored)) return { refused: badRequest('kind, name and namespace of an object cannot change') }
  // What is kept of a Secret is in no schema, so that the decoder drops it.
  const kept = Object.fromEntries(Object.entries(patched as object).filter(([key]) => key in stored))
  return { object: { ...kept, ...decoded }, warnings: said.filter(({ severity }) => severity === 'warning').map(({ message }) => message) }
}

/** `NS/NAME` or `deploy/NS/NAME#i`: its containers pass or fail their readiness probes from now on. */
function setReady(world: World, text: string, value: boolean): Acted {
  const name = /^(deploy|deployment)\//i.test(text)
    ? podOfWorkload(world.cluster, 'Deployment', text.slice(text.indexOf('/') + 1))
    : text.replace(/^pod\//i, '')
  const [namespace = '', own = ''] = name?.includes('/') ? name.split('/') : ['default', name ?? text]
  const pod = find(world.cluster, 'Pod', namespace, own)
  if (!pod) return notThere(world, 'Pod', namespace, own || text)
  const annotations = { ...pod.metadata.annotations, [READY_ANNOTATION]: String(value) }
  const next: Pod = { ...pod, metadata: { ...pod.metadata, annotations } }
  const why = because(value ? 'probe-succeeds' : 'probe-fails')
  return quiet(settleWorld(world, store(world.cluster, [next]), [written('update', next, why)]))
}

function breakOrMend(world: World, fault: Fault, broken: boolean): Acted {
  const { nodes, links } = world.faults
  switch (fault.fault) {
    case 'link': {
      const [a, b] = fault.nodes
      for (const node of fault.nodes) if (!find(world.cluster, 'Node', '', node)) return notThere(world, 'Node', '', node)
      return quiet({ world: { ...world, faults: { nodes, links: toggled(links, linkKey(a, b), broken) } }, changes: [] })
    }
    case 'node': {
      if (!find(world.cluster, 'Node', '', fault.node)) return notThere(world, 'Node', '', fault.node)
      const downSince = new Map(world.downSince)
      const down = downSince.get(fault.node)
      if (broken) downSince.set(fault.node, { since: world.now, noticed: false })
      else downSince.delete(fault.node)
      // A machine that comes back has booted: its kernel remembers nothing.
      const kernels = new Map(world.kernels)
      if (!broken) kernels.delete(fault.node)
      const next: World = { ...world, kernels, downSince, faults: { links, nodes: toggled(nodes, fault.node, broken) } }
      return quiet(!broken && down?.noticed ? setNodeReady(next, fault.node, true) : { world: next, changes: [] })
    }
    case 'lb-pool': {
      const pool = broken ? [] : (world.fullPool ?? world.cluster.settings.loadBalancerPool)
      const { fullPool: _fullPool, ...rest } = world
      const settings = { ...world.cluster.settings, loadBalancerPool: pool }
      const next: World = broken ? { ...world, fullPool: world.fullPool ?? world.cluster.settings.loadBalancerPool } : rest
      const cluster = { ...world.cluster, settings }
      return quiet(settleWorld(next, broken ? cluster : retried(cluster)))
    }
  }
}

/** Services that wait for an address are looked at again, as the controller's resync does. */
function retried(cluster: Cluster): Cluster {
  const waiting = list(cluster, 'Service').filter(
    ({ spec, status }) => spec.type === 'LoadBalancer' && !status?.loadBalancer?.ingress?.length,
  )
  return store(
    cluster,
    waiting.map((service) => ({ ...service })),
  )
}

function toggled(set: ReadonlySet<string>, key: string, present: boolean): ReadonlySet<string> {
  const next = new Set(set)
  if (present) next.add(key)
  else next.delete(key)
  return next
}
