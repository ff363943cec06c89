import { type ChildProcess, spawn } from 'node:child_process'
import { list } from '../../src/core/api/cluster.ts'
import type { Pod } from '../../src/core/api/kinds/pod.ts'
import { load } from '../../src/core/api/load.ts'
import type { ModeId } from '../../src/core/kernel/program.ts'
import { modes } from '../../src/core/proxy/modes/index.ts'
import { openWorld } from '../../src/core/sim/open.ts'
import { nodeProgram } from '../../src/core/sim/programs.ts'
import { sendRequest } from '../../src/core/sim/send.ts'
import { seenBy, type World } from '../../src/core/sim/world.ts'
import { type NodeHost, networkOf } from '../../src/core/trace/network.ts'
import { socketsOf } from '../../src/core/trace/sockets.ts'
import type { RequestTrace, Step, Way } from '../../src/core/trace/trace.ts'
import { type Dial, type DialResult, inNetns, type Lab, type LabWorld, type Socket } from './lab.ts'
import type { Probe } from './worlds.ts'

/** A rule that matched, where it stands: `nat KUBE-SERVICES 3`. */
export type Visited = { readonly node: string; readonly rules: readonly string[] }

/** The world of some YAML in a mode, settled. */
export function worldFrom(yaml: string, mode: ModeId, seed = 1, bare = true): World {
  const loaded = load([{ name: 'world.yaml', text: yaml }], { bare, mode })
  const errors = loaded.diagnostics.filter((one) => one.severity === 'error')
  if (errors.length > 0) throw new Error(`the world does not load: ${errors.map((one) => one.message).join('; ')}`)
  return openWorld(loaded, { seed, mode })
}

/** The lab that a world needs: its nodes, its Pods with a network of their own, its client. */
export function labWorldOf(world: World): LabWorld {
  const network = networkOf(world.cluster)
  const prefixed = (ips: readonly string[]) => ips.map((ip) => `${ip}/${ip.includes(':') ? 64 : 24}`)
  const nodes = [...network.nodes.values()]
  return {
    nodes: nodes.map((node) => ({
      name: node.name,
      addresses: prefixed(node.interfaces.filter((one) => one.name !== 'lo' && one === mainInterface(node)).flatMap((one) => one.ips)),
      interfaces: node.interfaces
        .filter((one) => one.name !== 'lo' && one !== mainInterface(node))
        .map((one) => ({ name: one.name, addresses: prefixed(one.ips) })),
      podCidrs: node.podCidrs,
      routeLocalnet: world.mode === 'iptables',
    })),
    pods: [...network.pods.values()]
      .filter((pod) => !pod.name.startsWith('kube-system/'))
      .map((pod) => ({ name: pod.name, node: pod.node, ips: pod.ips })),
    outside: prefixed([...network.clients.values()].flatMap((client) => client.ips)),
    routed: [...network.clients.values()].flatMap(({ ips, via, listeners }) => {
      const node = listeners && network.nodes.get(via ?? '')?.ips[0]
      return node === undefined ? [] : ips.map((ip) => ({ ip, via: node }))
    }),
  }
}

const mainInterface = (node: NodeHost) => node.interfaces.find((one) => one.name !== 'lo')

/** Every port that a Service or slice of the world leads to: where a Pod listens on "every port", these are opened. */
export function portsOf(world: World): readonly number[] {
  const services = list(world.cluster, 'Service').flatMap((service) =>
    (service.spec.ports ?? []).flatMap((port) => [port.port, typeof port.targetPort === 'number' ? port.targetPort : port.port]),
  )
  const slices = list(world.cluster, 'EndpointSlice').flatMap((slice) => (slice.ports ?? []).flatMap((port) => port.port ?? []))
  const nodePorts = list(world.cluster, 'Service').flatMap((service) => (service.spec.ports ?? []).flatMap((port) => port.nodePort ?? []))
  return [...new Set([80, 81, 8080, 9090, ...services, ...slices, ...nodePorts])]
}

