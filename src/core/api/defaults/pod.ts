import type { Mutable } from '../../base/copy.ts'
import type { Pod, PodSpec } from '../kinds/pod.ts'

/** Plain data whose fields are not all in our types: defaults reach into volumes, security contexts and the like. */
type Loose = { [field: string]: unknown }

/** The defaults of a Pod's spec, in a Pod or in a template (pkg/apis/core/v1/defaults.go), set in place. */
export function defaultPodSpec(spec: Mutable<PodSpec>): void {
  const loose = spec as unknown as Loose
  spec.dnsPolicy ??= 'ClusterFirst'
  spec.restartPolicy ??= 'Always'
  loose['securityContext'] ??= {}
  loose['schedulerName'] ??= 'default-scheduler'
  spec.terminationGracePeriodSeconds ??= 30
  // A negative period was once accepted; it has meant the shortest one since.
  if (spec.terminationGracePeriodSeconds < 0) spec.terminationGracePeriodSeconds = 1
  if (spec.serviceAccountName) loose['serviceAccount'] ??= spec.serviceAccountName
  else if (typeof loose['serviceAccount'] === 'string') spec.serviceAccountName = loose['serviceAccount']
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) defaultContainer(container as unknown as Loose)
  for (const volume of listOf(loose['volumes'])) defaultVolume(volume)
}

/** What a Pod gets beyond its spec's defaults: of the object itself and of the admission plugins that are always on. */
export function defaultPod(pod: Mutable<Pod>): void {
  pod.spec ??= {} as Mutable<PodSpec>
  defaultPodSpec(pod.spec)
  if (pod.spec.hostNetwork)
    for (const container of [...(pod.spec.initContainers ?? []), ...(pod.spec.containers ?? [])])
      for (const port of container.ports ?? []) port.hostPort ||= port.containerPort
  const loose = pod.spec as unknown as Loose
  loose['enableServiceLinks'] ??= true
  loose['priority'] ??= 0
  loose['preemptionPolicy'] ??= 'PreemptLowerPriority'
  const tolerations = [...(pod.spec.tolerations ?? [])]
  for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
    // DefaultTolerationSeconds leaves alone what is tolerated already.
    const tolerated = tolerations.some(
      (toleration) => (toleration.key === key || !toleration.key) && (toleration.effect === 'NoExecute' || !toleration.effect),
    )
    if (!tolerated) tolerations.push({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 } as never)
  }
  pod.spec.tolerations = tolerations
}

function defaultContainer(container: Loose): void {
  container['resources'] ??= {}
  container['terminationMessagePath'] ??= '/dev/termination-log'
  container['terminationMessagePolicy'] ??= 'File'
  container['imagePullPolicy'] ??= pullPolicy(String(container['image'] ?? ''))
  for (const port of listOf(container['ports'])) {
    port['protocol'] ??= 'TCP'
  }
  for (const name of ['readinessProbe', 'livenessProbe', 'startupProbe']) {
    const probe = container[name]
    if (isLoose(probe)) defaultProbe(probe)
  }
  const lifecycle = container['lifecycle']
  if (isLoose(lifecycle)) for (const name of ['postStart', 'preStop']) defaultHandler(lifecycle[name])
  for (const variable of listOf(container['env'])) {
    const from = variable['valueFrom']
    const fieldRef = isLoose(from) ? from['fieldRef'] : undefined
    if (isLoose(fieldRef)) fieldRef['apiVersion'] ??= 'v1'
  }
}

function defaultProbe(probe: Loose): void {
  probe['timeoutSeconds'] ??= 1
  probe['periodSeconds'] ??= 10
  probe['successThreshold'] ??= 1
  probe['failureThreshold'] ??= 3
  defaultHandler(probe)
  const grpc = probe['grpc']
  if (isLoose(grpc)) grpc['service'] ??= ''
}

function defaultHandler(handler: unknown): void {
  const get = isLoose(handler) ? handler['httpGet'] : undefined
  if (!isLoose(get)) return
  get['path'] ??= '/'
  get['scheme'] ??= 'HTTP'
}

/** `Always` for the tag `latest` or none, which may move; else `IfNotPresent`. A reference that does not parse counts as tagged. */
function pullPolicy(image: string): string {
  const reference =
    /^(?:(?:[a-zA-Z0-9.-]+|\[[a-fA-F0-9:]+\])(?::\d+)?\/)?[a-z0-9._/-]+(?::([\w][\w.-]{0,127}))?(@[a-z0-9+._-]+:[0-9a-fA-F]+)?$/.exec(image)
  if (!reference) return 'IfNotPresent'
  const [, tag, digest] = reference
  return (tag === undefined && digest === undefined) || tag === 'latest' ? 'Always' : 'IfNotPresent'
}

function defaultVolume(volume: Loose): void {
  for (const source of ['configMap', 'secret', 'downwardAPI', 'projected']) {
    const at = volume[source]
    if (isLoose(at)) at['defaultMode'] ??= 420
  }
  const hostPath = volume['hostPath']
  if (isLoose(hostPath)) hostPath['type'] ??= ''
  const named = Object.keys(volume).filter((key) => key !== 'name')
  if (named.length === 0) volume['emptyDir'] = {}
}

function listOf(value: unknown): Loose[] {
  return Array.isArray(value) ? value.filter(isLoose) : []
}

function isLoose(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
