import { type ApiObject, type Cluster, find, list } from '../cluster.ts'
import type { Finding } from '../finding.ts'
import type { EndpointPort, EndpointSlice } from '../kinds/endpointslice.ts'
import { MANAGED_BY_LABEL, SERVICE_NAME_LABEL } from '../kinds/endpointslice.ts'
import type { Ingress, IngressBackend } from '../kinds/ingress.ts'
import type { Pod, PodSpec, Probe } from '../kinds/pod.ts'
import type { Service } from '../kinds/service.ts'
import { MOST_REPLICAS } from '../kinds/workload.ts'
import { type FieldPath, keyOf, type ObjectKey } from '../meta.ts'
import { didYouMean, nearest } from './nearest.ts'

/** References that lead nowhere: all of them are accepted by the API server, none does what was meant. */
export function checkReferences(cluster: Cluster): Finding[] {
  return [
    ...list(cluster, 'Ingress').flatMap((ingress) => ingressFindings(cluster, ingress)),
    ...list(cluster, 'EndpointSlice').flatMap((slice) => sliceFindings(cluster, slice)),
    ...list(cluster, 'Endpoints').flatMap((endpoints) => endpointsFindings(cluster, endpoints)),
    ...list(cluster, 'StatefulSet').flatMap((set) => statefulSetFindings(cluster, set)),
    ...list(cluster, 'Pod').flatMap((pod) => podFindings(cluster, pod)),
    ...(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'] as const).flatMap((kind) =>
      list(cluster, kind).flatMap((workload) => specFindings(workload.spec.template.spec, keyOf(workload), ['spec', 'template', 'spec'])),
    ),
    ...(['Deployment', 'StatefulSet', 'ReplicaSet'] as const).flatMap((kind) =>
      list(cluster, kind).flatMap(({ spec, ...workload }) => replicasFinding(spec.replicas ?? 1, keyOf(workload))),
    ),
    ...list(cluster, 'Client').flatMap((client) => nodeFinding(cluster, client, client.spec?.via, ['spec', 'via'])),
  ]
}

const namesOf = (cluster: Cluster, kind: 'Service' | 'Node' | 'IngressClass', namespace = '') =>
  list(cluster, kind).flatMap((object) => ((object.metadata.namespace ?? '') === namespace ? [object.metadata.name] : []))

function nodeFinding(
  cluster: Cluster,
  object: ApiObject,
  name: string | undefined,
  path: FieldPath,
  severity: Finding['severity'] = 'warning',
): Finding[] {
  if (!name || find(cluster, 'Node', '', name)) return []
  const meant = nearest(name, namesOf(cluster, 'Node'))
  const message = `there is no node "${name}"${meant ? `; did you mean "${meant}"?` : ''}`
  const fix = meant ? { fix: { title: meant, value: meant } } : {}
  return [{ code: 'NODE_NOT_FOUND', severity, message, object: keyOf(object), path, params: { name }, ...fix }]
}

function ingressFindings(cluster: Cluster, ingress: Ingress): Finding[] {
  const { spec } = ingress
  const findings: Finding[] = []
  if (spec.defaultBackend) findings.push(...backendFindings(cluster, ingress, spec.defaultBackend, ['spec', 'defaultBackend']))
  for (const [rule, { http }] of (spec.rules ?? []).entries())
    for (const [path, { backend }] of (http?.paths ?? []).entries())
      findings.push(...backendFindings(cluster, ingress, backend, ['spec', 'rules', rule, 'http', 'paths', path, 'backend']))
  return [...findings, ...classFindings(cluster, ingress), ...secretFindings(cluster, ingress)]
}

