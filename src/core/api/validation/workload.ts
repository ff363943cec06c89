import { sameData } from '../../base/copy.ts'
import { type FieldError, forbidden, invalid, notSupported, required } from '../field-error.ts'
import type { IntOrString } from '../kinds/service.ts'
import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from '../kinds/workload.ts'
import type { LabelSelector } from '../meta.ts'
import { labelSelects } from '../selector.ts'
import { validateAnnotations, validateLabels, validateMetadata, validateMetadataUpdate } from './metadata.ts'
import { dnsSubdomain, labelValue, percentText, qualifiedName } from './name.ts'
import { nonNegative, validatePodSpec } from './pod.ts'

type Workload = Deployment | ReplicaSet | StatefulSet | DaemonSet

/** Everything wrong with a Deployment, ReplicaSet, StatefulSet or DaemonSet (pkg/apis/apps/validation). */
export function validateWorkload(workload: Workload, old?: Workload): FieldError[] {
  const head = [
    ...(old ? validateMetadataUpdate(workload.metadata, old.metadata) : validateMetadata(workload.metadata, true, dnsSubdomain)),
  ]
  const body = workload.kind === 'Deployment' ? deploymentSpec(workload) : otherSpec(workload)
  return [...head, ...body, ...(old ? immutable(workload, old) : [])]
}

function deploymentSpec({ metadata, spec }: Deployment): FieldError[] {
  const errors = [
    ...nonNegative(spec.replicas ?? 0, 'spec.replicas'),
    ...selectorErrors(spec.selector, 'deployment'),
    ...templateErrors(spec.template, spec.selector),
    ...strategyErrors(spec.strategy),
    ...nonNegative(spec.minReadySeconds ?? 0, 'spec.minReadySeconds'),
    ...nonNegative(spec.revisionHistoryLimit ?? 0, 'spec.revisionHistoryLimit'),
  ]
  // What was a field of the first versions lives on as an annotation.
  const rollback = metadata.annotations?.['deprecated.deployment.rollback.to']
  if (rollback !== undefined && /^-?\d+$/.test(rollback)) errors.push(...nonNegative(Number(rollback), 'spec.rollback.version'))
  const deadline = spec.progressDeadlineSeconds
  if (deadline !== undefined) {
    errors.push(...nonNegative(deadline, 'spec.progressDeadlineSeconds'))
    if (deadline <= (spec.minReadySeconds ?? 0))
      errors.push(invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds'))
  }
  return errors
}

const EMPTY_SELECTOR = {
  ReplicaSet: 'empty selector is invalid for deployment',
  StatefulSet: 'empty selector is invalid for statefulset',
  DaemonSet: 'empty selector is invalid for daemonset',
}

function otherSpec(workload: ReplicaSet | StatefulSet | DaemonSet): FieldError[] {
  const { spec } = workload
  const replicas = 'replicas' in spec ? (spec.replicas ?? 0) : 0
  return [
    ...nonNegative(replicas, 'spec.replicas'),
    ...nonNegative(spec.minReadySeconds ?? 0, 'spec.minReadySeconds'),
    ...selectorErrors(
      spec.selector,
      workload.kind === 'ReplicaSet' ? 'deployment' : workload.kind.toLowerCase(),
      EMPTY_SELECTOR[workload.kind],
    ),
    ...templateErrors(spec.template, spec.selector),
  ]
}

function selectorErrors(selector: LabelSelector | undefined, what: string, empty = `empty selector is invalid for ${what}`): FieldError[] {
  if (!selector) return [required('spec.selector')]
  const errors = validateLabelSelector(selector, 'spec.selector')
  const size = Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions?.length ?? 0)
  return size === 0 ? [...errors, invalid('spec.selector', selector, empty)] : errors
}

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist']

