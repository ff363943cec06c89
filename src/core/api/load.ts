import { copyOf } from '../base/copy.ts'
import { byText } from '../base/order.ts'
import type { Diagnostic, SourceFile, SourceRange } from '../source/diagnostic.ts'
import { type Located, placeOf, plain, rangeOf } from '../source/located.ts'
import { parseYaml } from '../source/yaml.ts'
import { Allocators } from './allocate.ts'
import type { ApiObject, Cluster } from './cluster.ts'
import { decodeDocument } from './decode-document.ts'
import { type InputDocument, readDocuments } from './documents.ts'
import { refusalDiagnostics, warningDiagnostic } from './finding.ts'
import { kindInfo } from './kind.ts'
import type { KindCluster, KubeProxyConfiguration } from './kinds/config.ts'
import type { IngressClass } from './kinds/ingress.ts'
import type { Node } from './kinds/node.ts'
import type { Scenario } from './kinds/scenario.ts'
import type { Service } from './kinds/service.ts'
import { keyOf, type ObjectKey } from './meta.ts'
import { completeNodes, kindNodes } from './nodes.ts'
import { admit, type Desk, withGeneratedName, withNamespace } from './registry.ts'
import { decodeScenario } from './scenario.ts'
import { isObject, type ModeId, type SettingsInput, settingsOf } from './settings.ts'
import { checkSettings } from './settings-check.ts'
import { systemObjects } from './system.ts'

export type Loaded = {
  /** Settings and every object that the API server would have stored, controllers not run yet. */
  readonly cluster: Cluster
  readonly diagnostics: readonly Diagnostic[]
  /** Where each object of the input stands; objects that were added have none. */
  readonly sources: ReadonlyMap<ObjectKey, SourceRange>
  readonly located: ReadonlyMap<ObjectKey, Located>
  readonly scenario?: Scenario
  /** Objects of kinds that are not modelled: kept, shown, not computed with. */
  readonly unknown: readonly ApiObject[]
}

export type LoadOptions = { readonly bare: boolean; readonly mode?: ModeId }

/** An object of the input on its way into the cluster. */
type Entry = { readonly object: ApiObject; readonly at: Located }

/**
 * Reads files of YAML or JSON into a cluster as the API server would store it: decoded, defaulted, allocated, validated. What every
 * cluster has is added unless `bare`. Objects that are refused are left out with a diagnostic per cause. Never throws on any input; the
 * order of documents and files changes nothing.
 */
export function load(files: readonly SourceFile[], options: LoadOptions): Loaded {
  const { documents, diagnostics } = readDocuments(files)
  const entries = new Map<ObjectKey, Entry>()
  const unknown: ApiObject[] = []
  const settingsDocuments = new Map<string, unknown>()
  let scenario: Scenario | undefined
  for (const document of documents) {
    if (isSettings(document)) {
      settingsDocuments.set(document.kind, plain(document.at))
      diagnostics.push(...checkSettings(document))
    } else if (document.kind === 'Scenario' && document.apiVersion.startsWith('kubehop.dev/')) {
      const decoded = decodeScenario(document.at)
      diagnostics.push(...decoded.diagnostics)
      if (decoded.scenario) scenario = decoded.scenario
    } else {
      const decoded = decodeDocument(document)
      diagnostics.push(...decoded.diagnostics)
      if (decoded.unknown) unknown.push(decoded.unknown)
      if (decoded.object) enter(entries, { object: withGeneratedName(withNamespace(decoded.object), 0), at: document.at }, diagnostics)
    }
  }
  for (const { object } of entries.values()) if (object.kind === 'ConfigMap') readConfigMap(object, settingsDocuments)
  const settings = settingsOf(settingsInput(settingsDocuments, entries), options.mode, options.bare)
  const cluster = populate(entries, settings, settingsDocuments, options, diagnostics)
  const kept = [...entries].filter(([key]) => cluster.byKind.get(key.slice(0, key.indexOf('/')))?.has(key))
  return {
    cluster,
    diagnostics,
    sources: new Map(kept.map(([key, entry]) => [key, placeOf(entry.at)])),
    located: new Map(kept.map(([key, entry]) => [key, entry.at])),
    ...(scenario ? { scenario } : {}),
    unknown,
  }
}

