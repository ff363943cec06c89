import type { Cluster } from '../cluster.ts'
import { list } from '../cluster.ts'
import type { Finding } from '../finding.ts'
import type { ContainerPort, Pod } from '../kinds/pod.ts'
import type { Service, ServicePort } from '../kinds/service.ts'
import { listens } from '../listening.ts'
import { keyOf, type Labels, mapSelects } from '../meta.ts'
import { nearest } from './nearest.ts'
import type { Cohort, Population } from './population.ts'

/** What Services say that nothing in the cluster answers to. */
export function checkServices(cluster: Cluster, population: Population): Finding[] {
  return list(cluster, 'Service').flatMap((service) => {
    const { selector = {}, type } = service.spec
    if (type === 'ExternalName') return externalName(service)
    if (Object.keys(selector).length === 0) return []
    const selected = population.selectedBy(service.metadata.namespace ?? '', selector)
    if (selected.length === 0) return noMatch(service, selector, population)
    const pods = selected.flatMap((cohort) => cohort.pods)
    if (pods.length === 0) return noPods(service, selected)
    return (service.spec.ports ?? []).flatMap((port, index) => targetPort(service, port, index, pods))
  })
}

function externalName(service: Service): Finding[] {
  const name = service.spec.externalName ?? ''
  if (!/^[\d.]+$/.test(name)) return []
  const message = `"${name}" looks like an IP address, but is used as a DNS name; clients will look it up and fail`
  return [
    { code: 'EXTERNAL_NAME_IS_IP', severity: 'warning', message, object: keyOf(service), path: ['spec', 'externalName'], params: { name } },
  ]
}

function noPods(service: Service, selected: readonly Cohort[]): Finding[] {
  const source = selected.find((cohort) => cohort.source)?.source ?? ''
  const [kind = '', , name = ''] = source.split('/')
  const message = `the selector matches the template of ${kind} ${name}, but there is no such Pod now`
  return [{ code: 'SVC_NO_PODS', severity: 'info', message, object: keyOf(service), path: ['spec', 'selector'], params: { kind, name } }]
}

/** No Pod has all the labels: says which term is wrong, and what it should be, if one can tell. */
function noMatch(service: Service, selector: Labels, population: Population): Finding[] {
  const namespace = service.metadata.namespace ?? ''
  const text = Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
  const base = { code: 'SVC_SELECTOR_NO_MATCH', severity: 'warning', object: keyOf(service) } as const
  const head = `no Pod in namespace ${namespace} has ${text}`
  const slip = closest(selector, population.cohorts(namespace))
  if (slip) return [{ ...base, ...slip, message: `${head}; ${slip.message}`, params: { selector: text, namespace } }]
  const elsewhere = population.namespaces.filter((other) => other !== namespace && population.selectedBy(other, selector).length > 0)
  const where =
    elsewhere.length > 0 ? `; Pods with these labels are in namespace ${elsewhere.join(', ')}: a Service selects in its own only` : ''
  return [{ ...base, message: `${head}${where}`, path: ['spec', 'selector'], params: { selector: text, namespace } }]
}

type Slip = Pick<Finding, 'message' | 'path'> & Partial<Pick<Finding, 'fix' | 'atKey'>>

/** The one term that keeps the likeliest Pods from being selected. */
function closest(selector: Labels, cohorts: readonly Cohort[]): Slip | undefined {
  const terms = Object.entries(selector)
  let best: { slip: Slip; wrong: number } | undefined
  for (const { labels } of cohorts) {
    const wrong = terms.filter(([key, value]) => labels[key] !== value)
    const [first] = wrong
    // Two wrong terms of two are another application, not a slip.
    if (!first || (wrong.length > 1 && wrong.length * 2 >= terms.length) || (best && best.wrong <= wrong.length)) continue
    const slip = slipOf(first[0], first[1], labels, wrong.length < terms.length)
    if (slip) best = { slip, wrong: wrong.length }
  }
  return best?.slip
}