function backendFindings(cluster: Cluster, ingress: Ingress, { service }: IngressBackend, at: FieldPath): Finding[] {
  if (!service) return []
  const namespace = ingress.metadata.namespace ?? ''
  const object = keyOf(ingress)
  const found = find(cluster, 'Service', namespace, service.name)
  if (!found) {
    const meant = nearest(service.name, namesOf(cluster, 'Service', namespace))
    const others = list(cluster, 'Service')
      .filter((one) => one.metadata.name === service.name)
      .map((one) => one.metadata.namespace ?? '')
    const where = others.length > 0 ? `; there is one in namespace ${others.join(', ')}, but an Ingress reaches its own only` : ''
    const message = `there is no Service "${service.name}" in namespace ${namespace}${where || (meant ? `; did you mean "${meant}"?` : '')}`
    const path = [...at, 'service', 'name']
    const fix = meant && others.length === 0 ? { fix: { title: meant, value: meant } } : {}
    return [
      {
        code: 'INGRESS_SERVICE_NOT_FOUND',
        severity: 'warning',
        message,
        object,
        path,
        params: { service: service.name, namespace },
        ...fix,
      },
    ]
  }
  const { name, number } = service.port ?? {}
  const ports = found.spec.ports ?? []
  if (ports.some((port) => (name ? port.name === name : port.port === number))) return []
  const known = ports.map((port) => (name ? (port.name ?? '') : String(port.port))).filter((text) => text !== '')
  const wanted = name ?? String(number)
  const only = known.length === 1 ? known[0] : nearest(wanted, known)
  const path = [...at, 'service', 'port', name ? 'name' : 'number']
  const message = `Service "${service.name}" has no port ${name ? `named "${name}"` : number}${known.length > 0 ? `; it has ${known.join(', ')}` : ''}`
  const fix = only ? { fix: { title: only, value: only } } : {}
  return [
    { code: 'INGRESS_PORT_NOT_FOUND', severity: 'warning', message, object, path, params: { service: service.name, port: wanted }, ...fix },
  ]
}

function classFindings(cluster: Cluster, ingress: Ingress): Finding[] {
  const name = ingress.spec.ingressClassName
  const object = keyOf(ingress)
  if (name === undefined) {
    if (ingress.metadata.annotations?.['kubernetes.io/ingress.class'] !== undefined) return []
    const message = 'no ingressClassName and no default IngressClass: only controllers that take such Ingresses will serve it'
    return [{ code: 'INGRESS_CLASS_UNSET', severity: 'info', message, object, path: ['spec'] }]
  }
  if (find(cluster, 'IngressClass', '', name)) return []
  const message = `there is no IngressClass "${name}"${didYouMean(name, namesOf(cluster, 'IngressClass'))}`
  return [{ code: 'INGRESS_CLASS_NOT_FOUND', severity: 'warning', message, object, path: ['spec', 'ingressClassName'], params: { name } }]
}

function secretFindings(cluster: Cluster, ingress: Ingress): Finding[] {
  return (ingress.spec.tls ?? []).flatMap(({ secretName }, index) => {
    if (!secretName || find(cluster, 'Secret', ingress.metadata.namespace ?? '', secretName)) return []
    const message = `there is no Secret "${secretName}" in namespace ${ingress.metadata.namespace}: the controller will show its own certificate`
    const path = ['spec', 'tls', index, 'secretName']
    return [
      { code: 'INGRESS_SECRET_NOT_FOUND', severity: 'info' as const, message, object: keyOf(ingress), path, params: { name: secretName } },
    ]
  })
}

function sliceFindings(cluster: Cluster, slice: EndpointSlice): Finding[] {
  const object = keyOf(slice)
  const namespace = slice.metadata.namespace ?? ''
  const name = slice.metadata.labels?.[SERVICE_NAME_LABEL]
  if (!name) {
    const message = `without the label ${SERVICE_NAME_LABEL} this slice belongs to no Service: nobody uses it`
    return [{ code: 'SLICE_WITHOUT_SERVICE', severity: 'warning', message, object, path: ['metadata', 'labels'] }]
  }
  const service = find(cluster, 'Service', namespace, name)
  const path = ['metadata', 'labels', SERVICE_NAME_LABEL]
  if (!service) {
    const message = `there is no Service "${name}" in namespace ${namespace}${didYouMean(name, namesOf(cluster, 'Service', namespace))}`
    return [{ code: 'SLICE_SERVICE_NOT_FOUND', severity: 'warning', message, object, path, params: { name } }]
  }
  const manager = slice.metadata.labels?.[MANAGED_BY_LABEL] ?? ''
  if (manager.endsWith('.k8s.io') && manager.startsWith('endpointslice')) return []
  return [...portNameFindings(service, slice.ports ?? [], object, ['ports']), ...targetFindings(cluster, slice)]
}