function enter(entries: Map<ObjectKey, Entry>, entry: Entry, diagnostics: Diagnostic[]): void {
  const key = keyOf(entry.object)
  if (entries.has(key) && entry.object.metadata.name)
    diagnostics.push({
      code: 'DUPLICATE_OBJECT',
      severity: 'warning',
      message: `${key.replace(/\/+/g, '/')} is given twice: the last one counts`,
      range: rangeOf(entry.at, ['metadata', 'name']),
    })
  // A nameless object is refused later; it must not hide another one.
  entries.set(entry.object.metadata.name ? key : `${key}${entries.size}`, entry)
}

const SETTINGS: Readonly<Record<string, string>> = {
  Cluster: 'kind.x-k8s.io',
  KubeProxyConfiguration: 'kubeproxy.config.k8s.io',
  KubeControllerManagerConfiguration: 'kubecontrollermanager.config.k8s.io',
  ClusterConfiguration: 'kubeadm.k8s.io',
}

function isSettings(document: InputDocument): boolean {
  const group = SETTINGS[document.kind]
  return group !== undefined && document.apiVersion.startsWith(`${group}/`)
}

/** kubeadm keeps its own and kube-proxy's configuration in ConfigMaps, as YAML in a value. */
function readConfigMap(object: ApiObject, settings: Map<string, unknown>): void {
  const data = (object as { data?: Readonly<Record<string, string>> }).data
  if (object.metadata.namespace !== 'kube-system' || !data) return
  const read = (text: string | undefined, kind: string) => {
    if (text === undefined || settings.has(kind)) return
    const [document] = parseYaml({ name: '', text }).documents
    if (document) settings.set(kind, plain(document))
  }
  if (object.metadata.name === 'kube-proxy') read(data['config.conf'], 'KubeProxyConfiguration')
  if (object.metadata.name === 'kubeadm-config') read(data['ClusterConfiguration'], 'ClusterConfiguration')
}

function settingsInput(documents: ReadonlyMap<string, unknown>, entries: ReadonlyMap<ObjectKey, Entry>): SettingsInput {
  const kindCluster = documents.get('Cluster')
  const kubeProxy = documents.get('KubeProxyConfiguration')
  const objects = [...entries.values()].map((entry) => entry.object)
  const nodes = objects.filter((object): object is Node => object.kind === 'Node')
  const kubernetes = entries.get('Service/default/kubernetes')?.object as Service | undefined
  const serviceCidrs = objects.flatMap((object) =>
    object.kind === 'ServiceCIDR' ? ((object as { spec?: { cidrs?: string[] } }).spec?.cidrs ?? []) : [],
  )
  return {
    ...(isObject(kindCluster) ? { kindCluster: kindCluster as KindCluster } : {}),
    ...(isObject(kubeProxy) ? { kubeProxy: kubeProxy as KubeProxyConfiguration } : {}),
    controllerManager: documents.get('KubeControllerManagerConfiguration'),
    kubeadm: documents.get('ClusterConfiguration'),
    serviceCidrs,
    nodePodCidrs: nodes.flatMap(podCidrsOf),
    nodeIps: nodes.flatMap(
      ({ status }) => status?.addresses?.flatMap(({ type, address }) => (type === 'InternalIP' ? [address] : [])) ?? [],
    ),
    kubernetesIps: kubernetes?.spec.clusterIPs ?? (kubernetes?.spec.clusterIP ? [kubernetes.spec.clusterIP] : []),
  }
}

function podCidrsOf(node: Node): readonly string[] {
  return node.spec?.podCIDRs ?? (node.spec?.podCIDR ? [node.spec.podCIDR] : [])
}

/** Kinds whose objects others look at while they are admitted come first. */
const ORDER = ['Namespace', 'Node', 'IngressClass']

