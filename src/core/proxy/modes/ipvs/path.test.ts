import { describe, expect, test } from 'vitest'
import { hostPort, type Ip } from '../../../base/ip.ts'
import { type HostResult, passHost } from '../../../kernel/host.ts'
import { programIpvs } from '../../../kernel/ipvsstage.ts'
import { freshKernel, type NodeKernel } from '../../../kernel/kernel.ts'
import type { Packet } from '../../../kernel/packet.ts'
import type { FamilyProgram } from '../../../kernel/program.ts'
import { smallWorld } from '../../../testing/smallworld.ts'
import { worldCluster } from '../../../testing/worlds.ts'
import { programOf } from '../../program.ts'

const program = programOf(worldCluster(smallWorld), 'worker', 'ipvs')
const family = program.families[0]!
const NODE = '172.18.0.3'
const POD = '10.244.1.9'
const OUTSIDE = '172.18.0.100'

/** The worker of the small world: packets in and out, its kernel kept between them. */
class Worker {
  kernel: NodeKernel = freshKernel
  now = 0

  pass(packet: Packet, own = false): HostResult {
    const local = new Set<Ip>([NODE, '127.0.0.1', ...family.dummyAddresses])
    const faceOf = (ip: Ip) => (ip.startsWith('10.244.1.') ? 'veth0' : 'eth0')
    const result = passHost(this.kernel, this.program, packet, {
      ...(own ? {} : { inInterface: faceOf(packet.src) }),
      isLocal: (ip) => local.has(ip),
      masqueradeAs: () => NODE,
      routeOut: ({ dst }) => faceOf(dst),
      now: this.now,
      choose: () => 0,
      draw: () => 0.5,
    })
    this.kernel = result.kernel
    return result
  }

  program: FamilyProgram = family
}

function packet(src: Ip, sport: number, dst: Ip, dport: number, flags: Packet['flags'] = 'SYN'): Packet {
  return { family: 'IPv4', protocol: 'TCP', src, sport, dst, dport, flags: flags ?? 'SYN', ttl: 64, mark: 0 }
}

const said = ({ src, sport, dst, dport }: Packet) => `${hostPort(src, sport)} > ${hostPort(dst, dport)}`
const rulesOf = ({ steps }: HostResult) => steps.flatMap((step) => (step.step === 'rule' ? [`${step.chain} ${step.verdict}`] : []))

describe('a packet for a virtual server', () => {
  test('comes in as for this host and goes out to a real server', () => {
    const result = new Worker().pass(packet(POD, 1000, '10.96.0.20', 80))
    expect(result).toMatchObject({ end: 'out', interface: 'veth0' })
    expect(said(result.packet)).toBe('10.244.1.9:1000 > 10.244.1.5:8080')
    expect(result.steps.filter((step) => step.step !== 'chain-end').map(({ step, hook }) => `${hook} ${step}`)).toEqual([
      'prerouting rule',
      'prerouting rule',
      'prerouting rule',
      'input rule',
      'input rule',
      'input rule',
      'input rule',
      'input choose',
      'input rewrite',
      'output rule',
      'postrouting rule',
      'postrouting rule',
    ])
  })

  test('rr takes the servers in turn', () => {
    const worker = new Worker()
    const picks = [1000, 1001, 1002].map((sport) => worker.pass(packet(POD, sport, '10.96.0.20', 80)).packet.dst)
    expect(picks).toEqual(['10.244.1.5', '10.244.2.5', '10.244.1.5'])
  })

  test('its answer gets the virtual address back in forward', () => {
    const worker = new Worker()
    worker.pass(packet(POD, 1000, '10.96.0.20', 80))
    const back = worker.pass(packet('10.244.1.5', 8080, POD, 1000, 'SYN-ACK'))
    expect(said(back.packet)).toBe('10.96.0.20:80 > 10.244.1.9:1000')
    expect(back.steps.find((step) => step.step === 'rewrite')).toMatchObject({ hook: 'forward', what: 'un-dnat' })
    expect(rulesOf(back)).toContain('KUBE-FORWARD accept')
  })

  test('from outside to a nodePort of policy Cluster it is masqueraded, and both ends are undone', () => {
    const worker = new Worker()
    const there = worker.pass(packet('203.0.113.9', 1000, '172.18.255.1', 443))
    const { sport } = there.packet
    expect(said(there.packet)).toBe(`172.18.0.3:${sport} > 10.244.1.7:8443`)
    const back = worker.pass(packet('10.244.1.7', 8443, NODE, sport, 'SYN-ACK'))
    expect(said(back.packet)).toBe('172.18.255.1:443 > 203.0.113.9:1000')
  })

  test("the node's own is taken in output, from the virtual address itself", () => {
    const worker = new Worker()
    const there = worker.pass(packet('10.96.0.20', 1000, '10.96.0.20', 80), true)
    const { sport } = there.packet
    expect(said(there.packet)).toBe(`172.18.0.3:${sport} > 10.244.1.5:8080`)
    const back = worker.pass(packet('10.244.1.5', 8080, NODE, sport, 'SYN-ACK'))
    expect(back.end).toBe('local')
    expect(said(back.packet)).toBe('10.96.0.20:80 > 10.96.0.20:1000')
  })

  test('a Pod that meets itself is masqueraded', () => {
    const there = new Worker().pass(packet('10.244.1.5', 1000, '10.96.0.20', 80))
    expect(there.packet.src).toBe(NODE)
    expect(rulesOf(there).at(-1)).toBe('KUBE-POSTROUTING masquerade')
  })
})

