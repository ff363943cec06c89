import { sameData } from '../../base/copy.ts'
import { duplicate, type FieldError, forbidden, invalid, notSupported, required } from '../field-error.ts'
import type { Container, ContainerPort, Pod, PodSpec, Probe } from '../kinds/pod.ts'
import type { IntOrString } from '../kinds/service.ts'
import { validateLegacyIp } from './ip.ts'
import { validateLabels, validateMetadata, validateMetadataUpdate } from './metadata.ts'
import { dnsLabel, dnsSubdomain, labelValue, portName, portNumber, qualifiedName } from './name.ts'
import { portNumberOrName } from './service.ts'

const PROTOCOLS = ['SCTP', 'TCP', 'UDP']

/** Plain data whose fields our types do not list. */
type Loose = Readonly<Record<string, unknown>>

/** Everything wrong with a Pod (pkg/apis/core/validation, ValidatePodCreate): what concerns volumes and security is not looked at. */
export function validatePod(pod: Pod, old?: Pod): FieldError[] {
  if (old) return [...validateMetadataUpdate(pod.metadata, old.metadata), ...validatePodUpdate(pod, old)]
  return [...validateMetadata(pod.metadata, true, dnsSubdomain), ...validatePodSpec(pod.spec, 'spec')]
}

/** Everything wrong with a Pod's spec, in a Pod or in a template. */
export function validatePodSpec(spec: PodSpec, at: string): FieldError[] {
  const hostNetwork = spec.hostNetwork ?? false
  return [
    ...(spec.terminationGracePeriodSeconds === undefined ? [required(`${at}.terminationGracePeriodSeconds`)] : []),
    ...containers(spec.containers ?? [], `${at}.containers`, true),
    ...containers(spec.initContainers ?? [], `${at}.initContainers`, false),
    ...((spec as unknown as Loose)['ephemeralContainers'] && at !== 'spec'
      ? [forbidden(`${at}.ephemeralContainers`, 'ephemeral containers not allowed in pod template')]
      : []),
    ...choice(spec.restartPolicy, `${at}.restartPolicy`, ['Always', 'OnFailure', 'Never']),
    ...choice(spec.dnsPolicy, `${at}.dnsPolicy`, ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']),
    ...validateLabels(spec.nodeSelector, `${at}.nodeSelector`),
    ...(hostNetwork ? hostPorts(spec, at) : []),
    ...dnsConfig(spec, at),
    ...(spec.readinessGates ?? []).flatMap(({ conditionType }, index) =>
      qualifiedName(conditionType ?? '').map((why) => invalid(`${at}.readinessGates[${index}].conditionType`, conditionType ?? '', why)),
    ),
    ...named(spec.serviceAccountName, `${at}.serviceAccountName`, dnsSubdomain),
    ...named(spec.nodeName, `${at}.nodeName`, dnsSubdomain),
    ...named(spec.hostname, `${at}.hostname`, dnsLabel),
    ...named(spec.subdomain, `${at}.subdomain`, dnsLabel),
    ...tolerations(spec, at),
    ...hostAliases(spec as unknown as Loose, at),
  ]
}

function named(value: string | undefined, at: string, rule: (text: string) => string[]): FieldError[] {
  return value ? rule(value).map((why) => invalid(at, value, why)) : []
}

/** A value of a closed list that the API server prints in its own order. */
function choice(value: string | undefined, at: string, all: readonly string[]): FieldError[] {
  if (!value) return [required(at)]
  return all.includes(value) ? [] : [notSupported(at, value, all, 'as given')]
}

function containers(list: readonly Container[], at: string, needed: boolean): FieldError[] {
  if (list.length === 0) return needed ? [required(at)] : []
  const names = new Set<string>()
  const errors = list.flatMap((container, index) => {
    const field = `${at}[${index}]`
    const { name = '' } = container
    const doubled = names.has(name) && name !== ''
    names.add(name)
    return [
      ...(name ? dnsLabel(name).map((why) => invalid(`${field}.name`, name, why)) : [required(`${field}.name`)]),
      ...(container.image ? [] : [required(`${field}.image`)]),
      ...pullPolicy(container as unknown as Loose, field),
      ...ports(container.ports ?? [], `${field}.ports`),
      ...environment(container as unknown as Loose, `${field}.env`),
      ...(doubled ? [duplicate(`${field}.name`, name)] : []),
      ...lifecycle(container, `${field}.lifecycle`),
      ...probe(container.livenessProbe, `${field}.livenessProbe`, true),
      ...probe(container.readinessProbe, `${field}.readinessProbe`, false),
      ...probe(container.startupProbe, `${field}.startupProbe`, true),
    ]
  })
  return [...errors, ...hostPortConflicts(list, at)]
}

function pullPolicy(container: Loose, at: string): FieldError[] {
  const policy = container['imagePullPolicy']
  if (policy === undefined || policy === '') return [required(`${at}.imagePullPolicy`)]
  const all = ['Always', 'IfNotPresent', 'Never']
  return all.includes(String(policy)) ? [] : [notSupported(`${at}.imagePullPolicy`, policy, all)]
}

function ports(list: readonly ContainerPort[], at: string): FieldError[] {
  const names = new Set<string>()
  return list.flatMap((port, index) => {
    const field = `${at}[${index}]`
    const errors: FieldError[] = []
    if (port.name) {
      const wrong = portName(port.name)
      if (wrong.length > 0) errors.push(...wrong.map((why) => invalid(`${field}.name`, port.name, why)))
      else if (names.has(port.name)) errors.push(duplicate(`${field}.name`, port.name))
      names.add(port.name)
    }
    if (!port.containerPort) errors.push(required(`${field}.containerPort`))
    else errors.push(...portNumber(port.containerPort).map((why) => invalid(`${field}.containerPort`, port.containerPort, why)))
    if (port.hostPort) errors.push(...portNumber(port.hostPort).map((why) => invalid(`${field}.hostPort`, port.hostPort, why)))
    if (!port.protocol) errors.push(required(`${field}.protocol`))
    else if (!PROTOCOLS.includes(port.protocol)) errors.push(notSupported(`${field}.protocol`, port.protocol, PROTOCOLS))
    return errors
  })
}

function environment(container: Loose, at: string): FieldError[] {
  const list = Array.isArray(container['env']) ? (container['env'] as Loose[]) : []
  return list.flatMap((variable, index) => {
    const name = String(variable['name'] ?? '')
    if (name === '') return [required(`${at}[${index}].name`)]
    if (name.includes('=')) return [invalid(`${at}[${index}].name`, name, ENV_TEXT)]
    if (variable['value'] !== undefined && variable['value'] !== '' && variable['valueFrom'] !== undefined)
      return [invalid(`${at}[${index}].valueFrom`, '', 'may not be specified when `value` is not empty')]
    return []
  })
}

const ENV_TEXT =
  "a valid environment variable name must consist only of printable ASCII characters other than '=' (e.g. 'my.env-name', or 'MY_ENV.NAME', or 'MyEnvName1', regex used for validation is '[ -<>-~]+')"

function hostPortConflicts(list: readonly Container[], at: string): FieldError[] {
  const seen = new Set<string>()
  return list.flatMap((container, index) =>
    (container.ports ?? []).flatMap((port, number) => {
      if (!port.hostPort) return []
      const key = `${port.protocol}/${port.hostIP ?? ''}/${port.hostPort}`
      if (seen.has(key)) return [duplicate(`${at}[${index}].ports[${number}].hostPort`, key)]
      seen.add(key)
      return []
    }),
  )
}

function hostPorts(spec: PodSpec, at: string): FieldError[] {
  return (spec.containers ?? []).flatMap((container, index) =>
    (container.ports ?? []).flatMap((port, number) =>
      // A template's ports get theirs once a Pod is made of it.
      !port.hostPort || port.hostPort === port.containerPort
        ? []
        : [
            invalid(
              `${at}.containers[${index}].ports[${number}].hostPort`,
              port.hostPort ?? 0,
              'must match `containerPort` when `hostNetwork` is true',
            ),
          ],
    ),
  )
}

function lifecycle(container: Container, at: string): FieldError[] {
  const hooks = (container.lifecycle ?? {}) as Loose
  return ['postStart', 'preStop'].flatMap((name) => (hooks[name] ? handler(hooks[name] as Loose, `${at}.${name}`) : []))
}

function probe(of: Probe | undefined, at: string, successMustBeOne: boolean): FieldError[] {
  if (!of) return []
  const errors = handler(of as unknown as Loose, at)
  for (const field of ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'] as const)
    errors.push(...nonNegative(of[field] ?? 0, `${at}.${field}`))
  const grace = (of as unknown as Loose)['terminationGracePeriodSeconds']
  if (typeof grace === 'number' && grace <= 0) errors.push(invalid(`${at}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'))
  if (successMustBeOne && of.successThreshold !== 1) errors.push(invalid(`${at}.successThreshold`, of.successThreshold ?? 0, 'must be 1'))
  return errors
}

const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep']

function handler(of: Loose, at: string): FieldError[] {
  const given = HANDLERS.filter((name) => of[name] !== undefined)
  if (given.length === 0) return [required(at, 'must specify a handler type')]
  return given.flatMap((name, index) =>
    index > 0 ? [forbidden(`${at}.${name}`, 'may not specify more than 1 handler type')] : action(name, of[name] as Loose, `${at}.${name}`),
  )
}

function action(name: string, of: Loose, at: string): FieldError[] {
  const port = (of['port'] ?? 0) as IntOrString
  switch (name) {
    case 'exec':
      return Array.isArray(of['command']) && of['command'].length > 0 ? [] : [required(`${at}.command`)]
    case 'httpGet': {
      const schemes = ['HTTP', 'HTTPS']
      const scheme = String(of['scheme'] ?? '')
      return [
        ...(of['path'] ? [] : [required(`${at}.path`)]),
        ...portNumberOrName(port, `${at}.port`),
        ...(schemes.includes(scheme) ? [] : [notSupported(`${at}.scheme`, scheme, schemes)]),
      ]
    }
    case 'tcpSocket':
      return portNumberOrName(port, `${at}.port`)
    case 'grpc':
      return portNumber(Number(port)).map((why) => invalid(`${at}.port`, port, why))
    default:
      return []
  }
}

/** Numbers that may not be below nought. */
export function nonNegative(value: number, at: string): FieldError[] {
  return value < 0 ? [invalid(at, value, 'must be greater than or equal to 0')] : []
}

function dnsConfig({ dnsPolicy, dnsConfig: config }: PodSpec, at: string): FieldError[] {
  if (dnsPolicy === 'None') {
    if (!config) return [required(`${at}.dnsConfig`, 'must provide `dnsConfig` when `dnsPolicy` is None')]
    if (!config.nameservers?.length)
      return [required(`${at}.dnsConfig.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None')]
  }
  const errors: FieldError[] = []
  const servers = config?.nameservers ?? []
  if (servers.length > 3) errors.push(invalid(`${at}.dnsConfig.nameservers`, servers, 'must not have more than 3 nameservers'))
  for (const [index, server] of servers.entries()) errors.push(...validateLegacyIp(`${at}.dnsConfig.nameservers[${index}]`, server))
  const searches = config?.searches ?? []
  if (searches.length > 32) errors.push(invalid(`${at}.dnsConfig.searches`, searches, 'must not have more than 32 search paths'))
  for (const [index, search] of searches.entries()) {
    const name = search.replace(/\.$/, '').replaceAll('_', '-')
    if (search !== '.') errors.push(...dnsSubdomain(name).map((why) => invalid(`${at}.dnsConfig.searches[${index}]`, search, why)))
  }
  for (const [index, option] of (config?.options ?? []).entries())
    if (!option.name) errors.push(required(`${at}.dnsConfig.options[${index}]`, 'must not be empty'))
  return errors
}

function tolerations(spec: PodSpec, at: string): FieldError[] {
  return (spec.tolerations ?? []).flatMap(({ key = '', operator = '', value = '', effect = '' }, index) => {
    const field = `${at}.tolerations[${index}]`
    const errors: FieldError[] = key ? qualifiedName(key).map((why) => invalid(`${field}.key`, key, why)) : []
    if (!key && operator !== 'Exists')
      errors.push(
        invalid(`${field}.operator`, operator, 'operator must be Exists when `key` is empty, which means "match all values and all keys"'),
      )
    if (operator === '' || operator === 'Equal') errors.push(...labelValue(value).map((why) => invalid(`${field}.operator`, value, why)))
    else if (operator === 'Exists') {
      if (value)
        errors.push(invalid(`${field}.operator`, { key, operator, value, effect }, "value must be empty when `operator` is 'Exists'"))
    } else errors.push(notSupported(`${field}.operator`, operator, ['Equal', 'Exists'], 'as given'))
    const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']
    if (effect && !effects.includes(effect)) errors.push(notSupported(`${field}.effect`, effect, effects, 'as given'))
    return errors
  })
}

function hostAliases(spec: Loose, at: string): FieldError[] {
  const list = Array.isArray(spec['hostAliases']) ? (spec['hostAliases'] as { ip?: string; hostnames?: string[] }[]) : []
  return list.flatMap(({ ip = '', hostnames = [] }, index) => {
    const field = `${at}.hostAliases[${index}]`
    return [
      ...validateLegacyIp(`${field}.ip`, ip),
      ...hostnames.flatMap((name, number) => dnsSubdomain(name).map((why) => invalid(`${field}.hostnames[${number}]`, name, why))),
    ]
  })
}

/** What may change in a running Pod. */
const PATCHABLE =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  const count = (list: readonly unknown[] | undefined) => list?.length ?? 0
  if (count(pod.spec.containers) !== count(old.spec.containers))
    return [forbidden('spec.containers', 'pod updates may not add or remove containers')]
  if (count(pod.spec.initContainers) !== count(old.spec.initContainers))
    return [forbidden('spec.initContainers', 'pod updates may not add or remove containers')]
  const fixed = (spec: PodSpec) => ({
    ...spec,
    containers: (spec.containers ?? []).map(({ image: _image, ...container }) => container),
    initContainers: (spec.initContainers ?? []).map(({ image: _image, ...container }) => container),
    activeDeadlineSeconds: undefined,
    tolerations: undefined,
  })
  return sameData(fixed(pod.spec), fixed(old.spec)) ? [] : [forbidden('spec', PATCHABLE)]
}
