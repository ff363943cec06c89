import { draw, drawing } from '../base/chance.ts'
import { isLoopback } from '../base/ip.ts'
import { causesOf } from '../explain/causes.ts'
import { type Chooser, chooserOf, everyWay } from '../kernel/chance.ts'
import { lookAtScheduler } from '../kernel/ipvslook.ts'
import { programIpvs } from '../kernel/ipvsstage.ts'
import { type Packet, withFlags } from '../kernel/packet.ts'
import { ingressControllerOf } from '../l7/controllers.ts'
import { keptCookies } from '../l7/cookies.ts'
import { profileOf } from '../l7/profiles/index.ts'
import type { AppAnswer } from '../trace/exchange.ts'
import { balancedNode, type Dial, isOpen, type Journey, journey, type OpenConnection, settleConnection } from '../trace/journey.ts'
import { networkOf } from '../trace/network.ts'
import { type Run, startRun } from '../trace/run.ts'
import type { Backend, Cause, Hop, RequestTrace, RequestVerdict, Way } from '../trace/trace.ts'
import { mergeWays } from '../trace/ways.ts'
import { bootedKernel } from './booted.ts'
import { endpointRows } from './endpointrows.ts'
import { groundOf, healthAnswer, healthChecked, nodeSockets, podAt, relayOf } from './ground.ts'
import { outcomeOf } from './outcome.ts'
import { nodeProgram } from './programs.ts'
import { type Request, readRequest } from './request.ts'
import type { RequestSpec } from './session.ts'
import { publishedHosts, stageOf } from './stages.ts'
import { seenBy, type World } from './world.ts'

export type SendOptions = {
  readonly all: boolean
  /** Requests are counted in it by outcome; then only the first trace of each outcome that it does not know is given. */
  readonly tally?: Map<string, number>
}
export type Sent = {
  readonly world: World
  readonly traces: readonly RequestTrace[]
  /** What the client's cookie jar holds in the end. */
  readonly cookies: ReadonlyMap<string, string>
}

const NO_COOKIES: ReadonlyMap<string, string> = new Map()

/** Sends a request, `count` times one after the other. A text says what is wrong with the request; then nothing was sent. */
export function sendRequest(world: World, spec: RequestSpec, { all, tally }: SendOptions): Sent | string {
  const request = readRequest(world.cluster, spec)
  if (typeof request === 'string') return request
  let after = world
  let jar = spec.cookies ? new Map(Object.entries(spec.cookies)) : NO_COOKIES
  const traces: RequestTrace[] = []
  for (let i = 0; i < Math.max(1, spec.count ?? 1); i++) {
    const sent = sendOnce(after, withCookies(request, jar), all && i === 0, i === 0)
    after = sent.world
    jar = keptCookies(jar, sent.trace.response?.headers['set-cookie'])
    const outcome = tally && outcomeOf(sent.trace)
    if (outcome === undefined || !tally?.has(outcome)) traces.push(sent.trace)
    if (outcome !== undefined) tally?.set(outcome, (tally.get(outcome) ?? 0) + 1)
  }
  return { world: after, traces, cookies: jar }
}

/** One client's requests share its cookies; a Cookie header of its own goes before them. */
function withCookies(request: Request, jar: ReadonlyMap<string, string>): Request {
  if (jar.size === 0) return request
  const { headers = {} } = request.spec
  const own = Object.entries(headers).find(([name]) => name.toLowerCase() === 'cookie')
  const held = [...jar].map(([name, value]) => `${name}=${value}`)
  const cookie = [...(own ? [own[1]] : []), ...held].join('; ')
  const others = Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'cookie')
  return { ...request, spec: { ...request.spec, headers: { ...Object.fromEntries(others), cookie } } }
}

const FIRST_PORT = 32_768
const PORTS = 28_232

/** `first`: of several, the one that says what the scheduler went by. */
function sendOnce(world: World, request: Request, all: boolean, first: boolean): { readonly world: World; readonly trace: RequestTrace } {
  const { spec } = request
  const name = spec.name ?? `${spec.from} ${spec.to}`
  const drawn = drawing(world.seed, name, world.sent)
  const keep = spec.connection === 'keep-alive'
  const connection = `${spec.from} ${spec.to} ${request.protocol}`
  const riding = keep ? world.connections.get(connection) : undefined
  // Linux starts at a hash of the destination and goes on in steps of two (RFC 6056, 3.3.3), so no port comes back while it is in use.
  const sport = FIRST_PORT + ((Math.floor(draw(world.seed, name, 0, 'port') * PORTS) + 2 * world.sent) % PORTS)
  const dial = dialOf(world, request, sport, riding, keep)
  const start = (choose: Chooser, everyWay: boolean): Run =>
    startRun(groundOf(world), world.kernels, choose, drawn, {
      turns: world.turns,
      everyWay,
      lasting: (key) => draw(world.seed, key),
    })
  const run = start(chooserOf(drawn), false)
  const made = journey(run, dial)
  const open = isOpen(made)
  const balancedTo = balancedNode(made)
  if (open && made.sent) settleConnection(run, request.client, made.sent, keep, spec.via, balancedTo)
  const scheduler = first && world.mode === 'ipvs' ? schedulerOf(world, made) : undefined
  const trace = traceOf(world, request, name, made, all ? waysOf((choose) => start(choose, true), dial) : undefined, scheduler)
  // A UDP socket knows of no end: its next datagram goes out by the same port, whatever became of this one.
  const stays = keep && (request.protocol === 'UDP' || (open && request.protocol === 'TCP'))
  const connections = keptConnections(world, connection, stays ? made.sent : undefined, balancedTo)
  return { world: afterSending(world, run, connections), trace }
}

