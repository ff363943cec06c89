import type { Condition, Container, ContainerPort, ContainerStatus, Pod, PodTemplate, Probe } from '../api/kinds/pod.ts'
import type { ObjectMeta } from '../api/meta.ts'
import { byText } from '../base/order.ts'
import { ageOf, printRfc1123 } from './age.ts'
import { type DescriptionWriter, writeAnnotations, writeLabels } from './writer.ts'

type Loose = Readonly<Record<string, unknown>>
type Toleration = {
  readonly key?: string
  readonly operator?: string
  readonly value?: string
  readonly effect?: string
  readonly tolerationSeconds?: number
}

export function describePod(w: DescriptionWriter, pod: Pod, now: number): void {
  writePodHead(w, pod, now)
  writePodAddresses(w, pod)
  const { spec, status = {} } = pod
  const inits = spec.initContainers ?? []
  if (inits.length > 0) writeContainers(w, 'Init Containers', inits, status.initContainerStatuses ?? [], '')
  writeContainers(w, 'Containers', spec.containers, status.containerStatuses ?? [], '')
  const gates = spec.readinessGates ?? []
  if (gates.length > 0) {
    w.line(0, 'Readiness Gates:')
    w.line(1, 'Type', 'Status')
    for (const { conditionType } of gates) w.line(1, `${conditionType} `, `${statusOf(status.conditions, conditionType)} `)
  }
  const conditions = status.conditions ?? []
  if (conditions.length > 0) {
    w.line(0, 'Conditions:')
    w.line(1, 'Type', 'Status')
    for (const condition of conditions) w.line(1, `${condition.type} `, `${condition.status} `)
  }
  writeVolumes(w, spec as Loose, '')
  w.line(0, 'QoS Class:', qosOf(pod))
  writeLabels(w, 'Node-Selectors', spec.nodeSelector)
  writeTolerations(w, 'Tolerations', spec.tolerations)
}

function writePodHead(w: DescriptionWriter, pod: Pod, now: number): void {
  const { metadata, spec, status = {} } = pod
  const { priority, priorityClassName } = spec as { readonly priority?: number; readonly priorityClassName?: string }
  w.line(0, 'Name:', metadata.name)
  w.line(0, 'Namespace:', metadata.namespace ?? '')
  if (priority !== undefined) w.line(0, 'Priority:', priority)
  if (priorityClassName) w.line(0, 'Priority Class Name:', priorityClassName)
  if (spec.serviceAccountName) w.line(0, 'Service Account:', spec.serviceAccountName)
  w.line(0, 'Node:', spec.nodeName ? `${spec.nodeName}/${status.hostIP ?? ''}` : '<none>')
  if (status.startTime) w.line(0, 'Start Time:', printRfc1123(status.startTime))
  writeLabels(w, 'Labels', metadata.labels)
  writeAnnotations(w, 'Annotations', metadata.annotations)
  if (metadata.deletionTimestamp !== undefined && status.phase !== 'Failed' && status.phase !== 'Succeeded') {
    w.line(0, 'Status:', `Terminating (lasts ${ageOf(metadata.deletionTimestamp, now)})`)
    w.line(0, 'Termination Grace Period:', `${metadata.deletionGracePeriodSeconds ?? 0}s`)
  } else w.line(0, 'Status:', status.phase ?? '')
  if (status.reason) w.line(0, 'Reason:', status.reason)
  if (status.message) w.line(0, 'Message:', status.message)
}

function writePodAddresses(w: DescriptionWriter, pod: Pod): void {
  const { metadata, status = {} } = pod
  w.line(0, 'IP:', status.podIP ?? '')
  const ips = status.podIPs ?? []
  if (ips.length === 0) w.line(0, 'IPs:', '<none>')
  else {
    w.line(0, 'IPs:')
    for (const { ip } of ips) w.line(1, 'IP:', ip)
  }
  const owner = controllerOf(metadata)
  if (owner !== undefined) w.line(0, 'Controlled By:', owner)
}

/** `ReplicaSet/web-…`, the owner that controls an object. */
export function controllerOf(metadata: ObjectMeta): string | undefined {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller)
  return owner && `${owner.kind}/${owner.name}`
}

