import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'

/** One host of the lab: a network namespace with an agent in it. */
type Agent = { readonly netns: string; readonly process: ChildProcess; readonly ask: (order: object) => Promise<Record<string, unknown>> }

export type Socket = { readonly name: string; readonly ip: string; readonly port: number; readonly proto: 'tcp' | 'udp' }
export type Dial = {
  readonly src?: string
  readonly sport?: number
  readonly dst: string
  readonly port: number
  readonly proto: 'tcp' | 'udp'
  readonly timeout: number
}
export type DialResult = {
  readonly outcome: 'answer' | 'refused' | 'timeout' | 'error' | 'empty'
  readonly text?: string
  readonly code?: string
}

export type LabNode = {
  readonly name: string
  /** Addresses with prefix length on eth0, all families. */
  readonly addresses: readonly string[]
  /** Further interfaces. */
  readonly interfaces?: readonly { readonly name: string; readonly addresses: readonly string[] }[]
  /** Pod networks of this node, which every other host routes to it. */
  readonly podCidrs: readonly string[]
  readonly routeLocalnet?: boolean
  readonly tcpBeLiberal?: boolean
}
export type LabPod = { readonly name: string; readonly node: string; readonly ips: readonly string[] }
export type LabWorld = {
  readonly nodes: readonly LabNode[]
  readonly pods: readonly LabPod[]
  /** The outside client's addresses with prefix length on the nodes' network. */
  readonly outside: readonly string[]
  /** Of those, the ones that hand what they send to a node, and its address. */
  readonly routed?: readonly { readonly ip: string; readonly via: string }[]
}

/** Why this machine cannot run the lab, or undefined when it can. */
export function labMissing(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces need Linux'
  if (process.getuid?.() !== 0) return 'network namespaces need root'
  for (const tool of ['ip', 'nft', 'iptables-nft-restore', 'ip6tables-nft-restore', 'sysctl']) {
    if (spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0)
      return `the program ${tool} is missing (Debian: apt-get install iproute2 nftables iptables procps)`
  }
  const probe = spawnSync('sh', [
    '-c',
    'ip netns add khprobe && ip netns exec khprobe nft add table ip khprobe; code=$?; ip netns del khprobe; exit $code',
  ])
  return probe.status === 0 ? undefined : `this kernel refuses: ${String(probe.stderr).trim()}`
}

const OPEN_SYSCTLS = {
  'net.ipv4.ip_forward': 1,
  'net.ipv6.conf.all.forwarding': 1,
  'net.ipv4.conf.all.rp_filter': 0,
  'net.ipv4.conf.default.rp_filter': 0,
  'net.ipv4.conf.all.send_redirects': 0,
  'net.ipv4.conf.default.send_redirects': 0,
  'net.ipv4.icmp_ratelimit': 0,
  'net.ipv4.icmp_ratemask': 0,
  'net.ipv6.icmp.ratelimit': 0,
  'net.ipv6.conf.all.accept_dad': 0,
  'net.ipv6.conf.default.accept_dad': 0,
}

/** A text fed to a program inside a namespace; throws with the program's own words when it refuses. */
export function inNetns(netns: string, command: readonly string[], input?: string): string {
  const result = spawnSync('ip', ['netns', 'exec', netns, ...command], { input: input ?? '', encoding: 'utf8', maxBuffer: 1 << 28 })
  if (result.status !== 0) throw new Error(`${netns}: ${command.join(' ')}: ${result.stderr || result.stdout}`)
  return result.stdout
}

function ip(...args: string[]): void {
  const result = spawnSync('ip', args, { encoding: 'utf8' })
  if (result.status !== 0) throw new Error(`ip ${args.join(' ')}: ${result.stderr}`)
}

function batch(netns: string, lines: readonly string[]): void {
  const result = spawnSync('ip', ['-n', netns, '-batch', '-'], { input: `${lines.join('\n')}\n`, encoding: 'utf8' })
  if (result.status !== 0) throw new Error(`${netns}: ${result.stderr}\n${lines.join('\n')}`)
}