/** Opens the sockets that Kubehop says each Pod has; "every port" means the ports that are dialled. */
export async function openSockets(lab: Lab, world: World, ports: readonly number[]): Promise<void> {
  const network = networkOf(world.cluster)
  await lab.listen('outside', distinct(outsideSockets(world, ports)))
  for (const pod of network.pods.values()) {
    if (pod.name.startsWith('kube-system/') || !pod.pod) continue
    const sockets = socketsIn(pod.pod, pod.name, pod.ips, ports)
    await lab.listen(`pod/${pod.name}`, distinct(sockets))
  }
  for (const [name, node] of network.nodes)
    await lab.listen(
      `node/${name}`,
      distinct(
        (network.hostPodsOf.get(name) ?? [])
          .filter((pod) => pod.metadata.namespace !== 'kube-system')
          .flatMap((pod) =>
            socketsIn(
              pod,
              `${pod.metadata.namespace}/${pod.metadata.name}`,
              node.ips.filter((ip) => !ip.startsWith('127.') && ip !== '::1'),
              ports,
            ),
          ),
      ),
    )
}

/** A host outside that listens answers as itself. */
function outsideSockets(world: World, ports: readonly number[]): readonly Socket[] {
  return [...networkOf(world.cluster).clients.values()].flatMap(({ ips, listeners = [] }) =>
    listeners.flatMap(({ protocol, port }) =>
      ips.flatMap((ip) =>
        (port === undefined ? ports : [port]).map((one) => ({
          name: ip,
          ip,
          port: one,
          proto: protocol === 'UDP' ? ('udp' as const) : ('tcp' as const),
        })),
      ),
    ),
  )
}

const distinct = (sockets: readonly Socket[]) => [...new Map(sockets.map((one) => [`${one.ip}:${one.port}/${one.proto}`, one])).values()]

function socketsIn(pod: Pod, name: string, ips: readonly string[], ports: readonly number[]): Socket[] {
  return socketsOf(pod).flatMap((socket): Socket[] => {
    const list = socket.port === 0 ? ports : [socket.port]
    const protocols = (socket.protocol ? [socket.protocol] : ['TCP', 'UDP']).filter((one) => one !== 'SCTP')
    return list.flatMap((port) =>
      protocols.flatMap((one) =>
        (socket.address ? [socket.address] : ips).map((ip) => ({
          name,
          ip,
          port,
          proto: one === 'UDP' ? ('udp' as const) : ('tcp' as const),
        })),
      ),
    )
  })
}

/** Clients' source ports start here: above every port that is dialled. */
export const FIRST_SPORT = 33_000

const TRACE = ['ip', 'ip6']
  .map(
    (family) =>
      `add table ${family} khtrace\nadd chain ${family} khtrace pre { type filter hook prerouting priority -350 ; }\nadd chain ${family} khtrace out { type filter hook output priority -350 ; }\nadd rule ${family} khtrace pre meta nftrace set 1\nadd rule ${family} khtrace out meta nftrace set 1\n`,
  )
  .join('')

/** The sets of each node in which nftables remembers clients. */
export function affinitySets(world: World): ReadonlyMap<string, readonly string[]> {
  const nodes = [...networkOf(world.cluster).nodes.keys()]
  return new Map(
    nodes.map((node) => [
      node,
      (nodeProgram(seenBy(world, node), node, world.mode)?.families ?? []).flatMap((family) =>
        family.sets.filter((set) => set.timeout !== undefined).map((set) => set.name),
      ),
    ]),
  )
}

/** Where each rule of a loaded ruleset stands, by family, table and handle. */
type Handles = ReadonlyMap<string, string>

/** Loads what Kubehop printed for every node into that node's kernel, and turns tracing on. */
export function loadRules(lab: Lab, world: World): ReadonlyMap<string, Handles> {
  const handles = new Map<string, Handles>()
  for (const node of networkOf(world.cluster).nodes.keys()) {
    const netns = lab.netnsOf(`node/${node}`)
    inNetns(netns, ['nft', 'flush', 'ruleset'])
    const program = nodeProgram(seenBy(world, node), node, world.mode)
    if (!program) throw new Error(`${node} has no program`)
    const mode = modes.find((one) => one.id === world.mode)!
    for (const family of program.families) {
      const text = `${mode
        .print(family)
        .map((line) => line.text)
        .join('\n')}\n`
      const command =
        world.mode === 'nftables' ? ['nft', '-f', '-'] : [family.family === 'IPv6' ? 'ip6tables-nft-restore' : 'iptables-nft-restore']
      inNetns(netns, command, text)
    }
    inNetns(netns, ['nft', '-f', '-'], TRACE)
    handles.set(node, handlesOf(inNetns(netns, ['nft', '-a', 'list', 'ruleset'])))
  }
  return handles
}

