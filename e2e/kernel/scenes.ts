import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { list } from '../../src/core/api/cluster.ts'
import type { ScenarioRequest } from '../../src/core/api/kinds/scenario.ts'
import { load } from '../../src/core/api/load.ts'
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
  const sent = sendRequest(world, probeSpec(request), { all: false })
  if (typeof sent === 'string') return sent
  const steps = sent.traces[0]!.hops.flatMap((hop) => hop.steps)
  if (steps.some((step) => step.step === 'match')) return 'layer 7 is not in the lab'
  if (sent.traces[0]!.hops.some((hop) => hop.place.at === 'load-balancer')) return "a provider's load balancer is not in the lab"
  return undefined
}

const probeSpec = (request: ScenarioRequest) => ({
  from: request.from,
  to: request.to,
  ...(request.via ? { via: request.via } : {}),
  ...(request.protocol ? { protocol: request.protocol } : {}),
})

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
    else
      add(cases, scene, forgetful(world), {
        from: request.from === 'outside' ? 'outside' : request.from,
        to: request.to,
        protocol: request.protocol === 'udp' ? 'udp' : 'tcp',
        ...viaOf(world, request),
      })
  }
  return { cases, left }
}

function add(cases: { scene: string; world: World; probes: Probe[] }[], scene: string, world: World, probe: Probe): void {
  const last = cases.at(-1)
  if (!last || last.world.cluster !== world.cluster || last.world.lagging !== world.lagging) cases.push({ scene, world, probes: [probe] })
  else if (!last.probes.some((one) => JSON.stringify(one) === JSON.stringify(probe))) last.probes.push(probe)
}
