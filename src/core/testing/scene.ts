import { load } from '../api/load.ts'
import type { ModeId } from '../kernel/program.ts'
import { openWorld } from '../sim/open.ts'
import { sendRequest } from '../sim/send.ts'
import type { RequestSpec } from '../sim/session.ts'
import type { World } from '../sim/world.ts'
import type { RequestTrace } from '../trace/trace.ts'

/** A world from YAML, its controllers run. */
export function worldFrom(text: string, mode: ModeId = 'iptables', seed = 42): World {
  const loaded = load([{ name: 'scene.yaml', text }], { bare: false, mode })
  const errors = loaded.diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'))
  return openWorld(loaded, { seed, mode })
}

/** Sends one request; a request that makes no sense throws. */
export function send(world: World, request: RequestSpec, all = false): { readonly world: World; readonly trace: RequestTrace } {
  const sent = sendRequest(world, request, { all })
  if (typeof sent === 'string') throw new Error(sent)
  const [trace] = sent.traces
  if (!trace) throw new Error('no trace')
  return { world: sent.world, trace }
}

/** A Deployment with its labels `app: NAME`, listening on a port. */
export function deployment(name: string, replicas: number, port: number, namespace = 'default', image = 'x'): string {
  return `{apiVersion: apps/v1, kind: Deployment, metadata: {name: ${name}, namespace: ${namespace}}, spec: {replicas: ${replicas}, selector: {matchLabels: {app: ${name}}}, template: {metadata: {labels: {app: ${name}}}, spec: {containers: [{name: c, image: ${image}, ports: [{containerPort: ${port}}]}]}}}}`
}

/** A Service over `app: NAME`; `spec` is added to its spec. */
export function service(name: string, spec: string, namespace = 'default'): string {
  return `{apiVersion: v1, kind: Service, metadata: {name: ${name}, namespace: ${namespace}}, spec: {${spec}}}`
}

/** Documents as one text. */
export function documents(...texts: readonly string[]): string {
  return texts.join('\n---\n')
}

/** A Pod that does nothing but ask. */
export const CLIENT =
  '{apiVersion: v1, kind: Pod, metadata: {name: client}, spec: {nodeName: demo-worker, containers: [{name: c, image: curl}]}}'