function handlesOf(listing: string): Handles {
  const out = new Map<string, string>()
  let [family, table, chain, index] = ['', '', '', 0]
  for (const line of listing.split('\n')) {
    const head = /^(\t?)(table|chain) (?:(ip6?|inet) )?"?([^\s"]+)"? \{/.exec(line)
    if (head?.[2] === 'table') [family, table] = [head[3]!, head[4]!]
    else if (head?.[2] === 'chain') [chain, index] = [head[4]!, 0]
    else if (/^\t(set|map) /.test(line)) chain = ''
    const handle = / # handle (\d+)$/.exec(line)
    if (handle && chain && line.startsWith('\t\t') && !/^\t\ttype \w+ hook/.test(line)) {
      out.set(`${family} ${table} ${handle[1]}`, `${table} ${chain} ${index}`)
      index += 1
    }
  }
  return out
}

/** Listens to the kernel's own rule trace in every node. */
export class Traces {
  private readonly monitors: { readonly node: string; readonly process: ChildProcess; text: string }[] = []
  private readonly handles: ReadonlyMap<string, Handles>
  constructor(lab: Lab, handles: ReadonlyMap<string, Handles>) {
    this.handles = handles
    for (const node of handles.keys()) {
      const child = spawn('ip', ['netns', 'exec', lab.netnsOf(`node/${node}`), 'stdbuf', '-oL', 'nft', '-a', 'monitor', 'trace'])
      const monitor = { node, process: child, text: '' }
      child.stdout.on('data', (data) => {
        monitor.text += data
      })
      this.monitors.push(monitor)
    }
  }
  /** Waits until the kernel has said nothing more for a while. */
  async quiet(): Promise<void> {
    const size = () => this.monitors.reduce((sum, { text }) => sum + text.length, 0)
    for (let last = -1, still = 0; still < 4; ) {
      await new Promise((resolve) => setTimeout(resolve, 15))
      still = size() === last ? still + 1 : 0
      last = size()
    }
  }
  clear(): void {
    for (const monitor of this.monitors) monitor.text = ''
  }
  stop(): void {
    for (const monitor of this.monitors) monitor.process.kill('SIGKILL')
  }

  /** The rules that the first packet of the connection with this source port matched on each node, or without one that was translated. */
  visited(foreignPorts: ReadonlySet<number>, servers: ReadonlySet<number>): readonly Visited[] {
    return this.monitors.flatMap(({ node, text }) => {
      const rules = firstPacket(text, foreignPorts, servers).map(
        ([family, table, handle]) => this.handles.get(node)!.get(`${family} ${table} ${handle}`) ?? `${table} ? handle ${handle}`,
      )
      return rules.length > 0 ? [{ node, rules }] : []
    })
  }
}

type RuleLine = readonly [family: string, table: string, handle: string]