/** Everything wrong with a label selector. */
export function validateLabelSelector(selector: LabelSelector, at: string): FieldError[] {
  return [
    ...validateLabels(selector.matchLabels, `${at}.matchLabels`),
    ...(selector.matchExpressions ?? []).flatMap((expression, index) => {
      const field = `${at}.matchExpressions[${index}]`
      const { key = '', operator = '', values = [] } = expression
      const errors: FieldError[] = []
      if ((operator === 'In' || operator === 'NotIn') && values.length === 0)
        errors.push(required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"))
      else if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0)
        errors.push(forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
      else if (!OPERATORS.includes(operator)) errors.push(invalid(`${field}.operator`, operator, 'not a valid selector operator'))
      errors.push(...qualifiedName(key).map((why) => invalid(`${field}.key`, key, why)))
      for (const [number, value] of values.entries())
        errors.push(...labelValue(value).map((why) => invalid(`${field}.values[${number}]`, value, why)))
      return errors
    }),
  ]
}

function templateErrors(template: Deployment['spec']['template'] | undefined, selector: LabelSelector | undefined): FieldError[] {
  const at = 'spec.template'
  const { labels, annotations } = template?.metadata ?? {}
  const errors: FieldError[] = []
  const isEmpty = selector && Object.keys(selector.matchLabels ?? {}).length === 0 && !selector.matchExpressions?.length
  if (!isEmpty && !(selector && labelSelects(selector, labels ?? {})))
    errors.push(invalid(`${at}.metadata.labels`, labels ?? null, '`selector` does not match template `labels`'))
  const spec = template?.spec ?? { containers: [] }
  errors.push(...validateLabels(labels, `${at}.metadata.labels`), ...validateAnnotations(annotations, `${at}.metadata.annotations`))
  errors.push(...validatePodSpec(spec, `${at}.spec`))
  if (spec.restartPolicy !== 'Always') errors.push(notSupported(`${at}.spec.restartPolicy`, spec.restartPolicy ?? '', ['Always']))
  if ((spec as { activeDeadlineSeconds?: number }).activeDeadlineSeconds !== undefined)
    errors.push(forbidden(`${at}.spec.activeDeadlineSeconds`, 'activeDeadlineSeconds in ReplicaSet is not Supported'))
  return errors
}

function strategyErrors(strategy: Deployment['spec']['strategy']): FieldError[] {
  const at = 'spec.strategy'
  const { type = '', rollingUpdate } = strategy ?? {}
  if (type === 'Recreate')
    return rollingUpdate ? [forbidden(`${at}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")] : []
  if (type !== 'RollingUpdate') {
    // The API server prints its internal struct.
    const rolling = rollingUpdate && { MaxUnavailable: rollingUpdate.maxUnavailable ?? 0, MaxSurge: rollingUpdate.maxSurge ?? 0 }
    return [notSupported(at, { Type: type, RollingUpdate: rolling ?? null }, ['Recreate', 'RollingUpdate'])]
  }
  if (!rollingUpdate) return [required(`${at}.rollingUpdate`, 'this should be defaulted and never be nil')]
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate
  const field = `${at}.rollingUpdate`
  const errors = [...positive(maxUnavailable, `${field}.maxUnavailable`), ...positive(maxSurge, `${field}.maxSurge`)]
  if (amount(maxUnavailable) === 0 && amount(maxSurge) === 0)
    errors.push(invalid(`${field}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'))
  if (typeof maxUnavailable === 'string' && percentText(maxUnavailable).length === 0 && amount(maxUnavailable) > 100)
    errors.push(invalid(`${field}.maxUnavailable`, maxUnavailable, 'must not be greater than 100%'))
  return errors
}

function positive(value: IntOrString, at: string): FieldError[] {
  return typeof value === 'number' ? nonNegative(value, at) : percentText(value).map((why) => invalid(at, value, why))
}

/** A number, or the number before `%`; nought if neither. */
function amount(value: IntOrString): number {
  return typeof value === 'number' ? value : percentText(value).length === 0 ? Number(value.slice(0, -1)) : 0
}

const STATEFUL_SET_FIELDS = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
]

function immutable(workload: Workload, old: Workload): FieldError[] {
  if (workload.kind === 'StatefulSet') {
    const rest = (set: Workload) => Object.fromEntries(Object.entries(set.spec).filter(([field]) => !STATEFUL_SET_FIELDS.includes(field)))
    if (sameData(rest(workload), rest(old))) return []
    const fields =
      "'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds'"
    return [forbidden('spec', `updates to statefulset spec for fields other than ${fields} are forbidden`)]
  }
  if (sameData(workload.spec.selector, old.spec.selector)) return []
  return [invalid('spec.selector', workload.spec.selector, 'field is immutable')]
}