/** The world once a request is through. Every field is written out: with thousands of requests a spread costs more than their DNS. */
function afterSending(world: World, { kernels, turns }: Run, connections: World['connections']): World {
  const { now, seed, mode, cluster, lagging, syncedAt, faults, downSince, fullPool, sent, events, wakeAt } = world
  const after: { [key in keyof Required<World>]: World[key] } = {
    now,
    seed,
    mode,
    cluster,
    lagging,
    syncedAt,
    kernels,
    faults,
    downSince,
    fullPool,
    connections,
    turns,
    sent: sent + 1,
    events,
    wakeAt,
  }
  return after
}

function keptConnections(world: World, key: string, sent: Packet | undefined, balancedTo: string | undefined): World['connections'] {
  if (!sent && !world.connections.has(key)) return world.connections
  const connections = new Map(world.connections)
  if (sent) connections.set(key, { packet: sent.protocol === 'TCP' ? withFlags(sent, 'DATA') : sent, balancedTo })
  else connections.delete(key)
  return connections
}

function dialOf(world: World, request: Request, sport: number, riding: OpenConnection | undefined, keep: boolean): Dial {
  const { client, pod, label, target, protocol, method, spec } = request
  return {
    cluster: world.cluster,
    published: publishedHosts(world.cluster),
    client,
    label,
    target,
    protocol,
    method,
    headers: spec.headers ?? {},
    sport,
    mode: () => world.mode,
    nodeSockets: (host) => nodeSockets(world, host),
    application: (backend, packet) => applicationOf(world, backend, packet),
    stage: (host, own, packet) => stageOf(world.cluster, host, own, packet),
    relay: (host, packet, choose) => relayOf(world, host, packet, choose),
    pod,
    via: spec.via,
    riding,
    keep,
  }
}

/** What answers an HTTP request: a plain Pod says 200, a health check what the node knows, an ingress controller is a stage of its own. */
function applicationOf(world: World, backend: Backend, packet: Packet): AppAnswer {
  const pod = podAt(world.cluster, backend.namespace, backend.pod)
  const controller = pod && ingressControllerOf(pod)
  // A known controller's own ports are a stage; its other ports (metrics, health) just answer.
  if (controller !== undefined && profileOf(controller) === undefined) {
    return {
      notModelled: `${backend.namespace}/${backend.pod} is an ingress controller (${controller}): what it does with a request is not modelled yet.`,
    }
  }
  const service = backend.pod === undefined ? healthChecked(world.cluster, packet.dport) : undefined
  if (service && backend.node !== undefined) {
    const { status, headers } = healthAnswer(world, backend.node, service)
    return { status, headers }
  }
  return { status: 200, headers: {} }
}

function traceOf(
  world: World,
  request: Request,
  name: string,
  made: Journey,
  ways: readonly Way[] | undefined,
  scheduler: RequestTrace['scheduler'],
): RequestTrace {
  const { sent, backend, seenSource, hops, reply, response } = made
  const causes = causesIn(world, made)
  const verdict = blamed(made.verdict, causes)
  const endpoints = sent && endpointRows((node) => seenBy(world, node), world.mode, sent, hops)
  return {
    name,
    from: request.spec.from,
    to: request.spec.to,
    seed: world.seed,
    mode: world.mode,
    verdict,
    backend,
    seenSource,
    hops: endedBy(hops, verdict),
    reply: reply && { hops: endedBy(reply.hops, verdict) },
    response,
    endpoints,
    scheduler,
    ways,
    causes: causes.length > 0 ? causes : undefined,
  }
}

/** What ipvs' scheduler went by on the node that chose, as it stood before the request. */
function schedulerOf(world: World, { hops }: Journey): RequestTrace['scheduler'] {
  for (const { place, steps } of hops) {
    const choice = steps.find((step) => step.step === 'choose' && step.by.startsWith('ipvs'))
    if (choice?.step !== 'choose') continue
    const program = nodeProgram(seenBy(world, place.name), place.name, 'ipvs')
    const kernel = world.kernels.get(place.name) ?? bootedKernel(world.cluster.settings)
    const state = program && programIpvs(kernel, program, world.now).ipvs[choice.packet.family]
    return state && lookAtScheduler(state, choice.packet, world.now)
  }
  return undefined
}

function causesIn(world: World, { sent, verdict, backend }: Journey): readonly Cause[] {
  if (verdict.code === 'DELIVERED') return []
  const place = verdict.by?.place
  const cluster = place?.at === 'node' ? seenBy(world, place.name) : world.cluster
  const isNode = sent !== undefined && networkOf(world.cluster).owner.get(sent.dst)?.host === 'node'
  const to = sent && { ip: sent.dst, port: sent.dport, protocol: sent.protocol, isNode: isNode || isLoopback(sent.dst) }
  return causesOf({ verdict, ...(backend && { backend }) }, to, cluster)
}

/** The way with the verdict as it is told: what ended the request is the last step of its last hop. */
function endedBy(hops: readonly Hop[], verdict: RequestVerdict): readonly Hop[] {
  const hop = hops.at(-1)
  const last = hop?.steps.at(-1)
  if (!hop || last?.step !== 'end') return hops
  return hops.with(-1, { place: hop.place, steps: hop.steps.with(-1, { ...last, verdict }) })
}

/** The verdict with the field to blame: the nearest cause's, which is what a person would change, before the rule's own. */
function blamed(verdict: RequestVerdict, [nearest]: readonly Cause[]): RequestVerdict {
  return nearest?.origin ? { ...verdict, by: { ...verdict.by, origin: nearest.origin } } : verdict
}

/** Every way the request could go, through the same tracer, in the world as it was before it was sent. */
function waysOf(start: (choose: Chooser) => Run, dial: Dial): readonly Way[] {
  return mergeWays(everyWay((choose) => journey(start(choose), dial)))
}
