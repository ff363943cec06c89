import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { list } from '../../src/core/api/cluster.ts'
import type { ScenarioRequest } from '../../src/core/api/kinds/scenario.ts'
import { load } from '../../src/core/api/load.ts'
import { hostPort } from '../../src/core/base/ip.ts'
import type { ModeId } from '../../src/core/kernel/program.ts'
import { act } from '../../src/core/sim/act.ts'
import { openWorld } from '../../src/core/sim/open.ts'
import { sendRequest } from '../../src/core/sim/send.ts'
import type { World } from '../../src/core/sim/world.ts'
import { networkOf } from '../../src/core/trace/network.ts'
import type { Probe } from './worlds.ts'

/** A moment of a scenario at which requests are sent: the world as it is then, without memory of what was sent before. */
export type SceneCase = { readonly scene: string; readonly world: World; readonly probes: readonly Probe[] }

const folder = join(import.meta.dirname, '../../src/scenarios')
export const sceneFiles = readdirSync(folder).filter((file) => file.endsWith('.yaml'))
const MAX_PODS = 40

/** Why a request is no case for the kernel, or undefined when it is one. */
function unsuitable(world: World, request: ScenarioRequest): string | undefined {
  if (/^(ping|nslookup) /.test(request.to)) return 'no TCP or UDP connection'
  if (request.protocol === 'sctp' || request.protocol === 'icmp') return `${request.protocol} is not in the lab`
  if (list(world.cluster, 'Pod').length > MAX_PODS) return `more than ${MAX_PODS} Pods`
  if (world.faults.links.size + world.faults.nodes.size + world.downSince.size > 0) return 'broken links and nodes are not in the lab'
  if (
    list(world.cluster, 'Node').some((node) =>
      Object.keys(node.metadata.annotations ?? {}).some((key) => /^kubehop\.dev\/(hairpin|firewall|ipvs)$/.test(key)),
    )
  )
    return 'a marked node (hairpin, firewall, ipvs) is not in the lab'
  const sent = sendRequest(world, request, { all: false })
  if (typeof sent === 'string') return sent
  const proxies = sent.traces[0]!.hops.some(
    ({ place, steps }) => place.at === 'load-balancer' && steps.some(({ step }) => step === 'send' || step === 'receive'),
  )
  return proxies ? 'a load balancer that ends connections is not in the lab' : undefined
}

/**
 * A request's connections, each for itself: nobody in the lab speaks HTTP, so of one that passes a proxy the connection to the proxy and
 * the proxy's own ones are made.
 */
function probesOf(world: World, request: ScenarioRequest): readonly Probe[] {
  const protocol = request.protocol === 'udp' ? 'udp' : 'tcp'
  const sent = sendRequest(world, request, { all: false })
  const trace = typeof sent === 'string' ? undefined : sent.traces[0]
  const hops = trace?.hops ?? []
  const dials = hops.flatMap(({ place, steps }) =>
    steps.flatMap((step) => (step.step === 'send' ? [{ place, to: hostPort(step.packet.dst, step.packet.dport) }] : [])),
  )
  // One that passes packets on has chosen a node: the lab's client hands its packets there.
  const exit = hops.find(({ place }) => place.at === 'load-balancer')?.steps.find(({ step }) => step === 'exit')
  const via = exit?.step === 'exit' ? { via: exit.next.name } : viaOf(world, request)
  const whole: Probe = { from: request.from, to: request.to, protocol, ...via }
  const passesProxy = dials.length > 1 || /^(HTTP|TLS)_/.test(trace?.verdict.code ?? '')
  if (!passesProxy) return [whole]
  return dials.map(({ place, to }, index) => (index === 0 ? { ...whole, to } : { from: `${place.at}/${place.name}`, to, protocol }))
}

/** The node that an outside client hands its packets to: the request's own word, else the client's. */
function viaOf(world: World, request: ScenarioRequest): { readonly via?: string } {
  const client = networkOf(world.cluster).clients.get(request.from.replace(/^client\//, ''))
  const via = request.via ?? client?.via
  return via ? { via } : {}
}

const forgetful = (world: World): World => ({ ...world, kernels: new Map(), connections: new Map() })

/** The cases of a scenario in a mode, and the requests that are none with the reason. */
export function casesOf(file: string, mode: ModeId): { readonly cases: readonly SceneCase[]; readonly left: readonly string[] } {
  const loaded = load([{ name: file, text: readFileSync(join(folder, file), 'utf8') }], { bare: false, mode })
  const { scenario } = loaded
  if (!scenario) throw new Error(`${file} has no Scenario`)
  const scene = file.replace('.yaml', '')
  const left: string[] = []
  const cases: { scene: string; world: World; probes: Probe[] }[] = []
  let world = openWorld(loaded, { seed: 1, mode })
  const steps =
    scenario.steps.length > 0 ? scenario.steps : scenario.requests.map((request) => ({ step: 'send' as const, request: request.name }))
  for (const step of steps) {
    if (step.step === 'say' || step.step === 'ask') continue
    if (step.step !== 'send') {
      world = act(world, step).world
      continue
    }
    const request = scenario.requests.find(({ name }) => name === step.request)
    if (!request) continue
    const why = unsuitable(forgetful(world), request)
    if (why) left.push(`${scene}/${request.name}: ${why}`)
    else for (const probe of probesOf(forgetful(world), request)) add(cases, scene, forgetful(world), probe)
  }
  return { cases, left }
}

function add(cases: { scene: string; world: World; probes: Probe[] }[], scene: string, world: World, probe: Probe): void {
  const last = cases.at(-1)
  if (!last || last.world.cluster !== world.cluster || last.world.lagging !== world.lagging) cases.push({ scene, world, probes: [probe] })
  else if (!last.probes.some((one) => JSON.stringify(one) === JSON.stringify(probe))) last.probes.push(probe)
}