export function writePodTemplate(w: DescriptionWriter, template: PodTemplate): void {
  const { metadata, spec } = template
  w.line(0, 'Pod Template:')
  writeLabels(w, '  Labels', metadata?.labels)
  if (Object.keys(metadata?.annotations ?? {}).length > 0) writeAnnotations(w, '  Annotations', metadata?.annotations)
  if (spec.serviceAccountName) w.line(1, 'Service Account:', spec.serviceAccountName)
  const inits = spec.initContainers ?? []
  if (inits.length > 0) writeContainers(w, 'Init Containers', inits, [], '  ')
  writeContainers(w, 'Containers', spec.containers, [], '  ')
  writeVolumes(w, spec as Loose, '  ')
  const { priorityClassName } = spec as { readonly priorityClassName?: string }
  if (priorityClassName) w.line(1, 'Priority Class Name:', priorityClassName)
  writeLabels(w, '  Node-Selectors', spec.nodeSelector)
  writeTolerations(w, '  Tolerations', spec.tolerations)
}

function writeContainers(
  w: DescriptionWriter,
  label: string,
  containers: readonly Container[],
  statuses: readonly ContainerStatus[],
  space: string,
): void {
  w.line(0, `${space}${label}:${containers.length === 0 ? ' <none>' : ''}`)
  for (const container of containers) {
    const status = statuses.find(({ name }) => name === container.name)
    writeContainerHead(w, container, status, space)
    writeLines(w, 'Command:', container.command)
    writeLines(w, 'Args:', container.args)
    if (status) writeContainerState(w, status)
    writeResources(w, container.resources as { readonly limits?: Loose; readonly requests?: Loose } | undefined)
    if (container.livenessProbe) w.line(2, 'Liveness:', probeText(container.livenessProbe))
    if (container.readinessProbe) w.line(2, 'Readiness:', probeText(container.readinessProbe))
    if (container.startupProbe) w.line(2, 'Startup:', probeText(container.startupProbe))
    writeEnvironment(w, container as Container & { readonly env?: readonly Loose[] })
    writeMounts(w, container as Container & { readonly volumeMounts?: readonly Loose[] })
  }
}

function writeContainerHead(w: DescriptionWriter, container: Container, status: ContainerStatus | undefined, space: string): void {
  const ids = (status ?? {}) as { readonly containerID?: string; readonly imageID?: string }
  w.line(1, `${space === '' ? '' : ' '}${container.name}:`)
  if (status) w.line(2, 'Container ID:', ids.containerID ?? '')
  w.line(2, 'Image:', container.image ?? '')
  if (status) w.line(2, 'Image ID:', ids.imageID ?? '')
  const ports = portsText(container.ports, ({ containerPort }) => containerPort)
  w.line(2, ports.includes(',') ? 'Ports:' : 'Port:', ports || '<none>')
  const hostPorts = portsText(container.ports, ({ hostPort }) => hostPort ?? 0)
  w.line(2, hostPorts.includes(',') ? 'Host Ports:' : 'Host Port:', hostPorts || '<none>')
}

function portsText(ports: readonly ContainerPort[] | undefined, number: (port: ContainerPort) => number): string {
  return (ports ?? []).map((port) => `${number(port)}/${port.protocol ?? 'TCP'}${port.name ? ` (${port.name})` : ''}`).join(', ')
}

function writeLines(w: DescriptionWriter, title: string, values: readonly string[] | undefined): void {
  if (!values || values.length === 0) return
  w.line(2, title)
  for (const value of values) for (const line of value.split('\n')) w.line(3, line)
}

function writeContainerState(w: DescriptionWriter, status: ContainerStatus): void {
  writeState(w, 'State', status.state)
  if (status.lastState?.['terminated']) writeState(w, 'Last State', status.lastState)
  w.line(2, 'Ready:', status.ready ? 'True' : 'False')
  w.line(2, 'Restart Count:', status.restartCount ?? 0)
}

