import type { Endpoints } from '../core/api/kinds/endpoints.ts'
import { type EndpointSlice, SERVICE_NAME_LABEL } from '../core/api/kinds/endpointslice.ts'
import type { Ingress } from '../core/api/kinds/ingress.ts'
import type { Node } from '../core/api/kinds/node.ts'
import type { Pod } from '../core/api/kinds/pod.ts'
import type { Service } from '../core/api/kinds/service.ts'
import type { ObjectKey } from '../core/api/meta.ts'
import { hostPort, parseIp } from '../core/base/ip.ts'
import { byText, groupBy } from '../core/base/order.ts'
import type { ModeId, Origin } from '../core/kernel/program.ts'
import { outcomeOf } from '../core/sim/outcome.ts'
import { originKey, type Snapshot } from '../core/sim/session.ts'
import type { Diagnostic, SourceFile, SourceRange } from '../core/source/diagnostic.ts'
import type { RequestTrace } from '../core/trace/trace.ts'
import { type AddressBook, addressBookOf, nodeIpsOf } from '../view/address.ts'
import { countedIn } from './many.ts'
import { eventsIn, type TraceEvent } from './playback.ts'
import { addressOf, isSystem, originsOf as makeOrigins, nodeOf, ofKind, targetsOf } from './request.ts'
import { type RouteDiff, routeDiffOf } from './routediff.ts'
import { type Run, rulesKey, type WorkbenchState } from './state.ts'

/** Remembers the last answer, so that the same arguments give the same reference. */
function once<Args extends readonly unknown[], T>(compute: (...args: Args) => T): (...args: Args) => T {
  let last: { args: Args; answer: T } | undefined
  return (...args) => {
    if (!last || args.some((arg, i) => arg !== last?.args[i])) last = { args, answer: compute(...args) }
    return last.answer
  }
}

/** The trace that is shown; undefined before the first send. */
export const traceOf = (state: WorkbenchState): RequestTrace | undefined => state.run?.traces[state.shown]
/** The shown trace's events, numbered from 1 by their place in the list. */
export const shownEvents = (state: WorkbenchState): readonly TraceEvent[] => eventsIn(traceOf(state))
/** The event the cursor stands on; undefined at 0. */
export const currentEvent = (state: WorkbenchState): TraceEvent | undefined => shownEvents(state)[state.index - 1]
/** The event that is on its way while `fraction` runs. */
export const nextEvent = (state: WorkbenchState): TraceEvent | undefined => shownEvents(state)[state.index]

/** The mode in force: the person's choice, else what the YAML says. */
export const modeOf = (state: WorkbenchState): ModeId => state.chosenMode ?? state.live?.mode ?? 'iptables'

const diff = once(routeDiffOf)
/** What the last edit did to the request's way. */
export const routeDiff = (state: WorkbenchState): RouteDiff | undefined => diff(state.ghost, state.run)

/** Where the current event is, if that is a node, else the first node the trace touches, else the first node there is. */
export const rulesNodeOf = (state: WorkbenchState): string | undefined => {
  if (state.rulesNode !== undefined) return state.rulesNode
  const events = shownEvents(state)
  const upTo = events.slice(0, Math.max(1, state.index)).findLast((event) => event.place.at === 'node')
  const any = upTo ?? events.find((event) => event.place.at === 'node')
  const from = state.snapshot && nodeOf(state.snapshot, state.request.from)
  return any?.place.name ?? from ?? state.snapshot?.objects.find((object) => object.kind === 'Node')?.metadata.name
}

const NO_BOOK: AddressBook = { ownerOf: () => ({ kind: 'external' }) }
const bookOf = (snapshot: Snapshot | undefined) => (snapshot ? addressBookOf(snapshot) : NO_BOOK)
/** Whose each address is, in the cluster that is drawn. */
export const addressesOf = (state: WorkbenchState): AddressBook => bookOf(state.snapshot)

const origins = once((snapshot: Snapshot | undefined) => (snapshot ? makeOrigins(snapshot) : []))
/** Where a request can start. */
export const originsOf = (state: WorkbenchState) => origins(state.live)
const suggestions = once((snapshot: Snapshot | undefined) => (snapshot ? targetsOf(snapshot) : []))
/** Where a request might go. */
export const suggestionsOf = (state: WorkbenchState) => suggestions(state.live)