/** kube-proxy joins a Service's ports and endpoints by the ports' names: a manual one that is called otherwise is never used. */
function portNameFindings(service: Service, ports: readonly EndpointPort[], object: ObjectKey, at: FieldPath): Finding[] {
  const names = new Set((service.spec.ports ?? []).map((port) => port.name ?? ''))
  return ports.flatMap((port, index) => {
    const name = port.name ?? ''
    if (names.has(name)) return []
    const known = [...names].map((one) => (one === '' ? 'no name' : `"${one}"`)).join(', ')
    const meant = nearest(name, names)
    const message = `Service "${service.metadata.name}" has no port ${name === '' ? 'without a name' : `named "${name}"`}; its ports have ${known}`
    const fix = meant ? { fix: { title: `name: ${meant}`, value: meant } } : {}
    return [
      { code: 'PORT_NAME_MISMATCH', severity: 'warning' as const, message, object, path: [...at, index, 'name'], params: { name }, ...fix },
    ]
  })
}

function targetFindings(cluster: Cluster, slice: EndpointSlice): Finding[] {
  return (slice.endpoints ?? []).flatMap((endpoint, index) => {
    const { targetRef } = endpoint
    const findings = nodeFinding(cluster, slice, endpoint.nodeName, ['endpoints', index, 'nodeName'], 'info')
    if (targetRef?.kind !== 'Pod' || !targetRef.name) return findings
    if (find(cluster, 'Pod', targetRef.namespace ?? slice.metadata.namespace ?? '', targetRef.name)) return findings
    const message = `there is no Pod "${targetRef.name}": its address is used as the slice says`
    const path = ['endpoints', index, 'targetRef']
    return [
      ...findings,
      { code: 'POD_NOT_FOUND', severity: 'info' as const, message, object: keyOf(slice), path, params: { name: targetRef.name } },
    ]
  })
}

function endpointsFindings(
  cluster: Cluster,
  endpoints: ApiObject & { subsets?: readonly { ports?: readonly EndpointPort[] }[] },
): Finding[] {
  const { name, namespace = '', annotations } = endpoints.metadata
  // Those that a controller made are right.
  if (annotations?.['endpoints.kubernetes.io/last-change-trigger-time'] !== undefined) return []
  const service = find(cluster, 'Service', namespace, name)
  if (!service) {
    const message = `there is no Service "${name}" in namespace ${namespace}${didYouMean(name, namesOf(cluster, 'Service', namespace))}: Endpoints belong to the Service of the same name`
    return [
      {
        code: 'ENDPOINTS_WITHOUT_SERVICE',
        severity: 'warning',
        message,
        object: keyOf(endpoints),
        path: ['metadata', 'name'],
        params: { name },
      },
    ]
  }
  if (Object.keys(service.spec.selector ?? {}).length > 0) return []
  return (endpoints.subsets ?? []).flatMap((subset, index) =>
    portNameFindings(service, subset.ports ?? [], keyOf(endpoints), ['subsets', index, 'ports']),
  )
}

function statefulSetFindings(cluster: Cluster, set: ApiObject & { spec: { serviceName?: string } }): Finding[] {
  const name = set.spec.serviceName
  const namespace = set.metadata.namespace ?? ''
  if (!name) return []
  const path = ['spec', 'serviceName']
  const service = find(cluster, 'Service', namespace, name)
  if (!service) {
    const message = `there is no Service "${name}" in namespace ${namespace}${didYouMean(name, namesOf(cluster, 'Service', namespace))}: the Pods get no names of their own`
    return [{ code: 'STATEFULSET_SERVICE_NOT_FOUND', severity: 'warning', message, object: keyOf(set), path, params: { name } }]
  }
  if (service.spec.clusterIP === 'None') return []
  const message = `Service "${name}" is not headless: the Pods get no names of their own`
  return [{ code: 'STATEFULSET_SERVICE_NOT_HEADLESS', severity: 'info', message, object: keyOf(set), path, params: { name } }]
}