function writeState(w: DescriptionWriter, name: string, state: Loose | undefined): void {
  const running = state?.['running'] as { readonly startedAt?: string } | undefined
  const waiting = state?.['waiting'] as { readonly reason?: string } | undefined
  const terminated = state?.['terminated'] as Readonly<Record<string, string | number>> | undefined
  if (running) {
    w.line(2, `${name}:`, 'Running')
    w.line(3, 'Started:', printRfc1123(running.startedAt))
  } else if (waiting || !terminated) {
    w.line(2, `${name}:`, 'Waiting')
    if (waiting?.reason) w.line(3, 'Reason:', waiting.reason)
  } else {
    w.line(2, `${name}:`, 'Terminated')
    if (terminated['reason']) w.line(3, 'Reason:', terminated['reason'])
    if (terminated['message']) w.line(3, 'Message:', terminated['message'])
    w.line(3, 'Exit Code:', terminated['exitCode'] ?? 0)
    if (Number(terminated['signal'] ?? 0) > 0) w.line(3, 'Signal:', terminated['signal'] ?? 0)
    w.line(3, 'Started:', printRfc1123(terminated['startedAt'] as string | undefined))
    w.line(3, 'Finished:', printRfc1123(terminated['finishedAt'] as string | undefined))
  }
}

function writeResources(w: DescriptionWriter, resources: { readonly limits?: Loose; readonly requests?: Loose } | undefined): void {
  for (const [title, values] of [
    ['Limits:', resources?.limits],
    ['Requests:', resources?.requests],
  ] as const) {
    const names = Object.keys(values ?? {}).sort(byText)
    if (names.length > 0) w.line(2, title)
    for (const name of names) w.line(3, `${name}:`, String(values?.[name]))
  }
}

function probeText(probe: Probe): string {
  const { initialDelaySeconds = 0, timeoutSeconds = 1, periodSeconds = 10, successThreshold = 1, failureThreshold = 3 } = probe
  const rest = `delay=${initialDelaySeconds}s timeout=${timeoutSeconds}s period=${periodSeconds}s #success=${successThreshold} #failure=${failureThreshold}`
  if (probe.exec) return `exec [${(probe.exec.command ?? []).join(' ')}] ${rest}`
  if (probe.httpGet) {
    const { scheme = 'HTTP', host = '', port, path = '' } = probe.httpGet
    return `http-get ${scheme.toLowerCase()}://${host}:${port}${path !== '' && !path.startsWith('/') ? '/' : ''}${path} ${rest}`
  }
  if (probe.tcpSocket) return `tcp-socket ${probe.tcpSocket.host ?? ''}:${probe.tcpSocket.port} ${rest}`
  if (probe.grpc) return `grpc <pod>:${probe.grpc.port} ${probe.grpc.service ?? ''} ${rest}`
  return `unknown ${rest}`
}

function writeEnvironment(w: DescriptionWriter, container: { readonly env?: readonly Loose[] }): void {
  const variables = container.env ?? []
  if (variables.length === 0) w.line(2, 'Environment:', '<none>')
  else w.line(2, 'Environment:')
  for (const variable of variables) {
    const from = variable['valueFrom'] as Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined
    if (from) w.line(3, `${variable['name']}:`, ...sourceCells(from))
    else {
      const [first = '', ...rest] = String(variable['value'] ?? '').split('\n')
      w.line(3, `${variable['name']}:`, first)
      for (const line of rest) w.line(3, '', line)
    }
  }
}

function sourceCells(from: Readonly<Record<string, Loose>>): readonly string[] {
  const { fieldRef, secretKeyRef, configMapKeyRef, resourceFieldRef } = from
  if (fieldRef) return [` (${fieldRef['apiVersion'] ?? 'v1'}:${fieldRef['fieldPath']})`]
  if (secretKeyRef)
    return [
      `<set to the key '${secretKeyRef['key']}' in secret '${secretKeyRef['name']}'>`,
      `Optional: ${secretKeyRef['optional'] === true}`,
    ]
  if (configMapKeyRef) {
    return [
      `<set to the key '${configMapKeyRef['key']}' of config map '${configMapKeyRef['name']}'>`,
      `Optional: ${configMapKeyRef['optional'] === true}`,
    ]
  }
  return [` (${resourceFieldRef?.['resource'] ?? ''})`]
}

function writeMounts(w: DescriptionWriter, container: { readonly volumeMounts?: readonly Loose[] }): void {
  const mounts = [...(container.volumeMounts ?? [])].sort((a, b) => byText(String(a['mountPath']), String(b['mountPath'])))
  if (mounts.length === 0) w.line(2, 'Mounts:', '<none>')
  else w.line(2, 'Mounts:')
  for (const mount of mounts) {
    const flags = [mount['readOnly'] ? 'ro' : 'rw', ...(mount['subPath'] ? [`path="${mount['subPath']}"`] : [])]
    w.line(3, `${mount['mountPath']} from ${mount['name']} (${flags.join(',')})`)
  }
}