/** The trace of the first packet that starts a connection (TCP SYN, or any UDP): from a port that no earlier probe used, and no server's. */
function firstPacket(text: string, foreign: ReadonlySet<number>, servers: ReadonlySet<number>): readonly RuleLine[] {
  // The kernel uses an id again for later packets: the IP header's own id tells them apart, in IPv6 their length and flags.
  const packets = new Map<string, { readonly starts: boolean; readonly rules: RuleLine[]; readonly ip: string }>()
  const finished: { readonly starts: boolean; readonly rules: RuleLine[] }[] = []
  for (const line of text.split('\n')) {
    const [, id, family, table, rest] = /^trace id (\w+) (ip6?) (\S+) \S+ (.*)$/.exec(line) ?? []
    if (!id || !family || !table || rest === undefined) continue
    const ip =
      / ip id (\d+)/.exec(rest)?.[1] ?? [/ip6 length (\d+)/.exec(rest)?.[1], /tcp flags == (\S+)/.exec(rest)?.[1]].filter(Boolean).join(' ')
    const known = packets.get(id)
    if (known && ip !== '' && known.ip !== ip) {
      finished.push(known)
      packets.delete(id)
    }
    if (!packets.has(id)) {
      const port = Number(/(?:tcp|udp) sport (\d+)/.exec(rest)?.[1] ?? -1)
      const back = servers.has(port)
      const opens = (/tcp flags == syn\b/.test(rest) || /udp sport/.test(rest)) && !/tcp flags == (?:0x12|syn \|)/.test(rest)
      packets.set(id, { starts: opens && !back && !foreign.has(port) && port > 0, rules: [], ip })
    }
    const rule = /^rule .* # handle (\d+)/.exec(rest)
    if (rule && table !== 'khtrace') packets.get(id)!.rules.push([family, table, rule[1]!])
  }
  const starting = [...finished, ...packets.values()].filter((packet) => packet.starts)
  // A node may be crossed more than once: by a packet to one of its own addresses, or by one that comes back from another node.
  return starting.flatMap((packet) => packet.rules)
}

/** What a kernel's answer is in Kubehop's words: who answered and whom it saw, or the way it failed. */
export function outcomeOf(result: DialResult): string {
  if (result.outcome === 'error' && (result.code === 'ENETUNREACH' || result.code === 'EHOSTUNREACH')) return 'NO_ROUTE'
  if (result.outcome !== 'answer') return result.outcome
  const [name, source] = result.text!.split(' ')
  return name === 'escaped' ? 'escaped' : `${name} sees ${source}`
}

/** Which of the kernel's outcomes a verdict means. */
export function kernelWord(way: Pick<Way, 'verdict' | 'backend' | 'seenSource'>): string {
  switch (way.verdict.code) {
    case 'DELIVERED':
      return way.backend ? `${nameOf(way.backend)} sees ${way.seenSource}` : `delivered by ${way.verdict.reason}`
    case 'REFUSED':
    case 'REJECTED':
    case 'REJECTED_NO_ENDPOINTS':
      return 'refused'
    case 'LEFT_CLUSTER':
      return 'escaped'
    case 'DROPPED':
    case 'DROPPED_NO_LOCAL_ENDPOINTS':
    case 'DROPPED_SOURCE_RANGE':
    case 'TIMEOUT':
      return 'timeout'
    default:
      return way.verdict.code
  }
}

const nameOf = ({ namespace, pod, ip }: NonNullable<Way['backend']>) => (pod === undefined ? ip : `${namespace}/${pod}`)

/** The rules that the request matched on each node, in Kubehop's trace. */
export function rulesOf(trace: RequestTrace): readonly Visited[] {
  const byNode = new Map<string, string[]>()
  for (const hop of trace.hops) {
    if (hop.place.at !== 'node') continue
    const rules = hop.steps.flatMap((step: Step) => (step.step === 'rule' ? [`${step.table} ${step.chain} ${step.index}`] : []))
    if (rules.length > 0) byNode.set(hop.place.name, [...(byNode.get(hop.place.name) ?? []), ...rules])
  }
  return [...byNode].map(([node, rules]) => ({ node, rules }))
}

export function send(world: World, probe: Probe, all: boolean): RequestTrace {
  const sent = sendRequest(
    world,
    { from: probe.from, to: probe.to, protocol: probe.protocol, ...(probe.via ? { via: probe.via } : {}) },
    { all },
  )
  if (typeof sent === 'string') throw new Error(`${probe.from} → ${probe.to}: ${sent}`)
  return sent.traces[0]!
}

/** What the client really dials: the first packet that Kubehop's client sends. */
export function dialOf(trace: RequestTrace, probe: Probe, sport: number): Dial | undefined {
  const packet = trace.hops.flatMap((hop) => hop.steps).find((step) => step.step === 'send')
  if (packet?.step !== 'send') return undefined
  return { src: packet.packet.src, dst: packet.packet.dst, port: packet.packet.dport, proto: probe.protocol, sport, timeout: 1400 }
}