const NO_FILES = new Map<string, string>()
const texts = once((files: readonly SourceFile[]) => (files.length ? new Map(files.map((file) => [file.name, file.text])) : NO_FILES))
/** Line (from 1) and column (from 1) of an offset in a file. */
export const placeIn = (state: WorkbenchState, range: SourceRange): { readonly line: number; readonly column: number } => {
  const before = (texts(state.files).get(range.file) ?? '').slice(0, range.start)
  return { line: before.split('\n').length, column: range.start - before.lastIndexOf('\n') }
}

const kinds = once((book: AddressBook) => (ip: string) => book.ownerOf(ip).kind)
/** What kind an address is of, for showing it. */
export const kindOfAddress = (state: WorkbenchState) => kinds(addressesOf(state))

/** Where an origin is written: its field, else its object. Undefined for what nobody wrote. */
export const rangeOf = (state: WorkbenchState, origin: Origin): SourceRange | undefined =>
  state.run?.ranges[originKey(origin)] ?? state.snapshot?.sources[origin.object]

const ruleIndex = once((rules: WorkbenchState['rules'], mode: ModeId) => {
  const byNode = new Map<string, Map<string, string>>()
  return (node: string, rule: string): string | undefined => {
    let texts = byNode.get(node)
    if (!texts) {
      texts = new Map((rules.get(rulesKey(node, mode)) ?? []).flatMap((line) => (line.rule === undefined ? [] : [[line.rule, line.text]])))
      byNode.set(node, texts)
    }
    return texts.get(rule)
  }
})
/** The printed text of a rule of a node, if its rules have been fetched. */
export const ruleTexts = (state: WorkbenchState) => ruleIndex(state.rules, state.run?.mode ?? modeOf(state))

export type Spread = {
  readonly total: number
  readonly bars: readonly {
    readonly label: string
    readonly count: number
    readonly traces: readonly number[]
    readonly expected?: number
  }[]
}
const spread = once((run: Run | undefined): Spread | undefined => {
  if (!run) return undefined
  if (run.counts) return counted(run, run.counts)
  if (run.traces.length < 2) return undefined
  const indices = run.traces.map((_, i) => i)
  const groups = groupBy(indices, (i) => {
    const trace = run.traces[i]
    return trace ? outcomeOf(trace) : ''
  })
  // What the first request's table says of a new connection: the others had the same chances unless something held them to an endpoint.
  const shares = new Map((run.traces[0]?.endpoints ?? []).map((row) => [row.endpoint, row.probability]))
  const bars = [...groups].map(([label, traces]) => {
    const backend = run.traces[traces[0] ?? 0]?.backend
    const expected = backend && shares.get(hostPort(backend.ip, backend.port))
    return { label, count: traces.length, traces, ...(expected !== undefined && { expected }) }
  })
  return { total: run.traces.length, bars: bars.sort((a, b) => byText(a.label, b.label)) }
})
/** Very many requests: what came of them beside the exact chances of the first, also of outcomes that never came up. */
function counted({ traces }: Run, counts: Readonly<Record<string, number>>): Spread {
  const chances = new Map<string, number>()
  for (const way of traces[0]?.ways ?? []) chances.set(outcomeOf(way), (chances.get(outcomeOf(way)) ?? 0) + way.probability)
  const kept = new Map(traces.map((trace, i) => [outcomeOf(trace), i]))
  const labels = [...new Set([...Object.keys(counts), ...chances.keys()])].sort(byText)
  const bars = labels.map((label) => {
    const [trace, expected] = [kept.get(label), chances.get(label)]
    return {
      label,
      count: counts[label] ?? 0,
      traces: trace === undefined ? [] : [trace],
      ...(expected !== undefined && { expected }),
    }
  })
  return { total: countedIn(counts), bars }
}
/** Who answered how often, if the run was many requests. */
export const spreadOf = (state: WorkbenchState): Spread | undefined => spread(state.run)

/** The scene's lesson in the page's language, if it has one. */
export const lessonText = ({ live, language }: WorkbenchState): string | undefined =>
  live?.scenario?.lesson?.[language] ?? live?.scenario?.lesson?.['en']

