import { type FieldError, invalid, notSupported, required, tooLong } from '../field-error.ts'
import { CLASS_ANNOTATION, type Ingress, type IngressBackend, type IngressClass } from '../kinds/ingress.ts'
import { parseIpSloppy } from './ip.ts'
import { validateMetadata, validateMetadataUpdate } from './metadata.ts'
import { dns1035Label, dnsLabel, dnsSubdomain, portName, portNumber, wildcardSubdomain } from './name.ts'
import { GATES, type Gates } from './service.ts'

const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix']

/** What an update lets pass because it was stored before the rule was made. */
export type IngressOptions = {
  readonly allowInvalidSecretName: boolean
  readonly allowInvalidWildcardHostRule: boolean
  readonly allowRelaxedServiceName: boolean
}

/** Everything wrong with a new Ingress (pkg/apis/networking/validation, ValidateIngressCreate). */
export function validateIngressCreate(ingress: Ingress, gates: Gates = GATES): FieldError[] {
  const options = { allowInvalidSecretName: false, allowInvalidWildcardHostRule: false, allowRelaxedServiceName: gates.relaxedServiceName }
  const annotation = ingress.metadata?.annotations?.[CLASS_ANNOTATION]
  const className = ingress.spec?.ingressClassName
  const differ = annotation !== undefined && className !== undefined && annotation !== className
  const detail = 'must match `ingressClassName` when both are specified'
  return [...validateIngress(ingress, options), ...(differ ? [invalid(`annotations.${CLASS_ANNOTATION}`, annotation, detail)] : [])]
}

/** Everything wrong with replacing `old`. */
export function validateIngressUpdate(ingress: Ingress, old: Ingress, gates: Gates = GATES): FieldError[] {
  const relaxed =
    gates.relaxedServiceName || backendsOf(old).some((backend) => backend.service && dns1035Label(backend.service.name).length > 0)
  const options = {
    allowInvalidSecretName: (old.spec?.tls ?? []).some((tls) => (tls.secretName ? dnsSubdomain(tls.secretName).length > 0 : false)),
    allowInvalidWildcardHostRule: (old.spec?.rules ?? []).some(
      (rule) =>
        rule.host?.includes('*') &&
        ruleErrors(rule, '', { allowInvalidSecretName: false, allowInvalidWildcardHostRule: false, allowRelaxedServiceName: relaxed })
          .length > 0,
    ),
    allowRelaxedServiceName: relaxed,
  }
  return [...validateMetadataUpdate(ingress.metadata, old.metadata), ...validateIngress(ingress, options)]
}

function backendsOf(ingress: Ingress): IngressBackend[] {
  const paths = (ingress.spec?.rules ?? []).flatMap((rule) => rule.http?.paths ?? [])
  return [...(ingress.spec?.defaultBackend ? [ingress.spec.defaultBackend] : []), ...paths.map((path) => path.backend ?? {})]
}

/** Everything wrong with an Ingress by itself. */
export function validateIngress(ingress: Ingress, options: IngressOptions): FieldError[] {
  const spec = ingress.spec ?? {}
  const rules = spec.rules ?? []
  const errors = validateMetadata(ingress.metadata, true, dnsSubdomain)
  if (rules.length === 0 && !spec.defaultBackend) errors.push(invalid('spec', null, 'either `defaultBackend` or `rules` must be specified'))
  if (spec.defaultBackend) errors.push(...backendErrors(spec.defaultBackend, 'spec.defaultBackend', options))
  for (const [index, rule] of rules.entries()) errors.push(...hostErrors(rule, `spec.rules[${index}]`, options))
  for (const [index, tls] of (spec.tls ?? []).entries()) errors.push(...tlsErrors(tls, `spec.tls[${index}]`, options))
  const { ingressClassName } = spec
  if (ingressClassName !== undefined)
    errors.push(...dnsSubdomain(ingressClassName).map((why) => invalid('spec.ingressClassName', ingressClassName, why)))
  return errors
}

type Rule = NonNullable<Ingress['spec']['rules']>[number]
type Tls = NonNullable<Ingress['spec']['tls']>[number]
type Path = NonNullable<Rule['http']>['paths'][number]

function hostErrors(rule: Rule, at: string, options: IngressOptions): FieldError[] {
  const host = rule.host ?? ''
  const errors: FieldError[] = []
  if (host && parseIpSloppy(host) !== undefined) errors.push(invalid(`${at}.host`, host, 'must be a DNS name, not an IP address'))
  const wildcard = host.includes('*')
  if (host) errors.push(...(wildcard ? wildcardSubdomain(host) : dnsSubdomain(host)).map((why) => invalid(`${at}.host`, host, why)))
  return wildcard && options.allowInvalidWildcardHostRule ? errors : [...errors, ...ruleErrors(rule, at, options)]
}

function ruleErrors(rule: Rule, at: string, options: IngressOptions): FieldError[] {
  if (!rule.http) return []
  const paths = rule.http.paths ?? []
  if (paths.length === 0) return [required(`${at}.http.paths`)]
  return paths.flatMap((path, index) => pathErrors(path, `${at}.http.paths[${index}]`, options))
}

const FORBIDDEN_SEQUENCES = ['//', '/./', '/../', '%2f', '%2F']
const FORBIDDEN_ENDINGS = ['/..', '/.']