async function startAgent(netns: string): Promise<Agent> {
  const child = spawn('ip', ['netns', 'exec', netns, process.execPath, new URL('./agent.mjs', import.meta.url).pathname], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const waiting = new Map<number, (answer: Record<string, unknown>) => void>()
  let last = 0
  const up = new Promise<void>((resolve) => {
    waiting.set(0, () => resolve())
  })
  createInterface({ input: child.stdout! }).on('line', (line) => {
    const answer = JSON.parse(line) as { id: number }
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  })
  await up
  const ask = (order: object) =>
    new Promise<Record<string, unknown>>((resolve) => {
      last += 1
      waiting.set(last, resolve)
      child.stdin!.write(`${JSON.stringify({ id: last, ...order })}\n`)
    })
  return { netns, process: child, ask }
}

/**
 * Real hosts on this machine: namespaces for nodes, Pods, an outside client and a gateway that answers for every address that is
 * nobody's. Namespaces and agents are made once and given new addresses for each world.
 */
export class Lab {
  private readonly agents = new Map<string, Agent>()
  private readonly prefix: string
  private readonly idle: Agent[] = []
  private links: { readonly netns: string; readonly device: string }[] = []
  private made = 0

  constructor(prefix = `kh${process.pid}`) {
    this.prefix = prefix
  }

  /** Builds the network of a world; earlier worlds are taken down. No rules are loaded. */
  async build(world: LabWorld): Promise<void> {
    await this.clear()
    const fabric = await this.host('fabric')
    batch(fabric.netns, ['link add br0 type bridge forward_delay 0 mcast_snooping 0', 'link set br0 up'])
    this.links.push({ netns: fabric.netns, device: 'br0' })
    for (const node of world.nodes) await this.addNode(node, fabric)
    await this.addOutside('outside', world, fabric)
    await this.addGateway(world, fabric)
    for (const pod of world.pods) await this.addPod(pod, world.nodes.find((node) => node.name === pod.node)!)
    this.addRoutes(world)
  }

  /** The namespace of a host: `node/NAME`, `pod/NAME`, `outside`, `gateway`. */
  netnsOf(host: string): string {
    return this.agentOf(host).netns
  }

  async listen(host: string, sockets: readonly Socket[]): Promise<void> {
    const { faults } = (await this.agentOf(host).ask({ do: 'listen', sockets })) as { faults: string[] }
    if (faults.length > 0) throw new Error(`${host} cannot listen: ${faults.join(', ')}`)
  }

  /** Opens connections from a host, all at once. */
  async dial(host: string, dials: readonly Dial[]): Promise<readonly DialResult[]> {
    return ((await this.agentOf(host).ask({ do: 'dial', dials })) as { results: DialResult[] }).results
  }

  /** Takes everything down. */
  async close(): Promise<void> {
    for (const agent of [...this.agents.values(), ...this.idle]) {
      agent.process.stdin!.end()
      await new Promise((resolve) => agent.process.once('exit', resolve))
      spawnSync('ip', ['netns', 'del', agent.netns])
    }
    this.agents.clear()
    this.idle.length = 0
  }

  private agentOf(host: string): Agent {
    const agent = this.agents.get(host)
    if (!agent) throw new Error(`the lab has no host ${host}`)
    return agent
  }

  private async clear(): Promise<void> {
    for (const agent of this.agents.values()) {
      await agent.ask({ do: 'listen', sockets: [] })
      inNetns(agent.netns, [
        'sh',
        '-c',
        'nft flush ruleset; ip route flush table main; ip -6 route flush table main; ip route flush table local type local 0.0.0.0/0 2>/dev/null; true',
      ])
      this.idle.push(agent)
    }
    for (const { netns, device } of this.links) spawnSync('ip', ['-n', netns, 'link', 'del', device])
    this.links = []
    this.agents.clear()
  }

  private async host(name: string): Promise<Agent> {
    let agent = this.idle.pop()
    if (!agent) {
      this.made += 1
      const netns = `${this.prefix}-${this.made}`
      ip('netns', 'add', netns)
      ip('-n', netns, 'link', 'set', 'lo', 'up')
      inNetns(netns, ['sysctl', '-q', '-e', '-w', ...Object.entries(OPEN_SYSCTLS).map(([key, value]) => `${key}=${value}`)])
      agent = await startAgent(netns)
    }
    this.agents.set(name, agent)
    return agent
  }

  private plug(agent: Agent, fabric: Agent, device: string): void {
    const port = `p${this.links.length}`
    ip('link', 'add', device, 'netns', agent.netns, 'type', 'veth', 'peer', 'name', port, 'netns', fabric.netns)
    batch(fabric.netns, [`link set ${port} master br0 up`])
    this.links.push({ netns: agent.netns, device })
  }

  private async addNode(node: LabNode, fabric: Agent): Promise<void> {
    const agent = await this.host(`node/${node.name}`)
    const all = [{ name: 'eth0', addresses: node.addresses }, ...(node.interfaces ?? [])]
    for (const { name, addresses } of all) {
      this.plug(agent, fabric, name)
      batch(agent.netns, [
        ...addresses.map((address) => `addr add ${address} dev ${name}${address.includes(':') ? ' nodad' : ''}`),
        `link set ${name} up`,
      ])
    }
    inNetns(agent.netns, [
      'sysctl',
      '-q',
      '-e',
      '-w',
      `net.ipv4.conf.all.route_localnet=${node.routeLocalnet ? 1 : 0}`,
      `net.netfilter.nf_conntrack_tcp_be_liberal=${node.tcpBeLiberal ? 1 : 0}`,
    ])
  }

  private async addOutside(name: string, { outside, routed = [] }: LabWorld, fabric: Agent): Promise<void> {
    const agent = await this.host(name)
    this.plug(agent, fabric, 'eth0')
    batch(agent.netns, [
      ...outside.map((address) => `addr add ${address} dev eth0${address.includes(':') ? ' nodad' : ''}`),
      'link set eth0 up',
      // By source, so that the other hosts outside, which share the namespace, have no such way.
      ...routed.flatMap(({ ip, via }, index) => [
        `rule add from ${ip} lookup ${100 + index}`,
        `route add default via ${via} dev eth0 onlink table ${100 + index}`,
      ]),
    ])
  }

  /** The gateway answers for every address, so that a packet that left the cluster is told from one that was dropped. */
  private async addGateway(world: LabWorld, fabric: Agent): Promise<void> {
    const agent = await this.host('gateway')
    this.plug(agent, fabric, 'eth0')
    batch(agent.netns, [
      `addr add ${GATEWAY.IPv4} dev eth0`,
      `addr add ${GATEWAY.IPv6} dev eth0 nodad`,
      'link set eth0 up',
      'link set lo up',
    ])
    const onLink = [...world.nodes.flatMap((node) => node.addresses), ...world.outside].map((address) => address.split('/')[0]!)
    batch(
      agent.netns,
      onLink.map((address) => `route replace ${address} dev eth0`),
    )
    for (const node of world.nodes) {
      const via = (family: boolean) => node.addresses.find((address) => address.includes(':') === family)?.split('/')[0]
      batch(
        agent.netns,
        node.podCidrs.flatMap((cidr) =>
          via(cidr.includes(':')) ? [`route replace ${cidr} via ${via(cidr.includes(':'))} onlink dev eth0`] : [],
        ),
      )
    }
    const listener = 9999
    inNetns(
      agent.netns,
      ['nft', '-f', '-'],
      ['ip', 'ip6']
        .map(
          (family) =>
            `add table ${family} any\nadd chain ${family} any pre { type nat hook prerouting priority -100 ; }\nadd rule ${family} any pre meta l4proto { tcp, udp } redirect to :${listener}\n`,
        )
        .join(''),
    )
    await this.listen(
      'gateway',
      [
        { name: 'escaped', ip: '0.0.0.0', port: listener, proto: 'tcp' },
        { name: 'escaped', ip: '0.0.0.0', port: listener, proto: 'udp' },
        { name: 'escaped', ip: '::', port: listener, proto: 'tcp' },
      ].slice(0, 2) as Socket[],
    )
  }

  private async addPod(pod: LabPod, node: LabNode): Promise<void> {
    const agent = await this.host(`pod/${pod.name}`)
    const host = this.agentOf(`node/${node.name}`)
    const veth = `veth${this.links.length}`
    ip('link', 'add', 'eth0', 'netns', agent.netns, 'type', 'veth', 'peer', 'name', veth, 'netns', host.netns)
    this.links.push({ netns: agent.netns, device: 'eth0' })
    const macOf = (netns: string, device: string) =>
      spawnSync('ip', ['-n', netns, '-br', 'link', 'show', device], { encoding: 'utf8' }).stdout.trim().split(/\s+/)[2]!
    const [podMac, hostMac] = [macOf(agent.netns, 'eth0'), macOf(host.netns, veth)]
    batch(host.netns, [
      `link set ${veth} up`,
      ...pod.ips.flatMap((address) => [
        `route add ${address} dev ${veth}`,
        `neigh replace ${address} lladdr ${podMac} dev ${veth} nud permanent`,
      ]),
    ])
    batch(agent.netns, ['link set eth0 up', ...pod.ips.flatMap((address) => podSide(address, hostMac))])
  }

  private addRoutes(world: LabWorld): void {
    const hosts = [...world.nodes.map((node) => ({ name: `node/${node.name}`, self: node.name })), { name: 'outside', self: '' }]
    const addressOf = (name: string, v6: boolean) =>
      world.nodes
        .find((node) => node.name === name)
        ?.addresses.find((address) => address.includes(':') === v6)
        ?.split('/')[0]
    for (const { name, self } of hosts) {
      const lines: string[] = []
      for (const node of world.nodes) {
        // A Pod address of its own network that no Pod has is nowhere, as every network plugin sees to.
        if (node.name === self) lines.push(...node.podCidrs.map((cidr) => `route replace unreachable ${cidr}`))
        if (node.name === self || name === 'outside') continue
        for (const cidr of node.podCidrs) {
          const via = addressOf(node.name, cidr.includes(':'))
          if (via) lines.push(`route replace ${cidr} via ${via} dev eth0 onlink`)
        }
      }
      if (name !== 'outside')
        lines.push(
          `route replace default via ${GATEWAY.IPv4.split('/')[0]} dev eth0 onlink`,
          `route replace ::/0 via ${GATEWAY.IPv6.split('/')[0]} dev eth0 onlink`,
        )
      if (name !== 'outside') for (const address of world.outside) lines.push(`route replace ${address.split('/')[0]} dev eth0`)
      batch(this.netnsOf(name), lines)
    }
  }
}

const GATEWAY = { IPv4: '169.254.77.1/32', IPv6: 'fe80::77:1/128' }

function podSide(address: string, hostMac: string): string[] {
  const v6 = address.includes(':')
  const next = v6 ? 'fe80::1' : '169.254.1.1'
  return [
    `addr add ${address}/${v6 ? 128 : 32} dev eth0${v6 ? ' nodad' : ''}`,
    `neigh replace ${next} lladdr ${hostMac} dev eth0 nud permanent`,
    `route add ${v6 ? '::/0' : '0.0.0.0/0'} via ${next} dev eth0 onlink`,
  ]
}