type Example = { readonly ip: string; readonly kind: 'node-ip' | 'pod-ip' | 'cluster-ip'; readonly meaning: 'node' | 'pod' | 'cluster' }
const examples = once((snapshot: Snapshot | undefined): readonly Example[] => {
  if (!snapshot) return []
  const own = snapshot.objects.filter((object) => !isSystem(object))
  const node = own.findLast((object) => object.kind === 'Node') as Node | undefined
  const pod = own.find((object) => object.kind === 'Pod' && !(object as Pod).spec.hostNetwork && (object as Pod).status?.podIP) as
    | Pod
    | undefined
  const service = own.find((object) => object.kind === 'Service' && parseIp((object as Service).spec.clusterIP ?? '')) as
    | Service
    | undefined
  const of = (ip: string | undefined, kind: Example['kind'], meaning: Example['meaning']) => (ip ? [{ ip, kind, meaning }] : [])
  return [
    ...of(node && nodeIpsOf(node)[0], 'node-ip', 'node'),
    ...of(pod?.status?.podIP, 'pod-ip', 'pod'),
    ...of(service?.spec.clusterIP, 'cluster-ip', 'cluster'),
  ]
})
/** One address of each kind from the cluster itself, to explain how they look. */
export const exampleAddresses = (state: WorkbenchState): readonly Example[] => examples(state.live)

const names = once((snapshot: Snapshot | undefined) =>
  (snapshot?.objects ?? []).flatMap((object) => (object.kind === 'Node' ? [object.metadata.name] : [])),
)
/** The nodes, in order of their names. */
export const nodeNames = (state: WorkbenchState): readonly string[] => names(state.snapshot)

const slices = once((snapshot: Snapshot | undefined) =>
  snapshot ? ofKind<EndpointSlice>(snapshot, 'EndpointSlice').filter((slice) => !isSystemSlice(slice)) : [],
)
const isSystemSlice = (slice: EndpointSlice) => isSystem(slice) || slice.metadata.labels?.[SERVICE_NAME_LABEL] === 'kubernetes'
/** The EndpointSlices that are there for the person's own Services. */
export const slicesOf = (state: WorkbenchState): readonly EndpointSlice[] => slices(state.snapshot)

const endpoints = once((snapshot: Snapshot | undefined) =>
  snapshot ? ofKind<Endpoints>(snapshot, 'Endpoints').filter((one) => !isSystem(one) && one.metadata.name !== 'kubernetes') : [],
)
/** The Endpoints objects of the person's own Services. */
export const endpointsOf = (state: WorkbenchState): readonly Endpoints[] => endpoints(state.snapshot)

/** The Gateway or Ingress whose own data plane the shown request passes: what the box of the load balancer stands for. */
export const proxyOf = (state: WorkbenchState): ObjectKey | undefined => {
  const events = shownEvents(state)
  const by = events.find(({ place, step }) => place.at === 'load-balancer' && step.step === 'match')
  if (by?.step.step !== 'match') return undefined
  return `${by.step.by === 'gateway' ? 'Gateway' : 'Ingress'}/${by.place.name}`
}

/** Whether the request has passed this Ingress, Gateway or route by now: it won, or it is the proxy's own object. */
export const hasDecided = (state: WorkbenchState, key: ObjectKey): boolean => {
  const seen = shownEvents(state).slice(0, state.index)
  const won = ({ step }: TraceEvent) =>
    step.step === 'match' && step.candidates.some((candidate) => candidate.won && candidate.origin?.object === key)
  return seen.some(won) || (proxyOf(state) === key && seen.some(({ place }) => place.at === 'load-balancer'))
}

const ingresses = once((snapshot: Snapshot | undefined) => (snapshot ? ofKind<Ingress>(snapshot, 'Ingress') : []))
/** The live cluster's Ingresses. */
export const ingressesOf = (state: WorkbenchState): readonly Ingress[] => ingresses(state.live)
/** Whether there is an Ingress to convert or to compare. */
export const hasIngress = (state: WorkbenchState): boolean => ingressesOf(state).length > 0

const worst = once((diagnostics: readonly Diagnostic[], files: readonly SourceFile[]) => {
  const error = diagnostics.find((diagnostic) => diagnostic.severity === 'error')
  if (!error) return undefined
  const text = files.find((file) => file.name === error.range.file)?.text ?? ''
  return { line: text.slice(0, error.range.start).split('\n').length, message: error.message, range: error.range }
})
/** The first error in the text, for the strip above the stage. */
export const firstError = (state: WorkbenchState) => worst(state.diagnostics, state.files)

/** The address of the place that the request bar sends from. */
export const originAddress = ({ live, request }: WorkbenchState): string | undefined => live && addressOf(live, request.from)
