import type { ApiObject, Cluster } from '../api/cluster.ts'
import { find, list } from '../api/cluster.ts'
import type { EndpointSlice } from '../api/kinds/endpointslice.ts'
import { tableOf } from './columns.ts'
import { derivedObjects } from './derived.ts'
import { printJson } from './json.ts'
import { jsonPath, printCustomColumns } from './jsonpath.ts'
import { labelPairs, meets, parseSelector, type Requirement } from './labels.ts'
import { prefixOf, qualifiedPlural, type Resource, resourcesOf } from './resource.ts'
import { TABLE_STYLE, tabulate } from './tabwriter.ts'
import { printYaml } from './yaml.ts'

export type GetOptions = {
  readonly namespace?: string
  readonly allNamespaces?: boolean
  readonly selector?: string
  /** '' for the table, `wide`, `yaml`, `json`, `name`, `jsonpath=…`, `custom-columns=…`. */
  readonly output?: string
  readonly showLabels?: boolean
  readonly noHeaders?: boolean
}

/** What kubectl would write and how it would exit. `code` 2 means the question itself is wrong. */
export type Printed = { readonly out: string; readonly err: string; readonly code: number }

/** One asked-for resource: all objects of a kind, or these names. */
type Target = { readonly resource: Resource; readonly names: readonly string[] }

/** What kubectl says about Endpoints since 1.33. */
export const ENDPOINTS_WARNING = 'Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice\n'

/**
 * `kubectl get WORDS` over a cluster: `svc,ep`, `pods NAME…`, `svc/NAME pod/NAME`, `all`.
 * @param now virtual milliseconds, for AGE
 */
export function get(cluster: Cluster, words: readonly string[], options: GetOptions, now: number): Printed {
  const targets = targetsOf(words)
  if (typeof targets === 'string') return wrong(targets)
  const requirements = options.selector === undefined ? [] : parseSelector(options.selector)
  if (!requirements) return wrong(`error: unable to parse requirement: ${options.selector}`)
  if (!knownOutput(options.output ?? '')) return wrong(unknownOutput(options.output ?? ''))
  const found = targets.map((target) => lookUp(cluster, target, options, requirements))
  const objects = found.flatMap((one) => one.objects)
  const missing = found.flatMap((one) => one.missing)
  const warnings = targets.some(({ resource }) => resource.kind === 'Endpoints') ? ENDPOINTS_WARNING : ''
  const errors = missing.map((line) => `${line}\n`).join('')
  const code = missing.length > 0 ? 1 : 0
  const single = targets.length === 1 && targets[0]?.names.length === 1
  const structured = structuredText(objects, options.output ?? '', single)
  if (structured !== undefined) return { out: missing.length > 0 && single ? '' : structured, err: warnings + errors, code }
  if (objects.length === 0 && missing.length === 0) return { out: '', err: warnings + noneFound(targets, options), code: 0 }
  return {
    out: tablesText(
      targets,
      found.map((one) => one.objects),
      options,
      now,
    ),
    err: warnings + errors,
    code,
  }
}

function wrong(message: string): Printed {
  return { out: '', err: `${message}\n`, code: 2 }
}

function knownOutput(output: string): boolean {
  return ['', 'wide', 'yaml', 'json', 'name'].includes(output) || /^(jsonpath|custom-columns)=/.test(output)
}

function unknownOutput(output: string): string {
  return `error: unable to match a printer suitable for the output format "${output}", allowed formats are: custom-columns,json,jsonpath,name,wide,yaml`
}

/** The targets that command words name, or what is wrong with them. */
export function targetsOf(words: readonly string[]): readonly Target[] | string {
  const [first, ...rest] = words
  if (first === undefined) return 'error: Required resource not specified.'
  if (first.includes('/')) return slashTargets(words)
  if (rest.some((word) => word.includes('/'))) {
    return 'error: there is no need to specify a resource type as a separate argument when passing arguments in resource/name form'
  }
  const targets: Target[] = []
  for (const word of first.split(',').filter((one) => one !== '')) {
    const resources = resourcesOf(word)
    if (!resources) return `error: the server doesn't have a resource type "${word}"`
    targets.push(...resources.map((resource) => ({ resource, names: rest })))
  }
  return targets.length > 0 ? targets : 'error: Required resource not specified.'
}