describe('a real server on the host itself', () => {
  const worker = () => {
    const host = new Worker()
    const realServers = [{ ip: NODE, port: 8080, weight: 1 }]
    host.program = { ...family, servers: family.servers.map((server) => ({ ...server, realServers })) }
    return host
  }

  test('is reached where the packet already is, and its answer is undone in output', () => {
    const host = worker()
    const there = host.pass(packet(POD, 1000, '10.96.0.20', 80))
    expect(there.end).toBe('local')
    expect(said(there.packet)).toBe('10.244.1.9:1000 > 172.18.0.3:8080')
    const back = host.pass(packet(NODE, 8080, POD, 1000, 'SYN-ACK'), true)
    expect(back.end).toBe('out')
    expect(said(back.packet)).toBe('10.96.0.20:80 > 10.244.1.9:1000')
  })

  test('by the host itself too', () => {
    const there = worker().pass(packet('10.96.0.20', 1000, '10.96.0.20', 80), true)
    expect(there.end).toBe('local')
    expect(there.packet).toMatchObject({ src: NODE, dst: NODE, dport: 8080 })
  })
})

describe('refusals', () => {
  test('no real server: rejected by the virtual server', () => {
    const result = new Worker().pass(packet(POD, 1000, '10.96.0.24', 80))
    expect(result).toMatchObject({ end: 'rejected', byServer: { address: '10.96.0.24', port: 80 } })
  })

  test('a port that no Service has: the access filter', () => {
    const result = new Worker().pass(packet(POD, 1000, '10.96.0.20', 81))
    expect(result.end).toBe('rejected')
    expect(rulesOf(result).at(-1)).toBe('KUBE-IPVS-FILTER reject')
  })

  test('source ranges', () => {
    const result = new Worker().pass(packet(OUTSIDE, 1000, '172.18.255.1', 443))
    expect(result.end).toBe('dropped')
    expect(rulesOf(result).at(-1)).toBe('KUBE-SOURCE-RANGES-FIREWALL drop')
  })

  test('the node itself, outside the ranges, dials the load balancer from its own VIP', () => {
    const result = new Worker().pass(packet('172.18.255.1', 1000, '172.18.255.1', 443), true)
    expect(result.end).toBe('dropped')
    expect(rulesOf(result).at(-1)).toBe('KUBE-IPVS-OUT-FILTER drop')
  })

  test('policy Local without a local endpoint still goes to the cluster, unmasqueraded', () => {
    const result = new Worker().pass(packet(OUTSIDE, 1000, NODE, 30080))
    expect(said(result.packet)).toBe('172.18.0.100:1000 > 10.244.2.8:8080')
  })
})

describe('over time', () => {
  test('an endpoint that goes away keeps its connections', () => {
    const worker = new Worker()
    worker.pass(packet(POD, 1000, '10.96.0.20', 80))
    worker.pass(packet('10.244.1.5', 8080, POD, 1000, 'SYN-ACK'))
    worker.program = {
      ...family,
      servers: family.servers.map((server) => ({ ...server, realServers: server.realServers.filter(({ ip }) => ip !== '10.244.1.5') })),
    }
    worker.kernel = programIpvs(worker.kernel, { ...program, families: [worker.program] }, worker.now)
    expect(worker.pass(packet(POD, 1000, '10.96.0.20', 80, 'DATA')).packet.dst).toBe('10.244.1.5')
    expect(worker.pass(packet(POD, 1001, '10.96.0.20', 80)).packet.dst).toBe('10.244.2.5')
  })

  test('a connection idle for 15 minutes meets a closed port', () => {
    const worker = new Worker()
    worker.pass(packet(POD, 1000, '10.96.0.20', 80))
    worker.pass(packet('10.244.1.5', 8080, POD, 1000, 'SYN-ACK'))
    worker.pass(packet(POD, 1000, '10.96.0.20', 80, 'ACK'))
    worker.now = 15 * 60_000
    expect(worker.pass(packet(POD, 1000, '10.96.0.20', 80, 'DATA'))).toMatchObject({ end: 'local', packet: { dst: '10.96.0.20' } })
  })
})
