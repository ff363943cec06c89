import type { Service } from '../api/kinds/service.ts'
import { type Family, hostPort, type Ip, isLoopback } from '../base/ip.ts'
import { type Chooser, scopedChooser } from '../kernel/chance.ts'
import { serviceName } from '../kernel/ipvsstate.ts'
import type { HookResult, KernelOption, KernelStep, NodeKernel } from '../kernel/kernel.ts'
import type { FamilyProgram, Hook, NodeProgram, Origin, Rule } from '../kernel/program.ts'
import type { Network, NodeHost, PodHost } from './network.ts'
import type { Choice, Hop, Place, Step } from './trace.ts'

/** What is broken between machines. */
export type Faults = { readonly nodes: ReadonlySet<string>; readonly links: ReadonlySet<string> }
/** Nothing is broken. */
export const noFaults: Faults = { nodes: new Set(), links: new Set() }

/** The name of the link between two nodes, whichever way round. */
export function linkKey(a: string, b: string): string {
  return a < b ? `${a}|${b}` : `${b}|${a}`
}

/** The world as it stands while one request travels; the tracer asks it and never changes it. */
export type Ground = {
  readonly network: Network
  readonly faults: Faults
  /** What kube-proxy has programmed on a node; undefined where none ever ran. */
  readonly programOf: (node: string) => NodeProgram | undefined
  /** One rule as its mode prints it. */
  readonly textOf: (program: FamilyProgram, rule: Rule) => string
  /** The node's interface that a Pod's packets come in by. */
  readonly podInterface: (pod: PodHost) => string
  /** Nodes that a load balancer's health check passes for a Service. */
  readonly loadBalancerNodes: (service: Service) => readonly NodeHost[]
  readonly now: number
  /** A node's kernel that nothing has passed yet. */
  readonly booted: NodeKernel
}

/** One request under way: the kernels as they are by now, and the hops so far. The only mutable thing of the tracer; it never gets out. */
export type Run = {
  readonly ground: Ground
  readonly kernels: Map<string, NodeKernel>
  readonly choose: Chooser
  readonly draw: (key: string) => number
  /** The same, but the same for every request: where a proxy's round robin began. */
  readonly lasting: (key: string) => number
  /** Whether every way is being gone through: then what a proxy draws is chosen, too. */
  readonly everyWay: boolean
  /** Requests that proxies have forwarded, by proxy and backend: round robin's positions. */
  turns: ReadonlyMap<string, number>
  /** Nothing is recorded: only what the packets leave in the kernels counts. */
  readonly silent: boolean
  /** The nodes that packets of a family have met so far. */
  readonly stations: Readonly<Record<Family, Map<string, Station>>>
  hops: { readonly place: Place; readonly steps: Step[] }[]
}

/** A node as the packets of one request and family meet it: what its hooks need to know, put together once. */
export type Station = {
  /** What kube-proxy has programmed for the family; undefined where every packet passes. */
  readonly program: FamilyProgram | undefined
  readonly isLocal: (ip: Ip) => boolean
  readonly choose: Chooser
  readonly draw: (key: string) => number
}

/** A request's first moment: nothing recorded yet, the kernels as they are. */
export function startRun(
  ground: Ground,
  kernels: ReadonlyMap<string, NodeKernel>,
  choose: Chooser,
  draw: (key: string) => number,
  l7: { readonly turns: ReadonlyMap<string, number>; readonly everyWay: boolean; readonly lasting: (key: string) => number },
): Run {
  const stations = { IPv4: new Map<string, Station>(), IPv6: new Map<string, Station>() }
  const { lasting, everyWay } = l7
  return { ground, kernels: new Map(kernels), choose, draw, lasting, everyWay, turns: l7.turns, stations, silent: false, hops: [] }
}

/** The same run, going on unrecorded: what its packets leave in the kernels counts, and nothing else. */
export function silenced({ ground, kernels, choose, draw, lasting, everyWay, turns, stations }: Run): Run {
  return { ground, kernels, choose, draw, lasting, everyWay, turns, stations, silent: true, hops: [] }
}

/** Begins a hop. The first place may be open already: names are resolved there before the packet is sent. */
export function open(run: Run, place: Place): void {
  if (run.silent) return
  const last = run.hops.at(-1)
  const isOpen = last?.place.at === place.at && last.place.name === place.name && !last.steps.some(hasLeft)
  if (!isOpen) run.hops.push({ place, steps: [] })
}

const hasLeft = ({ step }: Step) => step === 'exit'

/** Writes a step down at the present hop. */
export function say(run: Run, step: Step): void {
  run.hops[run.hops.length - 1]?.steps.push(step)
}