/** Volumes are no part of Service networking: their names are listed, what they hold is not modelled. */
function writeVolumes(w: DescriptionWriter, spec: Loose, space: string): void {
  const volumes = (spec['volumes'] ?? []) as readonly Loose[]
  if (volumes.length === 0) {
    w.line(0, `${space}Volumes:`, '<none>')
    return
  }
  w.line(0, `${space}Volumes:`)
  for (const volume of volumes) {
    w.line(1, `${space === '' ? '' : ' '}${volume['name']}:`)
    writeVolume(w, volume)
  }
}

function writeVolume(w: DescriptionWriter, volume: Loose): void {
  const emptyDir = volume['emptyDir'] as Loose | undefined
  const configMap = volume['configMap'] as Loose | undefined
  const secret = volume['secret'] as Loose | undefined
  const hostPath = volume['hostPath'] as Loose | undefined
  if (emptyDir) {
    w.line(2, 'Type:', "EmptyDir (a temporary directory that shares a pod's lifetime)")
    w.line(2, 'Medium:', String(emptyDir['medium'] ?? ''))
    w.line(2, 'SizeLimit:', String(emptyDir['sizeLimit'] ?? '<unset>'))
  } else if (configMap) {
    w.line(2, 'Type:', 'ConfigMap (a volume populated by a ConfigMap)')
    w.line(2, 'Name:', String(configMap['name'] ?? ''))
    w.line(2, 'Optional:', String(configMap['optional'] === true))
  } else if (secret) {
    w.line(2, 'Type:', 'Secret (a volume populated by a Secret)')
    w.line(2, 'SecretName:', String(secret['secretName'] ?? ''))
    w.line(2, 'Optional:', String(secret['optional'] === true))
  } else if (hostPath) {
    w.line(2, 'Type:', 'HostPath (bare host directory volume)')
    w.line(2, 'Path:', String(hostPath['path'] ?? ''))
    w.line(2, 'HostPathType:', String(hostPath['type'] ?? ''))
  } else w.line(1, '<unknown>')
}

function writeTolerations(w: DescriptionWriter, title: string, tolerations: readonly Toleration[] | undefined): void {
  const all = tolerations ?? []
  if (all.length === 0) w.line(0, `${title}:`, '<none>')
  const sorted = [...all].sort((a, b) => byText(a.key ?? '', b.key ?? ''))
  for (const [index, one] of sorted.entries()) {
    const value = one.value ? `=${one.value}` : ''
    const effect = one.effect ? `:${one.effect}` : ''
    const exists = one.operator === 'Exists' && !one.value ? `${(one.key ?? '') !== '' || effect !== '' ? ' ' : ''}op=Exists` : ''
    const seconds = one.tolerationSeconds === undefined ? '' : ` for ${one.tolerationSeconds}s`
    w.line(0, index === 0 ? `${title}:` : '', `${one.key ?? ''}${value}${effect}${exists}${seconds}`)
  }
}

function statusOf(conditions: readonly Condition[] | undefined, type: string): string {
  return conditions?.find((condition) => condition.type === type)?.status ?? '<none>'
}

/** Guaranteed, Burstable or BestEffort from cpu and memory of every container (pkg/apis/core/v1/helper/qos). */
function qosOf(pod: Pod): string {
  const stated = (pod.status as { readonly qosClass?: string } | undefined)?.qosClass
  if (stated) return stated
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].map(
    ({ resources }) => (resources ?? {}) as { readonly limits?: Loose; readonly requests?: Loose },
  )
  const names = ['cpu', 'memory']
  if (all.every(({ limits, requests }) => names.every((name) => limits?.[name] === undefined && requests?.[name] === undefined)))
    return 'BestEffort'
  const guaranteed = all.every(({ limits, requests }) =>
    names.every(
      (name) => limits?.[name] !== undefined && (requests?.[name] === undefined || String(requests[name]) === String(limits[name])),
    ),
  )
  return guaranteed ? 'Guaranteed' : 'Burstable'
}