function populate(
  entries: ReadonlyMap<ObjectKey, Entry>,
  settings: Cluster['settings'],
  documents: ReadonlyMap<string, unknown>,
  { bare }: LoadOptions,
  diagnostics: Diagnostic[],
): Cluster {
  const byKind = new Map<string, Map<ObjectKey, ApiObject>>()
  const put = (object: ApiObject) => {
    const map = byKind.get(object.kind) ?? new Map<ObjectKey, ApiObject>()
    byKind.set(object.kind, map.set(keyOf(object), object))
  }
  const desk: Desk = {
    settings,
    allocators: new Allocators(settings, [], 'network'),
    lookup: (key) => byKind.get(key.slice(0, key.indexOf('/')))?.get(key),
    ingressClasses: () => [...(byKind.get('IngressClass')?.values() ?? [])] as IngressClass[],
  }
  const sorted = [...entries.values()].sort(inOrder)
  const nodes = nodesOf(sorted, documents.get('Cluster'), settings, bare)
  const added = bare ? [] : systemObjects(settings, nodes).filter((object) => !replaced(object, entries))
  // What the input has from a real cluster is a fact; what it asks for by number must not be given to others.
  for (const { object } of sorted) {
    if (object.kind !== 'Service') continue
    if (object.metadata.uid) desk.allocators.adopt(object as Service)
    else desk.allocators.reserve(object as Service)
  }
  const write = (object: ApiObject) =>
    admit(desk, object, object.metadata.uid && object.kind === 'Service' ? object : undefined, { now: 0 })
  for (const object of [...nodes.filter((node) => !entries.has(keyOf(node))), ...added]) {
    const outcome = write(object)
    if ('object' in outcome) put(outcome.object)
  }
  const completed = new Map(nodes.map((node) => [keyOf(node), node]))
  for (const entry of sorted) {
    const outcome = write(completed.get(keyOf(entry.object)) ?? entry.object)
    if ('refused' in outcome) diagnostics.push(...refusalDiagnostics(outcome.refused, entry.object, entry.at))
    else {
      put(outcome.object)
      // Whoever pours a dump in has been warned long ago.
      if (!entry.object.metadata.uid) diagnostics.push(...outcome.warnings.map((text) => warningDiagnostic(text, entry.object, entry.at)))
    }
  }
  if (!bare) diagnostics.push(...missingNamespaces(sorted, byKind))
  return { settings, byKind }
}

function inOrder(a: Entry, b: Entry): number {
  const rank = (entry: Entry) => (ORDER.indexOf(entry.object.kind) + ORDER.length) % (ORDER.length + 1)
  const [left, right] = [a.object, b.object]
  return (
    rank(a) - rank(b) ||
    byText(left.metadata.namespace ?? '', right.metadata.namespace ?? '') ||
    byText(left.metadata.name, right.metadata.name) ||
    byText(left.kind, right.kind)
  )
}

function nodesOf(sorted: readonly Entry[], kindCluster: unknown, settings: Cluster['settings'], bare: boolean): Node[] {
  const given = sorted.flatMap((entry) => (entry.object.kind === 'Node' ? [copyOf(entry.object) as Node] : []))
  if (given.length > 0) return completeNodes(given, settings)
  const described = isObject(kindCluster) && Array.isArray(kindCluster['nodes']) && kindCluster['nodes'].length > 0
  return bare && !described ? [] : completeNodes(kindNodes(isObject(kindCluster) ? (kindCluster as KindCluster) : undefined), settings)
}

/** Whether the input has its own of something that every cluster has. */
function replaced(object: ApiObject, entries: ReadonlyMap<ObjectKey, Entry>): boolean {
  if (entries.has(keyOf(object))) return true
  if (object.kind !== 'Deployment') return false
  // A dump has the DNS Pods themselves.
  for (const { object: other } of entries.values())
    if (other.metadata.namespace === 'kube-system' && other.kind === 'Pod' && other.metadata.labels?.['k8s-app'] === 'kube-dns') return true
  return false
}

function missingNamespaces(sorted: readonly Entry[], byKind: ReadonlyMap<string, ReadonlyMap<ObjectKey, ApiObject>>): Diagnostic[] {
  const known = byKind.get('Namespace')
  return sorted.flatMap(({ object, at }) => {
    const namespace = object.metadata.namespace ?? ''
    if (!kindInfo(object.kind)?.namespaced || object.metadata.uid || known?.has(`Namespace//${namespace}`)) return []
    return [
      {
        code: 'NAMESPACE_NOT_FOUND',
        severity: 'warning' as const,
        message: `namespaces "${namespace}" not found`,
        range: rangeOf(at, ['metadata', 'namespace']),
        field: 'metadata.namespace',
        object: { kind: object.kind, namespace, name: object.metadata.name },
        params: { namespace },
      },
    ]
  })
}