function slipOf(key: string, value: string, labels: Labels, others: boolean): Slip | undefined {
  const path = ['spec', 'selector', key]
  const actual = labels[key]
  if (actual !== undefined) {
    // Another value of the same key is a slip if it is alike, or if all the other terms fit.
    if (!others && nearest(value, [actual]) === undefined) return undefined
    return { message: `Pods have ${key}=${actual}`, path, fix: { title: `${key}: ${actual}`, value: actual } }
  }
  const meant = nearest(key, Object.keys(labels))
  if (meant !== undefined && (labels[meant] === value || others))
    return {
      message: `Pods have no label "${key}", but ${meant}=${labels[meant]}`,
      path,
      atKey: true,
      fix: { title: `${meant}: ${value}`, value: meant },
    }
  const same = Object.keys(labels).find((candidate) => labels[candidate] === value)
  if (same !== undefined)
    return {
      message: `Pods have no label "${key}", but ${same}=${value}`,
      path,
      atKey: true,
      fix: { title: `${same}: ${value}`, value: same },
    }
  return others ? { message: `Pods have no label "${key}"`, path, atKey: true } : undefined
}

function targetPort(service: Service, port: ServicePort, index: number, pods: readonly Pod[]): Finding[] {
  const path = ['spec', 'ports', index, 'targetPort']
  const { targetPort: target, protocol } = port
  const object = keyOf(service)
  if (typeof target === 'string') {
    const declared = pods.flatMap(portsOf)
    if (declared.some((one) => one.name === target && (one.protocol ?? 'TCP') === protocol)) return []
    const other = declared.find((one) => one.name === target)
    const names = [...new Set(declared.flatMap((one) => (one.name && (one.protocol ?? 'TCP') === protocol ? [one.name] : [])))]
    const meant = nearest(target, names)
    const why = other
      ? `port "${target}" is ${other.protocol ?? 'TCP'} in the Pods, not ${protocol}`
      : `no selected Pod has a ${protocol} port named "${target}"${meant ? `; did you mean "${meant}"?` : names.length > 0 ? `; they have ${names.join(', ')}` : ''}`
    const fix = meant && !other ? { fix: { title: `targetPort: ${meant}`, value: meant } } : {}
    return [{ code: 'TARGET_PORT_NAME_UNKNOWN', severity: 'warning', message: why, object, path, params: { target, protocol }, ...fix }]
  }
  // Pods that say where they listen, and not there: who connects is refused.
  const silent = pods.filter((pod) => portsOf(pod).length > 0 && !listens(pod, protocol, pod.status?.podIP ?? '', target))
  if (silent.length < pods.length) return []
  const numbers = [...new Set(pods.flatMap(portsOf).flatMap((one) => ((one.protocol ?? 'TCP') === protocol ? [one.containerPort] : [])))]
  const said = numbers.length > 0 ? `; they declare ${numbers.join(', ')}` : ''
  const message = `no selected Pod listens on ${protocol} port ${target}${said}`
  const [only] = numbers
  const fix = numbers.length === 1 && only ? { fix: { title: `targetPort: ${only}`, value: String(only) } } : {}
  return [{ code: 'TARGET_PORT_NOT_DECLARED', severity: 'warning', message, object, path, params: { target, protocol }, ...fix }]
}

/** The ports that a Pod's containers declare, sidecars included. */
export function portsOf(pod: Pod): readonly ContainerPort[] {
  const sidecars = (pod.spec.initContainers ?? []).filter((container) => container.restartPolicy === 'Always')
  return [...pod.spec.containers, ...sidecars].flatMap((container) => container.ports ?? [])
}

/** Pods that declare ports, and that no Service of their namespace selects. */
export function checkUnselected(cluster: Cluster, population: Population): Finding[] {
  const selectors = new Map<string, Labels[]>()
  for (const { spec, metadata } of list(cluster, 'Service')) {
    if (Object.keys(spec.selector ?? {}).length === 0) continue
    const known = selectors.get(metadata.namespace ?? '') ?? []
    known.push(spec.selector ?? {})
    selectors.set(metadata.namespace ?? '', known)
  }
  return population.namespaces.flatMap((namespace) =>
    population.cohorts(namespace).flatMap(({ labels, pods, source }) => {
      const [first] = pods
      const object = source ?? (first && keyOf(first))
      if (!object || !first || portsOf(first).length === 0) return []
      if ((selectors.get(namespace) ?? []).some((selector) => mapSelects(selector, labels))) return []
      const path = source ? ['spec', 'template', 'metadata', 'labels'] : ['metadata', 'labels']
      return [{ code: 'POD_NOT_SELECTED', severity: 'info' as const, message: 'no Service selects these Pods', object, path }]
    }),
  )
}