/** The hops recorded since the last call; recording starts afresh. */
export function takeHops(run: Run): readonly Hop[] {
  const hops = run.hops
  run.hops = []
  return hops
}

/** A host's kernel as the run has left it; a fresh one where nothing has passed yet. */
export function kernelOf(run: Run, node: string): NodeKernel {
  return run.kernels.get(node) ?? run.ground.booted
}

/** A node as packets of a family meet it. */
export function stationOf(run: Run, node: NodeHost, family: Family): Station {
  const known = run.stations[family].get(node.name)
  if (known) return known
  const program = run.ground.programOf(node.name)?.families.find((one) => one.family === family)
  const dummies = dummyAddresses(program)
  const station = {
    program,
    isLocal: (ip: Ip) => isLoopback(ip) || node.ips.includes(ip) || dummies.has(ip),
    choose: scopedChooser(run.choose, node.name),
    draw: (key: string) => run.draw(`${node.name} ${key}`),
  }
  run.stations[family].set(node.name, station)
  return station
}

const NO_ADDRESSES: ReadonlySet<Ip> = new Set()
const dummies = new WeakMap<FamilyProgram, ReadonlySet<Ip>>()

/** The addresses on kube-ipvs0. */
export function dummyAddresses(program: FamilyProgram | undefined): ReadonlySet<Ip> {
  if (!program || program.dummyAddresses.length === 0) return NO_ADDRESSES
  let set = dummies.get(program)
  if (!set) {
    set = new Set(program.dummyAddresses)
    dummies.set(program, set)
  }
  return set
}

/** The kernel's own account of a hook in the trace's words. */
export function tell(run: Run, program: FamilyProgram, result: HookResult): void {
  if (run.silent) return
  for (const step of result.steps) {
    const told = toStep(run, program, step)
    if (told) say(run, told)
  }
}

function toStep(run: Run, program: FamilyProgram, step: KernelStep): Step | undefined {
  switch (step.step) {
    case 'rule':
      return ruleStep(run, program, step)
    case 'choose':
      return {
        step: 'choose',
        by: step.by,
        options: optionsOf(run, step.options),
        picked: step.picked,
        packet: step.packet,
      }
    case 'rewrite':
      return {
        step: 'rewrite',
        what: step.what,
        before: step.before,
        after: step.after,
        rule: step.server ? serviceName(step.server.protocol, step.server.address, step.server.port) : step.rule?.id,
        origin: (step.rule ?? step.server)?.origin,
      }
    case 'chain-end':
      return undefined
  }
}

function ruleStep(run: Run, program: FamilyProgram, step: Extract<KernelStep, { step: 'rule' }>): Step {
  const origin = step.element?.origin ?? step.rule.origin
  const { hook, table, chain, index, verdict, missed, packet } = step
  const rule = step.rule.id
  let text = step.texts[index]
  if (text === undefined) {
    text = run.ground.textOf(program, step.rule)
    step.texts[index] = text
  }
  return origin
    ? { step: 'rule', hook, table, chain, index, rule, text, verdict, missed, origin, packet }
    : { step: 'rule', hook, table, chain, index, rule, text, verdict, missed, packet }
}

type Told = { readonly network: Network; readonly options: readonly Choice[] }
const told = new WeakMap<readonly KernelOption[], Told>()

/** The kernel's options with the Pods that have the addresses; a rule's options are the same for every packet. */
function optionsOf(run: Run, options: readonly KernelOption[]): readonly Choice[] {
  const { network } = run.ground
  const known = told.get(options)
  if (known?.network === network) return known.options
  const made = options.map(({ to, chain, weight }) => optionOf(run, to, chain, weight))
  told.set(options, { network, options: made })
  return made
}

function optionOf(run: Run, to: { ip: Ip; port: number } | undefined, chain: string | undefined, weight: number) {
  if (!to) return { to: chain ?? '', weight }
  const owner = run.ground.network.owner.get(to.ip)
  const text = hostPort(to.ip, to.port)
  return { to: text, weight, ...(owner?.host === 'pod' && { pod: owner.name }) }
}

/** The rule that ended a packet at a hook, and on whose behalf: the last rule, and the nearest origin before it. */
export type Decider = { readonly hook: Hook; readonly chain: string; readonly rule: Rule; readonly origin?: Origin }

/** Who ended a packet at a hook; undefined where no rule did. */
export function deciderOf(result: HookResult): Decider | undefined {
  const rules = result.steps.filter((step) => step.step === 'rule')
  const last = rules.at(-1)
  const origins = rules.map(({ element, rule }) => element?.origin ?? rule.origin)
  const origin = origins.findLast((one) => one !== undefined)
  return last && { hook: last.hook, chain: last.chain, rule: last.rule, ...(origin && { origin }) }
}