function pathErrors({ path = '', pathType, backend = {} }: Path, at: string, options: IngressOptions): FieldError[] {
  if (pathType === undefined) return [required(`${at}.pathType`, 'pathType must be specified')]
  const refuse = (detail: string) => invalid(`${at}.path`, path, detail)
  const errors: FieldError[] = []
  const absolute = path.startsWith('/') ? [] : [refuse('must be an absolute path')]
  if (pathType === 'Exact' || pathType === 'Prefix') {
    errors.push(...absolute)
    for (const sequence of FORBIDDEN_SEQUENCES) if (path.includes(sequence)) errors.push(refuse(`must not contain '${sequence}'`))
    for (const ending of FORBIDDEN_ENDINGS) if (path.endsWith(ending)) errors.push(refuse(`cannot end with '${ending}'`))
  } else if (pathType === 'ImplementationSpecific') {
    if (path) errors.push(...absolute)
  } else errors.push(notSupported(`${at}.pathType`, pathType, PATH_TYPES))
  return [...errors, ...backendErrors(backend, `${at}.backend`, options)]
}

function backendErrors({ service, resource }: IngressBackend, at: string, options: IngressOptions): FieldError[] {
  if (service && resource) return [invalid(at, '', 'cannot set both resource and service backends')]
  if (resource) return resourceErrors(resource, `${at}.resource`)
  if (!service) return [invalid(at, '', 'resource or service backend is required')]
  const { name = '', port = {} } = service
  const rule = options.allowRelaxedServiceName ? dnsLabel : dns1035Label
  const errors = name ? rule(name).map((why) => invalid(`${at}.service.name`, name, why)) : [required(`${at}.service.name`)]
  if (port.name && port.number) errors.push(invalid(at, '', 'cannot set both port name & port number'))
  else if (port.name) errors.push(...portName(port.name).map((why) => invalid(`${at}.service.port.name`, port.name, why)))
  else if (port.number) errors.push(...portNumber(port.number).map((why) => invalid(`${at}.service.port.number`, port.number, why)))
  else errors.push(required(at, 'port name or number is required'))
  return errors
}

type Reference = { readonly apiGroup?: string; readonly kind?: string; readonly name?: string }

function resourceErrors({ apiGroup, kind, name }: Reference, at: string): FieldError[] {
  const errors: FieldError[] = []
  if (apiGroup !== undefined) errors.push(...dnsSubdomain(apiGroup).map((why) => invalid(`${at}.apiGroup`, apiGroup, why)))
  if (kind) errors.push(...pathSegment(kind).map((why) => invalid(`${at}.kind`, kind, why)))
  else errors.push(required(`${at}.kind`))
  if (name) errors.push(...pathSegment(name).map((why) => invalid(`${at}.name`, name, why)))
  else errors.push(required(`${at}.name`))
  return errors
}

/** What is wrong with a text as one segment of a URL's path. */
export function pathSegment(name: string): string[] {
  if (name === '.' || name === '..') return [`may not be '${name}'`]
  return ['/', '%'].flatMap((character) => (name.includes(character) ? [`may not contain '${character}'`] : []))
}

function tlsErrors({ hosts = [], secretName }: Tls, at: string, options: IngressOptions): FieldError[] {
  const errors = hosts.flatMap((host, index) =>
    (host.includes('*') ? wildcardSubdomain(host) : dnsSubdomain(host)).map((why) => invalid(`${at}.hosts[${index}]`, host, why)),
  )
  if (!secretName || options.allowInvalidSecretName) return errors
  return [...errors, ...dnsSubdomain(secretName).map((why) => invalid(`${at}.secretName`, secretName, why))]
}

const MAX_CONTROLLER = 250

/** Everything wrong with an IngressClass; its controller may never change. */
export function validateIngressClass(ingressClass: IngressClass, old?: IngressClass): FieldError[] {
  const { controller = '', parameters } = ingressClass.spec ?? {}
  const errors: FieldError[] = old ? validateMetadataUpdate(ingressClass.metadata, old.metadata) : []
  if (old && old.spec.controller !== controller) errors.push(invalid('spec.controller', controller, 'field is immutable'))
  errors.push(...validateMetadata(ingressClass.metadata, false, dnsSubdomain))
  if (controller === '') errors.push(required('spec.controller'))
  else {
    if (controller.length > MAX_CONTROLLER) errors.push(tooLong('spec.controller', MAX_CONTROLLER))
    errors.push(...domainPrefixedPath(controller, 'spec.controller'))
  }
  if (parameters) errors.push(...parameterErrors(parameters as Parameters))
  return errors
}

type Parameters = Reference & { readonly scope?: string; readonly namespace?: string }

function parameterErrors(parameters: Parameters): FieldError[] {
  const at = 'spec.parameters'
  const errors = resourceErrors(parameters, at)
  const { scope, namespace } = parameters
  if (scope === undefined) errors.push(required(`${at}.scope`))
  else if (scope !== 'Cluster' && scope !== 'Namespace') errors.push(notSupported(`${at}.scope`, scope, ['Cluster', 'Namespace']))
  else if (scope === 'Namespace') {
    if (!namespace) errors.push(required(`${at}.namespace`, "`parameters.scope` is set to 'Namespace'"))
    else errors.push(...dnsLabel(namespace).map((why) => invalid(`${at}.namespace`, namespace, why)))
  } else if (namespace !== undefined)
    errors.push({ type: 'FieldValueForbidden', field: `${at}.namespace`, message: "Forbidden: `parameters.scope` is set to 'Cluster'" })
  return errors
}

function domainPrefixedPath(text: string, at: string): FieldError[] {
  const slash = text.indexOf('/')
  const [host, path] = slash < 0 ? [text, ''] : [text.slice(0, slash), text.slice(slash + 1)]
  if (slash < 0 || host === '' || path === '') return [invalid(at, text, 'must be a domain-prefixed path (such as "acme.io/foo")')]
  const errors = dnsSubdomain(host).map((why) => invalid(at, host, why))
  if (!/^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(path))
    errors.push(invalid(at, path, "Invalid path (e.g. regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')"))
  return errors
}