function slashTargets(words: readonly string[]): readonly Target[] | string {
  const targets: { resource: Resource; names: string[] }[] = []
  for (const word of words) {
    const slash = word.indexOf('/')
    if (slash < 0)
      return 'error: there is no need to specify a resource type as a separate argument when passing arguments in resource/name form'
    const resource = resourcesOf(word.slice(0, slash))?.[0]
    if (!resource) return `error: the server doesn't have a resource type "${word.slice(0, slash)}"`
    const known = targets.find((target) => target.resource === resource)
    if (known) known.names.push(word.slice(slash + 1))
    else targets.push({ resource, names: [word.slice(slash + 1)] })
  }
  return targets
}

function lookUp(cluster: Cluster, { resource, names }: Target, options: GetOptions, requirements: readonly Requirement[]) {
  const namespace = resource.namespaced ? (options.namespace ?? 'default') : ''
  if (names.length > 0) {
    const objects: ApiObject[] = []
    const missing: string[] = []
    for (const name of names) {
      const object =
        find(cluster, resource.kind, namespace, name) ?? derivedObjects(cluster, resource.kind)?.find((one) => one.metadata.name === name)
      if (object) objects.push(object)
      else missing.push(notFound(resource, name))
    }
    return { objects, missing }
  }
  const all = derivedObjects(cluster, resource.kind) ?? list(cluster, resource.kind)
  const objects = all.filter(
    (object) =>
      (!resource.namespaced || options.allNamespaces || object.metadata.namespace === namespace) &&
      meets(object.metadata.labels, requirements),
  )
  return { objects, missing: [] }
}

/** The API server's answer for a name that is not there. */
export function notFound(resource: Resource, name: string): string {
  return `Error from server (NotFound): ${qualifiedPlural(resource)} "${name}" not found`
}

function noneFound(targets: readonly Target[], options: GetOptions): string {
  const everywhere = options.allNamespaces || targets.every(({ resource }) => !resource.namespaced)
  return everywhere ? 'No resources found\n' : `No resources found in ${options.namespace ?? 'default'} namespace.\n`
}

/** Every output that is no table; undefined where a table is asked for. */
function structuredText(objects: readonly ApiObject[], output: string, single: boolean): string | undefined {
  if (output === '' || output === 'wide') return undefined
  if (output === 'name') return objects.map((object) => `${nameOf(object)}\n`).join('')
  if (output.startsWith('custom-columns=')) return printCustomColumns(objects, output.slice('custom-columns='.length))
  const written = objects.map(asWritten)
  const whole = single ? written[0] : { apiVersion: 'v1', items: written, kind: 'List', metadata: { resourceVersion: '' } }
  if (output.startsWith('jsonpath=')) return jsonPath(whole, output.slice('jsonpath='.length))
  return output === 'yaml' ? printYaml(whole) : printJson(whole)
}

/** A slice's two lists are always written, and Go writes an empty one as null. */
function asWritten(object: ApiObject): ApiObject {
  if (object.kind !== 'EndpointSlice') return object
  const { endpoints, ports } = object as EndpointSlice
  return { ...object, ...{ endpoints: endpoints?.length ? endpoints : null, ports: ports?.length ? ports : null } }
}

function nameOf(object: ApiObject): string {
  const resource = resourcesOf(object.kind)?.[0]
  return `${resource ? prefixOf(resource) : object.kind.toLowerCase()}/${object.metadata.name}`
}

function tablesText(targets: readonly Target[], found: readonly (readonly ApiObject[])[], options: GetOptions, now: number): string {
  const prefixed = targets.length > 1
  return targets
    .flatMap(({ resource }, index) => {
      const objects = found[index] ?? []
      return objects.length === 0 ? [] : tableText(resource, objects, options, now, prefixed)
    })
    .join(options.noHeaders ? '' : '\n')
}

function tableText(resource: Resource, objects: readonly ApiObject[], options: GetOptions, now: number, prefixed: boolean): string {
  const table = tableOf(resource.kind)
  const shown = options.output === 'wide' ? table.headers.length : table.narrow
  const withNamespace = options.allNamespaces && resource.namespaced
  const rows = objects.map((object) => {
    // The API server always renders the wide row; kubectl only hides columns.
    const [name = '', ...rest] = table.row(object, now, true).slice(0, shown)
    return [
      ...(withNamespace ? [object.metadata.namespace ?? ''] : []),
      prefixed ? `${prefixOf(resource)}/${name}` : name,
      ...rest,
      ...(options.showLabels ? [labelPairs(object.metadata.labels).join(',') || '<none>'] : []),
    ]
  })
  const headers = [...(withNamespace ? ['NAMESPACE'] : []), ...table.headers.slice(0, shown), ...(options.showLabels ? ['LABELS'] : [])]
  const all = options.noHeaders ? rows : [headers, ...rows]
  return tabulate(`${all.map((row) => row.join('\t')).join('\n')}\n`, TABLE_STYLE)
}