function podFindings(cluster: Cluster, pod: Pod): Finding[] {
  // What a template says is told once, at the template.
  if (pod.metadata.ownerReferences?.length) return []
  return [...nodeFinding(cluster, pod, pod.spec.nodeName, ['spec', 'nodeName']), ...specFindings(pod.spec, keyOf(pod), ['spec'])]
}

function specFindings(spec: PodSpec, object: ObjectKey, at: FieldPath): Finding[] {
  return [...duplicatePortNames(spec, object, at), ...probeFindings(spec, object, at), ...notModelled(spec, object, at)]
}

function duplicatePortNames(spec: PodSpec, object: ObjectKey, at: FieldPath): Finding[] {
  const seen = new Set<string>()
  return spec.containers.flatMap((container, index) =>
    (container.ports ?? []).flatMap((port, number) => {
      if (!port.name) return []
      const known = seen.has(port.name)
      seen.add(port.name)
      if (!known) return []
      const message = `port name "${port.name}" is used by another container too: the first one is meant wherever the name is used`
      const path = [...at, 'containers', index, 'ports', number, 'name']
      return [{ code: 'PORT_NAME_DUPLICATE', severity: 'warning' as const, message, object, path, params: { name: port.name } }]
    }),
  )
}

function probeFindings(spec: PodSpec, object: ObjectKey, at: FieldPath): Finding[] {
  return spec.containers.flatMap((container, index) =>
    (['readinessProbe', 'livenessProbe', 'startupProbe'] as const).flatMap((kind) => {
      const probe: Probe | undefined = container[kind]
      const handler = probe?.httpGet ? 'httpGet' : probe?.tcpSocket ? 'tcpSocket' : undefined
      const port = handler && probe?.[handler]?.port
      if (!handler || typeof port !== 'string') return []
      const names = (container.ports ?? []).flatMap((one) => one.name ?? [])
      if (names.includes(port)) return []
      const meant = nearest(port, names)
      const message = `the container has no port named "${port}"${meant ? `; did you mean "${meant}"?` : ''}: the probe can never succeed`
      const path = [...at, 'containers', index, kind, handler, 'port']
      const fix = meant ? { fix: { title: meant, value: meant } } : {}
      return [{ code: 'PROBE_PORT_UNKNOWN', severity: 'warning' as const, message, object, path, params: { port }, ...fix }]
    }),
  )
}

/** Fields that would change where Pods run or how they are reached, and are not reckoned with. */
const NOT_MODELLED: readonly (readonly string[])[] = [
  ['affinity', 'podAffinity'],
  ['affinity', 'podAntiAffinity'],
  ['topologySpreadConstraints'],
  ['schedulingGates'],
]

function notModelled(spec: PodSpec, object: ObjectKey, at: FieldPath): Finding[] {
  const found = NOT_MODELLED.flatMap((path) => {
    const value = path.reduce<unknown>((of, key) => (of as Record<string, unknown> | undefined)?.[key], spec)
    return value === undefined || (Array.isArray(value) && value.length === 0) ? [] : [[...at, ...path]]
  })
  return found.map((path) => ({
    code: 'NOT_MODELLED',
    severity: 'info',
    message: `${String(path.at(-1))} is accepted, but not modelled: it changes nothing here`,
    object,
    path,
    params: { field: String(path.at(-1)) },
  }))
}

function replicasFinding(replicas: number, object: ObjectKey): Finding[] {
  if (replicas <= MOST_REPLICAS) return []
  const message = `only ${MOST_REPLICAS} of these Pods are made here`
  return [{ code: 'NOT_MODELLED', severity: 'warning', message, object, path: ['spec', 'replicas'], params: { field: 'replicas' } }]
}
